"""Release: a person approves a publication of real answers, and readers get a copy of it.

A run publishes to `output/WAVE`, for those who work on the study. `samspil release` compares this
publication with the files that the run wrote, with the declared policy and with the findings. Then
it copies the publication to `released/WAVE`, with a record of who approved what. The record follows
ACRO's `results.json`: a status per output, the policy, and exceptions with a reason.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.disclosure import OPEN, WARN, Disclosure
from expectations.disclosure.gate import declared_of, disclosure_of, other_figures, withdraw_broken
from publishing.releasing.let_out import UNEXAMINED
from publishing.releasing.withdrawal import record_release, withdrawal_note
from publishing.site.data import RELEASE_FILE, release_script
from runtime.output_versions import RECORD, carry_over, new_version, output_digests
from runtime.snapshot import SNAPSHOT

RELEASE = "RELEASE.json"
FORMAT = "samspil release 1"
PASSED, EXCEPTED = "pass", "exception"
RELEASE_SCRIPT = Path("report", "data", RELEASE_FILE)
SHOWN = 10
OTHER_FIGURES = (
    "readers have other figures of this wave from the last release; the differences may reveal "
    "answers of those whose answers changed"
)
Findings = list[dict[str, str]]


class RefusedError(ValueError):
    """The publication cannot be released; the message has the reason."""


@dataclass(frozen=True)
class Approval:
    """Who approves and when. If there are open findings, also why they are accepted."""

    by: str
    at: str
    exception: str = ""


def release_wave(
    workspace: Workspace, study: Study, wave: str, approval: Approval
) -> dict[str, Any]:
    """Copy a publication to the folder of readers. Returns the record.

    The caller holds the lock of the wave. Raises RefusedError with the reason.
    """
    shown = workspace.output(wave).resolve()
    policy = _require(workspace, study, wave, shown)
    digests = output_digests(shown)
    _require_untouched(shown, digests)
    before = workspace.released(wave)
    findings = findings_of(shown, policy)
    if policy.policy != WARN and before.is_symlink() and other_figures(before.resolve(), shown):
        findings.append({"output": "released", "finding": OTHER_FIGURES})
    if findings and not approval.exception:
        text = "\n".join(f"  {each['output']}: {each['finding']}" for each in findings[:SHOWN])
        more = f"\n  and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
        raise RefusedError(
            f"wave {wave}: {len(findings)} findings are open\n{text}{more}\n"
            "tighten the policy and run again, or give the reason with --exception"
        )
    record = _record(study, wave, policy, findings, digests, approval)
    with new_version(before) as folder:
        carry_over(shown, folder)
        _write(folder / RELEASE, json.dumps(record, indent=1, ensure_ascii=False) + "\n")
        if (folder / RELEASE_SCRIPT).is_file():
            _write(folder / RELEASE_SCRIPT, release_script(approval.by, approval.at))
        # written before readers get access, so a release that is killed afterwards is on record
        record_release(workspace, {"released": record["publication"], **_who(record)})
    withdraw_broken(workspace, wave, policy)
    return record


def _who(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: record[name] for name in ("wave", "approved_by", "approved_at")}


def _require(workspace: Workspace, study: Study, wave: str, shown: Path) -> Disclosure:
    found = withdrawal_note(workspace, wave)
    if found:
        raise RefusedError(found)
    if not (shown / SNAPSHOT).is_file():
        raise RefusedError(f"wave {wave} is not published; run it first")
    sheet = study.source_sheet(wave)
    policy = disclosure_of(study, sheet)
    if policy is None:
        raise RefusedError(
            f"wave {wave} has constructed data: no answer is a real person's, so nobody has to "
            "release it"
        )
    if declared_of(shown) != policy:
        raise RefusedError(
            f"wave {wave} was published under another policy than study.yaml declares now; run "
            "it again"
        )
    return policy


def _require_untouched(shown: Path, digests: Mapping[str, str]) -> None:
    try:
        record = json.loads((shown / RECORD).read_text(encoding="utf-8"))["output"]
    except (OSError, ValueError, KeyError, TypeError):
        raise RefusedError(
            f"{shown.name}: no finished run wrote this; run the wave again"
        ) from None
    other = sorted(n for n in {*record, *digests} if record.get(n) != digests.get(n))
    if other:
        named = ", ".join(other[:SHOWN])
        raise RefusedError(f"not as the run wrote them: {named}; run the wave again")


def findings_of(shown: Path, policy: Disclosure) -> Findings:
    """What a person has to examine: answers that follow, and what was not examined.

    This includes lines of respondents.
    """
    found: Findings = []
    with closing(duckdb.connect(str(shown / SNAPSHOT), read_only=True)) as connection:
        about = dict(connection.execute("FROM main.about").fetchall())
        items = connection.execute("FROM disclosure.disclosure").df()
    suffix = "_before" if policy.policy == WARN else ""
    for line in items.to_dict("records"):
        for name in ("answers", "unproven", "below_threshold", "revealed"):
            n = line.get(f"{name}{suffix}", line.get(name, 0) if policy.policy == WARN else 0)
            if n:
                said = f"{n} {name.replace('_', ' ')}"
                found.append({"output": str(line["items"]), "finding": said})
    unexamined = about.get(UNEXAMINED, "")
    found += [
        {"output": name, "finding": "published without being examined"}
        for name in filter(None, unexamined.split(", "))
    ]
    if policy.microdata == OPEN:
        found.append({"output": SNAPSHOT, "finding": "lines of respondents are published"})
    return found


def _record(
    study: Study,
    wave: str,
    policy: Disclosure,
    findings: Findings,
    digests: Mapping[str, str],
    approval: Approval,
) -> dict[str, Any]:
    whole = hashlib.sha256(json.dumps(sorted(digests.items())).encode()).hexdigest()
    return {
        "format": FORMAT,
        "study": study.folder.name,
        "wave": wave,
        "publication": whole,
        "approved_by": approval.by,
        "approved_at": approval.at,
        "policy": policy.model_dump(mode="json", exclude_unset=True),
        "status": EXCEPTED if findings else PASSED,
        "exception": approval.exception if findings else "",
        "findings": findings,
        "results": {name: {"sha256": digest} for name, digest in digests.items()},
    }


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")
