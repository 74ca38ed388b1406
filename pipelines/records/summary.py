"""The summary of a run in a few lines: assets, checks, figures, output."""

from __future__ import annotations

import csv
import errno
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

from assets.step.markdown import DATA_LABEL
from declarations import SpecError
from pipelines.records.standing_runs import causes
from publishing.chapters import PUBLISHED
from publishing.releasing.let_out import WITHHELD
from replication.deciding.facts import CONTRADICTED
from runtime.faults import DamagedFileError, DiskFullError
from runtime.output_versions import LinkError, previous_version
from runtime.safe_text import plain_lines, visible

FRAME = re.compile(r'File "(?P<file>[^"]+)", line (?P<line>[0-9]+), in (?P<code>[^\n]+)')
FILES_OPEN = re.compile(rf"\[Errno (?:{errno.EMFILE}|{errno.ENFILE})\]")
CLAIMS = "claims.csv"
ROOT = Path(__file__).resolve().parents[2]
# errors whose message says what to do, so their place in the code is not shown
PLAIN = {error.__name__ for error in (DamagedFileError, DiskFullError, LinkError, SpecError)}


def summarize_run(
    results: Sequence[dg.ExecuteInProcessResult], output: Path, failed_page: Path
) -> dict[str, Any]:
    """The summary text with its facts: success, failed_checks.

    `recorded` is the summary for the published record. If something is withheld, it omits the
    messages of checks, because they may quote what is withheld.

    The results are of consecutive runs; they are empty if there was nothing to do. `failed_page` is
    the page of checks of a run that a check stopped.
    """
    events = [event for result in results for event in result.all_events]
    materialized = [event for event in events if event.is_step_materialization]
    # if a check ran several times, its last result counts
    evaluations = list({
        (e.asset_key, e.check_name): e
        for result in results for e in result.get_asset_check_evaluations()
    }.values())  # fmt: skip
    failed = [e for e in evaluations if not e.passed]
    success = all(result.success for result in results)
    parts = [_failure(event) for event in events if event.is_step_failure]
    if not parts:
        # the run ended before its first step: its wave or a folder could not be used
        parts = [_run_failure(event) for event in events if event.is_job_failure]
    names = []
    for check in failed:
        where = f"{check.asset_key.to_user_string()}: {check.check_name}"
        names.append(f"check {check.severity.value}: {where}")
        parts.append(f"{names[-1]}\n{_indent(plain_lines(check.description or ''))}")
    lines = []
    lines.append(
        f"wave {output.name}: {len({e.asset_key for e in materialized})} assets materialized, "
        f"{len(evaluations) - len(failed)} of {len(evaluations)} checks passed"
    )
    if not success and failed_page.exists():
        lines.append(f"page of checks: {_shown(failed_page)}")
    if success:
        lines += _results(output)
        if any(event.asset_key == PUBLISHED for event in materialized):
            lines[1:1] = newly_contradicted(output)
    elif (output / "results.csv").exists():
        lines.append(f"the run failed; {_shown(output)} still has the results of the last good run")
    else:
        lines.append("the run failed; nothing was published")
    return {
        "success": success,
        "failed_checks": len(failed),
        "summary": visible("\n".join([*parts, *lines]), keep="\n"),
        "recorded": visible(
            "\n".join([*(names if _holds_back(output) else parts), *lines]), keep="\n"
        ),
    }


def _holds_back(output: Path) -> bool:
    """Whether a disclosure policy withholds anything from readers."""
    about = output / "ABOUT.txt"
    return about.is_file() and f"\n{WITHHELD}: " in about.read_text(encoding="utf-8")


def _results(output: Path) -> list[str]:
    found: Counter[str] = Counter()
    if (output / "reproduction.csv").exists():
        with (output / "reproduction.csv").open(encoding="utf-8", newline="") as stream:
            found.update(line["status"] for line in csv.DictReader(stream))
    lines = []
    with (output / "quarantine.csv").open(encoding="utf-8", newline="") as stream:
        aside = {(x["unit"], x["file_row"], x["unit"] == "answer" and x["variable"])
                 for x in csv.DictReader(stream)}  # fmt: skip
    if aside:
        rows = sum(unit == "row" for unit, *_ in aside)
        parts = [_number(rows, "row"), _number(len(aside) - rows, "answer")]
        named = " and ".join(filter(None, parts))
        lines.append(f"{named} quarantined, not counted: see quarantine.csv")
    if found:
        lines.append(
            f"{sum(found.values())} printed figures: {found['exact']} exact, "
            f"{found['erratum']} errata (print cannot be right), {found['differs']} differ"
        )
    elif (output / "reproduction.csv").exists():
        lines.append("no figure was compared: the report is not about this wave")
    first, *_ = (output / "ABOUT.txt").read_text(encoding="utf-8").splitlines()
    if first in DATA_LABEL.values():
        lines.append(first)
    files = ("results.csv", "tables/", "reproduction.csv", "checks.html", "samspil.duckdb")
    names = [name for name in files if (output / name).exists()]
    lines.append(f"output: {_shown(output)}/ ({', '.join(names)})")
    return lines


def newly_contradicted(output: Path) -> list[str]:
    """A line for each claim that is contradicted now and was not in the version before.

    None for the first version: there is nothing to compare it with.
    """
    before = previous_version(output)
    if before is None or not (before / CLAIMS).is_file() or not (output / CLAIMS).is_file():
        return []
    known = {claim["id"] for claim in _contradicted(before)}
    return [
        f"newly contradicted: {claim['id']} (section {claim['section']}): {claim['statement']} "
        f"Expected {claim['expected']}, computed {claim['computed']}."
        for claim in _contradicted(output)
        if claim["id"] not in known
    ]


def _contradicted(folder: Path) -> list[dict[str, str]]:
    with (folder / CLAIMS).open(encoding="utf-8", newline="") as stream:
        return [line for line in csv.DictReader(stream) if line["verdict"] == CONTRADICTED]


def _number(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}" if n else ""


def step_failures(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """The message of each failed step."""
    return [_step_error(event) for event in events if event.is_step_failure]


def _failure(event: dg.DagsterEvent) -> str:
    error = event.step_failure_data.error
    if error is not None and error.cls_name == "DagsterAssetCheckFailedError":
        return f"step {event.step_key}: a blocking check did not pass, see below"
    return f"step {event.step_key} failed:\n{_indent(_step_error(event))}"


def _step_error(event: dg.DagsterEvent) -> str:
    """What a failed step says, or the kind and place of its unexpected error."""
    error, described = event.step_failure_data.error, event.step_failure_data.user_failure_data
    if described is not None and described.description:
        return described.description
    said = _plain(error, PLAIN)
    return _unexpected(error) if said is None else said


def _run_failure(event: dg.DagsterEvent) -> str:
    error = event.job_failure_data.error
    said = _plain(error, {"Failure", *PLAIN})
    return f"the run failed: {_unexpected(error)}" if said is None else said


def _plain(error: SerializableErrorInfo | None, kinds: Collection[str]) -> str | None:
    """The message of the first error of these kinds among an error and its causes."""
    found = (one.message for one in causes(error) if one.cls_name in kinds)
    return next(map(_message, found), None)


def _unexpected(error: SerializableErrorInfo | None) -> str:
    """Kind and place of an unexpected error; its traceback is in Dagster's event log."""
    place = ""
    if error is None:
        return "for an unknown reason"
    *_, root = causes(error)
    if FILES_OPEN.search(root.message or ""):
        return "too many files are open: raise the limit (ulimit -n 1024) and run again"
    for frame in root.stack:
        found = FRAME.search(frame)
        if found and Path(found["file"]).is_relative_to(ROOT):
            file = Path(found["file"]).relative_to(ROOT)
            if ".venv" not in file.parts:
                place = f" in {file}, line {found['line']} ({found['code']})"
    # our own LookupError names a missing relation; other messages may contain a cell
    said = f": {_message(root.message)}" if root.cls_name == LookupError.__name__ else ""
    return (
        f"unexpected {root.cls_name or 'error'}{place}{said}\n"
        "the traceback is with this step in Dagster's event log (make ui)"
    )


def _message(text: str) -> str:
    """The message of an error without its class name."""
    return text.partition(": ")[2].strip()


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
