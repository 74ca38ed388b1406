"""The code version of every asset: the step that makes it, and what is declared of it.

An asset is stale when either changed, or when rows of an asset above it did. What an asset needs
of the declarations is said here by kind; labels count where the asset shows them. A kind that is
not known here rests on everything that is declared.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import dagster as dg

from assets.analysis.comparisons import marked_tables
from assets.step.names import raw_files
from assets.tables.assets import sources
from declarations import Item, Question, SpecError, Study, Table
from declarations.claims.claim import Claim, read_words
from declarations.load import STATUS_ITEM
from declarations.tables.cells import STATISTICS
from declarations.tables.models import read_models
from declarations.tables.unnumbered import Unnumbered, read_unnumbered
from pipelines.versions.canonical import without_labels
from pipelines.versions.reached import code_version
from pipelines.versions.set_aside import answers_declared, rows_declared
from publishing.trend_files import trend_sections, trend_settings
from replication.consistency.printed_register import printed_register
from replication.ledger import ledger_key, questions_of, read_provenance
from replication.printed import Erratum, content_of, read_errata
from replication.proof.record import read_bounds, read_proofs

Claims = Mapping[str, Sequence[Claim]]


def with_versions(
    definitions: Iterable[dg.AssetsDefinition],
    checks: Iterable[dg.AssetChecksDefinition],
    study: Study,
    claims: Claims,
) -> list[dg.AssetsDefinition]:
    """The same assets, each with its code version.

    A check belongs to its asset: another check, or another declaration it rests on, makes the
    asset stale, or a check that blocks would be passed by.
    """
    declared = Declared(study, claims)
    checking: dict[dg.AssetKey, set[Any]] = {}
    for check in checks:
        compute: Any = check.op.compute_fn
        for key in check.check_keys:
            checking.setdefault(key.asset_key, set()).add(compute.decorated_fn)
    made = {key: code_version(*functions) for key, functions in checking.items()}
    return [_versioned(definition, made, declared) for definition in definitions]


def _versioned(
    definition: dg.AssetsDefinition, checks: Mapping[dg.AssetKey, str], declared: Declared
) -> dg.AssetsDefinition:
    compute: Any = definition.op.compute_fn
    function = compute.decorated_fn
    # one hash for all assets of a step, but where they use different statistics
    known: dict[Any, str] = {}

    def version(spec: dg.AssetSpec) -> dg.AssetSpec:
        uses = declared.uses(spec.key)
        if uses not in known:
            known[uses] = code_version(function, uses=uses)
        own = code_version(declared=[known[uses], checks.get(spec.key), declared.of(spec.key)])
        return spec.replace_attributes(code_version=own)

    return definition.map_asset_specs(version)


class Declared:
    """What each asset of a study needs of its declarations, as text or hashes of text."""

    def __init__(self, study: Study, claims: Claims) -> None:
        self.study, self.claims = study, claims
        self.models = {model.id: model for model in read_models(study).models}
        self.unnumbered = {result.id: result for result in read_unnumbered(study)}
        self.ledgers = {ledger_key(chapter).path[-1]: own for chapter, own in claims.items()}
        self._kinds: dict[str, Callable[[str], Any]] = {
            "raw": self._raw,
            "clean": self._clean,
            "answers": lambda name: self._answers(study.question[name]),
            "counts": self._counts,
            "tables": lambda name: self._table(study.table[name]),
            "unnumbered": lambda name: self._result(self.unnumbered[name]),
            "models": self._model,
            "significance": lambda _: self._marked,
            "scan": lambda _: [self._shown, self._groups],
            "claims": self._ledger,
            "checks": self._check,
            "disclosure": lambda _: self._outgoing,
            "proof": self._proven,
            "report": lambda _: [
                study.title,
                self._tables,
                self._groups,
                self._shown,
                study.disclosure,
                # the page of the checks
                self._policies,
                [(question.id, question.order) for question in study.counted_questions],
            ],
            "trends": self._trends,
            "audit": lambda _: self._audited,
        }

    def of(self, key: dg.AssetKey) -> str:
        """One text per content of what the asset rests on."""
        kind, name = key.path[0], key.path[-1]
        known = self._kinds.get(kind)
        return repr(self._everything if known is None else known(name))

    def uses(self, key: dg.AssetKey) -> frozenset[str] | None:
        """The statistics a table or a result names; None where all that can be named count."""
        if key.path[0] == "tables":
            return frozenset(cell.statistic for cell in self.study.table[key.path[-1]].cells)
        if key.path[0] == "unnumbered":
            # writing its cells out would cost the code location time
            words = re.findall(r"[a-z_]+", repr(self.unnumbered[key.path[-1]].data))
            return frozenset({"count", "percent", *(set(STATISTICS) & set(words))})
        return None

    @cached_property
    def _print(self) -> str:
        digest = hashlib.sha256()
        for path in sorted((self.study.folder / "printed").glob("*")):
            if path.suffix in (".csv", ".yaml"):
                digest.update(path.name.encode() + content_of(path))
        return digest.hexdigest()

    @cached_property
    def _errata(self) -> Sequence[Erratum]:
        folder = self.study.folder / "printed"
        return read_errata(folder) if (folder / "errata.yaml").is_file() else ()

    def _print_of(self, name: str) -> list[Any]:
        """What a table is compared with."""
        path = self.study.folder / "printed" / f"{name}.csv"
        own = [erratum for erratum in self._errata if erratum.table == name]
        return [content_of(path) if path.is_file() else b"", own]

    @cached_property
    def _table_of(self) -> dict[str, str]:
        return {spec.id: hashed(spec) for spec in self.study.tables}

    @cached_property
    def _tables(self) -> str:
        return hashed(self._table_of)

    def _cells(self, items: Collection[str]) -> list[Any]:
        """What the tables show of the items, and of everyone invited, without a word of theirs."""
        return [
            (c.table, c.row, c.group_key, c.column, c.statistic, c.decimals, c.item, c.code,
             c.group, c.level, c.of, c.range, c.base, c.unit, c.row_number,
             spec.base_column is None, spec.significance.get("mark"))
            for spec in self.study.tables for c in spec.cells
            if c.item in items or c.item not in self.study.items
        ]  # fmt: skip

    @cached_property
    def _compared(self) -> str:
        """What the tables show, with the words by which it is found in print."""
        words = [
            (c.row_label.da, c.group_label.da, c.column_label.da)
            for spec in self.study.tables for c in spec.cells
        ]  # fmt: skip
        return hashed([words, self._cells(self.study.items)])

    @cached_property
    def _groups(self) -> str:
        return hashed(self.study.groups)

    @cached_property
    def _rules(self) -> str:
        """How groups are divided, without their labels."""
        return hashed(without_labels(self.study.groups))

    @cached_property
    def _shown_of(self) -> dict[str, str]:
        """Words and codes of each question; where it is reported is no matter."""
        return {
            q.id: hashed(
                [q.label, q.reworded, [(*_item(i), i.label, i.scale, i.reworded) for i in q.items]]
            )
            for q in self.study.questions
        }

    @cached_property
    def _shown(self) -> str:
        return hashed(self._shown_of)

    @cached_property
    def _codes(self) -> str:
        return hashed([_item(item) for item in self.study.items.values()])

    @cached_property
    def _texts(self) -> str:
        """What the export's labels are compared with."""
        return hashed([
            (item.texts if item.type in ("multiple", "grid") else (), [c.texts for c in item.scale])
            for item in self.study.items.values()
        ])  # fmt: skip

    @cached_property
    def _proofs(self) -> Mapping[str, Any]:
        """What is proven of the claims; nothing where anything changed that it rests on."""
        try:
            return read_proofs(self.study, [c for own in self.claims.values() for c in own])
        except (OSError, ValueError):
            # a run says which file is missing or wrong
            return {}

    @cached_property
    def _bounds(self) -> Mapping[str, Any]:
        """What print allows for what claims state; nothing where anything changed it rests on."""
        try:
            return read_bounds(self.study)
        except (OSError, ValueError):
            return {}

    @cached_property
    def _policies(self) -> str:
        return hashed(self.study.policies)

    @cached_property
    def _marked(self) -> str:
        """The tables with marks, how they are tested, and what they are made of."""
        tables = [self.study.table[name] for name in marked_tables(self.study)]
        groups = {group for spec in tables for group in spec.groups}
        items = dict.fromkeys(item for spec in tables for item in spec.items)
        return hashed([
            [self._table_of[spec.id] for spec in tables], self._tested,
            without_labels([group for group in self.study.groups if group.id in groups]),
            [_item(self.study.items[item]) for item in items if item in self.study.items],
        ])  # fmt: skip

    @cached_property
    def _tested(self) -> Any:
        """How differences are tested and marked, and of which wave there is print."""
        known = self.study.conventions
        return [known.get(name) for name in ("printed_wave", "dont_know", "significance")]

    @cached_property
    def _outgoing(self) -> str:
        """What is examined before it goes out, and how."""
        alone = [item.id for item in self.study.items.values() if item.exclusive]
        spoken = [(r.id, without_labels(r.data)) for r in self.unnumbered.values()]
        cells = [
            (c.statistic, c.item, c.code, c.group, c.level, c.of, c.range, c.base, c.unit)
            for spec in self.study.tables
            for c in spec.cells
        ]
        return hashed([self.study.disclosure, cells, self._codes, self._rules, alone, spoken])

    @cached_property
    def _everything(self) -> str:
        study = self.study
        return hashed([
            study.title, study.conventions, study.frame, study.export, study.questions,
            self._policies, self._groups, self._tables, self._print, dict(self.claims),
            self.models, [self._result(result) for result in self.unnumbered.values()],
            study.disclosure,
        ])  # fmt: skip

    @cached_property
    def _audited(self) -> str:
        """All declarations but the words above and below tables, and print."""
        study = self.study
        tables = [
            (t.id, t.number, t.chapter, t.section, t.unit, t.kind, t.base_column, t.significance,
             t.cells, t.entries)
            for t in study.tables
        ]  # fmt: skip
        return hashed([
            self._tested, study.frame, study.questions, self._groups, tables, self._print,
            dict(self.claims), self._words, self._register,
        ])  # fmt: skip

    @cached_property
    def _words(self) -> Any:
        """What vague words of claims mean."""
        return read_words(self.study) if self.claims else {}

    @cached_property
    def _made(self) -> Mapping[str, Any]:
        """How the answers of the printed wave were constructed, per item."""
        wave = self.study.printed_wave
        try:
            return read_provenance(self.study.source_sheet(wave)) if wave else {}
        except SpecError:
            # a run says what is wrong with it
            return {}

    @cached_property
    def _register(self) -> str:
        """The printed wave's register: which municipalities print puts in which group."""
        path = printed_register(self.study)
        try:
            return "" if path is None else hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            # a run says which file is missing
            return ""

    def _raw(self, name: str) -> Any:
        study = self.study
        if name == "dataset":
            # what the structural checks hold it against
            return [self._codes, self._texts, self._policies, study.frame, study.export]
        if name in raw_files(study):
            return []
        return [self._policies, rows_declared(self.study), self.study.frame, self.study.export]

    def _clean(self, name: str) -> Any:
        study = self.study
        texts = {group.source for group in study.groups if group.kind == "text_rules"}
        asked = [q for q in study.questions if texts & {item.id for item in q.items}]
        known = {
            "municipalities": [study.frame, self._rules],
            "invitations": [
                study.export, [(i.variable, i.type, i.span, i.moved) for i in study.items.values()],
                [q.asked for q in study.questions],
            ],
            "respondents": [],
            "responsibilities": [self._rules, [self._answers(question) for question in asked]],
            "memberships": [self._rules],
        }  # fmt: skip
        return known.get(name, self._everything)

    def _answers(self, question: Question) -> Any:
        columns = [self.study.respondent_column, self.study.municipality_column]
        own = [without_labels(question), answers_declared(question, self.study), columns]
        # by these its suite stops a run
        suites = [
            (rule.name, self.study.policies[rule.name]) for rule in self.study.rules if rule.suite
        ]
        return [*own, suites if question.counted else ""]

    def _counts(self, name: str) -> Any:
        levels = [(group.id, [level.key for level in group.levels]) for group in self.study.groups]
        if name == STATUS_ITEM:
            return [self.study.has_frame]
        question = self.study.question[name]
        return [[_item(item) for item in question.items], question.of_invitations, levels]

    def _table(self, spec: Table) -> Any:
        names = [name for name in sources(spec, self.study) if name != STATUS_ITEM]
        groups = [self.study.group[name] for name in spec.groups]
        entries = [
            [(q.source, len(q.closed_items)) for q in self.study.questions],
            [group.id for group in self.study.groups],
        ] if spec.entries else []  # fmt: skip
        # rows and columns have words of the table's own
        shown = [
            (q.label, q.reworded, [(*_item(i), i.reworded) for i in q.items])
            for q in map(self.study.question.__getitem__, names)
        ]
        return [self._table_of[spec.id], shown, groups, entries, self._print_of(spec.id)]

    def _result(self, result: Unnumbered) -> Any:
        groups = [self.study.group[name] for name in result.groups if name != "all"]
        shown = self._shown_of[result.question.id]
        return [result.section, result.title, result.note, result.data, shown, groups]

    def _model(self, name: str) -> Any:
        model = self.models[name]
        terms = dict.fromkeys(g for g, _ in (model.exposure, *model.covariates))
        groups = [self.study.group[group] for group in terms]
        item = self.study.items[model.item]
        return [model, read_models(self.study).rules, _item(item), groups]

    def _ledger(self, name: str) -> Any:
        claims = self.ledgers.get(name, ())
        asked = [self.study.question[question] for question in questions_of(claims, self.study)]
        items = {item.id: _item(item) for question in asked for item in question.items}
        own = [claims, self._words, self._print, items, self._cells(items)]
        own.append([self._proofs.get(claim.id) for claim in claims])
        own.append([(item, self._made.get(item)) for item in items])
        own += [(r.id, r.groups) for r in self.unnumbered.values() if r.question in asked]
        models = without_labels(list(self.models.values()))
        return [*own, models, self._tested, self._rules]

    def _trends(self, name: str) -> Any:
        parts = trend_sections(self.study)
        chosen = parts.get(name) or [question for own in parts.values() for question in own]
        shown = [(question.id, question.order, self._shown_of[question.id]) for question in chosen]
        title = None if name in parts else self.study.title
        return [trend_settings(self.study), title, shown]

    def _proven(self, name: str) -> Any:
        if name == "bounds_of_claims":
            claims = [claim for own in self.claims.values() for claim in own]
            return [claims, self._proofs, self._bounds]
        return [self._marked, self._print, self._compared]

    def _check(self, name: str) -> Any:
        known = {
            "reproduction": [self._print, self._compared, self.study.printed_wave],
            "convention_fit": [self._print, self._marked],
            "convention_exceptions": [self._print, self._marked],
            "quarantine": [self._codes, self._policies],
        }
        return known.get(name, self._everything)


def _item(item: Item) -> Any:
    """What is asked by an item and when, without the words."""
    given = (*item.scale, *item.special)
    scale = [(c.code, c.key, c.span, c.value, c.missing) for c in given]
    told = (item.codes, scale, item.numbers)
    return item.id, item.variable, item.type, told, item.span, item.moved


def hashed(value: Any) -> str:
    """Hash of a declaration; its dataclasses, texts and numbers say all there is in their repr."""
    return hashlib.sha256(repr(value).encode()).hexdigest()
