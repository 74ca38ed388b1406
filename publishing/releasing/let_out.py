"""What readers get of a wave: all constructed data, and of real data what the policy permits."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from assets.tabulate.request import requests_of
from declarations import SourceSheet, Study
from declarations.fields.fields import fields_of
from declarations.survey.disclosure import OPEN, WARN, Disclosure
from declarations.tables.unnumbered import read_unnumbered
from expectations.checks_record import Record
from expectations.disclosure.assets import GATE
from expectations.disclosure.assets import SUPPRESSION as HIDDEN
from expectations.disclosure.gate import DECLARED, RISK, SUMMARY, disclosure_of, suppressed
from expectations.disclosure.release import EXAMINED, Place, Released, public_items, sort_relations
from runtime.snapshot import SNAPSHOT
from runtime.store import Store

WITHHELD = "disclosure_withheld"  # in main.about
UNEXAMINED = "disclosure_unexamined"
# Relations that the disclosure gate adds to the publication of a real wave.
OF_THE_GATE = ("disclosure", "suppression", "risk")
RISK_PLACE = (GATE.path[0], RISK)
# Files and folders that contain only relations which the gate has approved.
PAGES = frozenset(
    {"ABOUT.txt", "checks.html", "deviations.md", "tables", "report", "audit", SNAPSHOT}
)
# The relation whose figures each of these files shows.
DRAWN_FROM = {"deviations.md": ("results", "deviations")}
Relations = Mapping[Place, pd.DataFrame]


class UnaccountedError(RuntimeError):
    """A file or relation of a real wave that no policy permits was about to be published."""


@dataclass(frozen=True)
class LetOut:
    """The permitted relations, and the statement for readers.

    Without a `policy` all relations are permitted.
    """

    policy: Disclosure | None
    relations: dict[Place, pd.DataFrame]
    about: dict[str, Any] = field(default_factory=dict)


def let_out_of(
    study: Study,
    sheet: SourceSheet,
    store: Store,
    relations: Relations,
    holds: Mapping[Place, str],
) -> LetOut:
    """What a wave publishes. Raises LookupError if a real wave was not examined."""
    settings = disclosure_of(study, sheet)
    if settings is None:
        return LetOut(None, dict(relations))
    hidden = suppressed(settings, store.read(*HIDDEN.path))
    spoken = [result.table for result in read_unnumbered(study)]
    asked = study.in_wave(sheet.wave)
    requests = requests_of(asked, fields_of(asked))
    found = sort_relations(relations, holds, study.tables, spoken, settings, hidden, requests)
    kept, items = found.relations, store.read(*GATE.path)
    kept[EXAMINED] = items if settings.policy == WARN else public_items(items)
    if settings.microdata == OPEN:
        kept[RISK_PLACE] = store.read(*RISK_PLACE)
    text = "; ".join(store.read(GATE.path[0], SUMMARY)["line"])
    return LetOut(settings, kept, _about(settings, found, len(hidden), text))


def _about(settings: Disclosure, found: Released, hidden: int, text: str) -> dict[str, Any]:
    if settings.policy == WARN:
        first = text
    else:
        first = "no answer of an identifiable respondent follows from the figures examined"
        first += f"; {hidden} figures are suppressed"
        first += f" and shown as {settings.mark} (suppression.csv)" if hidden else ""
    return {
        "disclosure_policy": settings.policy,
        "disclosure_k": settings.k,
        "disclosure_microdata": settings.microdata,
        "disclosure": f"{first}. {scope_in_words(found)}",
        **({WITHHELD: ", ".join(found.withheld)} if found.withheld else {}),
        **({UNEXAMINED: ", ".join(found.unexamined)} if found.unexamined else {}),
        DECLARED: settings.model_dump_json(exclude_unset=True),
        "release": "pending if there is no RELEASE.json next to this file (samspil release)",
    }


def scope_in_words(found: Released) -> str:
    """One sentence: what was examined, and what was not."""
    examined = ", ".join(name for name in found.examined if not name.startswith("tables."))
    sentence = (
        f"Examined: {examined}, and the tables, pages and charts made from them. "
        "Published without being examined: "
    )
    return sentence + (", ".join(found.unexamined) or "none") + "."


def shown_record(record: Record, let_out: LetOut) -> Record:
    """The record of checks. It omits examples if lines of respondents are withheld."""
    if let_out.policy is None or let_out.policy.microdata == OPEN:
        return record
    return replace(record, rules=tuple(replace(rule, examples=()) for rule in record.rules))


def require_accounted(folder: Path, let_out: LetOut) -> None:
    """Check that the policy allows every file and relation in a folder of a real wave.

    Raises UnaccountedError, which stops the publication, if a file or relation is not allowed.
    """
    if let_out.policy is None:
        return
    kept = let_out.relations
    named = {f"{name}.csv" for _, name in kept}
    wrong = sorted(p.name for p in folder.iterdir() if p.name not in PAGES | named)
    wrong += [
        name for name, place in DRAWN_FROM.items() if (folder / name).exists() and place not in kept
    ]
    with closing(duckdb.connect(str(folder / SNAPSHOT), read_only=True)) as connection:
        found = connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() UNION ALL "
            "SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
    places = {*kept, ("main", "about")}
    open_lines = let_out.policy.microdata == OPEN
    wrong += [
        f"{schema}.{name}"
        for schema, name in found
        if (schema, name) not in places and not (open_lines and schema == "coded")
    ]
    if wrong:
        raise UnaccountedError(
            f"not published: a real wave would publish {', '.join(wrong)}, which no disclosure "
            "policy allows (expectations/disclosure/release.py)"
        )
