"""Reads and cross-checks all declarations of a study, without computing anything."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from assets.analysis.comparisons import comparisons, marked_tables
from declarations import Study, Table
from declarations.checks.checked import STUDY_FILE
from declarations.claims.claim import read_claims
from declarations.claims.kinds import ClaimFile
from declarations.claims.words import WORDS, Words, read_words
from declarations.errors import Mistake, Mistakes, found_expected, listed, near
from declarations.load import read_study
from declarations.model import Declared, mistake_at, read_model
from declarations.study import REGISTER
from declarations.survey.study_file import WAVES
from declarations.waves import SHEET, SourceFile
from replication.audit.registry import RULES
from replication.consistency.settings import FILE, AuditSettings, read_audit_settings
from replication.judged import read_provenance
from replication.printed import (
    check_errata,
    check_places,
    printed_tables,
    read_errata,
    read_printed_table,
)
from replication.proof.record import BoundsFile, ProofsFile, check_records

# folders whose files are read by their ending, and endings that look like it
DECLARED_IN = ("questions", "tables", "unnumbered", "models", "claims", "variables", "groups",
               "weights")  # fmt: skip
UNREAD = (".yml", ".json")


def check_declarations(folder: Path) -> Study:
    """The study with all its declarations. Raises SpecError with every mistake.

    This includes what a run reads only after minutes: claims and their words, print, errata,
    settings of the audit, records of proofs, source sheets, and the comparisons of marked tables.
    """
    mistakes = Mistakes()
    study = read_study(folder, mistakes, thorough=True)
    if study is None:
        _each_file(folder, mistakes)
    else:
        later = Mistakes()
        for read in _readers(study):
            with later.collecting():
                read()
        if not mistakes.found:
            _comparisons(study, later)
        _audit_rules(study, later)
        mistakes.found += [one for one in later.found if not _follows(one, mistakes.unreadable)]
    found = [_in_folder(one, folder) for one in mistakes.found]
    mistakes.found[:] = found
    mistakes.stop()
    assert study is not None
    return study


def _in_folder(mistake: Mistake, folder: Path) -> Mistake:
    """The mistake with its file as seen from the study's folder."""
    path = Path(mistake.file)
    if not path.is_relative_to(folder):
        return mistake
    return replace(mistake, file=path.relative_to(folder).as_posix())


def _each_file(folder: Path, mistakes: Mistakes) -> None:
    """Check each file alone: nothing can be compared with a study.yaml that cannot be read."""
    printed = folder / "printed"
    models: list[tuple[str, type[Declared]]] = [
        ("claims/*.yaml", ClaimFile), ("waves/*/source.yaml", SourceFile),
        (f"printed/{FILE}", AuditSettings), ("proofs/claims.yaml", ProofsFile),
        ("proofs/bounds.yaml", BoundsFile),
    ]  # fmt: skip
    for pattern, model in models:
        for path in sorted(folder.glob(pattern)):
            own = Words if path.name == WORDS else model
            read_model(own, path, mistakes, file=path.relative_to(folder).as_posix())
    if (printed / "errata.yaml").is_file():
        with mistakes.collecting():
            read_errata(printed)


def _readers(study: Study) -> Iterator[Callable[[], object]]:
    """Read everything that a run reads after the study itself."""
    printed = study.folder / "printed"
    yield partial(_names, study)
    for wave in study.waves:
        yield partial(_sheet, study, wave)
    if (study.folder / "claims").is_dir():
        yield lambda: read_words(study)
        yield lambda: read_claims(study)
    if (printed / "errata.yaml").is_file():
        yield lambda: check_errata(study, read_errata(printed))
    yield lambda: read_audit_settings(study)
    yield lambda: check_records(study)
    for table in printed_tables(study):
        yield partial(_print, printed, table)


def _comparisons(study: Study, mistakes: Mistakes) -> None:
    """Check what marked tables compare. Their items and groups have to exist."""
    if study.conventions.significance is None:
        return
    for name, marking in marked_tables(study).items():
        with mistakes.collecting():
            comparisons(study.table[name], marking, study)


def _sheet(study: Study, wave: str) -> None:
    sheet = study.source_sheet(wave)
    read_provenance(sheet)
    file, mistakes = f"{WAVES}/{wave}/{SHEET}", Mistakes()
    names = {one.path.name for one in sheet.files.values()}
    for name in sheet.constructed_columns:
        if name not in names:
            place = ["constructed_columns", name]
            problem = found_expected(name, f"a file of the wave: {listed(sorted(names))}")
            mistakes.add(mistake_at(sheet.path, file, place, problem, *near(name, names)))
    register = study.frame and study.frame.register_
    if register and sheet.files[REGISTER].path.name != register:
        place = ["files", REGISTER, "name"]
        expected = f"{register!r}, the `register` of `frame` in {STUDY_FILE}"
        problem = found_expected(sheet.files[REGISTER].path.name, expected)
        mistakes.add(mistake_at(sheet.path, file, place, problem))
    mistakes.stop()


def _names(study: Study) -> None:
    """Check that what print is compared with is there: its wave and its tables.

    A study loads without them, so that its other waves can be computed.
    """
    mistakes = Mistakes()

    def wrong(place: list[str], found: str, expected: str, known: Collection[str]) -> None:
        problem, meant = found_expected(found, expected), near(found, known)
        mistakes.add(mistake_at(study.folder / STUDY_FILE, STUDY_FILE, place, problem, *meant))

    if study.id != study.folder.resolve().name:
        known = [study.folder.resolve().name]
        wrong(["id"], study.id, f"the name of the folder, {known[0]!r}", known)
    waves, printed = study.waves, study.printed_wave
    if waves and printed is not None and printed not in waves:
        place = ["conventions", "printed_wave"]
        wrong(place, printed, f"a wave of the study: {listed(waves)}", waves)
    for name in DECLARED_IN:
        for path in sorted((study.folder / name).glob("[!.]*")):
            if path.is_dir() or path.suffix.lower() in UNREAD:
                problem = "found an entry that nothing reads, expected files NAME.yaml"
                mistakes.add(Mistake(f"{name}/{path.name}", None, "", problem))
    tables = {table.id for table in study.tables if table.cells}
    for path in sorted((study.folder / "printed").glob("*.csv")):
        if path.stem not in tables:
            expected = "a name of a table with figures"
            problem = found_expected(path.stem, expected)
            meant = near(path.stem, tables)
            mistakes.add(Mistake(f"printed/{path.name}", None, "", problem, meant))
    mistakes.stop()


def _print(folder: Path, table: Table) -> None:
    check_places(table, read_printed_table(folder, table.id))


def _audit_rules(study: Study, mistakes: Mistakes) -> None:
    """Check that the rules named in audit.yaml exist."""
    path = study.folder / "printed" / FILE
    with Mistakes().collecting():
        for name in read_audit_settings(study).rules:
            if name not in RULES:
                problem = found_expected(name, f"one of {', '.join(RULES)}")
                place = ["rules", name]
                mistake = mistake_at(path, f"printed/{FILE}", place, problem, *near(name, RULES))
                mistakes.add(mistake)


def _follows(mistake: Mistake, unreadable: set[str]) -> bool:
    """Whether a mistake only refers to a file that could not be read."""
    return any(f"'{name}'" in mistake.problem for name in unreadable)
