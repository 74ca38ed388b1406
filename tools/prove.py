"""`python -m tools.prove`: proves the claims of a study and writes the results."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from declarations import Study, load_study
from declarations.claims.claim import every_claim
from declarations.claims.kinds import Claim
from declarations.claims.words import read_words
from replication.consistency.facts import PrintedFacts
from replication.consistency.reading import read_printed_report
from replication.consistency.statements import decide_by
from replication.printed import read_errata
from replication.proof.claim_bounds import bound_questions, find_bounds
from replication.proof.claims import Prover
from replication.proof.record import OPEN, BoundsEntry, Proof, write_bounds, write_proofs
from replication.solver.sources import read_print_evidence
from replication.verdicts import FREE, PRINTED, put_right


def prove(study: Study, claims: Sequence[Claim]) -> Iterator[tuple[Claim, str, Proof | None]]:
    """A claim, its basis without proofs, and its proof.

    A claim that a star decides is not tried, because the figures alone may leave the difference
    open.
    """
    wave = study.main_wave
    words, models = read_words(study), study.models
    evidence = read_print_evidence(study, wave)
    printed = put_right(read_printed_report(study, claims), read_errata(study.folder / "printed"))
    prover = Prover(study, evidence, words, models)
    for claim in claims:
        facts = PrintedFacts(printed, whole_only=True)
        grade = decide_by(claim, facts).grade
        if grade is not None and any(ref in printed.marks for ref in facts.used):
            continue
        yield claim, PRINTED if grade is not None else FREE, prover.prove(claim)


def bounds_of(study: Study, claims: Iterable[Claim]) -> dict[str, dict[str, BoundsEntry]]:
    """The numbers that claims state, by question; each question is answered once."""
    evidence = read_print_evidence(study, study.main_wave)
    wanted: dict[str, dict[str, None]] = {}
    for claim in claims:
        for question, number in bound_questions(claim, study):
            wanted.setdefault(question, {})[number] = None
    found = {}
    for question, numbers in wanted.items():
        answer = find_bounds(study, evidence, question)
        found[question] = {name: answer[name] for name in numbers if name in answer}
    return found


def main(arguments: Sequence[str]) -> int:
    """Prove all claims of a study; 1 if a claim that print should decide is open."""
    study = load_study(Path(arguments[0] if arguments else "studies/samspil"))
    study = study.in_wave(study.main_wave)
    claims = every_claim(study)
    proofs: dict[str, Proof] = {}
    counted: Counter[str] = Counter()
    wrong = []
    for claim, basis, proof in prove(study, claims):
        verdict = proof.verdict if proof else "nothing proven"
        if basis == FREE:
            counted[verdict] += 1
            proofs |= {claim.id: proof} if proof else {}
        else:
            counted[f"decided by print, {verdict}"] += 1
            wrong += [claim.id] if verdict == OPEN else []
    print(f"{write_proofs(study, proofs, claims)}: {dict(sorted(counted.items()))}")
    bounded = bounds_of(study, [claim for claim in claims if claim.id in proofs])
    print(f"{write_bounds(study, bounded)}: {len(bounded)} questions")
    for name in wrong:
        print(
            f"{name}: the ledger says that it follows from print, but data that agree with "
            "print differ"
        )
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
