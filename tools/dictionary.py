"""`python -m tools.dictionary`: docs/data-dictionary.md, generated from the declarations."""

from __future__ import annotations

from collections.abc import Iterable

from assets.analysis.comparisons import CONVENTION_COLUMNS, MARK_COLUMNS
from assets.analysis.deviations import DEVIATION_COLUMNS
from assets.analysis.models import MODEL_COLUMNS
from assets.analysis.trends import TREND_COLUMNS
from assets.clean.cleaning import USABLE_COLUMNS
from assets.clean.quarantine_assets import COLUMNS as QUARANTINE_COLUMNS
from assets.raw.structure import STATUS_FLAGS
from assets.step.columns import column_description
from assets.tables.results import RESULT_COLUMNS
from declarations import Group, Item, Level, Question, Study, load_study
from declarations.spans import WaveSpan
from replication.audit.findings import COLUMNS as AUDIT_COLUMNS
from replication.comparison import COLUMNS as REPRODUCTION_COLUMNS
from replication.fit import EXCEPTION_COLUMNS, FIT_COLUMNS
from replication.ledger import COLUMNS as CLAIM_COLUMNS
from replication.proof.claim_bounds import COLUMNS as BOUND_COLUMNS
from replication.proof.marks import COLUMNS as UNDER_ROUNDING_COLUMNS
from runtime.paths import ROOT, STUDY
from runtime.store import replace_text

TARGET = ROOT / "docs" / "data-dictionary.md"
RELATIONS = {
    "invitations": ("clean.invitations", ("respondent", "municipality", "status")),
    "municipalities": (
        "clean.municipalities",
        ("code", "name", "region", "population", "mayor_party", "expenditure_pressure", "size",
         "bloc", "pressure_band", "pressure_half", "pressure_quintile"),
    ),
    "memberships": ("clean.memberships", ("respondent", "group", "level")),
    "answers": ("answers.*, one per question", USABLE_COLUMNS),
    "counts": ("counts.*, one per question", ("item", "code", "group", "level", "n")),
    "results": ("results.csv, tables.*", RESULT_COLUMNS),
    "reproduction": ("reproduction.csv", REPRODUCTION_COLUMNS),
    "trends": ("output/trends/trends.csv", TREND_COLUMNS),
    "quarantine": ("quarantine.csv", QUARANTINE_COLUMNS),
    "significance": ("significance.csv, results.significance", MARK_COLUMNS),
    "significance_conventions": (
        "significance_conventions.csv, results.significance_conventions",
        CONVENTION_COLUMNS,
    ),
    "models": ("models.csv, results.models", MODEL_COLUMNS),
    "unnumbered": ("unnumbered.csv, results.unnumbered", RESULT_COLUMNS),
    "deviations": ("deviations.csv, results.deviations", DEVIATION_COLUMNS),
    "claims": ("claims.csv, results.claims", CLAIM_COLUMNS),
    "convention_fit": ("convention_fit.csv, checks.convention_fit", FIT_COLUMNS),
    "convention_exceptions": (
        "convention_exceptions.csv, checks.convention_exceptions",
        EXCEPTION_COLUMNS,
    ),
    "audit": ("audit.csv, audit.audit", AUDIT_COLUMNS),
    "marks_under_rounding": (
        "marks_under_rounding.csv, proof.marks_under_rounding",
        UNDER_ROUNDING_COLUMNS,
    ),
    "bounds_of_claims": ("bounds_of_claims.csv, proof.bounds_of_claims", BOUND_COLUMNS),
}  # fmt: skip


RULES = (
    "What is checked before anything is cleaned, and what `checks` in `study.yaml` says of it. "
    "The threshold is a share of what is counted."
)
ALL_AND_OTHERS = (
    "`all` with the single level `all` is everyone. `!level` in a table is everyone who is not "
    "in the level."
)


def dictionary(study: Study) -> str:
    """The data dictionary of a study as Markdown, ending in one newline."""
    parts = [
        "# Data dictionary",
        "Generated from `studies/samspil/` by `make docs`; change the declarations, not this file.",
        *_export(study),
        "## Questions",
        *(line for question in study.questions for line in _question(question)),
        "## Background variables",
        ALL_AND_OTHERS,
        *(line for group in study.groups for line in _group(group, study)),
        "## Tables",
        _table(
            ("table", "title", "unit", "questions", "by", "figures"),
            (
                (
                    spec.number,
                    f"{spec.title.da} / {spec.title.en}",
                    spec.unit if spec.cells else "",
                    ", ".join(question.id for question in study.questions_of(spec)),
                    ", ".join(spec.groups),
                    str(len(spec.cells) or ""),
                )
                for spec in study.tables
            ),
        ),
        *_rules(study),
        "## Relations",
        "Text is UTF-8, numbers have a decimal point, empty means not there.",
        *(line for name, relation in RELATIONS.items() for line in _relation(name, *relation)),
    ]
    return "\n\n".join(parts) + "\n"


def _export(study: Study) -> list[str]:
    rows = [
        (str(study.export["respondent"]), "identifier from the respondent list, one per line"),
        (str(study.export["municipality"]), "name of the municipality as in the register"),
    ]
    rows += [
        (item.variable, f"question {question.order}, item `{item.id}`")
        for question in study.questions
        for item in question.items
    ]
    declared = study.export["status"]
    meaning = {flag: level for level in declared for flag in declared[level]}
    rows += [(flag, meaning.get(flag, "not answered")) for flag in STATUS_FLAGS]
    register = [
        (str(column), name, column_description("municipalities", name) or "")
        for name, column in study.frame["columns"].items()
    ]
    return [
        "## The export, column by column",
        "`dataset.csv`, one line per invited head.",
        _table(("column", "holds"), rows),
        "## The register",
        f"`{study.frame['register']}`, one line per municipality; further columns stay text.",
        _table(("column", "our name", "holds"), register),
    ]


def _question(question: Question) -> list[str]:
    scales = {item.scale for item in question.items if item.scale}
    reported = ", ".join(question.reported) or "never reported"
    lines = [
        f"### {question.order}. `{question.id}`: {question.label.da} / {question.label.en}",
        f"{question.type.capitalize()}, asked: {question.asked}. Declared in `{question.source}`.",
        f"Reported in: {reported}.",
    ]
    lines += [question.note.strip()] if question.note else []
    for name, made in (
        *((question.id, r) for r in question.reworded),
        *((item.id, r) for item in question.items for r in item.reworded),
    ):
        kept = "comparable" if made.comparable else "not comparable"
        lines.append(
            f"From {made.wave} on `{name}` reads: {made.label.both} ({kept} with before)."
            + (f" {made.note.both}" if made.note else "")
        )
    lines.append(
        _table(
            ("column", "item", "da", "en", "type"),
            (
                (item.variable, item.id, item.label.da, item.label.en, _kind(item))
                for item in question.items
            ),
        )
    )
    for scale in sorted(scales, key=lambda codes: [code.code for code in codes]):
        own = [item.id for item in question.items if item.scale == scale]
        head = "code" if len(scales) == 1 else f"code of {', '.join(own)}"
        codes = (
            (", ".join([str(c.code), *_span(c.span)]), c.key, c.label.da, c.label.en) for c in scale
        )
        lines.append(_table((head, "key", "da", "en"), codes))
    return lines


def _kind(item: Item) -> str:
    told = item.type
    if item.type == "multiple":
        told = f"multiple, choice {item.choice}: 1 ticked, 0 not"
    if item.exclusive:
        told += ", excludes the others"
    if item.condition:
        codes = ", ".join(map(str, item.condition.codes))
        told += f", asked where {item.condition.item} is {codes}"
    columns = [f"in column {column} from {wave} on" for wave, column in item.moved]
    return told + "".join(f", {text}" for text in (*_span(item.span), *columns))


def _span(span: WaveSpan) -> list[str]:
    bounds = (("asked from", span.first), ("asked until", span.last))
    return [f"{words} {wave}" for words, wave in bounds if wave is not None]


def _rules(study: Study) -> list[str]:
    rows = (
        (rule.name, rule.says.en, rule.unit, rule.counted.en, policy.kind, f"{policy.threshold:g}")
        for rule in study.rules
        for policy in [study.policies[rule.name]]
    )
    return [
        "## Rules",
        RULES,
        _table(("rule", "says", "unit", "counted", "policy", "threshold"), rows),
    ]


def _group(group: Group, study: Study) -> list[str]:
    source = group.source
    if group.by_municipality:
        source = f"register column {study.frame['columns'][group.source]}"
    lines = [
        f"### `{group.id}`: {group.label.da} / {group.label.en}",
        f"Kind `{group.kind}`, from {source}."
        + (" Levels overlap." if group.overlapping else "")
        + (" One level per municipality code." if not group.levels else ""),
    ]
    if group.levels:
        rows = ((level.key, level.label.da, level.label.en, _rule(level)) for level in group.levels)
        lines.append(_table(("level", "da", "en", "rule"), rows))
    return lines


def _rule(level: Level) -> str:
    if "rules" in level.rule:
        return "patterns in study.yaml"
    shown = ("from", "below", "values", "value", "index")
    return ", ".join(f"{key} {level.rule[key]}" for key in shown if key in level.rule)


def _relation(name: str, title: str, columns: Iterable[str]) -> list[str]:
    rows = ((column, column_description(name, column) or "") for column in columns)
    return [f"### {title}", _table(("column", "holds"), rows)]


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Write the dictionary of the committed study."""
    replace_text(TARGET, dictionary(load_study(STUDY)))


if __name__ == "__main__":
    main()
