"""`samspil disclosure`: the attack on a computed wave, with real or constructed data."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

from assets.step.markdown import DATA_LABEL
from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.disclosure import COVERED, MUNICIPALITY, WARN, Disclosure
from expectations.disclosure.examine import examination_in_words
from expectations.disclosure.gate import examine_wave, write_proposal
from runtime import paths
from runtime.wave_lock import lock_file, wave_lock

SHOWN = 20
PATIENCE = 60.0


def examine_published(
    study: Study,
    wave: str,
    report: Callable[[str], None],
    k: int | None = None,
    covers: tuple[str, ...] = (),
) -> bool:
    """Examine a wave and show the result; returns whether it can be published unchanged.

    Raises LookupError if the wave was not computed, and LockError while it is being computed.
    """
    started = time.monotonic()
    settings = (study.gate or usual_settings(study)).with_k(k)
    if covers:
        chosen = tuple(name for name in COVERED if name in covers)
        settings = settings.model_copy(update={"covers": chosen})
    place = paths.study_place(study.folder.name)
    workspace, sheet = Workspace(root=str(paths.ROOT), place=place), study.source_sheet(wave)
    store = workspace.store(wave)
    if not store.path.is_file():
        raise LookupError(f"wave {wave} has not been computed here; run it first")
    with wave_lock(lock_file(paths.ROOT, place, wave), uuid.uuid4().hex, PATIENCE, report):
        found = examine_wave(study, wave, settings, store, report)
        written = write_proposal(workspace, wave, found)
    report(f"wave {wave}, {sheet.origin} data, policy {settings.policy}")
    if label := DATA_LABEL[sheet.shown_as]:
        report(f"{label}: the answers are not a real person's, so nothing is withheld")
    for line in examination_in_words(found):
        report(line)
    lines = [p for p in found.proposals if not p.fine]
    for p in lines[:SHOWN]:
        hidden = [" ".join(h.key[1:]) + f" ({h.role}: {h.reason})" for h in p.hidden]
        report(f"  {p.block.name}: {', '.join(hidden) or 'no permitted suppression helps'}")
    if len(lines) > SHOWN:
        report(f"  and {len(lines) - SHOWN} more")
    by_item, proposal = (path.relative_to(paths.ROOT) for path in written)
    report(f"by item: {by_item}; what to suppress: {proposal}")
    report(f"({time.monotonic() - started:.1f} s)")
    return found.fine


def usual_settings(study: Study) -> Disclosure:
    """The settings for a study that declares none: policy warn, and all groups are identifying."""
    identifying = [group.id for group in study.groups if group.kind == "text_rules"]
    if study.has_frame:
        identifying.insert(0, MUNICIPALITY)
    return Disclosure(policy=WARN, identifying=tuple(identifying))
