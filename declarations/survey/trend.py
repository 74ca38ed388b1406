"""How waves are compared: a convention of the study, `conventions.trend`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from declarations.model import Declared

MUNICIPALITY: Final = "municipality"
RESPONDENT: Final = "respondent"
HOLM: Final = "holm"
NONE: Final = "none"


class TrendSettings(Declared):
    """How changes between waves are tested.

    A family of tests are the items and answers of one question between the same two waves.
    """

    test: Literal["cluster_robust"] = Field("cluster_robust", description="The test.")
    clusters: Literal["municipality", "respondent"] = Field(
        RESPONDENT,
        description="Within what answers hang together; `municipality` where there is a register.",
    )
    adjust: Literal["holm", "none"] = Field(HOLM, description="What is done about many tests.")
    confidence: float = Field(0.95, gt=0, lt=1, description="Level of the intervals.")
