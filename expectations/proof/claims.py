"""Which statements of the report hold for all data that agree with print, for none, or for some.

A claim that print does not decide outright is tried on data sets that agree with print: the
witness, and the witness with the answers the claim is about given anew so that what is stated is
as large, or as small, as can be. Every such data set is counted through by the verifier. Where the
claim is met by one and not by another it is open: print cannot tell. Otherwise a proof is looked
for that it is met by all, or by none: by outer bounds, or over all tables of counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from assets.comparisons import Comparison
from assets.ledger import UndecidableError, decide, place
from assets.models import model_frame, needed_terms, patterns_of, rules_of
from assets.regression import Patterns
from assets.significance import pearson
from assets.specs import Study
from assets.specs.cells import OTHERS, TOTAL
from assets.specs.claims import Claim, selector_items, selectors
from assets.specs.load import STATUS_ITEM
from assets.specs.models import Model, Models
from assets.statistics import mean, median, percent
from expectations.proof.attained import Attained, TooManyCellsError
from expectations.proof.bounds import bounds
from expectations.proof.marks import NotSearchedError, allowed_tables
from expectations.proof.program import Optimum
from expectations.proof.query import GroupAtom, ItemAtom, Question, Share
from expectations.proof.record import CONTRADICTED, HOLDS, OPEN, Proof
from expectations.proof.sources import Evidence
from expectations.proof.verify import Person, complaints

UNIT = 1_000_000
WITNESSES, BOUNDS, TABLES = "witnesses", "bounds", "tables of counts"
Term = tuple[int, Share]


@dataclass
class PeopleFacts:
    """Counts of people, as a claim reads them; see assets.ledger.Facts."""

    people: Sequence[Person]
    counted: dict[str, Counter[tuple[str, str, str]]] = field(default_factory=dict)
    models: Models = field(default_factory=lambda: Models((), {}))

    def count(self, item: str, code: str, group: str, level: str) -> int:
        """Respondents of the level with the code; code "total": who answered the item."""
        if item not in self.counted:
            found: Counter[tuple[str, str, str]] = Counter()
            for person in self.people:
                given = person.answers.get(item)
                for at in person.levels if given is not None else ():
                    found[str(given), *at] += person.weight
                    found[TOTAL, *at] += person.weight
            self.counted[item] = found
        return self.counted[item][str(code), group, level]

    def numbers(self, item: str, group: str, level: str) -> dict[float, int]:
        """How often each number was given within a level."""
        found: Counter[float] = Counter()
        for person in self.people:
            if item in person.answers and (group, level) in person.levels:
                found[float(person.answers[item].replace(",", "."))] += person.weight
        if not found:
            raise UndecidableError(f"no numbers of {item} in {group}={level}")
        return dict(found)

    def mean(self, item: str, group: str, level: str) -> float:
        """Mean of a numeric item."""
        return mean(self.numbers(item, group, level))

    def median(self, item: str, group: str, level: str) -> float:
        """Median of a numeric item."""
        return median(self.numbers(item, group, level))

    def share_between(self, item: str, group: str, level: str, low: float, high: float) -> float:
        """Percent of the numbers given that lie in low..high."""
        found = self.numbers(item, group, level)
        inside = sum(n for value, n in found.items() if low <= value <= high)
        return percent(inside, sum(found.values()))

    def chi_square_p(self, table: Sequence[Sequence[int]]) -> float:
        """p-value of Pearson's chi-square without correction."""
        return float(pearson(table).p)

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """Odds ratio and p of a level in the declared model; see assets.ledger.Facts."""
        asked = (item, tuple(codes), (group, level))
        for model in self.models.models:
            if (model.item, model.codes, model.exposure) == asked:
                rules = rules_of(self.models)
                line = model_frame(model, self._patterns(model), rules).iloc[0]
                if not np.isnan(line["adjusted_p"]):
                    return float(line["adjusted_or"]), float(line["adjusted_p"])
        raise UndecidableError(f"no model of {item} by {group}={level} can be estimated")

    def _patterns(self, model: Model) -> Patterns:
        answered = [p for p in self.people if model.item in p.answers]
        terms = needed_terms(model)
        members = pd.DataFrame([[term in p.levels for term in terms] for p in answered])
        members.columns = pd.MultiIndex.from_tuples(terms)
        codes = pd.array([int(p.answers[model.item]) for p in answered], dtype="Int64")
        answers = pd.DataFrame({"respondent": members.index, "code": codes})
        return patterns_of(model, members, answers.assign(item=model.item, rule=None))


@dataclass
class Prover:
    """Decides claims against one body of evidence; programs over the same items are kept."""

    study: Study
    evidence: Evidence
    words: Mapping[str, Any]
    models: Models = field(default_factory=lambda: Models((), {}))

    def prove(self, claim: Claim) -> Proof | None:
        """What is proven of a claim; None where nothing is. Claims of invitations are not tried."""
        spoken = {item for s in selectors(claim) for item in selector_items(s, self.study)}
        if claim.kind == "not_testable" or not self.evidence.people or STATUS_ITEM in spoken:
            return None
        outcomes: dict[bool, str] = {}
        for people in chain([self.evidence.people], self.alternatives(claim)):
            facts = PeopleFacts(people, models=self.models)
            outcome = decide(claim, facts, self.study, self.words)
            if outcome.met is None or outcome.met in outcomes:
                continue
            if people is not self.evidence.people and not self.agrees(people):
                continue
            outcomes[outcome.met] = outcome.computed
            if len(outcomes) == 2:
                return Proof(claim.id, OPEN, WITNESSES, outcomes[True], outcomes[False])
        by = self.decided(claim, next(iter(outcomes), None))
        if by is None:
            return None
        met = next(iter(outcomes))
        verdict = HOLDS if met else CONTRADICTED
        return Proof(claim.id, verdict, by, outcomes.get(True, ""), outcomes.get(False, ""))

    def agrees(self, people: Sequence[Person]) -> bool:
        """Whether people show everything that is printed."""
        return next(complaints(people, self.evidence.figures), None) is None

    def alternatives(self, claim: Claim) -> Iterator[Sequence[Person]]:
        """Data sets that agree with print and are far from the witness in what is claimed."""
        numeric = [s for s in _selectors(claim, self.study) if self._is_number(s)]
        if numeric:
            yield from self._other_numbers(numeric)
            return
        if claim.kind == "count":
            yield from self._one_less(str(claim.predicate["of"]["item"]))
        for goals in self.goals(claim):
            shares = [share for _, share in chain.from_iterable(goals)]
            try:
                program = Attained(self.study, self.evidence.stated, shares, self.evidence.people)
            except TooManyCellsError:
                continue
            for largest in (False, True):
                people: Sequence[Person] = self.evidence.people
                for goal in goals:
                    end = self._best(program, goal, largest)
                    people = people if end is None else replace_answers(program, end, people, goal)
                yield people
            even = self._even(claim, program, shares)
            if even is not None:
                yield program.again(even)
        if claim.kind == "no_difference":
            yield self._all_even(claim)

    def _best(self, program: Attained, goal: Sequence[Term], largest: bool) -> Optimum | None:
        """The end of a sum of shares; bases do not change, so it is a sum of counts."""
        terms: list[tuple[int, int]] = []
        for sign, share in goal:
            size = self._size(share)
            if not size:
                return None
            # near enough: what an end is good for is decided by the claim's own predicate
            weight = sign * UNIT // size
            terms += [(weight, number) for number in program.cells.of(share)[0]]
        return program.cells.program.best(terms, largest)

    def _size(self, share: Share) -> int:
        atoms = [a for a in share.of if isinstance(a, GroupAtom)]
        return sum(
            all(any((a.group, v) in p.levels for v in a.levels) is not a.outside for a in atoms)
            for p in self.evidence.people
            if all(item in p.answers for item in share.items)
        )

    def _even(self, claim: Claim, program: Attained, shares: Sequence[Share]) -> Optimum | None:
        """Answers in a level that differ least from everyone's, where a difference is claimed."""
        if claim.kind not in ("difference", "no_difference", "adjusted"):
            return None
        cells = program.cells
        misses: list[tuple[int, int]] = []
        for share in shares:
            item, size = share.items[0], self._size(share)
            for code, expected in self._least_different(share, size).items():
                own = replace(share, what=(ItemAtom(item, frozenset([code])),))
                over, under = cells.program.variable(size), cells.program.variable(size)
                inside = cells.program.total(cells.of(own)[0])
                left = cells.program.total([over]), cells.program.total([under])
                cells.program.cp.add(inside - left[0] + left[1] == expected)
                misses += [(1, over), (1, under)]
        return cells.program.best(misses, False)

    def _least_different(self, share: Share, size: int) -> dict[int, int]:
        """Counts by code: the table print allows with the largest p, else in proportion.

        Tables are looked through where print gives the level's base.
        """
        item = share.items[0]
        codes = self.study.items[item].codes
        for atom in (a for a in share.of if isinstance(a, GroupAtom)):
            level = (OTHERS if atom.outside else "") + min(atom.levels)
            if self.evidence.stated.base(item, atom.group, level).fixed:
                try:
                    tables = self._tables(item, atom.group, level)
                except NotSearchedError:
                    continue
                p = np.nan_to_num(np.atleast_1d(pearson(tables).p), nan=1.0)
                return dict(zip(codes, map(int, tables[int(p.argmax()), 0]), strict=True))
        everyone = Counter(p.answers[item] for p in self.evidence.people if item in p.answers)
        total = sum(everyone.values())
        return {code: round(everyone[str(code)] * size / total) for code in codes}

    def _tables(self, item: str, group: str, level: str) -> Any:
        """All tables of counts of a level and everyone not in it."""
        codes = self.study.items[item].codes
        bare = level.removeprefix(OTHERS)
        pair = (level, bare if bare != level else f"{OTHERS}{level}")
        compared = Comparison("", "", "", "", item, group, pair, codes, None, (), False, ())
        return allowed_tables(compared, self.evidence.stated)

    def _all_even(self, claim: Claim) -> Sequence[Person]:
        """Every item of a claim spread evenly over all its levels at once."""
        predicate, group = claim.predicate, str(claim.predicate["group"])
        levels = predicate.get("each") or predicate.get("levels")
        levels = levels or [lv.key for lv in self.study.group[group].levels]
        people: Sequence[Person] = self.evidence.people
        for item in selector_items(predicate, self.study):
            codes = [self.study.items[item].codes[0]]
            places = [{"item": item, "codes": codes, "group": group, "level": v} for v in levels]
            shares = [self._share(place_) for place_ in places]
            program = Attained(self.study, self.evidence.stated, shares, self.evidence.people)
            even = self._even(claim, program, shares)
            if even is not None:
                people = replace_answers(program, even, people, [(1, s) for s in shares])
        return people

    def goals(self, claim: Claim) -> Iterator[list[list[Term]]]:
        """What to make large and small, each goal a signed sum of shares, by item."""
        predicate = claim.predicate
        if claim.kind in ("share", "count"):
            yield [[(1, self._share(predicate["of"]))]]
        elif claim.kind == "comparison":
            left, right = (self._share(predicate[side]) for side in ("left", "right"))
            if predicate.get("statistic", "share") == "share":
                yield [[(1, left), (-1, right)]]
        elif claim.kind == "ranking":
            yield from self._ranked(predicate)
        else:
            yield from self._contrasts(claim)

    def _contrasts(self, claim: Claim) -> Iterator[list[list[Term]]]:
        """A level's share less that of those it is compared with, item by item, then all items."""
        predicate, group = claim.predicate, str(claim.predicate["group"])
        levels = [lv.key for lv in self.study.group[group].levels]
        named = [str(predicate["level"])] if "level" in predicate else []
        named = named or [str(lv) for lv in predicate.get("each") or predicate.get("levels") or ()]
        items = selector_items(predicate, self.study)
        chosen = (named or levels)[: 1 if claim.kind == "difference" else 3]
        every = []
        for item in items:
            codes = predicate.get("codes") or [self.study.items[item].codes[0]]
            for level in chosen:
                own = {"item": item, "codes": codes, "group": group, "level": level}
                rest = {**own, "level": f"{OTHERS}{level}"}
                goal = [(1, self._share(own)), (-1, self._share(rest))]
                yield [goal]
            every.append(goal)
        if len(items) > 1 and claim.kind in ("difference", "adjusted"):
            yield every

    def _ranked(self, predicate: Mapping[str, Any]) -> Iterator[list[list[Term]]]:
        among = predicate["among"]
        if among.get("statistic", predicate.get("statistic", "share")) != "share":
            return
        if "across" in among:
            group = str(among["across"])
            keys = [level.key for level in self.study.group[group].levels]
            chosen = {key: {**among, "group": group, "level": key} for key in keys}
        else:
            chosen = {i: {**among, "item": i} for i in selector_items(among, self.study)}
        way = next(k for k in ("top", "top_set", "bottom", "bottom_set") if k in predicate)
        first, named = str(predicate[way][0]), {str(key) for key in predicate[way]}
        if first not in chosen:
            return
        for key in chosen:
            if key != first:
                yield [[(1, self._share(chosen[first])), (-1, self._share(chosen[key]))]]
        ranked = [(1 if k in named else -1, self._share(s)) for k, s in chosen.items()]
        yield [ranked]

    def _share(self, selector: Mapping[str, Any]) -> Share:
        """The share a selector speaks of."""
        item, (group, level) = str(selector["item"]), place(selector)
        codes = selector.get("codes", TOTAL)
        listed = codes if isinstance(codes, (list, tuple)) else [codes]
        known = self.study.items[item].codes
        wanted = frozenset(known if TOTAL in listed else map(int, listed))
        inside = frozenset([level.removeprefix(OTHERS)])
        of = (GroupAtom(group, inside, level.startswith(OTHERS)),)
        return Share((ItemAtom(item, wanted),), () if group == "all" else of, item)

    def _is_number(self, selector: Mapping[str, Any]) -> bool:
        item = str(selector.get("item", ""))
        return item in self.study.items and self.study.items[item].type == "numeric"

    def _one_less(self, item: str) -> Iterator[Sequence[Person]]:
        """Somebody leaves the item empty."""
        for number, person in enumerate(self.evidence.people):
            if item in person.answers:
                left = {key: code for key, code in person.answers.items() if key != item}
                other = Person(person.weight, person.levels, left)
                yield [*self.evidence.people[:number], other, *self.evidence.people[number + 1 :]]
                return

    def _other_numbers(self, selectors: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Person]]:
        """Numbers of a level are free: nothing printed rests on them."""
        for selector in selectors:
            item, at = str(selector["item"]), place(selector)
            for factor, offset in ((0, 0), (0, 10_000), (2, 1)):
                yield [
                    Person(p.weight, p.levels, {**p.answers, item: _times(p, item, factor, offset)})
                    if item in p.answers and at in p.levels
                    else p
                    for p in self.evidence.people
                ]

    def decided(self, claim: Claim, met: bool | None) -> str | None:
        """How it is proven that all data that agree with print meet a claim (or none does)."""
        if met is None:
            return None
        if claim.kind in ("share", "count"):
            return BOUNDS if self._by_bounds(claim, met) else None
        if claim.kind == "difference":
            return TABLES if self._by_tables(claim, met) else None
        return None

    def _by_bounds(self, claim: Claim, met: bool) -> bool:
        """Every count within the outer bounds gives the same verdict; the base has to be fixed."""
        selector = claim.predicate["of"]
        share = self._share(selector)
        found = bounds(self.study, self.evidence.stated, self.evidence.facts, Question(share))
        numbers = {bound.name: (int(bound.low), int(bound.high)) for bound in found.bounds}
        (low, high), (base, most) = numbers["count"], numbers["of"]
        if base != most or not base:
            return False
        item, at = str(selector["item"]), place(selector)
        return all(self._as_counted(claim, item, at, k, base) is met for k in range(low, high + 1))

    def _as_counted(
        self, claim: Claim, item: str, at: tuple[str, str], k: int, base: int
    ) -> bool | None:
        codes = claim.predicate["of"].get("codes", TOTAL)
        listed = codes if isinstance(codes, (list, tuple)) else [codes]
        counted: Counter[tuple[str, str, str]] = Counter({(TOTAL, *at): base})
        counted[str(listed[0]), *at] = k
        return decide(claim, PeopleFacts((), {item: counted}), self.study, self.words).met

    def _by_tables(self, claim: Claim, met: bool) -> bool:
        """All tables of counts of a level against everyone else give the same verdict."""
        predicate = claim.predicate
        if isinstance(predicate.get("against"), list) or "level" not in predicate:
            return False
        every = []
        for item in selector_items(predicate, self.study):
            codes = self.study.items[item].codes
            try:
                tables = self._tables(item, str(predicate["group"]), str(predicate["level"]))
            except NotSearchedError:
                return False
            every.append(_verdicts(predicate, codes, tables))
        if not every or any(not len(found) for found in every):
            return False
        if met:
            return all(bool(found.all()) for found in every)
        # one item that never shows it is enough
        return any(not found.any() for found in every)


def _verdicts(predicate: Mapping[str, Any], codes: Sequence[int], tables: Any) -> Any:
    """Whether each table (levels, codes) shows a stated difference."""
    shown = [codes.index(code) for code in predicate.get("codes") or ()]
    inside = tables[:, :, shown].sum(axis=2)
    bases = tables.sum(axis=2)
    tested = tables
    if predicate.get("test") == "codes":
        tested = np.stack([inside, bases - inside], axis=2)
    p = np.atleast_1d(pearson(tested).p)
    verdict = np.ones(len(tables), dtype=bool)
    if predicate.get("p_below"):
        verdict &= p < float(predicate["p_below"])
    if predicate.get("p_above"):
        verdict &= p >= float(predicate["p_above"])
    direction = predicate.get("direction", "any")
    if direction != "any":
        own, rest = inside[:, 0] * bases[:, 1], inside[:, 1] * bases[:, 0]
        verdict &= own > rest if direction == "more" else own < rest
    return verdict & (bases.min(axis=1) > 0)


def _selectors(claim: Claim, study: Study) -> list[Mapping[str, Any]]:
    """The places a share, count, mean or ranking is taken of, levels of a ranking one by one."""
    named = [claim.predicate[k] for k in ("of", "left", "right") if k in claim.predicate]
    among = claim.predicate.get("among", {})
    if "across" in among and "item" in among:
        group = str(among["across"])
        named += [{**among, "group": group, "level": lv.key} for lv in study.group[group].levels]
    return named


def _times(person: Person, item: str, factor: int, offset: int) -> str:
    return str(int(float(person.answers[item].replace(",", ".")) * factor) + offset)


def replace_answers(
    program: Attained, end: Optimum, people: Sequence[Person], goal: Sequence[Term]
) -> list[Person]:
    """People with the answers of a solution to the items of a goal."""
    items = {item for _, share in goal for item in share.items}
    changed = program.again(end)
    return [
        Person(old.weight, old.levels, {**old.answers, **_own(new, items, program)})
        for old, new in zip(people, changed, strict=True)
    ]


def _own(person: Person, items: set[str], program: Attained) -> dict[str, str]:
    every = {
        box.id
        for item in items
        for box in program.study.question[program.study.items[item].question].items
        if box.id == item or (box.type == "multiple" and program.study.items[item].type == box.type)
    }
    return {item: code for item, code in person.answers.items() if item in every}
