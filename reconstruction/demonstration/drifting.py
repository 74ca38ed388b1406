"""Draws the invented wave: invitations, answers and drift."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from declarations import Group, Item, Study
from reconstruction.demonstration.base import Head, WaveBase
from reconstruction.drawing import text
from reconstruction.grouping import areas_in

COMPLETE = 4


@dataclass
class Demonstration:
    """Draws the wave; every step has its own seed, so a change of one does not affect others."""

    base: WaveBase
    study: Study
    wishes: Mapping[str, Any]
    phrases: Mapping[str, Any]
    open_answers: Mapping[str, Any]

    def rng(self, name: str) -> random.Random:
        """The random numbers of one named step."""
        return random.Random(f"{self.wishes['seed']} {name}")

    def build(self) -> list[Head]:
        """All invited heads with their answers, in export order."""
        heads = self._invited()
        self._take_over(heads)
        answering = [head for head in heads if head.answering]
        self._add(answering)
        for entry in self.wishes["drift"]:
            self._drift(answering, entry)
        for number, head in enumerate(answering):
            self._write_texts(head, self.rng(f"texts {number}"))
        self.rng("order").shuffle(heads)
        return heads

    def _invited(self) -> list[Head]:
        """Nearly as many invitations per municipality as before.

        Response is drawn by municipality.
        """
        rng, response = self.rng("invited"), self.wishes["response"]
        moved = self.wishes["invited"]["moved"]
        overall = len(self.base.answering) / len(self.base.heads)
        unanswered = [head.flag for head in self.base.heads if not head.answering]
        heads = []
        for code in sorted(self.base.like):
            before = [head for head in self.base.heads if head.municipality == code]
            if not before:
                continue
            draw = rng.random()
            count = max(1, len(before) + (draw < moved) - (draw > 1 - moved))
            share = sum(head.answering for head in before) / len(before)
            chance = response["kept"] * share + (1 - response["kept"]) * overall
            for _ in range(count):
                answers = rng.random() < chance * response["level"]
                # the status flag is copied with the answers
                flag = COMPLETE if answers else rng.choice(unanswered)
                heads.append(Head(code, flag, {}, answers))
        return heads

    def _take_over(self, heads: Sequence[Head]) -> None:
        rng, likeness = self.rng("answers"), self.wishes["likeness"]
        pool = self.base.answering
        at = {code: [d for d in pool if d.municipality == code] for code in self.base.like}
        closed = [item for item in self.base.study.items.values() if item.closed]
        blocks: dict[str, list[str]] = {}
        for item in closed:
            one = item.question if item.type == "multiple" else item.id
            blocks.setdefault(one, []).append(item.id)
        given = {
            name: [d.answers for d in pool if items[0] in d.answers]
            for name, items in blocks.items()
            if len(self.base.study.items[items[0]].codes) > 1
        }
        for head in heads:
            if not head.answering:
                continue
            own = at[head.municipality]
            if not own or rng.random() >= likeness["same_municipality"]:
                place = self.base.like[head.municipality]
                own = [d for d in pool if self.base.like[d.municipality] == place]
            donor = rng.choice(own)
            head.flag, head.answers = donor.flag, dict(donor.answers)
            for name, others in given.items():
                if blocks[name][0] in head.answers and rng.random() < likeness["other"]:
                    other = rng.choice(others)
                    head.answers |= {item: other[item] for item in blocks[name]}
            number = head.answers.get("collaborations")
            if number is not None:
                more = round(float(number) * float(self.wishes["collaborations"]), 6)
                head.answers["collaborations"] = str(int(more + 0.5))
        for head in heads:
            asked = {item: a for item, a in head.answers.items() if item in self.study.items}
            head.answers = asked

    def _add(self, answering: Sequence[Head]) -> None:
        for item, entry in self.wishes["added"].items():
            rng, weights = self.rng(f"added {item}"), entry["weights"]
            for head in answering:
                if entry["with"] in head.answers:
                    (code,) = rng.choices(list(weights), list(weights.values()))
                    head.answers[item] = str(code)

    def _drift(self, answering: Sequence[Head], entry: Mapping[str, Any]) -> None:
        """Change single answers until the share of a code is that of 2015 plus the drift."""
        item, code = self.study.items[entry["item"]], str(entry["code"])
        rng = self.rng(f"drift {item.id}")
        before = [h.answers[item.id] for h in self.base.answering if item.id in h.answers]
        asked = [h for h in answering if item.id in h.answers]
        share = before.count(code) / len(before) + entry["points"] / 100
        wanted = int(round(share * len(asked), 6) + 0.5)
        having = [h for h in asked if h.answers[item.id] == code]
        others = [h for h in asked if h.answers[item.id] != code and not self._excluded(h, item)]
        if wanted > len(having):
            for head in rng.sample(others, wanted - len(having)):
                head.answers[item.id] = code
        else:
            rest = [h.answers[item.id] for h in others]
            for head in rng.sample(having, len(having) - wanted):
                head.answers[item.id] = rng.choice(rest)

    def _excluded(self, head: Head, item: Item) -> bool:
        """Whether a box that excludes all others is ticked."""
        boxes = self.study.question[item.question].items
        return any(box.exclusive and head.answers.get(box.id) == "1" for box in boxes)

    def _write_texts(self, head: Head, rng: random.Random) -> None:
        """New words for every open answer; the areas read from them stay the same."""
        group = self._areas()
        areas = sorted(areas_in(head.answers.get(group.source, ""), group))
        for item in self.study.items.values():
            if item.type != "open":
                continue
            where = self.open_answers.get(item.id, {}).get("where")
            if where is None:
                if item.id not in head.answers:
                    continue
            else:
                head.answers.pop(item.id, None)
                codes = {str(code) for code in where["codes"]}
                share = self.open_answers[item.id]["share"]
                if head.answers.get(where["item"]) not in codes or rng.random() >= share:
                    continue
            if item.id == group.source:
                if areas:
                    head.answers[item.id] = text.responsibilities(areas, group, rng)
                continue
            choices = self.phrases[item.id.rstrip("_0123456789")]
            if isinstance(choices, Mapping):
                choices = choices[rng.choice(areas or ["none"])]
            head.answers[item.id] = str(rng.choice(choices))

    def _areas(self) -> Group:
        (group,) = (g for g in self.study.groups if g.kind == "text_rules")
        more = self.wishes["phrases"]["responsibilities"]
        levels = tuple(
            level.model_copy(update={"phrases": (*level.phrases, *more.get(level.key, ()))})
            for level in group.levels
        )
        return group.model_copy(update={"levels": levels})
