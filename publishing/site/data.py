"""Data for the scripts of the pages: counts for the explorer, the index of the search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from assets.analysis.comparisons import DONT_KNOW_KEY
from declarations import Study
from declarations.labels import Label
from declarations.survey.questions import NOT_TICKED, TICKED
from publishing.layout.model import said
from publishing.published import PublishedWave
from publishing.site.derivation import both_languages
from publishing.site.statements import statement_column
from publishing.site.words import page_end, words_in
from runtime.masking import column_shown

ORDERED = ("grid", "single")
TICKS = {TICKED: Label("valgt", "ticked"), NOT_TICKED: Label("ikke valgt", "not ticked")}
RELEASE_FILE = "release.js"
PENDING = Label(
    "Ikke frigivet: kun for dem, der arbejder med undersøgelsen.",
    "Not released: only for those who work on the study.",
)
RELEASED = Label("Frigivet af {by}, {at}.", "Released by {by}, {at}.")
SHOW_RELEASE = (
    '(function(){var told=window.samspilRelease,at=document.documentElement.lang==="da"?0:1;'
    'if(told)document.getElementById("release").textContent=told[at];})();\n'
)
Entry = tuple[str, str, str, str]


def script(name: str, value: Any) -> str:
    """A script that sets a global variable to a value, with the text escaped for scripts."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # JavaScript treats these as line ends, JSON does not
    safe = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029").replace("</", "<\\/")
    return f"{name}={safe};\n"


def release_script(by: str = "", at: str = "") -> str:
    """What the pages of a real wave say about its release: who approved it; nothing before that.

    The pages themselves say that the release is pending, so that readers without scripts see it.
    """
    lines = RELEASED.da.format(by=by, at=at), RELEASED.en.format(by=by, at=at)
    return script("window.samspilRelease", list(lines) if by else None) + SHOW_RELEASE


def explorer_data(wave: PublishedWave) -> dict[str, Any] | None:
    """Published counts by item, group and level; None if they are withheld.

    Only items with codes; a level's counts are in the order of the item's codes. Groups without
    declared levels (one per municipality) are left out.
    """
    counts = wave.relation("counts", "counts")
    if counts is None:
        return None
    study = wave.study.in_wave(wave.wave)
    groups = {group.id: group for group in study.groups if group.levels}
    items: dict[str, Any] = {}
    for question in study.counted_questions:
        for item in question.closed_items:
            codes = [(c.code, c.label) for c in item.scale] or list(TICKS.items())
            items[item.id] = {
                "question": question.id,
                "label": both_languages(item.label),
                "column": column_shown(item.variable),
                "codes": [[str(code), *both_languages(label)] for code, label in codes],
                "dk": [str(c.code) for c in item.scale if c.key == DONT_KNOW_KEY],
                "ordered": question.type in ORDERED and len(codes) > 2,
                "counts": {},
            }
    places = {name: {c[0]: n for n, c in enumerate(i["codes"])} for name, i in items.items()}
    columns = (counts[name] for name in ("item", "code", "group", "level", "n"))
    for item_id, code, group, level, n in zip(*columns, strict=True):
        place = places.get(item_id, {}).get(str(code))
        if place is None or not (group == "all" or group in groups):
            continue
        own = items[item_id]["counts"].setdefault(group, {})
        own.setdefault(level, [0] * len(places[item_id]))[place] = int(n)
    kept = {name: item for name, item in items.items() if item["counts"]}
    used = {group for item in kept.values() for group in item["counts"]}
    return {
        "banner": both_languages(next(iter(wave.layouts.values())).data_label)
        if wave.layouts
        else ["", ""],
        "items": kept,
        "questions": {
            q.id: {
                "order": q.order,
                "label": both_languages(q.label),
                "items": [i.id for i in q.closed_items if i.id in kept],
            }
            for q in study.counted_questions
            if any(i.id in kept for i in q.closed_items)
        },
        "groups": {
            name: {
                "label": both_languages(group.label),
                "overlapping": group.overlapping,
                "levels": [[level.key, *both_languages(level.label)] for level in group.levels],
            }
            for name, group in groups.items()
            if name in used
        },
    }


def search_index(wave: PublishedWave, language: str) -> list[Entry]:
    """Entries (kind, title, more words, address below the site's folder)."""
    w, end = words_in(language), page_end(language)
    entries: list[Entry] = []
    for layout in wave.layouts.values():
        more = [said(line.label, language) for line in layout.lines[:40]]
        more += [said(column.label, language) for column in layout.columns]
        more += [said(text, language) for line in layout.text_lines for text in line]
        named = said(layout.title, language)
        title = f"{w['table']} {layout.number} {named}" if layout.number else named
        if layout.id in wave.tabulated:
            fields = wave.tabulated[layout.id].request.fields
            more += [column_shown(f.item.variable) for f in fields if f.item is not None]
        entries.append(("table", title, _unique(more), f"tables/{layout.id}{end}"))
    entries += _questions(wave.study.in_wave(wave.wave), language, end)
    ledger = wave.relation("results", "claims")
    if ledger is not None and wave.wave == wave.study.printed_wave:
        found = ledger[["id", "section", statement_column(language)]]
        entries += [
            ("statement", str(text), f"{name} {section}", f"statements{end}#{name}")
            for name, section, text in found.itertuples(index=False)
        ]
    for page in ("explorer", "audit", "models", "trends", "response", "checks", "statements"):
        entries.append(("page", w[page], "", f"{page}{end}"))
    return entries


def _questions(study: Study, language: str, end: str) -> Iterator[Entry]:
    for question in study.questions:
        more: list[str] = []
        for item in question.items:
            more += [said(item.label, language), column_shown(item.variable)]
            more += [item.questionnaire] if item.questionnaire else []
        for item in question.items[:1]:
            more += [said(code.label, language) for code in item.scale]
        title = f"{question.order}. {said(question.label, language)}"
        yield ("question", title, _unique(more), f"questions/{question.id}{end}")


def _unique(texts: list[str]) -> str:
    return " · ".join(dict.fromkeys(text for text in texts if text))
