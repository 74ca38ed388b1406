"""Fixtures of tests of runs and drafts."""

from __future__ import annotations

import pytest

from tests.drafting import Computed, computed
from tests.foreign import tables, write_tables


@pytest.fixture(scope="session")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Computed:
    """The small export as SurveyXact writes it, for comparison with exports that differ."""
    folder = tmp_path_factory.mktemp("unchanged")
    return computed(write_tables(folder / "download", tables()), folder)
