"""Whom results may tell something about: `disclosure` of study.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from declarations.errors import SpecError, need
from declarations.study import Study

WARN, BLOCK, SUPPRESS = "warn", "block", "suppress"
POLICIES = (WARN, BLOCK, SUPPRESS)
TABLES, UNNUMBERED, DEVIATIONS = "tables", "unnumbered", "deviations"
COVERED = (TABLES, UNNUMBERED, DEVIATIONS)
MUNICIPALITY = "municipality"
ENTRIES = (
    "policy", "k", "identifying", "covers", "minimum_base", "minimum_count", "unanimous",
    "knows_nonresponse", "mark",
)  # fmt: skip
WHERE = "study.yaml: disclosure"
LONGEST_MARK = 8


@dataclass(frozen=True)
class Disclosure:
    """What may be told of whom.

    Respondents alike in everything `identifying` (groups, items, columns of the respondent list)
    form a class; those of a class of fewer than `k` are identifiable. A figure whose base is from
    1 to `minimum_base` - 1, or that counts from 1 to `minimum_count` - 1, is not to go out,
    nor (`unanimous`) one that tells that all of a group gave the same answer. `covers` names what
    goes out and is attacked. `knows_nonresponse`: the attacker knows who answered which question.
    """

    policy: str
    k: int = 3
    identifying: tuple[str, ...] = ()
    covers: tuple[str, ...] = (TABLES,)
    minimum_base: int = 3
    minimum_count: int = 0
    unanimous: bool = True
    knows_nonresponse: bool = False
    mark: str = ":"

    def with_k(self, k: int | None) -> Disclosure:
        """The same with another class size; the least base follows it where it was the same."""
        if k is None:
            return self
        base = k if self.minimum_base == self.k else self.minimum_base
        return replace(self, k=k, minimum_base=base)


def read_disclosure(study: Study) -> Disclosure | None:
    """The declared gate; None where the study declares none. SpecError names a wrong entry."""
    data = study.disclosure
    if not data:
        return None
    unknown = sorted(map(str, set(data) - set(ENTRIES)))
    if unknown:
        raise SpecError(WHERE, f"{unknown[0]!r} is no entry, expected {', '.join(ENTRIES)}")
    policy = need(data, "policy", WHERE)
    if policy not in POLICIES:
        raise SpecError(WHERE, f"policy is {policy!r}, expected one of {', '.join(POLICIES)}")
    k = _whole(data, "k", 3, least=1)
    mark = data.get("mark", ":")
    if not isinstance(mark, str) or not 0 < len(mark) <= LONGEST_MARK or not mark.isprintable():
        raise SpecError(WHERE, f"mark is {mark!r}, expected a text of 1 to {LONGEST_MARK} signs")
    return Disclosure(
        policy=str(policy),
        k=k,
        identifying=_identifying(data, study),
        covers=_covers(data),
        minimum_base=_whole(data, "minimum_base", k, least=0),
        minimum_count=_whole(data, "minimum_count", 0, least=0),
        unanimous=_flag(data, "unanimous", True),
        knows_nonresponse=_flag(data, "knows_nonresponse", False),
        mark=mark,
    )


def usual(study: Study) -> Disclosure:
    """What is assumed of a study that declares nothing: it warns, and all groups identify."""
    identifying = [group.id for group in study.groups if group.kind == "text_rules"]
    if study.has_frame:
        identifying.insert(0, MUNICIPALITY)
    return Disclosure(WARN, identifying=tuple(identifying))


def _identifying(data: Mapping[str, Any], study: Study) -> tuple[str, ...]:
    names = _names(data, "identifying", ())
    known = {group.id for group in study.groups}
    known |= {item.id for item in study.items.values() if item.closed}
    known |= set(study.harmless_columns)
    if study.has_frame:
        known.add(MUNICIPALITY)
    for name in names:
        if name not in known:
            raise SpecError(
                WHERE,
                f"identifying names {name!r}, which is no group, no closed item and no background "
                "column declared `personal: false`",
            )
    return names


def _covers(data: Mapping[str, Any]) -> tuple[str, ...]:
    names = _names(data, "covers", (TABLES,))
    wrong = [name for name in names if name not in COVERED]
    if wrong:
        raise SpecError(WHERE, f"covers names {wrong[0]!r}, expected {', '.join(COVERED)}")
    # tables always go out
    return tuple(name for name in COVERED if name in (TABLES, *names))


def _names(data: Mapping[str, Any], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    value = data.get(name, list(otherwise))
    if not isinstance(value, list):
        raise SpecError(WHERE, f"{name}: expected a list, found {str(value)[:60]!r}")
    return tuple(dict.fromkeys(map(str, value)))


def _whole(data: Mapping[str, Any], name: str, otherwise: int, least: int) -> int:
    value = data.get(name, otherwise)
    if type(value) is not int or value < least:
        raise SpecError(WHERE, f"{name} is {value!r}, expected a whole number from {least}")
    return value


def _flag(data: Mapping[str, Any], name: str, otherwise: bool) -> bool:
    value = data.get(name, otherwise)
    if not isinstance(value, bool):
        raise SpecError(WHERE, f"{name} is {value!r}, expected true or false")
    return value
