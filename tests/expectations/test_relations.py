"""Findings from declared relations: without the relation, exactly its finding is gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from declarations.claims.claim import Claim
from declarations.claims.kinds import (
    Adjusted,
    Announced,
    Control,
    Difference,
    NotTestable,
    Ranking,
    Share,
)
from replication.audit.registry import RULES
from replication.consistency.printed_report import PrintedReport

Change = Callable[[Claim], dict[str, Any] | None]


def broken(rule: str, report: PrintedReport) -> dict[str, set[str]]:
    """The claims of every broken constraint of a rule."""
    found = RULES[rule].constraints(report.layout)
    return {
        c.key: {ref.partition(":")[2] for ref in c.refs if ref.startswith("claim:")}
        for c in found
        if not c.holds(report)
    }


def with_changes(report: PrintedReport, change: Change, names: set[str]) -> PrintedReport:
    """The report with other relations of some claims."""
    claims = []
    for claim in report.layout.claims:
        update = change(claim) if claim.id in names else None
        claims.append(claim.model_copy(update=update) if update else claim)
    return replace(report, layout=replace(report.layout, claims=tuple(claims)))


def _uncounted(claim: Claim) -> dict[str, Any] | None:
    return {"ranks": None} if isinstance(claim, NotTestable | Ranking) and claim.ranks else None


def _said(claim: Claim) -> dict[str, Any] | None:
    if isinstance(claim, Adjusted):
        return {"also": False}
    return {"says": "more"} if isinstance(claim, Difference) else None


def _everyone(claim: Claim) -> dict[str, Any] | None:
    if not isinstance(claim, Share):
        return None
    return {"of": claim.of.model_copy(update={"base": "answered"})}


@pytest.mark.parametrize(
    ("rule", "change", "least"),
    [
        ("restatement", lambda c: {"restates": ""} if c.restates else None, 5),
        ("citation", lambda c: {"cites": ()} if c.cites else None, 1),
        ("unit", lambda c: {"unit": "heads"}, 8),
        ("bound", lambda c: {"p_below": None} if isinstance(c, Difference) else None, 1),
        ("level", _said, 4),
        ("stated_base", _everyone, 2),
        ("contradiction", _uncounted, 1),
        (
            "contradiction",
            lambda c: {"applied": True} if isinstance(c, Control) else None,
            5,
        ),
        ("prose", lambda c: {"stated": 7} if isinstance(c, Announced) else None, 1),
    ],
)
def test_without_its_relation_a_finding_is_gone_and_no_other(
    rule: str, change: Change, least: int, report: PrintedReport
) -> None:
    before = broken(rule, report)
    by_id = {claim.id: claim for claim in report.layout.claims}
    concerned = {
        key: {n for n in names if change(by_id[n]) is not None}
        for key, names in before.items()
        if rule != "contradiction" or any(change(by_id[n]) is not None for n in names)
    }
    concerned = {key: names for key, names in concerned.items() if names}
    assert len(concerned) >= least
    # relations that are shared, as of one claim with five others, go together
    for names in {frozenset(own) for own in concerned.values()}:
        gone = {key for key, own in concerned.items() if own & names}
        left = broken(rule, with_changes(report, change, set(names)))
        if rule == "restatement":
            left = {key: own for key, own in left.items() if key in before}
        assert set(left) == set(before) - gone, names
