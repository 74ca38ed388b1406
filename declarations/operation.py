"""Automatic runs of a study: landing folder, schedule, freshness, retries, notifications."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, Strict, field_validator, model_validator

from declarations.model import Declared, Number, wrong
from runtime.store import FORMS, MEMORY_LIMIT, THREADS

CRON_FIELD = re.compile(r"[0-9A-Za-z*,/-]+")
CRON_MOST = (59, 23, 31, 12, 7)
MOST_THREADS = 999
STALLS = 10
MOST_RETRIES = 10
MOST_SECONDS = 1e8
# the entry of `freshness` for waves that are not named
DEFAULT = "default"
# of `assets_per`
QUESTION, SECTION = "question", "section"

Seconds = Annotated[float, Field(ge=0, lt=MOST_SECONDS)]
Place = Annotated[Path, Strict(False)]


class Landing(Declared):
    """The folder where exports arrive.

    A wave folder is complete when nothing in it has changed for `settle_seconds`. An export that is
    still incomplete `patience_seconds` after its last change is refused. A wrong checksum may mean
    that the copy of a file has stalled; such an export is refused after `stall_seconds`.
    """

    folder: Place = Field(
        Path(), description="The folder, relative to the checkout; by default `landing/STUDY`."
    )
    settle_seconds: Seconds = Field(
        30.0, description=("Seconds without a change after which an export is complete.")
    )
    patience_seconds: Seconds = Field(
        3600.0,
        description="Seconds without a change after which an incomplete export is refused.",
    )
    stalls: Seconds | None = Field(
        None,
        alias="stall_seconds",
        description=(
            "Seconds without a change after which a wrong checksum is refused; by default ten "
            "times `settle_seconds`."
        ),
    )

    @property
    def stall_seconds(self) -> float:
        """The declared seconds, else ten times `settle_seconds`; at most `patience_seconds`."""
        stalls = STALLS * self.settle_seconds if self.stalls is None else self.stalls
        return min(stalls, self.patience_seconds)


class Schedule(Declared):
    """The time at which all waves are rechecked."""

    cron: str = Field(description="A cron expression of five fields, such as `0 6 * * 1`.")
    timezone: str = Field("UTC", description="A time zone such as Europe/Copenhagen.")

    @field_validator("cron")
    @classmethod
    def _five_fields(cls, cron: str) -> str:
        fields = cron.split()
        if len(fields) != len(CRON_MOST) or not _is_cron(fields):
            raise wrong(cron, "five fields, such as '0 6 * * 1'")
        return cron

    @field_validator("timezone")
    @classmethod
    def _known(cls, timezone: str) -> str:
        try:
            ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise wrong(timezone, "the name of a time zone, such as UTC") from None
        return timezone


class Hook(Declared):
    """The destination of notifications: a file, an address, both or neither."""

    file: Place | None = Field(None, description="A file, relative to the checkout.")
    webhook: str | None = Field(None, description="An address of the form http://HOST:PORT/.")
    private: bool = Field(
        False, description="Whether `webhook` may be an address of a private network."
    )

    @field_validator("webhook")
    @classmethod
    def _address(cls, webhook: str | None) -> str | None:
        if webhook is not None and not is_web_address(webhook):
            raise wrong(webhook, "an address of the form http://HOST:PORT/")
        return webhook


class Retries(Declared):
    """How often, and after what pause, a step is retried after a transient fault."""

    most: int = Field(2, ge=0, le=MOST_RETRIES, description="The largest number of retries.")
    pause_seconds: Seconds = Field(5.0, description="The pause before each retry, in seconds.")


class Resources(Declared):
    """The share of the machine that a run may use."""

    threads: int | None = Field(
        None, ge=1, le=MOST_THREADS, description="Threads of DuckDB; 1 is fastest for small waves."
    )
    memory: str | None = Field(
        None, description="The largest amount of memory that DuckDB may use, such as `2GB`."
    )

    @field_validator("memory")
    @classmethod
    def _a_size(cls, memory: str | None) -> str | None:
        form, example = FORMS[MEMORY_LIMIT]
        if memory is not None and not form.fullmatch(memory):
            raise wrong(memory, example)
        return memory

    @property
    def settings(self) -> dict[str, str]:
        """The entries as settings of DuckDB."""
        facts = {MEMORY_LIMIT: self.memory, THREADS: self.threads}
        return {name: str(value) for name, value in facts.items() if value is not None}


class Lag(Declared):
    """How long the results of a wave may be out of date."""

    days: Number = Field(0, description="Number of days.")
    hours: Number = Field(0, description="Number of hours.")
    minutes: Number = Field(0, description="Number of minutes.")

    @model_validator(mode="after")
    def _some(self) -> Self:
        parts = (self.days, self.hours, self.minutes)
        if not all(0 <= part < MOST_SECONDS for part in parts) or not any(parts):
            raise wrong(dict(zip(("days", "hours", "minutes"), parts, strict=True)),
                        "a time such as {days: 7}")  # fmt: skip
        return self

    @property
    def time(self) -> timedelta:
        """The lag as one duration."""
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes)


@dataclass(frozen=True)
class Operation:
    """The entries of study.yaml on automatic runs; all are optional."""

    landing: Landing | None = None
    schedule: Schedule | None = None
    freshness: Mapping[str, timedelta] = field(default_factory=dict)
    notify: Hook = field(default_factory=Hook)
    retries: Retries = field(default_factory=Retries)
    freshness_default: timedelta | None = None
    assets_per: str = QUESTION
    resources: Resources = field(default_factory=Resources)

    def lags(self, waves: Iterable[str]) -> dict[str, timedelta]:
        """The permitted lag per wave. Waves in `waves` that are not named have the default.

        Without a default, only the named waves have a permitted lag.
        """
        default = self.freshness_default
        return {**(dict.fromkeys(waves, default) if default else {}), **self.freshness}


def _is_cron(fields: list[str]) -> bool:
    """Whether a cron field has digits, names, ranges, steps and lists in the field's range."""
    return all(
        CRON_FIELD.fullmatch(field)
        and all(int(number) <= limit for number in re.findall(r"(?<![/0-9])[0-9]+", field))
        for field, limit in zip(fields, CRON_MOST, strict=True)
    )


def is_web_address(text: str) -> bool:
    """Whether a notification can be posted to the address, which must begin with http or https."""
    # urlsplit leaves line breaks out, and a request cannot have blanks or other letters
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and port != 0
