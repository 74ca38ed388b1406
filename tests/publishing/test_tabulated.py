"""Tables of any question by any groups in every form, of a study that declares nothing else."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pandas as pd
import pytest

from assets.tabulate.counting import Counter
from assets.tabulate.request import requests_of
from assets.tabulate.results import COLUMNS, tabulate_requests
from declarations import Study
from declarations.fields.fields import fields_of
from publishing.charts.tabulated import tabulated_chart
from publishing.charts.write import wave_charts
from publishing.document.write import write_document
from publishing.folder import write_pages
from publishing.handover.checks import events_problems
from publishing.handover.events import write_events
from publishing.layout.plain import layout_csv
from publishing.published import PublishedWave
from publishing.readback import document_problems, workbook_problems
from publishing.workbook.write import write_workbook
from tests.poll import WAVE, people, write_poll
from tests.tabulated import computed

DECLARED: dict[str, Any] = {
    "tables/trusting.yaml": {
        "id": "trusting", "of": ["trust"], "by": ["gender", "region > gender"],
        "title": {"da": "Tillid efter køn", "en": "Trust by gender"}, "number": "7",
        "base": "answered", "weight": "fit", "compare": {"against": "columns", "adjust": "bh"},
        "show": ["percent", "mean"], "scores": "order",
    },
    "tables/few.yaml": {
        "id": "few", "of": ["party", "income"], "by": ["party", "region"],
        "filter": {"item": "gender", "codes": ["woman"]}, "min_base": 30,
        "show": ["percent", "mean", "quartiles"], "scores": "order",
    },
    "groups/region.yaml": {
        "id": "region", "kind": "background", "column": "region",
        "label": {"da": "Landsdel", "en": "Region"},
        "levels": [{"key": "North", "da": "Nord", "en": "North"},
                   {"key": "South", "da": "Syd", "en": "South"},
                   {"key": "East", "da": "Øst", "en": "East"}],
    },
    "weights/fit.yaml": {"id": "fit", "kind": "column", "column": "weight"},
    "crosstabs.yaml": {"by": ["gender", "region"], "leave_out": ["income"]},
}  # fmt: skip


@pytest.fixture(scope="module")
def poll(tmp_path_factory: pytest.TempPathFactory) -> PublishedWave:
    study = write_poll(tmp_path_factory.mktemp("poll"), DECLARED)
    return wave_of(study)


def wave_of(study: Study) -> PublishedWave:
    """The published relations of the tables, made by the functions of the steps."""
    connection, asked = computed(study, WAVE), study.in_wave(WAVE)
    fields = fields_of(asked)
    counter = Counter(connection, asked, fields)
    requests = requests_of(asked, fields)
    frames = tabulate_requests(counter, requests, WAVE, study.folder / "waves" / WAVE)
    crosstabs = pd.concat(frames.values(), ignore_index=True)[list(COLUMNS)]
    results = pd.DataFrame({"table": pd.Series(dtype="object")})
    relations = {("results", "crosstabs"): crosstabs, ("results", "results"): results}
    return PublishedWave(study, study.source_sheet(WAVE), relations)


def test_every_figure_is_the_result_and_pandas_counts_it(poll: PublishedWave) -> None:
    assert list(poll.tabulated)[:2] == ["few", "trusting"]
    assert {"banner_party", "banner_trust", "banner_reads"} < set(poll.tabulated)
    crosstabs = poll.relations["results", "crosstabs"]
    shown = 0
    for table in poll.tabulated.values():
        own = crosstabs[crosstabs["table"] == table.request.id]
        for (line, column), cell in table.results.items():
            if cell["statistic"] == "base":
                continue
            text = table.layout.lines[line].figures[column].text
            assert text == (cell["formatted"] or "–")
            shown += 1
        percents = own[own["statistic"] == "percent"]
        drawn = [c for c in table.results.values() if c["statistic"] == "percent"]
        assert len(drawn) == len(percents), table.layout.id
    assert shown > 300
    raw = people()
    layout = poll.layouts["banner_party"]
    north = [c.label.en for c in layout.columns].index("North")
    reds = next(line for line in layout.lines if line.label.en == "Reds")
    known = raw[(raw["region"] == "North") & (raw["party"] != "")]
    share = (known["party"] == "A1").mean() * 100
    assert reds.figures[north].value == pytest.approx(share, abs=0.051)
    base = next(line for line in layout.lines if line.row == "party::base")
    assert base.figures[north].text == str(len(known))


def test_both_languages_letters_bases_and_notes_are_there(poll: PublishedWave) -> None:
    layout = poll.layouts["trusting"]
    assert layout.heading("da") == "Tabel 7 Tillid efter køn"
    assert [c.spanner.da for c in layout.columns][3] == "Landsdel > Gender"
    assert [c.label.da for c in layout.columns][3] == "Nord > Woman"
    assert {c.letter for c in layout.columns} > {"A", "B"}
    rows = {line.row.rpartition("::")[2] for line in layout.lines if "::" in line.row}
    assert rows >= {"base", "weighted_base", "effective_base"}
    danish = " ".join(note.text.da for note in layout.notes)
    english = " ".join(note.text.en for note in layout.notes)
    assert "Vægtet med fit" in danish
    assert "Benjamini-Hochberg" in danish
    assert "alle test" not in danish
    assert "Landsdel (kolonne region): Nord (North); Syd (South); Øst (East)." in danish
    assert "Region (column region): North (North)" in english
    assert not re.search(r"\b(and|the|with|against|base)\b", danish)
    few = " ".join(note.text.da for note in poll.layouts["few"].notes)
    assert "Tal på færre end 30 svar er udeladt." in few
    assert "Kun gender=woman." in few


def test_workbook_document_and_csv_have_every_figure(poll: PublishedWave, tmp_path: Path) -> None:
    for language in ("da", "en"):
        write_workbook(poll, tmp_path, language)
        write_document(poll, tmp_path, language, {})
        assert workbook_problems(poll, tmp_path, language) == []
        assert document_problems(poll, tmp_path, language) == []
    book = openpyxl.load_workbook(tmp_path / "tables.en.xlsx")
    assert len(book.sheetnames) == 2 + len(poll.layouts)
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)
    headings = [p.text for p in docx.Document(str(tmp_path / "tables.da.docx")).paragraphs
                if p.style is not None and p.style.name == "Heading 1"]  # fmt: skip
    assert headings == ["Tabeller", "Spørgsmål efter gruppe"]
    text = layout_csv(poll.layouts["banner_party"], "da")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    assert any("," in cell for row in rows for cell in row)
    assert len({len(row) for row in rows}) == 1


def test_the_site_shows_and_explains_them(poll: PublishedWave, tmp_path: Path) -> None:
    (tmp_path / "tables").mkdir()
    write_pages(poll, tmp_path)
    report = tmp_path / "report"
    index = (report / "index.html").read_text("utf-8")
    assert 'href="tables/banner_trust.html"' in index
    page = (report / "tables" / "trusting.en.html").read_text("utf-8")
    assert "Trust by gender" in page
    assert 'class="fig"' in page
    assert "variables/" not in page
    assert "crosstabs/trusting" in page
    data = json.loads(
        (report / "data" / "trusting.js").read_text("utf-8").partition("]=")[2].rstrip(";\n")
    )
    figure = next(f for f in data["figures"] if f["i"] == "trust_1" and f["st"] == "percent")
    assert figure["wb"] != figure["b"]
    assert figure["n"] <= figure["b"]
    assert data["items"]["trust_1"]["column"] == "trust_1"
    nested = next(v for k, v in data["levels"].items() if k.startswith("region > gender"))
    assert nested["rule"][1] == "North; code 1"
    assert data["drawn"]["kind"] == "diverging"
    question = (report / "questions" / "trust.html").read_text("utf-8")
    assert "tables/trusting.html" in question
    search = (report / "data" / "search.da.js").read_text("utf-8")
    assert "Tillid efter køn" in search


def test_charts_put_don_t_know_apart_and_follow_the_kind_of_question(poll: PublishedWave) -> None:
    asked = poll.study.in_wave(WAVE)
    charts = {name: tabulated_chart(t, asked) for name, t in poll.tabulated.items()}
    trusting = charts["trusting"]
    assert trusting is not None
    layout, kind = trusting
    assert kind.kind == "diverging"
    assert [layout.columns[n].label.en for n in kind.apart] == ["Don't know"]
    assert [line.label.en for line in layout.lines] == [f"Trust in {n}" for n in "1234"]
    reads = charts["banner_reads"]
    assert reads is not None
    assert reads[1].kind == "bars"
    assert all(line.base for line in reads[0].lines)
    party = charts["banner_party"]
    assert party is not None
    assert [line.label.en for line in party[0].lines][:2] == ["All", "Gender: Woman"]
    assert charts["few"] is None
    drawn = {name for name, _, _ in wave_charts(poll, "en")}
    assert drawn == {name for name, chart in charts.items() if chart is not None}


def test_their_lineage_is_reported_outside(poll: PublishedWave, tmp_path: Path) -> None:
    write_events(poll, tmp_path)
    assert events_problems(tmp_path, poll) == []
    path = tmp_path / "openlineage.ndjson"
    lines = path.read_text("utf-8").splitlines()
    last = json.loads(next(line for line in lines if "crosstabs/trusting" in line))
    assert {one["name"] for one in last["inputs"]} >= {"answers/trust", "raw/dataset"}
    kept = [line for line in lines if "crosstabs/trusting" not in line]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert events_problems(tmp_path, poll) == ["no event makes crosstabs/trusting"]


HOSTILE = ("<script>alert(1)</script>", '=HYPERLINK("http://x")', "\u202eevil", "x" * 500)


def test_hostile_labels_and_400_columns_are_shown_as_text(tmp_path: Path) -> None:
    levels = [{"key": f"n{n}", "from": n, "below": n + 1, "text": HOSTILE[n % len(HOSTILE)]}
              for n in range(400)]  # fmt: skip
    declared = {
        "groups/ages.yaml": {"id": "ages", "kind": "bands", "of": "age", "levels": levels},
        "tables/wide.yaml": {"id": "wide", "of": ["party"], "by": ["ages"], "title": HOSTILE[0]},
        "tables/none.yaml": {"id": "none", "of": ["income"], "show": ["mean"], "min_base": 9999},
    }
    wave = wave_of(write_poll(tmp_path / "poll", declared))
    assert len(wave.layouts["wide"].columns) == 401
    (tmp_path / "tables").mkdir()
    write_pages(wave, tmp_path)
    for path in (tmp_path / "report").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<script>alert" not in text
        assert "\u202e" not in text
    write_workbook(wave, tmp_path, "en")
    write_document(wave, tmp_path, "en", {})
    assert workbook_problems(wave, tmp_path, "en") == []
    assert document_problems(wave, tmp_path, "en") == []
    for path in (tmp_path / "tables").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig")), delimiter=";"):
            assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    means = wave.layouts["none"].lines[0]
    assert [figure.value for figure in means.figures] == [None]
    # 400 levels are no note to be read
    assert not [n for n in wave.layouts["wide"].notes if n.kind == "groups"]
