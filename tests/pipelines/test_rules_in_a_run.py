"""Runs of a small study: what is quarantined, what stops a run, and the page that shows it."""

from __future__ import annotations

import csv
import html.parser
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

from assets.clean import coded, people
from assets.clean.balances import CELLS, ROWS, Balance
from assets.raw.rules.case import Case
from assets.step.workspace import Workspace
from declarations import load_study
from declarations.survey.rules import CATALOGUE
from expectations.checks_page import checks_page, percent_text, without_controls
from expectations.checks_record import keep_balances, keep_results, keep_suites, read_record
from expectations.scales import ScaleResult
from pipelines.chain import build_definitions
from pipelines.records.summary import summarize_run
from runtime.store import Store
from tests.checkout import execute
from tests.small import HEADER, Small

QUARANTINE = {"policy": "quarantine", "threshold": 0.5}


class Page(html.parser.HTMLParser):
    """Tags with their attributes, and the text of table rows by their id."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.rows: dict[str, str] = {}
        self.open: list[str] = []
        self._row = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br"):
            self.open.append(tag)
        if tag == "tr":
            self._row = str(dict(attrs).get("id", ""))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._row:
            self.rows[self._row] = self.rows.get(self._row, "") + data


def said(result: dg.ExecuteInProcessResult, root: Path) -> str:
    workspace = Workspace(root=str(root), place="small")
    page = workspace.failed_page("1")
    return str(summarize_run([result], workspace.output("1"), page)["summary"])


def failed_page(root: Path) -> Path:
    return Workspace(root=str(root), place="small").failed_page("1")


def published(root: Path) -> dict[str, bytes]:
    folder = root / "output" / "small" / "1"
    return {p.name: p.read_bytes() for p in folder.glob("*") if p.is_file()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dg.ExecuteInProcessResult]:
    """A run with rows and answers in quarantine."""
    root = tmp_path_factory.mktemp("ran")
    small = Small(root, checks=dict.fromkeys(("unique_respondent", "exclusive"), QUARANTINE))
    small.lines.append(dict(small.lines[2]))  # row 22 is row 4 again
    small.lines[6]["id"] = "P5"  # rows 6 and 8 differ
    small.lines[9]["box_9"] = "1"  # row 11
    small.sheet["invited"] = 18
    return root, execute(small.write(), root, "1")


def test_a_run_sets_rows_and_answers_aside(ran: tuple[Path, dg.ExecuteInProcessResult]) -> None:
    root, result = ran
    assert result.success, said(result, root)
    text = published(root)["quarantine.csv"].decode()
    lines = list(csv.DictReader(text.splitlines()))
    assert [(x["file_row"], x["unit"], x["variable"], x["rule"]) for x in lines] == [
        ("6", "row", "id", "unique_respondent"), ("8", "row", "id", "unique_respondent"),
        ("11", "answer", "box_1", "exclusive"), ("11", "answer", "box_2", "exclusive"),
        ("11", "answer", "box_9", "exclusive"), ("22", "row", "id", "unique_respondent"),
    ]  # fmt: skip
    assert {x["file"] for x in lines} == {"dataset.csv"}
    assert all(x["expected"] for x in lines)
    # identifiers are never shown
    assert {x["value"] for x in lines if x["unit"] == "row"} == {"'A9' (2 characters)"}
    checks = {e.check_name: e for e in result.get_asset_check_evaluations()}
    assert checks[ROWS].passed
    assert checks[CELLS].passed
    assert checks[ROWS].metadata["quarantined"].value == 3
    assert "3 rows and 3 answers quarantined, not counted" in said(result, root)
    assert not failed_page(root).exists()


def test_a_line_again_is_set_aside_where_nobody_is_known(tmp_path: Path) -> None:
    small = Small(tmp_path, respondent=None, header=HEADER[1:])
    for number, line in enumerate(small.lines):
        line["last"] = f"Text {number}" if number != 19 else ""
    small.lines.append(dict(small.lines[2]))
    small.checks = {"repeated_line": QUARANTINE}
    result = execute(small.write(), tmp_path, "1")
    assert result.success, said(result, tmp_path)
    (line,) = csv.DictReader(published(tmp_path)["quarantine.csv"].decode().splitlines())
    assert (line["file_row"], line["variable"], line["value"]) == ("22", "place..stato_5", "")
    assert line["expected"] == "a line of its own (row 4 is the same in every cell)"


def test_the_published_page_shows_every_rule_and_suite(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    page = Page(published(ran[0])["checks.html"].decode())
    assert page.open == []
    # repeated_line: no column identifies respondents
    assert set(page.rows) == set(CATALOGUE) - {"repeated_line"}
    told = re.sub(r"\s+", " ", page.rows["unique_respondent"])
    for part in ("Hver respondent har én linje.", "Every respondent has one line.",
                 "linje / row", "karantæne / quarantine", "50 %", "21 linjer / lines",
                 "3 14,29 %", "sat til side / set aside",
                 "dataset.csv, row 6, column id: found 'A9'"):  # fmt: skip
        assert part in told, part
    text = published(ran[0])["checks.html"].decode()
    assert "KONSTRUEREDE DATA / CONSTRUCTED DATA" in text
    assert "expect_column_values_to_be_in_set over 17 answers" in text
    assert "lines 21, clean 18, quarantined 3; missing or duplicated 0" in text
    assert ">P5<" not in text
    assert "'P5'" not in text


def test_a_blocking_rule_stops_before_cleaning_and_has_its_page(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root = ran[0]
    before = published(root)
    small = Small(root)
    small.lines[3]["place"] = "Xby"
    result = execute(small.write(), root, "1")
    assert not result.success
    built = {e.asset_key.path[0] for e in result.all_events
             if e.is_step_materialization and e.asset_key is not None}  # fmt: skip
    assert built == {"raw"}
    assert published(root) == before
    text = failed_page(root).read_text(encoding="utf-8")
    page = Page(text)
    assert "stoppet / stopped" in page.rows["unknown_municipality"]
    assert "bestået / passed" in page.rows["unique_respondent"]
    # later results of the previous run are not shown for this one
    assert "missing or duplicated" not in text
    assert "expect_column" not in text
    assert "ikke nået / not reached" in text
    assert f"page of checks: {failed_page(root)}" in said(result, root)


@pytest.mark.parametrize("lose", ["row", "cell"])
def test_a_lost_row_or_cell_stops_the_run(
    ran: tuple[Path, dg.ExecuteInProcessResult], lose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = ran[0]
    before = published(root)
    module, function, relation = {
        "row": (people, "write_people", "clean.invitations"),
        "cell": (coded, "write_question", 'coded."use"'),
    }[lose]
    original: Callable[..., None] = getattr(module, function)

    def lossy(case: Case, given: Any) -> None:
        original(case, given)
        if lose == "row" or given.id == "use":
            case.connection.execute(
                f"DELETE FROM {relation} WHERE rowid = (SELECT max(rowid) FROM {relation})"
            )

    monkeypatch.setattr(module, function, lossy)
    result = execute(Small(root).write(), root, "1")
    assert not result.success
    checks = {e.check_name: e for e in result.get_asset_check_evaluations() if not e.passed}
    assert {"row": ROWS, "cell": CELLS}[lose] in checks
    assert published(root) == before
    assert re.search(r"missing or duplicated [1-9]", failed_page(root).read_text(encoding="utf-8"))


def versions(small: Small, **labels: str) -> dict[str, str]:
    """Code versions of the assets that quarantine something; `labels` are of questions."""
    study = small.write()
    for name, label in labels.items():
        (path,) = (study.folder / "questions").glob(f"*_{name}.yaml")
        path.write_text(path.read_text() + f"note: {label}\n")
    assets = build_definitions(load_study(study.folder), "").assets or ()
    specs = [spec for each in assets for spec in getattr(each, "specs", ())]
    chosen = ("raw", "answers")
    return {s.key.to_user_string(): str(s.code_version) for s in specs if s.key.path[0] in chosen}


def test_another_policy_makes_just_what_it_sets_aside_stale(tmp_path: Path) -> None:
    before = versions(Small(tmp_path))

    def changed(checks: dict[str, object], **labels: str) -> set[str]:
        after = versions(Small(tmp_path, checks=checks), **labels)
        return {name for name in after if after[name] != before[name]}

    everything = {name for name in before if name.startswith("answers/")}
    # all answers may be set aside by any of these rules; rows follow study.yaml, and so do the
    # checks on the data set
    raw = {"raw/rejected_rows", "raw/dataset"}
    assert changed({"exclusive": {"policy": "warn"}}) == everything | raw
    # a note is in no answer
    assert changed({}, view="x") == set()


# The page alone.


def page_of(small: Small) -> str:
    study = small.write()
    sheet = study.source_sheet("1")
    store = Workspace(root=str(small.root), place="small").store("1")
    files = [("dataset", "dataset<b>.csv", "0" * 64, 1, 20, "semicolon, utf-8")]
    columns = ["role", "file", "sha256", "bytes", "rows", "form"]
    store.write({("raw", "files"): pd.DataFrame(files, columns=columns)})
    keep_results(store, list(small.verdicts().values()))
    return checks_page(study, sheet, read_record(store, study))


def test_a_check_that_is_made_again_leaves_what_is_kept_of_the_others(tmp_path: Path) -> None:
    small = Small(tmp_path)
    study, store = small.write(), Store(tmp_path / "w.duckdb")
    store.write({("raw", "files"): pd.DataFrame({"role": ["dataset"]})})
    suites = [ScaleResult(q.id, 20, 0, [], ["in the scale"]) for q in study.counted_questions]
    sound = list(small.verdicts().values())
    keep_results(store, sound)
    keep_suites(store, suites)
    keep_balances(store, [Balance("rows_in_equal_rows_out", {"lines": 20}, 0)])
    before = read_record(store, study)
    assert all(suite.outcome == "passed" for suite in before.suites)
    assert len(before.balances) == 1
    # alone, as where only what is declared of the raw file changed
    keep_results(store, sound)
    assert read_record(store, study) == before
    # one that stops: what comes after it was not reached
    keep_suites(store, suites[:1], stopped=True)
    assert read_record(store, study).balances == ()
    small.lines[0]["place"] = "Nowhere"
    keep_results(store, list(small.verdicts().values()))
    stopped = read_record(store, study)
    assert "stopped" in {rule.outcome for rule in stopped.rules}
    assert all(suite.outcome == "" for suite in stopped.suites)


def test_nothing_from_the_data_is_markup_and_nothing_is_fetched(tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script>\u202e\x07"
    small = Small(tmp_path, header=(*HEADER, hostile))
    text = page_of(small)
    page = Page(text)
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert not {"link", "img", "iframe", "object", "form"} & set(page.tags)
    assert not {"src", "style", "onclick"} & {name for name, _ in page.attributes}
    links = [value for name, value in page.attributes if name == "href"]
    assert links == ["#undeclared_column"]
    assert not re.search(r"https?:|url\(|@import", text)
    assert not set("\u202e\x07") & set(text)
    assert "&lt;script&gt;" in text
    assert 'name="viewport"' in text
    assert "@media print" in text


def test_the_page_is_the_same_every_time(tmp_path: Path) -> None:
    assert page_of(Small(tmp_path)) == page_of(Small(tmp_path))


def test_only_the_first_findings_are_shown_and_open_answers_never(tmp_path: Path) -> None:
    small = Small(tmp_path, checks={"routing": {"policy": "warn", "threshold": 1}})
    for cells in small.lines[:9]:
        cells |= {"use": "2", "use_text": "Jens Jensen"}
    told = Page(page_of(small)).rows["routing"]
    assert told.count("dataset.csv, row") == 5
    assert "... 4 flere / more" in told
    assert "Jens" not in told
    assert "(open answer)" in told


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (0, "0 %"),
        (0.01, "1 %"),
        (0.0125, "1,25 %"),
        (1, "100 %"),
        (1 / 3, "33,33 %"),
        (0.1, "10 %"),
    ],
)
def test_shares_are_shown_as_percentages(share: float, expected: str) -> None:
    assert percent_text(share) == expected


@pytest.mark.parametrize("text", ["a\u2066b", "a\x1bb", "a\nb", "a\u2029b"])
def test_control_characters_are_replaced(text: str) -> None:
    assert without_controls(text) == "a\N{REPLACEMENT CHARACTER}b"
