"""A study drafted from an export and computed by the pure functions, for comparison with pandas."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from declarations import Study, load_study
from pipelines.commands.raw_check import RawReport, check_wave
from pipelines.draft.folder import Drafted, draft_study
from tests.fuzz.outcome import TABLES, Outcome, run

WAVE = "1"


@dataclass(frozen=True)
class Computed:
    """A draft, its study and what its wave gives."""

    drafted: Drafted
    study: Study
    outcome: Outcome

    @cached_property
    def counts(self) -> dict[tuple[str, str], int]:
        """How often each answer was given, by variable and text of the cell."""
        found = {}
        for spec in self.study.tables:
            frame = self.outcome.tables[spec.id]
            for cell, value in zip(spec.cells, frame["value"], strict=True):
                if cell.statistic == "count" and isinstance(cell.code, int):
                    item = self.study.items[str(cell.item)]
                    held = {code.code: code.cell for code in item.scale}
                    found[(item.variable, held.get(cell.code, str(cell.code)))] = int(value)
        return found

    @cached_property
    def bases(self) -> dict[str, int]:
        """The base of each variable in the tables."""
        found = {}
        for spec in self.study.tables:
            frame = self.outcome.tables[spec.id]
            for cell, base in zip(spec.cells, frame["base"], strict=True):
                if cell.item is not None:
                    found[self.study.items[str(cell.item)].variable] = int(base)
        return found

    def numbers(self, variable: str) -> list[float]:
        """The valid numbers of a numeric variable."""
        answers = self.outcome.answers
        own = answers[(answers["variable"] == variable) & answers["rule"].isna()]
        return [float(n) for n in own["number"].dropna()]

    @cached_property
    def notes(self) -> str:
        """The output of `init`."""
        return "\n".join(self.drafted.doubts)

    @cached_property
    def check(self) -> RawReport:
        """The output of `check`."""
        return check_wave(self.study, WAVE)


def computed(given: Path, folder: Path, name: str = "ny", **options: Any) -> Computed:
    """Draft a study from the export at `given` and compute its wave. The run must succeed."""
    folder.mkdir(parents=True, exist_ok=True)
    drafted = draft_study(given, folder, name, WAVE, None, **options)
    study = load_study(drafted.folder)
    outcome = run(study, drafted.folder / "waves" / WAVE)
    assert outcome.kind == TABLES, outcome.messages
    return Computed(drafted, study, outcome)
