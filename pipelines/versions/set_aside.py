"""What decides, of the declarations, which rows and answers are set aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from declarations import Question, Study
from declarations.survey.rules import ANSWER, QUARANTINE, ROW


def rows_declared(study: Study) -> Any:
    """What decides, beside the policies, which rows are set aside: where answers stand."""
    quarantined = any(_quarantines(study, ROW))
    return [(i.variable, i.type) for i in study.items.values()] if quarantined else ""


def answers_declared(question: Question, study: Study) -> Any:
    """What decides, beside its own entries, which answers to a question are set aside."""
    rules = list(_quarantines(study, ANSWER))
    if "drop_out_order" in rules:
        return rules, [(q.order, q.section, q.asked, _read(q)) for q in study.questions]
    asked = {item.condition.item for item in question.items if item.condition}
    earlier = [
        (study.items[n].variable, study.items[n].codes, study.items[n].by_value)
        for n in sorted(asked)
    ]
    return rules, earlier if "routing" in rules else ""


def _read(question: Question) -> list[Any]:
    return [
        (
            i.variable,
            i.type,
            i.codes,
            i.by_value,
            i.special,
            i.numbers,
            i.condition,
            [code.code for code in i.scale if code.ends],
        )
        for i in question.items
    ]


def _quarantines(study: Study, unit: str) -> Iterator[str]:
    for rule in study.rules:
        if rule.unit == unit and study.policies[rule.name].kind == QUARANTINE:
            yield rule.name
