"""The declared study: questions, groups, tables and waves, read from YAML and validated."""

from assets.specs.cells import Cell, Table
from assets.specs.errors import SpecError
from assets.specs.groups import Group, Level
from assets.specs.load import load_study
from assets.specs.questions import Code, Condition, Item, Question
from assets.specs.study import Study
from assets.specs.waves import SourceSheet, WaveFile

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
