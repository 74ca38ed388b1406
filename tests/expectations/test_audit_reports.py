"""Planted misprints, the pages of the audit, and the documents made from it."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from declarations import Study
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, explain
from replication.audit.pages import chapter_page, findings_page, verdicts_by_chapter
from replication.audit.registry import RULES
from replication.audit.summary import CheckedRule, by_cause, chapters_of, checked
from replication.audit.texts import MEANINGS, TEXTS, meaning_of
from replication.audit.wording import arithmetic_in_words
from replication.consistency.printed_report import PrintedReport
from tools import audit_document
from tools.misprints import (
    BASE,
    DIGIT,
    KINDS,
    PRINTED,
    PROSE,
    STANDING,
    STAR,
    SWAP,
    Misprint,
    digit_changed,
    misprints,
    read,
    swapped,
)
from tools.plant import NUMBER, SEED, PlantedOutcome, found_shares, outcome_of, page

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = 6


@pytest.fixture(scope="module")
def counted(
    report: PrintedReport, constraints: Constraints, found: list[AuditFinding]
) -> list[CheckedRule]:
    return checked(report.layout, constraints, found)


@pytest.fixture(scope="module")
def known(report: PrintedReport, constraints: Constraints) -> list[AuditFinding]:
    return explain(report, constraints, constraints.broken(report))


# --- planted misprints ------------------------------------------------------------------------


def test_texts_with_a_misprint() -> None:
    chance = random.Random(1)
    digits = {digit_changed("38.7", chance) for _ in range(200)}
    assert {"28.7", "38.0", "88.7"} <= digits
    assert "38.7" not in digits
    assert all(text is None or len(text) == 4 for text in digits)
    assert {swapped("38.7", chance) for _ in range(50)} == {"83.7", "37.8"}
    assert swapped("33.3", chance) is None
    assert swapped("10.0", chance) is None  # 01.0 is not printed
    assert swapped("7.0", chance) == "0.7"


def test_misprints_are_the_same_every_time_and_of_every_kind(
    report: PrintedReport, known: list[AuditFinding]
) -> None:
    planted = misprints(report, 40, seed=7, known=known)
    assert planted == misprints(report, 40, seed=7, known=known)
    assert planted != misprints(report, 40, seed=8, known=known)
    assert Counter(m.kind for m in planted) == dict.fromkeys(KINDS, 10)
    for misprint in planted:
        changed = misprint.planted(report)
        assert read(misprint.ref, changed) == misprint.after != misprint.before
        assert read(misprint.ref, report) == misprint.before
        others = {**changed.numbers, **changed.marks}
        before = {**report.numbers, **report.marks}
        moved = {ref for ref in others if others[ref] != before[ref]} | set(changed.quotes)
        assert moved == {misprint.ref}


Seen = Callable[[Misprint], PlantedOutcome]


@pytest.fixture(scope="module")
def outcome(report: PrintedReport, constraints: Constraints, known: list[AuditFinding]) -> Seen:
    broken = constraints.broken(report)
    return lambda misprint: outcome_of(misprint, report, constraints, broken, known)


def test_a_misprint_that_is_found_and_put_right(outcome: Seen) -> None:
    wrong = Misprint(DIGIT, "table_3_4:rules:yes", "39.5", "89.5")
    seen = outcome(wrong)
    assert (seen.found, seen.singled, seen.right, seen.left) == (True, True, True, 1)
    assert (seen.named, seen.reason) == ("table_3_4:rules:yes", "")


def test_a_base_that_is_found_and_put_right(outcome: Seen) -> None:
    seen = outcome(Misprint(BASE, "table_6_8:q1:N", "67", "76"))
    assert (seen.singled, seen.right) == (True, True)


def test_a_star_that_print_leaves_open(outcome: Seen) -> None:
    seen = outcome(Misprint(STAR, "table_4_2:school:volunteers:mark", "*", "**"))
    assert (seen.found, seen.left) == (False, 4)
    assert "p-values are possible" in seen.reason


def test_a_figure_that_others_may_explain(outcome: Seen) -> None:
    # 32.3 for 23.3 and 46.3 for 55.3 both repair the sum; only the first is two exchanged digits
    seen = outcome(Misprint(SWAP, "table_3_4:research:no", "32.3", "23.3"))
    assert (seen.singled, seen.right) == (True, True)
    # 11.2 for 12.1: another answer of the row is a digit from fitting too
    row = "table_4_1:volunteer_centres:last_five_years"
    seen = outcome(Misprint(SWAP, row, "11.2", "12.1"))
    assert (seen.found, seen.singled) == (True, False)
    assert seen.reason.startswith("several figures of one sum")


@pytest.mark.long
def test_the_committed_results_are_those_of_the_code(
    report: PrintedReport, constraints: Constraints, known: list[AuditFinding]
) -> None:
    """The first six of three hundred misprints; `make misprints` renews all."""
    text = (ROOT / "docs" / "misprints.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(lines) == NUMBER + 2 * NUMBER // len(PRINTED)
    planted = misprints(report, NUMBER, SEED, known)[:SAMPLE]
    broken = constraints.broken(report)
    outcomes = [outcome_of(m, report, constraints, broken, known) for m in planted]
    again = page(report, outcomes, SEED).splitlines()
    assert [line for line in again if line.startswith("| `")] == lines[:SAMPLE], "make misprints"


def test_most_misprints_of_figures_are_found_and_singled_out() -> None:
    """The thresholds for the committed results: digits, swaps and Ns."""
    text = (ROOT / "docs" / "misprints.md").read_text(encoding="utf-8")
    rows = {
        name: (int(planted), int(found), int(singled))
        for name, planted, found, singled in re.findall(
            r"(?m)^\| ([A-Za-z ]+) \| (\d+) \| (\d+) \(\d+%\) \| (\d+) \(\d+%\)", text
        )
    }
    for kind in (DIGIT, SWAP, BASE):
        planted, found, singled = rows[kind]
        assert planted == NUMBER / len(PRINTED)
        assert found >= 0.95 * planted
        assert singled >= 0.85 * planted
    planted, found, _ = rows[PROSE]
    assert found > 0.85 * planted


def test_a_number_of_the_prose_is_found_where_it_stands_elsewhere(outcome: Seen) -> None:
    seen = outcome(Misprint(PROSE, "claim:c4_001", "82", "28"))
    assert (seen.singled, seen.right) == (True, True)
    seen = outcome(Misprint(PROSE, "claim:c4_027", "7", "9"))
    assert seen.found is False  # a mean of one area, between those it stands between
    assert seen.reason == "the number fits everything it can be compared with"
    seen = outcome(Misprint(PROSE, "claim:c3_028", "14", "19"))
    assert seen.found is False  # a share of one group, said once
    assert seen.reason == "the text gives it once, and no printed figure has it"


def test_a_figure_that_is_wrong_already_is_put_right_as_before(outcome: Seen) -> None:
    # 38.7 for 28.7 in print; 88.7 for it is put right to 28.7 too
    wrong = Misprint(STANDING, "table_3_4:charter:yes", "38.7", "88.7")
    seen = outcome(wrong)
    assert (seen.found, seen.singled, seen.right) == (True, True, True)


@pytest.mark.long
def test_a_base_that_is_wrong_already_is_put_right_as_before(outcome: Seen) -> None:
    seen = outcome(Misprint(STANDING, "table_4_1:N", "347", "374"))
    assert (seen.singled, seen.right) == (True, True)


def test_shares_are_counted() -> None:
    misprint = Misprint(DIGIT, "table_1:a", "1", "2")
    one = PlantedOutcome(misprint, True, True, False, "table_1:a", 1, "")
    two = replace(one, misprint=replace(misprint, kind=STAR, ref="table_2:a"), found=False,
                  singled=False)  # fmt: skip
    lines = {
        s.name: s for s in found_shares([one, two], lambda ref: "appendix" if "_1" in ref else "2")
    }
    assert (lines["all"].planted, lines["all"].found, lines["all"].right) == (2, 1, 0)
    assert (lines[DIGIT].singled, lines[STAR].singled) == (1, 0)
    assert (lines["in the appendix"].found, lines["in the chapters"].found) == (1, 0)


# --- pages ------------------------------------------------------------------------------------


def test_every_chapter_has_a_page(
    report: PrintedReport,
    found: list[AuditFinding],
    counted: list[CheckedRule],
) -> None:
    verdicts = verdicts_by_chapter(report)
    chapters = chapters_of(report.layout.study, {c.chapter for c in report.layout.claims})
    assert chapters == ["resume", *"2345678", "appendix"]
    for chapter in chapters:
        causes = by_cause([f for f in found if f.chapter == chapter], report.layout)
        own = [line for line in counted if line.chapter == chapter]
        for language in ("da", "en"):
            text = chapter_page(chapter, language, report, counted, found, verdicts)
            said = TEXTS[language]
            assert text.startswith("# ")
            # what is right comes first
            assert text.index(f"## {said['right']}") < text.index(f"## {said['checked']}")
            if f"## {said['correct']}" in text:
                assert text.index(f"## {said['right']}") < text.index(f"## {said['correct']}")
            grave = [c for c, fs in causes.items() if any(f.severity != "low" for f in fs)]
            assert text.count("\n### ") == len(grave)
            for line in own:
                title = getattr(RULES[line.rule].title, language)
                assert f"| {title} | {line.checked} | {line.broken} |" in text


def test_a_page_says_what_is_fine_and_what_is_not(
    report: PrintedReport,
    found: list[AuditFinding],
    counted: list[CheckedRule],
) -> None:
    verdicts = verdicts_by_chapter(report)
    text = chapter_page("3", "en", report, counted, found, verdicts)
    assert "93 printed figures in 4 tables." in text
    assert "These tables are in order: 3.1, 3.2, 3.3." in text
    charter = "### Table 3.4, Charter for interplay of voluntary and public sector, Yes"
    block = text.partition(f"{charter}: printed 38.7\n")[2].partition("\n###")[0]
    likely = "28.7 is the likely figure."
    # 400 is everyone who was asked, and the code of a municipality too
    behind = "(154: 38.5; 155: 38.8; 155 gives it if cut off); "
    assert f"- No whole number of 400 rounds to 38.7 {behind}" in block
    assert "- The answers of the row add up to 439 to 440, not 400 (154 or 155 + 159 + " in block
    assert block.count(likely) == 1
    assert MEANINGS["en"]["high"] in block
    text = chapter_page("4", "en", report, counted, found, verdicts)
    small = text.partition(f"## {TEXTS['en']['small']}")[2]
    assert "\n- **N of Drop-in centres, printed with that of other lines:** " in small
    empty = [f for f in found if f.cause == "item:actor_drop_in:N"]
    assert "only N counts somebody who left this line empty" in MEANINGS["en"][meaning_of(empty)]
    text = chapter_page("3", "en", report, counted, [], verdicts)
    assert TEXTS["en"]["correct"] not in text


def test_the_pages_find_kind_words(found: list[AuditFinding]) -> None:
    for finding in found:
        for language in ("da", "en"):
            assert MEANINGS[language][meaning_of([finding])].endswith(".")
        said = MEANINGS["en"][meaning_of([finding])].lower()
        assert not {"error", "false", "careless", "mistake"} & set(re.findall(r"[a-z]+", said))


def test_the_committed_document_is_what_the_audit_finds(
    report: PrintedReport, found: list[AuditFinding]
) -> None:
    committed = (ROOT / audit_document.TARGET).read_text(encoding="utf-8")
    assert committed == findings_page(report, found), "run `make docs`"
    assert committed.count("\n| high |") == sum(f.severity == "high" for f in found)


@pytest.mark.long
def test_the_document_is_written(tmp_path: Path, study: Study) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "studies").symlink_to(ROOT / "studies")
    assert audit_document.main(["--root", str(tmp_path)]) == 0
    written = (tmp_path / audit_document.TARGET).read_text(encoding="utf-8")
    assert written == (ROOT / audit_document.TARGET).read_text(encoding="utf-8")


def test_the_arithmetic_of_a_statement_is_reported_in_words(report: PrintedReport) -> None:
    layout = report.layout
    label = layout.study.items["cross_cutting"].label
    told = arithmetic_in_words(
        "stated more, print gives cross_cutting, 24.6 against 41.9", "en", layout
    )
    assert label.en in told
    assert "cross_cutting" not in told
    assert "24.6" in told
    danish = arithmetic_in_words(
        "stated more, print gives cross_cutting, 24.6 against 41.9", "da", layout
    )
    assert label.da in danish
    assert "24,6" in danish
    assert "print gives" not in danish
    # a part of another id is left alone
    assert "cross_cutting_else" in arithmetic_in_words("45.6, cross_cutting_else", "en", layout)


def test_no_page_shows_an_id(
    study: Study, report: PrintedReport, found: list[AuditFinding]
) -> None:
    page = findings_page(report, found)
    shown = [item for item in study.items if "_" in item and item in page]
    assert shown == []
