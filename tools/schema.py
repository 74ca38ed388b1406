"""`python -m tools.schema`: writes a JSON Schema per kind of file, for editors and validators."""

from __future__ import annotations

import json
from pathlib import Path

from declarations.schema.kinds import KINDS, FileKind
from replication.consistency.settings import AuditSettings
from replication.printed import ErrataFile, Erratum
from replication.proof.record import BoundsFile, ProofsFile
from runtime.paths import ROOT
from runtime.store import replace_text

TARGET = ROOT / "declarations" / "schema"
ALL_KINDS = (
    *KINDS,
    FileKind("errata", "printed/errata.yaml", (ErrataFile, list[Erratum])),
    FileKind("audit", "printed/audit.yaml", (AuditSettings,)),
    FileKind("proofs", "proofs/claims.yaml", (ProofsFile,)),
    FileKind("bounds", "proofs/bounds.yaml", (BoundsFile,)),
)


def schemas() -> dict[Path, str]:
    """The text of every schema by its file; equal declarations give equal bytes."""
    return {
        TARGET / f"{kind.name}.json": json.dumps(kind.schema(), indent=1, sort_keys=True) + "\n"
        for kind in ALL_KINDS
    }


def main() -> int:
    """Write the schemas and remove outdated ones."""
    made = schemas()
    for path in TARGET.glob("*.json"):
        if path not in made:
            path.unlink()
    for path, text in made.items():
        replace_text(path, text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
