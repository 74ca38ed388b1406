"""Numbers in the text: a wrong digit in any of them, and numbers stated in several places."""

from __future__ import annotations

import random
from itertools import product
from math import inf
from typing import Any, cast

import pytest

from declarations.tables.cells import STATUS_ITEM
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, explain
from replication.audit.summary import by_cause
from replication.audit.text_rules import mixtures
from replication.audit.text_rules.mixtures import mixture
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import PrintedReport
from replication.consistency.quotations import gives_number
from replication.consistency.references import CLAIM
from replication.consistency.statements import decide_statement
from replication.deciding.facts import IMPRECISE, Reader, UndecidableError
from replication.proof.record import claim_hash
from tests.claims import changed as declared
from tests.claims import claim_of


def said_as(
    number: float, claim: str, report: PrintedReport, constraints: Constraints
) -> dict[str, AuditFinding]:
    """New findings if a statement has another number, by id.

    For speed, the diagnosis leaves out what was there before.
    """
    changed = report.with_quote(f"{CLAIM}:{claim}", number)
    own = constraints.by_ref.get(f"{CLAIM}:{claim}", ())
    broken = [c for c in own if c.holds(report) and not c.holds(changed)]
    return {f.id: f for f in explain(changed, constraints, broken)}


def test_a_number_said_in_three_places_and_in_no_table(
    report: PrintedReport, constraints: Constraints
) -> None:
    """82 is in the summary, 4.1 and 7.2; no table has it."""
    findings = said_as(28, "c4_001", report, constraints)
    assert {(f.cause, f.likely) for f in findings.values()} == {("claim:c4_001", "82")}
    assert {f.gives for f in findings.values()} >= {
        "82 % in section Resumé against 28 % in section 4.1",
        "28 % in section 4.1 against 82 % in section 7.2",
    }


def test_whole_numbers_one_apart_are_two_numbers(
    report: PrintedReport, constraints: Constraints
) -> None:
    """The numbers that round to 82 end below those of 83; a word includes the number at its end."""
    findings = said_as(83, "c7_011", report, constraints)
    assert {(f.cause, f.likely) for f in findings.values()} == {("claim:c7_011", "82")}
    # a median of 5 in 4.2 and of 6 in 7.2: two places, and either may be wrong
    (finding,) = said_as(6, "c7_013", report, constraints).values()
    assert (finding.id, finding.likely) == ("same_quantity:c4_012=c7_013", "")
    assert finding.causes == ("claim:c4_012", "claim:c7_013")
    # said with a decimal it is what rounds to the others' 82, or not
    assert not said_as(82.4, "c7_011", report, constraints)
    assert said_as(82.6, "c7_011", report, constraints)


def test_a_digit_wrong_in_any_number_of_the_text(
    report: PrintedReport, constraints: Constraints
) -> None:
    """Each number with its last digit one higher or lower: the audit never stops and finds most.

    If the audit finds a number as printed, it counts as found if the audit also finds the changed
    one.
    """
    numbers = [ref for ref, claim in report.layout.claim.items() if gives_number(claim)]
    found = set()
    for ref in numbers:
        number = int(report.quoted(ref))
        other = number - 1 if number % 10 == 9 else number + 1
        changed = report.with_quote(ref, other)
        if any(not constraint.holds(changed) for constraint in constraints.by_ref.get(ref, ())):
            found.add(ref)
    assert len(numbers) > 100
    assert len(found) >= 0.75 * len(numbers)


def test_what_is_quoted_as_printed_is_printed(
    report: PrintedReport, constraints: Constraints
) -> None:
    """79.9 of 57 is no number of heads: the statement is read with 79.9, with a note."""
    claim = report.layout.claim["claim:c4_068"]
    broken = [c for c in constraints.by_ref["claim:c4_068"] if c.rule == "wording"]
    (finding,) = explain(report, constraints, broken)
    assert "health (79.9) is below citizen_service (82.4)" in finding.gives
    assert "79.9 of Sundhed og forebyggelse as printed, which no whole number" in finding.gives
    assert decide_statement(claim, report)[0].grade == IMPRECISE
    # 22.8 + 3.2, though 3.2 of 324 is impossible
    (regular,) = (c for c in constraints.by_ref["claim:c5_098"] if c.rule == "prose")
    assert "with 3.2 of" in regular.gives(report)


def test_no_test_is_made_of_an_impossible_share(report: PrintedReport) -> None:
    facts = PrintedFacts(report)
    reader = Reader(facts, report.layout.study, report.layout.words)
    assert facts.count("actor_national_orgs", "1", "area", "health") == pytest.approx(45.543)
    halves = Reader(_Halves(report), report.layout.study, report.layout.words)
    with pytest.raises(UndecidableError, match="no whole number gives a share of actor_companies"):
        halves.distribution("actor_companies", "area", "health")
    assert reader.count("actor_national_orgs", "total", "area", "health") == 57


class _Halves(PrintedFacts):
    """Facts in which every code has a fraction of half a head."""

    def count(self, item: str, code: str, group: str, level: str) -> float:
        return 0.5


def test_statements_of_one_sentence_are_one(
    report: PrintedReport, constraints: Constraints
) -> None:
    """Three statements on housing associations come from one sentence of section 4.3."""
    findings = explain(report, constraints, constraints.broken(report))
    own = [f for f in findings if f.claim in {"c4_081", "c4_084", "c4_086"}]
    assert len(own) == 3
    (together,) = by_cause(own, report.layout).values()
    assert together == own
    claim = report.layout.claim["claim:c4_081"]
    assert claim_hash(declared(claim, at=None)) == claim_hash(claim)


@pytest.mark.parametrize(
    ("claim", "number", "name", "gives"),
    [
        # 47 + 25 + 6 + 22 = 100 job titles
        ("c2_020", 65, "whole:position", "47 + 65 + 6 + 22 is 138 to 142 with rounding"),
        ("c2_022", 19, "whole:position", "47 + 25 + 6 + 19 is 95 to 99 with rounding"),
        # 390 answered an earlier question, and 5 at most leave a line empty
        ("c4_002", 398, "c4_002:after", "N = 398 for a question after one with N = 390"),
        ("c4_002", 338, "c4_002:before", "N = 347 for a question after one with N = 338"),
    ],
)
def test_numbers_of_the_text_that_do_not_add_up(
    claim: str,
    number: int,
    name: str,
    gives: str,
    report: PrintedReport,
    constraints: Constraints,
) -> None:
    findings = said_as(number, claim, report, constraints)
    (finding,) = (f for f in findings.values() if f.id.startswith(f"prose_sums:{name}"))
    assert gives in finding.gives
    assert f"{CLAIM}:{claim}" in finding.causes


@pytest.mark.parametrize(
    ("claim", "number", "name", "gives"),
    [
        # 48 of technical heads and 63 of the others, of whom there are 80 and 330: 60.3 of all
        ("c3_008", 78, "c3_008:c3_009", "groups with 78 and 63 make"),
        ("c3_009", 53, "c3_008:c3_009", "everyone has 60.25 to 60.35"),
        ("c5_046", 93, "c5_046:c5_047", "everyone has 26.65 to 26.75"),
        # means by size make 12, as do those by the mayor's bloc, with two local mayors among them
        ("c4_030", 64, "c4_030:c4_031:c4_032:c4_034", "groups with 64 and 10 and 10 and 6 make"),
        ("c4_032", 40, "c4_030:c4_031:c4_032:c4_034", "everyone has 11.5 to 12.5"),
        ("c4_037", 48, "c4_036:c4_037", "groups with 8 and 48 make"),
        ("c5_122", 58, "c5_122:c5_123", "everyone has 11.35 to 11.45"),
    ],
)
def test_numbers_of_groups_that_do_not_make_everyones(
    claim: str,
    number: int,
    name: str,
    gives: str,
    report: PrintedReport,
    constraints: Constraints,
) -> None:
    findings = said_as(number, claim, report, constraints)
    (finding,) = (f for f in findings.values() if f.id == f"mixture:{name}")
    assert gives in finding.gives
    assert f"{CLAIM}:{claim}" in finding.causes


def test_numbers_of_groups_that_do(report: PrintedReport, constraints: Constraints) -> None:
    """Two of nine mixtures are broken: 34 and 20 percent against 17 of everyone, stated twice."""
    own = {c.key: c for c in constraints.all if c.rule == "mixture"}
    assert {key for key, c in own.items() if not c.holds(report)} == {
        "c5_010:c5_011", "c7_234:c7_235",
    }  # fmt: skip
    assert len(own) >= 9
    # a unit is within what other questions' Ns leave open, and the rule says that it rests on them
    assert "mixture:c4_036:c4_037" not in said_as(19, "c4_037", report, constraints)
    assert "at most 20%" in own["c4_036:c4_037"].assumes
    assert own["c5_128:c5_129"].assumes == ""  # Table 5.8 prints N of the same question


@pytest.mark.parametrize("seed", range(5))
def test_a_mixture_is_that_of_the_best_weights(seed: int) -> None:
    """The ends of a weighted mean, checked by trying all corners of the weights."""
    chance = random.Random(seed)
    parts = []
    for _ in range(5):
        least, low = chance.uniform(1, 50), chance.uniform(0, 90)
        parts.append((least, least * chance.uniform(1, 2), low, low + chance.uniform(0, 10)))
    low, high = mixture(parts)

    def means(end: int) -> list[float]:
        corners = product(*((part[0], part[1]) for part in parts))
        return [sum(w * p[end] for w, p in zip(c, parts, strict=True)) / sum(c) for c in corners]

    assert low == pytest.approx(min(means(2)))
    assert high == pytest.approx(max(means(3)))


def test_a_groups_part_of_the_answers_is_about_the_same_at_every_question(
    report: PrintedReport,
) -> None:
    """The assumption of the mixtures holds for every pair of printed Ns of the report."""
    layout = report.layout
    parts: dict[tuple[str, str], list[float]] = {}
    for (item, group, level), bases in layout.bases_of.items():
        everyone = layout.bases_of.get((item, "all", "all"))
        if group != "all" and item != STATUS_ITEM and everyone:
            part = report.numbers[bases[0].ref] / report.numbers[everyone[0].ref]
            parts.setdefault((group, level), []).append(part)
    ratios = [max(own) / min(own) for own in parts.values()]
    assert len(ratios) > 15
    assert max(ratios) <= layout.settings.answering


@pytest.mark.parametrize(
    ("claim", "number", "name", "gives"),
    [
        # health has most, then schools and citizen service, slightly below
        ("c4_019", 11, "c4_018:c4_019:c4_021", "11 against 15; the text says: Health has most"),
        ("c4_021", 18, "c4_018:c4_019:c4_021", "17 against 18"),
        ("c4_019", 37, "c4_022b:c4_019:c4_021", "slightly below health"),
        # management fewest, before employment
        ("c4_028", 9, "c4_026:c4_027:c4_028", "7 against 9"),
        # technical services less than the others, and so less than everyone
        ("c5_013", 73, "c5_012:c5_013:all", "73 %, everyone has 16.5 to 17.5"),
        # the mean is above the median
        ("c4_012", 15, "c4_013:c4_011:c4_012", "12 against 15"),
    ],
)
def test_a_number_against_the_words_of_the_text(
    claim: str,
    number: int,
    name: str,
    gives: str,
    report: PrintedReport,
    constraints: Constraints,
) -> None:
    findings = said_as(number, claim, report, constraints)
    assert gives in findings[f"own_words:{name}"].gives


def test_the_words_of_the_text_fit_its_numbers(
    report: PrintedReport, constraints: Constraints
) -> None:
    own = [c for c in constraints.all if c.rule == "own_words"]
    assert len(own) > 60
    assert [c.key for c in own if not c.holds(report)] == []


def test_numbers_of_the_text_that_do_add_up(
    report: PrintedReport, constraints: Constraints
) -> None:
    own = [c for c in constraints.all if c.rule == "prose_sums"]
    assert len(own) >= 7
    # 17 % for both kinds of centre is too little beside 64 and 10
    assert sum(not c.holds(report) for c in own) == 1
    # a unit off is rounding: 47 + 25 + 6 + 21 = 99
    assert not said_as(21, "c2_022", report, constraints)
    # everyone with 395 answers before: five more may have left a line empty
    assert not said_as(395, "c4_002", report, constraints)


@pytest.mark.parametrize(
    ("kind", "said", "allowed"),
    [
        ("share", (20, 30), (20, 30)), ("share", (-5, 30), (0, 30)),
        ("share", (20, inf), (20, 100)),
        ("share", (110, 120), None), ("mean", (5, 120), (5, 120)), ("mean", (5, inf), None),
        ("mean", (6, 5), None), ("share", None, None),
    ],
)  # fmt: skip
def test_a_statement_allows_numbers_within_the_range_of_its_quantity(
    report: PrintedReport, monkeypatch: pytest.MonkeyPatch, kind: str,
    said: tuple[float, float] | None, allowed: tuple[float, float] | None,
) -> None:  # fmt: skip
    monkeypatch.setattr(mixtures, "words_interval", lambda *_: said)
    of = {"item": "new_focus", "codes": [1]} if kind == "share" else {"item": "collaborations"}
    claim = claim_of(kind, of=of, **{"is": 7})
    assert mixtures._range_of(cast("Any", claim), report.layout) == allowed
