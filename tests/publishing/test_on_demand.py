"""The files of `samspil publish`, read by other tools, which find planted mistakes in each."""

from __future__ import annotations

import json
import os
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pyreadstat
import pytest

from publishing import readback
from publishing.handover import checks
from publishing.handover.answers import answer_table
from publishing.on_demand import PARTS
from publishing.published import PublishedWave
from runtime.output_versions import output_digests
from tests.chain import STUDY
from tests.publishing.test_layout import printed

Judge = Callable[[Path, PublishedWave], list[str]]


@pytest.fixture
def folder(packages: Path, tmp_path: Path) -> Path:
    """A copy of the handed-over files, for damage."""
    target = tmp_path / "2015"
    names = ("*.csv", "*.json", "*.xml", "*.sav", "*.parquet", "*.ndjson", "*.xlsx", "*.docx")
    target.mkdir()
    for pattern in names:
        for path in (packages).glob(pattern):
            shutil.copy(path, target)
    return target


def in_print(number: str) -> bool:
    """Whether the report prints figures of the table: not for Table 2.1, nor for an added table."""
    return (STUDY / "printed" / f"table_{number}.csv").is_file()


def test_the_workbook_has_every_figure_and_mark_as_print_has_them(packages: Path) -> None:
    book = openpyxl.load_workbook(packages / "tables.da.xlsx")
    tables = starred = 0
    for name in book.sheetnames[2:]:
        sheet = book[name]
        number = str(sheet["A1"].value).split()[1].lower().replace(".", "_")
        if not in_print(number):
            continue
        tables += 1
        rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
        numbers = [v for row in rows for v in row if isinstance(v, int | float)]
        texts = " ".join(str(v) for row in rows for v in row if isinstance(v, str))
        for line in printed(f"table_{number}"):
            if float(line["printed"]) not in numbers:
                assert line["printed"].replace(".", ",") in texts, (name, line)
            if set(line["note"]) == {"*"}:
                starred += 1
                place = next(
                    (row, n) for row in rows for n, v in enumerate(row)
                    if v == float(line["printed"]) and row[n + 1] == line["note"]
                ) if line["printed"] not in ("79.9", "28.8") else None  # fmt: skip
                assert place is None or place[0][0] == line["row_label"]
    assert tables == 26
    assert starred == 30


def test_the_document_has_every_figure_and_mark_as_print_has_them(packages: Path) -> None:
    document = docx.Document(str(packages / "tables.da.docx"))
    captions = [p.text for p in document.paragraphs if p.style and p.style.name == "Caption"]
    text = "\n".join(p.text for p in document.paragraphs)
    tables = starred = 0
    for caption, table in zip(captions, document.tables, strict=True):
        number = caption.split()[1].lower().replace(".", "_")
        if not in_print(number):
            continue
        tables += 1
        cells = [re.sub(r"\[\d+\]", "", c.text) for row in table.rows for c in row.cells]
        for line in printed(f"table_{number}"):
            mark = line["note"] if set(line["note"]) == {"*"} else ""
            shown = f"{line['printed'].replace('.', ',')}{mark}"
            starred += bool(mark)
            # a misprint is in a note
            assert shown in cells or f"Trykt {line['printed'].replace('.', ',')} [sic]" in text
    assert (tables, starred) == (26, 30)
    assert sum(1 for _ in document.inline_shapes) >= 26


def test_the_answers_are_read_by_other_programs(packages: Path, wave_2015: PublishedWave) -> None:
    frame, meta = pyreadstat.read_sav(str(packages / "answers.sav"))
    assert len(frame) == 445
    churches = frame["s_59"].dropna()
    assert len(churches) == 347
    assert int((churches == 1).sum()) == 99
    assert meta.variable_value_labels["s_59"][4.0] == "Ved ikke"
    texts = [name for name in frame if frame[name].dtype == object]
    assert texts == []
    opened = [i for q in wave_2015.study.questions for i in q.items if i.type == "open"]
    assert opened
    assert not {item.variable for item in opened} & set(frame)


JUDGES: dict[str, Judge] = {
    "codebook": lambda folder, wave: checks.codebook_problems(folder, answer_table(wave)),
    "data_package": lambda folder, wave: checks.package_problems(folder),
    "answers": lambda folder, wave: checks.answers_problems(folder, _table(wave)),
    "crate": lambda folder, wave: checks.crate_problems(folder),
    "lineage": checks.events_problems,
    "workbook": lambda folder, wave: readback.workbook_problems(wave, folder, "da"),
    "document": lambda folder, wave: readback.document_problems(wave, folder, "da"),
}


def _table(wave: PublishedWave):  # type: ignore[no-untyped-def]  # noqa: ANN202
    table = answer_table(wave)
    assert table is not None
    return table


def _in_text(name: str, before: str, after: str) -> Callable[[Path], None]:
    def spoil(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")

    return spoil


def _other_value(folder: Path) -> None:
    frame, meta = pyreadstat.read_sav(str(folder / "answers.sav"))
    frame.loc[frame["s_59"].first_valid_index(), "s_59"] = (
        3 if frame["s_59"].dropna().iloc[0] != 3 else 2
    )
    labels = meta.variable_value_labels
    pyreadstat.write_sav(frame, str(folder / "answers.sav"), variable_value_labels=labels)


def _other_figure(folder: Path) -> None:
    book = openpyxl.load_workbook(folder / "tables.da.xlsx")
    sheet = book["Tabel 4.2"]
    cell = next(c for row in sheet.iter_rows() for c in row if c.value == 45.6)
    cell.value = 46.5
    book.save(folder / "tables.da.xlsx")


def _other_mark(folder: Path) -> None:
    document = docx.Document(str(folder / "tables.da.docx"))
    run = next(
        r for t in document.tables for row in t.rows for c in row.cells
        for p in c.paragraphs for r in p.runs if r.text == "45,6**"
    )  # fmt: skip
    run.text = "45,6*"
    document.save(str(folder / "tables.da.docx"))


MISTAKES = [
    ("codebook", _in_text("codebook.xml", 'name="s_59"', 'name="s_95"')),
    ("codebook", _in_text("codebook.xml", "<catValu>1</catValu>", "<catValu>11</catValu>")),
    ("codebook", _in_text("codebook.xml", "</codeBook>", "")),
    ("data_package", _in_text("datapackage.json", '"name": "numerator"', '"name": "teller"')),
    ("data_package", _in_text("results.csv", "248", "248x")),
    ("answers", _other_value),
    ("crate", _in_text("claims.csv", "holds", "held")),
    ("crate", _in_text("ro-crate-metadata.json", '"datePublished"', '"dateMade"')),
    ("crate", lambda folder: (folder / "models.csv").unlink()),
    ("lineage", _in_text("openlineage.ndjson", '"eventTime"', '"time"')),
    ("lineage", _in_text("openlineage.ndjson", '"field": "n"', '"field": "m"')),
    ("lineage", lambda folder: _drop_last(folder / "openlineage.ndjson")),
    ("workbook", _other_figure),
    ("document", _other_mark),
]


def _drop_last(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")


@pytest.mark.parametrize("name", JUDGES)
def test_what_was_made_is_valid(name: str, packages: Path, wave_2015: PublishedWave) -> None:
    assert name in PARTS
    assert JUDGES[name](packages, wave_2015) == []


@pytest.mark.parametrize(("name", "spoil"), MISTAKES)
def test_a_planted_mistake_is_caught(
    name: str, spoil: Callable[[Path], None], folder: Path, wave_2015: PublishedWave
) -> None:
    if name == "crate":
        # the copy has no charts and pages: only what it lists and is there is looked at
        _only_what_is_there(folder)
        assert JUDGES[name](folder, wave_2015) == []
    if name == "data_package":
        _only_results(folder)
    spoil(folder)
    assert JUDGES[name](folder, wave_2015) != []


def _only_results(folder: Path) -> None:
    """A package of one file takes a tenth of the time, so the tests use one."""
    path = folder / "datapackage.json"
    package = json.loads(path.read_text(encoding="utf-8"))
    package["resources"] = [r for r in package["resources"] if r["path"] == "results.csv"]
    path.write_text(json.dumps(package), encoding="utf-8")
    assert checks.package_problems(folder) == []


def _only_what_is_there(folder: Path) -> None:
    path = folder / "ro-crate-metadata.json"
    crate = json.loads(path.read_text(encoding="utf-8"))
    gone = {
        e["@id"] for e in crate["@graph"]
        if e.get("@type") in ("File", "Dataset") and e["@id"] not in ("./", path.name)
        and not (folder / e["@id"]).exists()
    }  # fmt: skip
    crate["@graph"] = [e for e in crate["@graph"] if e["@id"] not in gone]
    for entity in crate["@graph"]:
        if entity["@id"] == "./":
            entity["hasPart"] = [p for p in entity["hasPart"] if p["@id"] not in gone]
    path.write_text(json.dumps(crate), encoding="utf-8")


def test_the_codebook_is_valid_by_the_official_schema(
    packages: Path, wave_2015: PublishedWave
) -> None:
    if not os.environ.get(checks.SCHEMA):
        pytest.skip(f"{checks.SCHEMA} names no codebook.xsd of DDI-Codebook 2.5")
    assert checks.codebook_problems(packages, answer_table(wave_2015)) == []


def test_publishing_leaves_the_wave_up_to_date(packages: Path) -> None:
    record = json.loads((packages / "run.json").read_text(encoding="utf-8"))
    assert record["output"] == output_digests(packages)
    assert "tables.da.xlsx" in record["output"]


def test_don_t_know_is_never_part_of_the_ramp(packages: Path, wave_2015: PublishedWave) -> None:
    """In every picture with a legend, grey is used for "don't know" and for nothing else."""
    unasked = {name for name, frame in wave_2015.results.items() if frame["value"].isna().all()}
    seen = 0
    for path in sorted((packages / "charts").glob("*.da.svg")):
        text = path.read_text(encoding="utf-8")
        # a question that the wave did not ask has no bars
        asked = path.name.partition(".")[0] not in unasked
        if "Ved ikke" in text and asked:
            assert "#b4b8bb" in text, path.name
            seen += 1
    assert seen > 12


def test_every_label_of_a_chart_is_whole(packages: Path, wave_2015: PublishedWave) -> None:
    seen = 0
    for table in wave_2015.tables:
        paths = sorted((packages / "charts").glob(f"{table.id}[.-]*da.svg"))
        text = " ".join("".join(ET.parse(path).getroot().itertext()) for path in paths)
        squeezed = "".join(text.split())
        assert "…" not in text
        for line in wave_2015.layouts[table.id].lines if paths else ():
            if line.row == "total":
                continue
            assert "".join(line.label.da.split()) in squeezed, (table.id, line.label.da)
            seen += 1
    assert seen > 200


def test_a_wave_whose_lines_are_held_back_hands_on_no_answers(
    wave_2015: PublishedWave, tmp_path: Path
) -> None:
    from publishing.handover.codebook import write_codebook

    held = PublishedWave(
        wave_2015.study, wave_2015.sheet,
        {k: v for k, v in wave_2015.relations.items() if k[0] not in ("answers", "clean")},
    )  # fmt: skip
    assert answer_table(held) is None
    write_codebook(held, None, tmp_path)
    assert checks.codebook_problems(tmp_path, None) == []
