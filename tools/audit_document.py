"""`make docs`: docs/audit.md, all findings on the report with the arithmetic."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from declarations import load_study
from declarations.claims.claim import every_claim
from replication.audit.findings import audit
from replication.audit.pages import findings_page
from replication.consistency.reading import read_printed_report

STUDY = Path("studies/samspil")
TARGET = Path("docs/audit.md")


def document(study_folder: Path) -> str:
    """The page for the study's report."""
    study = load_study(study_folder)
    report = read_printed_report(study, every_claim(study))
    return findings_page(report, audit(report))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page of the committed report."""
    parser = argparse.ArgumentParser(prog="python -m tools.audit_document")
    parser.add_argument("--root", type=Path, default=Path())
    root = parser.parse_args(arguments).root
    (root / TARGET).write_text(document(root / STUDY), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
