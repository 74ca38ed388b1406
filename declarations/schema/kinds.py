"""The model of each kind of file. A new kind of file is one line here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from declarations.claims.kinds import ClaimFile
from declarations.claims.words import WORDS, Words
from declarations.survey.question_file import QuestionFile
from declarations.survey.study_file import StudyFile
from declarations.tables.models import DEFAULTS, ModelDefaults, ModelFile
from declarations.tables.table_file import TableFile
from declarations.tables.unnumbered import UnnumberedFile
from declarations.tabulation import load as tabulation
from declarations.tabulation.crosstab import BannerBook, Crosstab
from declarations.tabulation.weights import Design
from declarations.waves import SourceFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


@dataclass(frozen=True)
class FileKind:
    """The files of a study that share a model: `files` is a pattern below the study's folder.

    A file is one of several `models`. `name` is the name of its schema.
    """

    name: str
    files: str
    models: tuple[Any, ...]
    leave_out: tuple[str, ...] = ()

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a file."""
        kind: Any = self.models[0]
        for model in self.models[1:]:
            kind = kind | model
        made = TypeAdapter(kind).json_schema(by_alias=True)
        if kind is StudyFile:
            # an entry of study.yaml may have no value
            for name, entry in made["properties"].items():
                if name not in made["required"]:
                    made["properties"][name] = {"anyOf": [entry, {"type": "null"}]}
        return {"$schema": DIALECT, "title": self.name, **made}


def _all(models: Any) -> tuple[Any, ...]:
    return tuple(dict.fromkeys(models.values()))


KINDS = (
    FileKind("study", "study.yaml", (StudyFile,)),
    FileKind("question", "questions/*.yaml", (QuestionFile,)),
    FileKind("table", "tables/*.yaml", (TableFile, Crosstab)),
    FileKind("unnumbered", "unnumbered/*.yaml", (UnnumberedFile,)),
    FileKind("model", "models/*.yaml", (ModelFile,), leave_out=(DEFAULTS,)),
    FileKind("model_defaults", f"models/{DEFAULTS}", (ModelDefaults,)),
    FileKind("group", "groups/*.yaml", _all(tabulation.GROUPS)),
    FileKind("variable", "variables/*.yaml", _all(tabulation.VARIABLES)),
    FileKind("weight", "weights/*.yaml", _all(tabulation.WEIGHTS)),
    FileKind("design", tabulation.DESIGN, (Design,)),
    FileKind("crosstabs", tabulation.BOOK, (BannerBook,)),
    FileKind("claims", "claims/*.yaml", (ClaimFile,), leave_out=(WORDS,)),
    FileKind("words", f"claims/{WORDS}", (Words,)),
    FileKind("source", "waves/*/source.yaml", (SourceFile,)),
)


def schema_header(kind: str, depth: int) -> str:
    """The comment with which editors find the schema of a file `depth` folders below the study."""
    return f"# yaml-language-server: $schema={'../' * (depth + 2)}declarations/schema/{kind}.json\n"
