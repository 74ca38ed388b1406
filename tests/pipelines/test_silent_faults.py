"""Former silent faults: each figure equals that of pandas, or the fault is reported."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from assets.raw.readers.structure_guess import box_sets, guess_structure
from tests.drafting import Computed, computed
from tests.foreign import STRUCTURE, tables, write_tables

# the process is tested with the readers
pytestmark = pytest.mark.usefixtures("sav_in_process")
RNG = range(60)


def boxes_sav(
    path: Path, columns: Mapping[str, Sequence[Any]], texts: list[str], labels: Any
) -> Path:
    frame = pd.DataFrame(dict(columns))
    pyreadstat.write_sav(frame, str(path), column_labels=[*texts], variable_value_labels=labels)
    return path


TEXTS = {
    "dash": "Hvem samarbejder I med? - {}",
    "colon": "Hvem samarbejder I med: {}",
    "brackets first": "[{}] Hvem samarbejder I med?",
    "brackets last": "Hvem samarbejder I med? [{}]",
    "choice first": "{} - Hvem samarbejder I med?",
    "bar": "Hvem samarbejder I med? | {}",
}
NAMES = {
    "letters": ["q5a", "q5b", "q5c", "q5d"],
    "numbers": ["q5_1", "q5_2", "q5_3", "q5_4"],
    "words": ["forening", "borger", "kirke", "andre"],
    "brackets": ["q5(1)", "q5(2)", "q5(3)", "q5(4)"],
}
CHOICES = ["Foreninger", "Borgere - enkeltpersoner", "Kirker (alle)", "Andre: firmaer, fonde"]


def ticks(number: int, codes: list[int] | None = None) -> list[float | None]:
    """A box that some ticked. If it holds its own code, empty means not ticked."""
    if codes:
        return [float(codes[0]) if n % (number + 2) == 0 else None for n in RNG]
    return [1.0 if n % (number + 2) == 0 else 0.0 for n in RNG]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("names", NAMES)
def test_texts_of_boxes_are_parted_by_what_neighbours_share(text: str, names: str) -> None:
    texts = dict(zip(NAMES[names], map(TEXTS[text].format, CHOICES), strict=True))
    codes = {name: ["0", "1"] for name in texts}
    columns = ["x", *texts, "y"]
    rows = guess_structure(columns, codes, texts, box_sets(columns, codes, texts))
    assert [row[6] for row in rows[1:-1]] == CHOICES
    assert {row[3] for row in rows[1:-1]} == {"Multiple"}
    assert len({row[0] for row in rows[1:-1]}) == 1


@pytest.mark.parametrize(
    ("text", "names", "coding"),
    [("dash", "words", "0 and 1"), ("brackets first", "letters", "own code"),
     ("colon", "numbers", "1 alone"), ("choice first", "words", "own code")],
)  # fmt: skip
def test_tick_boxes_are_one_question_of_one_base(
    tmp_path: Path, text: str, names: str, coding: str
) -> None:
    own = {"own code": True, "1 alone": True}.get(coding, False)
    columns, labels = {}, {}
    for place, name in enumerate(NAMES[names]):
        code = place + 1 if coding == "own code" else 1
        columns[name] = ticks(place, [code] if own else None)
        labels[name] = {code: "Valgt"} if own else {0: "Ikke valgt", 1: "Valgt"}
    texts = [TEXTS[text].format(choice) for choice in CHOICES]
    found = computed(boxes_sav(tmp_path / "a.sav", columns, texts, labels), tmp_path)
    (question,) = found.study.questions
    assert question.type == "multiple"
    assert question.label.da.startswith("Hvem samarbejder I med")
    assert [item.label.da for item in question.items] == CHOICES
    raw = pd.DataFrame(columns)
    base = int((raw.fillna(0) != 0).any(axis=1).sum())
    for name in columns:
        assert found.counts[(name, "1")] == int((raw[name].fillna(0) != 0).sum())
        assert found.bases[name] == base
    assert ("that hold" in found.notes) == (coding == "own code")


def with_sets(path: Path, definition: str, kind: int = 7) -> Path:
    """A .sav file with a record of multiple-response sets before the end of its dictionary."""
    content = path.read_bytes()
    end = content.index(struct.pack("<ii", 999, 0))
    text = definition.encode()
    record = struct.pack("<iiii", 7, kind, 1, len(text)) + text
    path.write_bytes(content[:end] + record + content[end:])
    return path


@pytest.mark.parametrize("kind", [7, 19])
def test_a_multiple_response_set_of_the_file_decides(tmp_path: Path, kind: int) -> None:
    columns: dict[str, list[Any]] = {
        "alpha": [1.0 if n % 2 else 2.0 for n in RNG],
        "beta": [1.0 if n % 3 == 0 else 2.0 for n in RNG],
        "other": [1.0 if n % 5 == 0 else 2.0 for n in RNG],
    }
    labels = {name: {1: "Yes", 2: "No"} for name in columns}
    path = boxes_sav(tmp_path / "a.sav", columns, ["Radio", "Papers", "Own a car"], labels)
    label = "Which media"
    head = f"$media={'D' if kind == 7 else 'E 1 '}"
    with_sets(path, f"{head}1 1 {len(label)} {label} alpha beta\n", kind)
    found = computed(path, tmp_path)
    kinds = {q.id: (q.type, len(q.items)) for q in found.study.questions}
    assert kinds == {"media": ("multiple", 2), "other": ("single", 1)}
    raw = pd.DataFrame(columns)
    assert found.counts[("alpha", "1")] == int((raw["alpha"] == 1).sum())
    assert found.bases["beta"] == int((raw[["alpha", "beta"]] == 1).any(axis=1).sum())
    assert found.counts[("other", "2")] == int((raw["other"] == 2).sum())


def test_a_weight_in_the_header_is_reported(tmp_path: Path) -> None:
    columns = {"q": [1.0, 2.0] * 5, "weight_of_case": [0.5, 1.5] * 5}
    path = boxes_sav(tmp_path / "a.sav", columns, ["Q", "W"], {"q": {1: "A", 2: "B"}})
    content = bytearray(path.read_bytes())
    content[76:80] = struct.pack("<i", 2)
    path.write_bytes(bytes(content))
    found = computed(path, tmp_path)
    assert "the file weights by weight_of_case" in found.notes
    assert any("weights by weight_of_case" in line for line in found.check.lines)


SPECIAL = {
    "999 on an age": (
        [float(18 + n % 50) for n in range(55)] + [999.0] * 5, {999: "Vil ikke svare"},
    ),
    "-9 and -8 on hours": (
        [n % 40 + 0.5 for n in range(50)] + [-9.0] * 6 + [-8.0] * 4,
        {-9: "Refused", -8: "Don't know"},
    ),
    "98 on a number": ([float(n % 45) for n in range(57)] + [98.0] * 3, {98: "Ved ikke"}),
}  # fmt: skip


@pytest.mark.parametrize("case", SPECIAL)
@pytest.mark.parametrize("form", ["sav", "delimited", "excel"])
def test_labelled_special_codes_never_enter_a_mean(tmp_path: Path, case: str, form: str) -> None:
    values, labels = SPECIAL[case]
    given = numbers_export(tmp_path / form, form, values, labels)
    found = computed(given, tmp_path)
    (item,) = [item for item in found.study.items.values() if item.variable == "tal"]
    assert item.type == "numeric"
    assert {(code.code, code.missing) for code in item.special} == {(c, True) for c in labels}
    valid = pd.Series([v for v in values if v not in labels])
    assert pd.Series(found.numbers("tal")).mean() == pytest.approx(valid.mean())
    assert len(found.numbers("tal")) == len(valid)
    assert found.outcome.answers["rule"].isna().all()


@pytest.mark.parametrize("form", ["sav", "delimited", "excel"])
def test_a_special_code_of_a_scale_is_missing_and_counted(tmp_path: Path, form: str) -> None:
    values = [float(1 + n % 5) for n in range(50)] + [9.0] * 7 + [-1.0] * 3
    labels = {1: "Helt enig", 5: "Helt uenig", 9: "Ved ikke", -1: "Refused"}
    given = numbers_export(tmp_path / form, form, values, labels)
    found = computed(given, tmp_path)
    (item,) = [item for item in found.study.items.values() if item.variable == "tal"]
    assert [code.code for code in item.scale if not code.missing] == [1, 2, 3, 4, 5]
    assert {code.code for code in item.scale if code.missing} == {9, -1}
    for code, n in pd.Series(values).value_counts().items():
        assert found.counts[("tal", str(int(str(code).split(".")[0])))] == n


def numbers_export(folder: Path, form: str, values: list[float], labels: dict[int, str]) -> Path:
    folder.mkdir(parents=True)
    if form == "sav":
        return boxes_sav(folder / "a.sav", {"tal": values}, ["Tal"], {"tal": labels})
    texts = [str(int(v)) if v == int(v) else str(v) for v in values]
    rows = [[str(c) for c in line] for line in ([("tal", c, t) for c, t in labels.items()])]
    data = [["nr", "tal"], *([f"r{n}", t] for n, t in enumerate(texts))]
    structure = [list(STRUCTURE), ["nr", "nr", "Open", "String", "Nr", "", ""],
                 ["tal", "tal", "Closed", "Single", "Tal", "", ""]]  # fmt: skip
    if form == "delimited":
        return write_tables(folder, (data, structure, rows))
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in (("Dataset", data), ("Labels", rows), ("Structure", structure)):
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(folder / "a.xlsx")
    return folder / "a.xlsx"


@pytest.mark.parametrize("encoding", ["cp850", "cp865", "mac-roman", "utf-8-sig", "utf-16"])
def test_texts_are_words_in_whatever_encoding(
    tmp_path: Path, unchanged: Computed, encoding: str
) -> None:
    found = computed(write_tables(tmp_path / "download", tables(), ";", encoding), tmp_path)
    labels = [q.label.da for q in unchanged.study.questions]
    assert [q.label.da for q in found.study.questions] == labels
    assert found.counts == unchanged.counts
    told = "read as" in found.notes
    assert told == (encoding in ("cp850", "cp865", "mac-roman"))
    assert told == any("[reading]" in line for line in found.check.lines)


@pytest.mark.parametrize("encoding", ["cp850", "cp437", "cp865", "mac-roman"])
def test_a_named_encoding_is_taken(tmp_path: Path, encoding: str) -> None:
    data, structure, labels = tables()
    for lines in (data, structure, labels):
        for row in lines:
            row[:] = [cell.replace("ø", "o").replace("å", "a") for cell in row]
    given = write_tables(tmp_path / "d", (data, structure, labels), ";", encoding)
    found = computed(given, tmp_path, encoding=encoding)
    assert "æ" in str(list(found.outcome.answers["value"]))


@pytest.mark.parametrize(
    ("header", "content"), [("WINDOWS-1252", "utf-8"), ("UTF-8", "cp1252"), ("UTF-8", "cp850")]
)
def test_a_sav_whose_bytes_are_not_what_its_header_says(
    tmp_path: Path, header: str, content: str
) -> None:
    path = sav_in(tmp_path / "a.sav", header, content)
    found = computed(path, tmp_path)
    (question,) = found.study.questions
    assert question.label.da == "Hvor bor du på Ærø?"
    assert [code.label.da for code in question.items[0].scale] == ["Små øer", "Århus"]
    assert "expected" in found.notes
    again = computed(path, tmp_path / "told", encoding=content)
    assert [q.label.da for q in again.study.questions] == ["Hvor bor du på Ærø?"]


def sav_in(path: Path, header: str, content: str) -> Path:
    """A .sav whose texts are in one encoding and whose header names another.

    The file is written in UTF-8 with letters of two bytes. Each is then replaced by a letter of one
    byte and a blank.
    """
    frame = pd.DataFrame({"q": [1.0, 2.0, 1.0]})
    pyreadstat.write_sav(frame, str(path), column_labels=["Hvor bor du på Ærø?"],
                         variable_value_labels={"q": {1: "Små øer", 2: "Århus"}})  # fmt: skip
    raw = path.read_bytes()
    if content != "utf-8":
        for text in ("Hvor bor du på Ærø?", "Små øer", "Århus"):
            old, new = text.encode(), text.encode(content)
            raw = raw.replace(old, new + b" " * (len(old) - len(new)))
    if header != "UTF-8":
        old = struct.pack("<iiii", 7, 20, 1, 5) + b"UTF-8"
        assert old in raw
        raw = raw.replace(old, struct.pack("<iiii", 7, 20, 1, len(header)) + header.encode())
    path.write_bytes(raw)
    return path


def test_letters_of_utf8_in_a_workbook_are_decoded_again(tmp_path: Path) -> None:
    data, structure, labels = tables()
    wrong = [[c.encode().decode("latin-1") for c in row] for row in structure]
    assert wrong != structure
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in (("Dataset", data), ("Labels", labels), ("Structure", wrong)):
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    found = computed(tmp_path / "a.xlsx", tmp_path)
    assert found.study.items["s_2"].label.da == "Hvilken linje går du på?"
    assert "decoded again" in found.notes


HEADINGS = {
    "renamed": lambda s: s[0].__setitem__(4, "Spørgsmålets ordlyd"),
    "another word": lambda s: s[0].__setitem__(1, "Variabelnavn"),
    "blanks and capitals": lambda s: s[0].__setitem__(4, "QUESTION TEXT"),
    "no headings at all": lambda s: s.pop(0),
    "in another order": lambda s: [row.insert(0, row.pop(4)) for row in s],
    "surplus fields": lambda s: [row.append("") for row in s[1:]],
}


@pytest.mark.parametrize("case", HEADINGS)
def test_a_structure_half_read_keeps_its_texts(
    tmp_path: Path, unchanged: Computed, case: str
) -> None:
    data, structure, labels = tables()
    HEADINGS[case](structure)
    given = write_tables(tmp_path / "given", (data, structure, labels))
    found = computed(given, tmp_path / "x")
    assert [q.label.da for q in found.study.questions] == [
        q.label.da for q in unchanged.study.questions
    ]
    assert found.counts == unchanged.counts
    told = case not in ("blanks and capitals", "in another order")
    assert any("[reading]" in line for line in found.check.lines) == told
    assert ("structure.csv: " in found.notes) == told


def test_a_missing_heading_is_reported(tmp_path: Path) -> None:
    data, structure, labels = tables()
    for row in structure:
        del row[4]
    found = computed(write_tables(tmp_path / "given", (data, structure, labels)), tmp_path / "x")
    assert "no heading questionText" in found.notes
    assert any("no heading questionText" in line for line in found.check.lines)


def test_a_second_byte_order_mark_is_left_out(tmp_path: Path, unchanged: Computed) -> None:
    data, structure, labels = tables()
    given = write_tables(tmp_path / "given", (data, structure, labels), ";", "utf-8")
    for path in given.iterdir():
        path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf" + path.read_bytes())
    found = computed(given, tmp_path / "x")
    assert found.study.items["v_1_1"].variable == "v_1_1"
    assert "a second byte-order mark" in found.notes
    assert found.counts == unchanged.counts


@pytest.mark.parametrize("form", ["NFD", "no-break", "soft hyphen"])
def test_names_and_labels_that_look_alike_are_the_same(
    tmp_path: Path, unchanged: Computed, form: str
) -> None:
    def other(text: str) -> str:
        if form == "NFD":
            return unicodedata.normalize("NFD", text)
        return text.replace(" ", "\u00a0 ") if form == "no-break" else text.replace("e", "e\u00ad")

    data, structure, labels = tables()
    data[0] = [name if name.startswith("stato") else other(name) for name in data[0]]
    for row in structure[1:]:
        row[4] = other(row[4])
    for row in labels:
        row[2] = other(row[2])
    given = write_tables(tmp_path / "given", (data, structure, labels), ";", "utf-8")
    found = computed(given, tmp_path / "x")
    assert [q.label.da for q in found.study.questions] == [
        q.label.da for q in unchanged.study.questions
    ]
    assert sorted(found.counts.values()) == sorted(unchanged.counts.values())


def test_a_closed_column_of_one_code_is_reported(tmp_path: Path) -> None:
    frame: dict[str, list[Any]] = {"bil": [1.0, None] * 10, "by": [1.0, 2.0] * 10}
    path = boxes_sav(tmp_path / "a.sav", frame, ["Har bil", "By"],
                     {"bil": {1: "Ja"}, "by": {1: "A", 2: "B"}})  # fmt: skip
    found = computed(path, tmp_path)
    assert "bil" in found.notes
    assert any("one answer" in line and "bil" in line for line in found.check.lines)


def test_a_label_of_a_sav_is_reported_by_its_variable_and_on_no_line(tmp_path: Path) -> None:
    labels = {"by": {1: "A", 2: "B"}}
    path = boxes_sav(tmp_path / "a.sav", {"by": [1.0, 2.0] * 10}, ["By"], labels)
    found = computed(path, tmp_path)
    wave = found.drafted.folder / "waves" / "1" / "export.sav"
    boxes_sav(wave, {"by": [1.0, 2.0] * 10}, ["By"], {"by": {1: "A", 3: "C"}})
    told = [line.strip() for line in found.check.lines if "[label_code]" in line]
    assert told[0].startswith("export.sav, column by: found '3'")
    assert not any("row" in line for line in told)
