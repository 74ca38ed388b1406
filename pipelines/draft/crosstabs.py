"""The banner book of a draft: guessed groups, means of numbers, detected weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from assets.raw.cells.reading import read_number
from assets.raw.readers.platforms.columns import Export
from declarations import Item, Question, Study, load_study
from runtime.masking import column_shown
from runtime.safe_text import visible

MOST_LEVELS, MOST_GROUPS = 12, 6
BACKGROUND = "background"
# common breakdowns of surveys, in the languages of the platforms
DEMOGRAPHIC = re.compile(
    r"(?i)\b(?:gender|sex|køn|kjønn|kön|geschlecht|age|alder|aldersgruppe|ålder|alter|region|county|"
    r"landsdel|province|state|education|uddannelse|utdanning|utbildning|bildung|income|indkomst|"
    r"inntekt|inkomst|marital|civilstand|employment|employed|beskæftigelse|stilling|occupation|"
    r"profession|party|parti|partei|vote[ds]?|race|ethnicity|religion|urban|school|skole|grade|"
    r"klasse|children|kids|børn|barn)\b"
)
WEIGHT = re.compile(
    r"(?i)(?:^|[_.\s])(?:weights?|wgt|wt|pweight|anweight|dweight|pspwght|vægte?|vekt|vikt|gewicht)"
    r"(?:$|[_.\s0-9])"
)
HEAD = """# The banner book: every question by these groups, an asset each (docs/tables.md).
# Numbers get means and quartiles. The groups are guessed: questions about the respondents
# with at most {most} answers.
show: [percent, n, mean, quartiles]
"""
SCALES = """# Items whose answers are consecutive whole numbers without labels. Items that
# `scales` names get a mean, with their codes as numbers.
"""


def draft_crosstabs(folder: Path, export: Export) -> list[str]:
    """Write `crosstabs.yaml` and the detected weights; returns notes."""
    study = load_study(folder)
    guesses = list(guessed_groups(study))
    lines = [HEAD.format(most=MOST_LEVELS)]
    if guesses:
        lines.append("by:\n")
    else:
        lines.append("by: []   # no question looks like one about the respondents\n")
    for number, question in enumerate(guesses):
        item = question.closed_items[0]
        words = f"guess: {len(valid_codes(item))} answers, {visible(item.label.da)[:60]}"
        entry = f"- {question.id}   # {words}\n"
        lines.append(f"  {entry}" if number < MOST_GROUPS else f"  # {entry}")
    offered = [item.id for item in short_runs(study)]
    if offered:
        lines += [SCALES, f"# scales: [{', '.join(offered)}]\n"]
    parts = []
    for item in weights_seen(study):
        shown = column_shown(item.variable)
        problem = not_a_weight(item, export)
        if problem:
            parts.append(f"column {shown} is named like a weight, but {problem}")
            continue
        path = folder / "weights" / f"{item.id}_weight.yaml"
        path.parent.mkdir(exist_ok=True)
        text = f"id: {item.id}_weight\nkind: column\ncolumn: {item.id}\n"
        path.write_text(text, encoding="utf-8")
        parts.append(
            f"column {shown} looks like a weight; weights/{path.name} declares it. No table is "
            f"weighted unless the table, or `defaults: {{weight: {item.id}_weight}}`, names it"
        )
        lines.append(f"# defaults: {{weight: {item.id}_weight}}\n")
    (folder / "crosstabs.yaml").write_text("".join(lines), encoding="utf-8")
    return parts


def guessed_groups(study: Study) -> Iterator[Question]:
    """Questions with one closed item about the respondents and few answers; background first."""
    own = [q for q in study.questions if _may_divide(q)]
    return iter(sorted(own, key=lambda question: question.section != BACKGROUND))


def _may_divide(question: Question) -> bool:
    items = question.closed_items
    if question.type != "single" or len(items) != 1:
        return False
    words = " ".join((question.id.replace("_", " "), items[0].label.da, items[0].label.en))
    about = question.section == BACKGROUND or bool(DEMOGRAPHIC.search(words))
    return about and 2 <= len(valid_codes(items[0])) <= MOST_LEVELS


def valid_codes(item: Item) -> list[int]:
    """The codes of an item that are valid answers."""
    return [code.code for code in item.scale if not code.missing]


def short_runs(study: Study) -> Iterator[Item]:
    """Closed items with consecutive numbers as answers, labelled at most at the ends."""
    for question in study.questions:
        for item in question.closed_items:
            codes = [code for code in item.scale if not code.missing]
            numbers = sorted(code.code for code in codes)
            run = (
                numbers == list(range(numbers[0], numbers[0] + len(numbers))) if numbers else False
            )
            plain = [c for c in codes if not c.labelled or c.label.da == str(c.code)]
            if item.type != "multiple" and run and len(codes) >= 4 and len(plain) >= len(codes) - 2:
                yield item


def weights_seen(study: Study) -> Iterator[Item]:
    """Numeric items with the name of a weight."""
    for item in study.items.values():
        if item.type == "numeric" and (
            WEIGHT.search(item.variable) or WEIGHT.search(item.label.da)
        ):
            yield item


def not_a_weight(item: Item, export: Export) -> str:
    """Why a column cannot be a weight; empty if it can."""
    place = export.dataset.places[item.variable.lower()]
    cells = [row[place].strip() for row in export.dataset.rows]
    numbers = [read_number(cell) for cell in cells]
    known = [number for number in numbers if number is not None]
    if len(known) < len(cells):
        return f"{len(cells) - len(known)} lines have no number in it"
    if min(known, default=0.0) <= 0:
        return "it has numbers that are not above 0"
    return "" if len(set(known)) > 1 else "it is the same for everyone"
