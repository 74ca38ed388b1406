"""Runs all checks of a study."""

from __future__ import annotations

from collections.abc import Mapping

from declarations.checks.analyses import check_defaults, check_model, check_result
from declarations.checks.cells import check_numbers, check_overviews, check_table
from declarations.checks.checked import Checked
from declarations.checks.waves import check_waves
from declarations.checks.whole import (
    check_conditions,
    check_groups,
    check_unique_items,
    check_whole,
)
from declarations.survey.question_file import QuestionFile
from declarations.survey.study_file import StudyFile
from declarations.tables.models import ModelDefaults, ModelFile
from declarations.tables.table_file import TableFile


def check_study(
    checked: Checked,
    whole: StudyFile,
    questions: Mapping[str, QuestionFile],
    tables: Mapping[str, TableFile],
    models: Mapping[str, ModelFile],
    defaults: ModelDefaults | None,
) -> list[str]:
    """Note every mistake and return the models that have none."""
    check_unique_items(checked)
    check_conditions(checked)
    check_groups(checked)
    check_whole(checked, whole)
    check_waves(checked, whole, questions)
    check_numbers(checked, tables)
    for source, table in tables.items():
        check_table(checked, source, table)
    check_overviews(checked, tables)
    for source, result in checked.study.results:
        check_result(checked, source, result)
    usable = defaults is not None and check_defaults(checked, defaults)
    return [s for s, model in models.items() if check_model(checked, s, model, defaults) and usable]
