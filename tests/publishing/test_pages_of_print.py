"""After runs of 2015 and then 2018, the pages about print show 2015, and say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from assets.step.factory import Given, Made
from assets.step.workspace import Workspace
from declarations import load_study
from replication.audit.assets import audit_key, audit_print
from replication.convention_fit import UNDER_ROUNDING, fit_conventions
from replication.ledger import ledger_key
from replication.ledger import test_claims as judge_claims
from tests.checkout import Checkout


class Context:
    """The context of a step; these steps do not use it."""


@pytest.fixture(scope="module")
def later(checkout: Checkout) -> Any:
    """The input of a step of a run of 2018, in a checkout where 2015 is published."""
    study = load_study(checkout.study)
    keys = [audit_key("4"), audit_key("resume"), ledger_key("4")]
    workspace = Workspace(root=str(checkout.root))
    return Given(study, "2018", workspace, frozenset(keys), "1", Context())


def made(results: Any) -> dict[str, Made]:
    return {r.key.to_user_string(): r for r in results if isinstance(r, Made)}


def text(value: Any) -> str:
    assert isinstance(value, dg.MarkdownMetadataValue)
    return str(value.md_str)


def test_the_audit_shows_the_printed_wave(later: Any) -> None:
    page = made(audit_print(later))["audit/chapter_4"]
    assert page.frame is not None
    assert page.frame.empty
    assert page.preview is not None
    assert len(page.preview) > 3
    assert text(page.metadata["page"]).startswith("**Wave 2015**")
    assert page.metadata["shown_wave"] == "2015"


def test_the_ledger_shows_the_printed_wave(later: Any) -> None:
    page = made(judge_claims(later))["claims/chapter_4"]
    assert text(page.metadata["not_met"]).startswith("**Wave 2015**")
    assert int(page.metadata["holds"]) > 20
    assert page.preview is not None
    assert set(page.preview["id"]) == set(page.frame["id"])  # type: ignore[index]


def test_marks_under_rounding_show_the_printed_wave(later: Any) -> None:
    page = made(fit_conventions(later))[UNDER_ROUNDING.to_user_string()]
    assert page.metadata["shown_wave"] == "2015"
    assert page.preview is not None
    assert len(page.preview) == 106


def test_the_site_of_the_later_wave_leads_there(output: Path) -> None:
    told = (output / "2018" / "report" / "audit.html").read_text(encoding="utf-8")
    assert "bølge 2015" in told
