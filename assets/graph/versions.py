"""Code versions: an asset is stale when its declaration or the code behind it changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent
# What decides which rows and answers are set aside.
JUDGING = (
    "structure", "specs/rules", "rules/answers", "rules/case", "rules/judge", "rules/reading",
    "rules/rows",
)  # fmt: skip


def code_version(modules: tuple[str, ...], declarations: tuple[Path, ...] = ()) -> str:
    """Hash of the modules (names below assets/, without .py) and declaration files."""
    digest = hashlib.sha256()
    for path in (*(ASSETS / f"{name}.py" for name in modules), *declarations):
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
