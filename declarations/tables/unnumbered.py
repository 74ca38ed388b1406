"""Results that the report mentions without a table: breakdowns in a few lines of YAML each.

`rows: {items_of: question, levels_of: [group, ...]}` and `columns: {codes_of: question}` are short
forms of rows and columns. They are expanded where the results are computed, not where the
declarations are read, because there are many and most readers do not need them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Protocol

from pydantic import Discriminator, Field, Tag

from declarations.labels import Label
from declarations.model import Declared, Distinct, Id, LabelText, Name, Several
from declarations.survey.groups import Group, Level
from declarations.survey.questions import Item, Question
from declarations.tables.cells import OTHERS, BaseColumn, Table
from declarations.tables.frequency import label_entries
from declarations.tables.table_file import (
    Column,
    Coordinates,
    Line,
    Row,
    TableFile,
    made_table,
)

FOLDER = "unnumbered"
EVERYONE = Line(key="all:all", da="Alle", en="All")
TICKED = Column(key="ticked", da="Afkrydset", en="Ticked", code=1)
ANSWERED = Column(key="n", da="Antal svar", en="Answers", code="total", statistic="count")


class ResultRows(Declared):
    """The rows: items of a question, each broken down by groups."""

    items_of: Name = Field(description="The id of a question.")
    items: Distinct[Name] | None = Field(
        None, min_length=1, description="Some items of the question; by default every closed item."
    )
    levels_of: Distinct[Name] = Field(
        description="Groups that the rows are broken down by, or `all`."
    )


class ResultColumns(Declared):
    """The columns: answers of the question of the rows."""

    codes_of: Name = Field(description="The question of the rows.")


def _form(value: Any) -> str:
    return "written" if isinstance(value, list | tuple) else "codes"


class UnnumberedFile(Declared):
    """One result without a table."""

    id: Id = Field(description="The id of the result; also the name of the file.")
    section: str = Field(
        description="The section of the report that mentions the result, in quotes."
    )
    title: LabelText = Field(description="The title of the result.")
    rows: ResultRows = Field(description="The rows of the result.")
    columns: Annotated[
        Annotated[ResultColumns, Tag("codes")] | Annotated[Several[Column], Tag("written")],
        Discriminator(_form),
    ] = Field(description="`{codes_of: QUESTION}`, or a list as in a table.")
    unit: Literal["respondents"] = Field("respondents", description="What is counted.")
    base_column: BaseColumn | None = Field(None, description="Where the base is shown.")
    cell: Coordinates = Field(Coordinates(), description="Coordinates that all cells share.")
    note: str = Field("", description="A note on how we read the report.")


@dataclass(frozen=True)
class Unnumbered:
    """A result without a table number; `table` has its cells."""

    file: UnnumberedFile
    question: Question
    items: tuple[Item, ...]
    source: str
    by_id: dict[str, Group]

    @property
    def id(self) -> str:
        """Its id."""
        return self.file.id

    @property
    def section(self) -> str:
        """The section of the report that mentions it."""
        return self.file.section

    @property
    def title(self) -> Label:
        """Its title."""
        return self.file.title

    @property
    def note(self) -> str:
        """The note on how we read the report."""
        return self.file.note

    @property
    def groups(self) -> tuple[str, ...]:
        """Groups that it is broken down by, which may include `all`."""
        return self.file.rows.levels_of

    @property
    def chapter(self) -> str:
        """The chapter of the report that mentions it."""
        return self.section.split(".")[0]

    @cached_property
    def written(self) -> TableFile:
        """Rows and columns with all short forms expanded."""
        return self.written_by(self.groups)

    def written_by(self, groups: Sequence[str]) -> TableFile:
        """Rows and columns with all short forms expanded, by other groups.

        Raises ValidationError if a coordinate is missing.
        """
        levels = tuple(line for group in groups for line in self._levels(group))
        columns = self.file.columns
        return TableFile(
            id=self.id,
            number="",
            chapter=self.chapter,
            section=self.section,
            title=self.title,
            unit=self.file.unit,
            base_column=self.file.base_column,
            note=self.note or None,
            cell=self.file.cell,
            rows=tuple(
                Row(key=item.id, item=item.id, groups=levels, **label_entries(item.label))
                for item in self.items
            ),
            columns=columns if isinstance(columns, tuple) else tuple(_codes(self.items[0])),
        )

    @cached_property
    def table(self) -> Table:
        """The table of the result."""
        return made_table(self.written, self.source)

    def _levels(self, group: str) -> Iterator[Line]:
        """The lines of a group; overlapping levels are followed by everyone not in them."""
        if group == "all":
            yield EVERYONE
            return
        declared = self.by_id[group]
        for level in declared.levels:
            yield _line(group, level, "")
            if declared.overlapping:
                yield _line(group, level, OTHERS)


class DeclaresResults(Protocol):
    """A study, which imports this module."""

    @property
    def results(self) -> Sequence[tuple[str, UnnumberedFile]]:
        """Results without a table, each with its file."""

    @property
    def question(self) -> dict[str, Question]:
        """Questions by id."""

    @property
    def group(self) -> dict[str, Group]:
        """Groups by id."""


def read_unnumbered(study: DeclaresResults) -> tuple[Unnumbered, ...]:
    """Results of a study (in one wave, see `Study.in_wave`), in the order of sections.

    Empty without a folder `unnumbered`.
    """
    made = (
        made_result(file, source, study.question[file.rows.items_of], study.group)
        for source, file in study.results
    )
    return tuple(result for result in made if result.items)


def made_result(
    file: UnnumberedFile, source: str, question: Question, groups: dict[str, Group]
) -> Unnumbered:
    """The result of a question's items."""
    by_id = {item.id: item for item in question.items}
    chosen = file.rows.items
    # a wave may not have asked all of them
    items = tuple(by_id[c] for c in chosen if c in by_id) if chosen else question.closed_items
    return Unnumbered(file, question, items, source, groups)


def _line(group: str, level: Level, mark: str) -> Line:
    label = level.label
    if mark:
        label = Label(f"Øvrige end {label.da}", f"All but {label.en}")
    key = f"{mark}{level.key}"
    return Line(key=f"{group}:{key}", group=group, level=key, **label_entries(label))


def _codes(item: Item) -> list[Column]:
    """The number who answered and the share of each code; of a tick box the share ticked."""
    if item.type == "multiple":
        return [ANSWERED, TICKED]
    codes = [Column(key=c.key, code=c.code, **label_entries(c.label)) for c in item.scale]
    return [ANSWERED, *codes]
