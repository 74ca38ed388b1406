"""Reads a study folder: first every file as a model, then the checks across files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from declarations.checks.all import check_study
from declarations.checks.checked import STATUS_CODES, STATUS_ITEM, STUDY_FILE, Checked
from declarations.checks.whole import check_reported
from declarations.documents import read_document
from declarations.errors import Mistakes, SpecError, found_expected, near
from declarations.model import Declared, mistake_at, named_as_its_file, read_model
from declarations.study import Study
from declarations.survey.question_file import QuestionFile
from declarations.survey.questions import Question
from declarations.survey.rules import policies_of
from declarations.survey.study_file import StudyFile
from declarations.tables.cells import Table
from declarations.tables.frequency import has_frequencies, with_frequency
from declarations.tables.models import (
    DEFAULTS,
    ModelDefaults,
    ModelFile,
    in_order,
    made_model,
)
from declarations.tables.models import FOLDER as MODELS
from declarations.tables.table_file import TableFile, made_table
from declarations.tables.unnumbered import FOLDER as UNNUMBERED
from declarations.tables.unnumbered import UnnumberedFile
from declarations.tabulation.checks_weights import check_tabulation
from declarations.tabulation.load import is_short, read_tabulation

__all__ = ["STATUS_CODES", "STATUS_ITEM", "load_study", "read_study"]

M = TypeVar("M", bound=Declared)
Sourced = dict[str, M]
# ids in a file that is not YAML
ID = re.compile(r"\b(?:id|key): *[\"']?([\w.-]+)")


def load_study(folder: Path) -> Study:
    """Read everything below `folder` except claims, print and the files of waves.

    Raises SpecError with all mistakes, each with file, line and entry: missing or unknown entries,
    wrong types, and references to questions, codes, groups or levels that are not declared.
    """
    mistakes = Mistakes()
    study = read_study(folder, mistakes)
    mistakes.stop()
    assert study is not None
    return study


def read_study(folder: Path, mistakes: Mistakes, *, thorough: bool = False) -> Study | None:
    """Like `load_study`, but note mistakes and return what can be read.

    Returns None if study.yaml cannot be read. A reference to an unreadable file is not a mistake.
    `thorough`: also check places for readers, which no run needs.
    """
    whole = read_model(StudyFile, folder / STUDY_FILE, mistakes, file=STUDY_FILE)
    files = _Files(folder, mistakes)
    questions = files.read("questions", QuestionFile)
    tables = files.read("tables", TableFile)
    results = files.read(UNNUMBERED, UnnumberedFile)
    models = files.read(MODELS, ModelFile, leave_out=(DEFAULTS,))
    defaults = files.read(MODELS, ModelDefaults, only=DEFAULTS)
    tabulation = read_tabulation(folder, mistakes)
    if whole is None:
        return None
    made = sorted((f.made(source) for source, f in questions.items()), key=lambda q: q.order)
    tables = files.with_frequencies(tables, {question.id: question for question in made})
    study = Study(
        id=whole.id,
        title=whole.title,
        folder=folder,
        policies=policies_of(whole.checks),
        questions=tuple(made),
        groups=whole.groups,
        tables=_tables(tables),
        tabulation=tabulation,
        conventions=whole.conventions,
        frame=whole.frame,
        export=whole.export,
        disclosure=whole.disclosure,
        source=whole.source,
        operation=whole.operation(folder.name),
        results=tuple(sorted(results.items(), key=lambda result: (result[1].section, result[0]))),
    )
    shared = next(iter(defaults.values()), None)
    if shared is None and not (folder / MODELS / DEFAULTS).exists():
        shared = ModelDefaults(covariates={})
    checked = Checked(study, whole, mistakes, frozenset(files.unreadable))
    if thorough:
        check_reported(checked, questions)
    usable = check_study(checked, questions, tables, models, shared)
    check_tabulation(study, mistakes)
    if shared is None:
        return study
    regressions = [made_model(models[s], shared, study.group, s) for s in usable]
    return replace(study, models=in_order(regressions, shared.rules))


def _tables(files: Mapping[str, TableFile]) -> tuple[Table, ...]:
    tables = (made_table(file, source) for source, file in files.items())
    return tuple(sorted(tables, key=lambda table: table.id))


class _Files:
    """Reads the files of a study folder and records the ids of unreadable ones."""

    def __init__(self, folder: Path, mistakes: Mistakes) -> None:
        self.folder, self.mistakes = folder, mistakes
        self.unreadable = mistakes.unreadable

    def read(
        self, name: str, model: type[M], *, leave_out: tuple[str, ...] = (), only: str = "*.yaml"
    ) -> Sourced[M]:
        """The files of a folder, by their path in the study, in order."""
        found = {}
        seen: dict[Any, str] = {}
        for path in sorted((self.folder / name).glob(only)):
            if path.name in leave_out or (model is TableFile and is_short(path)):
                continue
            source = f"{name}/{path.name}"
            file = read_model(model, path, self.mistakes, file=source)
            if file is None:
                self.unreadable |= _ids(path)
                continue
            own = getattr(file, "id", source)
            if own in seen:
                problem = f"found {own!r}, which {seen[own]} has already, expected each id once"
                self.mistakes.add(mistake_at(path, source, ["id"], problem))
                continue
            if isinstance(own, str) and own != source:
                named_as_its_file(path, source, own, self.mistakes)
            seen[own] = source
            found[source] = file
        return found

    def with_frequencies(
        self, tables: Sourced[TableFile], questions: Mapping[str, Question]
    ) -> Sourced[TableFile]:
        """Replace `frequency` in tables by rows and columns."""
        made = {}
        for source, file in tables.items():
            question = questions.get(file.frequency or "")
            if file.frequency is None:
                made[source] = file
            elif question is not None and has_frequencies(question):
                with self.mistakes.collecting():
                    made[source] = with_frequency(file, question)
            elif file.frequency not in self.unreadable:
                fit = [name for name, one in questions.items() if has_frequencies(one)]
                expected = "a question with closed items, all with the same scale"
                problem = found_expected(file.frequency, expected)
                meant = near(file.frequency, fit)
                self.unreadable.add(file.id)
                place = self.folder / source
                self.mistakes.add(mistake_at(place, source, ["frequency"], problem, *meant))
        return made


def _ids(path: Path) -> set[str]:
    """Every id that an invalid file declares, as far as it can be read."""
    found: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            found.update(str(value[key]) for key in ("id", "key") if key in value)
            for entry in value.values():
                look(entry)
        elif isinstance(value, list):
            for entry in value:
                look(entry)

    try:
        look(read_document(path))
    except SpecError:
        with suppress(OSError):
            found.update(ID.findall(path.read_text(encoding="utf-8", errors="replace")))
    # a file that is not YAML may declare any id that matches its name
    found.add(path.stem.partition("_")[2] or path.stem)
    return found
