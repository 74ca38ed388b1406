"""Code locations by name: `workspace.yaml` asks this module for `attribute: NAME` of a study."""

from __future__ import annotations

import dagster as dg

from pipelines.chain import study_definitions


def __getattr__(name: str) -> dg.Definitions:
    """The definitions of `studies/<name>`."""
    if name.startswith("_"):
        raise AttributeError(name)
    return study_definitions(name)
