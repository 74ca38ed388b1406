"""Shared by tests of the audit: the printed report and the constraints on its figures."""

from __future__ import annotations

import pytest

from declarations import Study
from declarations.claims.claim import Claim, read_claims
from replication.audit.constraint_index import Constraints
from replication.audit.findings import AuditFinding, all_constraints, audit
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import read_printed_report
from replication.printed import read_errata
from replication.verdicts import put_right
from tests.chain import STUDY


@pytest.fixture(scope="session")
def claims(study: Study) -> list[Claim]:
    """Every declared statement, chapter after chapter."""
    return [claim for own in read_claims(study).values() for claim in own]


@pytest.fixture(scope="session")
def report(study: Study, claims: list[Claim]) -> PrintedReport:
    """The printed figures and statements as the audit reads them."""
    return read_printed_report(study, claims)


@pytest.fixture(scope="session")
def constraints(report: PrintedReport) -> Constraints:
    """All constraints on the report."""
    return all_constraints(report.layout)


@pytest.fixture(scope="session")
def found(report: PrintedReport, constraints: Constraints) -> list[AuditFinding]:
    """What the audit finds in the report as printed."""
    return audit(report, constraints)


@pytest.fixture(scope="session")
def right(report: PrintedReport) -> PrintedReport:
    """The report with its errata corrected."""
    return put_right(report, read_errata(STUDY / "printed"))


@pytest.fixture(scope="session")
def known(claims: list[Claim]) -> dict[str, Claim]:
    """The statements by id."""
    return {claim.id: claim for claim in claims}
