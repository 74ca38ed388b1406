"""Whole runs on a copy of the committed wave: what is published, and what stays unchanged.

Runs take seconds, so each fixture runs once and the tests below examine its result. The fixtures
depend on each other in the order in which a user would meet these situations.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import dagster as dg
import duckdb
import pandas as pd
import pytest

from assets.step.markdown import DATA_LABEL
from assets.step.names import REJECTED_ROWS, answers, raw, raw_files, table
from pipelines.run.wave_run import CHECKS_FAILED, FAILED, SUCCESS
from pipelines.steps import wave_steps
from replication.comparison import COLUMNS as REPRODUCTION_COLUMNS
from replication.printed import printed_tables
from tests.chain import WAVE, Chain, declared_study
from tests.checkout import Checkout, samspil
from tests.shared_runs import SharedRuns

DECLARED = declared_study()
UNDECLARED = "77"
RAW = [raw(name) for name in (*raw_files(DECLARED), REJECTED_ROWS)]
SECRET = "Noget, som ingen andre skal se"


@dataclass(frozen=True)
class Outcome:
    """The result of a call of the command."""

    code: int
    printed: str
    published: dict[str, str]


@pytest.fixture(scope="module")
def checkout(
    after_2015: SharedRuns, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Checkout]:
    """A checkout after a run, on which the command works."""
    root = tmp_path_factory.mktemp("checkout") / "own"
    own = Checkout(shutil.copytree(after_2015.kept("2015"), root, symlinks=True))
    with own.taken_for_own():
        yield own


def run(checkout: Checkout, *arguments: str) -> Outcome:
    with pytest.MonkeyPatch.context() as patch:
        printed: list[str] = []
        patch.setattr("builtins.print", lambda *a, **_: printed.append(" ".join(map(str, a))))
        code = samspil("run", "--wave", WAVE, *arguments)
    return Outcome(code, "\n".join(printed), checkout.published())


def answered_row(checkout: Checkout, variable: str) -> int:
    """A line of the file with an answer in this column."""
    lines = checkout.lines()
    at, complete = lines[0].index(variable), lines[0].index("stato_4")
    return next(n for n, x in enumerate(lines, 1) if n > 1 and x[at] and x[complete] == "1")


def unanswered_row(checkout: Checkout) -> int:
    lines = checkout.lines()
    return next(n for n, x in enumerate(lines, 1) if x[lines[0].index("stato_1")] == "1")


@pytest.fixture(scope="module")
def first(checkout: Checkout, after_2015: SharedRuns) -> Outcome:
    """The run of the wave as committed."""
    return Outcome(SUCCESS, after_2015.said("2015").read_text("utf-8"), checkout.published())


def test_the_committed_wave_runs_and_every_check_passes(first: Outcome) -> None:
    assert first.code == SUCCESS, first.printed
    assert "1474 printed figures: 1467 exact, 7 errata" in first.printed
    assert ", 0 differ" in first.printed
    assert "check " not in first.printed.replace("checks", "")
    assert DATA_LABEL["constructed"] in first.printed


def test_a_run_publishes_what_readers_were_promised(first: Outcome) -> None:
    ends = ("", ".da", ".en")
    tables = {f"tables/{spec.id}{end}.csv" for spec in DECLARED.tables for end in ends}
    files = {"results.csv", "reproduction.csv", "quarantine.csv", "samspil.duckdb", "run.json"}
    files |= {"significance.csv", "significance_conventions.csv", "convention_fit.csv"}
    files |= {
        "convention_exceptions.csv",
        "audit.csv",
        "marks_under_rounding.csv",
        "bounds_of_claims.csv",
        "models.csv",
        "unnumbered.csv",
        "claims.csv",
        "item_nonresponse.csv",
    }
    files |= {"deviations.csv", "deviations.md", "ABOUT.txt", "checks.html"}
    chapters = ["resume", *(f"chapter_{n}" for n in range(2, 9)), "appendix"]
    pages = {f"audit/{language}/{name}.md" for language in ("da", "en") for name in chapters}
    site = {name for name in first.published if name.startswith("report/")}
    assert {"report/index.html", "report/index.en.html", "report/tables/table_4_2.html"} <= site
    others = set(first.published) - site - files - tables - pages
    assert files | tables | pages <= set(first.published)
    # an asset that is added may have a file of its own
    places = [p for one in wave_steps(DECLARED) for asset in one.assets for p in asset.published]
    assert others <= {f"{place.name}.csv" for place in places if place.csv}


def test_results_have_the_agreed_columns_and_the_figures_of_the_pure_functions(
    checkout: Checkout, first: Outcome, committed: Chain
) -> None:
    results = checkout.csv("results.csv")
    assert ",".join(results.columns) == (
        "wave,table,row,row_label_da,group,group_label_da,column,column_label_da,"
        "statistic,value,numerator,base,formatted,note,variable,wording"
    )
    expected = pd.concat(committed.tables.values())
    keys = ["table", "row", "group", "column", "formatted"]
    assert results[keys].to_numpy().tolist() == expected[keys].to_numpy().tolist()
    printed = {spec.id for spec in printed_tables(DECLARED)}
    assert results["table"].isin(printed).sum() == 1474


def test_reproduction_has_the_agreed_columns_and_a_line_per_figure(
    checkout: Checkout, first: Outcome
) -> None:
    found = checkout.csv("reproduction.csv")
    assert ",".join(REPRODUCTION_COLUMNS) == (
        "table,row_label,group,column,printed,computed,n_printed,n_computed,status"
    )
    assert list(found.columns) == list(REPRODUCTION_COLUMNS)
    assert found["status"].value_counts().to_dict() == {"exact": 1467, "erratum": 7}


def test_tables_in_print_layout_show_the_results_and_say_the_data_are_constructed(
    checkout: Checkout, first: Outcome
) -> None:
    results = checkout.csv("results.csv")
    for spec in printed_tables(DECLARED):
        layout = checkout.csv(f"tables/{spec.id}.csv")
        notes = [i for i, text in enumerate(layout.iloc[:, 0]) if text == DATA_LABEL["constructed"]]
        assert len(notes) == 1, spec.id
        rows = layout.iloc[: notes[0]].to_numpy().tolist()
        own = results[results["table"] == spec.id]
        labels = 2 if any(cell.group_key for cell in spec.cells) else 1
        lead = labels + (spec.base_column is not None and spec.base_column.position == "first")
        columns = len({cell.column for cell in spec.cells})
        shown = [cell.replace(",", ".") for row in rows for cell in row[lead : lead + columns]]
        assert shown == list(own["formatted"]), spec.id
        assert [row[0] for row in rows] == list(
            own.drop_duplicates(["row", "group"])["row_label_da"]
        ), spec.id
        if spec.base_column is not None:
            bases = own.drop_duplicates(["row", "group"])["base"]
            position = labels if lead > labels else -1
            assert [row[position] for row in rows] == list(bases), spec.id


def test_the_snapshot_opens_for_reading_and_holds_the_results(
    checkout: Checkout, first: Outcome
) -> None:
    with closing(duckdb.connect(str(checkout.output / "samspil.duckdb"), read_only=True)) as db:
        (lines,) = db.execute("SELECT COUNT(*) FROM results.results").fetchone() or ()
        assert lines == len(checkout.csv("results.csv")) >= 1474
        (exact,) = (
            db.execute("SELECT COUNT(*) FROM checks.reproduction WHERE status = 'exact'").fetchone()
            or ()
        )
        assert exact == 1467
        (answering,) = db.execute("SELECT COUNT(*) FROM clean.respondents").fetchone() or ()
        assert answering == 445
        about = dict(db.execute("SELECT key, value FROM about").fetchall())
        assert (about["origin"], about["wave"]) == ("constructed", WAVE)
        counted = db.execute(
            "SELECT code, n FROM counts.counts WHERE item = 'actor_housing' "
            """AND "group" = 'all' AND n > 0 ORDER BY code"""
        ).fetchall()
        answered = db.execute(
            "SELECT CAST(code AS VARCHAR), COUNT(*) FROM answers.civil_actors "
            "WHERE item = 'actor_housing' GROUP BY code ORDER BY code"
        ).fetchall()
        assert counted == answered


def snapshot_texts(checkout: Checkout) -> set[str]:
    """Every text in a cell of the snapshot."""
    texts: set[str] = set()
    with closing(duckdb.connect(str(checkout.output / "samspil.duckdb"), read_only=True)) as db:
        columns = db.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns "
            "WHERE data_type = 'VARCHAR'"
        ).fetchall()
        for schema, name, column in columns:
            cells = db.execute(f'SELECT DISTINCT "{column}" FROM "{schema}"."{name}"').fetchall()
            texts |= {text for (text,) in cells if text}
    return texts


def test_the_snapshot_holds_no_open_answers(
    checkout: Checkout, first: Outcome, committed: Chain
) -> None:
    opened = {item.id for item in DECLARED.items.values() if item.type == "open"}
    written = {
        text.strip()
        for frame in committed.answers.values()
        for text in frame.loc[frame["item"].isin(opened), "value"]
    }
    assert len(written) > 100
    # somebody may have written what is a label of the report; nothing else may be there
    declared = "\n".join(p.read_text(encoding="utf-8") for p in checkout.study.rglob("*.yaml"))
    assert [t for t in snapshot_texts(checkout) & written if t not in declared] == []


def test_an_unchanged_checkout_is_not_run_again(checkout: Checkout, first: Outcome) -> None:
    again = run(checkout)
    assert again.code == SUCCESS
    assert "up to date" in again.printed
    assert again.published == first.published


@pytest.fixture(scope="module")
def undeclared(checkout: Checkout, first: Outcome) -> Iterator[tuple[Outcome, int]]:
    """A run with an undeclared code, and with an answer where none was given.

    The files stay in place.
    """
    row, stray = answered_row(checkout, "s_55"), unanswered_row(checkout)
    with checkout.changed({(row, "s_55"): UNDECLARED, (stray, "s_5"): SECRET}):
        yield run(checkout, "--strict"), row


@pytest.mark.long
def test_an_undeclared_code_fails_the_check_of_its_question(
    undeclared: tuple[Outcome, int],
) -> None:
    outcome, row = undeclared
    assert outcome.code == CHECKS_FAILED
    assert "check WARN: answers/civil_actors: scale" in outcome.printed
    assert (
        f"dataset.csv, row {row}, column s_55: found '77', expected one of the codes 1, 2, 3, 4"
        in outcome.printed
    )
    others = [q.id for q in DECLARED.questions if q.id != "civil_actors"]
    assert not any(f"answers/{name}: scale" in outcome.printed for name in others)


@pytest.mark.long
def test_an_undeclared_code_is_quarantined_and_open_text_withheld(
    checkout: Checkout, undeclared: tuple[Outcome, int]
) -> None:
    found = checkout.csv("quarantine.csv").set_index("rule")
    line = found.loc["scale"]
    assert (line["file"], line["file_row"]) == ("dataset.csv", str(undeclared[1]))
    assert (line["variable"], line["item"]) == ("s_55", "actor_volunteers")
    assert (line["value"], line["expected"]) == (UNDECLARED, "one of the codes 1, 2, 3, 4")
    stray = found.loc["status_says_unanswered"]
    assert (stray["variable"], stray["value"]) == ("s_5", "(open answer)")
    assert len(found) == 2
    assert not any(SECRET in text for text in snapshot_texts(checkout))
    assert not any(SECRET.encode() in p.read_bytes() for p in checkout.output.rglob("*.csv"))


@pytest.mark.long
def test_a_quarantined_answer_is_missing_from_its_base_only(
    checkout: Checkout, undeclared: tuple[Outcome, int], committed: Chain
) -> None:
    before = pd.concat(committed.tables.values(), ignore_index=True)
    after = checkout.csv("results.csv")
    item = {
        (spec.id, cell.row, cell.group_key, cell.column): cell.item
        for spec in DECLARED.tables
        for cell in spec.cells
    }
    for old, new in zip(before.to_dict("records"), after.to_dict("records"), strict=True):
        key = (old["table"], old["row"], old["group"], old["column"])
        used = item[key] == "actor_volunteers"
        if used and old["table"] == "table_4_1":
            assert int(new["base"]) == int(old["base"]) - 1
        elif not used:
            assert new["formatted"] == old["formatted"], key
            assert new["base"] == ("" if pd.isna(old["base"]) else str(old["base"])), key


@pytest.mark.long
def test_the_record_of_failed_checks_outlives_the_run(
    checkout: Checkout, undeclared: tuple[Outcome, int]
) -> None:
    lenient, strict = run(checkout), run(checkout, "--strict")
    assert (lenient.code, strict.code) == (SUCCESS, CHECKS_FAILED)
    for outcome in (lenient, strict):
        assert "up to date" in outcome.printed
        assert "check WARN: answers/civil_actors: scale" in outcome.printed
        assert outcome.published == undeclared[0].published


@pytest.mark.long
def test_the_command_takes_an_unchanged_checkout_for_current(
    checkout: Checkout, undeclared: tuple[Outcome, int]
) -> None:
    done = checkout.command("--strict")
    # the fingerprint is of names below the root and of contents, so that the process agrees
    assert (done.returncode, done.stderr) == (CHECKS_FAILED, "")
    assert "up to date" in done.stdout
    assert checkout.published() == undeclared[0].published


@pytest.fixture(scope="module")
def good(checkout: Checkout, first: Outcome) -> dict[str, str]:
    """The files that the last good run published."""
    return checkout.published()


def test_a_missing_file_stops_the_command_and_leaves_the_output(
    checkout: Checkout, good: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with checkout.replaced(None):
        code = samspil("run", "--wave", WAVE)
    assert code == FAILED
    captured = capsys.readouterr()
    said = captured.out + captured.err
    assert "dataset.csv: expected the file to exist next to source.yaml [file_present]" in said
    assert "Traceback" not in said
    assert checkout.published() == good


def rename_column(content: bytes) -> bytes:
    return content.replace(b";s_55;", b";s_555;", 1)


def duplicate_respondent(content: bytes) -> bytes:
    return content.replace(b"\nR0007;", b"\nR0003;", 1)


def unknown_municipality(content: bytes) -> bytes:
    lines = content.split(b"\n")
    cells = lines[3].split(b";")
    lines[3] = b";".join([cells[0], b"Atlantis", *cells[2:]])
    return b"\n".join(lines)


def drop_last_line(content: bytes) -> bytes:
    return content[: content.rstrip().rindex(b"\n") + 1]


@pytest.mark.parametrize(
    ("damage", "check", "said"),
    [
        # what each rule finds is tested of the rule; here, that a finding stops a run
        pytest.param(
            rename_column,
            "missing_column",
            "row 1, column s_55: expected the column of item",
            marks=pytest.mark.long,
        ),
        (drop_last_line, "row_count", "found '837 lines of data', expected 838"),
        pytest.param(
            duplicate_respondent,
            "unique_respondent",
            "row 8, column respondent: found 'A9999'",
            marks=pytest.mark.long,
        ),
        pytest.param(
            unknown_municipality,
            "unknown_municipality",
            "row 4, column kommune: found 'Aaaaaaaa'",
            marks=pytest.mark.long,
        ),
    ],
    ids=["renamed-column", "last-line-gone", "duplicate", "municipality"],
)
def test_a_structural_finding_blocks_the_run(
    checkout: Checkout, good: dict[str, str], damage: object, check: str, said: str
) -> None:
    assert callable(damage)
    before = checkout.dataset.read_bytes()
    with checkout.replaced(damage(before)):
        assert checkout.dataset.read_bytes() != before
        result = checkout.execute()
    assert not result.success
    failed = {e.check_name: e for e in result.get_asset_check_evaluations() if not e.passed}
    assert check in failed
    assert failed[check].severity == dg.AssetCheckSeverity.ERROR
    assert said in str(failed[check].description)
    built = {key for e in result.all_events if e.is_step_materialization
             and (key := e.asset_key) is not None}  # fmt: skip
    # nothing after the checks; the overview in chapter 2 and what print leaves open need no data
    assert {key.path[0] for key in built} <= {"raw", "tables", "audit", "proof"}
    assert {key.path[-1] for key in built if key.path[0] == "proof"} <= {"bounds_of_claims"}
    assert {key for key in built if key.path[0] == "tables"} <= {table("table_2_1")}
    assert checkout.published() == good


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "dataset.csv: found '0 bytes of text'", marks=pytest.mark.long),
        pytest.param(
            "respondent;kommune\nR1;Køge\n".encode(),
            "found 'UTF-8 text', expected cp1252",
            marks=pytest.mark.long,
        ),
        pytest.param(
            b"respondent,kommune,s_1\nR1,Ribe,1\n",
            "row 1: found 'fields separated by comma'",
            marks=pytest.mark.long,
        ),
        (b"respondent;kommune;s_1\nR1;Ribe;1\nR2;Ri", "row 3, column kommune: found '2 fields'"),
    ],
    ids=["empty", "utf8", "comma", "cut-off"],
)
def test_a_file_that_cannot_be_read_fails_the_first_step(
    checkout: Checkout, good: dict[str, str], content: bytes, said: str
) -> None:
    with checkout.replaced(content):
        result = checkout.execute(RAW)
    (event,) = [e for e in result.all_events if e.is_step_failure]
    failure = event.step_failure_data.user_failure_data
    assert failure is not None
    assert said in str(failure.description)
    assert checkout.published() == good


@pytest.mark.long
def test_too_many_undeclared_codes_block_the_run(
    checkout: Checkout, undeclared: tuple[Outcome, int], good: dict[str, str]
) -> None:
    lines = checkout.lines()
    at = lines[0].index("s_112")
    rows = [n for n, line in enumerate(lines, 1) if n > 1 and line[at]]
    # the threshold is one in a hundred of the question's answers
    many = len(rows) // 100 + 1
    with checkout.changed({(row, "s_112"): "9" for row in rows[:many]}):
        result = checkout.execute()
    assert not result.success
    checks = {e.asset_key: e for e in result.get_asset_check_evaluations() if not e.passed}
    evaluation = checks[answers("economy")]
    assert evaluation.severity == dg.AssetCheckSeverity.ERROR
    assert evaluation.metadata["outside_scale"].value == many
    assert f"row {rows[0]}, column s_112: found '9'" in str(evaluation.description)
    # the code of question 14 is still there, below the threshold: a warning
    assert checks[answers("civil_actors")].severity == dg.AssetCheckSeverity.WARN
    built = {e.asset_key.path[0] for e in result.all_events
             if e.is_step_materialization and e.asset_key is not None}  # fmt: skip
    assert "report" not in built
    assert checkout.published() == good
