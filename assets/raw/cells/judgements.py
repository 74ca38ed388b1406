"""Classifies each distinct text of an item once and stores a small number per cell.

The numbers of an item are ordered by meaning, so that SQL can compare them: first empty texts, then
tick boxes that are not ticked, then answers, and one number for all texts that break the item's
scale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from assets.raw.cells.ingest import FILE_ROW
from assets.raw.cells.reading import UNTICKED, CellReading, read_cell
from assets.raw.cells.wide import Wide, is_filled, stripped
from declarations import Item, Question, Study
from declarations.platform import STATUS_FLAGS
from runtime.store import quote, text_literal

# up to this many texts are compared one by one; longer lists are looked up in a table
FEW = 64
SET, UNSET, OTHER = 1, 0, 2


@dataclass(frozen=True)
class Text:
    """A distinct text of an item: `text` without blanks at its ends, `raw` as in the file."""

    raw: str
    text: str
    cells: int
    reading: CellReading


@dataclass(frozen=True)
class ItemJudgements:
    """The meaning of the texts of a closed or numeric item; the index in `texts` is the number."""

    item: Item
    texts: tuple[Text, ...]
    empty: int
    unticked: int
    readable: int

    @property
    def broken(self) -> Sequence[Text]:
        """Texts that break the item's scale."""
        return self.texts[self.readable :]

    @cached_property
    def expected(self) -> tuple[str, ...]:
        """The expected value for texts that break the scale; `readable` is the number of one."""
        return tuple(dict.fromkeys(str(text.reading.expected) for text in self.broken))

    @cached_property
    def numbered(self) -> list[tuple[str, int]]:
        """Texts as in the file with their numbers.

        Texts with the number `readable` are left out.
        """
        found = [(text.raw, number) for number, text in enumerate(self.texts[: self.readable])]
        for text in self.broken:
            if place := self.expected.index(str(text.reading.expected)):
                found.append((text.raw, self.readable + place))
        return found

    def numbers(self, codes: Collection[int]) -> list[int]:
        """Numbers of the filled texts that mean one of the codes."""
        return [
            number
            for number, text in enumerate(self.texts[: self.readable])
            if text.text and text.reading.code in codes
        ]

    @property
    def answers(self) -> list[int]:
        """Numbers of the texts that are answers: a code, a number, a tick."""
        return [
            number
            for number, text in enumerate(self.texts[: self.readable])
            if text.text and text.reading.answers(self.item)
        ]


def judge_texts(item: Item, frequencies: Iterable[tuple[str, int]]) -> ItemJudgements:
    """Classify every distinct text of an item once."""
    kinds: tuple[list[Text], ...] = ([], [], [], [])
    for raw, cells in frequencies:
        text = raw.strip()
        if not text:
            kinds[0].append(Text(raw, text, cells, CellReading()))
            continue
        reading = read_cell(item, text)
        if item.type == "multiple" and UNTICKED.fullmatch(text):
            kind = 1
        else:
            kind = 2 if reading.rule is None else 3
        kinds[kind].append(Text(raw, text, cells, reading))
    bounds = [len(kinds[0]), len(kinds[0]) + len(kinds[1]), sum(map(len, kinds[:3]))]
    return ItemJudgements(item, tuple(t for kind in kinds for t in kind), *bounds)


class JudgedTable:
    """A data set whose cells are judgements: `relation` has `file_row` and a column per item.

    Columns of open items are true if the cell is filled. Columns of status flags are SET, UNSET or
    OTHER. For each question there are two more columns: whether a box is ticked, and whether there
    is an answer.
    """

    def __init__(
        self,
        wide: Wide,
        study: Study,
        relation: str,
        known: Mapping[str, ItemJudgements] = MappingProxyType({}),
    ) -> None:
        self.wide, self.study, self.relation = wide, study, relation
        self.connection = wide.connection
        items = [
            item
            for question in study.questions
            for item in self.present(question)
            if item.type != "open"
        ]
        self.complete = bool(known) and all(item.id in known for item in items)
        texts = wide.frequencies_of(item.variable for item in items if not known.get(item.id))
        self.judgements = {
            item.id: known.get(item.id) or judge_texts(item, texts[item.variable]) for item in items
        }

    def create(self) -> None:
        """Write the relation."""
        cells = [
            f"{_number(own)} AS {judgement_column(item)}" for item, own in self.judgements.items()
        ]
        ticked, answered = [], []
        for question in self.study.questions:
            items = self.present(question)
            cells += [
                f"{is_filled(quote(item.variable))} AS {judgement_column(item.id)}"
                for item in items
                if item.type == "open"
            ]
            if boxes := [item for item in items if item.type == "multiple"]:
                ticks = any_of(self.given(item) for item in boxes)
                ticked.append(f"{ticks} AS {_ticked(question)}")
            some = any_of(
                f"{judgement_column(item.id)} >= {self.judgements[item.id].unticked}"
                if item.type == "multiple"
                else self.some_text(item)
                for item in items
            )
            answered.append(f"{some} AS {_answered(question)}")
        cells += [
            f"CASE {stripped(quote(flag))} WHEN '1' THEN {SET} WHEN '0' THEN {UNSET} "
            f"ELSE {OTHER} END::UTINYINT AS {flag_column(flag)}"
            for flag in self.flags
        ]
        judged = f"SELECT {', '.join([quote(FILE_ROW), *cells])} FROM {self.wide.relation}"
        # choosing a compression for each of many small columns takes longer than everything else
        # here
        self.connection.execute("SET force_compression = 'uncompressed'")
        self.connection.execute(
            f"CREATE OR REPLACE TABLE {self.relation} AS "
            f"SELECT {', '.join(['*', *ticked, *answered])} FROM ({judged})"
        )
        self.connection.execute("RESET force_compression")

    @cached_property
    def flags(self) -> tuple[str, ...]:
        """The status flags that have a column."""
        declared = [str(f) for named in self.study.status_flags.values() for f in named or ()]
        return tuple(f for f in dict.fromkeys((*STATUS_FLAGS, *declared)) if self.wide.has(f))

    def present(self, question: Question) -> list[Item]:
        """Items of a question that have a column."""
        return [item for item in question.items if self.wide.has(item.variable)]

    # The following methods return conditions in SQL over `relation`.

    def filled(self, item: Item) -> str:
        """Whether a cell holds an answer.

        Any filled cell does, except of tick boxes. If a box of the question is ticked, all its
        boxes hold answers; an empty one is not ticked. Otherwise a box holds an answer only if it
        is neither 0 nor empty, because the platform writes 0 also for respondents who never saw the
        question.
        """
        if item.type != "multiple":
            return self.some_text(item)
        ticked = _ticked(self.study.question[item.question])
        return f"({judgement_column(item.id)} >= {self.judgements[item.id].unticked} OR {ticked})"

    def some_text(self, item: Item) -> str:
        """Whether a cell is filled."""
        if item.type == "open":
            return judgement_column(item.id)
        return f"{judgement_column(item.id)} >= {self.judgements[item.id].empty}"

    def given(self, item: Item) -> str:
        """Whether a cell holds an answer that can be counted: a code, a number, a tick."""
        if item.type == "open":
            return "false"
        return _among(item.id, self.judgements[item.id].answers)

    def broken(self, item: Item) -> str:
        """Whether a cell's text breaks the item's scale."""
        own = self.judgements.get(item.id)
        return f"{judgement_column(item.id)} >= {own.readable}" if own and own.broken else "false"

    def expected(self, item: Item, *, named: bool = True) -> str:
        """The expected value of a cell that breaks the item's scale; the message names the item."""
        own, end = self.judgements[item.id], f" ({item.id})" if named else ""
        cases = " ".join(
            f"WHEN {own.readable + place} THEN {text_literal(words + end)}"
            for place, words in enumerate(own.expected)
        )
        return f"CASE {judgement_column(item.id)} {cases} END"

    def holds(self, item_id: str, codes: Collection[int]) -> str:
        """Whether an item's cell holds one of the codes; false if there is no such column."""
        if item_id not in self.judgements:
            return "false"
        return _among(item_id, self.judgements[item_id].numbers(codes))

    def answered(self, question: Question) -> str:
        """Whether a line has an answer to the question."""
        return _answered(question)

    def answered_any(self) -> str:
        """Whether a line has an answer to any question."""
        return any_of(_answered(q) for q in self.study.questions if not q.of_invitations)

    def completed(self) -> str:
        """Whether one of the existing status flags marks the line as complete."""
        flags = [str(flag) for flag in self.study.status_flags.get("complete") or ()]
        return any_of(flag_set(flag) for flag in flags if flag in self.flags)


def judgement_column(item_id: str) -> str:
    """The column of an item's judgements, as SQL."""
    return quote(f"item {item_id}")


def flag_column(name: str) -> str:
    """The column of a status flag, as SQL."""
    return quote(f"flag {name}")


def flag_set(name: str) -> str:
    """Whether a status flag is set, as SQL."""
    return f"{flag_column(name)} = {SET}"


def _ticked(question: Question) -> str:
    return quote(f"ticked {question.id}")


def _answered(question: Question) -> str:
    return quote(f"answered {question.id}")


def _among(item_id: str, numbers: Sequence[int]) -> str:
    if not numbers:
        return "false"
    return f"{judgement_column(item_id)} IN ({', '.join(map(str, numbers))})"


def any_of(conditions: Iterable[str]) -> str:
    """Conditions joined by OR; false if there are none."""
    lines = [f"({condition})" for condition in conditions]
    return f"({' OR '.join(lines)})" if lines else "false"


def all_of(conditions: Iterable[str]) -> str:
    """Conditions joined by AND; true if there are none."""
    lines = [f"({condition})" for condition in conditions]
    return f"({' AND '.join(lines)})" if lines else "true"


def _number(own: ItemJudgements) -> str:
    """The number of a cell's text, as SQL over the text."""
    column, other = quote(own.item.variable), own.readable
    most = own.readable + len(own.expected)
    kind = "UTINYINT" if most < 256 else "UINTEGER"
    texts = [(text_literal(text), number) for text, number in own.numbered]
    if not texts:
        return f"{other}::{kind}"
    if len(texts) <= FEW:
        cases = " ".join(f"WHEN {text} THEN {number}" for text, number in texts)
        return f"(CASE {column} {cases} ELSE {other} END)::{kind}"
    place = f"enum_code(TRY_CAST({column} AS ENUM({', '.join(text for text, _ in texts)})))"
    if [number for _, number in texts] != list(range(len(texts))):
        place = f"[{', '.join(str(number) for _, number in texts)}][{place} + 1]"
    return f"coalesce({place}, {other})::{kind}"
