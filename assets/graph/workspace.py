"""Where a run reads and writes: the study folder, the working file and the output."""

from pathlib import Path

import dagster as dg

from assets.specs import SourceSheet, Study
from assets.store import Store


class Workspace(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Paths of a checkout; every path follows from `root`.

    `place` is the folder of a study's own below `.work` and `output`; the report's own study has
    none.
    """

    root: str
    place: str = ""

    def store(self, wave: str) -> Store:
        """The working file of a wave; only the run of that wave opens it."""
        return Store(Path(self.root) / ".work" / self.place / f"{wave}.duckdb")

    def output(self, wave: str) -> Path:
        """The folder readers look into."""
        return Path(self.root) / "output" / self.place / wave

    def sheet(self, study: Study, wave: str) -> SourceSheet:
        """The wave's source sheet, or a Failure that says what is wrong with it."""
        try:
            return study.source_sheet(wave)
        except ValueError as error:
            raise failure(str(error)) from None


def failure(message: str) -> dg.Failure:
    """A failure with a plain message; trying again would not help, so no retries."""
    return dg.Failure(description=message, allow_retries=False)
