"""Checks of questions, groups and study.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from declarations.checks.checked import STUDY_FILE, Checked
from declarations.ids import ID
from declarations.model import mistake_at
from declarations.spans import ALWAYS, wave_order
from declarations.survey.background_columns import CODE
from declarations.survey.disclosure import MUNICIPALITY
from declarations.survey.question_file import QuestionFile
from declarations.survey.rules import CATALOGUE, problem_of
from declarations.survey.study_file import StudyFile


def check_unique_items(checked: Checked) -> None:
    """Items are unique in the study.

    Columns are unique in each wave, because waves may renumber them.
    """
    study = checked.study
    seen: dict[str, str] = {}
    orders: dict[int, str] = {}
    for question in study.questions:
        if question.order in orders:
            other = f"a place of its own ({orders[question.order]} has this one)"
            checked.wrong(question.source, ["order"], question.order, other)
        orders.setdefault(question.order, question.source)
        for number, item in enumerate(question.items):
            if item.id in seen:
                expected = f"an id of its own: item {item.id} is also declared in {seen[item.id]}"
                checked.wrong(question.source, ["items", number, "id"], item.id, expected)
            seen.setdefault(item.id, question.source)
    named = {wave for item in study.items.values() for wave in item.waves_named}
    lines: set[tuple[str, str]] = set()
    named_in_study = (study.respondent_column, study.municipality_column)
    for wave in sorted({*named, *study.waves}, key=wave_order) or [""]:
        columns: dict[str, str] = {}
        for question in study.in_wave(wave).questions:
            for item in question.items:
                if item.variable in columns and (question.source, item.id) not in lines:
                    lines.add((question.source, item.id))
                    expected = (
                        f"a column of its own: variable {item.variable} is also declared in "
                        f"{columns[item.variable]}"
                    )
                    place = _item_place(checked, question.source, item.id)
                    checked.wrong(question.source, place, item.variable, expected)
                columns.setdefault(item.variable, question.source)
                if item.variable in named_in_study and (question.source, item.id) not in lines:
                    lines.add((question.source, item.id))
                    place = _item_place(checked, question.source, item.id)
                    expected = f"a column that `export` in {STUDY_FILE} does not name"
                    checked.wrong(question.source, place, item.variable, expected)


def _item_place(checked: Checked, source: str, item: str) -> list[str | int]:
    question = next(q for q in checked.study.questions if q.source == source)
    number = next((n for n, one in enumerate(question.items) if one.id == item), 0)
    return ["items", number, "variable"]


def check_reported(checked: Checked, questions: Mapping[str, QuestionFile]) -> None:
    """Where a question is reported: a table, or a place in words (`section 3.3`)."""
    tables = checked.study.table
    for source, file in questions.items():
        places: list[tuple[list[str | int], tuple[str, ...] | None]] = [([], file.reported)]
        places += [(["items", number], item.reported) for number, item in enumerate(file.items)]
        for at, reported in places:
            for number, name in enumerate(reported or ()):
                if ID.fullmatch(name) and name not in tables:
                    expected = "a table, or words such as `section 3.3`"
                    checked.wrong(source, [*at, "reported", number], name, expected, tables)


def check_conditions(checked: Checked) -> None:
    """A condition names an earlier closed item and some of its codes."""
    items = checked.study.items
    earlier: set[str] = set()
    for question in checked.study.questions:
        for number, item in enumerate(question.items):
            condition = item.condition
            if condition is not None:
                # an item without a condition has that of its question
                place = ["items", number, "asked"]
                if condition == question.asked:
                    place = ["asked"]
                if condition.item not in earlier:
                    checked.wrong(
                        question.source, [*place, "item"], condition.item,
                        "an earlier item", earlier,
                    )  # fmt: skip
                else:
                    known = items[condition.item].codes
                    for code in condition.codes:
                        checked.refers(
                            question.source, [*place, "codes"], code, known,
                            f"a code of {condition.item}",
                        )  # fmt: skip
            earlier.add(item.id)


def check_groups(checked: Checked) -> None:
    """A group is read from a declared register column or from an open item that every wave asks."""
    study = checked.study
    keys: list[str] = []
    for number, group in enumerate(study.groups):
        place = ["groups", number]
        if group.id in (*keys, "all"):
            checked.wrong(STUDY_FILE, [*place, "id"], group.id, "an id of its own")
        keys.append(group.id)
        if group.by_municipality:
            columns = study.register_columns
            if CODE not in columns:
                expected = (
                    f"the column `{CODE}` among them, because groups are read from the register"
                )
                checked.wrong(STUDY_FILE, ["frame", "columns"], list(columns), expected)
            checked.refers(
                STUDY_FILE, [*place, "source"], group.source, columns, "a name of frame.columns"
            )
            continue
        item = study.items.get(group.source)
        opens = [name for name, one in study.items.items() if one.type == "open"]
        if item is None or item.type != "open":
            checked.wrong(STUDY_FILE, [*place, "source"], group.source, "an open item", opens)
        elif item.span != ALWAYS:
            expected = "an open item that every wave asks"
            checked.wrong(STUDY_FILE, [*place, "source"], group.source, expected)


def check_whole(checked: Checked, whole: StudyFile) -> None:
    """Check entries of study.yaml that depend on other declarations."""
    study = checked.study
    for name, entry in whole.checks.items():
        problem = problem_of(CATALOGUE[name], entry)
        if problem:
            path = study.folder / STUDY_FILE
            checked.mistakes.add(mistake_at(path, STUDY_FILE, ["checks", name], problem))
    trend = whole.conventions.trend
    if trend is not None and trend.clusters == MUNICIPALITY and not study.has_frame:
        place = ["conventions", "trend", "clusters"]
        checked.wrong(STUDY_FILE, place, MUNICIPALITY, "respondent: municipalities need a frame")
    if study.has_frame and study.export.municipality is None:
        expected = "a column `municipality`, by which respondents are found in the frame"
        checked.wrong(STUDY_FILE, ["export"], None, expected)
    if whole.disclosure is not None:
        known = {group.id for group in study.groups}
        known |= {item.id for item in study.items.values() if item.closed}
        known |= set(study.harmless_columns)
        known |= {MUNICIPALITY} if study.has_frame else set()
        for number, name in enumerate(whole.disclosure.identifying):
            if name not in known:
                checked.wrong(
                    STUDY_FILE, ["disclosure", "identifying", number], name,
                    "a group, a closed item or a background column with `personal: false`", known,
                )  # fmt: skip
