"""The request for a table, with defaults filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assets.statistics.letters import letter
from declarations import Study
from declarations.fields.fields import Field, rows_of
from declarations.tabulation.crosstab import (
    BannerBook,
    Compare,
    Crosstab,
    MinBase,
    Nets,
    ShowNet,
    chain,
)
from declarations.tabulation.filters import EVERYONE, Filter
from declarations.tabulation.tabulation import NO_WEIGHT

NUMBERS = ("mean", "sd", "median", "quartiles")


@dataclass(frozen=True)
class Request:
    """One table: the fields of its rows, the chains of groups of its banner, and its options.

    `lost` lists names in `of` that have no field in the wave.
    """

    id: str
    fields: tuple[Field, ...]
    by: tuple[tuple[str, ...], ...]
    show: tuple[str, ...] = ("percent", "n")
    nets: tuple[ShowNet, ...] = ()
    percent: str = "column"
    base: str = "valid"
    filter: Filter = EVERYONE
    weight: str | None = None
    compare: Compare | None = None
    min_base: MinBase | None = None
    decimals: int = 1
    confidence: float = 0.95
    lost: tuple[str, ...] = field(default=())

    @property
    def shared(self) -> tuple[Any, ...]:
        """The settings that tables must have in common to be counted together."""
        return (self.by, self.filter, self.weight)


@dataclass(frozen=True)
class BannerColumn:
    """One column of a banner: its block (an entry of `by`), and its levels from outer to inner."""

    block: str
    block_label: str
    level: str
    level_label: str
    parent: str = ""


@dataclass(frozen=True)
class ComparedColumns:
    """Columns that are compared with each other, by position; the first is called A."""

    places: tuple[int, ...]
    letters: tuple[str, ...]


def request_of(table: Crosstab, study: Study, fields: Mapping[str, Field]) -> Request:
    """The request of a table in the short form."""
    options = table.over(study.tabulation.defaults)
    return _request(table.id, table.of, table.by, options, study, fields)


def requests_of(study: Study, fields: Mapping[str, Field]) -> list[Request]:
    """Every table of the banner book and in the short form."""
    tables = [request_of(table, study, fields) for table in study.tabulation.tables]
    return [*book_requests(study, fields), *tables]


def book_requests(study: Study, fields: Mapping[str, Field]) -> Iterator[Request]:
    """A request per question of the banner book, named after the question."""
    book = study.tabulation.book
    if book is None or not book.made:
        return
    for name in book_questions(study, book):
        yield book_request(name, study, fields)


def book_questions(study: Study, book: BannerBook) -> list[str]:
    """The questions of the banner book, in questionnaire order."""
    if book.of:
        return list(book.of)
    return [
        question.id
        for question in study.counted_questions
        if question.id not in book.leave_out and not question.of_invitations
    ]


def book_request(name: str, study: Study, fields: Mapping[str, Field]) -> Request:
    """The request of one question of the banner book."""
    book = study.tabulation.book
    assert book is not None
    options = book.over(book.defaults)
    made = _request(name, (name,), book.by, options, study, fields, strict=False)
    scaled = tuple(
        f.with_scores("codes") if f.id in book.scales and f.kind == "closed" else f
        for f in made.fields
    )
    return replace(made, fields=scaled)


def _request(
    name: str,
    of: Sequence[str],
    by: Sequence[str],
    options: Mapping[str, Any],
    study: Study,
    fields: Mapping[str, Field],
    strict: bool = True,
) -> Request:
    """A request; if not `strict`, items without numbers have no mean instead of an error."""
    shows = options.get("show") or ("percent", "n")
    nets = tuple(net for one in shows if isinstance(one, Nets) for net in one.net)
    show = tuple(one for one in shows if isinstance(one, str))
    found: list[Field] = []
    for each in of:
        found += rows_of(each, study, fields)
    scores = options.get("scores")
    if set(show) & set(NUMBERS):
        found = [_numbered(f, scores, strict) if len(f.valid) > 1 else f for f in found]
    weight = options.get("weight")
    facts = {
        key: options[key]
        for key in ("percent", "base", "filter", "compare", "min_base", "decimals", "confidence")
        if options.get(key) is not None
    }
    return Request(
        id=name,
        fields=tuple({f.id: f for f in found}.values()),
        by=tuple(chain(entry) for entry in by),
        show=show,
        nets=nets,
        weight=None if weight == NO_WEIGHT else weight,
        lost=tuple(each for each in of if not rows_of(each, study, fields)),
        **facts,
    )


def _numbered(field: Field, scores: Any, strict: bool) -> Field:
    if field.kind != "closed":
        return field
    try:
        return field.with_scores(scores)
    except ValueError:
        if strict:
            raise
        return field


def columns_of(
    entry: Sequence[str], levels: Mapping[str, Any], labels: Mapping[str, str]
) -> list[BannerColumn]:
    """The columns of a chain of groups: every combination of levels, the inner fastest."""
    made: list[tuple[list[str], list[str]]] = [([], [])]
    for name in entry:
        made = [
            ([*keys, lv.key], [*words, lv.label.da]) for keys, words in made for lv in levels[name]
        ]
    block, label = " > ".join(entry), " > ".join(labels[name] for name in entry)
    return [
        BannerColumn(block, label, " > ".join(keys), " > ".join(words), " > ".join(keys[:-1]))
        for keys, words in made
    ]


def compared_blocks(columns: Sequence[BannerColumn]) -> list[ComparedColumns]:
    """Blocks in order; the columns below one outer level are compared with each other."""
    found: dict[tuple[str, str], list[int]] = {}
    names: dict[int, str] = {}
    counted: dict[str, int] = {}
    for c, column in enumerate(columns):
        if column.block == "all":
            continue
        found.setdefault((column.block, column.parent), []).append(c)
        place = counted.get(column.block, 0)
        names[c], counted[column.block] = letter(place), place + 1
    return [ComparedColumns(tuple(own), tuple(names[c] for c in own)) for own in found.values()]
