"""The page of a table for researchers: Markdown from declarations and results."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd

from assets.step.lineage import ASSET_PAGE
from assets.step.markdown import markdown
from assets.tables.layout import table_layout
from assets.tables.picture import data_address, table_picture
from declarations import Study, Table
from declarations.survey.conventions import Conventions
from declarations.survey.study_file import Report
from runtime.masking import column_shown
from runtime.safe_text import markdown_text

# Sentences for declared conventions.
WORDS: Mapping[str, Mapping[str, str]] = {
    "dont_know": {
        "in_base": '"Don\'t know" is an answer like the others and is in the base.',
    },
    "unanswered": {"outside_base": "Respondents who left an item unanswered are not in its base."},
    "base": {"per_item": "Each item has its own base: the respondents who answered it."},
}
INVITATIONS = "The base is all invitations, per municipality."
NOT_A_TAG = re.compile(r"[^a-z0-9_.-]+")
TAG_LENGTH = 63
# Dagster shows Markdown below this number of characters without a click
INLINE = 1000
LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def short_page(table: Table, results: pd.DataFrame, language: str, wave: str, said: str) -> str:
    """The page of a table in one language, with as many rows as Dagster shows without a click.

    Figures are right-aligned, so that decimals line up. `said` are notes and the label of the data.
    """
    whole = table_layout(table, results, language)
    word, title = ("Tabel", table.title.da) if language == "da" else ("Table", table.title.en)
    waves = "Bølge" if language == "da" else "Wave"
    head = f"**{word} {table.number}** {markdown_text(title)} ({waves} {wave})"
    # notes may be long, so they come after the title
    below = said if len(said) < INLINE // 2 else f"{said[: INLINE // 2]} ..."
    labels = 2 if any(cell.group_key for cell in table.cells) else 1
    sides = ["left"] * len(whole.columns)
    if table.cells:
        sides[labels:] = ["right"] * (len(sides) - labels)
    # two lines for the heading, then one per row
    lines = markdown(whole, sides).split("\n")
    for rows in range(len(whole), 0, -1):
        more = f"\n\n({rows} / {len(whole)})" if rows < len(whole) else ""
        shown = "\n".join(lines[: rows + 2])
        page = f"{head}\n\n{shown}{more}\n\n{below}"
        if len(page) < INLINE or rows == 1:
            return page
    return f"{head}\n\n{below}"


def picture_markdown(table: Table, results: pd.DataFrame) -> str | None:
    """The picture of the table's percentages as a Markdown image; None if there is none."""
    picture = None if table.entries else table_picture(table, results)
    return picture and f"![Tabel {table.number}]({data_address(picture)})"


def wording_markdown(table: Table, study: Study) -> str | None:
    """The questions of a table: wording, items, columns and codes; None without any."""
    parts = []
    for question in study.questions_of(table):
        own = [i for i in (study.items[name] for name in table.items) if i.question == question.id]
        lines = [
            (
                item.label.da,
                item.label.en,
                column_shown(item.variable),
                ", ".join(f"{code.code} {code.label.both}" for code in item.scale)
                or ("1 ticked, 0 not" if item.type == "multiple" else item.type),
            )
            for item in own
        ]
        frame = pd.DataFrame(lines, columns=["da", "en", "column", "codes"], dtype="object")
        label = markdown_text(question.label.both)
        title = f"**Question {question.order}: {label}** (`{question.source}`)"
        parts.append(f"{title}\n\n{markdown(frame)}")
    return "\n\n".join(parts) or None


def conventions_words(table: Table, conventions: Conventions) -> str:
    """Sentences on base and rounding of a table's figures, from the study's conventions."""
    if not table.cells:
        return "Made from the declarations."
    lines = [
        words[value]
        for name, words in WORDS.items()
        if (value := getattr(conventions, name)) and (name != "base" or table.unit != "invitations")
    ]
    if table.unit == "invitations":
        lines = [INVITATIONS]
    lines.append("Percentages are rounded half up.")
    return " ".join(lines)


def report_words(table: Table, source: Report) -> str:
    """Where the report prints the table; empty without a section."""
    if not table.section:
        return ""
    named = [text for text in (source.publisher, source.year) if text is not None]
    report = ""
    if source.title is not None:
        report = f": *{markdown_text(source.title)}*"
        report += f" ({markdown_text(', '.join(named))})" if named else ""
    return f"Printed in section {table.section} of the report{report}."


def way_words(table: Table) -> str:
    """A link to the graph of all assets that a table is computed from."""
    page = f"{ASSET_PAGE}tables/{table.id}"
    drawn = "?view=lineage&lineageScope=upstream&lineageDepth=6"
    return f"[From the raw files to this table]({page}{drawn}), drawn at full depth."


def waves_words(table: Table, study: Study) -> str:
    """Which wave the page shows, with a link to the printed one; empty without a report."""
    printed = study.printed_wave
    if printed is None:
        return ""
    page = f"{ASSET_PAGE}tables/{table.id}?view=partitions&partition={printed}"
    return (
        "Metadata describe the wave computed last, which `preview` names. The report is about "
        f"wave {printed}: [the table of wave {printed}]({page})."
    )


def search_tags(table: Table, study: Study) -> dict[str, str]:
    """Tags for the search of the UI: the table's number, subject and breakdown.

    Tags allow few characters, so æ, ø, å become ae, oe, aa.
    """
    groups = [study.group[name].label.da for name in table.groups]
    return {
        "samspil/table": table.number,
        "samspil/emne": tag_text([table.title.da]),
        "samspil/subject": tag_text([table.title.en]),
        **({"samspil/fordelt_paa": tag_text(groups)} if groups else {}),
    }


def tag_text(words: Iterable[str]) -> str:
    """Words as one tag value: lower case, ASCII, at most 63 characters, whole words."""
    text = " ".join(words).lower().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    parts = [part for part in NOT_A_TAG.split(plain) if part]
    while len("-".join(parts)) > TAG_LENGTH and len(parts) > 1:
        parts.pop()
    return "-".join(parts)[:TAG_LENGTH]
