"""The printed tables counted from the export with pandas, independently of all other code.

Reads the declarations as plain YAML and merges the coordinates of a cell itself. A mistake shared
by `assets` and `reconstruction` would therefore show here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

STUDY = Path(__file__).resolve().parents[2] / "studies" / "samspil"
WAVE = STUDY / "waves" / "2015"


@cache
def declared(name: str) -> Any:
    return yaml.safe_load((STUDY / name).read_text(encoding="utf-8"))


@cache
def export() -> pd.DataFrame:
    return pd.read_csv(
        WAVE / "dataset.csv", sep=";", encoding="cp1252", dtype=str, keep_default_na=False
    )


@cache
def items() -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted((STUDY / "questions").glob("*.yaml")):
        question = yaml.safe_load(path.read_text(encoding="utf-8"))
        # the committed wave is the first: it has nothing that was asked from another wave on
        if "from" in question:
            continue
        question["items"] = [item for item in question["items"] if "from" not in item]
        for item in question["items"]:
            kind = item.get("type", question["type"])
            scale = item.get("scale", question.get("scale", []))
            found[item["id"]] = {**item, "type": kind, "question": question, "scale": scale}
    return found


@cache
def answers(item: str) -> pd.Series:
    """Codes as numbers, missing if unanswered.

    Boxes count for respondents who ticked at least one.
    """
    entry = items()[item]
    column = export()[entry["variable"]]
    if entry["type"] != "multiple":
        return pd.to_numeric(column.where(column != ""))
    boxes = [i["variable"] for i in entry["question"]["items"] if "choice" in i]
    some = (export()[boxes] == "1").any(axis=1)
    return pd.to_numeric(column.where(some))


@cache
def levels() -> dict[str, pd.DataFrame]:
    """Per group, one true/false column per level for every line of the export."""
    register = pd.read_csv(WAVE / "municipalities.csv", dtype={"code": str}).set_index("name")
    of = register.loc[export()["kommune"]].reset_index(drop=True)
    pressure = register.assign(name=register.index).sort_values(["expenditure_pressure", "code"])
    rank = pd.Series(range(len(pressure)), index=pressure["name"])[export()["kommune"]]
    rank = rank.reset_index(drop=True)
    people, index = of["population_2015_01_01"], of["expenditure_pressure"]
    text = export()["s_5"].str.lower()
    areas = {}
    for group in declared("study.yaml")["groups"]:
        if group["id"] == "area":
            for level in group["levels"]:
                pattern = "|".join(f"(?:{p})" for p in level["rules"]["any"])
                areas[level["key"]] = text.map(lambda t, p=pattern: bool(re.search(p, t)))
                assert not level["rules"].get("none")
    party = of["mayor_party_2014"]
    return {
        "all": pd.DataFrame({"all": [True] * len(of)}),
        "area": pd.DataFrame(areas),
        "size": _cut(people, [35000, 50000, 75000], "under_35000 from_35000 from_50000 from_75000"),
        "pressure_band": _cut(index, [95, 100, 105], "lowest low_mid high_mid highest"),
        "pressure_half": _cut(rank * 2 // 98, [1], "low high"),
        "pressure_quintile": _cut(rank * 5 // 98, [1, 2, 3, 4], "q1 q2 q3 q4 q5"),
        "bloc": pd.DataFrame({"blue": party.isin(list("VCO")), "red": party.isin(list("ABF"))}),
        "region": pd.get_dummies(of["region"].str.lower()).astype(bool),
        "municipality": pd.get_dummies(of["code"]).astype(bool),
    }


def _cut(values: pd.Series, cuts: list[float], names: str) -> pd.DataFrame:
    part = sum((values >= cut).astype(int) for cut in cuts)
    return pd.DataFrame({name: part == i for i, name in enumerate(names.split())})


def within(group: str, level: str) -> pd.Series:
    table = levels()[group]
    return ~table[level[1:]] if level.startswith("!") else table[level]


def percent(count: int, base: int, decimals: int) -> str:
    scale = 10**decimals
    return f"{math.floor(count / base * 100 * scale + 0.5) / scale:.{decimals}f}"


def cells(table: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Merged coordinates of a table's cells in reading order."""
    for row in table["rows"]:
        for group in row.get("groups", [{}]):
            for column in table["columns"]:
                cell = {"group": "all", "level": "all", "statistic": "percent"}
                for part in (table.get("cell", {}), row, group, column):
                    cell |= {k: v for k, v in part.items() if k not in ("da", "en", "groups")}
                if "item_role" in column:
                    cell["item"] = row["items"][column["item_role"]]
                yield {**cell, "row_key": row["key"], "column_key": column["key"]}


@cache
def status() -> pd.Series:
    data = export()
    skip = {"respondent", "kommune", *(f"stato_{i}" for i in range(1, 6))}
    answered = (
        data[[c for c in data.columns if c not in skip]]
        .apply(lambda c: (c != "") & ~(c.name.startswith("s_98_") & (c == "0")))
        .any(axis=1)
    )
    result = pd.Series("none", index=data.index)
    result[answered] = "partial"
    result[data["stato_4"] == "1"] = "complete"
    return result


def figures(table: dict[str, Any]) -> list[tuple[str, int | None]]:
    """Every figure of a table as print would show it, and its base."""
    result: list[tuple[str, int | None]] = []
    kept: dict[tuple[str, str], float] = {}
    for cell in cells(table):
        decimals = cell.get("decimals", 0 if cell["statistic"] == "count" else 1)
        if "of" in cell:
            a, b = (kept[cell["row_key"], name] for name in cell["of"])
            value = round(a - b, 1)
            if cell["statistic"] == "relative_difference":
                value = 100 * value / a
            scale = 10**decimals
            shown = f"{math.floor(value * scale + 0.5) / scale:.{decimals}f}"
            result.append((shown, None))
            continue
        series = status() if cell["item"] == "status" else answers(cell["item"])
        inside = within(cell["group"], str(cell["level"])) & series.notna()
        base = int(inside.sum())
        hit = inside if cell["code"] == "total" else inside & (series == cell["code"])
        count = int(hit.sum())
        # Table 6.5 subtracts the figures as printed: 64.0 - 20.8 = 43.2, and 43.2 of 64.0 is 67.5.
        # The unrounded percentages would give 67 where print has 68.
        kept[cell["row_key"], cell["column_key"]] = float(percent(count, base, 1)) if base else 0.0
        shown = str(count) if cell["statistic"] == "count" else percent(count, base, decimals)
        result.append((shown, base))
    return result
