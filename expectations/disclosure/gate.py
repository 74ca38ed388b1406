"""The gate before publication: real waves are examined, and the declared policy decides."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from declarations.survey.disclosure import BLOCK, SUPPRESS, UNNUMBERED, Disclosure
from declarations.tables.unnumbered import read_unnumbered
from expectations.disclosure.block import Key
from expectations.disclosure.examine import Examination, examine, hidden_frame, item_frame, summary
from expectations.disclosure.outgoing import respondents
from expectations.disclosure.tabulated import tabulated
from runtime.private.folder import close_to_others
from runtime.safe_text import spreadsheet_frame
from runtime.store import Store, replace_text

ITEMS, HIDDEN, SUMMARY = "items", "suppression", "summary"
SCHEMA = "disclosure"
CONSTRUCTED = (
    "Not examined: the data are constructed, no answer is a real person's. "
    "`samspil disclosure {wave}` examines them all the same."
)


def examine_wave(study: Study, wave: str, settings: Disclosure, store: Store) -> Examination:
    """Attack what is to be published of a wave that was computed. LookupError where it was not."""
    asked = study.in_wave(wave)
    relations = store.read_all("clean", ["respondents", "memberships", "invitations"])
    answers = store.read_all("answers", [q.id for q in study.counted_questions])
    with store.connect() as connection:
        extra = tabulated(asked, connection)
    everyone = respondents(
        asked,
        settings,
        relations["respondents"],
        pd.concat([relations["memberships"], extra.memberships], ignore_index=True),
        relations["invitations"],
        [*answers.values(), *extra.answers],
    )
    spoken = read_unnumbered(study) if UNNUMBERED in settings.covers else ()
    return examine(asked, spoken, settings, everyone, extra)


def proposal_files(workspace: Workspace, wave: str) -> tuple[Path, Path]:
    """Where the lists are for whoever may see the answers: by item, and what to suppress."""
    path = workspace.store(wave).path
    return path.with_name(f"{wave}.disclosure.csv"), path.with_name(f"{wave}.suppression.csv")


def write_proposal(workspace: Workspace, wave: str, found: Examination) -> tuple[Path, Path]:
    """Write both lists beside the working file, for the user alone."""
    paths = proposal_files(workspace, wave)
    for path, frame in zip(paths, (item_frame(found), hidden_frame(found)), strict=True):
        replace_text(path, spreadsheet_frame(frame).to_csv(index=False, lineterminator="\n"))
        close_to_others(path, 0o600)
    return paths


def kept_frames(found: Examination | None) -> dict[str, pd.DataFrame]:
    """What is kept of the examination in the working file; empty where there was none."""
    told = pd.DataFrame({"line": summary(found) if found else []}, dtype="object")
    found = found or Examination(Disclosure(policy=BLOCK), (), (), ())
    return {ITEMS: item_frame(found), HIDDEN: hidden_frame(found), SUMMARY: told}


def passed(settings: Disclosure, found: Examination) -> bool:
    """Whether the policy lets the results out (or, of `warn`, has nothing to say)."""
    return found.restored if settings.policy == SUPPRESS else found.fine


def holds_back(settings: Disclosure | None, sheet: SourceSheet) -> bool:
    """Whether what is published is confined to what was examined."""
    return settings is not None and not sheet.constructed and settings.policy in (BLOCK, SUPPRESS)


def suppressed(settings: Disclosure, frame: pd.DataFrame) -> set[Key]:
    """The figures hidden in what is published; `frame` is what is kept of the proposal."""
    if settings.policy != SUPPRESS:
        return set()
    names = ["item", "answer", "group", "level"]
    return {(i, a, g, lv) for i, a, g, lv in frame[names].itertuples(index=False)}
