"""Counts: one asset per question with closed items, and one for the invitations."""

from collections.abc import Iterator

import dagster as dg
import pandas as pd

from assets.counts.counting import (
    COUNT_COLUMNS,
    contingency,
    number_contingency,
    status_counts,
    write_patterns,
)
from assets.step.columns import described
from assets.step.declared import asked_by
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.metadata import Lineage, data_note
from assets.step.names import REGISTER, answers, clean, counts, section_group
from declarations import Question, Study
from declarations.tables.cells import STATUS_ITEM
from runtime.safe_text import markdown_text
from runtime.store import read_relation

COLUMNS = described(COUNT_COLUMNS, {"code": "Code counted (text)"})
COUNTED = Published("counts", "counts", holds=FIGURES)


def steps(study: Study) -> list[Step]:
    """The step for counts per item, code, group and level. Tables are sums over these lines."""
    note = data_note(study)
    levels = [(group.id, [level.key for level in group.levels]) for group in study.groups]

    def counted(question: Question) -> Asset:
        return Asset(
            counts(question.id),
            group=section_group("counts", question, study),
            description=(
                f"{markdown_text(question.label.both)}\n\nRespondents per item, code, background "
                "variable and level. Unanswered and quarantined cells are not counted, so every "
                "item has its own base. For numeric items, numbers take the place of "
                f"codes.\n\n{note}"
            ),
            deps=[answers(question.id), clean("memberships")],
            rests_on=[[asked_by(i) for i in question.items], question.of_invitations, levels],
            columns=COLUMNS,
            published=[COUNTED],
            kinds=frozenset({"duckdb", "sql"}),
        )

    invited = Asset(
        counts(STATUS_ITEM),
        group="counts_0_invited",
        description="Invitations by how they were answered, per municipality and in total."
        f"\n\n{note}",
        deps=[clean("invitations"), *([clean(REGISTER)] if study.has_frame else [])],
        rests_on=[study.has_frame],
        columns=COLUMNS,
    )
    assets = [*map(counted, study.counted_questions), invited]
    return [
        step(
            "count_answers",
            study,
            assets,
            count_answers,
            partial=True,
            per_section=True,
            as_asked=True,
        )
    ]


def count_answers(given: Given) -> Iterator[Made]:
    """Counts of the chosen questions, in SQL over answers and memberships."""
    with given.store.connect() as connection:
        write_patterns(connection, given.asked)
        for name in (question.id for question in given.study.counted_questions):
            if counts(name) in given.chosen:
                question = given.asked.question[name]
                codes = contingency(connection, question, given.asked)
                numbers = number_contingency(connection, question, given.asked)
                frame = pd.concat([codes, numbers], ignore_index=True)
                level = (clean("memberships"), "level")
                yield Made(counts(name), frame, _lineage(answers(name), "code", level))
        if counts(STATUS_ITEM) in given.chosen:
            register = None
            if given.study.has_frame:
                register = list(read_relation(connection, "clean", REGISTER)["code"])
            source = clean("invitations")
            frame = status_counts(connection, register)
            level = (source, "municipality" if given.study.has_frame else "status")
            yield Made(counts(STATUS_ITEM), frame, _lineage(source, "status", level))


def _lineage(source: dg.AssetKey, code: str, level: tuple[dg.AssetKey, str]) -> Lineage:
    return {"code": [(source, code)], "level": [level], "n": [(source, "respondent")]}
