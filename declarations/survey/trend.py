"""How waves are compared: a convention of the study, `conventions.trend`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from declarations.errors import SpecError, only

TEST = "cluster_robust"
MUNICIPALITY, RESPONDENT = "municipality", "respondent"
HOLM, NONE = "holm", "none"
KNOWN = {
    "test": (TEST,),
    "clusters": (MUNICIPALITY, RESPONDENT),
    "adjust": (HOLM, NONE),
}


@dataclass(frozen=True)
class TrendSettings:
    """`clusters` says within what answers hang together; `adjust` how p is for many tests.

    A family of tests are the items and answers of one question between the same two waves.
    """

    clusters: str
    adjust: str
    confidence: float


def read_trend(conventions: Mapping[str, Any], has_frame: bool) -> TrendSettings | None:
    """`conventions.trend`; None where the study declares none. SpecError names a wrong entry."""
    data = conventions.get("trend")
    if data is None:
        return None
    where = "study.yaml: conventions.trend"
    if not isinstance(data, Mapping):
        raise SpecError(where, f"expected a mapping, found {str(data)[:60]!r}")
    only(data, (*KNOWN, "confidence"), where)
    for name, known in KNOWN.items():
        if name in data and str(data[name]) not in known:
            raise SpecError(where, f"{name} is {data[name]!r}, expected one of {', '.join(known)}")
    clusters = str(data.get("clusters", MUNICIPALITY if has_frame else RESPONDENT))
    if clusters == MUNICIPALITY and not has_frame:
        raise SpecError(where, "clusters by municipality need a frame with a register")
    confidence = data.get("confidence", 0.95)
    if not isinstance(confidence, float) or not 0 < confidence < 1:
        raise SpecError(where, f"confidence is {confidence!r}, expected a share such as 0.95")
    return TrendSettings(clusters, str(data.get("adjust", HOLM)), confidence)
