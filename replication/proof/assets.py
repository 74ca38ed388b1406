"""The bounds of what open claims state, found by `make proofs`, as an asset."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import declared
from assets.step.declaring import FACTS
from assets.step.factory import Asset, Given, Made, Published, Step, step
from declarations import SourceSheet, Study
from declarations.claims.claim import Claim, all_claims
from replication.proof.claim_bounds import COLUMNS, bound_lines, bound_questions
from replication.proof.record import read_bounds, read_proofs
from replication.reproduction import has_print, printed_folder

BOUNDS_OF_CLAIMS = dg.AssetKey(["proof", "bounds_of_claims"])
HOLDS = {
    "claim": "Statement of the text, as in claims/",
    "section": "Section of the report",
    "statement": "The statement, paraphrased",
    "verdict": "Result of the proof: open, holds or contradicted",
    "question": "Question for `samspil bounds` about a number that only the text states",
    "number": "Kind of number: percent, count, or difference in percentage points",
    "smallest": "Lower bound over all data that agree with print",
    "largest": "Upper bound over all data that agree with print",
    "bound": "exact: both ends are attained; outer: no data lie beyond them",
    "attained_smallest": "Smallest value of verified data; areas not redrawn",
    "attained_largest": "Largest value of verified data; areas not redrawn",
    "witness_smallest": "Counts of the data with the smallest value attained",
    "witness_largest": "Counts of the data with the largest value attained",
}
DESCRIPTION = (
    "The range that print allows for the shares, counts and differences that statements name and "
    "no table prints: the smallest and largest value over all data that agree with print "
    "(`samspil bounds`), whether both ends are attained (exact) or no data lie beyond them "
    "(outer), and counts of data that attain the attained values. Computed from print, the "
    "register and the proofs committed by `make proofs`; attained values also from the "
    "constructed answers reassigned. Empty for a real wave, and if any input of the proofs "
    "changed."
)


def steps(study: Study) -> list[Step]:
    """One asset; none for a study without print or statements."""
    claims = declared(study).claims
    if printed_folder(study) is None or not claims:
        return []
    every = all_claims(claims)
    asked = study.in_wave(study.main_wave)
    questions = [bound_questions(claim, asked) for claim in every]
    proven = [proofs_declared(study), bounds_declared(study)]
    asset = Asset(
        BOUNDS_OF_CLAIMS,
        group="proof",
        description=DESCRIPTION,
        rests_on=[study.printed_wave, every, questions, *proven],
        columns=described(COLUMNS, HOLDS),
        published=[Published("proof", "bounds_of_claims", csv=True, holds=FACTS)],
        kinds=frozenset({"pandas"}),
        metadata={"declared_in": "proofs/bounds.yaml"},
    )
    return [step("proof__bounds_of_claims", study, asset, bounds_of_claims)]


def bounds_of_claims(given: Given) -> Iterator[Made]:
    """The committed bounds of the claims' numbers."""
    frame = bounds_frame(given.study, given.sheet, all_claims(declared(given.study).claims))
    found = {str(kind): n for kind, n in Counter(frame["bound"]).items()}
    yield Made(BOUNDS_OF_CLAIMS, frame, metadata=found)


def proofs_declared(study: Study) -> Mapping[str, Any]:
    """The committed proofs of the study's claims, read once; empty if any input has changed."""
    return study.once(_proofs_declared)


def _proofs_declared(study: Study) -> Mapping[str, Any]:
    try:
        return read_proofs(study, all_claims(declared(study).claims))
    except (OSError, ValueError):
        # the run reports the missing or wrong file
        return {}


def bounds_declared(study: Study) -> Mapping[str, Any]:
    """The committed bounds of what claims state; empty if any input changed."""
    try:
        return read_bounds(study)
    except (OSError, ValueError):
        return {}


def bounds_frame(study: Study, sheet: SourceSheet, claims: Sequence[Claim]) -> pd.DataFrame:
    """One line per claim and question; none for a real wave, or a wave without proofs."""
    own: list[tuple[str, ...]] = []
    if sheet.constructed and has_print(study, sheet.wave):
        verdicts = {name: proof.verdict for name, proof in read_proofs(study, claims).items()}
        own = bound_lines(claims, read_bounds(study), verdicts, study.in_wave(sheet.wave))
    return pd.DataFrame(own, columns=list(COLUMNS), dtype="object")
