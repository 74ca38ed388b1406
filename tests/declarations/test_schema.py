"""JSON Schemas and the generated reference: true to the models, and to every shipped file."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from declarations.schema.kinds import schema_header
from tests.chain import STUDY
from tools import reference
from tools.schema import ALL_KINDS, TARGET, schemas

KINDS = {kind.name: kind for kind in ALL_KINDS}


def as_json(value: Any) -> Any:
    """Plain values as an editor gives them to a validator: names of entries are text."""
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    return [as_json(entry) for entry in value] if isinstance(value, list) else value


def plain_yaml(text: str) -> Any:
    """The values of a text, as an editor gives them to a validator."""
    return as_json(yaml.load(text, Loader=yaml.CSafeLoader))


@cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads((TARGET / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def kind_of(path: Path, study: Path) -> str:
    """The kind of a file of a study, by its place."""
    place = path.relative_to(study)
    found = [
        kind.name
        for kind in ALL_KINDS
        if place.match(kind.files) and place.name not in kind.leave_out
        and len(place.parts) == len(Path(kind.files).parts)
    ]  # fmt: skip
    return found[0]


def test_the_schemas_are_those_of_the_models() -> None:
    made = schemas()
    assert {path.name for path in TARGET.glob("*.json")} == {path.name for path in made}
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name}: run `make schema`"


def test_the_reference_is_that_of_the_models() -> None:
    text = reference.TARGET.read_text(encoding="utf-8")
    assert reference.with_reference(text) == text, "run `make docs`"


@pytest.mark.parametrize("name", KINDS)
def test_every_shipped_file_has_its_schema_and_fits_it(name: str) -> None:
    kind, check, headed = KINDS[name], validator(name), 0
    for path in sorted(STUDY.glob(kind.files)):
        if path.name in kind.leave_out:
            continue
        text = path.read_text(encoding="utf-8")
        depth = len(path.relative_to(STUDY).parts) - 1
        # the line is for editors and optional
        if "$schema=" in text:
            assert text.startswith(schema_header(name, depth)), path.name
            schema = text.split("$schema=")[1].split("\n")[0]
            assert (path.parent / schema).resolve() == TARGET / f"{name}.json"
            headed += 1
        errors = [error.message for error in check.iter_errors(plain_yaml(text))]
        assert not errors, (path.name, errors[:3])
    assert headed or not any(STUDY.glob(kind.files))


def test_every_field_says_what_it_means() -> None:
    for kind in ALL_KINDS:
        for name, made in {"": kind.schema(), **kind.schema().get("$defs", {})}.items():
            for entry, field in made.get("properties", {}).items():
                told = field.get("description") or any(
                    part.get("description") for part in field.get("anyOf", ())
                )
                plain = entry == "kind" or "$ref" in field
                assert told or plain, (kind.name, name, entry)
