"""The strict base of all declared models, common types, and the reader of model files.

A declaration is a pydantic model. An unknown entry or a value of another type is a mistake.
`read_model` reads a YAML file as a model and notes every mistake with its line.
"""

from declarations.model.entries import (
    CodeName,
    Declared,
    Distinct,
    Id,
    Labelled,
    LabelText,
    M,
    MaybeLabelled,
    Name,
    Number,
    Part,
    Several,
    Stated,
    check_once,
    short,
    switch,
    wrong,
)
from declarations.model.reading import mistake_at, named_as_its_file, read_model, validated

__all__ = [
    "CodeName",
    "Declared",
    "Distinct",
    "Id",
    "LabelText",
    "Labelled",
    "M",
    "MaybeLabelled",
    "Name",
    "Number",
    "Part",
    "Several",
    "Stated",
    "check_once",
    "mistake_at",
    "named_as_its_file",
    "read_model",
    "short",
    "switch",
    "validated",
    "wrong",
]
