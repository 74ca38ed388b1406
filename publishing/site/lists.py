"""The pages with lists: statements, audit, models, trends, response, checks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd

from declarations.labels import Label
from publishing.layout.model import said
from publishing.layout.tabulated import BOOK_CHAPTER
from publishing.published import PublishedWave
from publishing.site.data import script
from publishing.site.render import Renderer
from publishing.site.statements import statement_rows
from publishing.site.words import page_end, word_of, words_in
from replication.audit.registry import RULES
from replication.audit.wording import all_in_words

PAGE = "list.html.jinja"
EMPTY: dict[str, Any] = {
    "scripts": [], "intro": "", "elsewhere": None, "filters": [], "parts": [], "target": "",
    "paged": False,
}  # fmt: skip
STATEMENT_COLUMNS = ("section", "statement", "expected", "computed", "verdict", "basis")
STATUSES = ("complete", "partial", "none")
Row = dict[str, Any]


def list_cell(text: object, n: bool = False, lang: str = "", address: str = "") -> dict[str, Any]:
    """A cell with one piece of text, or a link."""
    return {"pieces": [{"text": str(text), "address": address}], "n": n, "lang": lang}


def row(*cells: dict[str, Any], id: str = "", **data: str) -> Row:  # noqa: A002
    """A row of cells; `data` are the values it is filtered by."""
    return {"cells": cells, "id": id, "data": data}


def part(
    title: str, columns: Iterable[tuple[str, bool]], rows: Iterable[Row], **more: str
) -> dict[str, Any]:
    """A heading with a table; columns are (text, whether numbers)."""
    heads = [{"text": text, "n": n} for text, n in columns]
    return {"title": title, "columns": heads, "rows": list(rows), "text": "", "id": "", **more}


def statements_page(site: Renderer, language: str) -> None:
    """Every statement with its verdict, filterable; for other waves a link to the printed one.

    The rows are in a script next to the page, which shows some at a time: a thousand at once are
    slow to draw and to read aloud.
    """
    w, wave = words_in(language), site.wave
    ledger = wave.relation("results", "claims")
    if link_to_printed_wave(site, "statements", language) or ledger is None:
        _without(site, "statements", language)
        return
    rows = statement_rows(wave, ledger, site.printed, language)
    address = f"data/statements.{language}.js"
    text = script("window.samspilStatements", rows)
    (site.folder / address).write_text(text, encoding="utf-8", newline="")
    filters = [
        {
            "name": name,
            "text": w[name],
            "options": [(v, word_of(v, language)) for v in dict.fromkeys(ledger[name]) if v],
        }
        for name in ("section", "verdict", "basis")
    ]
    heads = [("", False), *((w[n], False) for n in STATEMENT_COLUMNS), (w["tables"], False)]
    site.page(
        PAGE, "statements", language, w["statements"],
        **{
            **EMPTY, "intro": w["paraphrased"], "filters": filters, "scripts": [address],
            "parts": [part("", heads, [])], "paged": True,
        },
    )  # fmt: skip


def _lines(frame: pd.DataFrame) -> Iterator[Any]:
    return frame.itertuples(index=False)


def audit_page(site: Renderer, language: str) -> None:
    """The findings of the audit of print by chapter."""
    w, wave = words_in(language), site.wave
    found = wave.relation("audit", "audit")
    if link_to_printed_wave(site, "audit", language) or found is None:
        _without(site, "audit", language)
        return
    end, tables = page_end(language), {table.id: table.number for table in wave.tables}
    result = all_in_words(
        [*found["gives"], *found["printed"], *found["likely"]], language, site.printed
    )
    labels = _labels(wave) if language == "en" else {}
    heads = [(w[n], False) for n in ("severity", "finding", "place", "printed", "gives", "likely")]
    parts = []
    for chapter, own in found.groupby("chapter", sort=False):
        rows = []
        for line in _lines(own):
            place: list[dict[str, str]] = []
            if line.table in tables:
                address = f"tables/{line.table}{end}"
                place.append({"text": f"{w['table']} {tables[line.table]}", "address": address})
            elif line.claim:
                address = f"statements{end}#{line.claim}"
                place.append({"text": line.claim, "address": address})
            names = (labels.get(name, name) for name in (line.row, line.group, line.column))
            words_of_place = ", ".join(filter(None, names))
            place.append({"text": words_of_place, "address": ""})
            rows.append(
                row(
                    list_cell(word_of(line.severity, language)),
                    list_cell(said(RULES[line.rule].title, language)),
                    {"pieces": place, "n": False, "lang": ""},
                    list_cell(result[line.printed]),
                    list_cell(result[line.gives]),
                    list_cell(result[line.likely]),
                )
            )
        parts.append(part(chapter_title(str(chapter), language), heads, rows))
    site.page(
        PAGE, "audit", language, w["audit"],
        **{**EMPTY, "intro": w["audit_intro"], "parts": parts},
    )  # fmt: skip


def _labels(wave: PublishedWave) -> dict[str, str]:
    """English labels of rows, groups and columns by the printed ones."""
    cells = [cell for table in wave.tables for cell in table.cells]
    found = [o for c in cells for o in (c.row_label, c.group_label, c.column_label)]
    return {label.da: label.en for label in found}


def models_page(site: Renderer, language: str) -> None:
    """Odds ratios of every model, bivariate and adjusted."""
    w, wave = words_in(language), site.wave
    frame = wave.relation("results", "models")
    titles = {model.id: model for model in wave.study.models.models}
    heads = [
        (w["term"], False), (w["alone"], True), (w["interval"], True), ("p", True),
        (w["adjusted"], True), (w["interval"], True), ("p", True), ("N", True), (w["events"], True),
    ]  # fmt: skip
    parts = []
    if frame is not None:
        for name, own in frame.groupby("model", sort=False):
            model = titles.get(str(name))
            title = said(model.title, language) if model else str(name)
            text = f"{w['section']} {model.section}" if model else ""
            rows = [_term(wave, line, language) for line in own.to_dict("records")]
            parts.append(part(title, heads, rows, text=text, id=str(name)))
    intro = w["model_intro"] if parts else (w["held_back"] if titles else w["none"])
    site.page(PAGE, "models", language, w["models"], **{**EMPTY, "intro": intro, "parts": parts})


def _term(wave: PublishedWave, line: Mapping[Any, Any], language: str) -> Row:
    group = wave.study.group.get(line["group"])
    level = next((o for o in group.levels if o.key == line["level"]), None) if group else None
    label = f"{said(group.label, language)}: " if group else ""
    label += said(level.label, language) if level else str(line["level"])
    cells = [list_cell(label)]
    for kind in ("bivariate", "adjusted"):
        low, high = (decimal(line[f"{kind}_{end}"], language) for end in ("low", "high"))
        cells += [
            list_cell(decimal(line[f"{kind}_or"], language), True),
            list_cell(f"{low} – {high}" if low else "", True),
            list_cell(decimal(line[f"{kind}_p"], language, 4), True),
        ]
    whole = [list_cell("" if pd.isna(line[n]) else int(line[n]), True) for n in ("n", "events")]
    return row(*cells, *whole)


def decimal(value: Any, language: str, decimals: int = 2) -> str:
    """A number with decimals as the language writes it; empty for none."""
    if pd.isna(value):
        return ""
    text = f"{float(value):.{decimals}f}"
    return text.replace(".", ",") if language == "da" else text


def trends_page(site: Renderer, language: str) -> None:
    """The page of changes between waves; the page reads them from output/trends."""
    w = words_in(language)
    site.page(
        PAGE, "trends", language, w["trends"],
        **{
            **EMPTY, "intro": w["trends_intro"], "target": "trends",
        },
    )  # fmt: skip


def response_page(site: Renderer, language: str) -> None:
    """Response by the groups of municipalities."""
    w, wave = words_in(language), site.wave
    invited = wave.relation("clean", "invitations")
    register = wave.relation("clean", "municipalities")
    heads = [
        (w["group"], False),
        *((w[n], True) for n in ("invited", "complete", "partial", "no_answer", "rate")),
    ]
    parts = []
    if invited is not None:
        everyone = _answered(w["all"], invited["status"].value_counts(), language)
        parts.append(part("", heads, [everyone]))
        if register is not None and "municipality" in invited:
            # few lines instead of one for every invitation
            sizes = invited.groupby(["municipality", "status"], observed=True).size()
            counted = sizes.rename("n").reset_index().astype({"municipality": object})
            joined = counted.merge(register, left_on="municipality", right_on="code")
            for group in wave.study.groups:
                if group.levels and group.id in joined:
                    parts_of = joined.groupby(group.id, sort=False)
                    by = {level: own.groupby("status")["n"].sum() for level, own in parts_of}
                    rows = [
                        _answered(said(level.label, language), by[level.key], language)
                        for level in group.levels
                        if level.key in by
                    ]
                    parts.append(part(said(group.label, language), heads, rows))
    intro = "" if invited is not None else w["held_back"]
    site.page(
        PAGE, "response", language, w["response"], **{**EMPTY, "intro": intro, "parts": parts}
    )


def _answered(label: str, by_status: pd.Series, language: str) -> Row:
    counted = [int(by_status.get(name, 0)) for name in STATUSES]
    whole = int(by_status.sum())
    rate = decimal(100 * (counted[0] + counted[1]) / whole, language, 1) if whole else ""
    return row(
        list_cell(label),
        list_cell(whole, True),
        *(list_cell(n, True) for n in counted),
        list_cell(rate, True),
    )


def comparison_page(site: Renderer, language: str) -> None:
    """The comparison with print, and a link to the page of all checks."""
    w, wave = words_in(language), site.wave
    parts = []
    compared = wave.relation("checks", "reproduction")
    if compared is not None and len(compared):
        counted = compared["status"].value_counts()
        rows = [row(list_cell(w[str(s)]), list_cell(int(n), True)) for s, n in counted.items()]
        parts.append(part(w["reproduction"], [(w["status"], False), (w["number"], True)], rows))
    set_aside = wave.relation("checks", "quarantine")
    if set_aside is not None:
        counted = set_aside["rule"].value_counts()
        rows = [row(list_cell(str(rule)), list_cell(int(n), True)) for rule, n in counted.items()]
        title = Label("Sat til side", "Set aside")
        heads = [(w["rule"], False), (w["number"], True)]
        parts.append(part(said(title, language), heads, rows))
    site.page(
        PAGE, "checks", language, w["checks"],
        **{
            **EMPTY, "intro": w["checks_intro"], "parts": parts,
            "elsewhere": {"address": "../checks.html", "text": w["all_checks"]},
        },
    )  # fmt: skip


def chapter_title(chapter: str, language: str) -> str:
    """The title of a chapter in the contents."""
    w = words_in(language)
    if chapter.isdigit():
        return f"{w['chapter']} {chapter}"
    known = {
        "appendix": w["appendix"], "resume": "Resumé", BOOK_CHAPTER: w["banner_book"],
        "tables": w["tables"],
    }  # fmt: skip
    return known.get(chapter, chapter)


def link_to_printed_wave(site: Renderer, page: str, language: str) -> dict[str, str] | None:
    """A link to the same page of the printed wave, on the site of another wave."""
    printed = site.wave.study.printed_wave
    if printed is None or printed == site.wave.wave:
        return None
    address = f"../../{printed}/report/{page}{page_end(language)}"
    return {"address": address, "text": words_in(language)["go_to_wave"].format(w=printed)}


def _without(site: Renderer, page: str, language: str) -> None:
    """A page about print, for a wave without a printed report."""
    w, other = words_in(language), link_to_printed_wave(site, page, language)
    printed = site.wave.study.printed_wave
    intro = w["no_print"] if printed is None else w["print_elsewhere"].format(w=printed)
    if printed == site.wave.wave:
        intro = w["held_back"]
    site.page(PAGE, page, language, w[page], **{**EMPTY, "intro": intro, "elsewhere": other})
