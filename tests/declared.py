"""Declarations in a few lines, for tests."""

from __future__ import annotations

from pathlib import Path

from declarations import Study, load_study


def study_of(folder: Path, entries: str) -> Study:
    """A study that declares nothing but these entries of study.yaml."""
    (folder / "study.yaml").write_text(f"id: x\ntitle: X\n{entries}", encoding="utf-8")
    return load_study(folder)
