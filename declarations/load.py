"""Reads a study folder: first every file as a model, then the checks across files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from declarations.checks.all import check_study
from declarations.checks.checked import STUDY_FILE, Checked
from declarations.checks.tabulation import check_tabulation
from declarations.checks.whole import check_reported
from declarations.errors import Mistakes, found_expected, near
from declarations.model import mistake_at, read_model
from declarations.model.files import Files, Sourced
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
from declarations.tabulation.load import is_short, read_tabulation


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
    files = Files(folder, mistakes)
    questions = files.read("questions", QuestionFile)
    tables = files.read("tables", TableFile, lambda path: not is_short(path))
    results = files.read(UNNUMBERED, UnnumberedFile)
    models = files.read(MODELS, ModelFile, lambda path: path.name != DEFAULTS)
    shared = files.one(f"{MODELS}/{DEFAULTS}", ModelDefaults)
    tabulation = read_tabulation(files)
    if whole is None:
        return None
    made = sorted((f.made(source) for source, f in questions.items()), key=lambda q: q.order)
    tables = _with_frequencies(files, tables, {question.id: question for question in made})
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
    if shared is None and not (folder / MODELS / DEFAULTS).exists():
        shared = ModelDefaults(covariates={})
    checked = Checked(study, mistakes, frozenset(files.unreadable))
    if thorough:
        check_reported(checked, questions)
    usable = check_study(checked, whole, questions, tables, models, shared)
    check_tabulation(checked)
    if shared is None:
        return study
    regressions = [made_model(models[s], shared, study.group, s) for s in usable]
    return replace(study, models=in_order(regressions, shared.rules))


def _tables(files: Mapping[str, TableFile]) -> tuple[Table, ...]:
    tables = (made_table(file, source) for source, file in files.items())
    return tuple(sorted(tables, key=lambda table: table.id))


def _with_frequencies(
    files: Files, tables: Sourced[TableFile], questions: Mapping[str, Question]
) -> Sourced[TableFile]:
    """Replace `frequency` in tables by rows and columns."""
    made = {}
    for source, file in tables.items():
        question = questions.get(file.frequency or "")
        if file.frequency is None:
            made[source] = file
        elif question is not None and has_frequencies(question):
            with files.mistakes.collecting():
                made[source] = with_frequency(file, question)
        elif file.frequency not in files.unreadable:
            fit = [name for name, one in questions.items() if has_frequencies(one)]
            expected = "a question with closed items, all with the same scale"
            problem = found_expected(file.frequency, expected)
            meant = near(file.frequency, fit)
            files.unreadable.add(file.id)
            place = files.folder / source
            files.mistakes.add(mistake_at(place, source, ["frequency"], problem, *meant))
    return made
