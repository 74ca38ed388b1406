"""What all declared models share: the strict base, common types, and reading a file as a model.

A declaration is a pydantic model: an entry it does not have is a mistake, and so is a value of
another type. `read_model` reads a YAML file as a model and notes every mistake with its line.
"""

from declarations.model.entries import (
    CodeName,
    Declared,
    Id,
    Labelled,
    LabelText,
    M,
    MaybeLabelled,
    Name,
    Number,
    Part,
    Several,
    Short,
    Stated,
    Switch,
    wrong,
)
from declarations.model.reading import mistake_at, read_model, validated

__all__ = [
    "CodeName",
    "Declared",
    "Id",
    "LabelText",
    "Labelled",
    "M",
    "MaybeLabelled",
    "Name",
    "Number",
    "Part",
    "Several",
    "Short",
    "Stated",
    "Switch",
    "mistake_at",
    "read_model",
    "validated",
    "wrong",
]
