"""What goes out where a policy holds something back: masked figures, and nothing uncovered.

Pure: relations as (schema, name) in, and out. Of what rests on answers only what the attacker was
given goes out. A relation that is not named here does not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np
import pandas as pd

from assets.tables.results import SUPPRESSED
from assets.tabulate.request import Request
from declarations import Table
from declarations.survey.disclosure import DEVIATIONS, UNNUMBERED, Disclosure
from expectations.disclosure.block import Key
from expectations.disclosure.examine import PUBLIC_COLUMNS
from expectations.disclosure.outgoing import base_keys, deviation_keys, value_key
from expectations.disclosure.tabulated import mask_tabulated

Place = tuple[str, str]
Relations = Mapping[Place, pd.DataFrame]
RESULTS, REPRODUCTION = ("results", "results"), ("checks", "reproduction")
QUARANTINE = ("checks", "quarantine")
SUPPRESSION, EXAMINED = ("disclosure", "suppression"), ("disclosure", "disclosure")
TEXTS = ("direction", "leading_code")
NUMBERS = (
    "share", "share_others", "difference", "leading_difference", "statistic", "df", "p",
    "cramers_v",
)  # fmt: skip


def mask_table(
    table: Table, results: pd.DataFrame, hidden: Collection[Key], mark: str
) -> pd.DataFrame:
    """A table's results with hidden figures replaced by the mark; `note` says so.

    A percentage needs its count and its base, a difference both of its columns.
    """
    if not hidden:
        return results
    gone: dict[tuple[str, str, str], bool] = {}
    bases = []
    for cell in table.cells:
        key, below = value_key(cell), base_keys(cell)
        bases.append(any(base in hidden for base in below))
        own = bases[-1] or key in hidden
        if cell.of:
            own = any(gone[cell.row, cell.group_key, column] for column in cell.of)
        gone[cell.row, cell.group_key, cell.column] = own
    lines = np.array(list(gone.values()), dtype=bool)
    if len(lines) != len(results) or len(bases) != len(results):
        raise ValueError(f"{table.id}: {len(results)} results for {len(lines)} cells")
    # as read from the working file they could not be empty
    masked = results.astype({"numerator": "Int64", "base": "Int64"})
    # what the wave did not ask is not there to be hidden
    lines &= masked["formatted"].ne("").to_numpy()
    masked.loc[lines, "value"] = np.nan
    masked.loc[lines, "numerator"] = pd.NA
    masked.loc[np.array(bases, dtype=bool), "base"] = pd.NA
    masked.loc[lines, "formatted"] = mark
    masked["note"] = [
        "; ".join(filter(None, (note, SUPPRESSED if is_gone else "")))
        for note, is_gone in zip(masked["note"], lines, strict=True)
    ]
    return masked


def mask_deviations(frame: pd.DataFrame, hidden: Collection[Key]) -> pd.DataFrame:
    """Lines of the deviations that rest on a hidden figure keep item and level only.

    `q` goes everywhere where a line does: it is made of all p of a group.
    """
    if not hidden:
        return frame
    places = list(zip(frame["item"], frame["group"], frame["level"], strict=True))
    lines = np.array([any(key in hidden for key in deviation_keys(*p)) for p in places], dtype=bool)
    based = np.array([(i, "total", g, lv) in hidden for i, g, lv in places], dtype=bool)
    masked = frame.copy()
    for name in TEXTS:
        masked[name] = masked[name].where(~lines, "")
    for name in NUMBERS:
        masked[name] = masked[name].astype("float64").where(~lines)
    masked["small_expected"] = masked["small_expected"].astype("boolean").where(~lines)
    for name in ("n", "n_others"):
        masked[name] = masked[name].astype("Int64").where(~based)
    masked.loc[lines, "direction"] = SUPPRESSED
    if lines.any():
        masked["q"] = np.nan
    return masked


def public_items(items: pd.DataFrame) -> pd.DataFrame:
    """Of what was found by item the part that tells nobody's answer: what follows now."""
    kept = ["items", "figures", "answers_after", "revealed_after", "unproven_after"]
    return items[kept].rename(columns=lambda name: name.removesuffix("_after"))


def release(
    relations: Relations,
    without_answers: Collection[Place],
    tables: Iterable[Table],
    spoken: Iterable[Table],
    settings: Disclosure,
    hidden: Collection[Key],
    requests: Iterable[Request] = (),
) -> tuple[dict[Place, pd.DataFrame], list[str]]:
    """What may go out, masked, and the names of what is withheld.

    `without_answers` rest on no answers: the register, print, and what print says of itself.
    `requests` are the tables in the short form and the banner book.
    """
    kept = {place: frame for place, frame in relations.items() if place in without_answers}
    figures = []
    for table in tables:
        place = ("tables", table.id)
        kept[place] = relations[place]
        if table.cells:
            kept[place] = mask_table(table, relations[place], hidden, settings.mark)
            figures.append(kept[place])
    kept[RESULTS] = pd.concat(figures, ignore_index=True) if figures else relations[RESULTS]
    if QUARANTINE in relations:
        kept[QUARANTINE] = relations[QUARANTINE].assign(value="")
    if REPRODUCTION in relations and not hidden:
        kept[REPRODUCTION] = relations[REPRODUCTION]
    unnumbered = ("results", "unnumbered")
    if UNNUMBERED in settings.covers and unnumbered in relations:
        by_id = dict(tuple(relations[unnumbered].groupby("table", sort=False)))
        kept[unnumbered] = pd.concat(
            [mask_table(t, by_id[t.id], hidden, settings.mark) for t in spoken], ignore_index=True
        )
    deviations = ("results", "deviations")
    if DEVIATIONS in settings.covers and deviations in relations:
        kept[deviations] = mask_deviations(relations[deviations], hidden)
    crosstabs = ("results", "crosstabs")
    if crosstabs in relations:
        kept[crosstabs] = mask_tabulated(relations[crosstabs], requests, hidden, settings.mark)
    withheld = [f"{schema}.{name}" for schema, name in relations if (schema, name) not in kept]
    kept[SUPPRESSION] = pd.DataFrame(sorted(hidden), columns=list(PUBLIC_COLUMNS), dtype="object")
    return kept, withheld
