"""Ratings of findings: high only if a reader concludes something else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from declarations.claims.claim import Claim
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, audit, is_right, one_rating
from replication.audit.pages import gives
from replication.audit.texts import MEANINGS, READINGS, RIGHT, meaning_of
from replication.consistency import ratings
from replication.consistency.constraints import HIGH, LOW, MEDIUM
from replication.consistency.printed_report import PrintedReport
from replication.consistency.statements import severity
from tests.claims import changed, claim_of


@pytest.fixture(scope="module")
def known(claims: list[Claim]) -> dict[str, Claim]:
    return {claim.id: claim for claim in claims}


@pytest.mark.parametrize(
    ("ref", "likely", "rating"),
    [
        ("table_4_1:local_orgs:last_year", 238, HIGH),  # 73.8 for 23.8 of 347
        ("table_4_1:local_orgs:last_year", 739, LOW),
        # 1.0 point; the column has 82.5, 82.4, 66.0 and less on either side
        ("table_4_2:health:national_orgs", 789, LOW),
        # 0.5 points, and citizen services (82.4) are above
        ("table_4_2:culture:national_orgs", 820, MEDIUM),
        # 2 and 3 of 17 heads: 11.8 and 17.7 points
        ("table_4_3:citizen_service:volunteer_centres", 353, MEDIUM),
        ("table_4_3:citizen_service:volunteer_centres", 294, HIGH),
        # one of the 6 heads of a municipality
        ("table_a1_1:260:none_pct", 500, MEDIUM),
        # counts are compared as shares: 6 of 410 are 1.5 points, 40 are 9.8
        ("table_3_2:yes:n", 155, MEDIUM),
        ("table_3_2:yes:n", 121, HIGH),
        ("table_6_5:democratisation:relative", 68, HIGH),
    ],
)
def test_a_wrong_figure(ref: str, likely: int, rating: str, report: PrintedReport) -> None:
    assert ratings.of_figure(report.layout.figure[ref], likely, report) == rating


@pytest.mark.parametrize(
    ("significant", "spans", "weakly", "rating"),
    [
        (True, [(0.03, 0.2)], 0.1, LOW),  # it may be right
        (True, [(0.0014, 0.0014)], 0.1, LOW),  # .001 is printed: significant either way
        (True, [(0.0644, 0.0644)], 0.1, MEDIUM),  # a tendency
        (True, [(0.0644, 0.0644)], None, HIGH),  # a star knows no tendency
        (True, [(0.3, 0.4), (0.53, 0.6)], 0.1, HIGH),
        (False, [(0.001, 0.002)], 0.1, HIGH),
        (False, [(0.5268, 0.5268)], 0.1, LOW),
    ],
)
def test_a_wrong_mark(
    significant: bool, spans: list[tuple[float, float]], weakly: float | None, rating: str
) -> None:
    assert ratings.of_mark(significant, spans, 0.05, weakly) == rating


def test_a_sentence_against_a_misprint_is_right(found: list[AuditFinding]) -> None:
    """The 3.2 printed for 35.2 misleads a reader of Table 5.5.

    The three sentences on it are right.
    """
    own = [f for f in found if f.cause == "table_5_5:meetings:some"]
    assert {f.severity for f in own if f.about.startswith("table_5_5")} == {HIGH}
    sentences = [f for f in own if f.claim]
    assert {f.claim for f in sentences} == {"c5_088", "c5_098", "c5_100"}
    assert {f.severity for f in sentences} == {LOW}
    assert meaning_of(sentences) == RIGHT
    assert meaning_of(own) == HIGH


def test_another_sentence_against_a_misprint(
    report: PrintedReport, constraints: Constraints
) -> None:
    """23.8 printed for 73.8 of local associations: the row adds up to 50.

    Ten sentences disagree with it.
    """
    wrong = report.with_number("table_4_1:local_orgs:last_year", 238)
    own = [f for f in audit(wrong, constraints) if f.cause == "table_4_1:local_orgs:last_year"]
    assert {f.severity for f in own if not f.claim} == {HIGH}
    right = [f for f in own if f.claim]
    assert len(right) >= 3
    assert {f.severity for f in right} == {LOW}
    told = gives(right[0], "en", wrong)
    assert told.endswith("With 73.8 in the table it holds.")
    assert gives(right[0], "da", wrong).endswith("Med 73,8 i tabellen passer det.")


def test_sentences_alone_carry_the_rating_of_the_misprint(found: list[AuditFinding]) -> None:
    """If no finding is about the figure itself, its rating must not be lost."""
    sentence = next(f for f in found if f.claim == "c5_098")
    alone = replace(sentence, severity=HIGH)
    assert [f.severity for f in one_rating([alone])] == [HIGH]
    figure = replace(alone, id="no_count:x", about=alone.cause, claim="")
    assert [f.severity for f in one_rating([alone, figure])] == [LOW, HIGH]
    # a sentence that may be what is wrong is not right
    either = replace(alone, cause=f"claim:c5_098 {alone.cause}")
    assert not is_right(either)
    assert [f.severity for f in one_rating([either, replace(figure, cause=either.cause)])] == [
        HIGH,
        HIGH,
    ]


def test_a_sentence_that_rests_on_a_misprint_misleads(found: list[AuditFinding]) -> None:
    """Democratisation does not meet expectations best; the printed 32 says that it does."""
    rated = {f.id: f.severity for f in found}
    assert rated["prose:c6_111"] == rated["prose:c7_100"] == HIGH


def test_true_in_one_reading_and_reversed_in_another(
    found: list[AuditFinding], known: dict[str, Claim], report: PrintedReport
) -> None:
    """Among answers "to a high degree" the share falls from 13.4 to 4.6 with the pressure."""
    own = {f.claim: f for f in found if f.rule == "wording"}
    for name in ("c6_164", "c7_151"):
        assert own[name].severity == MEDIUM
        assert meaning_of([own[name]]) == READINGS
        assert MEANINGS["en"][READINGS] != MEANINGS["en"][f"claim:{MEDIUM}"]
        claim = known[name]
        kept = [r.model_dump(exclude_defaults=True) for r in claim.readings if r.by != "codes"]
        assert severity(changed(claim, readings=kept), report) == LOW
    # short as on special occasions 74.5 against 79.0; usually 11.8 against 40.7
    assert own["c5_069"].severity == MEDIUM
    assert own["c6_088"].severity == MEDIUM  # called significant at p < .07
    # evidence 2.5 points below the average: no reading turns it by five
    assert severity(known["c6_151"], report) == LOW


def test_a_bound_in_the_text_is_rated_as_in_the_table(found: list[AuditFinding]) -> None:
    """Table 5.8 and section 5.5 print p < .05 for .064.

    The rest of the sentence is rated separately.
    """
    rated = {f.id: f.severity for f in found}
    assert rated["bound:c5_131"] == rated["significance:table_5_8:mark"] == MEDIUM
    assert rated["wording:c5_131"] == LOW


@pytest.mark.parametrize(
    ("relation", "right", "rating"),
    [
        ("less", "reason_quality", HIGH),  # 74.6 and 67.9
        ("less", "reason_innovation", MEDIUM),  # 1.5 points
        ("about_equal", "reason_quality", LOW),
        ("about_equal", "reason_empowerment", MEDIUM),  # 10.6 points
        ("about_equal", "reason_cut_spending", HIGH),
    ],
)
def test_an_order_of_two(relation: str, right: str, rating: str, report: PrintedReport) -> None:
    sides = {"left": {"item": "reason_trust", "codes": [1]}, "right": {"item": right, "codes": [1]}}
    assert severity(claim_of("comparison", **sides, relation=relation), report) == rating


@pytest.mark.parametrize(("number", "rating"), [(41, LOW), (43, MEDIUM), (93, HIGH)])
def test_two_numbers_for_one_share(
    number: int, rating: str, report: PrintedReport, constraints: Constraints
) -> None:
    """Sections 5.3 and 7.3 both give 40 percent for how long collaborations last."""
    pair = next(c for c in constraints.all if c.id == "same_quantity:c5_066=c7_051")
    assert pair.severity_in(report.with_quote("claim:c7_051", number)) == rating


def test_a_pair_of_sentences_is_about_the_wrong_one(found: list[AuditFinding]) -> None:
    """39 percent is right in 3.2, 7.1 and seven other places. Nothing needs correcting there."""
    pairs = {f.id: f for f in found if f.rule == "same_quantity" and "=" in f.id}
    for name in ("r_011=c3_018", "r_011=c7_006"):
        own = pairs[f"same_quantity:{name}"]
        assert (own.claim, own.chapter, own.severity) == ("r_011", "resume", HIGH)
    crossed = [f for f in pairs.values() if "c4_040" in f.id]
    assert len(crossed) >= 6
    assert {(f.claim, f.chapter) for f in crossed} == {("c4_040", "4")}
    for finding in pairs.values():
        if len(finding.causes) == 1 and finding.cause.startswith("claim:"):
            assert finding.about == finding.cause


def test_a_repetition_that_adds_is_a_small_matter(found: list[AuditFinding]) -> None:
    """7.6 repeats the lower spending of 6.2 and adds two gains; others replace the original."""
    rated = {f.id: f.severity for f in found if f.rule == "restatement"}
    assert rated.pop("restatement:c7_148=c6_096") == LOW
    assert len(rated) >= 4
    assert set(rated.values()) == {MEDIUM}


def test_two_statements_that_print_bears_out(found: list[AuditFinding]) -> None:
    """Among those who know, evidence is above the average. Its block has the lowest mean."""
    rated = {f.id: f.severity for f in found if f.rule == "contradiction"}
    for pair in ("c6_146=c6_151", "c6_151=c6_152", "c6_151=c7_114"):
        assert rated[f"contradiction:{pair}"] == LOW
    assert rated["contradiction:c6_093=c7_216"] == HIGH  # more, and fewer
    assert rated["contradiction:c6_047=c7_152a"] == MEDIUM  # controlled, and not
    assert "contradiction:r_005=r_006" not in rated  # a rate, and a number of answers


def test_a_statement_with_a_reading_that_the_text_bears_out(found: list[AuditFinding]) -> None:
    """17 percent is the share of centres of the own area."""
    rated = {f.id: f.severity for f in found if f.rule in ("prose_sums", "mixture")}
    assert len(rated) == 3
    assert set(rated.values()) == {LOW}


def test_a_figure_that_may_be_any_of_several(
    found: list[AuditFinding], report: PrintedReport, constraints: Constraints
) -> None:
    rated = {f.id: f.severity for f in found}
    assert rated["row_sum:table_6_7:challenge_insight:percent"] == LOW  # 321 of 320
    assert rated["no_count:table_4_3:health:companies"] == LOW  # 28.8, and 28.1 or 29.8
    assert rated["labels:table_6_8:twice:q4=q5"] == LOW
    row = next(c for c in constraints.all if c.id == "row_sum:table_3_4:inspiration_rules:percent")
    causes = [ref for ref in row.refs if ref in report.layout.figure]
    for units, rating in ((398, LOW), (415, MEDIUM), (595, MEDIUM)):
        wrong = report.with_number("table_3_4:rules:yes", units)
        assert not row.holds(wrong)
        assert ratings.of_unknown(row, causes, wrong) == rating


def test_a_difference_from_the_printed_one(found: list[AuditFinding]) -> None:
    own = {f.id: f for f in found}
    for name in ("c6_111", "c7_100"):
        assert "the table prints 32 for value_democratisation" in own[f"prose:{name}"].gives
