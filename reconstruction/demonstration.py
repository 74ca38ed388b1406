"""The invented wave 2018: other respondents, and a drift since 2015 that was chosen beforehand.

`python -m reconstruction.demonstration [--out DIR]`. Respondents take their answers from the
constructed wave 2015, mostly from their own municipality; then single answers are changed until
the shares in `demonstration.yaml` stand as far from those of 2015 as it says.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from declarations import Group, Item, Study, load_study
from reconstruction import export, text
from reconstruction.grouping import areas_in, levels_of

HERE = Path(__file__).resolve().parent
STUDY = HERE.parent / "studies" / "samspil"
PHRASES, OPEN = "phrases.yaml", "targets.yaml"
COMPLETE = 4
Answers = dict[str, str]


@dataclass
class Head:
    """An invited head: municipality code, status flag (1..5) and the answers' text by item."""

    municipality: str
    flag: int
    answers: Answers
    answering: bool


@dataclass(frozen=True)
class WaveBase:
    """The wave that answers are taken from."""

    study: Study
    heads: tuple[Head, ...]
    register: tuple[Mapping[str, str], ...]
    like: Mapping[str, tuple[str, str]]
    """Size and region of each municipality."""

    @property
    def answering(self) -> list[Head]:
        """Who answered anything."""
        return [head for head in self.heads if head.answering]


def read_base(study: Study, wave: str) -> WaveBase:
    """The constructed wave as its files give it."""
    asked, sheet = study.in_wave(wave), study.source_sheet(wave)
    content = sheet.files["municipalities"].path.read_text(encoding="utf-8")
    register = tuple(csv.DictReader(io.StringIO(content, newline="")))
    code = {row["name"]: row["code"] for row in register}
    dataset = sheet.files["dataset"].path.read_bytes().decode(export.ENCODING)
    heads = []
    for row in csv.DictReader(io.StringIO(dataset, newline=""), delimiter=export.DELIMITER):
        flag = next(n for n in range(1, 6) if row[f"stato_{n}"] == "1")
        answers = _answers(asked, row)
        heads.append(Head(code[row[study.export["municipality"]]], flag, answers, bool(answers)))
    columns = study.frame["columns"]
    size, region = (
        levels_of(register, study.group[name], "code", columns[study.group[name].source])
        for name in ("size", "region")
    )
    return WaveBase(asked, tuple(heads), register, {c: (size[c], region[c]) for c in code.values()})


def _answers(study: Study, row: Mapping[str, str]) -> Answers:
    """Filled cells by item; boxes only where at least one of the question is ticked."""
    found: Answers = {}
    for question in study.questions:
        boxes = {item.id for item in question.items if item.type == "multiple"}
        ticked = any(row[i.variable] == "1" for i in question.items if i.id in boxes)
        for item in question.items:
            if row[item.variable] and (ticked or item.id not in boxes):
                found[item.id] = row[item.variable]
    return found


@dataclass
class Demonstration:
    """Draws the wave; every step has its own seed, so one does not disturb another."""

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
        """Nearly as many per municipality as before; who answers is drawn by municipality."""
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
                # the flag of who answers is taken over with the answers
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
        """Change single answers until the share of a code is the one of 2015 and the drift."""
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
            replace(lv, rule={**lv.rule, "phrases": [*lv.rule["phrases"], *more.get(lv.key, ())]})
            for lv in group.levels
        )
        return replace(group, levels=levels)


def demonstrate(folder: Path, out: Path) -> None:
    """Write the wave to `out`. The same bytes every time."""
    wishes = _read("demonstration.yaml")
    phrases = dict(_read(PHRASES))
    for name, more in wishes["phrases"].items():
        if name != "responsibilities":
            phrases[name] = [*phrases[name], *more]
    study = load_study(folder)
    base = read_base(study, str(study.printed_wave))
    asked = study.in_wave(wishes["wave"])
    heads = Demonstration(base, asked, wishes, phrases, _read(OPEN)["open_answers"]).build()
    export.write_wave(
        out, wave_files(asked, base, heads, wishes["renamed"]), sheet(base, wishes, len(heads))
    )


def wave_files(
    study: Study, base: WaveBase, heads: Sequence[Head], renamed: Mapping[str, str]
) -> dict[str, tuple[str, bytes, int]]:
    """Name, content and number of data rows per role of a wave file."""
    register = [{**row, "name": renamed.get(row["code"], row["name"])} for row in base.register]
    names = {row["code"]: row["name"] for row in register}
    background = [
        (f"D{number:04d}", names[head.municipality], head.flag)
        for number, head in enumerate(heads, start=1)
    ]
    answers: dict[str, dict[int, Any]] = {}
    for person, head in enumerate(heads):
        for item, value in head.answers.items():
            answers.setdefault(item, {})[person] = value
    files = {}
    for role, rows, header in (
        ("dataset", export.dataset_rows(study, background, answers), 1),
        ("structure", export.structure_rows(study), 1),
        ("labels", export.label_rows(study), 0),
    ):
        content = export.encode(rows, export.DELIMITER, export.ENCODING)
        files[role] = (f"{role}.csv", content, len(rows) - header)
    content = export.register_bytes(register)
    files["municipalities"] = ("municipalities.csv", content, len(register))
    return files


def sheet(base: WaveBase, wishes: Mapping[str, Any], invited: int) -> dict[str, Any]:
    """Everything of `source.yaml` but the files."""
    known = {head.municipality for head in base.heads}
    names = [row["name"] for row in base.register if row["code"] not in known]
    return {
        "study": base.study.id,
        "wave": wishes["wave"],
        "origin": "constructed",
        "purpose": "demonstration",
        **wishes["source"],
        "invited": invited,
        "municipalities_without_invitations": names,
        "format": {"delimiter": export.DELIMITER, "encoding": export.ENCODING},
    }


def _read(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load((HERE / name).read_text(encoding="utf-8"))
    return data


def main() -> int:
    """Write the wave's folder."""
    parser = argparse.ArgumentParser(prog="python -m reconstruction.demonstration")
    parser.add_argument("--study", type=Path, default=STUDY, help="folder of the declared study")
    parser.add_argument("--out", type=Path, help="folder to write (default: the wave's folder)")
    arguments = parser.parse_args()
    wave = str(_read("demonstration.yaml")["wave"])
    demonstrate(arguments.study, arguments.out or arguments.study / "waves" / wave)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
