"""Selects the declarations that concern one wave, for the code versions of its assets."""

from __future__ import annotations

from dataclasses import replace

from declarations.study import Study
from declarations.survey.questions import routed
from declarations.tables.cells import Table


def concerning(study: Study, wave: str) -> Study:
    """The study without the declarations that only other waves have.

    Left out are questions and items that the wave did not ask, columns and groups that its register
    does not have, and tables and results of these alone. The rest is as declared for all
    waves. Returns the study itself if nothing is left out.
    """
    asked = study.in_wave(wave)
    questions = routed(
        question if len(items) == len(question.items) else replace(question, items=items)
        for question in study.questions
        if (items := tuple(item for item in question.items if item.span.holds(wave)))
        or not question.items
    )
    tables = tuple(table for table in study.tables if not _of_other_waves(table, asked))
    known = {question.id for question in questions}
    results = tuple((s, file) for s, file in study.results if file.rows.items_of in known)
    columns = {} if study.frame is None else study.frame.columns
    own = {name: column for name, column in columns.items() if column.span.holds(wave)}
    kept, before = (questions, asked.groups, tables), (study.questions, study.groups, study.tables)
    if all(map(_same, kept, before)) and own.keys() == columns.keys():
        return study
    frame = study.frame and study.frame.model_copy(update={"columns": own})
    # the rules that apply follow from the questions of all waves
    return replace(
        study, questions=questions, groups=asked.groups, tables=tables, frame=frame,
        results=results, every=study.every or study.questions,
        declared=study,
    )  # fmt: skip


def _same(kept: tuple[object, ...], before: tuple[object, ...]) -> bool:
    return len(kept) == len(before) and all(map(lambda a, b: a is b, kept, before))


def _of_other_waves(table: Table, asked: Study) -> bool:
    """Whether the wave has none of the items and groups of the table's cells."""
    cells = [cell for cell in table.cells if cell.item is not None]
    return bool(cells) and not any(map(asked.asks, cells))
