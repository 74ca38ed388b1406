"""The page of a table, and of a question."""

from __future__ import annotations

from typing import Any

from assets.step.names import answers, chapter_group, section_group
from assets.step.names import table as table_key
from declarations import Question, Study, Table
from publishing.layout.marks import danish_bound
from publishing.layout.model import (
    NO_LABEL,
    Figure,
    LayoutColumn,
    TableLayout,
    in_notation,
    said,
)
from publishing.site.picture import lineage_picture
from publishing.site.render import Renderer, asset_page
from publishing.site.sql import table_sql
from publishing.site.words import words_in
from runtime.masking import column_shown


def table_page(site: Renderer, table: Table, language: str) -> None:
    """Write the page of a table."""
    wave, layout = site.wave, site.wave.layouts[table.id]
    heading = layout.heading(language)
    name = f"tables/{table.id}"
    if layout.overview:
        shared: dict[str, Any] = {
            "id": table.id,
            "heading": heading,
            "source": said(layout.source, language),
            "dagster": asset_page(table_key(table.id), chapter_group(table.chapter), wave.study),
        }
        shared["columns"] = [said(column, language) for column in layout.text_columns]
        shared["lines"] = [[said(t, language) for t in line] for line in layout.text_lines]
        site.page("overview.html.jinja", name, language, heading, **shared)
        return
    site.page(
        "table.html.jinja",
        name,
        language,
        heading,
        id=table.id,
        **layout_values(layout, language),
        picture=lineage_picture(
            table, wave.study.in_wave(wave.wave), f"{words_in(language)['lineage']}: {heading}"
        ),
        dagster=asset_page(table_key(table.id), chapter_group(table.chapter), wave.study),
        declared_in=f"studies/{wave.study.folder.name}/{table.source}",
        declaration=declaration_text(wave.study, table.source),
        sql=table_sql(table),
        counted=wave.relation("counts", "counts") is not None,
        own_csv=True,
    )


def layout_values(layout: TableLayout, language: str) -> dict[str, Any]:
    """The layout data for the template of a table's page."""
    base = layout.base
    before = 1 + layout.grouped + (base is not None and base.position == "first")
    after = layout.marked + (base is not None and base.position != "first")
    return {
        "heading": layout.heading(language),
        "source": said(layout.source, language),
        "columns": [{"text": said(c.label, language), "letter": c.letter} for c in layout.columns],
        "spanners": _spanners(layout.columns, language) if layout.spanned else [],
        "first": before,
        "last": after,
        "width": before + after + len(layout.columns),
        "grouped": layout.grouped,
        "base": "" if base is None else said(base.label, language),
        "base_first": base is not None and base.position == "first",
        "marked": layout.marked,
        "lines": [_line(layout, n, language) for n in range(len(layout.lines))],
        "notes": [{"number": n.number, "text": said(n.text, language)} for n in layout.notes],
    }


def _spanners(columns: tuple[LayoutColumn, ...], language: str) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    before = None
    for column in columns:
        if found and column.spanner == before and column.spanner != NO_LABEL:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        else:
            found.append((said(column.spanner, language), 1))
        before = column.spanner
    return found


def _line(layout: TableLayout, place: int, language: str) -> dict[str, Any]:
    line = layout.lines[place]
    mark = danish_bound(line.mark) if language == "da" else line.mark
    return {
        "place": place,
        "text": said(line.label, language),
        "group": said(line.group_label, language),
        "heading": said(line.heading, language),
        "refs": line.refs,
        "base": line.base,
        "mark": mark,
        "figures": [
            _figure(figure, language, _slots(layout, n)) for n, figure in enumerate(line.figures)
        ],
    }


def _slots(layout: TableLayout, column: int) -> str:
    """The width of each part of the cells in a column, so that decimals line up."""
    marked = "s" if column in layout.starred else ""
    referred = any(column < len(ln.figures) and ln.figures[column].refs for ln in layout.lines)
    return " ".join(filter(None, (marked, "r" if referred else "")))


def _figure(figure: Figure, language: str, slots: str) -> dict[str, Any]:
    return {
        "text": in_notation(figure.text, language),
        "mark": figure.mark,
        "letters": figure.letters,
        "refs": figure.refs,
        "slots": slots,
    }


def declaration_text(study: Study, source: str) -> str:
    """The declaring file; empty if it was removed after the study was loaded."""
    try:
        return (study.folder / source).read_text(encoding="utf-8")
    except OSError:
        return ""


def question_page(site: Renderer, question: Question, language: str) -> None:
    """Write the page of a question: wording, codes, bases, nonresponse, tables."""
    w, wave = words_in(language), site.wave
    scales = {tuple((c.code, c.label) for c in i.scale) for i in question.items if i.scale}
    codes = next(iter(scales)) if len(scales) == 1 else ()
    bases = wave.bases
    counted = wave.relation("clean", "respondents")
    items = []
    for item in question.items:
        base = bases.get(item.id)
        # an empty cell of a conditional item or tick box means nothing
        open_to_all = item.closed and item.condition is None and not question.of_invitations
        missing = ""
        if base is not None and counted is not None and open_to_all:
            missing = str(len(counted) - base)
        items.append(
            {
                "text": said(item.label, language),
                "wording": item.questionnaire or "",
                "column": column_shown(item.variable),
                "base": "" if base is None else str(base),
                "missing": missing,
            }
        )
    asked, own = wave.study.in_wave(wave.wave), {item.id for item in question.items}
    used = [t.id for t in wave.tables if question in asked.questions_of(t)]
    used += [n for n, t in wave.tabulated.items() if own & {one.id for one in t.request.fields}]
    first = next((i.id for i in question.closed_items if i.id in bases), "")
    site.page(
        "question.html.jinja",
        f"questions/{question.id}",
        language,
        f"{question.order}. {said(question.label, language)}",
        order=question.order,
        asked=_asked(question, asked, language),
        declared_in=f"studies/{wave.study.folder.name}/{question.source}",
        # notes of those who declare are written in one language
        text_note=(question.note or "") if language == "en" else "",
        codes=[(code, said(label, language)) for code, label in codes],
        items=items,
        used=[
            {"id": layout.id, "title": layout.heading(language)}
            for layout in (wave.layouts[name] for name in used)
        ],
        explore=first if wave.relation("counts", "counts") is not None else "",
        dagster=asset_page(
            answers(question.id), section_group("answers", question, wave.study), wave.study
        ),
        base=w["base"],
    )


def _asked(question: Question, study: Study, language: str) -> str:
    w = words_in(language)
    found = next((item.condition for item in question.items if item.condition), None)
    if found is None or found.item not in study.items:
        return w["everyone"] if not question.of_invitations else w["invited"].lower()
    item = study.items[found.item]
    labels = {code.code: said(code.label, language) for code in item.scale}
    codes = ", ".join(labels.get(code, str(code)) for code in found.codes)
    return w["condition"].format(c=codes, i=said(item.label, language))
