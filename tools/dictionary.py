"""`python -m tools.dictionary`: docs/data-dictionary.md, generated from the declarations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from assets.clean.assets import COLUMNS
from assets.step.factory import Published, Step
from declarations import Group, Item, Level, Question, Study, load_study
from declarations.platform import STATUS_FLAGS
from declarations.spans import WaveSpan
from declarations.survey.groups import TextLevel
from pipelines.steps import wave_steps
from publishing.folder import places_in_snapshot
from publishing.trend_columns import COLUMNS as TREND_COLUMNS
from runtime.paths import ROOT, STUDY
from runtime.store import replace_text

TARGET = ROOT / "docs" / "data-dictionary.md"
RULES = (
    "What is checked before anything is cleaned, and what `checks` in `study.yaml` says of it. "
    "The threshold is a share of what is counted."
)
ALL_AND_OTHERS = (
    "`all` with the single level `all` is everyone. `!level` in a table is everyone who is not "
    "in the level."
)
RELATIONS_SAY = (
    "A name with a dot is a relation of `output/WAVE/samspil.duckdb`, as SQL names it. A file has "
    "the same rows. Text is UTF-8, numbers have a decimal point, empty means not there."
)


def data_dictionary(study: Study) -> str:
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
        RELATIONS_SAY,
        *(line for relation in relations(wave_steps(study)) for line in _relation(*relation)),
        *_relation("output/trends/trends.csv", TREND_COLUMNS),
    ]
    return "\n\n".join(parts) + "\n"


def _export(study: Study) -> list[str]:
    rows = [
        (str(study.respondent_column), "identifier from the respondent list, one per line"),
        (str(study.municipality_column), "name of the municipality as in the register"),
    ]
    rows += [
        (item.variable, f"question {question.order}, item `{item.id}`")
        for question in study.questions
        for item in question.items
    ]
    name = study.frame.register_ if study.frame else ""
    declared = study.status_flags
    meaning = {flag: level for level in declared for flag in declared[level]}
    rows += [(flag, meaning.get(flag, "not answered")) for flag in STATUS_FLAGS]
    register = [
        (str(column), name, COLUMNS["municipalities"].get(name, ""))
        for name, column in study.register_columns.items()
    ]
    return [
        "## The export, column by column",
        "`dataset.csv`, one line per invited head.",
        _table(("column", "holds"), rows),
        "## The register",
        f"`{name}`, one line per municipality; further columns stay text.",
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
    found = item.type
    if item.type == "multiple":
        found = f"multiple, choice {item.choice}: 1 ticked, 0 not"
    if item.exclusive:
        found += ", excludes the others"
    if item.condition:
        codes = ", ".join(map(str, item.condition.codes))
        found += f", asked where {item.condition.item} is {codes}"
    columns = [f"in column {column} from {wave} on" for wave, column in item.moved]
    return found + "".join(f", {text}" for text in (*_span(item.span), *columns))


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
        source = f"register column {study.register_columns[group.source]}"
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
    if isinstance(level, TextLevel):
        return "patterns in study.yaml"
    found = level.model_dump(by_alias=True, exclude_unset=True, mode="json")
    shown = ("from", "below", "values", "value", "index")
    return ", ".join(f"{key} {found[key]}" for key in shown if key in found)


def relations(steps: Sequence[Step]) -> list[tuple[str, Mapping[str, str]]]:
    """The relations of the snapshot with their columns; relations with equal columns once."""
    alike: dict[tuple[tuple[str, str], ...], list[Published]] = {}
    for place, assets in places_in_snapshot(steps).items():
        for columns in dict.fromkeys(tuple(asset.columns.items()) for asset in assets):
            alike.setdefault(columns, []).append(place)
    found = []
    for columns, own in alike.items():
        names = dict.fromkeys(_called(place, own) for place in own)
        found.append((", ".join(names), dict(columns)))
    return sorted(found, key=lambda one: one[0])


def _called(place: Published, alike: Sequence[Published]) -> str:
    many = {
        one for one in alike if place.per and (one.schema, one.per) == (place.schema, place.per)
    }
    if len(many) > 1:
        return f"{place.schema}.*, one per {place.per}"
    name = f"{place.schema}.{place.name}"
    return f"{place.name}.csv, {name}" if place.csv else name


def _relation(title: str, columns: Mapping[str, str]) -> list[str]:
    return [f"### {title}", _table(("column", "holds"), columns.items())]


def _table(names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [names, ("---",) * len(names), *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Write the dictionary of the committed study."""
    replace_text(TARGET, data_dictionary(load_study(STUDY)))


if __name__ == "__main__":
    main()
