"""A fuzz case: an undamaged wave, one to three kinds of damage, and what must hold afterwards."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pandas as pd
from hypothesis import strategies as st

from assets.specs import Study, load_study
from tests.fuzz.damage import KINDS, SAME, TOLD, NotHereError, Pick
from tests.fuzz.outcome import STOP, Outcome, run
from tests.fuzz.recount import Recount, read_lines, read_register, recount
from tests.fuzz.study import Wave, base, write_study
from tests.fuzz.writing import Files, to_files, write_wave

FORMS = {"delimited": 10, "excel": 4, "spss": 1}
# of SPSS files that were changed byte by byte the reader, C code, may crash the one who asks
UNREADABLE = ("spss", "bytes_changed")


@dataclass(frozen=True)
class Case:
    """What is done: the form, whether everything is set aside, kinds by name and choices."""

    kind: str
    lenient: bool
    kinds: tuple[str, ...]
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        way = "lenient" if self.lenient else "strict"
        return f"{self.kind}, {way}: {', '.join(self.kinds)} {json.dumps(self.numbers)}"


@dataclass
class Tally:
    """How often what came of it."""

    kinds: Counter[str] = field(default_factory=Counter)
    forms: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, case: Case, applied: tuple[str, ...], outcome: str) -> None:
        """Count a case."""
        self.kinds.update(applied)
        self.forms[case.kind] += 1
        self.outcomes[outcome] += 1


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Cases; fewer kinds and smaller numbers are simpler."""
    form = draw(st.sampled_from([name for name, n in FORMS.items() for _ in range(n)]))
    possible = [name for name, kind in KINDS.items() if form in kind.forms]
    kinds = draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3))
    numbers = draw(st.lists(st.integers(0, 1 << 16), min_size=24, max_size=24))
    return Case(form, draw(st.booleans()), tuple(kinds), tuple(numbers))


def damaged(case: Case) -> tuple[Wave, Files, tuple[str, ...]]:
    """The wave after the damage, its files, and the kinds that could be applied."""
    wave = base()
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
            except (NotHereError, KeyError, ValueError):
                # the file it needs is gone or no longer of its form
                continue
    return wave, files, tuple(applied)


@cache
def study(lenient: bool) -> Study:
    """The declarations, read once."""
    folder = Path(tempfile.mkdtemp(prefix="samspil_fuzz_")) / "fuzzed"
    return load_study(write_study(folder, lenient))


@cache
def undamaged(kind: str, lenient: bool) -> Outcome:
    """What the wave gives without damage."""
    wave = base()
    wave.kind = kind
    return _run(wave, to_files(wave), lenient)[0]


def check(case: Case, tally: Tally | None = None) -> None:
    """Run a case; AssertionError where it is read wrongly, without a word, or not at all."""
    wave, files, applied = damaged(case)
    outcome, own = _run(wave, files, case.lenient, (case.kind, *case.kinds) != UNREADABLE)
    expected = {KINDS[name].expects for name in applied} or {SAME}
    if tally is not None:
        tally.add(case, applied, _named(case, outcome))
    where = f"{case}\n  applied: {', '.join(applied)}\n  " + "\n  ".join(outcome.messages[:5])
    for message in outcome.messages:
        assert message.isprintable(), f"an unreadable message: {where}"
        assert len(message) < 3_000, f"an unreadable message: {where}"
    if outcome.kind == STOP:
        assert any(name in m for m in outcome.messages for name in NAMES), f"names no file: {where}"
        assert expected != {SAME}, f"stopped by harmless damage: {where}"
        return
    broken = outcome.answers[outcome.answers["rule"].notna()]
    told = bool(outcome.messages) or len(broken) > 0
    alone = len(applied) == 1 or not any(KINDS[name].erases for name in applied)
    if TOLD in expected and alone:
        assert told, f"no message: {where}"
    if expected == {SAME}:
        _same_tables(outcome, undamaged(case.kind, case.lenient), where)
    if own is not None:
        _as_recounted(outcome, own, case, broken, where)


NAMES = ("dataset.csv", "structure.csv", "labels.csv", "municipalities.csv", "export.xlsx",
         "export.sav", "source.yaml")  # fmt: skip


def _run(
    wave: Wave, files: Files, lenient: bool, readable: bool = True
) -> tuple[Outcome, Recount | None]:
    with tempfile.TemporaryDirectory(prefix="samspil_fuzz_") as name:
        folder = write_wave(Path(name) / "1", wave, files)
        declared = study(lenient)
        waves = declared.folder / "waves"
        waves.mkdir(exist_ok=True)
        link = waves / "1"
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
        outcome = run(declared, link)
        if outcome.kind == STOP or not readable:
            return outcome, None
        return outcome, recount(read_lines(folder, wave), read_register(folder))


def _same_tables(outcome: Outcome, plain: Outcome, where: str) -> None:
    for name, frame in plain.tables.items():
        pd.testing.assert_frame_equal(frame, outcome.tables[name], obj=f"{name}: {where}")


def _as_recounted(
    outcome: Outcome, own: Recount, case: Case, broken: pd.DataFrame, where: str
) -> None:
    """Lines and cells in are lines and cells out, and every figure is the recounted one."""
    assert outcome.lines == own.lines, f"{own.lines} lines in, {outcome.lines} out: {where}"
    assert outcome.rejected == own.rejected, f"{own.rejected} lines to set aside: {where}"
    read = len(outcome.answers)
    assert (read, len(broken)) == (own.filled, own.set_aside), (
        f"{own.filled} filled cells, {own.set_aside} to set aside; {read}, {len(broken)}: {where}"
    )
    for spec in study(case.lenient).tables:
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
        plain = undamaged(case.kind, case.lenient)
        more = int(outcome.answers["rule"].notna().sum()) > int(plain.answers["rule"].notna().sum())
        if outcome.rejected or more:
            return "set aside in quarantine"
    if outcome.messages:
        return "a warning"
    same = all(
        frame.equals(outcome.tables[name])
        for name, frame in undamaged(case.kind, case.lenient).tables.items()
    )
    return "unchanged tables" if same else "other data, tables as recounted"
