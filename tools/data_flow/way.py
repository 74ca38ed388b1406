"""The path of one answer: a traced run of everything upstream of a table.

The run is real, on the committed wave in a separate folder. A profile hook records every function
of ours that is entered while a step computes.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType
from typing import Any
from unittest.mock import patch

import dagster as dg

import assets.step.factory
from assets.step.names import table
from assets.step.workspace import Workspace
from declarations import Study
from pipelines.records.waves import register_waves
from pipelines.steps import wave_steps
from runtime.paths import PACKAGES
from runtime.private.key_file import VARIABLE

CODE = Path(__file__).resolve().parents[2]
FACTORY = assets.step.factory.__file__
COMPUTES = "_results"  # the function of the factory that calls a step's computation


@dataclass
class Way:
    """Modules by step, in the order of entry, and the number of functions entered."""

    steps: dict[str, list[str]] = field(default_factory=dict)
    functions: set[tuple[str, str]] = field(default_factory=set)

    @property
    def modules(self) -> list[str]:
        """All modules, in the order of entry."""
        return list(dict.fromkeys(name for names in self.steps.values() for name in names))


class Tracer:
    """A profile hook that records our functions while a step computes."""

    def __init__(self) -> None:
        self.way = Way()
        self.step = ""
        self._known: dict[CodeType, str] = {}

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """The interpreter calls this at every call and return."""
        code = frame.f_code
        if event not in ("call", "return"):
            return
        computes = code.co_name == COMPUTES and code.co_filename == FACTORY
        if computes:
            self.step = frame.f_locals["one"].name if event == "call" else ""
        elif event == "call" and self.step and (module := self._module(code)):
            modules = self.way.steps.setdefault(self.step, [])
            if module not in modules:
                modules.append(module)
            self.way.functions.add((module, code.co_qualname))

    def _module(self, code: CodeType) -> str:
        """The module of ours that contains a function; empty for other code."""
        if code not in self._known:
            path = Path(code.co_filename)
            ours = path.is_relative_to(CODE) and path.relative_to(CODE).parts[0] in PACKAGES
            name = ".".join(path.relative_to(CODE).with_suffix("").parts) if ours else ""
            self._known[code] = name.removesuffix(".__init__")
        return self._known[code]


def way_to(study: Study, wave: str, name: str) -> Way:
    """The path of the answers behind a table of a wave, from the export to the table."""
    tracer = Tracer()
    steps = [one.definition() for one in wave_steps(study) if one.assets]
    wanted = dg.AssetSelection.assets(table(name)).upstream().required_multi_asset_neighbors()
    with (
        TemporaryDirectory() as root,
        patch.dict(os.environ, {VARIABLE: _key(Path(root))}),
        dg.DagsterInstance.ephemeral() as instance,
    ):
        register_waves(instance, study)
        sys.setprofile(tracer)
        try:
            result = dg.materialize(
                steps,
                selection=wanted,
                partition_key=wave,
                resources={"workspace": Workspace(root=root)},
                instance=instance,
                run_config={"loggers": {"console": {"config": {"log_level": "ERROR"}}}},
            )
        finally:
            sys.setprofile(None)
    assert result.success
    return tracer.way


def _key(folder: Path) -> str:
    """A key of respondent ids for this run alone."""
    path = folder / "key"
    path.write_text("00" * 32 + "\n", encoding="ascii")
    path.chmod(0o600)
    return str(path)
