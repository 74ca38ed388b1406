"""The comparison of transcribed figures with the text of a report, on a report of two tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from replication.printed import Printed
from tools.printed_text import base_offset, main, table_findings
from tools.report_text import (
    MAX_GAP,
    TextRow,
    block_rows,
    bound_of,
    figures_in,
    locate,
    printed_lines,
    stars_of,
    table_number,
    text_row,
    words_in_order,
)

REPORT = """Of all, 12.5 percent want it.

Tabel 4.2 Wish by pressure, 1.5.2015

                 Much   Some of it   N (=100 %)
Low pressure
(85-95)          12,5   87,5    40
High pressure    60,0*  40,0    20
  of them old    55,5   44,5     9    .05

Note: * P<.05
{gap}
Tabel 4.3 Wish by size

           N   Much   Some
Small     30   10,0   90,0
Large     12   25,0   75,0
""".replace("{gap}", "\n" * MAX_GAP)
HEADER = "row,row_label,group,column,printed,n,note\n"
FIRST = (
    HEADER
    + """1,Low pressure (85-95),,Much,12.5,40,
1,Low pressure (85-95),,Some of it,87.5,40,
2,High pressure,,Much,60.0,20,*
2,High pressure,,Some of it,40.0,20,
3,of them old,old,Much,55.5,9,p<.05
3,of them old,old,Some of it,44.5,9,p<.05
"""
)
SECOND = (
    HEADER
    + """1,Small,,Much,10.0,30,
1,Small,,Some,90.0,30,
2,Large,,Much,25.0,12,
2,Large,,Some,75.0,12,
"""
)


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., list[str]]:
    def found(report: str = REPORT, csv: str = FIRST, name: str = "table_4_2") -> list[str]:
        path = tmp_path / f"{name}.csv"
        path.write_text(csv, encoding="utf-8")
        return list(table_findings(path, report.split("\n")))

    return found


def test_figures_that_are_in_the_text_are_not_reported(check: Callable[..., list[str]]) -> None:
    assert check() == []
    assert check(csv=SECOND, name="table_4_3") == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("87,5 ", "87,6 ", ["row 1, Some of it: 87.5 in the CSV, 87.6 in the text"]),
        ("60,0*", "60,0 ", ["row 2, Much: stars '*', in the text ''"]),
        ("40,0 ", "40,0*", ["row 2, Some of it: stars '', in the text '*'"]),
        ("    20\n", "    21\n",
         ["row 2: 21 in the text is neither its base nor its bound",
          "row 2 : base 20 is not in the text"]),
        ("of them old", "of them new",
         ["row 3 old: the group is not named on this line of the text",
          "row 3: label 'of them old' is not in the text there"]),
        ("Some of it", "Some",
         ["column 'Some of it' is not in the header of the text, or out of order"]),
        ("Low pressure", "Pressure of 7",
         ["row 1: label 'Low pressure (85-95)' is not in the text there",
          "7 is in the text of the table but not in the CSV"]),
        ("High pressure    60,0*  40,0    20\n", "",
         ["row 2: ['60.0', '40.0'] is not in the text"]),
        ("Tabel 4.2", "Tabel 4.4", ["0 captions for Tabel 4.2"]),
        ("Tabel 4.3", "Tabel 4.2", ["2 captions for Tabel 4.2"]),
        # a bound below the table is one of all rows
        ("* P<.05", "P<.05",
         [f"row {row}: bounds [''], below the table ['.05']" for row in (1, 2)]),
    ],
)  # fmt: skip
def test_what_differs_is_reported(
    check: Callable[..., list[str]], before: str, after: str, found: list[str]
) -> None:
    assert before in REPORT
    assert check(REPORT.replace(before, after, 1)) == found


def test_lines_of_the_csv_that_are_not_in_the_text_are_reported(
    check: Callable[..., list[str]],
) -> None:
    more = FIRST + "4,Others,,Much,1.5,7,\n4,Others,,Some of it,98.5,7,\n"
    assert check(csv=more) == ["row 4: ['1.5', '98.5'] is not in the text"]
    one_base = FIRST.replace("Some of it,40.0,20,", "Some of it,40.0,21,")
    assert check(csv=one_base) == ["row 2: base or bound differs within the line"]
    less = "\n".join(FIRST.split("\n")[:-3])
    assert check(csv=less + "\n")[:1] == [
        "line 9 of the text is not in the CSV: ['55.5', '44.5', '9', '.05']"
    ]
    assert check("Tabel 4.2 Nothing\n\nA text.") == ["no rows of figures below the caption"]


def test_the_base_comes_first_where_more_rows_fit_so() -> None:
    lines = [[Printed("", 0, 1, "", "", name, name, "", "") for name in ("5", "7")]]
    rows = [TextRow(0, "", tuple((text, "") for text in tail.split())) for tail in ("9 5 7", "5 7")]
    assert base_offset(lines, rows[:1]) == 1
    assert base_offset(lines, rows[1:]) == 0
    assert base_offset(lines, rows) == 0


def figure(row: int, group: str, column: str, note: str = "") -> Printed:
    return Printed("", 0, row, "", group, column, "1", "2", note)


def test_a_printed_line_starts_with_another_row_or_group_or_the_first_column() -> None:
    given = [
        figure(1, "", "a"), figure(1, "", "b"), figure(1, "", "a"), figure(1, "", "b"),
        figure(2, "", "b"), figure(2, "", "c"), figure(2, "g", "d"),
    ]  # fmt: skip
    found = printed_lines(given)
    assert ["".join(one.column for one in line) for line in found] == ["ab", "ab", "bc", "d"]
    assert [one for line in found for one in line] == given
    assert printed_lines([]) == []


@pytest.mark.parametrize(
    ("note", "stars", "bound"),
    [("", "", ""), ("*", "*", ""), ("***", "***", ""), ("p<.05", "", ".05"), ("P < 0.1", "", "0.1"),
     ("in brackets", "", "")],
)  # fmt: skip
def test_a_note_is_stars_or_a_bound(note: str, stars: str, bound: str) -> None:
    one = figure(1, "", "a", note)
    assert (stars_of(one), bound_of(one)) == (stars, bound)


@pytest.mark.parametrize(
    ("line", "lead", "tail"),
    [
        ("  Low  12,5%  7.0 **  ,05 ", "Low  ", (("12.5", ""), ("7.0", "**"), (".05", ""))),
        ("100", "", (("100", ""),)),
        ("Since 2015 it is 7", "Since 2015 it is ", (("7", ""),)),
    ],
)  # fmt: skip
def test_a_line_that_ends_in_figures_is_a_row(
    line: str, lead: str, tail: tuple[tuple[str, str], ...]
) -> None:
    row = text_row(3, line)
    assert row is not None
    assert (row.line, row.lead.strip(), row.tail) == (3, lead.strip(), tail)
    assert row.figures == tuple(printed for printed, _ in tail)
    assert text_row(3, f"{line.strip()} people") is None


def test_figures_have_a_point_and_dates_are_none() -> None:
    assert figures_in("12,5 of 1.5.2015 and ,05 in 40") == ["12.5", ".05", "40"]


def test_words_are_found_in_their_order_and_divided_over_lines() -> None:
    assert words_in_order("low - pressure", "averylowpressure") == len("averylowpressure")
    assert words_in_order("low", "lowlow", 1) == 6
    assert words_in_order("pressure low", "lowpressure") == -1
    assert words_in_order("low", "lo") == -1


def test_the_number_of_a_table_is_in_the_name_of_its_file() -> None:
    assert table_number(Path("table_4_12.csv")) == "4.12"
    assert table_number(Path("table_a1_2.csv")) == "1.2"
    with pytest.raises(ValueError, match="not the name of a printed table"):
        table_number(Path("notes.csv"))


def test_a_table_goes_from_its_caption_to_the_next() -> None:
    report = ["Tabel 1.1 A", "1", "Tabel 1.2 B", "Bilagstabel 1.1 C", "2"]
    assert locate(report, "1.1", appendix=False) == (0, 2)
    assert locate(report, "1.2", appendix=False) == (2, 3)
    assert locate(report, "1.1", appendix=True) == (3, 5)
    with pytest.raises(ValueError, match="0 captions for Bilagstabel"):
        locate(report, "1.2", appendix=True)


def test_rows_have_the_width_of_the_table_and_no_long_gap_between_them() -> None:
    report = ["a 1 2", "b 3", "c 1 2 3 4", "d 1 2 3 4 5", *[""] * (MAX_GAP - 2), "e 5 6", "f 7 8"]
    assert [row.lead.strip() for row in block_rows(report, 0, len(report), {2})] == [
        "a",
        "c",
        "e",
        "f",
    ]
    assert [row.lead.strip() for row in block_rows(report, 1, 4, {2})] == ["c"]
    apart = ["a 1 2", *[""] * MAX_GAP, "b 3 4"]
    assert [row.lead.strip() for row in block_rows(apart, 0, len(apart), {2})] == ["a"]
    near = ["a 1 2", *[""] * (MAX_GAP - 1), "b 3 4"]
    assert [row.lead.strip() for row in block_rows(near, 0, len(near), {2})] == ["a", "b"]
    # a single figure is a row only with decimals
    assert [row.lead.strip() for row in block_rows(["a 7", "b 7,5", "c ,5"], 0, 3, {1})] == ["b"]


def test_the_command_ends_with_1_if_anything_differs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, printed = tmp_path / "report.txt", tmp_path / "printed"
    printed.mkdir()
    report.write_text(REPORT, encoding="utf-8")
    assert main([str(report), "--printed", str(printed)]) == 1
    assert capsys.readouterr().out == f"no printed tables in {printed}\n"
    (printed / "table_4_2.csv").write_text(FIRST, encoding="utf-8")
    (printed / "table_4_3.csv").write_text(SECOND, encoding="utf-8")
    assert main([str(report), "--printed", str(printed)]) == 0
    assert capsys.readouterr().out == "2 tables, 10 figures, 0 findings\n"
    report.write_text(REPORT.replace("25,0", "26,0"), encoding="utf-8")
    assert main([str(report), "--printed", str(printed)]) == 1
    assert capsys.readouterr().out.split("\n")[0] == (
        "table_4_3.csv: row 2, Much: 25.0 in the CSV, 26.0 in the text"
    )
