"""The declarations that assets depend on, as texts and hashes that are equal for equal content.

Labels count only for assets that show them. Dependencies of a single kind of asset are declared
with that asset.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

from declarations import Item, Question, Study, Table
from declarations.claims.claim import Claim, read_claims
from declarations.content import content_hash
from declarations.labels import Label
from declarations.survey.rules import ANSWER, QUARANTINE, ROW

# A change of this module needs no new versions, because stored hashes are compared as they are.
WORDS_ONLY = True
WORDS = ("label", "labelled", "note", "reported", "source", "title", "da", "en", "text",
         "section", "order", "questionnaire")  # fmt: skip


def hashed(value: Any) -> str:
    """Hash of a declaration, by the repr of its objects, texts and numbers."""
    return hashlib.sha256(repr(value).encode()).hexdigest()


def without_labels(value: Any) -> Any:
    """The declarations without texts for readers: labels, notes, places."""
    if isinstance(value, Label):
        return None
    if isinstance(value, Mapping):
        return {k: without_labels(v) for k, v in value.items() if k not in WORDS}
    if isinstance(value, list | tuple):
        return [without_labels(entry) for entry in value]
    names = _fields(value)
    if names:
        return {n: without_labels(getattr(value, n)) for n in names if n not in WORDS}
    return value


def _fields(value: Any) -> list[str]:
    """The fields of a dataclass or of a model; none of anything else."""
    if isinstance(value, type):
        return []
    if is_dataclass(value):
        return [field.name for field in fields(value)]
    return list(getattr(type(value), "model_fields", ()))


def asked_by(item: Item) -> Any:
    """What an item asks and in which waves; the wording is left out."""
    given = (*item.scale, *item.special)
    scale = [(c.code, c.key, c.span, c.value, c.missing, c.score) for c in given]
    lines = (item.codes, scale, item.numbers)
    return item.id, item.variable, item.type, lines, item.span, item.moved


class DeclaredHashes:
    """Parts of a study that many assets depend on, each hashed once."""

    def __init__(self, study: Study) -> None:
        self.study = study

    @cached_property
    def claims(self) -> Mapping[str, Sequence[Claim]]:
        """The study's claims by chapter. They are read once, for all waves and all callers."""
        whole = self.study.whole
        return read_claims(whole) if whole is self.study else declared(whole).claims

    @cached_property
    def claims_hash(self) -> str:
        """All claims, hashed once for all waves."""
        whole = self.study.whole
        return hashed(dict(self.claims)) if whole is self.study else declared(whole).claims_hash

    @cached_property
    def everything(self) -> str:
        """The content of all declared files."""
        return content_hash(self.study.folder)

    @cached_property
    def table_of(self) -> dict[str, str]:
        """Each table, with its texts."""
        return {spec.id: hashed(spec) for spec in self.study.tables}

    @cached_property
    def tables(self) -> str:
        """All tables, with their texts."""
        return hashed(self.table_of)

    @cached_property
    def groups(self) -> str:
        """All groups, with their texts."""
        return hashed(self.study.groups)

    @cached_property
    def rules(self) -> str:
        """How groups are divided, without labels."""
        return hashed(without_labels(self.study.groups))

    @cached_property
    def shown_of(self) -> dict[str, str]:
        """Texts and codes of each question, without where it is reported."""
        return {
            q.id: hashed([
                q.label, q.reworded,
                [(*asked_by(i), i.label, i.scale, i.reworded) for i in q.items],
            ])
            for q in self.study.questions
        }  # fmt: skip

    @cached_property
    def shown(self) -> str:
        """Texts and codes of all questions."""
        return hashed(self.shown_of)

    @cached_property
    def codes(self) -> str:
        """What all items ask, without texts."""
        return hashed([asked_by(item) for item in self.study.items.values()])

    @cached_property
    def judged(self) -> str:
        """What the rules on the export and on answers read of questions, texts included."""
        return hashed([
            (q.order, q.section, q.asked, q.label, q.reworded, [
                (asked_by(i), i.choice, i.exclusive, i.condition, i.texts, i.reworded,
                 [(code.labelled, code.ends, code.texts) for code in i.scale])
                for i in q.items
            ])
            for q in self.study.questions
        ])  # fmt: skip

    @cached_property
    def policies(self) -> str:
        """The policies of the rules."""
        return hashed(self.study.policies)

    @cached_property
    def tested(self) -> Any:
        """How differences are tested and marked, and the wave of the printed report."""
        known = self.study.conventions
        return [known.printed_wave, known.dont_know, known.significance]

    def cells(self, items: Collection[str], tables: Sequence[Table] | None = None) -> list[Any]:
        """What tables (default: all) show of items and invitations.

        Texts of tables are left out.
        """
        return [
            (c.table, c.row, c.group_key, c.column, c.statistic, c.decimals, c.item, c.code,
             c.group, c.level, c.of, c.range, c.base, c.unit, c.row_number,
             spec.base_column is None, spec.mark)
            for spec in (self.study.tables if tables is None else tables) for c in spec.cells
            if c.item in items or c.item not in self.study.items
        ]  # fmt: skip

    def words_of(self, spec: Table) -> Any:
        """The questions and groups that a table uses; its rows and columns have their own texts."""
        questions = self.study.questions_of(spec) if spec.unit != "invitations" else ()
        shown = [
            (q.label, q.reworded, [(*asked_by(i), i.reworded) for i in q.items]) for q in questions
        ]
        items = [self.study.items[name] for name in spec.items if name in self.study.items]
        # what each figure's item asks
        worded = [item.questionnaire or item.label.da for item in items]
        return shown, worded, [self.study.group[name] for name in spec.groups]

    @property
    def rows_aside(self) -> Any:
        """Declarations that decide which rows are quarantined; policies are left out."""
        quarantined = any(self._quarantines(ROW))
        return [(i.variable, i.type) for i in self.study.items.values()] if quarantined else ""

    def answers(self, question: Question) -> Any:
        """Declarations that decide which answers to a question exist and are quarantined."""
        study = self.study
        columns = [study.respondent_column, study.municipality_column]
        # the suite of a rule may stop a run
        suites = [(rule.name, study.policies[rule.name]) for rule in study.rules if rule.suite]
        own = [without_labels(question), self._answers_aside(question), columns]
        return [*own, suites if question.counted else ""]

    def _answers_aside(self, question: Question) -> Any:
        rules, items = list(self._quarantines(ANSWER)), self.study.items
        if "drop_out_order" in rules:
            every = self.study.questions
            return rules, [(q.order, q.section, q.asked, _read(q)) for q in every]
        asked = {item.condition.item for item in question.items if item.condition}
        earlier = [(items[n].variable, items[n].codes, items[n].by_value) for n in sorted(asked)]
        return rules, earlier if "routing" in rules else ""

    def _quarantines(self, unit: str) -> Iterator[str]:
        for rule in self.study.rules:
            if rule.unit == unit and self.study.policies[rule.name].kind == QUARANTINE:
                yield rule.name


def _read(question: Question) -> list[Any]:
    return [
        (i.variable, i.type, i.codes, i.by_value, i.special, i.numbers, i.condition,
         [code.code for code in i.scale if code.ends])
        for i in question.items
    ]  # fmt: skip


def declared(study: Study) -> DeclaredHashes:
    """The parts of a study, hashed once for all its steps."""
    return study.once(DeclaredHashes)
