"""The input of a step without Dagster, for tests of what the step computes."""

from __future__ import annotations

import logging
from pathlib import Path
from types import SimpleNamespace

import dagster as dg

from assets.step.declaring import Given
from assets.step.workspace import Workspace
from declarations import Study


def given(study: Study, root: Path, wave: str, *chosen: dg.AssetKey) -> Given:
    """The input of a step of a wave that makes these assets; it stores nothing itself."""
    context = SimpleNamespace(
        log=logging.getLogger(__name__), run=SimpleNamespace(run_id="test", tags={})
    )
    return Given(study, wave, Workspace(root=str(root)), frozenset(chosen), "", context)
