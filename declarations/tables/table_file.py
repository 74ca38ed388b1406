"""`tables/*.yaml`: the file of a table, and the cells made from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr, Strict, model_validator

from declarations.labels import Label
from declarations.model import (
    CodeName,
    Declared,
    Id,
    Labelled,
    LabelText,
    Name,
    Number,
    Part,
    Several,
    check_once,
    wrong,
)
from declarations.survey.marks import TableMarks
from declarations.tables.cells import TOTAL, BaseColumn, Cell, Table
from declarations.tables.overview import OverviewEntry
from declarations.tables.statistics import COLUMNS, NUMBERS, STATISTICS, Statistic, names_of

NO_LABEL = Label("", "")
Place = tuple[str | int, ...]


class Coordinates(Declared):
    """The coordinates of a cell.

    The column of a cell overrides its line, the line overrides its row, and the row overrides
    `cell`.
    """

    item: Name | None = Field(None, description="An item; `status` for invitations.")
    code: CodeName | None = Field(
        None,
        description="A code of the item, or `total` for everyone who answered the item. The "
        "code of a ticked box is 1.",
    )
    range: Annotated[tuple[Number | None, Number | None], Strict(False)] | None = Field(
        None, description="For a numeric item: the smallest and the largest number to count."
    )
    base: Several[Name] | None = Field(
        None, description="Items whose answers make up the base; by default the cell's item."
    )
    group: Name | None = Field(None, description="A group; by default everyone.")
    level: Name | None = Field(
        None, description='A level of the group, or `"!level"`: everyone not in it.'
    )
    statistic: Statistic | None = Field(None, description="The statistic; by default `percent`.")
    decimals: int | None = Field(
        None, ge=0, le=9, description="Decimals shown; by default the statistic's."
    )
    of: Annotated[tuple[Name, Name], Strict(False)] | None = Field(
        None,
        description=(
            "For differences: two columns of the row; the second is subtracted from the first."
        ),
    )


COORDINATES = tuple(Coordinates.model_fields)


class Line(Labelled, Coordinates):
    """A row, a line of a row, or a column."""

    key: Name = Field(description="The id of the column or line within the table.")


class Row(Line):
    """A row; `groups` declares its lines."""

    heading: LabelText | None = Field(None, description="The subheading above the row.")
    groups: Several[Line] = Field(
        (), description="The lines of the row, each with its own coordinates."
    )
    items: dict[Name, Name] = Field(
        {}, description="Items by role, if the columns have different items."
    )


class Column(Line):
    """A column."""

    item_role: Name | None = Field(
        None, description=("The role, in the row's `items`, of the item that the column shows.")
    )


class TableFile(Declared):
    """One table."""

    id: Id = Field(description="The id of the table; also the name of the file.")
    number: Name = Field(description="The number of the table in the report, or any other number.")
    chapter: Part = Field(description="The group of the table in the graph.")
    section: str = Field("", description="The section of the report with the table, in quotes.")
    title: LabelText | None = Field(
        None, description="The title of the table; for a frequency table by default the question's."
    )
    unit: Literal["respondents", "invitations"] = Field(
        "respondents", description="What is counted."
    )
    kind: Literal["figures", "overview"] = Field(
        "figures", description="`overview` lists variables and has no figures."
    )
    base_column: BaseColumn | None = Field(None, description="Where the base is shown.")
    significance: TableMarks | None = Field(
        None, description=("What is tested and how it is marked.")
    )
    note: str | None = Field(None, description="A note for readers of the table.")
    frequency: Name | None = Field(
        None, description="A question whose frequencies make up the rows and columns."
    )
    cell: Coordinates = Field(Coordinates(), description="Coordinates that all cells share.")
    rows: Several[Row] | None = Field(None, min_length=1, description="The rows, in order.")
    columns: Several[Column] | None = Field(
        None, min_length=1, description="The columns, in order."
    )
    entries: Several[OverviewEntry] = Field((), description="The variables of an overview.")

    _made: tuple[Cell, ...] = PrivateAttr(())

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.frequency is None:
            if self.title is None:
                raise wrong(None, "a title", at=["title"])
            if (self.rows is None) != (self.columns is None):
                missing = "rows" if self.rows is None else "columns"
                raise wrong(None, "rows and columns", at=[missing])
        if self.rows is not None and self.columns is not None:
            _check_keys(self)
            self._made = tuple(_cells(self))
        return self

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells, in reading order."""
        return self._made


def made_table(file: TableFile, source: str) -> Table:
    """The table with its cells, in reading order."""
    assert file.title is not None
    return Table(
        id=file.id,
        number=file.number,
        chapter=file.chapter,
        section=file.section,
        title=file.title,
        unit=file.unit,
        kind=file.kind,
        base_column=file.base_column,
        significance=file.significance,
        note=file.note,
        cells=file.cells,
        entries=file.entries,
        source=source,
    )


def place_of_coordinate(file: TableFile, cell: Cell, coordinate: str) -> Place:
    """The place in the file of a cell's coordinate; the row if no line declares it."""
    assert file.rows is not None
    assert file.columns is not None
    number = cell.row_number - 1
    row = file.rows[number]
    column = next(n for n, one in enumerate(file.columns) if one.key == cell.column)
    lines: list[tuple[Place, Coordinates]] = [(("columns", column), file.columns[column])]
    lines += [
        (("rows", number, "groups", n), line)
        for n, line in enumerate(row.groups)
        if line.key == cell.group_key
    ]
    lines += [(("rows", number), row), (("cell",), file.cell)]
    role = file.columns[column].item_role
    if coordinate == "item" and role is not None:
        return ("rows", number, "items", role)
    said = (place for place, line in lines if getattr(line, coordinate) is not None)
    found = next(said, None)
    return ("rows", number) if found is None else (*found, coordinate)


def _check_keys(file: TableFile) -> None:
    """Check that keys are unique: among columns, rows, and the lines of a row."""
    assert file.rows is not None
    assert file.columns is not None
    lines: list[tuple[Place, tuple[Line, ...]]] = [(("columns",), file.columns)]
    lines += [(("rows", n, "groups"), row.groups) for n, row in enumerate(file.rows)]
    places = [(("rows",), file.rows), *lines]
    for place, own in places:
        check_once([line.key for line in own], "each key once", place, ["key"])


def _cells(file: TableFile) -> Iterator[Cell]:
    assert file.rows is not None
    assert file.columns is not None
    shared = _coordinates(file.cell)
    across = [(column, column.label, _coordinates(column)) for column in file.columns]
    for number, row in enumerate(file.rows, start=1):
        own, row_label = shared | _coordinates(row), row.label
        for line in row.groups or (None,):
            line_key, line_label = ("", NO_LABEL) if line is None else (line.key, line.label)
            coordinates = own if line is None else own | _coordinates(line)
            for column, column_label, entry in across:
                values = coordinates | entry
                if column.item_role is not None:
                    values["item"] = _item_of(row, column.item_role, number)
                _complete(values, column, number)
                yield Cell(
                    file.id,
                    file.unit,
                    number,
                    row.key,
                    row_label,
                    line_key,
                    line_label,
                    column.key,
                    column_label,
                    **values,
                )


def _item_of(row: Row, role: str, number: int) -> str:
    if role not in row.items:
        expected = f"the item of role {role}"
        raise wrong(list(row.items), expected, at=["rows", number - 1, "items"])
    return row.items[role]


def _complete(values: dict[str, Any], column: Column, number: int) -> None:
    """Fill in defaults that depend on other coordinates."""
    statistic = values.setdefault("statistic", "percent")
    rule, derived = STATISTICS[statistic], "of" in values
    if derived != (rule.of == COLUMNS):
        expected = f"`of`, and a statistic {' or '.join(names_of(COLUMNS))}, together"
        raise wrong(statistic, expected, at=["rows", number - 1, "statistic"])
    values.setdefault("decimals", rule.decimals)
    if derived:
        values["item"] = values["code"] = None
        return
    if rule.of == NUMBERS or "range" in values:
        values.setdefault("code", TOTAL)
    for needed in ("item", "code"):
        if needed not in values:
            raise wrong(None, f"{needed} of column {column.key}", at=["rows", number - 1, needed])


def _coordinates(line: Coordinates) -> dict[str, Any]:
    """The coordinates that a line declares."""
    return {
        name: value
        for name in COORDINATES
        if name in line.model_fields_set and (value := getattr(line, name)) is not None
    }
