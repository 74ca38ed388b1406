"""Rules about answers. Under quarantine only the answers that break a rule are quarantined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from assets.raw.cells.reading import UNTICKED, CellReading, read_cell
from assets.raw.errors import Finding, Holds
from declarations import Condition, Item, Question, Study
from tests.reference.case import WITHHELD, Case, Lines, Offence, Part, whole

Cells = Mapping[int, list[Item]]  # by place of the line: the question's items with an answer


def answer_cells(question: Question, lines: Lines) -> dict[int, list[Item]]:
    """The cells that hold an answer: position of the line -> items.

    Any filled cell does, except of tick boxes. If a box is ticked, all boxes of the question hold
    answers; an empty one is not ticked. Otherwise a box holds an answer only if it is neither 0 nor
    empty, because the platform writes 0 also for respondents who never saw the question.
    """
    known: dict[int, list[Item]] | None = lines.derived.get(question.id)
    if known is not None:
        return known
    found: dict[int, list[Item]] = defaultdict(list)
    ticked = ticked_lines(question, lines)
    for item in _present(question, lines):
        box = item.type == "multiple"
        for at, text in enumerate(lines.column(item.variable)):
            if (at in ticked or not UNTICKED.fullmatch(text)) if box else text:
                found[at].append(item)
    lines.derived[question.id] = dict(found)
    return dict(found)


def answered_lines(study: Study, lines: Lines) -> set[int]:
    """Positions of the lines with an answer to any question."""
    found: set[int] = set()
    for question in study.questions:
        if not question.of_invitations:
            found |= answer_cells(question, lines).keys()
    return found


def completed_lines(study: Study, lines: Lines) -> set[int]:
    """Positions of the lines that one of the existing status flags marks as complete."""
    flags = [str(flag) for flag in study.status_flags.get("complete") or ()]
    columns = [lines.column(flag) for flag in flags if lines.has(flag)]
    return {at for column in columns for at, text in enumerate(column) if text == "1"}


def ticked_lines(question: Question, lines: Lines) -> set[int]:
    """Positions of the lines on which a box of the question is ticked."""
    ticked: set[int] = set()
    for item in _present(question, lines):
        if item.type == "multiple":
            texts = lines.column(item.variable)
            ticks = {text for text in set(texts) if text and read_cell(item, text).answers(item)}
            ticked |= {at for at, text in enumerate(texts) if text in ticks}
    return ticked


def empty_columns(case: Case) -> list[Part]:
    """Columns of closed items without any answer although somebody who completed was asked.

    Some items may be empty and are ignored: an item that accompanies others (the only one with its
    scale, or exclusive), boxes that nobody ticked, and lines of a grid if nobody answered every
    other line that has answers.
    """
    study, lines = case.study, case.accepted
    # without a status, lines with any answer
    by_status = bool(study.status_flags)
    completed = completed_lines(study, lines) if by_status else answered_lines(study, lines)
    findings, checked = [], 0
    for question in study.questions:
        for item in _present(question, lines):
            if not item.closed:
                continue
            checked += 1
            asked = completed & _answering_the_rest(item, question, lines)
            if (condition := item.condition) is not None:
                asked &= _meeting(study, condition.item, condition.codes, lines)
            empty = not any(lines.column(item.variable))
            if asked and empty and _needs_answers(item, question, lines):
                found = f"no answer on any line, of which {len(asked)} are complete"
                expected = f"answers to {item.id} (was the column lost, or not asked any more?)"
                findings.append(
                    Finding("empty_column", lines.file, 1, item.variable, found, expected, "fact")
                )
    return whole(checked, findings)


def _answering_the_rest(item: Item, question: Question, lines: Lines) -> set[int]:
    """Lines that answered every other line of the item's grid that has answers.

    For items outside a grid, all lines.
    """
    every = set(range(len(lines.numbers)))
    if item.type != "grid":
        return every
    rest = [i for i in _present(question, lines) if i.type == "grid" and i is not item]
    filled = [{at for at, text in enumerate(lines.column(i.variable)) if text} for i in rest]
    return every.intersection(*(answered for answered in filled if answered))


def _needs_answers(item: Item, question: Question, lines: Lines) -> bool:
    if item.type != "multiple":
        return not item.exclusive and len(item.codes) > 1
    others = [i for i in _present(question, lines) if i.type == "multiple" and i is not item]
    cells = {text for other in others for text in lines.column(other.variable)} - {""}
    # where boxes hold 1 or nothing, one that is empty is one that nobody ticked
    return not cells or any(UNTICKED.fullmatch(text) for text in cells)


def scale(study: Study, lines: Lines) -> list[Part]:
    """Answers that are neither declared codes nor valid numbers; a part per question."""
    parts = []
    for question in study.questions:
        checked = 0
        offences = []
        readings: dict[tuple[str, str], CellReading] = {}
        for at, items in answer_cells(question, lines).items():
            for item in items:
                if item.type == "open":
                    continue
                checked += 1
                text = lines.column(item.variable)[at]
                reading = readings.get((item.id, text))
                if reading is None:
                    reading = readings[(item.id, text)] = read_cell(item, text)
                if reading.rule is not None:
                    expected = f"{reading.expected} ({item.id})"
                    offences.append(_offence("scale", lines, at, [item], expected))
        if question.counted:
            parts.append(Part(question.id, checked, _in_order(offences)))
    return parts


def status_says_unanswered(study: Study, lines: Lines) -> list[Part]:
    """Answers on lines whose status says that nothing was answered."""
    silent = _silent(study, lines)
    answered: dict[int, list[Item]] = defaultdict(list)
    for question in study.questions:
        if not question.of_invitations:
            for at, items in answer_cells(question, lines).items():
                if at in silent:
                    answered[at] += items
    expected = "no answers on a line whose status says it was not answered"
    offences = [
        _offence("status_says_unanswered", lines, at, items, expected)
        for at, items in answered.items()
    ]
    return [Part("", len(silent), _in_order(offences))]


def _silent(study: Study, lines: Lines) -> set[int]:
    """Lines without any flag that may mean an answered invitation."""
    flags = [str(flag) for named in study.status_flags.values() for flag in named or ()]
    if not lines.has(*flags):
        return set()
    marks = zip(*(lines.column(flag) for flag in flags), strict=True)
    return {at for at, found in enumerate(marks) if "1" not in found}


def exclusive(study: Study, lines: Lines) -> list[Part]:
    """An answer that excludes the others of its question, given together with one of them.

    All answers of the question on that line break the rule, because it is unknown which is meant.
    Open answers do not count.
    """
    parts = []
    for question in study.questions:
        if not any(item.exclusive for item in question.items):
            continue
        offences, checked = [], 0
        for at, items in answer_cells(question, lines).items():
            judged = [item for item in items if item.type != "open"]
            given = [i for i in judged if read_cell(i, lines.column(i.variable)[at]).answers(i)]
            checked += bool(given)
            alone = [item for item in given if item.exclusive]
            if alone and len(given) > 1:
                expected = f"{alone[0].id} without another answer to {question.id}"
                finding = _offence("exclusive", lines, at, given, expected).finding
                offences.append(Offence(finding, tuple(item.variable for item in judged)))
        parts.append(Part(question.id, checked, _in_order(offences)))
    return parts


def routing(study: Study, lines: Lines) -> list[Part]:
    """Answers of respondents whose earlier answer excludes the question; a part per question."""
    parts = []
    for question in study.questions:
        conditions = list(dict.fromkeys(i.condition for i in question.items if i.condition))
        if not conditions:
            continue
        offences, checked = [], 0
        cells = answer_cells(question, lines)
        for condition in conditions:
            if not lines.has(study.items[condition.item].variable):
                continue
            met = _meeting(study, condition.item, condition.codes, lines)
            codes = ", ".join(map(str, condition.codes))
            expected = f"no answer, as {condition.item} is not {codes}"
            for at, items in cells.items():
                own = [item for item in items if item.condition == condition]
                checked += bool(own)
                if own and at not in met:
                    offences.append(_offence("routing", lines, at, own, expected))
        parts.append(Part(question.id, checked, _in_order(offences)))
    return parts


def drop_out_order(study: Study, lines: Lines) -> list[Part]:
    """Answers after a part of the questionnaire that was skipped whole, or after its end.

    A respondent skipped a part if the respondent should have been asked it, gave no answer in it,
    and gave one in a later part. Codes declared with `ends: true` end the questionnaire.
    """
    asked = [question for question in study.questions if not question.of_invitations]
    cells = {question.id: answer_cells(question, lines) for question in asked}
    sections: dict[str, list[Question]] = defaultdict(list)
    for question in asked:
        sections[question.section].append(question)
    ended = _ends(asked, lines)
    conditions = {item.condition for item in study.items.values() if item.condition}
    met = {c: _meeting(study, c.item, c.codes, lines) for c in conditions}
    offences = []
    answered = sorted({at for own in cells.values() for at in own})
    for at in answered:
        late, expected = _after_the_end(asked, cells, ended.get(at), at)
        if not late:
            late, expected = _after_a_gap(sections, cells, met, at)
        if late:
            offences.append(_offence("drop_out_order", lines, at, late, expected))
    return [Part("", len(answered), offences)]


def _after_the_end(
    asked: Sequence[Question], cells: Mapping[str, Cells], end: tuple[int, str] | None, at: int
) -> tuple[list[Item], str]:
    if end is None:
        return [], ""
    order, said = end
    late = [item for q in asked if q.order > order for item in cells[q.id].get(at, ())]
    return late, f"no answers after {said}, which ends the questionnaire"


def _after_a_gap(
    sections: Mapping[str, list[Question]],
    cells: Mapping[str, Cells],
    met: Mapping[Condition, set[int]],
    at: int,
) -> tuple[list[Item], str]:
    gap: str | None = None
    late: list[Item] = []
    for section, questions in sections.items():
        given = [item for q in questions for item in cells[q.id].get(at, ())]
        if gap is not None:
            late += given
        elif not given and any(_to_be_asked(question, met, at) for question in questions):
            gap = section
    return late, f"no answers after part {gap} was skipped whole"


def _to_be_asked(question: Question, met: Mapping[Condition, set[int]], at: int) -> bool:
    """Whether a line's earlier answers lead to any item of the question."""
    return any(item.condition is None or at in met[item.condition] for item in question.items)


def _meeting(study: Study, item_id: str, codes: Iterable[int], lines: Lines) -> set[int]:
    """Positions of the lines on which the item holds one of the codes."""
    item = study.items[item_id]
    if not lines.has(item.variable):
        return set()
    texts = lines.column(item.variable)
    wanted = {text for text in set(texts) if text and read_cell(item, text).code in set(codes)}
    return {at for at, text in enumerate(texts) if text in wanted}


def _ends(asked: Sequence[Question], lines: Lines) -> dict[int, tuple[int, str]]:
    """Where a line's questionnaire ended: the question's position, and the answer in words."""
    found: dict[int, tuple[int, str]] = {}
    for question in asked:
        for item in _present(question, lines):
            ending = {code.code for code in item.scale if code.ends}
            if ending:
                for at, text in enumerate(lines.column(item.variable)):
                    code = read_cell(item, text).code if text else None
                    if code in ending and at not in found:
                        found[at] = (question.order, f"{item.id} = {code}")
    return found


def _present(question: Question, lines: Lines) -> list[Item]:
    return [item for item in question.items if lines.has(item.variable)]


def _offence(rule: str, lines: Lines, at: int, items: Sequence[Item], expected: str) -> Offence:
    """The message about a line's answers to some items. It shows a value only for a single item."""
    variables = tuple(item.variable for item in items)
    value: str | None = None
    holds: Holds = "cell"
    if len(items) == 1 and items[0].type == "open":
        value, holds = WITHHELD, "fact"
    elif len(items) == 1:
        value = lines.column(variables[0])[at]
    column = ", ".join(variables) if len(items) < 4 else f"{variables[0]}..{variables[-1]}"
    finding = Finding(rule, lines.file, lines.numbers[at], column, value, expected, holds)
    return Offence(finding, variables)


def _in_order(offences: list[Offence]) -> list[Offence]:
    return sorted(offences, key=lambda offence: offence.finding.row or 0)
