"""A fuzz case: an undamaged wave, one to three kinds of damage, and what must hold afterwards."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import pandas as pd
from hypothesis import strategies as st

from declarations import Study, load_study
from tests.fuzz.damage import DATA, KINDS, SAME, TOLD, NotHereError, Pick
from tests.fuzz.outcome import STOP, Outcome, run
from tests.fuzz.recount import Recount, read_lines, read_register, recount
from tests.fuzz.report import (
    counts_by_pandas,
    filled_by_pandas,
    published_counts,
    report_study,
    report_wave,
)
from tests.fuzz.study import Wave, base, write_study
from tests.fuzz.whole_run import Published, whole_run
from tests.fuzz.writing import Files, to_files, write_wave

FORMS = {"delimited": 10, "excel": 4, "spss": 1}
SMALL, REPORT = "small", "report"
# the report's study costs twenty times what the small one does, a whole run as much again
STUDIES = {SMALL: 24, REPORT: 1}
OF_WHOLE_RUNS = 40
# of SPSS files that were changed byte by byte the reader, C code, may crash the one who asks
UNREADABLE = ("spss", "bytes_changed")


@dataclass(frozen=True)
class Case:
    """A case: study and form, whether everything is quarantined, kinds by name, and choices.

    `whole` says that Dagster also runs it, up to the publication.
    """

    kind: str
    lenient: bool
    kinds: tuple[str, ...]
    numbers: tuple[int, ...]
    study: str = SMALL
    whole: bool = False

    def __str__(self) -> str:
        way = "lenient" if self.lenient else "strict"
        run = ", whole run" if self.whole else ""
        done = ", ".join(self.kinds)
        return f"{self.study}, {self.kind}, {way}{run}: {done} {json.dumps(self.numbers)}"


@dataclass
class Tally:
    """The number of cases with each outcome."""

    kinds: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    studies: Counter[str] = field(default_factory=Counter)
    runs: int = 0

    def add(self, case: Case, applied: tuple[str, ...], outcome: str) -> None:
        """Count a case."""
        self.kinds.update(applied)
        self.forms[case.kind] += 1
        self.outcomes[outcome] += 1
        self.studies[case.study] += 1
        self.runs += case.whole


@st.composite
def cases(
    draw: st.DrawFn,
    first: str | None = None,
    studies: Mapping[str, int] = STUDIES,
    whole: bool = True,
) -> Case:
    """Cases, of one kind if it is given. Fewer kinds and smaller numbers are simpler.

    `studies` gives the shares of the damaged studies, `whole` whether some cases are whole runs.
    """
    forms = KINDS[first].forms if first else tuple(FORMS)
    form = draw(st.sampled_from([name for name in forms for _ in range(FORMS[name])]))
    possible = [name for name, kind in KINDS.items() if form in kind.forms and name != first]
    least = 0 if first else 1
    # the same twice may undo itself
    more = draw(
        st.lists(st.sampled_from(possible), min_size=least, max_size=least + 2, unique=True)
    )
    numbers = draw(st.lists(st.integers(0, 1 << 16), min_size=24, max_size=24))
    study = draw(st.sampled_from([name for name, n in studies.items() for _ in range(n)]))
    run_whole = whole and draw(st.integers(0, OF_WHOLE_RUNS - 1)) == OF_WHOLE_RUNS // 2
    # the report's own policies are tested as they are
    lenient = draw(st.booleans()) and study == SMALL
    kinds = (first, *more) if first else tuple(more)
    return Case(form, lenient, kinds, tuple(numbers), study, run_whole)


def undamaged_wave(study: str) -> Wave:
    """The wave of a study before any damage."""
    return report_wave() if study == REPORT else base()


def damaged(case: Case) -> tuple[Wave, Files, tuple[str, ...]]:
    """The wave after the damage, its files, and the kinds that could be applied."""
    wave = undamaged_wave(case.study)
    wave.kind, wave.lenient = case.kind, case.lenient
    numbers = iter(case.numbers * 40)
    pick = Pick(lambda n: next(numbers) % n)
    chosen = [KINDS[name] for name in case.kinds]
    applied = []
    for kind in chosen:
        if kind.to_wave is not None:
            try:
                kind.to_wave(wave, pick)
                applied.append(kind.name)
            except NotHereError:
                continue
    files = to_files(wave)
    for kind in chosen:
        if kind.to_files is not None:
            try:
                kind.to_files(files, wave, pick)
                applied.append(kind.name)
            except (NotHereError, KeyError, ValueError, BadZipFile, zlib.error):
                # the file it needs is gone or no longer of its form
                continue
    return wave, files, tuple(applied)


@cache
def study(name: str, lenient: bool) -> Study:
    """The declarations, read once."""
    folder = Path(tempfile.mkdtemp(prefix="samspil_fuzz_"))
    if name == REPORT:
        return report_study(folder)
    return load_study(write_study(folder / "fuzzed", lenient))


@cache
def undamaged(name: str, kind: str, lenient: bool) -> Outcome:
    """The results of the wave without damage."""
    wave = undamaged_wave(name)
    wave.kind = kind
    with written(wave, to_files(wave), study(name, lenient)) as folder:
        return run(study(name, lenient), folder)


@contextmanager
def written(wave: Wave, files: Files, declared: Study) -> Iterator[Path]:
    """The wave's folder below the study, for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="samspil_fuzz_") as name:
        folder = write_wave(Path(name) / wave.names.wave, wave, files)
        waves = declared.folder / "waves"
        waves.mkdir(exist_ok=True)
        link = waves / wave.names.wave
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
        yield link


def check(case: Case, tally: Tally | None = None) -> None:
    """Run a case. AssertionError if it is read wrongly, without a message, or not at all."""
    wave, files, applied = damaged(case)
    declared = study(case.study, case.lenient)
    with written(wave, files, declared) as folder:
        outcome = run(declared, folder)
        published = _published(declared, folder) if case.whole else None
        readable = outcome.kind != STOP and (case.kind, *case.kinds) != UNREADABLE
        lines = read_lines(folder.resolve(), wave) if readable else []
        register = read_register(folder.resolve()) if readable else []
    expected = {KINDS[name].expects for name in applied} or {SAME}
    if tally is not None:
        tally.add(case, applied, _named(case, outcome))
    where = f"{case}\n  applied: {', '.join(applied)}\n  " + "\n  ".join(outcome.messages[:5])
    for message in outcome.messages:
        assert message.isprintable(), f"an unreadable message: {where}"
        assert len(message) < 3_000, f"an unreadable message: {where}"
    if published is not None:
        _as_published(outcome, published, where)
    if outcome.kind == STOP:
        assert any(name in m for m in outcome.messages for name in NAMES), f"names no file: {where}"
        assert expected != {SAME}, f"stopped by harmless damage: {where}"
        return
    broken = outcome.answers[outcome.answers["rule"].notna()]
    told = bool(outcome.messages) or len(broken) > 0
    alone = len(applied) == 1 or not any(KINDS[name].erases for name in applied)
    if TOLD in expected and alone:
        assert told, f"no message: {where}"
    if expected == {SAME} or (DATA not in expected and not told):
        _same_tables(outcome, undamaged(case.study, case.kind, case.lenient), where)
    if not readable:
        return
    if case.study == SMALL:
        _as_recounted(outcome, recount(lines, register), case, broken, where)
    else:
        _as_counted(outcome, pd.DataFrame(lines), broken, where)


NAMES = ("dataset.csv", "structure.csv", "labels.csv", "municipalities.csv", "export.xlsx",
         "export.sav", "source.yaml")  # fmt: skip


def _published(declared: Study, folder: Path) -> Published:
    with tempfile.TemporaryDirectory(prefix="samspil_run_") as name:
        return whole_run(declared, folder, Path(name))


def _as_published(outcome: Outcome, published: Published, where: str) -> None:
    """A Dagster run stops where the functions stop, and publishes what they compute."""
    assert published.success == (outcome.kind != STOP), f"{published.said}: {where}"
    if not published.success:
        assert any(name in published.said for name in NAMES), f"{published.said}: {where}"
        return
    assert published.results is not None
    assert published.quarantine is not None
    figures = pd.concat([frame for name, frame in outcome.tables.items()], ignore_index=True)
    for column in ("table", "row", "column", "numerator", "base", "formatted"):
        own = figures[column].astype("object").where(figures[column].notna(), "").astype("str")
        assert list(own) == list(published.results[column]), f"published {column}: {where}"
    broken = outcome.answers[outcome.answers["rule"].notna()]
    cells = published.quarantine[published.quarantine["unit"] == "answer"]
    places = set(zip(cells["file_row"].astype("int64"), cells["variable"], strict=True))
    assert places == set(zip(broken["file_row"], broken["variable"], strict=True)), where
    rows = published.quarantine[published.quarantine["unit"] == "row"]
    assert rows["file_row"].nunique() == outcome.rejected, where
    assert published.invited == outcome.lines - outcome.rejected, where


def _same_tables(outcome: Outcome, plain: Outcome, where: str) -> None:
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, outcome.tables[name], obj=f"{name}: {where}")


def _as_counted(outcome: Outcome, raw: pd.DataFrame, broken: pd.DataFrame, where: str) -> None:
    """The report's wave: lines, filled cells and every count of everyone, by pandas."""
    declared = study(REPORT, False).in_wave("2015")
    assert outcome.lines == len(raw), f"{len(raw)} lines in, {outcome.lines} out: {where}"
    assert outcome.rejected == 0, f"its rules set no lines aside: {where}"
    filled = filled_by_pandas(declared, raw)
    assert len(outcome.answers) == filled, f"{filled} cells, {len(outcome.answers)} out: {where}"
    counted = counts_by_pandas(declared, raw, broken)
    for name, n in published_counts(outcome.tables, declared):
        assert n == counted[name], f"{name}: {n}, by pandas {counted[name]}: {where}"


def _as_recounted(
    outcome: Outcome, own: Recount, case: Case, broken: pd.DataFrame, where: str
) -> None:
    """Lines and cells in equal lines and cells out, and every figure equals the recounted one."""
    assert outcome.lines == own.lines, f"{own.lines} lines in, {outcome.lines} out: {where}"
    assert outcome.rejected == own.rejected, f"{own.rejected} lines to set aside: {where}"
    read = len(outcome.answers)
    assert (read, len(broken)) == (own.filled, own.set_aside), (
        f"{own.filled} filled cells, {own.set_aside} to set aside; {read}, {len(broken)}: {where}"
    )
    for spec in study(case.study, case.lenient).tables:
        frame = outcome.tables[spec.id]
        for cell, value, numerator, base_ in zip(
            spec.cells, frame["value"], frame["numerator"], frame["base"], strict=True
        ):
            given = own.answers[(str(cell.item), cell.group, cell.level)]
            asked = [own.answers[(item, cell.group, cell.level)] for item in cell.base] or [given]
            total = sum(sum(answers.values()) for answers in asked)
            place = f"{spec.id}, {cell.row}, {cell.column}: {where}"
            assert base_ == total, f"base {base_}, recounted {total}: {place}"
            if cell.statistic == "mean":
                mean = sum(float(n) * k for n, k in given.items()) / total if total else None
                assert pd.isna(value) if mean is None else abs(value - mean) < 1e-9, place
                continue
            n = total if cell.code == "total" else given[str(cell.code)]
            assert numerator == n, f"numerator {numerator}, recounted {n}: {place}"
            if cell.statistic == "count":
                assert value == n, place
            else:
                assert pd.isna(value) if not total else abs(value - 100 * n / total) < 1e-9, place


def _named(case: Case, outcome: Outcome) -> str:
    if outcome.kind == STOP:
        return "stopped with a message"
    if outcome.rejected or outcome.answers["rule"].notna().any():
        plain = undamaged(case.study, case.kind, case.lenient)
        more = int(outcome.answers["rule"].notna().sum()) > int(plain.answers["rule"].notna().sum())
        if outcome.rejected or more:
            return "set aside in quarantine"
    if outcome.messages:
        return "a warning"
    same = all(
        frame.equals(outcome.tables[name])
        for name, frame in undamaged(case.study, case.kind, case.lenient).tables.items()
    )
    return "unchanged tables" if same else "other data, tables as recounted"
