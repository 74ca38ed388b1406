"""The respondents of the wave: municipality, drop-out, areas and all their group levels."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from reconstruction.drawing import pressure, skeleton
from reconstruction.drawing.skeleton import COMPLETE, PARTIAL, ConstructedRespondent
from reconstruction.targets.plan import Plan

PRESSURE = "expenditure_pressure"


@dataclass(frozen=True)
class People:
    """All invited in export order, and the register with the constructed pressure."""

    invited: list[ConstructedRespondent]
    register: tuple[Mapping[str, str], ...]

    def at(self, base: int) -> list[int]:
        """Numbers of respondents who reached a question with this base."""
        return [i for i, p in enumerate(self.invited) if 0 < p.reach <= base]

    def belongs(self, person: int, group: str, level: str) -> bool:
        """Whether an invited person is in the level of the group."""
        return self.invited[person].belongs(group, level)


def build_people(plan: Plan, seed: str) -> People:
    """Draw the skeleton: everything about the respondents except their answers."""
    groups = plan.municipality_groups(plan.register)
    people = skeleton.invited(plan.appendix)
    rng = random.Random(f"{seed} skeleton")
    sizes, size_base = _printed(plan, "size")
    skeleton.drop_out(people, plan.ladder, groups["size"], size_base, sizes, rng)

    register = _with_pressure(plan, people, groups, rng)
    groups = plan.municipality_groups(register)
    for person in people:
        person.levels = {
            group: frozenset({levels[person.municipality]}) for group, levels in groups.items()
        }
    _give_areas(plan, people, rng)
    rng.shuffle(people)
    return People(people, register)


def _printed(plan: Plan, group: str) -> tuple[dict[str, int], int]:
    """The printed number per level of a group, and the one base of these numbers."""
    found = {t.level: t.n for t in plan.bases if t.group == group}
    items = {t.item for t in plan.bases if t.group == group}
    (base,) = {plan.question_base[plan.study.items[item].question] for item in items}
    return found, base


def _with_pressure(
    plan: Plan,
    people: list[ConstructedRespondent],
    groups: Mapping[str, Mapping[str, str]],
    rng: random.Random,
) -> tuple[Mapping[str, str], ...]:
    wishes = plan.wishes["pressure"]
    codes = sorted(row["code"] for row in plan.register)
    ranks = wishes["band_ranks"]
    divisions = []
    for group in ("pressure_band", "pressure_half", "pressure_quintile"):
        counts, base = _printed(plan, group)
        levels = [level.key for level in plan.study.group[group].levels]
        if plan.study.group[group].kind == "quantile":
            k = len(levels)
            first = [
                min(r for r in range(len(codes)) if r * k // len(codes) == i) for i in range(k)
            ]
            cuts = tuple(first[1:])
        else:
            cuts = tuple(ranks)
        weight = dict.fromkeys(codes, 0)
        for person in people:
            weight[person.municipality] += 0 < person.reach <= base
        divisions.append(pressure.Division(cuts, tuple(counts[x] for x in levels), weight))
    guess = {
        code: wishes["region"][groups["region"][code]]
        + wishes["size"][groups["size"][code]]
        + wishes["bloc"].get(f"{groups['region'][code]}+{groups['bloc'][code]}", 0.0)
        for code in codes
    }
    ranked = pressure.rank_municipalities(codes, guess, divisions, rng)
    bands = plan.study.group["pressure_band"].levels
    bounds = [float(band.from_ or 0) for band in bands[1:]]
    knots = list(
        zip([0, *ranks, len(codes)], [wishes["lowest"], *bounds, wishes["highest"]], strict=True)
    )
    values = pressure.index_values(ranked, knots)
    return tuple({**row, PRESSURE: f"{values[row['code']]:.2f}"} for row in plan.register)


def _give_areas(plan: Plan, people: list[ConstructedRespondent], rng: random.Random) -> None:
    by_base: dict[int, dict[str, int]] = {}
    for target in plan.bases:
        if target.group != "area":
            continue
        base = plan.question_base[plan.study.items[target.item].question]
        if plan.item_base[target.item] == base:
            by_base.setdefault(base, {})[target.level] = target.n
    for entry in plan.wishes["group_bases"]:
        by_base.setdefault(plan.question_base[entry["question"]], {})[entry["level"]] = entry["n"]
    aims = {tuple(name.split("+")): n for name, n in plan.wishes["combinations"].items()}
    order = {level.key: i for i, level in enumerate(plan.study.group["area"].levels)}
    aims = {tuple(sorted(mask, key=order.__getitem__)): n for mask, n in aims.items()}
    totals = {base: len(skeleton.reached(people, base)) for base in by_base}
    stops = skeleton.combine_areas(by_base, totals, aims)
    first = max(by_base)
    before = [p for p in people if p.reach > first]
    named = [p for p in before if p.reach <= plan.question_base["responsibilities"]]
    skeleton.hand_out_areas([p for p in people if 0 < p.reach <= first], stops, rng)
    masks, weights = list(aims), list(aims.values())
    for person in named:
        person.areas = rng.choices(masks, weights)[0]
    for person in people:
        person.levels["area"] = frozenset(person.areas)
        alone = person.areas if len(person.areas) == 1 else ()
        person.levels["only_area"] = frozenset(alone)


def statuses(people: People, wishes: Mapping[str, float], seed: str) -> list[int]:
    """Overall status flag (1..5) of every invited person."""
    rng = random.Random(f"{seed} status")
    flags = []
    for person in people.invited:
        draw = rng.random()
        if person.status == COMPLETE:
            flags.append(4)
        elif person.status == PARTIAL:
            flags.append(5 if draw < wishes["partial_dropped"] else 3)
        elif draw < wishes["none_new"]:
            flags.append(1)
        else:
            flags.append(5 if draw < wishes["none_new"] + wishes["none_dropped"] else 2)
    return flags
