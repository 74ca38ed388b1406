"""The form of an export: `format` of a source sheet."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from declarations.model import Declared, Several, wrong

AUTO = "auto"
DELIMITERS = (";", ",", "\t", "|", ":")
ENCODINGS = (
    "ascii", "cp4", "cp7", "cp8", "cp12", "iso8859", "koi8", "mac", "utf-8", "utf-16", "utf-32",
)  # fmt: skip
PLATFORMS = (
    "limesurvey", "qualtrics", "redcap", "surveymonkey", "google_forms", "microsoft_forms", "kobo",
    "enalyzer", "plain",
)  # fmt: skip


def is_encoding(name: str) -> bool:
    """Whether a name is an encoding of plain text. Escapes, compression and rot13 are not."""
    try:
        return codecs.lookup(name).name.startswith(ENCODINGS)
    except (LookupError, ValueError):
        return False


def _delimiter(delimiter: str) -> str:
    if delimiter not in (AUTO, *DELIMITERS):
        raise wrong(delimiter, f"{AUTO} or one of {', '.join(map(repr, DELIMITERS))}")
    return delimiter


def _encoding(encoding: str) -> str:
    if encoding != AUTO and not is_encoding(encoding):
        raise wrong(encoding, f"{AUTO} or an encoding of a text file")
    return encoding


Delimiter = Annotated[str, AfterValidator(_delimiter)]
Encoding = Annotated[str, AfterValidator(_encoding)]


class TextFormat(Declared):
    """Delimited files."""

    kind: Literal["delimited"] = Field("delimited", description="The form of the export.")
    delimiter: Delimiter = Field(description="`;`, `,`, `|`, `:`, a tab, or `auto`.")
    encoding: Encoding = Field(
        description="An encoding of text such as utf-8 or cp1252, or `auto`."
    )


class WholeFormat(Declared):
    """One file with data, structure and labels."""

    kind: Literal["excel", "spss"] = Field(description="The form of the export.")
    encoding: Encoding = Field(
        AUTO, description="The encoding of an SPSS file with a wrong header; by default `auto`."
    )


class CellSplit(Declared):
    """How the cells of a column hold several choices."""

    by: str = Field(min_length=1, description="The separator between choices.")
    choices: Several[str] = Field(description="The choices; each is a tick box of the question.")


class PlatformFormat(Declared):
    """An export of another platform or any table: a data file, optionally with a definition."""

    kind: Literal[PLATFORMS] = Field(  # type: ignore[valid-type]
        description="The platform; `plain` is any table, with or without a codebook."
    )
    delimiter: Delimiter = Field(
        AUTO, description=("The delimiter, for text files; `auto` for workbooks.")
    )
    encoding: Encoding = Field(
        AUTO, description=("The encoding, for text files; `auto` for workbooks.")
    )
    split: dict[str, CellSplit] = Field(
        {}, description="Columns whose cells hold several choices, by name."
    )


def form_of(value: Any) -> str:
    """The form that an entry has: whole, text or platform."""
    kind = value.get("kind", "delimited") if isinstance(value, Mapping) else "delimited"
    if isinstance(value, PlatformFormat) or kind in PLATFORMS:
        return "platform"
    return "whole" if isinstance(value, WholeFormat) or kind in ("excel", "spss") else "text"
