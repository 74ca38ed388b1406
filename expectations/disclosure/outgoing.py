"""The figures that a wave will publish, by item: cells of tables, and more on request.

A mean or median counts as if it revealed how often each number was given. A line of the deviations
counts as if it revealed the whole distribution in its level. The assumed attacker therefore knows
more than is published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from assets.analysis.deviations import scanned_groups
from assets.counts.counting import number_text
from declarations import Cell, Item, Study
from declarations.fields.fields import Field
from declarations.study import INVITED
from declarations.survey.disclosure import DEVIATIONS, UNNUMBERED, Disclosure
from declarations.tables.cells import TOTAL
from declarations.tables.statistics import NUMBERS, STATISTICS
from declarations.tables.unnumbered import Unnumbered
from expectations.disclosure.block import (
    EVERYONE,
    Answer,
    AttackedFigures,
    BlockRespondent,
    Key,
    OutgoingFigure,
    classes_below,
    make_block,
)

DISTRIBUTION = "distribution"
RANGE = "range"
NOTHING = "no answer"


def value_key(cell: Cell) -> Key | None:
    """The figure of a cell; None if it follows from other columns, or reveals no answer."""
    if cell.of or cell.item is None or cell.unit == INVITED:
        return None
    place = (cell.group, cell.level)
    if STATISTICS[cell.statistic].of == NUMBERS:
        return (cell.item, DISTRIBUTION, *place)
    if cell.range is not None:
        low, high = ("" if end is None else number_text(end) for end in cell.range)
        return (cell.item, f"{RANGE} {low}..{high}", *place)
    return (cell.item, str(cell.code), *place)


def base_keys(cell: Cell) -> tuple[Key, ...]:
    """The bases of a cell: its item's, or those of the items declared as base."""
    if cell.of or cell.item is None or cell.unit == INVITED:
        return ()
    return tuple((item, TOTAL, cell.group, cell.level) for item in cell.base or (cell.item,))


def deviation_keys(item: str, group: str, level: str) -> tuple[Key, Key]:
    """The figures behind a line of the deviations: the level's distribution and everyone's."""
    return (item, DISTRIBUTION, group, level), (item, DISTRIBUTION, *EVERYONE)


def outgoing_figures(study: Study, spoken: Sequence[Unnumbered], settings: Disclosure) -> set[Key]:
    """All figures that are to be published. `study` is as the wave asked it."""
    tables = list(study.tables)
    if UNNUMBERED in settings.covers:
        tables += [result.table for result in spoken]
    found: set[Key] = set()
    for cell in (cell for table in tables for cell in table.cells if study.asks(cell)):
        key = value_key(cell)
        found.update(base_keys(cell) if key is None else (key, *base_keys(cell)))
    if DEVIATIONS in settings.covers:
        items = [i.id for q in study.questions if not q.of_invitations for i in q.closed_items]
        for group in scanned_groups(study):
            for level in group.levels:
                for item in items:
                    found.update(deviation_keys(item, group.id, level.key))
                    found.add((item, TOTAL, group.id, level.key))
    # the base of all respondents is published with the checks
    found |= {(item, TOTAL, *EVERYONE) for item, *_ in found}
    return found


def respondents(
    study: Study,
    settings: Disclosure,
    people: pd.DataFrame,
    memberships: pd.DataFrame,
    invitations: pd.DataFrame,
    answers: Iterable[pd.DataFrame],
) -> list[BlockRespondent]:
    """Everybody who took part, in the order of `people`.

    For an identifying group or item, outsiders know the respondent's levels or answer.
    """
    levels: dict[str, set[tuple[str, str]]] = {one: set() for one in people["respondent"]}
    for one, group, level in memberships[["respondent", "group", "level"]].itertuples(index=False):
        levels[one].add((group, level))
    given: dict[str, dict[str, str]] = {one: {} for one in levels}
    for frame in answers:
        lines = frame[["respondent", "item", "code", "number"]].itertuples(index=False)
        for one, item, code, number in lines:
            if one in given and not (pd.isna(code) and pd.isna(number)):
                given[one][item] = number_text(number) if pd.isna(code) else str(int(code))
    known: dict[str, list[str]] = {one: [] for one in levels}
    listed = invitations.set_index("respondent")
    if not settings.names_identifying:
        # everybody is alone
        known = {one: [one] for one in levels}
    for name in settings.identifying:
        for one in known:
            if name in study.group and study.group[name].kind != "identity":
                own = sorted(level for group, level in levels[one] if group == name)
                text = "+".join(own)
            elif name in study.items:
                text = given[one].get(name, NOTHING)
            else:
                text = str(listed.at[one, name if name in listed else "municipality"])
            known[one].append(text)
    return [
        BlockRespondent(frozenset(levels[one]), tuple(known[one]), given[one])
        for one in people["respondent"]
    ]


def attack_units(
    study: Study, keys: Iterable[Key], everyone: Sequence[BlockRespondent], settings: Disclosure
) -> list[AttackedFigures]:
    """The figures grouped into units of attack, in the order of the questionnaire.

    Identifying items are known and not attacked.
    """
    by_item, identifiable = _by_item(keys), classes_below(everyone, settings.k)
    found = []
    for question in study.questions:
        items = [i for i in question.items if i.type != "open" and i.id not in settings.identifying]
        boxes = [item for item in items if item.type == "multiple"]
        for own in (boxes, *([item] for item in items if item.type != "multiple")):
            wanted = [key for item in own for key in by_item.get(item.id, ())]
            if not wanted:
                continue
            codes = {item.id: _codes(item, by_item.get(item.id, ()), everyone) for item in own}
            found.append(
                make_block(
                    question.id if len(own) > 1 else own[0].id,
                    {item: tuple(known) for item, known in codes.items()},
                    [OutgoingFigure(key, parts(key, codes[key[0]])) for key in wanted],
                    _named(everyone, codes),
                    identifiable,
                    tuple(item.id for item in own if item.exclusive and len(own) > 1),
                    settings.knows_nonresponse,
                )
            )
    return found


def variable_blocks(
    variables: Iterable[Field],
    keys: Iterable[Key],
    everyone: Sequence[BlockRespondent],
    settings: Disclosure,
) -> list[AttackedFigures]:
    """The figures of derived variables; each variable is attacked as a separate item."""
    by_item, identifiable = _by_item(keys), classes_below(everyone, settings.k)
    found = []
    for one in variables:
        if one.kind == "numeric":
            numbers = {each.answers[one.id] for each in everyone if one.id in each.answers}
            values = sorted(numbers, key=float)
        else:
            values = [code.code for code in one.codes]
        codes = {one.id: {value: (value,) for value in values}}
        figures = [OutgoingFigure(k, parts(k, codes[one.id])) for k in by_item.get(one.id, ())]
        if figures and values:
            found.append(
                make_block(
                    one.id, {one.id: tuple(values)}, figures, _named(everyone, codes),
                    identifiable, (), settings.knows_nonresponse,
                )
            )  # fmt: skip
    return found


def _by_item(keys: Iterable[Key]) -> dict[str, list[Key]]:
    found: dict[str, list[Key]] = {}
    for key in keys:
        found.setdefault(key[0], []).append(key)
    return found


def parts(key: Key, codes: Mapping[str, Iterable[str]]) -> tuple[frozenset[Answer], ...]:
    """The answers that a figure counts. `codes`: the values of each answer."""
    item, what = key[:2]
    if what == TOTAL:
        return (frozenset((item, code) for code in codes),)
    if what == DISTRIBUTION:
        return tuple(frozenset([(item, code)]) for code in codes)
    return (
        frozenset((item, c) for c, values in codes.items() if any(_in(what, v) for v in values)),
    )


def _codes(
    item: Item, keys: Iterable[Key], everyone: Iterable[BlockRespondent]
) -> dict[str, tuple[str, ...]]:
    """The answers to an item that figures distinguish, with the values of each.

    For a numeric item, numbers that no figure distinguishes are one answer.
    """
    if item.type != "numeric":
        return {str(code): (str(code),) for code in item.codes}
    numbers = sorted(
        {one.answers[item.id] for one in everyone if item.id in one.answers}, key=float
    )
    lines = sorted({key[1] for key in keys if key[1] not in (TOTAL,)})
    alike: dict[object, list[str]] = {}
    for number in numbers:
        mark = number if DISTRIBUTION in lines else tuple(_in(what, number) for what in lines)
        alike.setdefault(mark, []).append(number)
    return {values[0]: tuple(values) for values in alike.values()}


def _named(
    everyone: Iterable[BlockRespondent], codes: Mapping[str, Mapping[str, Sequence[str]]]
) -> list[BlockRespondent]:
    """Respondents with their answers to these items, in the groups that figures distinguish."""
    names = {
        (item, value): code
        for item, known in codes.items()
        for code, values in known.items()
        for value in values
    }
    return [
        BlockRespondent(
            one.levels,
            one.known,
            {i: names[i, one.answers[i]] for i in codes if (i, one.answers.get(i)) in names},
        )
        for one in everyone
    ]


def _in(what: str, value: str) -> bool:
    if not what.startswith(RANGE):
        return what == value
    low, high = what.removeprefix(f"{RANGE} ").split("..")
    return (not low or float(value) >= float(low)) and (not high or float(value) <= float(high))
