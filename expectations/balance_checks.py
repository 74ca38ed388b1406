"""The balances of the quarantine as checks: no row or cell was lost or counted twice."""

from collections.abc import Iterator

import dagster as dg

from assets.clean.balances import BALANCES
from assets.clean.quarantine_assets import QUARANTINE, balances
from assets.step.factory import Check, Given, Step, step
from declarations import Study
from expectations.checks_page import write_failed_page
from expectations.checks_record import keep_balances


def steps(study: Study) -> list[Step]:
    """One step for both balances. They block: if one fails, assets downstream are not made."""
    checks = [
        Check(name, QUARANTINE, description, blocking=True)
        for name, description in BALANCES.items()
    ]
    return [step("check_balances", study, (), check_balances, checks=checks, reads_cells=True)]


def check_balances(given: Given) -> Iterator[dg.AssetCheckResult]:
    """Count, store the numbers, and write the page if a balance stops the run."""
    found = balances(given)
    keep_balances(given.store, found)
    if not all(balance.passed for balance in found):
        write_failed_page(given.workspace, given.study, given.wave)
    for balance in found:
        yield dg.AssetCheckResult(
            asset_key=QUARANTINE,
            check_name=balance.name,
            passed=balance.passed,
            description=None if balance.passed else balance.text,
            metadata={**balance.counted, "lost_or_twice": balance.unequal},
        )
