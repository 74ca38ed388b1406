"""Files with the proofs of a study: `proofs/claims.yaml`, `proofs/bounds.yaml`.

`make proofs` writes them, because a run has no time for a solver. The files hold the results, the
bounds of claims, and a fingerprint of all inputs: print, the declarations of what is counted and
how, the claims, and the witness. If the fingerprint differs, the files are ignored, and the ledger
has no proofs.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

import yaml
from pydantic import Field

from assets.step.declared import declared
from declarations import Study
from declarations.claims.kinds import Adjusted, Claim
from declarations.claims.words import read_words
from declarations.content import content_of
from declarations.errors import Mistakes
from declarations.model import Declared, read_model
from declarations.schema.kinds import schema_header
from declarations.survey.groups import Group, Level
from declarations.tables.models import Model
from replication.printed import printed_tables
from runtime.store import replace_text

FILE = Path("proofs") / "claims.yaml"
HEAD = f"""\
{schema_header("proofs", 1).strip()}
# Written by `make proofs`: what is proven of the claims print does not decide by itself, over all
# data that agree with print (docs/proofs.md). `met` and `unmet`: what was computed from a data set
# that agrees with print and meets the claim, and from one that does not.
"""
BOUNDS_FILE = Path("proofs") / "bounds.yaml"
BOUNDS_HEAD = f"""\
{schema_header("bounds", 1).strip()}
# Written by `make proofs`: smallest and largest value of what claims state and print does not, over
# all data that agree with print (docs/proofs.md). Questions are those of `samspil bounds`.
"""

M = TypeVar("M", bound=Declared)
ProvenVerdict = Literal["holds", "contradicted", "open"]
HOLDS: Final = "holds"
CONTRADICTED: Final = "contradicted"
OPEN: Final = "open"
EXACT: Final = "exact"
OUTER: Final = "outer"


class Proof(Declared):
    """The proof of a claim: verdict, method, and the results for data that meet it or not."""

    key: str = Field(description="A hash of the claim's content.")
    verdict: ProvenVerdict = Field(description="The proven verdict.")
    by: str = Field(description="The method of the proof.")
    met: str = Field("", description="The result for data that meet the claim.")
    unmet: str = Field("", description="The result for data that do not meet the claim.")


class ProofsFile(Declared):
    """`proofs/claims.yaml`, written by `make proofs`."""

    fingerprint: str = Field(description="Hash of all inputs of the proofs.")
    claims: dict[str, Proof] = Field(description="Proofs by claim.")


class BoundsEntry(Declared):
    """The range of one number over all data that agree with print, as text."""

    smallest: str = Field(description="The smallest value over all data that agree with print.")
    largest: str = Field(description="The largest value over all data that agree with print.")
    bound: Literal["exact", "outer"] = Field(
        description="`exact` if both ends occur in verified data, else `outer`."
    )
    attained_smallest: str = Field("", description="The smallest value in a verified data set.")
    attained_largest: str = Field("", description="The largest value in a verified data set.")
    witness_smallest: str = Field("", description="Counts of the data set with the smallest value.")
    witness_largest: str = Field("", description="Counts of the data set with the largest value.")


class BoundsFile(Declared):
    """`proofs/bounds.yaml`, written by `make proofs`."""

    fingerprint: str = Field(description="Hash of all inputs of the bounds.")
    questions: dict[str, dict[str, BoundsEntry]] = Field(
        description=("Bounds by question and number.")
    )


def inputs_hash(study: Study) -> str:
    """Hash over all inputs of a proof except code and labels."""
    used = _models_used(study)
    # the data of the printed wave are the witness
    study, sheet = study.in_wave(study.main_wave), study.source_sheet(study.main_wave)
    folder = study.folder / "printed"
    paths = [*sorted(folder.glob("*.csv")), folder / "errata.yaml"]
    paths += [file.path for role, file in sheet.files.items() if role != "labels"]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(content_of(path)).digest())
    cells = [
        (c.table, c.item, str(c.code), c.group, c.level, c.statistic, c.decimals, c.of)
        for table in printed_tables(study)
        for c in table.cells
    ]
    groups = [
        (g.id, g.kind, g.source, [_level(v) for v in g.levels]) for g in _groups_used(study, used)
    ]
    items = [(i.id, i.question, i.variable, i.type, i.codes) for i in study.items.values()]
    models = [(m.item, m.codes, m.terms, m.sample) for m in used]
    export = study.export.model_dump(by_alias=True, exclude_unset=True)
    words = read_words(study).model_dump(mode="json")
    found = json.dumps([cells, groups, items, models, export, words], default=str, sort_keys=True)
    digest.update(found.encode())
    return digest.hexdigest()


def _groups_used(study: Study, models: Iterable[Model]) -> list[Group]:
    """The groups that print, a model or a claim names. Other groups change no proof."""
    named = {cell.group for table in printed_tables(study) for cell in table.cells}
    for model in models:
        named |= {group for group, _ in model.terms} | set(model.sample)
    ids = "|".join(re.escape(group.id) for group in study.groups)
    names = re.compile(rf"\b(?:{ids})\b")
    for path in (study.folder / "claims").glob("*.yaml"):
        named |= set(names.findall(path.read_text(encoding="utf-8")))
    return [group for group in study.groups if group.id in named]


def _models_used(study: Study) -> list[Model]:
    """The models that a claim names. Other models change no proof."""
    named = {
        (item, claim.code_list, claim.group, claim.level)
        for claims in declared(study).claims.values()
        for claim in claims
        if isinstance(claim, Adjusted)
        for item in claim.items_in(study)
    }
    return [m for m in study.models.models if (m.item, m.codes, *m.exposure) in named]


def _level(level: Level) -> tuple[str, dict[str, Any]]:
    """A level's key, and the rule that puts a respondent in it."""
    found = level.model_dump(by_alias=True, exclude_unset=True, exclude={"key", "da", "en"})
    return level.key, found


def claim_hash(claim: Claim) -> str:
    """A hash of a claim's content, without its wording."""
    found = json.dumps(claim.content(), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(found.encode()).hexdigest()[:12]


def read_proofs(study: Study, claims: Iterable[Claim]) -> dict[str, Proof]:
    """Proofs of unchanged claims, by claim; empty if any input changed."""
    path = study.folder / FILE
    if not path.is_file():
        return {}
    data = _read(ProofsFile, study, FILE)
    if data.fingerprint != inputs_hash(study):
        return {}
    entries = data.claims
    return {
        claim.id: entries[claim.id]
        for claim in claims
        if claim.id in entries and entries[claim.id].key == claim_hash(claim)
    }


def write_proofs(study: Study, proofs: Mapping[str, Proof], claims: Sequence[Claim]) -> Path:
    """Write the file; equal proofs give equal bytes."""
    known = (claim.id for claim in claims if claim.id in proofs)
    entries = {name: proofs[name].model_dump(exclude_defaults=True) for name in known}
    data = {"fingerprint": inputs_hash(study), "claims": entries}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
    replace_text(study.folder / FILE, HEAD + text)
    return study.folder / FILE


def read_bounds(study: Study) -> dict[str, dict[str, BoundsEntry]]:
    """Numbers by question and name; empty if any input changed."""
    path = study.folder / BOUNDS_FILE
    if not path.is_file():
        return {}
    data = _read(BoundsFile, study, BOUNDS_FILE)
    if data.fingerprint != inputs_hash(study):
        return {}
    return data.questions


def check_records(study: Study) -> None:
    """Raise SpecError if a record of proofs is invalid, whatever its inputs."""
    for model, file in ((ProofsFile, FILE), (BoundsFile, BOUNDS_FILE)):
        if (study.folder / file).is_file():
            _read(model, study, file)


def _read(model: type[M], study: Study, file: Path) -> M:
    mistakes = Mistakes()
    found = read_model(model, study.folder / file, mistakes, file=file.as_posix())
    mistakes.stop()
    assert found is not None
    return found


def write_bounds(study: Study, found: Mapping[str, Mapping[str, BoundsEntry]]) -> Path:
    """Write the file in the order of the claims; equal answers give equal bytes."""
    questions = {
        question: {name: one.model_dump(exclude_defaults=True) for name, one in numbers.items()}
        for question, numbers in found.items()
    }
    data = {"fingerprint": inputs_hash(study), "questions": questions}
    text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=200)
    replace_text(study.folder / BOUNDS_FILE, BOUNDS_HEAD + text)
    return study.folder / BOUNDS_FILE
