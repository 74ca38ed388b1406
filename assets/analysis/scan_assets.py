"""The deviation scan: how areas and kinds of municipalities differ from everyone else."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from assets.analysis.deviations import (
    DEVIATION_COLUMNS,
    deviations,
    deviations_in_words,
    scanned_groups,
)
from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.markdown import DATA_LABEL
from assets.step.metadata import data_note
from assets.step.names import counts
from assets.tables.results import counts_index
from declarations import Study

DEVIATIONS = dg.AssetKey(["scan", "deviations"])
HOLDS = {
    "question": "Declared question",
    "code": "The item's first answer on the page",
    "code_label_en": "Its label, English",
    "direction": "Whether the level gives that answer more or less often",
    "share": "Percentage of the level with that answer",
    "share_others": "Percentage of everyone else",
    "difference": "share - share_others, in percentage points",
    "leading_code": "Answer with the largest difference in share",
    "leading_difference": "Difference of that answer, in percentage points",
    "n": "Respondents in the level who answered",
    "n_others": "Respondents outside the level who answered",
    "statistic": "Pearson's chi-square of the whole answer distribution",
    "df": "Degrees of freedom, without answers that nobody gave",
    "p": "Its p-value",
    "q": "Benjamini-Hochberg q-value over all items and levels of the group",
    "cramers_v": "Cramér's V",
    "small_expected": "Whether expected counts are too small for chi-square (Cochran's rule)",
}


def steps(study: Study) -> list[Step]:
    """The step: every closed item by every level of every group against everyone else."""
    if not scanned_groups(study):
        return []
    known = declared(study)
    asset = Asset(
        DEVIATIONS,
        group="scan",
        description="Every closed item by every area and every group of municipalities, against "
        "all others: direction, difference in percentage points, p (Pearson's chi-square of the "
        "whole answer distribution), q (Benjamini-Hochberg over the items and levels of a group). "
        "Behind sections 7.6 and 7.7; the metadata say in words how each level deviates.\n\n"
        f"{data_note(study)}",
        deps=[counts(question.id) for question in study.counted_questions],
        rests_on=[known.shown, known.groups],
        columns=described(DEVIATION_COLUMNS, HOLDS),
        published=[Published("results", "deviations", csv=True, holds=FIGURES)],
    )
    return [step("scan__deviations", study, asset, scan_deviations, as_asked=True)]


def scan_deviations(given: Given) -> Iterator[Made]:
    """The scan, with a summary in words per group."""
    study, questions = given.study, [q.id for q in given.study.counted_questions]
    counted = pd.concat(given.store.read_all("counts", questions).values())
    frame = deviations(given.asked, counts_index(counted), given.wave)
    lineage = {
        name: [(counts(question), "n") for question in questions]
        for name in ("share", "share_others", "difference", "p", "q")
    }
    metadata: dict[str, Any] = {
        f"summary_{group.id}": dg.MarkdownMetadataValue(
            f"{deviations_in_words(study, frame, group.id)}\n{DATA_LABEL[given.sheet.shown_as]}"
        )
        for group in scanned_groups(given.asked)
    }
    metadata |= {f"{name}_below_0_05": int((frame[name] < 0.05).sum()) for name in ("p", "q")}
    yield Made(DEVIATIONS, frame, lineage, metadata)
