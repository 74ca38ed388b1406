"""How differences are tested and marked: `conventions.significance`, and what a table overrides."""

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
    # JSON has no other keys than texts
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Probability = Annotated[
    float, BeforeValidator(_probability), Field(gt=0, lt=1), WithJsonSchema({"type": "number"})
]


class MarkConvention(Declared):
    """What may be said of one way to test; what is left out is as in the convention above it."""

    test: Test | None = Field(None, description="The test.")
    distribution: Distribution | None = Field(
        None, description="whole compares all answers, shown the printed one with the rest."
    )
    dont_know: DontKnow | None = Field(
        None, description="What becomes of don't know: with the rest, left out, or apart."
    )


class Alternative(MarkConvention):
    """A convention computed beside the declared one."""

    id: Name = Field(description="Its name in the results.")


class Simulation(Declared):
    """Fisher's test beyond 2 x 2 is simulated."""

    draws: int = Field(2000, ge=1, description="Tables drawn.")
    seed: int = Field(1, ge=0, description="Start of the random numbers.")


class SmallExpected(Declared):
    """When a chi-square test rests on too few expected answers (Cochran's rule)."""

    below: float | None = Field(None, ge=0, description="An expected number below this is small.")
    share: float | None = Field(None, ge=0, le=1, description="At most this share may be small.")
    least: float | None = Field(None, ge=0, description="None may be below this.")


class SignificanceSettings(MarkConvention):
    """How differences between groups are tested."""

    correction: Literal["none"] = Field("none", description="No continuity correction.")
    against: Against = Field("others", description="What a level is compared with.")
    stars: dict[Probability, str] = Field(description="Marks by the p they are below.")
    bounds: Several[Share] = Field((0.05,), description="Bounds of p that print may state.")
    confidence: Share = Field(0.95, description="Level of the intervals.")
    simulation: Simulation = Field(Simulation(), description="Of Fisher's test.")
    small_expected: SmallExpected = Field(SmallExpected(), description="Of the chi-square test.")
    alternatives: Several[Alternative] = Field((), description="Conventions beside the declared.")

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [DECLARED]
        for number, one in enumerate(self.alternatives):
            if one.id in ids:
                raise wrong(one.id, "each id once", at=["alternatives", number, "id"])
            ids.append(one.id)
        return self


class TableMarks(MarkConvention):
    """What a table tests and how the result is marked."""

    by: Literal["cell", "row", "group", "table"] = Field(description="What has a mark.")
    mark: Literal["stars", "bound"] = Field(description="The form of the mark.")
    against: Against | None = Field(
        None,
        description="What a level is compared with; the study's if left out, levels by group.",
    )
    ordered: bool = Field(True, description="false where the answers have no order.")
