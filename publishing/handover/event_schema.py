"""The OpenLineage 2-0-2 schema of a run event with the facets that we write."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_URI = {"type": "string", "pattern": "^[a-z][a-z0-9+.-]*:"}
_FACET = {"_producer": _URI, "_schemaURL": _URI}
_INPUT_FIELD = {
    "type": "object",
    "required": ["namespace", "name", "field"],
    "properties": {"namespace": _TEXT, "name": _TEXT, "field": _TEXT},
}
_LINEAGE = {
    "type": "object",
    "required": ["_producer", "_schemaURL", "fields"],
    "properties": {
        **_FACET,
        "fields": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "required": ["inputFields"],
                "properties": {"inputFields": {"type": "array", "items": _INPUT_FIELD}},
            },
        },
    },
}
_SCHEMA = {
    "type": "object",
    "required": ["_producer", "_schemaURL", "fields"],
    "properties": {
        **_FACET,
        "fields": {
            "type": "array",
            "items": {"type": "object", "required": ["name"], "properties": {"name": _TEXT}},
        },
    },
}
_DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {"namespace": _TEXT, "name": _TEXT, "facets": {"type": "object"}},
}
_OUTPUT = {
    **_DATASET,
    "required": ["namespace", "name", "facets"],
    "properties": {
        **_DATASET["properties"],  # type: ignore[dict-item]
        "facets": {
            "type": "object",
            "required": ["schema", "columnLineage"],
            "properties": {"schema": _SCHEMA, "columnLineage": _LINEAGE},
        },
    },
}
EVENT: dict[str, Any] = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job", "inputs", "outputs"],
    "properties": {
        "eventTime": {
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$",
        },
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "producer": _URI,
        "schemaURL": _URI,
        "run": {
            "type": "object",
            "required": ["runId"],
            "properties": {
                "runId": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
                }
            },
        },
        "job": {
            "type": "object",
            "required": ["namespace", "name"],
            "properties": {"namespace": _TEXT, "name": _TEXT},
        },
        "inputs": {"type": "array", "items": _DATASET},
        "outputs": {"type": "array", "minItems": 1, "items": _OUTPUT},
    },
}
