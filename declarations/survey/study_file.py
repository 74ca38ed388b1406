"""`study.yaml`: declarations for the whole study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from declarations.model import Declared, LabelText, Name, Several, switch, wrong
from declarations.operation import (
    DEFAULT,
    Hook,
    Lag,
    Landing,
    Operation,
    Resources,
    Retries,
    Schedule,
)
from declarations.survey.background_columns import ExportColumns, Frame
from declarations.survey.conventions import Conventions
from declarations.survey.disclosure import Disclosure
from declarations.survey.groups import AnyGroup
from declarations.survey.rules import Checks

WAVES = "waves"


class Report(Declared):
    """The report of the study."""

    title: str | None = Field(None, description="The title of the report.")
    authors: Several[str] = Field((), description="The authors of the report.")
    publisher: str | None = Field(None, description="The publisher of the report.")
    year: Name | None = Field(None, description="The year of the report.")


class StudyFile(Declared):
    """The study."""

    id: Name = Field(description="The id of the study; also the name of the folder.")
    title: LabelText = Field(description="The title of the study in both languages.")
    source: Report = Field(Report(), description="The report that the study is about.")
    language_labels: Several[Literal["da", "en"]] = Field(
        (), description="The languages of the study's labels."
    )
    conventions: Conventions = Field(Conventions(), description="How results are counted.")
    checks: Checks = Field({}, description="The policy of each rule; `false` switches a rule off.")
    frame: Frame | None = Field(None, description="The register that invitations are joined to.")
    export: ExportColumns = Field(
        ExportColumns(), description="Columns of the export that are not questions."
    )
    groups: Several[AnyGroup] = Field((), description="Groups of respondents.")
    disclosure: Disclosure | None = Field(
        None,
        description=(
            "What results may disclose about respondents; by default `policy: suppress` and `k: "
            "5` hold for real waves."
        ),
    )
    landing: Annotated[Landing | None, switch(Landing)] = Field(
        Landing(), description="The folder where exports arrive; false: none."
    )
    schedule: Annotated[Schedule | None, switch(Schedule)] = Field(
        None, description="The time at which waves are rechecked."
    )
    freshness: dict[Name, Lag] = Field(
        {}, description="How long results may be out of date, by wave or `default`."
    )
    notify: Hook = Field(Hook(), description="Where notifications go.")
    retries: Annotated[Retries | None, switch(Retries)] = Field(
        Retries(), description="How often a step is retried; false: never."
    )

    resources: Resources = Field(
        Resources(), description="How much of the machine a run may take (docs/scale.md)."
    )
    assets_per: Literal["question", "section"] = Field(
        "question",
        description=(
            "The unit of assets in the graph for answers, counts and tables; `section` for "
            "surveys with hundreds of questions."
        ),
    )

    @model_validator(mode="before")
    @classmethod
    def _as_said(cls, data: object) -> object:
        """An entry without a value counts as absent, as in a file that contains only comments."""
        if not isinstance(data, dict):
            return data
        if WAVES in data:
            raise wrong(
                WAVES, "no such entry: a wave is a folder below waves/; remove it", at=[WAVES]
            )
        return {k: v for k, v in data.items() if v is not None or k not in cls.model_fields}

    def operation(self, study: str) -> Operation:
        """The declarations on automatic runs; `study` is the name of the study's folder."""
        landing = self.landing
        if landing is not None and "folder" not in landing.model_fields_set:
            landing = landing.model_copy(update={"folder": Path("landing") / study})
        lags = {wave: lag.time for wave, lag in self.freshness.items()}
        return Operation(
            landing=landing,
            schedule=self.schedule,
            freshness={wave: lag for wave, lag in lags.items() if wave != DEFAULT},
            freshness_default=lags.get(DEFAULT),
            notify=self.notify,
            retries=self.retries or Retries(most=0),
            resources=self.resources,
            assets_per=self.assets_per,
        )
