"""The code version of every asset: the step that makes it, and what is declared of it.

An asset is stale when either changed, or when rows of an asset above it did. What an asset needs
of the declarations is said here by kind; labels count where the asset shows them. A kind that is
not known here rests on everything that is declared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import dagster as dg

from assets.comparisons import marked_tables
from assets.graph.names import raw_files
from assets.graph.table_assets import sources
from assets.graph.versions import answers_declared, rows_declared
from assets.specs import Item, Question, Study, Table
from assets.specs.claims import Claim, read_words
from assets.specs.load import STATUS_ITEM
from assets.specs.models import read_models
from assets.specs.unnumbered import Unnumbered, read_unnumbered
from expectations.ledger import ledger_key
from pipelines.canonical import without_labels
from pipelines.reached import code_version

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
            "proof": lambda _: [self._marked, self._print],
            "report": lambda _: [study.title, self._tables, self._groups, self._shown],
        }

    def of(self, key: dg.AssetKey) -> str:
        """One text per content of what the asset rests on."""
        kind, name = key.path[0], key.path[-1]
        known = self._kinds.get(kind)
        return repr(self._everything if known is None else known(name))

    def uses(self, key: dg.AssetKey) -> frozenset[str] | None:
        """The statistics a table names; None where all that can be named count."""
        if key.path[0] == "tables":
            return frozenset(cell.statistic for cell in self.study.table[key.path[-1]].cells)
        return None

    @cached_property
    def _print(self) -> str:
        digest = hashlib.sha256()
        for path in sorted((self.study.folder / "published").glob("*")):
            digest.update(path.name.encode() + path.read_bytes())
        return digest.hexdigest()

    def _print_of(self, name: str) -> list[bytes]:
        """What a table is compared with."""
        files = (f"{name}.csv", "errata.yaml")
        paths = [self.study.folder / "published" / file for file in files]
        return [path.read_bytes() for path in paths if path.is_file()]

    @cached_property
    def _table_of(self) -> dict[str, str]:
        return {spec.id: hashed(spec) for spec in self.study.tables}

    @cached_property
    def _tables(self) -> str:
        return hashed(self._table_of)

    @cached_property
    def _cells(self) -> str:
        """What the tables show, without a word of theirs."""
        return hashed([
            (c.table, c.row, c.group_key, c.column, c.statistic, c.decimals, c.item, c.code,
             c.group, c.level, c.of, c.range, c.base, c.unit)
            for spec in self.study.tables for c in spec.cells
        ])  # fmt: skip

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
    def _policies(self) -> str:
        return hashed(self.study.policies)

    @cached_property
    def _marked(self) -> str:
        tables = [self._table_of[name] for name in marked_tables(self.study)]
        return hashed([tables, self.study.conventions, self._rules, self._codes])

    @cached_property
    def _everything(self) -> str:
        study = self.study
        return hashed([
            study.title, study.conventions, study.frame, study.export, study.questions,
            self._policies, self._groups, self._tables, self._print, dict(self.claims),
            self.models, [self._result(result) for result in self.unnumbered.values()],
        ])  # fmt: skip

    def _raw(self, name: str) -> Any:
        study = self.study
        if name == "dataset":
            # what the structural checks hold it against
            rest = [study.frame, study.export, study.conventions]
            return [self._codes, self._texts, self._policies, *rest]
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
        return [without_labels(question), answers_declared(question, self.study), columns]

    def _counts(self, name: str) -> Any:
        levels = [(group.id, [level.key for level in group.levels]) for group in self.study.groups]
        if name == STATUS_ITEM:
            return [self.study.has_frame]
        question = self.study.question[name]
        return [[_item(item) for item in question.items], question.of_invitations, levels]

    def _table(self, spec: Table) -> Any:
        names = [name for name in sources(spec, self.study) if name != STATUS_ITEM]
        groups = [self.study.group[name] for name in spec.groups]
        entries = [self._shown, self._groups] if spec.entries else []
        shown = [self._shown_of[name] for name in names]
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
        return [model, read_models(self.study).rules, item.label, _item(item), groups]

    def _ledger(self, name: str) -> Any:
        own = [self.ledgers.get(name), read_words(self.study), self._print, self._cells]
        models = without_labels(list(self.models.values()))
        return [*own, self._codes, models, self.study.conventions, self._rules]

    def _check(self, name: str) -> Any:
        known = {
            "reproduction": [self._print, self._tables, self.study.conventions],
            "convention_fit": [self._print, self._marked],
            "convention_exceptions": [self._print, self._marked],
            "quarantine": [self._codes, self._policies],
        }
        return known.get(name, self._everything)


def _item(item: Item) -> Any:
    """What is asked by an item and when, without the words."""
    scale = [(code.code, code.key, code.span) for code in item.scale]
    return item.id, item.variable, item.type, item.codes, scale, item.span, item.moved


def hashed(value: Any) -> str:
    """Hash of a declaration; its dataclasses, texts and numbers say all there is in their repr."""
    return hashlib.sha256(repr(value).encode()).hexdigest()
