"""How differences are tested and marked: `conventions.significance`, and overrides in tables."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from declarations.model import Declared, Name, Several, wrong

Test = Literal["pearson_chi_square", "likelihood_ratio", "fisher", "linear_by_linear", "gamma"]
Distribution = Literal["whole", "shown"]
DontKnow = Literal["in_base", "outside_base", "own_category"]
Against = Literal["others", "levels"]
Share = Annotated[float, Field(gt=0, lt=1)]
DECLARED = "declared"


def _probability(value: object) -> object:
    # JSON has only text keys
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Probability = Annotated[
    float, BeforeValidator(_probability), Field(gt=0, lt=1), WithJsonSchema({"type": "number"})
]


class MarkConvention(Declared):
    """The entries that define a test. An absent entry has the value of the enclosing convention."""

    test: Test | None = Field(None, description="The test of a difference.")
    distribution: Distribution | None = Field(
        None,
        description=(
            "`whole` compares all answers; `shown` compares the printed answer with the rest."
        ),
    )
    dont_know: DontKnow | None = Field(
        None,
        description=(
            'Where "don\'t know" counts: in the base, outside the base, or as a separate answer.'
        ),
    )


class Alternative(MarkConvention):
    """A further convention, computed in addition to the declared one."""

    id: Name = Field(description="The id of the convention in the results.")


class Simulation(Declared):
    """The simulation of Fisher's test for tables larger than 2 x 2."""

    draws: int = Field(2000, ge=1, description="The number of simulated tables.")
    seed: int = Field(1, ge=0, description="The seed of the simulation.")


class SmallExpected(Declared):
    """When expected counts are too small for a chi-square test (Cochran's rule)."""

    below: float | None = Field(
        None, ge=0, description="Expected counts below this number are small."
    )
    share: float | None = Field(
        None, ge=0, le=1, description=("The largest acceptable share of small expected counts.")
    )
    least: float | None = Field(None, ge=0, description="The smallest acceptable expected count.")


class SignificanceSettings(MarkConvention):
    """How differences between groups are tested."""

    correction: Literal["none"] = Field("none", description="No test has a continuity correction.")
    against: Against = Field("others", description="The comparison of a level.")
    stars: dict[Probability, str] = Field(description="Stars, by the bound of p.")
    bounds: Several[Share] = Field((0.05,), description="Bounds of p that print may state.")
    confidence: Share = Field(0.95, description="The confidence level of the intervals.")
    simulation: Simulation = Field(Simulation(), description="The simulation of Fisher's test.")
    small_expected: SmallExpected = Field(
        SmallExpected(), description=("Cochran's rule of the chi-square test.")
    )
    alternatives: Several[Alternative] = Field(
        (), description=("Further conventions, computed in addition.")
    )

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [DECLARED]
        for number, one in enumerate(self.alternatives):
            if one.id in ids:
                raise wrong(one.id, "each id once", at=["alternatives", number, "id"])
            ids.append(one.id)
        return self


class TableMarks(MarkConvention):
    """What a table tests, and how it marks the result."""

    by: Literal["cell", "row", "group", "table"] = Field(description="The unit that has a mark.")
    mark: Literal["stars", "bound"] = Field(description="The form of the mark.")
    against: Against | None = Field(
        None,
        description=(
            "The comparison of a level; by default the study's, for `by: group` the levels with "
            "each other."
        ),
    )
    ordered: bool = Field(True, description="false if the answers have no order.")
