"""How waves are compared: the convention `conventions.trend` of a study."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from declarations.model import Declared

MUNICIPALITY: Final = "municipality"
RESPONDENT: Final = "respondent"
HOLM: Final = "holm"


class TrendSettings(Declared):
    """How changes between waves are tested.

    A family of tests consists of the items and answers of one question between the same two waves.
    """

    test: Literal["cluster_robust"] = Field("cluster_robust", description="The test of a change.")
    clusters: Literal["municipality", "respondent"] = Field(
        RESPONDENT,
        description=(
            "The unit within which answers are correlated; `municipality` needs a register."
        ),
    )
    adjust: Literal["holm", "none"] = Field(HOLM, description="The adjustment for multiple tests.")
    confidence: float = Field(
        0.95, gt=0, lt=1, description=("The confidence level of the intervals.")
    )
