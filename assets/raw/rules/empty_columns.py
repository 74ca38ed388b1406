"""The rule about columns of closed items that are empty although respondents were asked."""

from __future__ import annotations

from assets.raw.cells.judgements import JudgedTable, all_of, judgement_column
from assets.raw.errors import Finding
from assets.raw.rules.case import Case, Part, whole
from declarations import Item, Question


def empty_columns(case: Case) -> list[Part]:
    """Columns of closed items without any answer although respondents completed the questionnaire.

    Some items may be empty and are ignored: an item that accompanies others (the only one with its
    scale, or exclusive), boxes that nobody ticked, and lines of a grid if nobody answered any other
    line that has answers.
    """
    study, judged = case.study, case.judged
    closed = [
        (question, item)
        for question in study.questions
        for item in judged.present(question)
        if item.closed
    ]
    if not closed:
        return whole(0, [])
    texts = {item.id: place for place, (_, item) in enumerate(closed)}
    filled = case.one(
        f"SELECT {', '.join(f'count_if({judged.some_text(i)})' for _, i in closed)}"
        f" FROM {case.accepted}"
    )
    # without a status column: lines with any answer
    completed = judged.completed() if study.status_flags else judged.answered_any()
    findings = []
    for question, item in closed:
        if filled[texts[item.id]] or not _needs_answers(case, item, question):
            continue
        asked = [completed]
        if item.type == "grid":
            # respondents who answered all other lines of the grid that have answers
            asked += [
                judged.some_text(other)
                for other in judged.present(question)
                if other.type == "grid" and other is not item and filled[texts[other.id]]
            ]
        if item.condition is not None:
            asked.append(judged.holds(item.condition.item, item.condition.codes))
        (lines,) = case.one(f"SELECT count(*) FROM {case.accepted} WHERE {all_of(asked)}")
        if lines:
            found = f"no answer on any line, of which {lines} are complete"
            expected = f"answers to {item.id} (was the column lost, or not asked any more?)"
            findings.append(
                Finding("empty_column", case.file, 1, item.variable, found, expected, "fact")
            )
    return whole(len(closed), findings)


def _needs_answers(case: Case, item: Item, question: Question) -> bool:
    if item.type != "multiple":
        return not item.exclusive and len(item.codes) > 1
    others = [
        other
        for other in case.judged.present(question)
        if other.type == "multiple" and other is not item
    ]
    if not others:
        return True
    texts, unticked = case.one(
        f"SELECT {_number(case.judged, others, 'some_text')}, "
        f"{_number(case.judged, others, 'unticked')} FROM {case.accepted}"
    )
    # if boxes hold 1 or nothing, an empty one is a box that nobody ticked
    return not texts or bool(unticked)


def _number(judged: JudgedTable, items: list[Item], what: str) -> str:
    """Number of cells of some boxes that are filled or explicitly not ticked, as SQL."""
    counts = []
    for item in items:
        own = judged.judgements[item.id]
        below = f" AND {judgement_column(item.id)} < {own.unticked}" if what == "unticked" else ""
        counts.append(f"count_if({judged.some_text(item)}{below})")
    return " + ".join(counts)
