"""The assumptions of the audit and the rules that report, from `printed/audit.yaml`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from declarations import Study
from declarations.errors import Mistakes, found_expected, listed, near
from declarations.model import Declared, Name, Several, mistake_at, read_model

FILE = "audit.yaml"


class TextNumber(Declared):
    """A number of municipalities that the text gives for a table of invitations."""

    id: Name = Field(description="The name of the number in findings.")
    section: str = Field("", description="The section with the number, in quotes.")
    table: Name = Field(description="The table that the number is about.")
    counts: Literal["rows", "everyone", "at_most"] = Field(
        description="What is counted: all municipalities, those in which all answered, or those "
        "in which at most `bound` did."
    )
    printed: int = Field(ge=0, description="The number in the text.")
    bound: int = Field(0, ge=0, description="The bound of `at_most`.")


class AuditSettings(Declared):
    """The assumptions of the audit of print, and the rules that report."""

    rules: dict[Name, bool] = Field(
        {},
        description="Which rules report. A rule with `off` reports no findings, but stays "
        "evidence for other rules.",
    )
    gap: int = Field(
        5,
        ge=0,
        description="The most respondents who leave one line empty and answer later ones.",
    )
    answering: float = Field(
        1.2,
        ge=1,
        description=(
            "The largest factor between a group's shares of respondents at two questions."
        ),
    )
    covering: Several[Name] = Field(
        (), description="Overlapping groups in which everyone is in at least one level."
    )
    large: float = Field(
        5.0,
        ge=0,
        description=(
            "The number of percentage points from which a wrong figure may change a conclusion."
        ),
    )
    test_printed: bool = Field(
        False, description="Whether print names the test of its stars and bounds."
    )
    text: Several[TextNumber] = Field(
        (), description="Numbers of municipalities that the text gives for a table."
    )

    @property
    def off(self) -> frozenset[str]:
        """Rules whose findings are not reported."""
        return frozenset(name for name, on in self.rules.items() if not on)


def read_audit_settings(study: Study) -> AuditSettings:
    """Settings of a study; defaults without audit.yaml.

    Raises SpecError with every unknown entry, group and table.
    """
    path, file = study.folder / "printed" / FILE, f"printed/{FILE}"
    if not path.is_file():
        return AuditSettings()
    mistakes = Mistakes()
    found = read_model(AuditSettings, path, mistakes, file=file)
    if found is not None:
        groups, tables = list(study.group), list(study.table)
        places: list[tuple[list[str | int], str, list[str]]] = []
        places += [(["covering", n], group, groups) for n, group in enumerate(found.covering)]
        places += [(["text", n, "table"], one.table, tables) for n, one in enumerate(found.text)]
        for place, name, known in places:
            if name not in known:
                problem = found_expected(name, f"one of {listed(known)}")
                mistakes.add(mistake_at(path, file, place, problem, *near(name, known)))
    mistakes.stop()
    assert found is not None
    return found
