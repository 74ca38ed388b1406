"""Rules about answers. Under `quarantine` only the answers that break a rule are quarantined."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assets.raw.cells.judgements import JudgedTable, all_of, any_of, flag_set
from assets.raw.rules.breaches import AnswerCheck, Breach
from assets.raw.rules.case import Case
from declarations import Item, Question
from runtime.store import text_literal


def scale(case: Case) -> list[AnswerCheck]:
    """Answers that are not declared codes or valid numbers; a part per question."""
    judged = case.judged
    checks = []
    for question in case.study.questions:
        items = [item for item in judged.present(question) if item.type != "open"]
        breaches = []
        for item in items:
            if judged.judgements[item.id].broken:
                breach = Breach(judged.broken(item), judged.expected(item), [(item, "true")])
                breaches.append(breach)
        if question.counted:
            checks.append(
                AnswerCheck(question.id, [judged.filled(item) for item in items], breaches)
            )
    return checks


def status_says_unanswered(case: Case) -> list[AnswerCheck]:
    """Answers on lines whose status is "not answered"."""
    judged = case.judged
    flags = [str(flag) for named in case.study.status_flags.values() for flag in named or ()]
    if not judged.wide.has(*flags):
        return [AnswerCheck("", [], [])]
    silent = f"NOT {any_of(map(flag_set, flags))}"
    expected = "no answers on a line whose status says it was not answered"
    items = [(item, judged.filled(item)) for item in _asked_items(case)]
    breach = Breach(f"{silent} AND {judged.answered_any()}", text_literal(expected), items)
    return [AnswerCheck("", [silent], [breach])]


def exclusive_answers(case: Case) -> list[AnswerCheck]:
    """An answer that excludes the others of its question, given together with one of them.

    All answers of the question on that line break the rule, because it is unknown which is meant.
    Open answers do not count.
    """
    judged = case.judged
    checks = []
    for question in case.study.questions:
        if not any(item.exclusive for item in question.items):
            continue
        items = [item for item in judged.present(question) if item.type != "open"]
        given = [(item, judged.given(item)) for item in items]
        alone = [(item, condition) for item, condition in given if item.exclusive]
        several = " + ".join(f"({condition})::INTEGER" for _, condition in given) or "0"
        cases = " ".join(
            f"WHEN {condition} THEN "
            + text_literal(f"{item.id} without another answer to {question.id}")
            for item, condition in alone
        )
        breach = Breach(
            f"{any_of(condition for _, condition in alone)} AND {several} > 1",
            f"CASE {cases} END" if cases else "''",
            given,
            [(item, judged.filled(item)) for item in items],
        )
        checks.append(
            AnswerCheck(question.id, [any_of(condition for _, condition in given)], [breach])
        )
    return checks


def routing(case: Case) -> list[AnswerCheck]:
    """Answers of respondents whose earlier answer excludes the question; a part per question."""
    judged, study = case.judged, case.study
    checks = []
    for question in study.questions:
        conditions = list(dict.fromkeys(i.condition for i in question.items if i.condition))
        if not conditions:
            continue
        counted, breaches = [], []
        for condition in conditions:
            if not judged.wide.has(study.items[condition.item].variable):
                continue
            met = judged.holds(condition.item, condition.codes)
            own = [
                (item, judged.filled(item))
                for item in judged.present(question)
                if item.condition == condition
            ]
            some = any_of(filled for _, filled in own)
            codes = ", ".join(map(str, condition.codes))
            expected = text_literal(f"no answer, as {condition.item} is not {codes}")
            counted.append(some)
            breaches.append(Breach(f"{some} AND NOT ({met})", expected, own))
        checks.append(AnswerCheck(question.id, counted, breaches))
    return checks


def drop_out_order(case: Case) -> list[AnswerCheck]:
    """Answers after a part of the questionnaire that was skipped whole, or after its end.

    A respondent skipped a part if the respondent should have been asked it, gave no answer in it,
    and gave one in a later part. Codes with `ends: true` end the questionnaire.
    """
    judged = case.judged
    asked = [question for question in case.study.questions if not question.of_invitations]
    sections: dict[str, list[Question]] = {}
    for question in asked:
        sections.setdefault(question.section, []).append(question)
    ends, said = _ends(judged, asked)
    gap, part = _gap(judged, sections)
    lines = (
        f"(SELECT *, {ends} AS ended, {said} AS said, {gap} AS gap, {part} AS part "
        f"FROM {case.accepted})"
    )
    order = {name: place for place, name in enumerate(sections)}
    late, skipped = [], []
    for question in asked:
        for item in judged.present(question):
            filled = judged.filled(item)
            late.append((item, f"{filled} AND ended < {question.order}"))
            skipped.append((item, f"{filled} AND gap < {order[question.section]}"))
    after_end = any_of(
        f"{judged.answered(question)} AND ended < {question.order}" for question in asked
    )
    after_gap = any_of(
        f"{judged.answered(question)} AND gap < {order[question.section]}" for question in asked
    )
    breaches = [
        Breach(
            after_end,
            "'no answers after ' || said || ', which ends the questionnaire'",
            late,
            lines=lines,
        ),
        Breach(
            f"NOT coalesce({after_end}, false) AND {after_gap}",
            "'no answers after part ' || part || ' was skipped whole'",
            skipped,
            lines=lines,
        ),
    ]
    return [AnswerCheck("", [judged.answered_any()], breaches)]


def _gap(judged: JudgedTable, sections: dict[str, list[Question]]) -> tuple[str, str]:
    """Position and name of the first skipped section, as SQL."""
    places, names = [], []
    for place, (section, questions) in enumerate(sections.items()):
        none = f"NOT {any_of(judged.answered(question) for question in questions)}"
        to_ask = any_of(
            judged.holds(item.condition.item, item.condition.codes) if item.condition else "true"
            for question in questions
            for item in question.items
        )
        skipped = all_of((none, to_ask))
        places.append(f"WHEN {skipped} THEN {place}")
        names.append(f"WHEN {skipped} THEN {text_literal(section)}")
    return _cases(places), _cases(names)


def _ends(judged: JudgedTable, asked: Sequence[Question]) -> tuple[str, str]:
    """Where the questionnaire of a line ended, as SQL: the question's position, and the answer."""
    places, said = [], []
    for question in asked:
        for item in judged.present(question):
            for code in (code.code for code in item.scale if code.ends):
                held = judged.holds(item.id, [code])
                places.append(f"WHEN {held} THEN {question.order}")
                said.append(f"WHEN {held} THEN {text_literal(f'{item.id} = {code}')}")
    return _cases(places), _cases(said)


def _cases(cases: Iterable[str]) -> str:
    text = " ".join(cases)
    return f"CASE {text} END" if text else "NULL"


def _asked_items(case: Case) -> list[Item]:
    return [
        item
        for question in case.study.questions
        if not question.of_invitations
        for item in case.judged.present(question)
    ]
