"""Declarations as one text per content, with or without the words that are for readers only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from numbers import Number
from pathlib import PurePath
from typing import Any

import dagster as dg

from declarations.labels import Label

WORDS = ("label", "labelled", "note", "reported", "source", "title", "da", "en", "section", "order",
         "questionnaire")  # fmt: skip


def canonical(value: Any) -> str:
    """One text per content, whatever the order of mappings and the place of the checkout."""
    if isinstance(value, Mapping):
        entries = sorted((canonical(k), canonical(v)) for k, v in value.items())
        return "{" + ",".join(f"{k}:{v}" for k, v in entries) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ",".join(sorted(map(canonical, value))) + "}"
    if isinstance(value, dg.AssetKey):
        return value.to_user_string()
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical, value)) + "]"
    if is_dataclass(value) and not isinstance(value, type):
        named = {f.name: getattr(value, f.name) for f in fields(value)}
        return type(value).__name__ + canonical(named)
    if isinstance(value, PurePath):
        return repr(value.name)
    if isinstance(value, re.Pattern):
        return repr(value.pattern)
    if value is None or isinstance(value, str | bytes | Number | date | timedelta | range):
        return repr(value)
    # which function stands where; what it does is for who follows it
    return str(getattr(value, "__qualname__", type(value).__name__))


def without_labels(value: Any) -> Any:
    """The same declarations without words for readers: labels, notes, where they stand."""
    if isinstance(value, Label):
        return None
    if isinstance(value, Mapping):
        return {k: without_labels(v) for k, v in value.items() if k not in WORDS}
    if isinstance(value, list | tuple):
        return [without_labels(entry) for entry in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {
            f.name: without_labels(getattr(value, f.name))
            for f in fields(value)
            if f.name not in WORDS
        }
    return value
