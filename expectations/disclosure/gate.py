"""The gate before publication: real waves are examined, and the declared policy decides."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from declarations.survey.disclosure import BLOCK, SUPPRESS, UNNUMBERED, USUAL, WARN, Disclosure
from declarations.tables.unnumbered import read_unnumbered
from expectations.disclosure.block import BlockRespondent, Key
from expectations.disclosure.examine import (
    Examination,
    examination_in_words,
    examine,
    hidden_frame,
    item_frame,
)
from expectations.disclosure.outgoing import respondents
from expectations.disclosure.risk import risk_frame
from expectations.disclosure.tabulated import tabulated_figures
from runtime.output_versions import UNFINISHED, remove_versions
from runtime.private.folder import close_to_others
from runtime.safe_text import spreadsheet_frame
from runtime.store import Store, replace_text

ITEMS, HIDDEN, SUMMARY, RISK = "items", "suppression", "summary", "risk"
SCHEMA = "disclosure"
DECLARED = "disclosure_declared"  # entries of main.about and ABOUT.txt
WITHDREW = "removed, as they reveal more than the policy allows now: %s"
CONSTRUCTED = (
    "Not examined: the data are constructed, no answer is a real person's. `samspil disclosure "
    "{wave}` examines them anyway."
)


def examine_wave(
    study: Study,
    wave: str,
    settings: Disclosure,
    store: Store,
    report: Callable[[str], None] = lambda _: None,
) -> Examination:
    """Attack what a computed wave will publish. Raises LookupError if it was not computed."""
    asked = study.in_wave(wave)
    relations = store.read_all("clean", ["respondents", "memberships", "invitations"])
    answers = store.read_all("answers", [q.id for q in study.counted_questions])
    with store.connect() as connection:
        extra = tabulated_figures(asked, connection)
    everyone = respondents(
        asked,
        settings,
        relations["respondents"],
        pd.concat([relations["memberships"], extra.memberships], ignore_index=True),
        relations["invitations"],
        [*answers.values(), *extra.answers],
    )
    spoken = read_unnumbered(study) if UNNUMBERED in settings.covers else ()
    found = examine(asked, spoken, settings, everyone, extra, report)
    if not settings.identifying:
        return found
    return replace(found, risk=_risk(settings, everyone, relations))


def _risk(
    settings: Disclosure, everyone: Sequence[BlockRespondent], relations: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """How easily a reader recognises the lines of respondents, among everyone invited."""
    invited, people = relations["invitations"], relations["respondents"]["respondent"]
    names = [name for name in settings.identifying if name in invited]
    population, seen = None, list[tuple[str, ...]]()
    if names:
        own = dict(
            zip(invited["respondent"], invited[names].astype(str).agg(tuple, axis=1), strict=True)
        )
        population, seen = Counter(own.values()), [own[one] for one in people]
    sample = [one.known for one in everyone]
    return risk_frame(sample, settings.k, settings.identifying, population, names, seen)


def proposal_files(workspace: Workspace, wave: str) -> tuple[Path, Path]:
    """Paths of the two lists for people who may see answers: by item, and suppressed figures."""
    path = workspace.store(wave).path
    return path.with_name(f"{wave}.disclosure.csv"), path.with_name(f"{wave}.suppression.csv")


def write_proposal(workspace: Workspace, wave: str, found: Examination) -> tuple[Path, Path]:
    """Write both lists next to the working file, readable by the current user only."""
    paths = proposal_files(workspace, wave)
    for path, frame in zip(paths, (item_frame(found), hidden_frame(found)), strict=True):
        replace_text(path, spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n"))
        close_to_others(path, 0o600)
    return paths


def kept_frames(found: Examination | None) -> dict[str, pd.DataFrame]:
    """The stored examination of the working file; empty if there was none."""
    result = pd.DataFrame({"line": examination_in_words(found) if found else []}, dtype="object")
    found = found or Examination(Disclosure(policy=BLOCK), (), (), ())
    return {
        ITEMS: item_frame(found), HIDDEN: hidden_frame(found), SUMMARY: result, RISK: found.risk,
    }  # fmt: skip


def policy_met(settings: Disclosure, found: Examination) -> bool:
    """Whether the policy allows the publication.

    Under `warn`, whether there is nothing to warn about.
    """
    return found.restored if settings.policy == SUPPRESS else found.fine


def disclosure_of(study: Study, sheet: SourceSheet) -> Disclosure | None:
    """The gate's decision for a published wave; None for constructed data."""
    return None if sheet.constructed else study.gate or USUAL


def declared_of(version: Path) -> Disclosure | None:
    """The policy under which a version of a real wave was published; None if it is not recorded."""
    found = _about(version).get(DECLARED)
    try:
        return Disclosure.model_validate_json(found) if found else None
    except ValueError:
        return None


def breaks_policy(version: Path, settings: Disclosure) -> bool:
    """Whether a version reveals more of a real wave than the policy now allows."""
    if _about(version).get("origin") != "real":
        return False
    declared = declared_of(version)
    return declared is None or not settings.keeps(declared)


def _about(version: Path) -> dict[str, str]:
    try:
        lines = (version / "ABOUT.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    parts = (line.partition(": ") for line in lines)
    return {name: value for name, colon, value in parts if colon}


def withdraw_broken(workspace: Workspace, wave: str, settings: Disclosure) -> list[str]:
    """Remove the versions that reveal more than the policy allows; returns their paths.

    These are versions under a looser policy, and versions with other figures than those shown now:
    each was examined alone, and the differences between two may reveal an answer. It also removes
    versions that a killed command left unfinished: they may lack their policy.
    """
    gone = []
    for link in (workspace.output(wave), workspace.released(wave)):
        shown = link.resolve()

        def broken(version: Path, shown: Path = shown) -> bool:
            if version.suffix == UNFINISHED or breaks_policy(version, settings):
                return True
            return settings.policy != WARN and other_figures(version, shown)

        gone += remove_versions(link, broken)
    return [str(path.relative_to(workspace.root)) for path in gone]


def other_figures(version: Path, shown: Path) -> bool:
    """Whether a version of a real wave has other figures than another one."""
    if _about(version).get("origin") != "real" or not shown.is_dir():
        return False
    return _figures(version) != _figures(shown)


def _figures(version: Path) -> dict[str, str]:
    """A hash of each file of figures."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in version.glob("*.csv")
    }


def suppressed(settings: Disclosure, frame: pd.DataFrame) -> set[Key]:
    """The figures hidden in the publication; `frame` is the stored proposal."""
    if settings.policy != SUPPRESS:
        return set()
    names = ["item", "answer", "group", "level"]
    return {(i, a, g, lv) for i, a, g, lv in frame[names].itertuples(index=False)}
