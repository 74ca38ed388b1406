"""`samspil table`: any table of a computed wave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.commands.shared import CODES, plain_errors, relative_path, study_of, wave_of
from runtime import paths
from runtime.safe_text import visible

if TYPE_CHECKING:
    import duckdb

    from declarations import Study
    from declarations.tabulation.crosstab import Crosstab

BY = re.compile(r"\s+by\s+")
SHOWS = ("percent", "n", "mean", "sd", "median", "quartiles", "interval")


@click.command(epilog=CODES)
@click.argument("asked", metavar="TABLE")
@click.option("--study", "name", default=paths.OWN, help="Study (default: the report's own).")
@click.option("--wave", default=None, help="Wave (default: the printed one, else the last).")
@click.option("--weight", default=None, help="A weight that the study declares, or `none`.")
@click.option("--filter", "condition", default="", help="Respondents to include, see below.")
@click.option(
    "--show", "shows", multiple=True, type=click.Choice(SHOWS), help=("Statistics to show.")
)
@click.option(
    "--percent", type=click.Choice(["column", "row", "total"]), help=("Denominator of percentages.")
)
@click.option(
    "--base",
    type=click.Choice(["answered", "valid", "all"]),
    help="Base of percentages and means.",
)
@click.option(
    "--compare", type=click.Choice(["columns", "rest", "none"]), default="columns",
    help="Compare with the other columns (letters), with the rest (+ and -), or not at all.",
)  # fmt: skip
@click.option("--save", is_flag=True, help="Write the declaration that makes the table an asset.")
@click.option("--id", "own_id", default=None, help="Name of the saved table.")
def table(
    asked: str,
    name: str,
    wave: str | None,
    weight: str | None,
    condition: str,
    shows: tuple[str, ...],
    percent: str | None,
    base: str | None,
    compare: str,
    save: bool,
    own_id: str | None,
) -> None:
    """Show TABLE, "QUESTIONS by GROUPS", of a computed wave.

    Questions, items and variables are the rows, groups are the columns; `a > b` nests b in a. A
    question or item can be used as a group. docs/tables.md describes all options.

    \b
    Examples:
      samspil table "partners, cross_cutting by size > bloc, area"
      samspil table "collaborations by bloc" --show mean --show quartiles
      samspil table "partners by size" --filter "area=health and not bloc=red" --save
    """
    with plain_errors():
        study = study_of(name)
        chosen = wave_of(name, wave or study.main_wave)
        made = _declared(
            asked, study, condition,
            {"weight": weight, "show": shows, "percent": percent, "base": base, "compare": compare},
            own_id,
        )  # fmt: skip
        for line in table_as_text(made, study, chosen, with_n="n" in shows):
            click.echo(visible(line))
        if save:
            path = relative_path(save_declaration(made, study))
            click.echo(f"written: {path}; run {name} makes it an asset")


def table_as_text(made: Crosstab, study: Study, wave: str, with_n: bool = False) -> Iterator[str]:
    """The table as text, with its settings below. Raises LookupError before the first run."""
    from assets.tabulate.counting import Counter
    from assets.tabulate.request import request_of
    from assets.tabulate.results import tabulate_requests
    from declarations.fields.fields import fields_of
    from publishing.table_text import result_lines

    in_wave = study.in_wave(wave)
    fields = fields_of(in_wave)
    request = request_of(made, in_wave, fields)
    with opened_wave(study, wave) as connection:
        counter = Counter(connection, in_wave, fields)
        folder = study.folder / "waves" / wave
        frame = tabulate_requests(counter, [request], wave, folder)[made.id]
        yield f"{study.title.both}, wave {wave}"
        if made.filter.words:
            yield f"filter: {made.filter.words}"
        yield from result_lines(frame, with_n)
        yield ""
        weight = "unweighted" if request.weight is None else f"weight: {request.weight}"
        yield f"{weight}; base: {request.base}; percent of the {request.percent}"
        if request.compare is not None:
            how = request.compare
            text = "the smaller column is named" if how.against == "columns" else "+ more, - less"
            adjust = "" if how.adjust == "none" else f", {how.adjust} per {how.family}"
            yield f"letters: p < {how.level:g} ({how.test}{adjust}), {text}"
        origin = study.source_sheet(wave).shown_as
        if origin != "real":
            yield f"data: {origin}"


@contextmanager
def opened_wave(study: Study, wave: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """The wave's relations, read-only: the published snapshot, else the working file."""
    import duckdb

    place = paths.study_place(study.folder.name)
    snapshot = paths.output_folder(study.folder.name, wave) / "samspil.duckdb"
    working = paths.ROOT / ".work" / place / f"{wave}.duckdb"
    found = next((path for path in (snapshot, working) if path.is_file()), None)
    if found is None:
        words = f"wave {wave} of {study.folder.name} has not been computed here; run it first"
        raise NotComputedError(words)
    try:
        connection = duckdb.connect(str(found), read_only=True, config={"threads": 1})
    except duckdb.IOException as error:
        raise NotComputedError(
            f"{relative_path(found)} is being written; try again ({error})"
        ) from None
    with closing(connection):
        yield connection


class NotComputedError(LookupError):
    """There is no computed wave to make a table from yet."""


def _declared(
    asked: str, study: Study, condition: str, options: dict[str, Any], own_id: str | None
) -> Crosstab:
    """The typed request as a declaration, with the same checks. Raises SpecError."""
    from declarations.checks.checked import Checked
    from declarations.checks.crosstabs import Checker
    from declarations.errors import Mistakes, SpecError
    from declarations.model import validated
    from declarations.tabulation.crosstab import Crosstab
    from declarations.tabulation.filters import parse_filter

    parts = BY.split(asked.strip(), maxsplit=1)
    of, by = parts[0], parts[1] if len(parts) > 1 else ""
    data: dict[str, Any] = {
        "id": own_id or slug(asked),
        "of": [part.strip() for part in of.split(",") if part.strip()],
        "by": [part.strip() for part in by.split(",") if part.strip()],
    }
    data |= {name: value for name, value in options.items() if value}
    if "show" in data:
        data["show"] = list(data["show"])
    if data.get("compare") == "none":
        data["compare"] = None
    groups = {*study.group, *study.tabulation.group, "all"}
    if condition:
        data["filter"] = parse_filter(condition, groups)
    mistakes = Mistakes()
    made = validated(Crosstab, data, Path(), mistakes, file="table")
    mistakes.stop()
    if made is None:
        raise SpecError("table", "cannot be read")
    files = {**study.tabulation.files, made.id: "table"}
    named = replace(study, tabulation=replace(study.tabulation, files=files))
    checker = Checker(Checked(named, mistakes))
    checker.table(made, new=own_id is None)
    mistakes.stop()
    return made


def slug(asked: str) -> str:
    """A name for the request."""
    words = re.sub(r"[^a-z0-9]+", "_", asked.lower()).strip("_")
    return f"t_{words}"[:60].rstrip("_")


def save_declaration(made: Crosstab, study: Study) -> Path:
    """Write the declaration below `tables/`. Raises FileExistsError if it exists."""
    import yaml

    path = study.folder / "tables" / f"{made.id}.yaml"
    data = made.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    data = {key: value for key, value in data.items() if value not in ([], {})}
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=100)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path
