"""`make docs`: docs/audit.md, all findings on the report with the arithmetic."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from assets.specs import load_study
from assets.specs.claims import read_claims
from expectations.audit.findings import audit
from expectations.audit.pages import findings_page
from expectations.audit.publication import read_publication

STUDY = Path("studies/samspil")
TARGET = Path("docs/audit.md")


def document(study_folder: Path) -> str:
    """The page for the study's report."""
    study = load_study(study_folder)
    claims = [claim for own in read_claims(study).values() for claim in own]
    publication = read_publication(study, claims)
    return findings_page(publication, audit(publication))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page of the committed report."""
    parser = argparse.ArgumentParser(prog="python -m expectations.audit.document")
    parser.add_argument("--root", type=Path, default=Path())
    root = parser.parse_args(arguments).root
    (root / TARGET).write_text(document(root / STUDY), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
