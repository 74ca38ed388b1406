"""Proofs of claims over all data that agree with print, and the file that keeps them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from declarations import Study
from declarations.claims.claim import every_claim
from declarations.claims.kinds import Claim
from declarations.claims.words import read_words
from replication.deciding.kinds import decide
from replication.proof import record
from replication.proof.assets import bounds_frame
from replication.proof.claim_bounds import bound_questions, find_bounds
from replication.proof.claims import Prover
from replication.proof.people_facts import PeopleFacts
from replication.proof.record import (
    CONTRADICTED,
    HOLDS,
    OPEN,
    claim_hash,
    inputs_hash,
    read_bounds,
    read_proofs,
)
from replication.solver.goals import share_of
from replication.solver.query import parse
from replication.solver.sources import read_print_evidence
from tests.chain import Chain
from tests.claims import changed, claim_of

# one of each kind: difference, no_difference, share, comparison, ranking, mean, count
SAMPLE = ("c4_054", "c6_081b", "r_021", "r_025", "c4_018", "c4_012", "c4_002")


@pytest.fixture(scope="module")
def prover(study: Study) -> Prover:
    return Prover(study, read_print_evidence(study, "2015"), read_words(study), study.models)


@pytest.fixture(scope="module")
def claims(study: Study) -> dict[str, Claim]:
    return {claim.id: claim for claim in every_claim(study)}


def share(item: str, codes: list[int], stated: object, level: str = "") -> Claim:
    of: dict[str, object] = {"item": item, "codes": codes}
    of |= {"group": "area", "level": level} if level else {}
    return claim_of("share", of=of, **{"is": stated})


def test_the_committed_proofs_are_current(study: Study, claims: dict[str, Claim]) -> None:
    """`make proofs` writes them anew."""
    proofs = read_proofs(study, claims.values())
    assert proofs
    assert set(proofs) <= set(claims)


@pytest.mark.long
def test_a_sample_is_proven_anew(study: Study, claims: dict[str, Claim], prover: Prover) -> None:
    committed = read_proofs(study, claims.values())
    kept = [name for name in SAMPLE if name in committed]
    assert len(kept) >= 5
    for name in kept:
        assert prover.prove(claims[name]) == committed[name]


def test_the_committed_bounds_are_those_the_claims_ask_for(
    study: Study, claims: dict[str, Claim]
) -> None:
    bounds, proven = read_bounds(study), read_proofs(study, claims.values())
    asked = {q for name in proven for q, _ in bound_questions(claims[name], study)}
    assert set(bounds) == asked
    frame = bounds_frame(study, study.source_sheet("2015"), list(claims.values()))
    assert set(frame["claim"]) == {n for n in proven if bound_questions(claims[n], study)}
    assert frame["bound"].isin(("exact", "outer")).all()
    for line in frame.to_dict("records"):
        assert float(line["smallest"]) <= float(line["largest"])
        if line["bound"] == "exact":
            ends = line["attained_smallest"], line["attained_largest"]
            assert ends == (line["smallest"], line["largest"])


def test_a_committed_bound_is_found_anew(
    study: Study, claims: dict[str, Claim], prover: Prover
) -> None:
    ((question, number),) = bound_questions(claims["r_021"], study)
    found = find_bounds(study, prover.evidence, question)
    assert found[number] == read_bounds(study)[question][number]
    # churches, last year or five years, social: 63 to 116 of 168 (Tables 4.1 and 4.2)
    churches = share("actor_churches", [1, 2], 38, "social")
    ((question, number),) = bound_questions(churches, study)
    assert question == "actor_churches=last_year+last_five_years by area=social"
    one = find_bounds(study, prover.evidence, question)[number]
    assert (one.smallest, one.largest, one.bound) == ("37.5", "69.0", "exact")
    assert (one.witness_smallest, one.witness_largest) == ("63 of 168", "116 of 168")


def test_a_question_of_a_claim_is_read_as_the_share_it_states(study: Study) -> None:
    for of in (
        {"item": "measure_cost", "codes": [1], "group": "area", "level": "!school"},
        {"item": "reason_trust", "codes": [1, 2], "group": "size", "level": "from_75000"},
        {"item": "collaborations", "codes": [1]},
        {"item": "new_focus", "codes": "total"},
    ):
        claim = claim_of("share", of=of, **{"is": 1})
        questions = bound_questions(claim, study)
        assert len(questions) == (of["item"] != "collaborations")  # numbers are no codes
        for text, _ in questions:
            first, wanted = parse(text, study).first, share_of(claim.selectors[0], study)
            assert (first.what, first.of) == (wanted.what, wanted.of)


def test_a_claim_decided_by_print_is_met_by_no_other_data(
    claims: dict[str, Claim], prover: Prover
) -> None:
    # 161 of 410 are 39.27, in the Resumé 19
    wrong = prover.prove(claims["r_011"])
    assert wrong is not None
    assert (wrong.verdict, wrong.by, wrong.unmet) == (CONTRADICTED, "bounds", "39.27%")
    right = prover.prove(claims["c3_001"])
    assert right is not None
    assert right.verdict == HOLDS


def test_a_share_print_limits_is_decided_by_its_bounds(prover: Prover) -> None:
    # churches, last year or last five years, social services: 63 to 116 of 168, 37.5 to 69.0
    item = "actor_churches"
    for stated, verdict in (
        ({"at_least": 37}, HOLDS),
        ({"less_than": 70}, HOLDS),
        ({"more_than": 72}, CONTRADICTED),
        ({"more_than": 60}, OPEN),
        (38, OPEN),
        (37, OPEN),  # 37.5 may be cut
        (36, CONTRADICTED),
    ):
        proof = prover.prove(share(item, [1, 2], stated, "social"))
        assert proof is not None, stated
        assert proof.verdict == verdict, stated


def test_a_difference_is_decided_by_all_tables_of_counts(prover: Prover) -> None:
    # Table 4.3, technical, drop-in centres: three stars whatever the unprinted answers were;
    # Table 4.2, schools, churches: not
    found = {}
    for item, level, direction in (
        ("actor_drop_in", "technical", "less"),
        ("actor_drop_in", "technical", "more"),
        ("actor_churches", "school", "more"),
    ):
        predicate: dict[str, object] = {"item": item, "codes": [1], "group": "area", "level": level}
        predicate |= {"direction": direction, "says": "significant"}
        proof = prover.prove(claim_of("difference", **predicate))
        assert proof is not None
        found[item, level, direction] = (proof.verdict, proof.by)
    assert found == {
        ("actor_drop_in", "technical", "less"): (HOLDS, "tables of counts"),
        ("actor_drop_in", "technical", "more"): (CONTRADICTED, "tables of counts"),
        ("actor_churches", "school", "more"): (OPEN, "witnesses"),
    }


def test_people_are_counted_as_the_chain_counts_them(
    study: Study, committed: Chain, prover: Prover, claims: dict[str, Claim]
) -> None:
    facts = PeopleFacts(prover.evidence.people, models=prover.models)
    for item in ("actor_churches", "measure_none", "initiation_user_run"):
        for (own, code, group, level), n in committed.index.items():
            if own == item:
                assert facts.count(item, code, group, level) == n
    # a regression on the same answers gives the ledger's numbers
    outcome = decide(claims["c3_015"], facts, study, prover.words)
    assert "odds ratio" in outcome.computed


def test_what_changed_is_not_taken_from_the_file(
    study: Study, claims: dict[str, Claim], monkeypatch: pytest.MonkeyPatch
) -> None:
    proofs = read_proofs(study, claims.values())
    name = next(iter(proofs))
    known = claim_of("share", name, of={"item": "economy", "codes": [1]}, **{"is": 1})
    assert claim_hash(known) != claim_hash(claims[name])
    assert name not in read_proofs(study, [known])
    worded = changed(claims[name], statement="The same in other words.")
    assert name in read_proofs(study, [worded])
    fewer = replace(study, tables=study.tables[1:])
    assert inputs_hash(fewer) == inputs_hash(study)  # the first has no figures
    last = study.tables[-1]  # that claims refer to, so it keeps its name
    fewer = replace(study, tables=(*study.tables[:-1], replace(last, cells=last.cells[:-1])))
    assert inputs_hash(fewer) != inputs_hash(study)
    monkeypatch.setattr(record, "inputs_hash", lambda _: "another")
    assert not read_proofs(study, claims.values())
