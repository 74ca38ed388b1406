"""How a study is run without a hand on it: landing folder, schedule, freshness, retries, hooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from declarations.documents import declared_in, read_document
from declarations.errors import SpecError, need

SETTLE_SECONDS = 30.0
PATIENCE_SECONDS = 3600.0
CRON_FIELD = re.compile(r"[0-9A-Za-z*,/-]+")
STALLS = 10
RETRIES, PAUSE_SECONDS = 2, 5.0
MOST_RETRIES = 10
MOST_SECONDS = 1e8
# of `freshness`: waves that are not named
DEFAULT = "default"
UNITS = ("days", "hours", "minutes")


@dataclass(frozen=True)
class Landing:
    """Where exports arrive: `folder` may be relative to the checkout.

    A wave folder is complete when nothing in it changed for `settle_seconds`. What is still
    incomplete `patience_seconds` after its last change is turned away; a file whose checksum is
    wrong may be half of one whose copy has stalled, and has `stall_seconds`.
    """

    folder: Path
    settle_seconds: float = SETTLE_SECONDS
    patience_seconds: float = PATIENCE_SECONDS
    stalls: float | None = None

    @property
    def stall_seconds(self) -> float:
        """As declared, else ten times what settles; never longer than patience lasts."""
        stalls = STALLS * self.settle_seconds if self.stalls is None else self.stalls
        return min(stalls, self.patience_seconds)


@dataclass(frozen=True)
class Schedule:
    """When all waves are rechecked."""

    cron: str
    timezone: str


@dataclass(frozen=True)
class Hook:
    """Where notifications go: a file (relative to the checkout), an address, both or neither."""

    file: Path | None = None
    webhook: str | None = None


@dataclass(frozen=True)
class Retries:
    """How often a step is tried again after a fault of the machine that passes, and how soon."""

    most: int = RETRIES
    pause_seconds: float = PAUSE_SECONDS


@dataclass(frozen=True)
class Operation:
    """What study.yaml declares of the study's operation; every part may be left out."""

    landing: Landing | None
    schedule: Schedule | None
    freshness: Mapping[str, timedelta]
    notify: Hook
    retries: Retries = Retries()
    freshness_default: timedelta | None = None

    def lags(self, waves: Iterable[str]) -> dict[str, timedelta]:
        """Per wave how long its results may lag behind; of `waves` those that name none too.

        Without a default only the waves that are named have a time.
        """
        default = self.freshness_default
        return {**(dict.fromkeys(waves, default) if default else {}), **self.freshness}


def read_operation(folder: Path) -> Operation:
    """Read `landing`, `schedule`, `freshness`, `notify` and `retries` of a study's study.yaml.

    Without `landing` exports arrive in `landing/STUDY`; `landing: false` is no landing folder.
    Without `retries` there are two; `retries: false` is none.
    Raises SpecError naming the entry.
    """
    path = folder / "study.yaml"
    data: Any = read_document(path)
    with declared_in(path):
        freshness = _freshness(data.get("freshness"), f"{path}: freshness")
        return Operation(
            landing=_landing(data.get("landing"), folder.name, f"{path}: landing"),
            schedule=_schedule(data.get("schedule"), f"{path}: schedule"),
            freshness={wave: lag for wave, lag in freshness.items() if wave != DEFAULT},
            freshness_default=freshness.get(DEFAULT),
            notify=_hook(data.get("notify"), f"{path}: notify"),
            retries=_retries(data.get("retries"), f"{path}: retries"),
        )


def _landing(data: Any, study: str, where: str) -> Landing | None:
    if data is False:
        return None
    known = ("folder", "settle_seconds", "patience_seconds", "stall_seconds")
    given = _mapping(data, where, known)
    stalls = _seconds(given, "stall_seconds", 0, where) if "stall_seconds" in given else None
    return Landing(
        folder=Path(str(given.get("folder", f"landing/{study}"))),
        settle_seconds=_seconds(given, "settle_seconds", SETTLE_SECONDS, where),
        patience_seconds=_seconds(given, "patience_seconds", PATIENCE_SECONDS, where),
        stalls=stalls,
    )


def _schedule(data: Any, where: str) -> Schedule | None:
    if data is None or data is False:
        return None
    given = _mapping(data, where, ("cron", "timezone"))
    cron, timezone = str(need(given, "cron", where)), str(given.get("timezone", "UTC"))
    fields = cron.split()
    if len(fields) != 5 or not _is_cron(fields):
        raise SpecError(where, f"cron is {cron!r}, expected five fields as in '0 6 * * 1'")
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SpecError(where, f"timezone is {timezone!r}, expected a name as UTC") from error
    return Schedule(cron, timezone)


def _is_cron(fields: list[str]) -> bool:
    """Digits, names, ranges, steps and lists, with numbers that the field has."""
    most = (59, 23, 31, 12, 7)
    return all(
        CRON_FIELD.fullmatch(field)
        and all(int(number) <= limit for number in re.findall(r"(?<![/0-9])[0-9]+", field))
        for field, limit in zip(fields, most, strict=True)
    )


def _freshness(data: Any, where: str) -> dict[str, timedelta]:
    found = {}
    for wave, given in _mapping(data, where, None).items():
        entry = _mapping(given, f"{where}: {wave}", UNITS)
        lag = timedelta(**{unit: _seconds(entry, unit, 0, f"{where}: {wave}") for unit in UNITS})
        if not lag:
            raise SpecError(f"{where}: {wave}", "expected a time as {days: 7}")
        found[str(wave)] = lag
    return found


def _retries(data: Any, where: str) -> Retries:
    if data is False:
        return Retries(0)
    given = _mapping(data, where, ("most", "pause_seconds"))
    most = given.get("most", RETRIES)
    if isinstance(most, bool) or not isinstance(most, int) or not 0 <= most <= MOST_RETRIES:
        raise SpecError(where, f"most is {most!r}, expected a number from 0 to {MOST_RETRIES}")
    return Retries(most, _seconds(given, "pause_seconds", PAUSE_SECONDS, where))


def _hook(data: Any, where: str) -> Hook:
    given = _mapping(data, where, ("file", "webhook"))
    file, webhook = given.get("file"), given.get("webhook")
    if webhook is not None and not is_web_address(str(webhook)):
        raise SpecError(where, f"webhook is {webhook!r}, expected an address as http://HOST:PORT/")
    return Hook(
        file=None if file is None else Path(str(file)),
        webhook=None if webhook is None else str(webhook),
    )


def is_web_address(text: str) -> bool:
    """Whether something can be posted there; a file or another scheme is no web address."""
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _mapping(data: Any, where: str, known: tuple[str, ...] | None) -> Mapping[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise SpecError(where, f"expected a mapping, found {str(data)[:60]!r}")
    unknown = [name for name in data if known is not None and name not in known]
    if unknown:
        raise SpecError(where, f"{unknown[0]!r} is none of {', '.join(known or ())}")
    return data


def _seconds(given: Mapping[str, Any], name: str, default: float, where: str) -> float:
    value = given.get(name, default)
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 <= value < MOST_SECONDS
    ):
        raise SpecError(where, f"{name} is {value!r}, expected a number from 0 on")
    return float(value)
