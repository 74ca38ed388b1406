"""Results of tables in one long frame: a line per statistic and cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from assets.tabulate import cells as grid
from assets.tabulate.compare import Comparing
from assets.tabulate.counting import Counter
from assets.tabulate.field_lines import CountedFields, FieldLines, Line
from assets.tabulate.request import Request
from assets.tabulate.weighting import entry_error, weights_of
from declarations.fields.fields import Field

COLUMNS = (
    "wave", "table", "row", "row_label", "column", "column_label", "group", "group_label", "level",
    "level_label", "statistic", "value", "numerator", "base", "weighted_base", "effective_base",
    "standard_error", "formatted", "note",
)  # fmt: skip
NOT_ASKED = "not asked"


def tabulate_requests(
    counter: Counter, requests: Sequence[Request], wave: str, folder: Path
) -> dict[str, pd.DataFrame]:
    """The results of every request, in COLUMNS.

    Requests with the same banner, filter and weight are counted in one pass. `folder` is the
    wave's, with margins files. Raises TabulationError if nobody passes a filter or a weight fails.
    """
    together: dict[tuple[Any, ...], list[Request]] = {}
    for request in requests:
        together.setdefault((request.shared, _needs_units(request, counter)), []).append(request)
    found: dict[str, pd.DataFrame] = {}
    for (_, by_unit), own in together.items():
        fields = list(dict.fromkeys(field for request in own for field in request.fields))
        counted = count_fields(counter, own[0], fields, own, by_unit, folder)
        for request in own:
            lines = list(_lines(request, fields, counted, wave))
            found[request.id] = pd.DataFrame(lines, columns=list(COLUMNS))
    return {request.id: found[request.id] for request in requests}


def _needs_units(request: Request, counter: Counter) -> bool:
    """Whether single respondents are needed, because overlapping columns are compared."""
    if request.compare is None or request.compare.against != "columns":
        return False
    overlapping = counter.overlapping([name for chain in request.by for name in chain])
    return bool(overlapping)


def count_fields(
    counter: Counter,
    request: Request,
    fields: Sequence[Field],
    requests: Sequence[Request],
    by_unit: bool,
    folder: Path,
) -> CountedFields:
    """One pass over the answers of these fields, for requests with the same `shared`."""
    weighted = None
    if request.weight is not None:
        weighted = weights_of(request.weight, counter.relations, counter.connection, folder)
    drawn = counter.people(None if weighted is None else weighted.values)
    if any(one.compare is not None for one in requests):
        blocks = {" > ".join(own): counter.overlapping(own) for own in request.by}
        overlapping = frozenset(block for block, found in blocks.items() if found)
        drawn = replace(drawn, overlapping=overlapping)
    columns = counter.columns(request.by)
    left = counter.inside(request.filter)
    if counter.respondents and not left:
        raise entry_error(
            counter.study, request.id, ("filter",),
            f"found a filter that excludes everyone ({request.filter.words}), expected one that "
            f"includes some of {counter.respondents} respondents",
        )  # fmt: skip
    counter.values(fields)
    per_unit = drawn.clustered or by_unit
    per = "unit" if per_unit else "stratum"
    shown = {name for one in requests for name in one.show}
    numeric = any(field.kind == "numeric" for field in fields)
    quartiles = numeric or bool(shown & {"median", "quartiles"})
    return CountedFields(
        columns=columns,
        drawn=drawn,
        variance=grid.Variance(drawn.sample, per_unit),
        counts=counter.counted(per),
        moments=counter.moments(per),
        bases=counter.bases(per),
        distribution=counter.distribution() if quartiles else {},
        weighted=weighted,
        left=left,
    )


def _lines(
    request: Request, fields: Sequence[Field], counted: CountedFields, wave: str
) -> Iterator[Line]:
    for name in request.lost:
        yield (wave, request.id, name, name, *[""] * 7, None, *[None] * 5, "", NOT_ASKED)
    comparing = Comparing(request, counted.columns, counted.variance, counted.drawn)
    for field in request.fields:
        yield from FieldLines(request, field, fields.index(field), counted, wave).lines(comparing)
    yield from comparing.lines(wave)
