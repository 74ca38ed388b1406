"""An invented poll with everything that tables use: weights, strata, clusters, missing codes."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from declarations import Study, load_study

WAVE = "1"
ITEMS = ("trust_1", "trust_2", "trust_3", "trust_4")
BOXES = ("read_1", "read_2", "read_3")
BACKGROUND = ("region", "weight", "age", "stratum", "cluster")
PARTIES = {"A1": "Reds", "B2": "Blues", "-oth-": "Others"}
AGREE = [
    {"code": n, "key": f"a{n}", "text": text}
    for n, text in enumerate(("Not at all", "Little", "Some", "Much", "Very much"), start=1)
]
QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": "gender", "type": "single", "section": "who", "label": "Gender",
        "scale": [{"code": 1, "key": "woman", "text": "Woman"},
                  {"code": 2, "key": "man", "text": "Man"},
                  {"code": 9, "key": "refused", "text": "Refused", "missing": True}],
        "items": [{"id": "gender", "variable": "gender"}],
    },
    {
        "id": "party", "type": "single", "section": "who", "label": "Party",
        "scale": [{"code": n, "key": f"p{n}", "value": v, "text": t}
                  for n, (v, t) in enumerate(PARTIES.items(), start=1)],
        "items": [{"id": "party", "variable": "party"}],
    },
    {
        "id": "liking", "type": "single", "section": "views", "label": "How much one likes it",
        "scale": [{"code": 0, "key": "l0", "text": "Dislike"},
                  *({"code": n, "key": f"l{n}", "text": str(n)} for n in range(1, 10)),
                  {"code": 10, "key": "l10", "text": "Like"},
                  {"code": 99, "key": "dk", "text": "Don't know", "missing": True}],
        "items": [{"id": "liking", "variable": "liking"}],
    },
    {
        "id": "trust", "type": "grid", "section": "views", "label": "Trust",
        "scale": [*AGREE, {"code": 8, "key": "dk", "text": "Don't know", "missing": True}],
        "items": [{"id": name, "variable": name, "text": f"Trust in {name[-1]}"} for name in ITEMS],
    },
    {
        "id": "reads", "type": "multiple", "section": "views", "label": "What one reads",
        "items": [{"id": name, "variable": name, "choice": n, "text": f"Paper {n}"}
                  for n, name in enumerate(BOXES, start=1)],
    },
    {
        "id": "income", "type": "numeric", "section": "who", "label": "Income",
        "items": [{"id": "income", "variable": "income"}],
    },
)  # fmt: skip


def people(n: int = 400, seed: int = 7) -> pd.DataFrame:
    """The export as text; an empty cell is no answer."""
    g = np.random.default_rng(seed)
    data: dict[str, Any] = {"id": [f"P{i}" for i in range(n)]}
    data["gender"] = g.choice(["1", "2", "9", ""], n, p=[0.48, 0.45, 0.04, 0.03])
    data["party"] = g.choice([*PARTIES, ""], n, p=[0.4, 0.35, 0.2, 0.05])
    lean = g.normal(size=n) + (data["party"] == np.array("A1"))
    liking = np.clip(np.round(5 + 2.5 * lean), 0, 10).astype(int).astype(str)
    data["liking"] = np.where(g.random(n) < 0.08, "99", liking)
    for name in ITEMS:
        answer = np.clip(np.round(3 + lean + 0.7 * g.normal(size=n)), 1, 5).astype(int).astype(str)
        answer = np.where(g.random(n) < 0.06, "8", answer)
        data[name] = np.where(g.random(n) < 0.04, "", answer)
    ticked = g.random((n, len(BOXES))) < [0.5, 0.3, 0.6]
    for place, name in enumerate(BOXES):
        data[name] = np.where(ticked[:, place], "1", "0")
    data["income"] = np.where(
        g.random(n) < 0.1, "", np.round(g.gamma(3, 120, n)).astype(int).astype(str)
    )
    data["region"] = g.choice(["North", "South", "East"], n)
    data["weight"] = [f"{w:.4f}" for w in g.gamma(4, 0.25, n) + 0.1]
    data["age"] = g.integers(18, 90, n).astype(str)
    data["stratum"] = np.where(np.arange(n) % 3 == 0, "s1", "s2")
    data["cluster"] = [f"c{v}" for v in g.integers(0, 25, n)]
    return pd.DataFrame(data).astype("str")


def write_poll(
    root: Path, declared: dict[str, Any] | None = None, frame: pd.DataFrame | None = None
) -> Study:
    """The study below `root`; `declared` are further files by path (YAML values or text)."""
    folder = root / "studies" / "poll"
    wave = folder / "waves" / WAVE
    wave.mkdir(parents=True, exist_ok=True)
    frame = people() if frame is None else frame
    put(
        folder / "study.yaml",
        {
            "id": "poll", "title": "A poll",
            "export": {"respondent": "id",
                       "background": [{"name": n, "personal": False} for n in BACKGROUND]},
        },
    )  # fmt: skip
    for order, question in enumerate(QUESTIONS, start=1):
        put(folder / "questions" / f"{order}_{question['id']}.yaml", {**question, "order": order})
    for name, data in (declared or {}).items():
        put(folder / name, data)
    lines = [list(frame.columns), *frame.to_numpy().tolist()]
    variables = [i["variable"] for q in QUESTIONS for i in q["items"]]
    files = {
        "dataset": lines,
        "structure": [["questionName", "variableName"], *([n, n] for n in variables)],
        "labels": _labels(),
    }
    told = {}
    for role, content in files.items():
        path = wave / f"{role}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";", lineterminator="\n").writerows(content)
        told[role] = {"name": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    put(
        wave / "source.yaml",
        {
            "wave": WAVE, "origin": "constructed", "statement": "Invented for a test.",
            "format": {"delimiter": ";", "encoding": "utf-8"}, "files": told,
        },
    )  # fmt: skip
    return load_study(folder)


def put(path: Path, data: Any) -> None:
    """Write YAML, or text unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(data, str):
        data = yaml.safe_dump(json.loads(json.dumps(data)), allow_unicode=True, sort_keys=False)
    path.write_text(data, encoding="utf-8")


def _labels() -> list[list[str]]:
    found = []
    for question in QUESTIONS:
        for item in question["items"]:
            scale = question.get("scale") or ()
            if question["type"] == "multiple":
                scale = ({"code": 0, "text": "Not ticked"}, {"code": 1, "text": "Ticked"})
            found += [[item["variable"], str(c.get("value", c["code"])), c["text"]] for c in scale]
    return found
