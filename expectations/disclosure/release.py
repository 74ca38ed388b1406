"""Decides what a real wave publishes: masked figures, and nothing without permission.

Pure functions of relations by (schema, name). The step that makes a relation declares what it holds
(`Published.holds`). A relation without a declaration is withheld. Under `block` and `suppress` only
examined figures are published, so a relation computed from answers must be named here too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from assets.step.declaring import FACTS, FIGURES, RESPONDENTS
from assets.tables.results import SUPPRESSED
from assets.tabulate.request import Request
from declarations import Table
from declarations.survey.disclosure import DEVIATIONS, OPEN, UNNUMBERED, WARN, Disclosure
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
    """A table's results in which the mark replaces hidden figures and the `note` names the reason.

    A percentage is hidden if its count or its base is hidden, a difference if one of its columns
    is.
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
    # integer columns read from the working file cannot hold missing values
    masked = results.astype({"numerator": "Int64", "base": "Int64"})
    # cells of questions that the wave did not ask are empty already
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
    """Lines of the deviations with a hidden figure keep only item and level.

    If any line is masked, `q` is removed from all lines, because it is computed from all p.
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
    """The part of the list by item that reveals no answer: the result after suppression."""
    kept = ["items", "figures", "answers_after", "revealed_after", "unproven_after"]
    return items[kept].rename(columns=lambda name: name.removesuffix("_after"))


@dataclass(frozen=True)
class Released:
    """The published relations, and names of relations by their treatment.

    Treatments are: examined, published without examination, withheld.
    """

    relations: dict[Place, pd.DataFrame]
    examined: list[str]
    unexamined: list[str]
    withheld: list[str]


def sort_relations(
    relations: Relations,
    holds: Mapping[Place, str],
    tables: Iterable[Table],
    spoken: Iterable[Table],
    settings: Disclosure,
    hidden: Collection[Key],
    requests: Iterable[Request] = (),
) -> Released:
    """Sort the relations of a real wave by their declared content and by the examination.

    `holds` is the declared content of each place. `requests` are the tables in the short form and
    the banner book.
    """
    facts = {place for place in relations if holds.get(place) == FACTS}
    examined = _examined(relations, tables, spoken, settings, hidden, requests)
    kept = {place: relations[place] for place in facts} | examined
    if REPRODUCTION in relations and not hidden:
        # the figures of the tables, next to the printed ones
        kept[REPRODUCTION] = relations[REPRODUCTION]
        examined[REPRODUCTION] = relations[REPRODUCTION]
    if settings.policy == WARN:
        kept |= {p: f for p, f in relations.items() if holds.get(p) == FIGURES and p not in kept}
    if settings.microdata == OPEN:
        kept |= {p: frame for p, frame in relations.items() if holds.get(p) == RESPONDENTS}
    elif QUARANTINE in relations:
        kept[QUARANTINE] = without_values(relations[QUARANTINE])
    # Without values the quarantine reveals no answer, but the list of its figures must still be
    # published.
    silent = facts if settings.microdata == OPEN else facts | {QUARANTINE}
    out = [place for place in kept if place not in silent and place not in examined]
    withheld = [place for place in relations if place not in kept]
    kept[SUPPRESSION] = pd.DataFrame(sorted(hidden), columns=list(PUBLIC_COLUMNS), dtype="object")
    return Released(kept, *(_named(places) for places in (examined, out, withheld)))


def _examined(
    relations: Relations,
    tables: Iterable[Table],
    spoken: Iterable[Table],
    settings: Disclosure,
    hidden: Collection[Key],
    requests: Iterable[Request],
) -> dict[Place, pd.DataFrame]:
    """The examined relations, masked."""
    kept, figures = {}, []
    for table in tables:
        place = ("tables", table.id)
        if table.cells:
            kept[place] = mask_table(table, relations[place], hidden, settings.mark)
            figures.append(kept[place])
    kept[RESULTS] = pd.concat(figures, ignore_index=True) if figures else relations[RESULTS]
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
    return kept


def without_values(quarantine: pd.DataFrame) -> pd.DataFrame:
    """The quarantine without answers: rule, column and row of the file."""
    return quarantine.assign(value="")


def _named(places: Iterable[Place]) -> list[str]:
    return sorted(".".join(place) for place in places)
