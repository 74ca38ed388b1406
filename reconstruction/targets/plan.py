"""The input of the reconstruction: declarations, print, and figures from the text."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from declarations import Study, load_study
from reconstruction.grouping import levels_of
from reconstruction.targets.count_targets import (
    BaseTarget,
    CountTarget,
    base_targets,
    corrected,
    count_targets,
)
from reconstruction.targets.printed import TargetFigure, read_errata, read_figures

HERE = Path(__file__).resolve().parents[1]
STARS = {"***": (None, 0.001), "**": (0.001, 0.01), "*": (0.01, 0.05), "": (0.05, None)}


@dataclass(frozen=True)
class Plan:
    """Declarations, printed figures with errata applied, and what the prose adds."""

    study: Study
    figures: tuple[TargetFigure, ...]
    register: tuple[Mapping[str, str], ...]
    wishes: Mapping[str, Any]
    phrases: Mapping[str, Any]

    @cached_property
    def bases(self) -> tuple[BaseTarget, ...]:
        """Printed bases, corrected."""
        return tuple(base_targets(self.figures))

    @cached_property
    def counts(self) -> tuple[CountTarget, ...]:
        """Printed figures as counts, corrected."""
        return tuple(count_targets(self.figures))

    @cached_property
    def question_base(self) -> dict[str, int]:
        """Respondents at each question: the largest printed base of its items, or else the wish."""
        result = {question: int(entry["n"]) for question, entry in self.wishes["bases"].items()}
        for target in self.bases:
            if (target.group, target.level) == ("all", "all"):
                question = self.study.items[target.item].question
                result[question] = max(result.get(question, 0), target.n)
        return result

    @cached_property
    def item_base(self) -> dict[str, int]:
        """Respondents per printed item.

        The number is below its question's base if the item has gaps.
        """
        return {t.item: t.n for t in self.bases if (t.group, t.level) == ("all", "all")}

    @cached_property
    def ladder(self) -> list[int]:
        """The falling bases at which respondents drop out."""
        return sorted(set(self.question_base.values()), reverse=True)

    @cached_property
    def appendix(self) -> dict[str, tuple[int, int, int]]:
        """Complete, partial and unanswered invitations per municipality code."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for f in self.figures:
            if f.cell.unit == "invitations" and f.cell.statistic == "count":
                found[f.cell.level][str(f.cell.code)] = int(f.printed)
        found.pop("all", None)
        return {
            code: (row["complete"], row["partial"], row["none"])
            for code, row in sorted(found.items())
        }

    def municipality_groups(
        self, register: tuple[Mapping[str, str], ...]
    ) -> dict[str, dict[str, str]]:
        """The level of every municipality per register group.

        `register` must have the group's column.
        """
        columns = self.study.register_columns
        known = set(register[0])
        return {
            group.id: levels_of(register, group, columns["code"], columns[group.source])
            for group in self.study.groups
            if not group.overlapping and columns.get(group.source) in known
        }


def load_plan(study_folder: Path, register: Path) -> Plan:
    """Read the study's declarations and figures, the register, and the wishes in this folder."""
    study = load_study(study_folder)
    study = study.in_wave(str(study.printed_wave))
    published = study_folder / "printed"
    figures = corrected(
        read_figures(published, study.tables), read_errata(published / "errata.yaml")
    )
    with register.open(encoding="utf-8", newline="") as file:
        rows = tuple(csv.DictReader(file))
    return Plan(
        study=study,
        figures=tuple(figures),
        register=rows,
        wishes=_read(HERE / "targets.yaml"),
        phrases=_read(HERE / "phrases.yaml"),
    )


def _read(path: Path) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return data
