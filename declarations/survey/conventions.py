"""How a study counts, tests and compares: `conventions` of study.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from declarations.model import Declared, Name
from declarations.survey.marks import SignificanceSettings
from declarations.survey.trend import TrendSettings


class Rounding(Declared):
    """How figures are rounded. Each entry has only one valid value."""

    mode: Literal["half_up"] = Field("half_up", description="Halves are rounded up.")
    percent_decimals: Literal[1] = Field(1, description="Decimals of percentages.")


class Conventions(Declared):
    """How results are counted. Rounding, don't know and bases have only one valid value each."""

    printed_wave: Name | None = Field(
        None, description="The wave that is compared with the printed figures."
    )
    rounding: Rounding | None = Field(None, description="How figures are rounded.")
    dont_know: Literal["in_base"] | None = Field(
        None, description=('"Don\'t know" is an answer like any other.')
    )
    unanswered: Literal["outside_base"] | None = Field(
        None, description="Respondents who did not answer the item are not in its base."
    )
    base: Literal["per_item"] | None = Field(
        None, description=("The base is everyone who answered the item.")
    )
    significance: SignificanceSettings | None = Field(
        None, description="Tests of differences; required if a table declares `significance`."
    )
    trend: TrendSettings | None = Field(
        None, description="How waves are compared. Without this entry they are not compared."
    )

    @property
    def stars(self) -> dict[float, str]:
        """Marks by the bound of p; empty if no tests are declared."""
        return {} if self.significance is None else self.significance.stars
