"""Numbers in the text: a digit wrong in any of them, and numbers said in several places."""

from __future__ import annotations

from expectations.audit import Finding, Publication
from expectations.audit.diagnosis import Constraints
from expectations.audit.findings import explain
from expectations.audit.publication import CLAIM
from expectations.audit.quotations import is_number


def said_as(
    number: float, claim: str, report: Publication, constraints: Constraints
) -> dict[str, Finding]:
    """Findings that are new where a statement has another number, by id; what was there before
    is left out of the diagnosis, for speed."""
    changed = report.with_quote(f"{CLAIM}:{claim}", number)
    own = constraints.by_ref.get(f"{CLAIM}:{claim}", ())
    broken = [c for c in own if c.holds(report) and not c.holds(changed)]
    return {f.id: f for f in explain(changed, constraints, broken)}


def test_a_number_said_in_three_places_and_in_no_table(
    report: Publication, constraints: Constraints
) -> None:
    """82 stands in the summary, 4.1 and 7.2; no table has it."""
    findings = said_as(28, "c4_001", report, constraints)
    assert {(f.cause, f.likely) for f in findings.values()} == {("claim:c4_001", "82")}
    assert {f.gives for f in findings.values()} >= {
        "82 % in section Resumé against 28 % in section 4.1",
        "28 % in section 4.1 against 82 % in section 7.2",
    }


def test_whole_numbers_one_apart_are_two_numbers(
    report: Publication, constraints: Constraints
) -> None:
    """What rounds to 82 ends where 83 begins; a word keeps the number at its end."""
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
    report: Publication, constraints: Constraints
) -> None:
    """Each number with its last digit one up or down: none stops the audit."""
    numbers = [ref for ref, claim in report.layout.claim.items() if is_number(claim)]
    found = set()
    for ref in numbers:
        number = int(report.quoted(ref))
        other = number - 1 if number % 10 == 9 else number + 1
        if said_as(other, ref.partition(":")[2], report, constraints):
            found.add(ref)
    assert len(numbers) == 114
    assert len(found) >= 80
