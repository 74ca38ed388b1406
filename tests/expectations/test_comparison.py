"""The comparison with print: what is exact, an erratum or different, and what is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest

from assets.step.declaring import Given
from assets.step.workspace import Workspace
from declarations import SpecError, Study, Table
from replication.comparison import COLUMNS, compare, message
from replication.printed import Erratum, Printed, printed_tables, read_errata, read_printed_table
from replication.reproduction import _print_result, compared_before, comparison_text
from tests.chain import STUDY, Chain, compare_with_print

PRINTED = STUDY / "printed"
LINES = {"3": 93, "4": 174, "5": 143, "6": 288, "a1": 776}


@pytest.fixture
def table(study: Study) -> Table:
    return study.table["table_5_2"]


@pytest.fixture
def results(committed: Chain) -> pd.DataFrame:
    return committed.tables["table_5_2"]


@pytest.fixture
def printed() -> list[Printed]:
    return read_printed_table(PRINTED, "table_5_2")


def erratum(figure: Printed) -> Erratum:
    return Erratum(
        table=figure.table, row=figure.row, group=figure.group, column=figure.column,
        printed=figure.printed, rule="no_count", evidence="x",
    )  # fmt: skip


def test_the_committed_wave_gives_every_figure(study: Study, committed: Chain) -> None:
    comparison = compare_with_print(study, committed.tables)
    assert tuple(comparison.columns) == COLUMNS
    assert comparison["status"].value_counts().to_dict() == {"exact": 1467, "erratum": 7}
    assert message(comparison) == ""


def test_the_computed_number_is_the_base_wherever_print_has_one(
    study: Study, committed: Chain
) -> None:
    found = compare_with_print(study, committed.tables)
    bases = pd.concat(committed.tables[spec.id] for spec in printed_tables(study))["base"]
    expected = [
        str(base) if printed else ""
        for base, printed in zip(bases, found["n_printed"], strict=True)
    ]
    assert list(found["n_computed"]) == expected
    # most lines of print have their number, and where they differ an erratum says so
    numbered = found[found["n_printed"] != ""]
    assert len(numbered) > 500
    assert (numbered["n_computed"] == numbered["n_printed"]).mean() > 0.9


def test_figures_come_in_reading_order(study: Study, committed: Chain) -> None:
    comparison = compare_with_print(study, committed.tables)
    files = [read_printed_table(PRINTED, spec.id) for spec in printed_tables(study)]
    wanted = [(f.table, f.row_label, f.group, f.column, f.printed) for file in files for f in file]
    own = comparison[["table", "row_label", "group", "column", "printed"]]
    assert list(own.itertuples(index=False, name=None)) == wanted


@pytest.mark.parametrize(("chapter", "lines"), LINES.items())
def test_published_files_have_a_line_per_printed_figure(chapter: str, lines: int) -> None:
    files = sorted(PRINTED.glob(f"table_{chapter}_*.csv"))
    assert sum(len(read_printed_table(PRINTED, path.stem)) for path in files) == lines


def test_no_published_file_is_without_table(study: Study) -> None:
    files = {path.stem for path in PRINTED.glob("*.csv")}
    assert files == {spec.id for spec in printed_tables(study)}
    assert len(files) == 26


def test_another_printed_figure_differs_and_is_named(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    printed[7] = dataclasses.replace(printed[7], printed="99.9")
    comparison = compare(table, results, printed, ())
    assert list(comparison.index[comparison["status"] == "differs"]) == [7]
    text = message(comparison)
    assert "99.9" in text
    assert printed[7].row_label in text
    assert printed[7].column in text


def test_an_erratum_is_for_one_figure_of_one_table(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    wrong = dataclasses.replace(printed[7], printed="99.9")
    other = dataclasses.replace(printed[8], printed="99.9")
    printed[7:9] = [wrong, other]
    comparison = compare(table, results, printed, [erratum(wrong)])
    assert list(comparison["status"][7:9]) == ["erratum", "differs"]
    elsewhere = erratum(wrong).model_copy(update={"table": "table_5_1"})
    assert compare(table, results, printed, [elsewhere])["status"][7] == "differs"
    misquoted = erratum(wrong).model_copy(update={"printed": "99.8"})
    assert compare(table, results, printed, [misquoted])["status"][7] == "differs"


def test_a_right_figure_is_exact_even_where_print_is_listed(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    assert set(compare(table, results, printed, map(erratum, printed))["status"]) == {"exact"}


@pytest.mark.parametrize(
    "change",
    [{"row_label": "Højeste"}, {"column": "Altid"}, {"group": "LAVT"}, {"row": 9}],
    ids=lambda change: next(iter(change)),
)
def test_another_label_is_refused(
    table: Table, results: pd.DataFrame, printed: list[Printed], change: dict[str, object]
) -> None:
    printed[3] = dataclasses.replace(printed[3], **change)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"printed/table_5_2\.csv line 5"):
        compare(table, results, printed, ())


def test_figures_in_another_order_are_refused(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    with pytest.raises(ValueError, match="line"):
        compare(table, results, printed[::-1], ())


def test_results_in_another_order_are_refused(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    with pytest.raises(ValueError, match="table_5_2: result"):
        compare(table, results.iloc[::-1].reset_index(drop=True), printed, ())


@pytest.mark.parametrize("missing", ["results", "printed"])
def test_a_missing_line_is_refused(
    table: Table, results: pd.DataFrame, printed: list[Printed], missing: str
) -> None:
    if missing == "results":
        results = results.iloc[:-1]
    else:
        printed = printed[:-1]
    with pytest.raises(
        ValueError, match=r"table_5_2: 25 cells, 24 results|24 figures, .* 25 cells"
    ):
        compare(table, results, printed, ())


def test_a_long_message_is_cut_and_counted(
    table: Table, results: pd.DataFrame, printed: list[Printed]
) -> None:
    wrong = [dataclasses.replace(figure, printed="x") for figure in printed]
    lines = message(compare(table, results, wrong, ())).splitlines()
    assert len(lines) == 11
    assert lines[-1] == f"... and {len(printed) - 10} more"


ERRATA = read_errata(PRINTED)


@pytest.mark.parametrize("entry", ERRATA, ids=[f"{e.table}:{e.row}:{e.printed}" for e in ERRATA])
def test_an_erratum_is_about_a_printed_figure_and_has_evidence(entry: Erratum) -> None:
    own = [
        figure
        for figure in read_printed_table(PRINTED, entry.table)
        if (figure.row, figure.group, figure.column) == (entry.row, entry.group, entry.column)
    ]
    assert entry.printed in [figure.printed for figure in own]
    assert entry.rule in ("no_count", "row_sum", "difference")
    # arithmetic, not an opinion
    assert len([word for word in entry.evidence.split() if any(c.isdigit() for c in word)]) >= 3
    assert entry.likely is None or float(entry.likely) >= 0


def test_no_erratum_stands_twice() -> None:
    assert len({(e.table, e.row, e.group, e.column, e.printed) for e in ERRATA}) == len(ERRATA)


HEADER = "row,row_label,group,column,printed,n,note\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"row,label\n1,a\n", r"table_9_9\.csv: columns are \['row', 'label'\], expected row"),
        (b"", r"table_9_9\.csv: columns are \[\], expected row"),
        (
            f"{HEADER}1,a,,b,1.0\n".encode(),
            r"table_9_9\.csv line 2: is \['1', 'a', '', 'b', '1.0'\]",
        ),
        (f"{HEADER}one,a,,b,1.0,9,\n".encode(), r"table_9_9\.csv line 2: is \['one'"),
        (
            HEADER.encode() + b"1,\xe6,,b,1.0,9,\n",
            r"table_9_9\.csv: cannot be read: it is not UTF-8",
        ),
        (None, r"table_9_9\.csv: cannot be read: No such file"),
    ],
)
def test_a_published_file_that_is_none_is_refused(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / "table_9_9.csv").write_bytes(content)
    with pytest.raises(SpecError, match=message):
        read_printed_table(tmp_path, "table_9_9")


def test_a_label_that_is_not_printed_is_reported_with_both(study: Study, committed: Chain) -> None:
    spec = study.table["table_5_2"]
    printed = read_printed_table(PRINTED, spec.id)
    other = [dataclasses.replace(printed[0], row_label="Andet"), *printed[1:]]
    with pytest.raises(SpecError, match=r"printed/table_5_2\.csv line 2: is .*'Andet'") as error:
        compare(spec, committed.tables[spec.id], other, [])
    assert f"tables/table_5_2.yaml declares (1, {printed[0].row_label!r}" in str(error.value)
    with pytest.raises(SpecError, match=rf"{len(printed) - 1} figures, .* {len(printed)} cells"):
        compare(spec, committed.tables[spec.id], printed[1:], [])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("rule: no_count, ", "rule: found no such entry"),
        ("row: 1, ", "row: found no such entry"),
        ("row: 1", "row: found 'one', expected a whole number"),
        ("evidence: e", "likly: found an unknown entry, .* .did you mean `likely`"),
    ],
)
def test_an_erratum_that_is_none_is_refused(tmp_path: Path, change: str, message: str) -> None:
    entry = "{table: t, row: 1, column: c, printed: '1', rule: no_count, evidence: e}"
    instead = {"row: 1": "row: one", "evidence: e": "evidence: e, likly: '2'"}.get(change, "")
    (tmp_path / "errata.yaml").write_text(f"- {entry.replace(change, instead)}\n", "utf-8")
    with pytest.raises(SpecError, match=message):
        read_errata(tmp_path)


def test_errata_are_read_with_or_without_a_heading(tmp_path: Path) -> None:
    entry = "{table: t, row: 1, column: c, printed: '1', rule: no_count, evidence: e}"
    (tmp_path / "errata.yaml").write_text(f"- {entry}\n", encoding="utf-8")
    (one,) = read_errata(tmp_path)
    (tmp_path / "errata.yaml").write_text(f"errata:\n  - {entry}\n", encoding="utf-8")
    assert read_errata(tmp_path) == [one]
    (tmp_path / "errata.yaml").write_text("errata: []\n", encoding="utf-8")
    assert read_errata(tmp_path) == []


def test_beside_print_shows_first_what_is_not_alike(study: Study, committed: Chain) -> None:
    spec = study.table["table_3_4"]
    printed = read_printed_table(PRINTED, spec.id)
    changed = [
        dataclasses.replace(f, printed="0.1") if place == 9 else f
        for place, f in enumerate(printed)
    ]
    comparison = compare(spec, committed.tables[spec.id], changed, read_errata(PRINTED))
    lines = comparison_text(comparison, most=3).splitlines()
    assert "| 0.1 |" in lines[2]
    assert lines[2].endswith("| differs |")
    assert lines[3].endswith("| erratum |")
    assert lines[4].endswith("| exact |")
    assert lines[-1] == f"... and {len(printed) - 3} more: reproduction.csv has them all"


def test_the_comparison_of_the_printed_wave_is_with_the_check_of_every_wave(
    study: Study, committed: Chain, tmp_path: Path
) -> None:
    workspace, spec = Workspace(root=str(tmp_path)), study.table["table_5_2"]
    of_2018 = Given(study, "2018", workspace, frozenset(), "1", None)
    conventions = study.conventions.model_copy(update={"printed_wave": None})
    assert (
        compared_before(
            dataclasses.replace(of_2018, study=dataclasses.replace(study, conventions=conventions))
        )
        is None
    )
    assert compared_before(of_2018) is None
    result = _print_result(spec, None, "2018", "2015", None)
    assert "The report is about wave 2015" in (result.description or "")
    assert not result.metadata

    published = workspace.output("2015") / "reproduction.csv"
    published.parent.mkdir(parents=True)
    published_frame(study, committed).to_csv(published, index=False)
    before = compared_before(of_2018)
    assert before is not None
    assert compared_before(dataclasses.replace(of_2018, wave="2015")) is None
    page = str(
        _print_result(spec, None, "2018", "2015", before).metadata["beside_print_2015"].value
    )
    assert page.startswith("**Wave 2015**")
    assert "44.0" in page
    later = _print_result(spec, None, "2018", "2015", before)
    assert "FAILED" not in (later.description or "")
    # what failed in the printed wave is not hidden by a run of a later one
    place = before.index[before["table"] == spec.id][0]
    before.loc[place, ["computed", "status"]] = ["0.1", "differs"]
    later = _print_result(spec, None, "2018", "2015", before)
    assert "FAILED in wave 2015: " in (later.description or "")
    assert "computed 0.1 (N " in (later.description or "")
    assert later.metadata["differs_2015"].value == 1
    # a file of another release, or one that somebody edited, is not shown
    before.assign(status="?").to_csv(published, index=False)
    assert compared_before(of_2018) is None


def published_frame(study: Study, committed: Chain) -> pd.DataFrame:
    """The published comparison of Table 5.2 with print."""
    spec, folder = study.table["table_5_2"], study.folder / "printed"
    return compare(spec, committed.tables[spec.id], read_printed_table(folder, spec.id), [])
