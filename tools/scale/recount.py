"""Recounts a grown wave with pandas from its text, independently of all other code.

The declarations are read as plain YAML, the export in parts as text. Unusable cells are known from
the damage. The levels of groups are implemented a second time.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import duckdb
import pandas as pd
import yaml

PART = 50_000
CLOSED, NUMERIC = ("single", "grid", "multiple"), "numeric"
NUMBER = r"[0-9]{1,6}(?:[.,][0-9]+)?"
Key = tuple[str, str, str, str]


def main(arguments: list[str]) -> None:
    """Show the number of counts in a working file, and how many differ from these."""
    working, folder, wave, planted = arguments
    counted = recount(Path(folder), Path(folder) / "waves" / wave, Path(planted))
    with duckdb.connect(working, read_only=True) as connection:
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'counts'"
        ).fetchall()
        theirs: dict[Key, int] = {}
        for (name,) in names:
            if name != "status":
                lines = connection.execute(f'FROM counts."{name}"').fetchall()
                theirs |= {(item, code, group, level): n for item, code, group, level, n in lines}
    wrong = {key for key in {*theirs, *counted} if theirs.get(key, 0) != counted.get(key, 0)}
    for key in sorted(wrong)[:10]:
        print(f"{key}: counted {theirs.get(key)}, by pandas {counted.get(key)}", file=sys.stderr)
    print(len(theirs), len(wrong))


def recount(study: Path, wave: Path, planted: Path) -> Counter[Key]:
    """Respondents by item, code, group and level, zeros left out."""
    read = map(_yaml, sorted((study / "questions").glob("*.yaml")))
    # the wave is the first, so it lacks questions and items that only later waves ask
    questions = [question for question in read if "from" not in question]
    damaged: dict[str, set[int]] = defaultdict(set)
    with planted.open(encoding="utf-8", newline="") as stream:
        for line in csv.DictReader(stream):
            damaged[line["variable"]].add(int(line["file_row"]))
    register = pd.read_csv(wave / "municipalities.csv", dtype={"code": str}).set_index("name")
    of_place = levels_of_places(register)
    patterns = areas(_yaml(study / "study.yaml"))
    found: Counter[Key] = Counter()
    for part in _parts(wave / "dataset.csv"):
        levels = of_place.loc[part["kommune"]].set_index(part.index)
        text = part["s_5"].str.lower()
        for key, pattern in patterns.items():
            seen = {one: bool(re.search(pattern, one)) for one in text.unique()}
            # a quarantined text gives no area
            levels["area", key] = text.map(seen) & ~part["row"].isin(damaged["s_5"])
        levels["all", "all"] = True
        answering = answers_of_lines(part, questions)
        for question in questions:
            _count(part, question, answering, levels, damaged, found)
    return found


def _count(
    part: pd.DataFrame, question: dict[str, Any], answering: pd.Series, levels: pd.DataFrame,
    damaged: dict[str, set[int]], found: Counter[Key],
) -> None:  # fmt: skip
    boxes = [i["variable"] for i in question["items"] if "choice" in i]
    ticked = (part[boxes] == "1").any(axis=1)
    for item in question["items"]:
        kind = item.get("type", question["type"])
        if kind not in (*CLOSED, NUMERIC) or "from" in item:
            continue
        cells = part[item["variable"]].where(~part["row"].isin(damaged[item["variable"]]), "")
        codes = [str(c["code"]) for c in item.get("scale", question.get("scale", []))]
        if kind == "multiple":
            codes, cells = ["0", "1"], cells.where(~ticked | (cells != ""), "0").where(ticked, "")
        usable = answering & cells.isin(codes)
        if kind == NUMERIC:
            usable = answering & cells.str.fullmatch(NUMBER)
            cells = cells.where(usable, "0").str.replace(",", ".").astype(float).map("{:g}".format)
        for column in levels:
            group, level = cast("tuple[str, str]", column)
            inside = cells[usable & levels[column]]
            for code, n in inside.value_counts().items():
                found[item["id"], str(code), group, level] += int(n)


def answers_of_lines(part: pd.DataFrame, questions: list[dict[str, Any]]) -> pd.Series:
    """The respondents: complete or partial, or dropped out after an answer to a question."""
    some = pd.Series(False, index=part.index)
    for question in questions:
        if question.get("asked") == "invitations":
            continue
        for item in question["items"]:
            if item["variable"] in part:
                column = part[item["variable"]].str.strip()
                box = item.get("type", question["type"]) == "multiple"
                some |= (column != "") & ~(box & (column == "0"))
    flags = [part[f"stato_{n}"] == "1" for n in (3, 4, 5)]
    return flags[0] | flags[1] | (flags[2] & some)


def levels_of_places(register: pd.DataFrame) -> pd.DataFrame:
    """A true/false column per group and level, with a line per municipality."""
    order = register.assign(name=register.index).sort_values(["expenditure_pressure", "code"])
    rank = pd.Series(range(len(order)), index=order["name"]).reindex(register.index)
    people, index = register["population_2015_01_01"], register["expenditure_pressure"]
    party, region = register["mayor_party_2014"], register["region"].str.lower()
    sizes = ["under_35000", "from_35000", "from_50000", "from_75000"]
    count = len(register)
    found: dict[tuple[str, str], pd.Series] = {}
    cuts: list[tuple[str, pd.Series, list[float], list[str]]] = [
        ("size", people, [35000, 50000, 75000], sizes),
        ("pressure_band", index, [95, 100, 105], ["lowest", "low_mid", "high_mid", "highest"]),
        ("pressure_half", rank * 2 // count, [1], ["low", "high"]),
        ("pressure_quintile", rank * 5 // count, [1, 2, 3, 4], ["q1", "q2", "q3", "q4", "q5"]),
    ]
    for group, values, bounds, names in cuts:
        place = sum((values >= bound).astype(int) for bound in bounds)
        for n, name in enumerate(names):
            found[group, name] = pd.Series(place == n, index=register.index)
    found["bloc", "blue"], found["bloc", "red"] = party.isin([*"VCO"]), party.isin([*"ABF"])
    found["bloc", "local"] = ~party.isin([*"VCOABF"])
    plain = region.str.replace("æ", "ae").str.replace("ø", "oe").str.replace("å", "aa")
    found |= {("region", name): plain == name for name in plain.unique()}
    return pd.DataFrame(found)


def areas(declared: dict[str, Any]) -> dict[str, str]:
    """One pattern per area, over lower-case text."""
    (group,) = [one for one in declared["groups"] if one["id"] == "area"]
    return {
        level["key"]: "|".join(f"(?:{pattern})" for pattern in level["rules"]["any"])
        for level in group["levels"]
    }


def _parts(dataset: Path) -> Iterator[pd.DataFrame]:
    start = 2
    for part in pd.read_csv(
        dataset, sep=";", encoding="cp1252", dtype=str, keep_default_na=False, chunksize=PART
    ):
        yield part.assign(row=range(start, start + len(part)))
        start += len(part)


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main(sys.argv[1:])
