"""checks.html: all checks of a wave and their results, for readers without the UI.

One file without scripts, links or other resources. All text from the data is masked like messages
and escaped by the template.
"""

from __future__ import annotations

import re
from pathlib import Path

from assets.raw.rules.judge import PASSED, SET_ASIDE, STOPPED, WARNED
from assets.step.markdown import DATA_LABEL
from assets.step.workspace import Workspace
from declarations import SourceSheet, Study
from declarations.labels import Label
from declarations.survey.rules import ANSWER, BLOCK, FILE, QUARANTINE, ROW, WARN
from expectations.checks_record import Record, read_record
from runtime.store import replace_text

TEMPLATE = Path(__file__).with_name("checks.html.jinja")
NOT_RUN = ""
OUTCOMES = {
    PASSED: Label("bestået", "passed"),
    WARNED: Label("advarsel", "warned"),
    SET_ASIDE: Label("sat til side", "set aside"),
    STOPPED: Label("stoppet", "stopped"),
    NOT_RUN: Label("ikke nået", "not reached"),
}
CLASSES = {
    PASSED: "passed",
    WARNED: "warned",
    SET_ASIDE: "aside",
    STOPPED: "stopped",
    NOT_RUN: "open",
}
UNITS = {FILE: Label("fil", "file"), ROW: Label("linje", "row"), ANSWER: Label("svar", "answer")}
KINDS = {
    BLOCK: Label("stop", "block"),
    QUARANTINE: Label("karantæne", "quarantine"),
    WARN: Label("advarsel", "warn"),
}
OVERALL = {
    STOPPED: Label(
        "Kørslen er stoppet. De offentliggjorte resultater er fra den sidste vellykkede kørsel.",
        "The run was stopped. The published results are those of the last good run.",
    ),
    SET_ASIDE: Label(
        "Rækker eller svar er sat i karantæne og indgår ikke i nogen tabel.",
        "Rows or answers are quarantined and enter no table.",
    ),
    WARNED: Label("Der er advarsler.", "There are warnings."),
    PASSED: Label("Intet at bemærke.", "Nothing to remark."),
    NOT_RUN: Label("Kontrollerne er ikke kørt.", "The checks were not run."),
}
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def checks_page(study: Study, sheet: SourceSheet, record: Record) -> str:
    """The page as text; the same record gives the same text."""
    # loading the code location must not wait for this import
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True
    )
    environment.filters["plain"] = without_controls
    environment.filters["percent"] = percent_text
    overall = _overall(record)
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        title=study.title.both,
        wave=sheet.wave,
        banner=DATA_LABEL[sheet.shown_as],
        statement=sheet.statement,
        record=record,
        overall=overall,
        broken=[entry for entry in record.rules if entry.outcome not in (PASSED, NOT_RUN)],
        said=OVERALL[overall],
        outcomes=OUTCOMES,
        classes=CLASSES,
        units=UNITS,
        kinds=KINDS,
    )


def write_failed_page(workspace: Workspace, study: Study, wave: str) -> None:
    """Write the page of a run that a check stops; see Workspace.failed_page."""
    record = read_record(workspace.store(wave), study)
    replace_text(
        workspace.failed_page(wave), checks_page(study, workspace.sheet(study, wave), record)
    )


def without_controls(text: str) -> str:
    """Text without control characters, which could reverse the words of a page."""
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def percent_text(share: float) -> str:
    """A share as a percentage with as many decimals as it has, at most two, and a Danish comma."""
    return f"{100 * share:.2f}".rstrip("0").rstrip(".").replace(".", ",") + " %"


def _overall(record: Record) -> str:
    came = {entry.outcome for entry in record.rules} | {s.outcome for s in record.suites}
    came |= {str(balance["outcome"]) for balance in record.balances}
    for outcome in (STOPPED, SET_ASIDE, WARNED, PASSED):
        if outcome in came:
            return outcome
    return NOT_RUN
