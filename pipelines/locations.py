"""Code locations by name: `workspace.yaml` uses `attribute: NAME` of this module for a study.

The module's own names begin with an underscore, because a study may have any other name.
"""

import dagster as _dg

from pipelines.chain import study_definitions as _study_definitions


def __getattr__(name: str) -> _dg.Definitions:
    """The definitions of `studies/<name>`."""
    if name.startswith("_"):
        raise AttributeError(name)
    return _study_definitions(name)
