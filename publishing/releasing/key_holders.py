"""Lines of respondents for those who hold the key, in a folder of the user who runs samspil.

No other user can read the folder.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from assets.step.factory import Given, Place
from declarations.survey.disclosure import KEY_HOLDERS, Disclosure
from expectations.disclosure.risk import risk_words
from publishing.releasing.let_out import RISK_PLACE
from publishing.releasing.respondent_relations import of_respondents, stored_relations
from runtime.faults import writing
from runtime.private.folder import close_to_others, make_private
from runtime.snapshot import SNAPSHOT, write_snapshot

README = "README.txt"
UNMEASURED = "not measured, as the study does not declare `identifying`"
NOTE = """\
Lines of respondents of wave {wave} of {study}: cleaned answers by hashed identifier.

Only the user who ran samspil can read this folder (mode 0700). The study declares
`microdata: key_holders`. Answers of real persons: do not copy them to where others read.
Risk of recognition: {risk}
"""


def give_key_holders(
    given: Given, policy: Disclosure | None, places: Iterable[Place]
) -> Path | None:
    """Replace the lines of a wave for key holders. Remove them if the policy permits none.

    `places` are the published relations with a line for each respondent.
    """
    folder = given.workspace.key_holders(given.wave)
    if policy is None or policy.microdata != KEY_HOLDERS:
        remove_lines(folder)
        return None
    building = _building(folder)
    with writing(folder):
        shutil.rmtree(building, ignore_errors=True)
        for private in (folder.parent, building):
            make_private(private)
        stored = stored_relations(given.store, filter(of_respondents, places), given.asked)
        about = {"study": given.study.title.en, "wave": given.wave, "microdata": policy.microdata}
        write_snapshot(building / SNAPSHOT, {}, about, stored)
        close_to_others(building / SNAPSHOT, 0o600)
        risk = risk_words(given.store.read(*RISK_PLACE)) or UNMEASURED
        note = NOTE.format(wave=given.wave, study=given.study.title.en, risk=risk)
        (building / README).write_text(note, encoding="utf-8")
        close_to_others(building / README, 0o600)
        shutil.rmtree(folder, ignore_errors=True)
        building.rename(folder)
    return folder


def remove_lines(folder: Path) -> bool:
    """Remove the lines that key holders have of a wave, including leftovers of a killed run.

    Returns whether there were any.
    """
    gone = [path for path in (folder, _building(folder)) if path.is_dir()]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return bool(gone)


def _building(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.new")
