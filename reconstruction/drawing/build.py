"""All answers of the constructed wave, question by question."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Any

from declarations import Item, Question
from reconstruction.drawing import collaborations, measurement, text
from reconstruction.drawing.answers import answer_item
from reconstruction.drawing.differences import Wanted
from reconstruction.drawing.drawn import Drawing, Wave
from reconstruction.drawing.people import build_people
from reconstruction.targets.count_targets import ALL, CountTarget
from reconstruction.targets.plan import Plan


class Builder(Drawing):
    """Draws the answers of all questions."""

    def build(self) -> Wave:
        """All questions in the order of the questionnaire."""
        for question in self.plan.study.questions:
            if not question.items:  # only later waves ask it
                continue
            if question.type in ("single", "grid"):
                self._closed(question)
            elif question.type == "multiple":
                self._measurement(question)
            elif question.type == "numeric":
                self._collaborations(question)
        self._texts()
        return self.wave

    def _closed(self, question: Question) -> None:
        noise = self.rng(f"{question.id} disposition")
        disposition = {p: 0.6 * g + 0.9 * noise.gauss(0, 1) for p, g in self.general.items()}
        for item in question.closed_items:
            self._closed_item(item, disposition)

    def _closed_item(self, item: Item, disposition: Mapping[int, float]) -> None:
        rng = self.rng(item.id)
        members = self.members(item.id)
        wish = self.plan.wishes["unprinted"].get(item.id, {})
        if "answered" in wish:
            members = sorted(rng.sample(members, round(wish["answered"] * len(members))))
        targets = self.targets_of(item.id)
        if wish:
            targets += _fill_up(item, wish["weights"], targets, len(members))
        dont_know = next((c.code for c in item.scale if c.key == "dont_know"), None)
        answers = answer_item(
            members,
            item.codes,
            targets,
            self.people.belongs,
            disposition,
            self.unsure,
            dont_know,
            rng,
        )
        self.settle(item.id, answers, targets, rng)

    def _measurement(self, question: Question) -> None:
        measurement.build(self, question)

    def _collaborations(self, question: Question) -> None:
        wish = self.plan.wishes["collaborations"]
        number, dont_know = question.items
        values = collaborations.values(wish["shape"], wish["large"], wish["total"])
        means = [collaborations.MeanTarget(**entry) for entry in wish["means"]]
        answers, left = collaborations.hand_out(
            self.people.at(self.plan.question_base[question.id]),
            values,
            wish["dont_know"],
            means,
            self.people.belongs,
            self.rng(question.id),
            limit=200_000,
        )
        self.wave.missed += [f"mean number of {m.group} {m.level}" for m in left]
        self.wave.answers[number.id] = {p: v for p, v in answers.items() if v is not None}
        self.wave.answers[dont_know.id] = {p: 1 for p, v in answers.items() if v is None}

    def _texts(self) -> None:
        answers, phrases, study = self.wave.answers, self.plan.phrases, self.plan.study
        area = study.group["area"]
        invited = self.people.invited
        rng = self.rng("responsibilities")
        answers["responsibilities"] = {
            p: text.responsibilities(invited[p].areas, area, rng)
            for p in self.people.at(self.plan.question_base["responsibilities"])
        }
        for item, wish in self.plan.wishes["open_answers"].items():
            rng = self.rng(item)
            question = study.items[item].question
            where = wish.get("where")
            if where:
                people = sorted(
                    p for p, code in answers[where["item"]].items() if code in where["codes"]
                )
            else:
                base = self.plan.question_base.get(question, self._next_base(question))
                people = self.people.at(base)
            answers[item] = {
                p: self._phrase(phrases[item], p, rng)
                for p in people
                if rng.random() < wish["share"]
            }
        self._joint_tasks(self.rng("joint_tasks"))

    def _next_base(self, question: str) -> int:
        """The base of the first later question with a base: all of them answered this one too."""
        order = self.plan.study.question[question].order
        later = [q for q in self.plan.study.questions if q.order > order]
        bases = [self.plan.question_base[q.id] for q in later if q.id in self.plan.question_base]
        return bases[0] if bases else self.plan.ladder[-1]

    def _phrase(self, choices: Any, person: int, rng: random.Random) -> str:
        if isinstance(choices, list):
            return str(rng.choice(choices))
        areas = self.people.invited[person].areas or ("none",)
        return str(rng.choice(choices[rng.choice(areas)]))

    def _joint_tasks(self, rng: random.Random) -> None:
        wish = self.plan.wishes["described"]
        base = self._next_base("joint_tasks")
        lines = range(1, 11)
        for number in lines:
            self.wave.answers[f"joint_task_{number}"] = {}
            self.wave.answers[f"joint_group_{number}"] = {}
        for person in self.people.at(base):
            if rng.random() > wish["answered"]:
                continue
            areas = self.people.invited[person].areas
            mean = round(sum(wish["mean"][a] for a in areas) / len(areas) / wish["answered"], 9)
            filled = 1
            while filled < 10 and rng.random() < 1 - 1 / max(1.05, mean):
                filled += 1
            for number, task in enumerate(
                rng.sample(self.plan.phrases["joint_task"], filled), start=1
            ):
                self.wave.answers[f"joint_task_{number}"][person] = task
                if rng.random() < 0.92:
                    group = rng.choice(self.plan.phrases["joint_group"])
                    self.wave.answers[f"joint_group_{number}"][person] = group


def _fill_up(
    item: Item, weights: Mapping[int, int], targets: Sequence[CountTarget], total: int
) -> list[CountTarget]:
    """Counts for codes that have no target for everyone, in proportion to their weights."""
    fixed = {
        t.codes[0]
        for t in targets
        if (t.group, t.level) == ALL and len(t.codes) == 1 and t.range[0] == t.range[1]
    }
    if fixed:
        raise ValueError(f"{item.id}: has weights and fixed counts")
    shares = {code: weights[code] * total / sum(weights.values()) for code in item.codes}
    counts = {code: int(share) for code, share in shares.items()}
    by_rest = sorted(item.codes, key=lambda c: (counts[c] - shares[c], c))
    for code in by_rest[: total - sum(counts.values())]:
        counts[code] += 1
    known = {t.codes: t for t in targets if (t.group, t.level) == ALL}
    return [
        CountTarget(item.id, (code,), "all", "all", counts[code], "free")
        for code in item.codes
        if (code,) not in known or known[code,].range[0] <= counts[code] <= known[code,].range[1]
    ]


def build_wave(plan: Plan, wanted: Sequence[Wanted]) -> Wave:
    """Draw the whole wave. Raises ValueError if print cannot be met."""
    seed = str(plan.wishes["seed"])
    return Builder(plan, build_people(plan, seed), seed, wanted).build()
