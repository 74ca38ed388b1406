"""The deviation scan compares every level of every group with everyone else, for every closed item.

Pure functions of declarations and counts. They return one line per comparison, and a summary of
each level in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from assets.statistics import significance
from assets.tables.results import Counts
from declarations import Group, Item, Level, Study
from runtime.safe_text import markdown_text

DEVIATION_COLUMNS = (
    "wave", "group", "level", "item", "question", "code", "code_label_en", "direction", "share",
    "share_others", "difference", "leading_code", "leading_difference", "n", "n_others",
    "statistic", "df", "p", "q", "cramers_v", "small_expected",
)  # fmt: skip
MORE, LESS, SAME = "more", "less", "same"
LISTED = 0.05


def scanned_groups(study: Study) -> list[Group]:
    """Groups that are compared: all except those whose levels are the municipalities."""
    return [group for group in study.groups if group.kind != "identity"]


def deviations(study: Study, counts: Counts, wave: str) -> pd.DataFrame:
    """One line per item, group and level, in DEVIATION_COLUMNS, in declared order.

    The test is Pearson's chi-square of the whole answer distribution, including don't know, for the
    level against everyone not in it. `code` is the item's first answer on the page (ticked for a
    box), `share` its percentage in the level, `difference` to the others' in percentage points.
    `leading_code` is the answer with the largest difference. `q` is Benjamini and Hochberg's over
    all items and levels of a group. If nobody in the level (or outside it) answered, only n is
    filled.
    """
    lines: list[dict[str, object]] = []
    tables: list[np.ndarray] = []
    items = [
        item
        for question in study.questions
        if not question.of_invitations
        for item in question.closed_items
    ]
    items = [item for item in items if len(item.codes) > 1]
    everyone = {item.id: _column(counts, item, "all", "all") for item in items}
    for group in scanned_groups(study):
        for level in group.levels:
            for item in items:
                inside = _column(counts, item, group.id, level.key)
                outside = everyone[item.id] - inside
                lines.append(_line(group, level, item, inside, outside))
                tables.append(np.stack([inside, outside]))
    frame = pd.DataFrame(lines).assign(wave=wave)
    stacked = np.zeros((len(tables), 2, max((t.shape[1] for t in tables), default=2)))
    for position, table in enumerate(tables):
        stacked[position, :, : table.shape[1]] = table
    test = significance.pearson(stacked)
    frame = frame.assign(
        statistic=np.where(np.isnan(test.p), np.nan, test.statistic),
        df=test.df.astype(int),
        p=test.p,
        q=np.nan,
        cramers_v=significance.cramers_v(stacked),
        small_expected=significance.small_expected(stacked),
    )
    for group in scanned_groups(study):
        family = (frame["group"] == group.id).to_numpy()
        frame.loc[family, "q"] = significance.benjamini_hochberg(frame.loc[family, "p"])
    return frame[list(DEVIATION_COLUMNS)]


def _column(counts: Counts, item: Item, group: str, level: str) -> np.ndarray:
    return np.array([counts[(item.id, str(c), group, level)] for c in item.codes], dtype=float)


def _line(
    group: Group, level: Level, item: Item, inside: np.ndarray, outside: np.ndarray
) -> dict[str, object]:
    place = item.codes.index(1) if item.type == "multiple" else 0
    line: dict[str, object] = {
        "group": group.id,
        "level": level.key,
        "item": item.id,
        "question": item.question,
        "code": str(item.codes[place]),
        "code_label_en": "Ticked" if item.type == "multiple" else item.scale[place].label.en,
        "direction": "",
        "share": np.nan,
        "share_others": np.nan,
        "difference": np.nan,
        "leading_code": "",
        "leading_difference": np.nan,
        "n": int(inside.sum()),
        "n_others": int(outside.sum()),
    }
    if not inside.sum() or not outside.sum():
        return line
    own, others = inside / inside.sum() * 100, outside / outside.sum() * 100
    gaps = own - others
    # the first answer in page order, unless another answer differs more
    size = np.abs(gaps)
    leading = place if size[place] >= size.max() - 1e-9 else int(np.argmax(size))
    gap = float(gaps[place])
    return line | {
        "direction": MORE if gap > 0 else LESS if gap < 0 else SAME,
        "share": float(own[place]),
        "share_others": float(others[place]),
        "difference": gap,
        "leading_code": str(item.codes[leading]),
        "leading_difference": float(gaps[leading]),
    }


def deviations_in_words(study: Study, frame: pd.DataFrame, group: str) -> str:
    """How each level of a group deviates, in Markdown: items with p under 0.05, smallest p first.

    Items with q under 0.05 are in bold. Some of the others are expected by chance.
    """
    own = frame[(frame["group"] == group) & (frame["p"] < LISTED)]
    by_level: dict[str, list[str]] = {}
    for line in own.sort_values("p", kind="stable").to_dict("records"):
        by_level.setdefault(str(line["level"]), []).append(f"- {_sentence(study, line)}")
    parts = []
    for level in study.group[group].levels:
        parts.append(f"**{markdown_text(level.label.en)}** ({markdown_text(level.label.da)})\n")
        parts += by_level.get(level.key) or ["- nothing under p = 0.05"]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"


def _sentence(study: Study, line: Mapping[Any, Any]) -> str:
    item = study.items[str(line["item"])]
    name = study.question[item.question].label.en
    title = item.label.en if item.label.en == name else f"{name}: {item.label.en}"
    shares = f"{line['share']:.1f} against {line['share_others']:.1f} %"
    text = f"{line['direction']} “{markdown_text(str(line['code_label_en']))}” ({shares})"
    if line["leading_code"] != line["code"]:
        text += f", most of all {_leading(item, line)}"
    q = float(str(line["q"]))
    title = markdown_text(title)
    strong = f"**{title}**" if q < LISTED else title
    doubt = ", small expected counts" if line["small_expected"] else ""
    return f"{strong}: {text}; {_small('p', line)}, {_small('q', line)}{doubt}"


def _small(name: str, line: Mapping[Any, Any]) -> str:
    value = float(str(line[name]))
    return f"{name} < 0.001" if value < 0.001 else f"{name} = {value:.3f}"


def _leading(item: Item, line: Mapping[Any, Any]) -> str:
    labels = {str(code.code): code.label.en for code in item.scale}
    label = labels.get(str(line["leading_code"]), "not ticked")
    return f"“{markdown_text(label)}” ({line['leading_difference']:+.1f} points)"


def summary_text(study: Study, frame: pd.DataFrame) -> str:
    """All summaries, one heading per group."""
    parts = [
        f"## {markdown_text(group.label.en)}\n\n{deviations_in_words(study, frame, group.id)}"
        for group in scanned_groups(study)
    ]
    return "\n".join(parts)
