"""The page of a table: print in two languages, picture, wording, search tags."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from assets.step.metadata import data_note
from assets.step.names import table
from assets.tables.assets import steps
from assets.tables.layout import overview_layout, print_layout
from assets.tables.picture import LABEL_WIDTH, WIDTH, data_address, table_picture
from assets.tables.table_page import (
    conventions_words,
    picture_markdown,
    report_words,
    search_tags,
    short_page,
    tag_text,
    waves_words,
    wording_markdown,
)
from declarations import Study
from declarations.survey.study_file import Report
from replication.printed import printed_tables
from tests.chain import Chain

SVG = "{http://www.w3.org/2000/svg}"
# what Dagster takes as the value of a tag
TAG_VALUE = re.compile(r"[A-Za-z0-9_.-]{0,63}")


def bars(svg: str) -> list[float]:
    """The widths of the bars, without the background and the squares of the legend."""
    widths = [float(r.attrib["width"]) for r in ElementTree.fromstring(svg).iter(f"{SVG}rect")]
    return [width for width in widths[1:] if width != 12.0]


def test_both_languages_show_the_same_figures(study: Study, committed: Chain) -> None:
    spec, frame = study.table["table_5_2"], committed.tables["table_5_2"]
    danish, english = print_layout(spec, frame), print_layout(spec, frame, "en")
    assert list(english.columns) == [
        "", "Usually", "Sometimes", "Rarely", "Never", "Don't know", "N"
    ]  # fmt: skip
    assert english.iloc[0].tolist() == [
        "Lowest pressure (85-95)", "2.2", "31.1", "11.1", "24.4", "31.1", "45"
    ]  # fmt: skip
    figures = danish.iloc[:, 1:].map(lambda text: text.replace(",", "."))
    assert figures.to_numpy().tolist() == english.iloc[:, 1:].to_numpy().tolist()


def test_a_long_table_says_how_much_is_shown(study: Study, committed: Chain) -> None:
    table, results = study.table["table_a1_1"], committed.tables["table_a1_1"]
    text = short_page(table, results, "da", "2015", "")
    rows = text.count("\n| ") - 1
    assert f"({rows} / 97)" in text
    assert rows > 2


def test_every_page_of_a_table_is_shown_without_a_click(study: Study, committed: Chain) -> None:
    for spec in study.tables:
        for language in ("da", "en") if spec.cells else ("da",):
            results = committed.tables[spec.id] if spec.cells else overview_layout(spec, study)
            text = short_page(spec, results, language, "2015", "KONSTRUEREDE DATA")
            assert len(text) < 1000, spec.id
            assert "---:" in text or not spec.cells
            assert text.endswith("KONSTRUEREDE DATA")


def test_bars_are_as_long_as_the_percentages(study: Study, committed: Chain) -> None:
    frame = committed.tables["table_5_2"]
    svg = table_picture(study.table["table_5_2"], frame)
    assert svg is not None
    scale = (WIDTH - LABEL_WIDTH) / 100
    assert bars(svg) == pytest.approx([v * scale for v in frame["value"]], abs=0.06)


def test_every_picture_is_small_and_whole(study: Study, committed: Chain) -> None:
    without = []
    for spec in study.tables:
        svg = table_picture(spec, committed.tables[spec.id]) if spec.cells else None
        if svg is None:
            without.append(spec.id)
            continue
        assert len(svg) < 12_000
        assert all(width >= 0 for width in bars(svg))
        encoded = data_address(svg).removeprefix("data:image/svg+xml;base64,")
        assert base64.b64decode(encoded).decode() == svg
    # what shows no percentages has no picture: of the report the overview alone
    assert "table_2_1" in without
    assert not {spec.id for spec in printed_tables(study)} & set(without)


def test_labels_cannot_break_out_of_the_picture(study: Study, committed: Chain) -> None:
    frame = committed.tables["table_5_2"].assign(row_label_da='<script>"&')
    svg = table_picture(study.table["table_5_2"], frame)
    assert svg is not None
    assert "<script>" not in svg
    texts = [t.text for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    assert texts.count('<script>"&') == 5


def test_the_wording_names_items_columns_and_codes(study: Study) -> None:
    text = wording_markdown(study.table["table_5_2"], study) or ""
    assert "Question 18" in text
    assert "s_77" in text
    assert "4 Aldrig / Never" in text
    assert wording_markdown(study.table["table_2_1"], study) is None
    assert picture_markdown(study.table["table_2_1"], print_layout) is None  # type: ignore[arg-type]


def test_a_page_says_where_print_is_and_which_wave_it_shows(study: Study) -> None:
    spec = study.table["table_5_2"]
    told = report_words(spec, study.source)
    assert told.startswith("Printed in section 5.2 of the report: *Kommunernes samarbejde")
    assert "KORA" in told
    assert told.endswith(", 2016).")
    assert report_words(spec, Report()) == "Printed in section 5.2 of the report."
    words = waves_words(spec, study)
    assert "(/assets/tables/table_5_2?view=partitions&partition=2015)" in words
    unprinted = study.conventions.model_copy(update={"printed_wave": None})
    assert waves_words(spec, replace(study, conventions=unprinted)) == ""


def test_the_description_begins_with_title_and_lineage(study: Study) -> None:
    (tabulate,) = steps(study)
    (told,) = [a.description for a in tabulate.assets if a.key == table("table_5_2")]
    title, banner, head, *_ = told.split("\n\n")
    assert title.startswith("Tabel 5.2")
    assert banner.startswith("Wave 2015: KONSTRUEREDE DATA / CONSTRUCTED DATA. Wave 2018: ")
    assert head == "**Lineage**"
    assert told.index("raw/dataset") < told.index(data_note(study))


def test_conventions_are_reported_as_declared(study: Study) -> None:
    spec, declared = study.table["table_5_2"], study.conventions
    assert "is in the base" in conventions_words(spec, declared)
    assert "half up" in conventions_words(spec, declared)
    assert "all invitations" in conventions_words(study.table["table_a1_1"], declared)


def test_tags_hold_what_people_search_for(study: Study) -> None:
    tags = search_tags(study.table["table_5_2"], study)
    assert tags["samspil/table"] == "5.2"
    assert "udgiftspres" in tags["samspil/fordelt_paa"]
    for spec in study.tables:
        for value in search_tags(spec, study).values():
            assert TAG_VALUE.fullmatch(value)


def test_tag_text_keeps_whole_words() -> None:
    assert tag_text(["Støtte, råd & æbler (85-95)"]) == "stoette-raad-aebler-85-95"
    assert tag_text(["ord " * 40]) == "-".join(["ord"] * 16)
    assert tag_text(["x" * 80]) == "x" * 63
