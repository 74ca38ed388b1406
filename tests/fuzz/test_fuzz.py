"""A sample of the cases of `make fuzz`."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings

from tests.fuzz.cases import REPORT, SMALL, STUDIES, Case, cases, check
from tests.fuzz.damage import KINDS


@given(case=cases(studies={SMALL: 1}, whole=False))
@settings(max_examples=25)
def test_no_damage_ends_in_a_traceback_a_loss_or_an_untold_change(case: Case) -> None:
    check(case)


def numbers(seed: int) -> tuple[int, ...]:
    """Choices that any kind of damage can take."""
    rng = random.Random(seed)
    return tuple(rng.randrange(1 << 16) for _ in range(24))


@pytest.mark.parametrize(
    ("kind", "study", "whole"),
    [("undeclared_code", REPORT, False), ("labels_exchanged", REPORT, False),
     ("a_number_written_otherwise", SMALL, True)],
)  # fmt: skip
def test_the_reports_wave_and_whole_runs_stand_the_same(kind: str, study: str, whole: bool) -> None:
    check(Case("delimited", study == SMALL, (kind,), numbers(1), study, whole))


def test_the_fuzz_damages_both_studies_in_many_ways() -> None:
    assert set(STUDIES) == {SMALL, REPORT}
    assert len(KINDS) >= 70
