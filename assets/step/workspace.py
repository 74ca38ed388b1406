"""The paths of a run, and how a step fails: the study folder, the working file and the output."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from declarations import SourceSheet, Study
from runtime.faults import (
    DamagedFileError,
    DiskFullError,
    NotAllowedError,
    is_transient,
    may_write,
    writing,
)
from runtime.output_versions import versions_of
from runtime.private.key_file import KeyFileError, key_of
from runtime.safe_text import visible
from runtime.store import Store
from runtime.wave_lock import PATIENCE_SECONDS, LockError, lock_file, wave_lock

WORDS_ONLY = True
PARTITION_TAG = "dagster/partition"


class Workspace(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Paths of a checkout; all follow from `root`.

    `place` is the study's folder below `.work` and `output`; the report's study has none. A run of
    a wave holds the lock of the wave from its first step to its last. It waits at most `patience`
    seconds for another run. `settings` are the settings of DuckDB that the study declares.
    """

    root: str
    place: str = ""
    settings: dict[str, str] = Field(default={})
    patience: float = PATIENCE_SECONDS

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Workspace"]:
        """The workspace of a run, or of a step if steps have their own processes."""
        wave = context.run.tags.get(PARTITION_TAG) if context.run is not None else None
        if context.run is None or wave is None:
            yield self
            return
        path = lock_file(Path(self.root), self.place, wave)
        report = (context.log or dg.get_dagster_logger()).warning
        try:
            with writing(path), wave_lock(path, context.run.run_id, self.patience, report):
                self._mend(wave, report)
                # report now, not after an hour when the last step publishes
                may_write(self.output(wave).parent)
                may_write(versions_of(self.output(wave)))
                # keep the file open: opening it for every read took a fifth of a run
                with self.store(wave).connect():
                    yield self
        except (DiskFullError, LockError, NotAllowedError) as error:
            raise failure(str(error)) from None

    def _mend(self, wave: str, report: Callable[[str], None]) -> None:
        """Open the working file once, so that a damaged file is replaced before the first step."""
        store = self.store(wave)
        if not store.path.exists():
            # a new file must not use what a deleted file left behind
            store.remove()
            return
        try:
            with store.connect():
                pass
        except DamagedFileError as error:
            report(str(error))

    def store(self, wave: str) -> Store:
        """The working file of a wave; only the run of that wave opens it."""
        path = Path(self.root) / ".work" / self.place / f"{wave}.duckdb"
        return Store(path, private=True, declared=self.settings)

    def key(self) -> bytes:
        """The key of the respondent ids. Raises Failure with the reason if there is none."""
        try:
            return key_of(Path(self.root))
        except KeyFileError as error:
            raise failure(str(error)) from None

    def failed_page(self, wave: str) -> Path:
        """The page of checks of a run that a check stopped. It is not published."""
        return self.store(wave).path.with_name(f"{wave}.checks.html")

    def key_holders(self, wave: str) -> Path:
        """The folder for lines of respondents that only holders of the key may read."""
        return Path(self.root) / "key_holders" / self.place / wave

    def released(self, wave: str) -> Path:
        """The folder with what readers get of a real wave, after a person released it."""
        return Path(self.root) / "released" / self.place / wave

    def output(self, wave: str) -> Path:
        """The published folder."""
        return Path(self.root) / "output" / self.place / wave

    def sheet(self, study: Study, wave: str) -> SourceSheet:
        """The wave's source sheet. Raises Failure if it is invalid."""
        try:
            return study.source_sheet(wave)
        except ValueError as error:
            raise failure(str(error)) from None


def failure(message: str) -> dg.Failure:
    """A failure with a plain message, not retried."""
    return dg.Failure(description=visible(message, keep="\n"), allow_retries=False)


@contextmanager
def retried_faults(study: Study) -> Iterator[None]:
    """Turn a transient fault of the machine into a retry request.

    Wrong data, a failed blocking check, a wrong declaration or a bug would fail again. Dagster's
    retry policies would retry any of them.
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, dg.RetryRequested) or not is_transient(error):
            raise
        declared = study.operation.retries
        if not declared.most:
            raise
        raise dg.RetryRequested(declared.most, declared.pause_seconds) from error
