"""Read a study folder and check that its declarations fit together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from declarations.documents import declared_in, read_document
from declarations.errors import Mistakes, SpecError, need, only
from declarations.labels import read_label
from declarations.spans import ALWAYS, wave_order
from declarations.study import WAVES, Study
from declarations.survey.disclosure import read_disclosure
from declarations.survey.groups import read_group
from declarations.survey.questions import Question, read_question
from declarations.survey.rules import read_policies
from declarations.tables.cells import OTHERS, TOTAL, Cell, Table, read_table
from declarations.tables.frequency import with_frequency
from declarations.tables.significance import read_marking, read_settings
from declarations.tabulation.checks_weights import check_tabulation
from declarations.tabulation.load import is_short, read_tabulation

# The appendix counts invitations by how they were answered.
STATUS_ITEM = "status"
STATUS_CODES = ("complete", "partial", "none")

# The one way figures are counted; significance, trends and the wave in print can be declared.
COUNTED_BY = {
    "rounding.mode": "half_up",
    "rounding.percent_decimals": 1,
    "dont_know": "in_base",
    "unanswered": "outside_base",
    "base": "per_item",
}

# What the entries of study.yaml may be; those of operation are read by `specs/operation.py`.
ENTRIES = (
    "id", "title", "language_labels", "source", "conventions", "frame", "export", "groups",
    "disclosure", "checks", "landing", "schedule", "freshness", "notify", "retries",
)  # fmt: skip
WITHIN = {
    "conventions": (
        "printed_wave", "rounding", "dont_know", "unanswered", "base", "significance", "trend",
    ),
    "frame": ("register", "unit", "columns"),
    "export": ("respondent", "municipality", "background", "status"),
}  # fmt: skip
ROUNDING = ("mode", "percent_decimals")
STATUSES = ("complete", "partial", "partial_if_answered")


def load_study(folder: Path) -> Study:
    """Read `study.yaml`, `questions/*.yaml` and `tables/*.yaml` below `folder`.

    Raises SpecError, naming file and entry, where something is missing or refers to a
    question, code, group or level that is not declared.
    """
    path = folder / "study.yaml"
    data = _read_yaml(path)
    if WAVES in data:
        raise SpecError(
            path, f"'{WAVES}' is no entry: a wave is a folder below {WAVES}/; remove it"
        )
    _check_entries(data, path)
    questions = sorted(
        (_read_question(file) for file in sorted((folder / "questions").glob("*.yaml"))),
        key=lambda question: question.order,
    )
    by_id = {question.id: question for question in questions}
    tables = sorted(
        (
            _read_table(file, by_id)
            for file in sorted((folder / "tables").glob("*.yaml"))
            if not is_short(file)
        ),
        key=lambda table: table.id,
    )
    mistakes = Mistakes()
    tabulation = read_tabulation(folder, mistakes)
    mistakes.stop()
    with declared_in(path):
        study = Study(
            id=str(need(data, "id", path)),
            title=read_label(need(data, "title", path), path),
            folder=folder,
            conventions=_mapping(data, "conventions", path),
            frame=_mapping(data, "frame", path),
            export=_mapping(data, "export", path),
            policies=read_policies(data.get("checks"), path.name),
            questions=tuple(questions),
            groups=tuple(read_group(entry, path.name) for entry in data.get("groups") or ()),
            tables=tuple(tables),
            tabulation=tabulation,
            disclosure=_mapping(data, "disclosure", path),
            source=_mapping(data, "source", path),
        )
        _check_conventions(study.conventions, path)
        _check_unique(study)
        _check_conditions(study)
        _check_groups(study, path)
        _check_background(study, path)
        for table in tables:
            with declared_in(table.source):
                check_table(study, table)
        _check_significance(study, path)
        read_disclosure(study)
    check_tabulation(study, mistakes)
    mistakes.stop()
    return study


def _check_entries(data: Mapping[str, Any], path: Path) -> None:
    only(data, ENTRIES, path)
    for name, known in WITHIN.items():
        only(data.get(name), known, f"{path}: {name}")
    deeper = (("conventions", "rounding", ROUNDING), ("export", "status", STATUSES))
    for outer, inner, known in deeper:
        if isinstance(data.get(outer), Mapping):
            only(data[outer].get(inner), known, f"{path}: {outer}.{inner}")


def _mapping(data: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = data.get(key) or {}
    if not isinstance(value, dict):
        raise SpecError(path, f"{key}: expected a mapping, found {str(value)[:60]!r}")
    return value


def _check_conventions(conventions: Mapping[str, Any], path: Path) -> None:
    """Another way of counting that nothing counts by would only be words on pages."""
    rounding = conventions.get("rounding") or {}
    for name, value in {**conventions, **{f"rounding.{k}": v for k, v in rounding.items()}}.items():
        known = COUNTED_BY.get(name, value)
        if value != known:
            raise SpecError(path, f"conventions.{name} is {value!r}, expected {known!r}")


def _read_question(path: Path) -> Question:
    source = f"questions/{path.name}"
    with declared_in(source):
        return read_question(_read_yaml(path), source)


def _read_table(path: Path, questions: dict[str, Question]) -> Table:
    source = f"tables/{path.name}"
    with declared_in(source):
        return read_table(with_frequency(_read_yaml(path), questions, source), source)


def _read_yaml(path: Path) -> Any:
    data = read_document(path)
    if not isinstance(data, dict):
        raise SpecError(path, "expected a mapping at the top")
    return data


def _check_unique(study: Study) -> None:
    """Items are unique in the study, columns in every wave: two waves may number them anew."""
    seen: dict[str, str] = {}
    for question in study.questions:
        for item in question.items:
            _note(f"item {item.id}", question.source, seen)
    named = {wave for item in study.items.values() for wave in item.waves_named}
    for wave in sorted({*named, *study.waves}, key=wave_order) or [""]:
        columns: dict[str, str] = {}
        for question in study.in_wave(wave).questions:
            for item in question.items:
                _note(f"variable {item.variable}", question.source, columns)
    if len(study.question) != len(study.questions):
        raise SpecError(study.folder / "questions", "a question id stands twice")
    if len(study.table) != len(study.tables):
        raise SpecError(study.folder / "tables", "a table id stands twice")


def _check_conditions(study: Study) -> None:
    """A condition names a closed item that stands earlier, and some of its codes."""
    earlier: set[str] = set()
    for question in study.questions:
        for item in question.items:
            condition = item.condition
            if condition is not None:
                where = f"{question.source}: item {item.id}: asked"
                if condition.item not in earlier:
                    raise SpecError(where, f"{condition.item!r} is no item that stands earlier")
                known = study.items[condition.item].codes
                if not set(condition.codes) <= set(known):
                    raise SpecError(where, f"codes {list(condition.codes)} are not all in {known}")
            earlier.add(item.id)


def _note(name: str, source: str, seen: dict[str, str]) -> None:
    if name in seen:
        raise SpecError(source, f"{name} is also declared in {seen[name]}")
    seen[name] = source


def _check_background(study: Study, path: Path) -> None:
    for name in study.harmless_columns:
        if name.lower() in ("respondent", "municipality", "status"):
            raise SpecError(path, f"background {name!r} would stand beside our own column {name}")


def _check_significance(study: Study, path: Path) -> None:
    if not any(table.significance for table in study.tables):
        return
    settings = read_settings(study.conventions, str(path))
    for table in study.tables:
        read_marking(table, settings)


def _check_groups(study: Study, path: Path) -> None:
    for group in study.groups:
        if group.kind == "text_rules":
            item = study.items.get(group.source)
            if item is None or item.span != ALWAYS:
                what = f"'{group.source}', which {'not every wave asks' if item else 'is no item'}"
                raise SpecError(path, f"group {group.id} is read from {what}")


def check_table(study: Study, table: Table) -> None:
    """Raise SpecError where a cell refers to something that is not declared."""
    columns = {cell.column for cell in table.cells}
    for cell in table.cells:
        where = f"{table.source}: row {cell.row}, column {cell.column}"
        _check_group(study, cell, where)
        if cell.of:
            if not set(cell.of) <= columns:
                raise SpecError(where, f"'of' names {cell.of}, columns are {sorted(columns)}")
        else:
            _check_code(study, cell, where)
            _check_numeric(study, cell, where)


def _check_code(study: Study, cell: Cell, where: str) -> None:
    if cell.unit == "invitations":
        known: tuple[int | str, ...] = STATUS_CODES
        if cell.item != STATUS_ITEM:
            raise SpecError(where, f"invitations have the item '{STATUS_ITEM}', not {cell.item!r}")
    elif cell.item not in study.items:
        raise SpecError(where, f"item {cell.item!r} is not declared by any question")
    else:
        known = study.items[cell.item].codes
    if cell.code != TOTAL and cell.code not in known:
        raise SpecError(where, f"code {cell.code!r} of {cell.item} is none of {known}")


def _check_numeric(study: Study, cell: Cell, where: str) -> None:
    unknown = [item for item in cell.base if item not in study.items]
    if unknown:
        raise SpecError(where, f"base names {unknown}, which no question declares")
    if cell.range is None and cell.statistic not in ("mean", "median"):
        return
    if study.items[str(cell.item)].type != "numeric":
        raise SpecError(where, f"{cell.item} is not numeric: no range, mean or median")


def _check_group(study: Study, cell: Cell, where: str) -> None:
    if cell.group == "all":
        return
    item = study.items.get(cell.item or "")
    if item is not None and study.question[item.question].of_invitations:
        raise SpecError(where, f"{item.id} is asked of all invitations and has no groups")
    if cell.group not in study.group:
        raise SpecError(where, f"group {cell.group!r} is not declared")
    group = study.group[cell.group]
    levels = {level.key for level in group.levels}
    if group.kind != "identity" and cell.level.removeprefix(OTHERS) not in levels:
        raise SpecError(where, f"level {cell.level!r} of {cell.group} is none of {sorted(levels)}")
