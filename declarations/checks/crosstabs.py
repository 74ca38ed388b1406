"""Checks of variables, groups and short tables against the study."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from declarations.checks.checked import Checked
from declarations.errors import listed
from declarations.fields.fields import Field, fields_of, rows_of
from declarations.fields.levels import column_groups, levels_of
from declarations.tabulation.crosstab import BannerBook, Crosstab, Nets, Options, chain
from declarations.tabulation.filters import Filter
from declarations.tabulation.groups import AnswerGroup, BandsGroup, CrossGroup, DerivedGroup
from declarations.tabulation.tabulation import NO_WEIGHT
from declarations.tabulation.variables import (
    CountVariable,
    DifferenceVariable,
    Index,
    Net,
    Recode,
    Variable,
)

Place = tuple[Any, ...]


class Checker:
    """Notes mistakes in the declarations of one study, each with its file and line."""

    def __init__(self, checked: Checked) -> None:
        self.checked, self.study = checked, checked.study
        self.tabulation = self.study.tabulation
        self.fields = fields_of(self.study)
        self.file = ""

    def wrong(self, at: Place, found: Any, expected: str, known: Collection[Any] = ()) -> None:
        """Note that an entry of the current file differs from what was expected."""
        self.checked.wrong(self.file, at, found, expected, known)

    # names

    def field(self, name: str, at: Place, expected: str = "an item or a variable") -> Field | None:
        """The field with this name; notes a mistake if there is none."""
        found = self.fields.get(name)
        if found is None and name not in self.broken:
            self.wrong(at, name, expected, self.fields)
        return found

    @property
    def broken(self) -> set[str]:
        """Variables whose own file is invalid; a reference to one is not a mistake."""
        return set(self.tabulation.variable) - set(self.fields)

    def rows(self, name: str, at: Place) -> tuple[Field, ...]:
        """The fields of a question, item or variable; notes a mistake if there are none."""
        found = rows_of(name, self.study, self.fields)
        if not found and name not in self.broken:
            known = [*self.study.question, *self.fields]
            self.wrong(at, name, "a question, item or variable with codes or numbers", known)
        return found

    def codes(self, field: Field | None, names: Sequence[str], at: Place) -> None:
        """Check that the field has these codes."""
        for name in names if field is not None else ():
            if field is not None and field.code_of(name) is None:
                known = field.names
                self.wrong(at, name, f"a code of {field.id}: {listed(known)}", known)

    def chain(self, entry: str, at: Place) -> None:
        """Check that every part of an entry of `by` is a group, or can be used as one."""
        for part in chain(entry):
            if not column_groups(part, self.study, self.fields):
                known = [*self.study.group, *self.tabulation.group, *self.study.question]
                self.wrong(at, part, "a group, or a question or item with codes", known)

    def filter(self, chosen: Filter, at: Place) -> None:
        """Check that every name in a filter is declared."""
        for condition in chosen.conditions():
            if condition.group is not None:
                levels = levels_of(condition.group, self.study, self.fields)
                if levels is None:
                    known = [*self.study.group, *self.tabulation.group]
                    self.wrong(at, condition.group, f"a group: {listed(known)}", known)
                    continue
                known = [level.key for level in levels]
                for level in condition.levels:
                    if level.removeprefix("!") not in known:
                        words = f"a level of {condition.group}: {listed(known)}"
                        self.wrong(at, level, words, known)
            elif condition.item is not None:
                self.codes(self.field(condition.item, at), condition.codes, at)

    # declarations

    def variable(self, one: Variable) -> None:
        """Check one derived variable."""
        self.file = self.tabulation.files[one.id]
        if isinstance(one, Recode | Net):
            source = self.closed(one.of, ("of",))
            if isinstance(one, Net):
                self.codes(source, one.codes, ("codes",))
                return
            claimed: dict[str, str] = {}
            for number, new in enumerate(one.codes):
                self.codes(source, new.codes, ("codes", number, "codes"))
                for code in source.codes_of(new.codes) if source is not None else ():
                    if code in claimed:
                        words = f"codes in one new code each; it is in {claimed[code]} as well"
                        self.wrong(("codes", number, "codes"), code, words)
                    claimed[code] = new.key
        elif isinstance(one, CountVariable):
            for number, name in enumerate(one.of):
                for source in self.rows(name, ("of", number)):
                    if source.kind == "numeric":
                        self.wrong(("of", number), source.id, "items with codes")
                    elif source.kind == "closed" and not one.codes:
                        self.wrong((), None, f"`codes`, as {source.id} has no tick boxes")
                        return
                    else:
                        self.codes(source, one.codes, ("codes",))
        elif isinstance(one, Index):
            self.index(one)
        else:
            names = one.of if isinstance(one, DifferenceVariable) else (one.of,)
            for name in names:
                self.numbers(self.field(name, ("of",)), one.scores, ("of",))

    def index(self, one: Index) -> None:
        """Check an index: items with the same codes, some of them reversed."""
        found = [f for n, name in enumerate(one.of) for f in self.rows(name, ("of", n))]
        if found and len(found) < 2:
            self.wrong(("of",), [f.id for f in found], "at least two items")
        first = found[0] if found else None
        for field in found:
            if first is not None and (field.kind == "numeric") != (first.kind == "numeric"):
                self.wrong(("of",), field.id, f"items of one kind; {first.id} is {first.kind}")
            elif first is not None and [c.code for c in field.valid] != [
                c.code for c in first.valid
            ]:
                own = listed(c.code for c in field.valid)
                words = f"the codes of {first.id}: {listed(c.code for c in first.valid)}"
                self.wrong(("of",), f"{field.id} with the codes {own}", words)
            elif not self.numbers(field, one.scores, ("of",)):
                break
        ids = [field.id for field in found]
        for name in one.reversed:
            if name not in ids:
                self.wrong(("reversed",), name, f"an item of the index: {listed(ids)}", ids)
        if first is not None and first.kind == "numeric" and one.reversed:
            self.wrong(
                ("reversed",),
                list(one.reversed),
                "items with codes; the scale of a number has no ends to reverse",
            )
        if one.least is not None and one.least > len(ids) > 0:
            self.wrong(("least",), one.least, f"at most the {len(ids)} items of the index")

    def closed(self, name: str, at: Place) -> Field | None:
        """A field with codes; notes a mistake if there is none."""
        found = self.field(name, at, "a closed item or variable")
        if found is not None and found.kind == "numeric":
            self.wrong(at, name, "an item with codes; it is numeric")
            return None
        return found

    def numbers(self, field: Field | None, scores: Any, at: Place) -> bool:
        """Check that a field has numbers."""
        try:
            if field is not None:
                field.with_scores(scores)
        except ValueError as error:
            self.wrong(at, field.id if field else None, f"an item with numbers: {error}")
            return False
        return True

    def group(self, one: DerivedGroup) -> None:
        """Check one derived group."""
        self.file = self.tabulation.files[one.id]
        if one.id in self.study.group:
            self.wrong(("id",), one.id, "a name that no group of study.yaml has")
        if isinstance(one, AnswerGroup):
            found = self.rows(one.of, ("of",))
            boxes = [field.id for field in found if field.kind == "box"]
            if len(found) > 1 and len(boxes) != len(found):
                self.wrong(("of",), one.of, f"one item: {listed(f.id for f in found)}")
                return
            if found and found[0].kind == "numeric":
                self.wrong(("of",), one.of, "an item with codes; cut numbers with kind bands")
                return
            for number, level in enumerate(one.levels):
                for box in level.boxes:
                    if box not in boxes:
                        self.wrong(
                            ("levels", number, "boxes"), box, f"a box: {listed(boxes)}", boxes
                        )
                if level.codes and len(found) == 1:
                    self.codes(found[0], level.codes, ("levels", number, "codes"))
                elif level.codes and found:
                    self.wrong(("levels", number, "codes"), list(level.codes), "`boxes`")
        elif isinstance(one, BandsGroup):
            if one.of not in self.study.harmless_columns:
                known = [*self.fields, *self.study.harmless_columns]
                field = self.fields.get(one.of)
                if field is None:
                    self.wrong(("of",), one.of, "a numeric item or a background column", known)
                self.numbers(field, one.scores, ("of",))
        elif isinstance(one, CrossGroup):
            for number, name in enumerate(one.of):
                if levels_of(name, self.study, self.fields) is None:
                    known = [*self.study.group, *self.tabulation.group]
                    self.wrong(("of", number), name, f"a group: {listed(known)}", known)
        else:
            self.column(one.column, ("column",))

    def column(self, name: str, at: Place) -> None:
        """Check that tables may read a column of the export."""
        if name not in self.study.harmless_columns:
            words = "a column of `export.background` with `personal: false`"
            self.wrong(at, name, words, self.study.harmless_columns)

    # tables

    def options(self, chosen: Options, fields: Sequence[Field], known: Mapping[str, Any]) -> None:
        """Check the entries that tables and the banner book share; `fields` are the rows."""
        self.filter(chosen.filter, ("filter",))
        if chosen.weight is not None and chosen.weight not in (*known, NO_WEIGHT):
            self.wrong(
                ("weight",), chosen.weight, f"a weight: {listed([*known, NO_WEIGHT])}", known
            )
        closed = [f for f in fields if f.kind != "numeric"]
        for number, shown in enumerate(chosen.show):
            if isinstance(shown, Nets):
                for net in shown.net:
                    for field in closed:
                        if field.kind == "closed":
                            self.codes(field, net.codes, ("show", number, "net"))
            elif shown in ("mean", "sd", "median", "quartiles"):
                for field in closed:
                    # a lone "don't know" next to a number has no mean
                    scored = field.kind == "closed" and len(field.valid) > 1
                    if scored and not self.numbers(field, chosen.scores, ("show",)):
                        break

    def table(self, one: Crosstab, new: bool = True) -> None:
        """Check a table in the short form; `new` means that its name must be unused."""
        self.file = self.tabulation.files[one.id]
        if new and (one.id in self.study.table or one.id in self.study.question):
            self.wrong(("id",), one.id, "a name that no other table and no question has")
        fields = [f for n, name in enumerate(one.of) for f in self.rows(name, ("of", n))]
        for number, entry in enumerate(one.by):
            self.chain(entry, ("by", number))
        self.options(one, fields, self.tabulation.weight)

    def book(self, one: BannerBook) -> None:
        """Check the banner book."""
        self.file = "crosstabs.yaml"
        for entry in ("of", "leave_out"):
            for number, name in enumerate(getattr(one, entry)):
                if name not in self.study.question:
                    self.wrong((entry, number), name, "a question", self.study.question)
        for number, entry in enumerate(one.by):
            self.chain(entry, ("by", number))
        for number, name in enumerate(one.scales):
            field = self.closed(name, ("scales", number))
            self.numbers(field, "codes", ("scales", number))
        shown = [s for s in one.show if s not in ("mean", "sd", "median", "quartiles")]
        self.options(one.model_copy(update={"show": tuple(shown)}), (), self.tabulation.weight)
        self.options(one.defaults, (), self.tabulation.weight)
