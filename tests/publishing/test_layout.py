"""The layout of every table against print, read from the printed figures without our code."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from declarations import Study
from declarations.labels import Label
from publishing.layout.build import build_layout
from publishing.layout.model import GROUPS, SIC, LayoutLine, TableLayout
from publishing.layout.plain import layout_csv, layout_grid
from publishing.published import PublishedWave
from tests.chain import STUDY, declared_study

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed"
BOUND = re.compile(r"[pP]\s*<\s*0?(\.\d+)")


def printed(table: str) -> list[dict[str, str]]:
    text = (STUDY / "printed" / f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def figures(layout: TableLayout) -> list[tuple[LayoutLine, str, str, tuple[int, ...]]]:
    return [(ln, f.text, f.mark, f.refs) for ln in layout.lines for f in ln.figures]


def test_every_figure_is_the_printed_one_or_has_a_note(wave_2015: PublishedWave) -> None:
    compared = noted = 0
    for table in wave_2015.tables:
        if table.id not in wave_2015.printed:
            continue
        layout = wave_2015.layouts[table.id]
        notes = {note.number: note.text.en for note in layout.notes if note.number}
        lines = printed(table.id)
        assert len(lines) == len(figures(layout)), table.id
        for line, (_, text, _, refs) in zip(lines, figures(layout), strict=True):
            compared += 1
            if line["printed"] != text:
                noted += 1
                told = " ".join(notes[ref] for ref in refs)
                assert "[sic]" in told, (table.id, line)
                assert line["printed"] in told, (table.id, line)
    assert compared == 1474
    assert noted == 7


def test_stars_are_the_printed_ones(wave_2015: PublishedWave) -> None:
    starred = 0
    for name in ("table_4_2", "table_4_3"):
        for line, (_, _, mark, _) in zip(
            printed(name), figures(wave_2015.layouts[name]), strict=True
        ):
            assert mark == line["note"], line
            starred += bool(mark)
    assert starred == 30


def test_bounds_hold_as_print_has_them_or_a_note_says_what_print_has(
    wave_2015: PublishedWave,
) -> None:
    seen = 0
    for table in wave_2015.tables:
        if table.mark != "bound":
            continue
        layout, lines = wave_2015.layouts[table.id], printed(table.id)
        told = " ".join(note.text.en for note in layout.notes)
        for line, (own, _, _, _) in zip(lines, figures(layout), strict=True):
            match = BOUND.search(line["note"])
            if match is None:
                continue
            seen += 1
            same = own.mark == f"p<0{match.group(1)}"
            in_a_note = line["note"] in told or f"p<0{match.group(1)}" in told
            # of lines compared with each other the first one has the mark
            assert same or in_a_note or (own.group and not own.mark), (table.id, line)
    assert seen > 50


def test_the_misprinted_label_is_marked(wave_2015: PublishedWave) -> None:
    layout = wave_2015.layouts["table_6_8"]
    marked = [line.row for line in layout.lines if line.refs]
    assert marked == ["q4"]
    assert [note.kind for note in layout.notes if note.number] == [SIC]


def test_titles_are_the_printed_ones() -> None:
    texts = sorted(SEED.glob("*.txt"))
    if not texts:
        pytest.skip("the text of the report is not beside this checkout")
    squeezed = [re.sub(r"[\s-]+", "", path.read_text(encoding="utf-8")) for path in texts]
    for table in declared_study().tables:
        wanted = re.sub(r"[\s-]+", "", table.title.da)
        number = table.number.removeprefix("A")
        word = "Bilagstabel" if table.number.startswith("A") else "Tabel"
        assert any(f"{word}{number}{wanted}" in text for text in squeezed), table.id


def test_notes_say_how_groups_are_cut_and_how_many_are_in_each(wave_2015: PublishedWave) -> None:
    memberships = wave_2015.relations["clean", "memberships"]
    people = memberships[memberships["group"] == "size"].groupby("level").size()
    (note,) = [n for n in wave_2015.layouts["table_5_7"].notes if n.kind == GROUPS]
    assert f"under 35 000, {people['under_35000']} respondenter, 29 kommuner" in re.sub(
        r"\s", " ", note.text.da
    )
    assert f"below 35,000, {people['under_35000']} respondents" in note.text.en
    assert [n for n in wave_2015.layouts["table_a1_1"].notes if n.kind == GROUPS] == []


def test_the_danish_csv_is_one_a_danish_spreadsheet_reads(wave_2015: PublishedWave) -> None:
    text = layout_csv(wave_2015.layouts["table_4_2"], "da")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert text.startswith("\ufeff")
    assert rows[0][0].startswith("Tabel 4.2 Hvilke civile aktører")
    health = dict(zip(rows[1], rows[2], strict=True))
    assert health["Kirker/menighedsplejer"] == "45,6"
    place = rows[1].index("Kirker/menighedsplejer")
    assert rows[2][place + 1] == "**"
    assert any("KONSTRUEREDE DATA" in row[0] for row in rows)
    assert len({len(row) for row in rows}) == 1


def test_a_wave_without_print_has_no_word_of_print(study: Study, wave_2015: PublishedWave) -> None:
    sheet = study.source_sheet("2018")
    table = study.table["table_4_2"]
    results = wave_2015.results["table_4_2"]
    layout = build_layout(table, results, study, sheet, printed=wave_2015.printed["table_4_2"])
    assert not layout.printed
    assert not any(line.refs or any(f.refs for f in line.figures) for line in layout.lines)


HOSTILE = (
    "<script>alert(1)</script>", "=HYPERLINK(\"http://x\")", "‮evil", "x" * 500, "a|b\n#c",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_label_becomes_a_formula_in_csv(study: Study, text: str) -> None:
    table = study.table["table_3_1"]
    cells = tuple(replace(cell, row_label=Label(text, text)) for cell in table.cells)
    results = pd.DataFrame(
        {
            "formatted": ["1.0"] * len(cells), "base": [1] * len(cells),
            "note": [""] * len(cells), "row": [c.row for c in cells], "row_label_da": "",
            "column_label_da": "",
        }
    )  # fmt: skip
    hostile = replace(table, cells=cells, title=Label(text, text))
    layout = build_layout(hostile, results, study, study.source_sheet("2018"))
    for language in ("da", "en"):
        written = layout_csv(layout, language)
        for cell in (c for row in csv.reader(io.StringIO(written[1:]), delimiter=";") for c in row):
            assert not cell.startswith(("=", "+", "@")), cell
            assert "\u202e" not in cell
        assert layout_grid(layout, language).rows
