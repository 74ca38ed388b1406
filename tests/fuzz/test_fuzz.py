"""A sample of what `make fuzz` does at length."""

from __future__ import annotations

from hypothesis import given, settings

from tests.fuzz.cases import Case, cases, check


@given(case=cases())
@settings(max_examples=40)
def test_no_damage_ends_in_a_traceback_a_loss_or_an_untold_change(case: Case) -> None:
    check(case)
