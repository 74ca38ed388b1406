"""Regression models as declared: outcome, exposure, covariates and the report's statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from declarations.labels import Label
from declarations.model import Declared, Distinct, Id, LabelText, Name
from declarations.survey.groups import Group

FOLDER = "models"
DEFAULTS = "defaults.yaml"
Term = tuple[str, str]  # group, level
Numbers = Annotated[str, StringConstraints(pattern=r"^[0-9]+(\.[0-9]+)*$")]


class Outcome(Declared):
    """The outcome: 1 for one of the codes, 0 for any other answer, including "don't know"."""

    item: Name = Field(description="The closed item that is explained.")
    codes: Distinct[int] = Field(
        min_length=1,
        description="The codes that count as the outcome: some but not all of the item's codes.",
    )


class Exposure(Declared):
    """The level whose effect is estimated."""

    group: Name = Field(description="The group of the exposure.")
    level: Name = Field(description="The level whose effect is estimated.")


class ModelRules(Declared):
    """When and how a model is estimated."""

    confidence: float | None = Field(
        None, gt=0, lt=1, description=("The confidence level of the intervals.")
    )
    events_per_term: Annotated[float, Field(ge=0)] | None = Field(
        None, description="With fewer events (or non-events) per term the fit is penalized."
    )
    level_events: Annotated[int, Field(ge=0)] | None = Field(
        None,
        description="With fewer events than this in a level, the odds ratio of the level is "
        "called sparse.",
    )


class ModelDefaults(Declared):
    """`models/defaults.yaml`: declarations for all models."""

    covariates: dict[Name, Distinct[Name]] = Field(
        description="By group the levels that are terms: all except the reference."
    )
    rules: ModelRules = Field(ModelRules(), description="When and how a model is estimated.")


class ModelFile(Declared):
    """One regression model."""

    id: Id = Field(description="The id of the model; also the name of the file.")
    section: Numbers = Field(
        description="The section of the report that mentions the model, such as `3.1`."
    )
    title: LabelText = Field(description="The title of the model.")
    outcome: Outcome = Field(description="The outcome that the model explains.")
    exposure: Exposure = Field(description="The level whose effect is estimated.")
    covariates: Distinct[Name] | None = Field(
        None, description="Groups of defaults.yaml; all by default."
    )
    sample: dict[Name, Annotated[Distinct[Name], Field(min_length=1)]] = Field(
        {}, description="Levels by group; only respondents in these levels are in the model."
    )
    states: Literal["holds", "vanishes", "weakens", "absent"] = Field(
        description=(
            "The report's statement on the difference when the covariates are held constant."
        )
    )
    direction: Literal["more", "less"] = Field(
        "more", description="The direction that the report states."
    )
    note: str = Field("", description="A note on how we read the report.")


@dataclass(frozen=True)
class Model:
    """A logistic regression: whether a level gives the outcome more often, unadjusted and adjusted.

    Outcome 1 is one of `codes` of `item`. Outcome 0 is any other answer to it, including "don't
    know". Respondents who did not answer are excluded. `exposure` and `covariates` are 0/1 terms:
    in the level or not. `sample` restricts respondents to levels of groups.
    """

    id: str
    chapter: str
    section: str
    title: Label
    item: str
    codes: tuple[int, ...]
    exposure: Term
    covariates: tuple[Term, ...]
    states: str
    direction: str
    source: str
    sample: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms: the exposure, then the covariates."""
        return (self.exposure, *self.covariates)


@dataclass(frozen=True)
class Models:
    """All models in the order of the report, and the rules that they share."""

    models: tuple[Model, ...] = ()
    rules: ModelRules = field(default_factory=ModelRules)


def made_model(
    file: ModelFile, defaults: ModelDefaults, groups: Mapping[str, Group], source: str
) -> Model:
    """The model of a file.

    Its covariates are those it names, by default all. Covariates of the same group as the exposure,
    or of a group with the same source, are left out.
    """
    own = groups[file.exposure.group].source
    chosen = defaults.covariates if file.covariates is None else file.covariates
    return Model(
        id=file.id,
        chapter=file.section.split(".")[0],
        section=file.section,
        title=file.title,
        item=file.outcome.item,
        codes=file.outcome.codes,
        exposure=(file.exposure.group, file.exposure.level),
        covariates=tuple(
            (name, level)
            for name in chosen
            if groups[name].source != own
            for level in defaults.covariates[name]
        ),
        states=file.states,
        direction=file.direction,
        source=source,
        sample=file.sample,
        note=file.note,
    )


def in_order(models: list[Model], rules: ModelRules) -> Models:
    """The models in the order of the report."""
    ordered = sorted(models, key=lambda model: ([*map(int, model.section.split("."))], model.id))
    return Models(tuple(ordered), rules)
