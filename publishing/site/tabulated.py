"""The page of a tabulated table, and how each of its figures was made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from assets.analysis.comparisons import DONT_KNOW_KEY
from assets.step.names import section_group
from assets.tables.group_rules import level_rule, level_size
from assets.tabulate.assets import banner_key
from assets.tabulate.sources import Sources, Tracing
from declarations import Study
from declarations.fields.fields import Field, fields_of
from declarations.fields.levels import column_groups
from declarations.labels import Label
from declarations.survey.groups import Group
from publishing.charts.kinds import ChartKind
from publishing.charts.tabulated import tabulated_chart
from publishing.layout.groups import derived_rule
from publishing.layout.model import TableLayout, said
from publishing.layout.tabulated import BETWEEN, BOOK, TabulatedTable
from publishing.published import PublishedWave
from publishing.site.derivation import ALL, both_languages
from publishing.site.picture import tabulated_picture
from publishing.site.render import DAGSTER, Renderer, asset_page
from publishing.site.tables import declaration_text, layout_values
from publishing.site.words import words_in
from runtime.masking import column_shown


def tabulated_page(site: Renderer, table: TabulatedTable, language: str) -> None:
    """Write the page of a tabulated table."""
    wave, layout = site.wave, table.layout
    study = wave.study.in_wave(wave.wave)
    heading = layout.heading(language)
    found = Tracing(study, fields_of(study)).of_request(table.request)
    site.page(
        "table.html.jinja",
        f"tables/{layout.id}",
        language,
        heading,
        id=layout.id,
        **layout_values(layout, language),
        picture=tabulated_picture(
            table.request, found, study, table.asset, f"{words_in(language)['lineage']}: {heading}"
        ),
        dagster=_asset_page(table, wave.study),
        declared_in=f"studies/{wave.study.folder.name}/{table.declared_in}",
        declaration=declaration_text(wave.study, table.declared_in),
        sql="",
        counted=False,
        own_csv=False,
    )


def _asset_page(table: TabulatedTable, study: Study) -> str:
    """The page of the table's asset, or of the section that contains a table of the banner book."""
    schema, _, name = table.asset.partition("/")
    if schema != BOOK:
        return f"{DAGSTER}{table.asset}"
    return asset_page(banner_key(name), section_group(BOOK, study.question[name], study), study)


def tabulated_data(wave: PublishedWave, table: TabulatedTable) -> dict[str, Any]:
    """The figures of a tabulated table with their sources, in the form of `table_data`."""
    layout, study = table.layout, wave.study.in_wave(wave.wave)
    fields = fields_of(study)
    figures: list[dict[str, Any]] = []
    for (line, column), cell in table.results.items():
        figure = layout.lines[line].figures[column]
        entry: dict[str, Any] = {"l": line, "c": column, "x": figure.text, "m": figure.letters}
        for name, key in (("value", "v"), ("weighted_base", "wb"), ("effective_base", "eb")):
            entry |= {} if pd.isna(cell[name]) else {key: round(float(cell[name]), 6)}
        if cell["base"] == cell["weighted_base"]:
            entry.pop("wb", None)
            entry.pop("eb", None)
        for name, key in (("numerator", "n"), ("base", "b")):
            entry |= {} if pd.isna(cell[name]) else {key: int(cell[name])}
        entry |= {"i": str(cell["row"]), "g": layout.columns[column].key}
        entry |= {"st": "count" if cell["statistic"] == "base" else str(cell["statistic"])}
        entry |= {"k": str(cell["column"])} if cell["column"] else {}
        entry |= {"w": "empty base"} if cell["note"] == "empty base" else {}
        figures.append(entry)
    chart = tabulated_chart(table, study)
    return {
        "wave": wave.wave,
        "banner": both_languages(layout.data_label),
        "columns": [[*both_languages(c.label), c.statistic, c.decimals] for c in layout.columns],
        "lines": [[*both_languages(ln.label), "", "", "", "", []] for ln in layout.lines],
        "figures": figures,
        "tests": [],
        "items": {one.id: _item(one, study, fields) for one in table.request.fields},
        "levels": dict(_levels(wave, table, study, fields)),
        "statements": [],
        "notes": [[0, note.kind, *both_languages(note.text)] for note in layout.notes],
        "chart": {"kind": "none", "columns": [], "lines": [], "apart": []},
        "drawn": None if chart is None else _drawn(*chart),
    }


def _drawn(layout: TableLayout, kind: ChartKind) -> dict[str, Any]:
    """The data of the page's chart: names of the parts, and bars with values and texts."""
    return {
        "kind": kind.kind,
        "apart": list(kind.apart),
        "names": [both_languages(layout.columns[c].label) for c in kind.columns],
        "lines": [
            [
                *both_languages(layout.lines[n].label),
                [layout.lines[n].figures[c].value for c in kind.columns],
                [layout.lines[n].figures[c].text for c in kind.columns],
            ]
            for n in kind.lines
        ],
    }


def _item(one: Field, study: Study, fields: Mapping[str, Field]) -> dict[str, Any]:
    found = Sources()
    Tracing(study, fields).field(one, found)
    own = [one.item] if one.item is not None else list(found.items.values())
    question = study.question[own[0].question] if own else None
    return {
        "label": both_languages(one.label),
        "column": ", ".join(column_shown(item.variable) for item in own),
        "question": ["", "", ""]
        if question is None
        else [question.id, *both_languages(question.label)],
        "wording": (one.item.questionnaire or "") if one.item is not None else "",
        "codes": {code.key: both_languages(code.label) for code in one.codes},
        "dk": [code.key for code in one.codes if code.key == DONT_KNOW_KEY],
    }


def _levels(
    wave: PublishedWave, table: TabulatedTable, study: Study, fields: Mapping[str, Field]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Group, rule and size of every column. For nested groups, the rules follow one another."""
    for column in table.layout.columns:
        if column.key == "all:all":
            yield column.key, {"label": both_languages(ALL), "rule": ["", ""], "size": ["", ""]}
            continue
        names, _, keys = column.key.partition(":")
        rules, sizes = list[Label](), list[Label]()
        for name, key in zip(names.split(BETWEEN), keys.split(BETWEEN), strict=False):
            group = column_groups(name, study, fields)
            if isinstance(group, Group):
                rules.append(level_rule(group, key, wave.sizes))
                sizes.append(level_size(name, key, wave.sizes))
            else:
                rules.append(derived_rule(group, key, study, fields))
        yield (
            column.key,
            {
                "label": both_languages(column.label),
                "group": [names, *both_languages(column.spanner)],
                "rule": [_said(rules, "da"), _said(rules, "en")],
                "size": [_said(sizes, "da"), _said(sizes, "en")],
            },
        )


def _said(labels: list[Label], language: str) -> str:
    return "; ".join(text for text in (said(label, language) for label in labels) if text)
