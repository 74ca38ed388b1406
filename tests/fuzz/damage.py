"""Kinds of damage: what a person, a program or a cable does to an export.

Each kind changes a wave before it is written, or its bytes, and declares the required outcome:

- SAME: no difference may be seen; all tables stay as they were
- TOLD: a message, a finding or a line of the quarantine must name the file
- DATA: other well-formed data; the tables change exactly as a recount of the file says
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.fuzz.study import FLAGS, Wave
from tests.fuzz.writing import Files, rezipped

SAME, TOLD, DATA = "same", "told", "data"
DELIMITED, EXCEL, SPSS = "delimited", "excel", "spss"
TEXTUAL = (DELIMITED, EXCEL)
EVERY = (DELIMITED, EXCEL, SPSS)
T = TypeVar("T")


class Pick:
    """Choices from a source of whole numbers: `number(n)` is one from 0 to n - 1."""

    def __init__(self, number: Callable[[int], int]) -> None:
        self.number = number

    def of(self, options: Sequence[T]) -> T:
        """One of them."""
        return options[self.number(len(options))]

    def cell(self, wave: Wave, columns: Sequence[str], filled: bool = False) -> tuple[int, int]:
        """A row and the place of one of the columns that are (still) there; -1 for none."""
        there = [name for name in columns if wave.at(name) >= 0]
        if not there or not wave.rows:
            return -1, -1
        place = wave.at(self.of(there))
        rows = [
            at
            for at, row in enumerate(wave.rows)
            if len(row) > place and (row[place] or not filled)
        ]
        return (self.of(rows), place) if rows else (-1, -1)


@dataclass(frozen=True)
class Kind:
    """A kind of damage. `erases` says that it may undo another one of the same case."""

    name: str
    expects: str
    forms: tuple[str, ...]
    erases: bool
    to_wave: Callable[[Wave, Pick], None] | None = None
    to_files: Callable[[Files, Wave, Pick], None] | None = None


KINDS: dict[str, Kind] = {}
F = TypeVar("F", bound=Callable[..., None])


def wave_damage(expects: str, forms: tuple[str, ...] = EVERY, erases: bool = False) -> Any:
    """Register a change of the wave before it is written."""

    def register(function: F) -> F:
        name = function.__name__
        KINDS[name] = Kind(name, expects, forms, erases, to_wave=function)
        return function

    return register


def file_damage(expects: str, forms: tuple[str, ...] = (DELIMITED,), erases: bool = True) -> Any:
    """Register a change of the bytes."""

    def register(function: F) -> F:
        name = function.__name__
        KINDS[name] = Kind(name, expects, forms, erases, to_files=function)
        return function

    return register


class NotHereError(Exception):
    """The damage does not fit this wave, because earlier damage removed what it needs."""


def put(wave: Wave, pick: Pick, columns: Sequence[str], text: str, filled: bool = False) -> None:
    """Write a text into one of the cells."""
    row, place = pick.cell(wave, columns, filled)
    if row < 0:
        raise NotHereError
    wave.rows[row][place] = text


# Answers ------------------------------------------------------------------------------------


@wave_damage(TOLD)
def undeclared_code(wave: Wave, pick: Pick) -> None:
    row, place = pick.cell(wave, tuple(wave.names.codes))
    if row < 0:
        raise NotHereError
    known = wave.names.codes[wave.header[place]]
    codes = [code for code in ("7", "-1", "99", "4", "54") if code not in known]
    wave.rows[row][place] = pick.of(codes)


@wave_damage(TOLD, TEXTUAL)
def text_in_a_code(wave: Wave, pick: Pick) -> None:
    put(
        wave,
        pick,
        tuple(wave.names.codes),
        pick.of(("ja", "N/A", "#N/A", "1;2", "1 2", "-", "é", "1a")),
    )


@wave_damage(TOLD, TEXTUAL)
def a_code_written_otherwise(wave: Wave, pick: Pick) -> None:
    texts = ("01", "1,0", "+1", "1e0", "1.", "１", "١", "¹", "0x1", "1.5", "1'", "²", "1.000")
    put(wave, pick, tuple(wave.names.codes), pick.of(texts))
    if wave.kind == DELIMITED and wave.encoding == "cp1252":
        wave.encoding = "utf-8"


@wave_damage(TOLD, TEXTUAL)
def a_date_in_a_code(wave: Wave, pick: Pick) -> None:
    put(
        wave,
        pick,
        (*wave.names.codes, *wave.names.numbers),
        pick.of(("2015-01-01", "1. jan", "01-02-2015", "43831.5x")),
    )


@wave_damage(TOLD, TEXTUAL)
def a_formula_in_a_code(wave: Wave, pick: Pick) -> None:
    put(
        wave,
        pick,
        (*wave.names.codes, *wave.names.numbers),
        pick.of(("=1+1", "=A1", "@SUM(1)", "+1+1", "=1")),
    )


@wave_damage(TOLD, TEXTUAL)
def markup_in_a_code(wave: Wave, pick: Pick) -> None:
    put(
        wave,
        pick,
        (*wave.names.codes, *wave.names.numbers),
        pick.of(("<b>1</b>", "[1](x)", "|1|", "`1`", "**1**")),
    )


@wave_damage(TOLD, TEXTUAL)
def a_negative_number(wave: Wave, pick: Pick) -> None:
    put(wave, pick, wave.names.numbers, pick.of(("-3", "-0,5", "−3", "(3)")))
    if wave.kind == DELIMITED and wave.encoding == "cp1252":
        wave.encoding = "utf-8"


@wave_damage(TOLD, TEXTUAL)
def a_number_written_otherwise(wave: Wave, pick: Pick) -> None:
    texts = (
        "1e3", "1 000", "1.000,5", "3 stk.", "ca. 3", "½", "inf", "nan", "9" * 13, "1..2", ",5",
        "1.000", "1,000", "12.500", "1.234,5", "1 234",
    )  # fmt: skip
    put(wave, pick, wave.names.numbers, pick.of(texts))


@wave_damage(SAME, TEXTUAL)
def a_code_with_a_decimal(wave: Wave, pick: Pick) -> None:
    row, place = pick.cell(wave, tuple(wave.names.codes), filled=True)
    if row < 0:
        raise NotHereError
    text = wave.rows[row][place]
    if text.isdecimal():
        wave.rows[row][place] = text + pick.of((".0", ".00"))


@wave_damage(SAME, TEXTUAL)
def blanks_around(wave: Wave, pick: Pick) -> None:
    row, place = pick.cell(
        wave,
        [*wave.names.codes, *wave.names.numbers, wave.names.identifier, wave.names.place, *FLAGS],
        filled=True,
    )
    if row < 0:
        raise NotHereError
    blank = pick.of((" ", "  ", "\u00a0", "\t", "\n"))
    wave.rows[row][place] = pick.of((blank, "")) + wave.rows[row][place] + blank


@wave_damage(DATA, erases=True)
def another_declared_code(wave: Wave, pick: Pick) -> None:
    row, place = pick.cell(wave, tuple(wave.names.codes))
    if row < 0:
        raise NotHereError
    wave.rows[row][place] = pick.of(wave.names.codes[wave.header[place]])


@wave_damage(DATA, erases=True)
def an_answer_cleared(wave: Wave, pick: Pick) -> None:
    put(wave, pick, (*wave.names.codes, *wave.names.numbers, *wave.names.opens), "", filled=True)


@wave_damage(DATA, TEXTUAL, erases=True)
def another_number(wave: Wave, pick: Pick) -> None:
    put(wave, pick, wave.names.numbers, pick.of(("0", "17", "3,5", "3.25", "000", "0,0")))


@wave_damage(DATA, TEXTUAL)
def another_text(wave: Wave, pick: Pick) -> None:
    texts = (
        "=1+1", "@x", "<script>alert(1)</script>", "skole|kultur", "Skole\r\nog\nKULTUR",
        "a;b,c\td", '"', "''", "x" * 5_000, "-3", " ", "skolevej", "KULTURSKOLE",
        "\u00a0skole", "%s{}\\n",
    )  # fmt: skip
    put(wave, pick, wave.names.opens, pick.of(texts))


@wave_damage(DATA, (DELIMITED,))
def characters_without_a_shape(wave: Wave, pick: Pick) -> None:
    text = pick.of(
        ("\x1b[2J", "\x07", "\u202eskole", "\u200b", "\ufeffskole", "\x85kultur", "\x0c")
    )
    put(wave, pick, wave.names.opens, text)
    if wave.encoding == "cp1252":
        wave.encoding = "utf-8"


@wave_damage(TOLD, (DELIMITED,))
def a_cell_without_end(wave: Wave, pick: Pick) -> None:
    put(wave, pick, wave.names.opens, "x" * 1_100_000)


@wave_damage(TOLD)
def an_exclusive_answer_with_another(wave: Wave, pick: Pick) -> None:
    *others, alone = wave.names.boxes
    row, place = pick.cell(wave, others)
    if row < 0 or wave.at(alone) < 0:
        raise NotHereError
    wave.rows[row][place] = wave.rows[row][wave.at(alone)] = "1"


# Lines --------------------------------------------------------------------------------------


def a_row(wave: Wave, pick: Pick) -> int:
    """The place of a row."""
    if not wave.rows:
        raise NotHereError
    return pick.number(len(wave.rows))


@wave_damage(TOLD)
def a_line_twice(wave: Wave, pick: Pick) -> None:
    row = a_row(wave, pick)
    wave.rows.insert(pick.number(len(wave.rows) + 1), list(wave.rows[row]))


@wave_damage(TOLD)
def a_respondent_twice(wave: Wave, pick: Pick) -> None:
    place, one, other = wave.at(wave.names.identifier), a_row(wave, pick), a_row(wave, pick)
    if place < 0 or one == other:
        raise NotHereError
    wave.rows[one][place] = wave.rows[other][place]


@wave_damage(TOLD)
def no_identifier(wave: Wave, pick: Pick) -> None:
    put(wave, pick, (wave.names.identifier,), pick.of(("", " ")))


@wave_damage(DATA, erases=True)
def lines_lost(wave: Wave, pick: Pick) -> None:
    for _ in range(1 + pick.number(3)):
        if len(wave.rows) > 1:
            del wave.rows[a_row(wave, pick)]


@wave_damage(SAME)
def lines_in_another_order(wave: Wave, pick: Pick) -> None:
    cut = a_row(wave, pick)
    wave.rows[:] = wave.rows[cut:] + wave.rows[:cut]
    if pick.number(2):
        wave.rows.reverse()


@wave_damage(TOLD, TEXTUAL)
def a_line_shifted(wave: Wave, pick: Pick) -> None:
    row, start = a_row(wave, pick), pick.number(5)
    cells = wave.rows[row]
    wave.rows[row] = [*cells[:start], "x", *cells[start:-1]]


@wave_damage(TOLD, (DELIMITED,))
def a_line_of_another_width(wave: Wave, pick: Pick) -> None:
    row = a_row(wave, pick)
    cells = wave.rows[row]
    at = pick.number(len(cells))
    wave.rows[row] = pick.of(([*cells, "x"], cells[:-1], [*cells[:at], "", *cells[at:]]))


@wave_damage(TOLD, TEXTUAL)
def a_line_of_nothing(wave: Wave, pick: Pick) -> None:
    wave.rows.insert(pick.number(max(len(wave.rows), 1)), [""] * len(wave.header))


@wave_damage(TOLD, TEXTUAL)
def the_header_again(wave: Wave, pick: Pick) -> None:
    wave.rows.insert(pick.number(len(wave.rows) + 1), list(wave.header))


@wave_damage(TOLD)
def two_flags(wave: Wave, pick: Pick) -> None:
    row, place = pick.cell(wave, FLAGS)
    if row < 0:
        raise NotHereError
    wave.rows[row][place] = "0" if wave.rows[row][place] == "1" else "1"


@wave_damage(DATA, erases=True)
def another_status(wave: Wave, pick: Pick) -> None:
    row = a_row(wave, pick)
    flag = pick.of(FLAGS)
    for name in FLAGS:
        if wave.at(name) < 0:
            raise NotHereError
        wave.rows[row][wave.at(name)] = str(int(name == flag))


@wave_damage(TOLD)
def an_unknown_municipality(wave: Wave, pick: Pick) -> None:
    names = ("Atlantis", "", "skive", "Skive Kommune", "Ringkøbing Skjern", "Kogè", "Læsø?")
    put(wave, pick, (wave.names.place,), pick.of(names))


@wave_damage(DATA, erases=True)
def another_municipality(wave: Wave, pick: Pick) -> None:
    put(wave, pick, (wave.names.place,), pick.of(wave.names.places))


# Columns ------------------------------------------------------------------------------------


def a_column(wave: Wave, pick: Pick) -> int:
    """The place of a column."""
    if not wave.header:
        raise NotHereError
    return pick.number(len(wave.header))


def even(wave: Wave) -> None:
    """Columns can be moved only if all lines have them."""
    if any(len(row) != len(wave.header) for row in wave.rows):
        raise NotHereError


@wave_damage(TOLD, erases=True)
def a_column_lost(wave: Wave, pick: Pick) -> None:
    even(wave)
    place = a_column(wave, pick)
    for line in (wave.header, *wave.rows):
        del line[place]


@wave_damage(TOLD)
def a_column_more(wave: Wave, pick: Pick) -> None:
    even(wave)
    place = a_column(wave, pick)
    wave.header.insert(place, pick.of(("s_99", "note", "use_2", "X")))
    for row in wave.rows:
        row.insert(place, pick.of(("", "1", "x")) if wave.kind != SPSS else "x")


@wave_damage(TOLD, TEXTUAL)
def a_column_renamed(wave: Wave, pick: Pick) -> None:
    place = a_column(wave, pick)
    name = wave.header[place]
    # the Excel reader takes blanks around a name away
    names = [
        f"{name}_x",
        name.upper(),
        f"{name}\u200b",
        name[:-1] + "\u0455",
        name + ";",
        name * 99,
    ]
    names += [f" {name}", f"{name}\u00a0"] if wave.kind == DELIMITED else []
    wave.header[place] = pick.of(names)
    if wave.kind == DELIMITED and wave.encoding == "cp1252":
        wave.encoding = "utf-8"


@wave_damage(TOLD, TEXTUAL)
def a_column_name_that_is_none(wave: Wave, pick: Pick) -> None:
    names = ("", " ", "file_row", "FILE_ROW", "../../x", "=1+1", "<b>", "a\nb", "status", "id; --")
    wave.header[a_column(wave, pick)] = pick.of(names)


@wave_damage(TOLD, TEXTUAL)
def a_column_name_twice(wave: Wave, pick: Pick) -> None:
    one, other = a_column(wave, pick), a_column(wave, pick)
    if one == other:
        raise NotHereError
    name = wave.header[one]
    wave.header[other] = pick.of((name, name.upper()))


@wave_damage(SAME)
def columns_in_another_order(wave: Wave, pick: Pick) -> None:
    even(wave)
    one, other = a_column(wave, pick), a_column(wave, pick)
    for line in (wave.header, *wave.rows):
        line[one], line[other] = line[other], line[one]


@wave_damage(DATA, TEXTUAL, erases=True)
def column_names_exchanged(wave: Wave, pick: Pick) -> None:
    one, other = a_column(wave, pick), a_column(wave, pick)
    wave.header[one], wave.header[other] = wave.header[other], wave.header[one]


@wave_damage(TOLD, (DELIMITED,), erases=True)
def no_header(wave: Wave, pick: Pick) -> None:
    if len(wave.rows) < 2:
        raise NotHereError
    wave.header = wave.rows.pop(0)


@wave_damage(TOLD, TEXTUAL, erases=True)
def a_title_above(wave: Wave, pick: Pick) -> None:
    wave.rows.insert(0, wave.header)
    title = pick.of(("Survey 2015", "x"))
    wave.header = [title] + ([""] * (len(wave.header) - 1) if pick.number(2) else [])
    if wave.kind == EXCEL:
        wave.header = [title]


@wave_damage(TOLD, erases=True)
def only_the_header(wave: Wave, pick: Pick) -> None:
    wave.rows.clear()


# Labels and structure -------------------------------------------------------------------------


def a_label(wave: Wave, pick: Pick) -> int:
    """The place of a label of a declared variable."""
    own = [at for at, line in enumerate(wave.labels) if line[0] in wave.names.codes]
    if not own:
        raise NotHereError
    return pick.of(own)


@wave_damage(TOLD)
def a_label_lost(wave: Wave, pick: Pick) -> None:
    del wave.labels[a_label(wave, pick)]


@wave_damage(TOLD)
def a_label_more(wave: Wave, pick: Pick) -> None:
    wave.labels.append([pick.of(tuple(wave.names.codes)), pick.of(("8", "17")), "Andet"])


@wave_damage(TOLD)
def labels_exchanged(wave: Wave, pick: Pick) -> None:
    name = pick.of(wave.names.scaled)
    own = [line for line in wave.labels if line[0] == name]
    if len(own) < 2:
        raise NotHereError
    one, other = own[0], own[1]
    one[2], other[2] = other[2], one[2]


@wave_damage(SAME, TEXTUAL)
def a_label_worded_otherwise(wave: Wave, pick: Pick) -> None:
    texts = ("", " ", "=1+1", "<img src=x>", "a|b\nc", "Ja, nogle gange", "../../x", "x" * 3_000)
    wave.labels[a_label(wave, pick)][2] = pick.of(texts)


@wave_damage(TOLD, TEXTUAL)
def choices_exchanged(wave: Wave, pick: Pick) -> None:
    named = {line[1]: line for line in wave.structure}
    if any(box not in named for box in wave.names.boxes):
        raise NotHereError
    start = pick.number(len(wave.names.boxes) - 1)
    one, other = (named[box] for box in wave.names.boxes[start : start + 2])
    one[6], other[6] = other[6], one[6]


@wave_damage(TOLD)
def a_flag_that_is_none(wave: Wave, pick: Pick) -> None:
    put(wave, pick, FLAGS, pick.of(("", "2", "-1", "9")))


@wave_damage(SAME, TEXTUAL, erases=True)
def a_structure_of_something_else(wave: Wave, pick: Pick) -> None:
    place = pick.number(len(wave.structure) - 1) + 1 if len(wave.structure) > 1 else 0
    what = pick.number(3)
    if what == 0 and len(wave.structure) > 2:
        del wave.structure[place]
    elif what == 1:
        wave.structure[place][4] = pick.of(("", "=1+1", "<b>", "a\nb"))
    else:
        wave.structure[place][1] = "x" + wave.structure[place][1]


# The register -------------------------------------------------------------------------------


@wave_damage(TOLD)
def a_register_with_a_fault(wave: Wave, pick: Pick) -> None:
    rows, at = wave.register, wave.names.register
    if len(rows) != len(wave.names.places) + 1:
        raise NotHereError
    line, what = rows[1 + pick.number(len(rows) - 1)], pick.number(7)
    if what == 0:
        line[at["population"]] = pick.of(("mange", "", "6.300.000x", "nan", "inf", "1e3", "58.000"))
    elif what == 1:
        line[at["region"]] = pick.of(("", "Skåne", "sjælland"))
    elif what == 2:
        line[at[pick.of(("code", "name"))]] = ""
    elif what == 3:
        rows.append(list(line))
    elif what == 4:
        rows[0][pick.of(list(at.values()))] = "x"
    elif what == 5:
        rows.remove(line)
    else:
        line.append("x")


@wave_damage(DATA)
def a_register_with_other_numbers(wave: Wave, pick: Pick) -> None:
    if len(wave.register) < 2 or len(wave.register[-1]) < 4:
        raise NotHereError
    line = wave.register[1 + pick.number(len(wave.register) - 1)]
    line[wave.names.register["population"]] = pick.of(("10", "49999", "50000"))


# The way it is written --------------------------------------------------------------------------


@wave_damage(SAME, (DELIMITED,))
def other_line_ends(wave: Wave, pick: Pick) -> None:
    wave.ending = pick.of(("\r\n", "\r"))


@wave_damage(SAME, (DELIMITED,))
def everything_quoted(wave: Wave, pick: Pick) -> None:
    wave.quote_all = True


@wave_damage(SAME, (DELIMITED,))
def another_delimiter_detected(wave: Wave, pick: Pick) -> None:
    wave.delimiter = pick.of((";", ",", "\t"))
    wave.told = ("auto", wave.told[1] if wave.told else wave.encoding)


@wave_damage(SAME, (DELIMITED,))
def another_encoding_declared(wave: Wave, pick: Pick) -> None:
    wave.encoding = pick.of(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"))
    wave.told = (wave.told[0] if wave.told else wave.delimiter, wave.encoding)


@wave_damage(SAME, (DELIMITED,))
def another_encoding_detected(wave: Wave, pick: Pick) -> None:
    wave.encoding = pick.of(("utf-8", "utf-8-sig", "utf-16", "cp1252"))
    wave.told = (wave.told[0] if wave.told else wave.delimiter, "auto")


@wave_damage(TOLD, (DELIMITED,))
def another_delimiter_than_declared(wave: Wave, pick: Pick) -> None:
    declared = wave.delimiter
    wave.delimiter = pick.of([d for d in (";", ",", "\t") if d != declared])
    wave.told = (declared, wave.told[1] if wave.told else wave.encoding)


@wave_damage(TOLD, (DELIMITED,))
def another_encoding_than_declared(wave: Wave, pick: Pick) -> None:
    wave.encoding, declared = pick.of((
        ("utf-8", "cp1252"), ("cp1252", "utf-8"), ("utf-16", "utf-8"), ("utf-16", "cp1252"),
        ("utf-8", "utf-16"), ("utf-8-sig", "utf-8"), ("cp1252", "utf-16-le"), ("utf-8", "latin-1"),
        ("utf-16-le", "utf-16-be"), ("cp1252", "ascii"), ("utf-8", "ascii"),
    ))  # fmt: skip
    wave.told = (wave.told[0] if wave.told else wave.delimiter, declared)


@wave_damage(SAME, (EXCEL,))
def cells_as_numbers(wave: Wave, pick: Pick) -> None:
    wave.codes = pick.of(("number", "double", "float"))


@wave_damage(SAME, (EXCEL,), erases=True)
def sheets_otherwise(wave: Wave, pick: Pick) -> None:
    wave.sheets = pick.of((
        ("Complete", "Structure", "Labels", "Dataset"), ("labels", "DATASET "),
        ("Dataset", "Labels", "Note", "Structure"),
    ))  # fmt: skip


@wave_damage(TOLD, (EXCEL,))
def a_sheet_lost(wave: Wave, pick: Pick) -> None:
    wave.sheets = pick.of((("Labels", "Structure"), ("Dataset", "Structure"), ("Data", "Labels")))


# The source sheet -------------------------------------------------------------------------------


@wave_damage(TOLD)
def a_source_sheet_with_a_fault(wave: Wave, pick: Pick) -> None:
    role = "dataset" if wave.kind == DELIMITED else "export"
    name = pick.of(("../x.csv", "/etc/hostname", "gone.csv", "", ".", "municipalities.csv"))
    what = pick.number(8)
    if what == 0:
        wave.described[role] = {"name": name}
    elif what == 1:
        wave.described[role] = {"rows": pick.of((1, 10_000))}
    elif what == 2:
        wave.described[role] = {"sha256": "0" * 64}
    elif what == 3:
        wave.entries["origin"] = pick.of(("", "fake", None))
    elif what == 4:
        wave.entries["format"] = pick.of((None, [], {"kind": "pdf"}, {"kind": "spss"},
                                          {"delimiter": "x", "encoding": "utf-8"}))  # fmt: skip
        if wave.kind == SPSS:
            wave.entries["format"] = {"kind": "excel"}
    elif what == 5:
        wave.entries["files"] = pick.of((None, [], {}, {"dataset": "x"}, "dataset.csv"))
    elif what == 6:
        wave.entries["statement"] = pick.of((None, 1, {"da": "x"}, []))
    else:
        wave.described["municipalities"] = {"name": name if name != "municipalities.csv" else "x"}


# As exports really come ---------------------------------------------------------------------------


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _hard_blanks(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _soft_hyphens(text: str) -> str:
    return "\u00ad".join(text)


@wave_damage(DATA)
def texts_that_look_alike(wave: Wave, pick: Pick) -> None:
    """Another normal form, hard blanks or soft hyphens in areas, municipalities and labels."""
    change = pick.of((_decomposed, _hard_blanks, _soft_hyphens))
    if wave.kind == DELIMITED:
        wave.encoding, wave.told = "utf-8", None
    there = [wave.at(name) for name in ("area", "place", "kommune") if wave.at(name) >= 0]
    for row in wave.rows:
        for place in there:
            if place < len(row) and pick.number(2):
                row[place] = change(row[place])
    for row in wave.labels:
        row[-1] = change(row[-1])


@wave_damage(TOLD, (DELIMITED,))
def surplus_empty_fields(wave: Wave, pick: Pick) -> None:
    lines = pick.of((wave.rows, wave.structure[1:], wave.labels))
    if not lines:
        raise NotHereError
    for row in lines:
        row += [""] * (1 + pick.number(2))


@wave_damage(TOLD, TEXTUAL)
def a_heading_renamed(wave: Wave, pick: Pick) -> None:
    place = pick.number(len(wave.structure[0]))
    wave.structure[0] = list(wave.structure[0])
    wave.structure[0][place] = pick.of(("Overskrift", "Variabel", "Heading 1"))


@wave_damage(DATA, (DELIMITED,))
def words_in_another_encoding(wave: Wave, pick: Pick) -> None:
    wave.encoding = pick.of(("cp850", "cp865", "mac-roman"))
    wave.told = (wave.delimiter, "auto")


@file_damage(SAME, erases=False)
def a_line_that_tells_the_delimiter(files: Files, wave: Wave, pick: Pick) -> None:
    text = files["dataset.csv"].decode(wave.encoding)
    files["dataset.csv"] = f"sep={wave.delimiter}{wave.ending}{text}".encode(wave.encoding)


# Bytes ------------------------------------------------------------------------------------------


def main_file(wave: Wave) -> str:
    """The file with the data set."""
    return {DELIMITED: "dataset.csv", EXCEL: "export.xlsx", SPSS: "export.sav"}[wave.kind]


@file_damage(TOLD, EVERY)
def cut_off(files: Files, wave: Wave, pick: Pick) -> None:
    """The number of lines is declared, as `samspil init` drafts it."""
    name = main_file(wave)
    content = files[name]
    most = len(content) * 97 // 100
    if not most:
        raise NotHereError
    files[name] = content[: 1 + pick.number(most)]
    wave.described.setdefault("dataset" if wave.kind == DELIMITED else "export", {})["rows"] = len(
        wave.rows
    )


@file_damage(DATA)
def cut_off_unnoticed(files: Files, wave: Wave, pick: Pick) -> None:
    content = files["dataset.csv"]
    if not content:
        raise NotHereError
    files["dataset.csv"] = content[: 1 + pick.number(len(content))]


@file_damage(TOLD, EVERY)
def an_empty_file(files: Files, wave: Wave, pick: Pick) -> None:
    name = pick.of(sorted(files))
    files[name] = pick.of((b"", b"\n", b" \r\n\r\n"))


@file_damage(TOLD, EVERY)
def a_file_lost(files: Files, wave: Wave, pick: Pick) -> None:
    del files[pick.of(sorted(files))]


@file_damage(TOLD)
def files_exchanged(files: Files, wave: Wave, pick: Pick) -> None:
    names = ["dataset.csv", "structure.csv", "labels.csv", "municipalities.csv"]
    one = pick.of(names)
    other = pick.of([name for name in names if name != one])
    files[one], files[other] = files[other], files[one]


@file_damage(TOLD)
def zero_bytes(files: Files, wave: Wave, pick: Pick) -> None:
    name = pick.of(sorted(files))
    content = files[name]
    at = pick.number(len(content) + 1)
    files[name] = content[:at] + b"\0" * (1 + pick.number(3)) + content[at:]


@file_damage(DATA)
def a_stray_quote(files: Files, wave: Wave, pick: Pick) -> None:
    quote = '"'.encode("utf-16-le" if "16" in wave.encoding else "ascii")
    for _ in range(1 + pick.number(2)):
        content = files["dataset.csv"]
        at = pick.number(len(content) + 1)
        at -= at % len(quote)
        files["dataset.csv"] = content[:at] + quote + content[at:]


@file_damage(TOLD)
def two_quotes_around_lines(files: Files, wave: Wave, pick: Pick) -> None:
    """Two stray quotes in one column: the lines between them vanish."""
    if wave.kind != DELIMITED or len(wave.rows) < 8 or wave.at(wave.names.numbers[0]) < 0:
        raise NotHereError
    separator, rows = wave.delimiter, [list(row) for row in wave.rows]
    start = pick.number(len(rows) - 5)
    lines = [separator.join(row) for row in (wave.header, *rows)]
    if any('"' in line or "\n" in line for line in lines[start + 1 : start + 6]):
        raise NotHereError
    place = wave.at(wave.names.numbers[0])
    content = files["dataset.csv"].decode(wave.encoding, "replace")
    for at, cell in ((start, f'"{rows[start][place]}'), (start + 3, f'{rows[start + 3][place]}"')):
        text = separator.join([*rows[at][:place], cell, *rows[at][place + 1 :]])
        if separator.join(rows[at]) not in content:
            raise NotHereError
        content = content.replace(separator.join(rows[at]), text, 1)
    files["dataset.csv"] = content.encode(wave.encoding, "replace")


@file_damage(TOLD)
def two_encodings(files: Files, wave: Wave, pick: Pick) -> None:
    if wave.encoding not in ("cp1252", "utf-8") or (wave.told or ("", wave.encoding))[1] not in (
        wave.encoding,
        "auto",
    ):
        raise NotHereError
    other = "utf-8" if wave.encoding == "cp1252" else "cp1252"
    letter, wanted = "ø".encode(wave.encoding), "ø".encode(other)
    content = files["dataset.csv"]
    places = [at for at in range(len(content)) if content.startswith(letter, at)]
    if len(places) < 2:
        raise NotHereError
    at = pick.of(places)
    files["dataset.csv"] = content[:at] + wanted + content[at + len(letter) :]


@file_damage(TOLD)
def a_mark_too_many(files: Files, wave: Wave, pick: Pick) -> None:
    if "16" in wave.encoding:
        raise NotHereError
    wave.told = (wave.told[0] if wave.told else wave.delimiter, "utf-8-sig")
    text = files["dataset.csv"].decode(wave.encoding, "replace")
    files["dataset.csv"] = b"\xef\xbb\xbf\xef\xbb\xbf" + text.encode()
    wave.encoding = "utf-8"


@file_damage(SAME, erases=False)
def blank_lines(files: Files, wave: Wave, pick: Pick) -> None:
    blank = pick.of(("\n", "\r\n")).encode("utf-16-le" if "16" in wave.encoding else "ascii")
    if wave.encoding in ("utf-16-be",) or wave.ending == "\r":
        raise NotHereError
    files["dataset.csv"] += blank * (1 + pick.number(3))


@file_damage(SAME, erases=False)
def no_last_line_end(files: Files, wave: Wave, pick: Pick) -> None:
    if "16" in wave.encoding:
        raise NotHereError
    files["dataset.csv"] = files["dataset.csv"].rstrip(b"\r\n")


@file_damage(DATA, EVERY)
def bytes_changed(files: Files, wave: Wave, pick: Pick) -> None:
    name = main_file(wave)
    content = bytearray(files[name])
    for _ in range(1 + pick.number(6)):
        content[pick.number(len(content))] = pick.number(256)
    files[name] = bytes(content)


@file_damage(TOLD, (EXCEL,))
def merged_cells(files: Files, wave: Wave, pick: Pick) -> None:
    _in_sheets(
        files,
        b"</sheetData>",
        b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>',
    )


@file_damage(TOLD, (EXCEL,))
def entities(files: Files, wave: Wave, pick: Pick) -> None:
    dtd = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:x">]>'
    part = pick.of(("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"))
    files["export.xlsx"] = rezipped(files["export.xlsx"], {part: dtd + b"<x>&a;</x>"})


@file_damage(SAME, (EXCEL,), erases=False)
def a_size_that_is_not_true(files: Files, wave: Wave, pick: Pick) -> None:
    _in_sheets(files, b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')


def _in_sheets(files: Files, old: bytes, new: bytes) -> None:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(files["export.xlsx"])) as archive:
        parts = {
            name: archive.read(name).replace(old, new)
            for name in archive.namelist()
            if name.startswith("xl/worksheets/")
        }
    files["export.xlsx"] = rezipped(files["export.xlsx"], parts)
