"""A line of the ledger for every claim: the statement, the computed result, the verdict."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from declarations import SourceSheet, SpecError, Study
from declarations.claims.claim import by_sentence, every_claim, read_words
from declarations.claims.kinds import Claim, Count, Mean, Median, Municipalities, NotTestable, Share
from declarations.claims.words import Words
from declarations.documents import read_document
from declarations.errors import need, only
from replication.consistency.facts import PrintedFacts
from replication.consistency.printed_report import PrintedReport
from replication.consistency.reading import read_printed_report
from replication.consistency.statements import decide_by
from replication.consistency.text_facts import decide_by_text
from replication.deciding.facts import HOLDS as TRUE
from replication.deciding.facts import IMPRECISE, Evaluation
from replication.deciding.kinds import decide
from replication.places import Places, read_places
from replication.printed import read_errata
from replication.proof.record import Proof, read_proofs
from replication.stored_facts import StoredFacts
from replication.verdicts import (
    CONSTRUCTED,
    FREE,
    NOT_TESTABLE,
    OPEN,
    OTHER_WAVE,
    PRINTED,
    PROOF,
    REAL,
    REGISTER,
    TEXT,
    made_for,
    possible_reports,
    put_right,
    sentence_verdict,
)

COLUMNS = (
    "id", "section", "paragraph", "sentence", "statement", "statement_da", "kind", "predicate",
    "expected", "computed", "readings", "bound", "verdict", "sentence_verdict", "basis", "tables",
    "note",
)  # fmt: skip
HOLDS = {
    "id": "Claim as declared in claims/",
    "section": "Section of the report",
    "paragraph": "Paragraph of running text in the section, from 1",
    "sentence": "Sentence of the paragraph, from 1",
    "statement": "The statement, paraphrased in English",
    "statement_da": "The statement, paraphrased in Danish",
    "kind": "Kind of predicate",
    "predicate": "Items, codes, groups and levels that decide it",
    "expected": "What the report states, as the predicate reads it",
    "computed": "Result; from print if print decides",
    "readings": "Other usual readings, with result and verdict of each",
    "bound": "The bound of p in the text, and p",
    "verdict": (
        "holds; rounds (a digit off, or cut); imprecise (true only within the wider bounds of a "
        "word, or under another usual reading); contradicted (under no reading); open; not testable"
    ),
    "sentence_verdict": "The worst verdict of the statements of its sentence",
    "basis": (
        "printed, register, text (the shares that it gives of single answers), proof (over all "
        "data that agree with print), real, constructed (the answers were made to show it) or free"
    ),
    "tables": "Tables, unnumbered results and models with the figures",
    "note": "Why it is not testable or open, and how it was read",
}
# entries of an item in a wave's provenance.yaml
PROVENANCE = ("pinned_by", "shaped_by", "made_for", "free")


@dataclass(frozen=True)
class ClaimEvidence:
    """The evidence for verdicts in addition to the facts.

    It consists of words, print, and the provenance of the data.
    """

    words: Words
    printed: PrintedReport | None
    provenance: Mapping[str, Any]
    real: bool
    places: Places
    proofs: Mapping[str, Proof]


def read_claim_evidence(
    study: Study, sheet: SourceSheet, claims: Sequence[Claim] | None = None
) -> ClaimEvidence:
    """Read the evidence for a wave's verdicts, once for all claims (by default the study's)."""
    folder = study.folder / "printed"
    claims = every_claim(study) if claims is None else claims
    # proofs are about the answers that were constructed for the wave of the report
    proven = sheet.constructed and sheet.wave == study.main_wave
    printed = put_right(read_printed_report(study, claims), read_errata(folder))
    return ClaimEvidence(
        words=read_words(study),
        printed=printed,
        provenance=read_provenance(sheet),
        real=not sheet.constructed,
        places=read_places(study),
        proofs=read_proofs(study, claims) if proven else {},
    )


@dataclass(frozen=True)
class JudgedClaim:
    """A claim with its outcome, verdict and basis."""

    claim: Claim
    outcome: Evaluation
    verdict: str
    basis: str
    note: str = ""


def judge_claim(
    claim: Claim, facts: StoredFacts, study: Study, evidence: ClaimEvidence
) -> JudgedClaim:
    """Decide a claim: by print if possible, then by the text, real answers or a proof.

    Otherwise it is open.
    """
    if not evidence.real and evidence.printed is not None:
        outcome = by_print(claim, evidence.printed)
        if outcome.grade is not None:
            basis = REGISTER if isinstance(claim, Municipalities) else PRINTED
            return JudgedClaim(claim, outcome, outcome.grade, basis)
        by_text = decide_by_text(claim, evidence.printed)
        if by_text is not None:
            return JudgedClaim(claim, by_text, str(by_text.grade), TEXT)
    outcome = decide(claim, facts, study, evidence.words)
    if outcome.absent:
        return JudgedClaim(claim, outcome, OPEN, FREE)
    if outcome.grade is None:
        return JudgedClaim(claim, outcome, NOT_TESTABLE, "")
    if evidence.real:
        return JudgedClaim(claim, outcome, outcome.grade, REAL)
    proof = evidence.proofs.get(claim.id)
    if proof is not None and proof.verdict != OPEN:
        holds = proof.verdict == TRUE and outcome.grade == IMPRECISE
        return JudgedClaim(claim, outcome, IMPRECISE if holds else proof.verdict, PROOF)
    basis = PROOF
    if proof is None:
        basis = CONSTRUCTED if made_for(claim, study, evidence.provenance) else FREE
    return JudgedClaim(claim, outcome, OPEN, basis, why_open(claim, outcome, proof))


def by_print(claim: Claim, printed: PrintedReport) -> Evaluation:
    """The result by print with misprints corrected.

    A figure that no whole number gives and that has no single correction decides nothing, unless
    all figures that it may have been give the same verdict.
    """
    facts = PrintedFacts(printed, whole_only=True)
    outcome = decide_by(claim, facts)
    if outcome.grade is not None or not facts.impossible:
        return outcome
    (ref,) = facts.impossible
    tried = [
        decide_by(claim, PrintedFacts(other, whole_only=True))
        for other in possible_reports(printed, ref)
    ]
    if len({one.grade for one in tried}) != 1 or tried[0].grade is None:
        return outcome
    found = tried[0]
    found.computed = "; or ".join(dict.fromkeys(one.computed for one in tried))
    found.note = (
        f"No whole number gives the printed {printed.printed(ref)}, but every figure that it may "
        "have been gives the same verdict."
    )
    return found


def why_open(claim: Claim, outcome: Evaluation, proof: Proof | None) -> str:
    """Why a claim is open, and what the constructed answers show."""
    if isinstance(claim, Share | Count | Mean | Median) and isinstance(claim.stated, int | float):
        return "The text alone states this figure; no table prints it, and none excludes it."
    shows = "show it" if outcome.met else "do not show it"
    if proof is None:
        return f"No table decides it; the constructed answers {shows}."
    return f"Data that agree with print may show it or not; the constructed answers {shows}."


def ledger_frame(
    claims: Sequence[Claim], facts: StoredFacts, study: Study, evidence: ClaimEvidence
) -> pd.DataFrame:
    """One line per claim, in COLUMNS."""
    judged = {c.id: judge_claim(c, facts, study, evidence) for c in claims}
    whole = {
        claim.id: sentence_verdict([judged[one.id].verdict for one in own])
        for _, own in by_sentence(claims)
        for claim in own
    }
    records = [_line(one, whole[one.claim.id], evidence.places) for one in judged.values()]
    return pd.DataFrame(records, columns=list(COLUMNS), dtype="object")


def _line(judged: JudgedClaim, whole: str, places: Places) -> tuple[str, ...]:
    claim, outcome = judged.claim, judged.outcome
    reason = claim.reason if isinstance(claim, NotTestable) else outcome.note
    counted = claim.counted and f"{claim.counted[:1].upper()}{claim.counted[1:]}."
    note = " ".join(text for text in (reason, counted, claim.note, judged.note) if text)
    readings = "; ".join(
        f"{name}: {computed}{f' ({grade})' if grade else ''}"
        for name, computed, grade in outcome.readings
    )
    return (
        *_place(claim), claim.statement.en, claim.statement.da, claim.kind, predicate_text(claim),
        outcome.expected, outcome.computed, readings, outcome.bound, judged.verdict, whole,
        judged.basis, " ".join(places.of(claim)), note,
    )  # fmt: skip


def _place(claim: Claim) -> tuple[str, ...]:
    at = claim.at
    paragraph, sentence = (str(at.paragraph), str(at.sentence)) if at else ("", "")
    return claim.id, claim.section, paragraph, sentence


def other_wave_frame(claims: Sequence[Claim], places: Places, printed: str | None) -> pd.DataFrame:
    """The claims of a wave that the report is not about: nothing is computed or judged."""
    note = f"The report is about wave {printed}."
    records = [
        (
            *_place(claim), claim.statement.en, claim.statement.da, claim.kind,
            predicate_text(claim), "", "", "", "", OTHER_WAVE, OTHER_WAVE, "",
            " ".join(places.of(claim)), note,
        )
        for claim in claims
    ]  # fmt: skip
    return pd.DataFrame(records, columns=list(COLUMNS), dtype="object")


def predicate_text(claim: Claim) -> str:
    """The predicate on one line, as JSON (which is YAML too)."""
    return json.dumps(claim.content(), ensure_ascii=False)


def read_provenance(sheet: SourceSheet) -> Mapping[str, Any]:
    """What the construction determined or shaped, per item; empty for a wave without the file.

    Raises SpecError if the file has no items, or an item with an entry that is not in PROVENANCE.
    """
    path = sheet.path.parent / "provenance.yaml"
    if not path.is_file():
        return {}
    items: Mapping[str, Any] = need(read_document(path), "items", path)
    if not isinstance(items, Mapping) or not all(
        isinstance(entry, Mapping) for entry in items.values()
    ):
        raise SpecError(path, f"items: expected mappings of {', '.join(PROVENANCE)}")
    for item, entry in items.items():
        only(entry, PROVENANCE, f"{path}: items.{item}")
    return items
