"""How a study counts, tests and compares: `conventions` of study.yaml."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from declarations.model import Declared, Name
from declarations.survey.trend import TrendSettings
from declarations.tables.marks import SignificanceSettings


class Rounding(Declared):
    """The one way figures are rounded; another value is refused."""

    mode: Literal["half_up"] = Field("half_up", description="Halves are rounded up.")
    percent_decimals: Literal[1] = Field(1, description="Decimals of percentages.")


class Conventions(Declared):
    """How results are counted. Rounding, don't know and bases can be as here only."""

    printed_wave: Name | None = Field(
        None, description="The wave the printed figures are compared with."
    )
    rounding: Rounding | None = Field(None, description="How figures are rounded.")
    dont_know: Literal["in_base"] | None = Field(None, description="An answer like any other.")
    unanswered: Literal["outside_base"] | None = Field(None, description="Not in the base.")
    base: Literal["per_item"] | None = Field(None, description="Those who answered the item.")
    significance: SignificanceSettings | None = Field(
        None, description="Tests of differences; needed where a table declares `significance`."
    )
    trend: TrendSettings | None = Field(
        None, description="How waves are compared; without it they are not."
    )

    @property
    def stars(self) -> dict[float, str]:
        """Marks by the p they are below; none where no tests are declared."""
        return {} if self.significance is None else self.significance.stars
