"""The declared study: questions, groups, tables and waves, read from YAML and validated."""

from declarations.errors import SpecError
from declarations.load import load_study
from declarations.study import Study
from declarations.survey.groups import Group, Level
from declarations.survey.questions import Code, Condition, Item, Question
from declarations.tables.cells import Cell, Table
from declarations.waves import SourceSheet, WaveFile

__all__ = [
    "Cell",
    "Code",
    "Condition",
    "Group",
    "Item",
    "Level",
    "Question",
    "SourceSheet",
    "SpecError",
    "Study",
    "Table",
    "WaveFile",
    "load_study",
]
