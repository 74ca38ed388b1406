"""The ledger of the committed wave: what decides a claim, and that every claim is decided by it."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from assets.analysis.models import model_frame, rules_of
from declarations import Study
from declarations.claims.claim import Claim, read_claims
from declarations.claims.kinds import Adjusted, NotTestable
from declarations.claims.words import read_words
from declarations.tables.cells import STATUS_ITEM
from replication.audit.findings import audit
from replication.consistency.facts import PrintedFacts
from replication.consistency.reading import read_printed_report
from replication.deciding.facts import (
    CONTRADICTED,
    HOLDS,
    IMPRECISE,
    ROUNDS,
    UndecidableError,
)
from replication.deciding.kinds import decide
from replication.judged import COLUMNS, ledger_frame, read_claim_evidence
from replication.printed import read_errata
from replication.stored_facts import StoredFacts, stored_facts
from replication.verdicts import (
    CONSTRUCTED,
    FREE,
    NOT_TESTABLE,
    OPEN,
    PRINTED,
    PROOF,
    REAL,
    REGISTER,
    TEXT,
    made_for,
    put_right,
    sentence_verdict,
    tables_of,
)
from runtime.store import Store
from tests.chain import STUDY, WAVE, Chain
from tests.claims import claim_of
from tests.members import indicators, needed_terms, patterns_of


@pytest.fixture(scope="module")
def claims(study: Study) -> dict[str, list[Claim]]:
    return read_claims(study)


@pytest.fixture(scope="module")
def facts(study: Study, committed: Chain, tmp_path_factory: pytest.TempPathFactory) -> StoredFacts:
    """The facts of the committed wave, through a working file as a run leaves it."""
    declared = study.models
    members = indicators(
        committed.memberships, [t for model in declared.models for t in needed_terms(model)]
    )
    # a run numbers respondents in the order of their hashes, and answers by these numbers
    told = [answers["respondent"] for answers in committed.answers.values()]
    known = pd.concat([committed.memberships["respondent"], *told])
    numbers = pd.Series(range(1, known.nunique() + 1), index=sorted(known.unique()))
    people = pd.DataFrame({"respondent": numbers.index, "respondent #": numbers.to_numpy()})
    placed = committed.memberships.merge(people, on="respondent")
    lines = people.assign(file_row=people["respondent #"])
    cells = pd.concat(committed.answers.values(), ignore_index=True)
    cells = cells[["respondent", "item", "rule"]].merge(lines, on="respondent")
    frames: dict[tuple[str, str], pd.DataFrame] = {
        ("coded", "respondents"): people,
        ("coded", "memberships"): placed[["respondent #", "group", "level"]],
        ("clean", "municipalities"): committed.municipalities,
        ("clean", "memberships"): committed.memberships,
        ("restricted", "respondents"): lines,
        ("restricted", "filled"): cells[["file_row", "item"]],
        ("restricted", "unusable"): cells.loc[cells["rule"].notna(), ["file_row", "item"]],
    }
    frames |= {("counts", name): frame for name, frame in committed.counts.items()}
    for model in declared.models:
        answered = committed.answers[study.items[model.item].question]
        fitted = model_frame(model, patterns_of(model, members, answered), rules_of(declared))
        frames[("models", model.id)] = fitted
    store = Store(tmp_path_factory.mktemp("ledger") / "2015.duckdb")
    store.write(frames)
    return stored_facts(study, store)


@pytest.fixture(scope="module")
def ledger(study: Study, claims: dict[str, list[Claim]], facts: StoredFacts) -> pd.DataFrame:
    everything = [claim for chapter in claims.values() for claim in chapter]
    evidence = read_claim_evidence(study, study.source_sheet(WAVE))
    return ledger_frame(everything, facts, study, evidence)


def found(claims: dict[str, list[Claim]], name: str) -> Claim:
    return next(c for chapter in claims.values() for c in chapter if c.id == name)


def test_misprints_are_put_right_where_they_can_be(study: Study) -> None:
    report, errata = read_printed_report(study, []), read_errata(STUDY / "printed")
    right = put_right(report, errata)
    moved = {ref for ref in right.numbers if right.numbers[ref] != report.numbers[ref]}
    # 79.9 can only be 78.9; 28.8 of 57 is 28.1 or 29.8, and says nothing
    assert right.numbers["table_4_2:health:national_orgs"] == 789
    assert "table_4_3:health:companies" not in moved
    assert [e.table for e in errata if e.likely is None] == ["table_4_3", "table_6_7"]
    assert len(moved) == sum(e.likely is not None and e.likely_n is None for e in errata)
    facts = PrintedFacts(right, whole_only=True)
    assert facts.count("actor_national_orgs", "1", "area", "health") == 45
    with pytest.raises((UndecidableError, ValueError)):
        facts.count("actor_companies", "1", "area", "health")


PROVENANCE = {
    "new_focus": {"pinned_by": ["section 4.1"], "made_for": ["all:all", "bloc:blue", "size:x"]},
    "economy": {"pinned_by": [], "made_for": []},
}


def test_a_breakdown_is_made_for_only_with_all_that_is_named(study: Study) -> None:
    def made(**selector: Any) -> bool:
        return made_for(claim_of("no_difference", **selector), study, PROVENANCE)

    assert made(item="new_focus", group="bloc", each=["blue"])
    assert not made(item="new_focus", group="bloc", each=["blue", "red"])
    assert not made(item="new_focus", group="bloc", levels=["blue", "red"])
    assert made(item="new_focus", group="size")  # no level named: the breakdown is enough
    assert not made(item="new_focus", group="region")
    assert not made(items=["new_focus", "economy"], group="size")


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([HOLDS, CONTRADICTED, IMPRECISE], CONTRADICTED),
        ([HOLDS, ROUNDS], ROUNDS),
        ([OPEN, HOLDS], HOLDS),
        ([NOT_TESTABLE, OPEN], OPEN),
        ([NOT_TESTABLE], NOT_TESTABLE),
    ],
)
def test_the_verdict_of_a_sentence(parts: list[str], whole: str) -> None:
    assert sentence_verdict(parts) == whole


def test_tables_that_show_a_claim(study: Study) -> None:
    def claim_of_share(**of: Any) -> Claim:
        told: dict[str, Any] = {"of": {"codes": [1], **of}, "is": 1}
        return claim_of(**told)

    assert tables_of(claim_of_share(item="municipal_policy"), study) == ["table_3_1"]
    by_region = claim_of_share(item=STATUS_ITEM, group="region", level="x")
    assert tables_of(by_region, study) == ["table_a1_1"]
    assert tables_of(claim_of_share(item=STATUS_ITEM, group="area"), study) == []
    band = {"item": "initiation_user_run", "group": "pressure_band", "level": "lowest"}
    assert tables_of(claim_of_share(**band), study) == ["table_5_2"]


def test_ids_are_unique_in_order_and_named_after_their_chapter(
    claims: dict[str, list[Claim]],
) -> None:
    assert list(claims) == ["resume", "2", "3", "4", "5", "6", "7", "8"]
    for chapter, own in claims.items():
        prefix = f"c{chapter}_" if chapter.isdigit() else "r_"
        ids = [claim.id for claim in own]
        assert all(re.fullmatch(rf"{prefix}\d{{3}}[a-z]?", i) for i in ids)
        assert ids == sorted(ids)
        # the id of a statement that was withdrawn is not given again: proofs and notes name it
        assert len(set(ids)) == len(ids)


def test_statements_are_short_sentences_in_two_languages(claims: dict[str, list[Claim]]) -> None:
    for claim in (c for chapter in claims.values() for c in chapter):
        own = claim.statement
        assert own.da != own.en, claim.id
        for text in (own.da, own.en):
            assert 0 < len(text) <= 175, claim.id
            assert text.endswith("."), claim.id
            assert "\n" not in text, claim.id
            assert not set(text) & set('"“”„«»'), claim.id
        assert claim.section
        assert claim.at is not None, claim.id


def test_only_what_is_declared_so_is_not_testable(ledger: pd.DataFrame) -> None:
    """A mistake in a level or a missing model must not make a statement untestable."""
    assert tuple(ledger.columns) == COLUMNS
    given_up = ledger[ledger["verdict"] == NOT_TESTABLE]
    # models say whether a relation was controlled; print does not show them
    assert set(given_up["kind"]) == {"not_testable", "control"}
    assert (ledger["kind"] == "not_testable").sum() == len(given_up) - 1
    assert given_up["note"].str.len().min() > 10
    assert set(given_up["basis"]) == {""}


def test_next_to_nothing_is_not_testable(claims: dict[str, list[Claim]]) -> None:
    """Exceptions are section 4.5, which describes open answers, and repetitions of it."""
    every = [c for own in claims.values() for c in own if isinstance(c, NotTestable)]
    other = [c for c in every if not c.section.startswith("4.5") and not c.echoes]
    assert len(other) <= 50
    assert all(c.reason.endswith(".") for c in other)


def test_every_verdict_has_evidence_one_can_open(
    study: Study, claims: dict[str, list[Claim]], ledger: pd.DataFrame
) -> None:
    decided = ledger[ledger["verdict"] != NOT_TESTABLE].set_index("id")
    answers = decided[decided["note"] != "The answers of this wave hold no such texts."]
    assert (answers.loc[answers["verdict"] != OPEN, "computed"] != "").all()
    assert (decided["expected"] != "").sum() > 0.9 * len(decided)
    counted = {question.id for question in study.counted_questions}
    for claim in (c for chapter in claims.values() for c in chapter if c.id in decided.index):
        items = {item for s in claim.selectors for item in s.items_in(study)} - {STATUS_ITEM}
        closed = {i for i in items if study.items[i].type != "open"}
        assert {study.items[i].question for i in closed} <= counted, claim.id


def test_verdicts_of_the_committed_wave_fit_their_basis(ledger: pd.DataFrame) -> None:
    decided = {HOLDS, ROUNDS, IMPRECISE, CONTRADICTED}
    allowed = {
        PRINTED: decided,
        REGISTER: decided,
        TEXT: decided,
        CONSTRUCTED: {OPEN},
        FREE: {OPEN},
        PROOF: {HOLDS, IMPRECISE, CONTRADICTED, OPEN},
        "": {NOT_TESTABLE},
    }
    for basis, own in ledger.groupby("basis"):
        assert set(own["verdict"]) <= allowed[str(basis)]
    # constructed answers contradict no statement
    assert ledger.loc[ledger["verdict"] == CONTRADICTED, "basis"].isin([PRINTED, PROOF]).all()
    assert ledger.loc[ledger["verdict"] == OPEN, "note"].str.len().min() > 20


def test_without_proofs_the_construction_decides_nothing(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts, ledger: pd.DataFrame
) -> None:
    evidence = replace(read_claim_evidence(study, study.source_sheet(WAVE)), proofs={})
    every = [claim for chapter in claims.values() for claim in chapter]
    bare = ledger_frame(every, facts, study, evidence)
    assert PROOF not in set(bare["basis"])
    proven = ledger.set_index("id")["basis"].eq(PROOF)
    before = bare.set_index("id")
    assert set(before.loc[proven[before.index], "basis"]) == {CONSTRUCTED, FREE}
    assert set(before.loc[proven[before.index], "verdict"]) == {OPEN}


def test_proofs_are_about_the_printed_wave_and_constructed_answers(study: Study) -> None:
    sheet = study.source_sheet(WAVE)
    assert read_claim_evidence(study, sheet).proofs
    assert not read_claim_evidence(study, replace(sheet, origin="real")).proofs
    assert not read_claim_evidence(study, replace(sheet, wave="2030")).proofs


@pytest.mark.parametrize(
    ("name", "computed", "expected", "verdict"),
    [
        ("c4_118", "40.46%", "41%", ROUNDS),  # 140 of 346: 40.5 in print
        ("c4_063", "58.50%", "58%", ROUNDS),
        ("c5_066", "40.73%", "40%", ROUNDS),
        ("c6_126", "32.61%", "32%", ROUNDS),
        ("c4_040", "39.02%", "just under 50%", CONTRADICTED),
        ("c6_111", "58.8", "bottom", CONTRADICTED),
        ("c2_008", "7.00", "5", IMPRECISE),
        ("c6_045", "35.7 against 31.4", "more", HOLDS),
        ("c7_207", "p = 0.3561", "less", IMPRECISE),
        ("c7_208", "63.2 against 36.6", "less", CONTRADICTED),
        ("r_011", "39.27%", "19%", CONTRADICTED),
    ],
)
def test_what_print_says_of_a_statement(
    ledger: pd.DataFrame, name: str, computed: str, expected: str, verdict: str
) -> None:
    line = ledger.set_index("id").loc[name]
    assert (line["verdict"], line["basis"]) == (verdict, PRINTED)
    assert computed in line["computed"]
    assert expected in line["expected"]


def test_the_audit_finds_what_print_contradicts(
    study: Study, claims: dict[str, list[Claim]], ledger: pd.DataFrame
) -> None:
    """The ledger and the audit find the same contradictions, as they read sentences alike."""
    report = read_printed_report(study, [c for own in claims.values() for c in own])
    findings = {f.claim for f in audit(report) if f.claim and "=" not in f.id}
    printed = ledger[ledger["basis"] == PRINTED]
    contradicted = set(printed.loc[printed["verdict"] == CONTRADICTED, "id"])
    assert contradicted <= findings
    # What only a misprint contradicts holds in the ledger, which knows the errata.
    for name in findings - contradicted:
        assert ledger.set_index("id").loc[name, "verdict"] != CONTRADICTED


def moved(facts: StoredFacts, item: str, source: str, target: str, n: int) -> StoredFacts:
    """The facts after n answers to an item were changed, over all levels."""
    own = dict(facts.counts[item])
    own[(item, source, "all", "all")] -= n
    own[(item, target, "all", "all")] += n
    return replace(facts, counts={**facts.counts, item: own})


def test_verdicts_are_computed(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    """With eight more "sometimes", 41 % and 39 % change: no verdict is hard-coded."""
    evidence = replace(
        read_claim_evidence(study, replace(study.source_sheet(WAVE), origin="real")), proofs={}
    )
    own = [found(claims, name) for name in ("c4_116", "c4_118")]
    before = ledger_frame(own, facts, study, evidence)
    after = ledger_frame(own, moved(facts, "cross_cutting", "2", "3", 8), study, evidence)
    assert before["verdict"].tolist() == [HOLDS, ROUNDS]
    assert before["computed"].tolist() == ["39.02%", "40.46%"]
    assert after["verdict"].tolist() == [CONTRADICTED, CONTRADICTED]


def test_real_answers_decide_what_print_leaves_open(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    sheet = replace(study.source_sheet(WAVE), origin="real")
    own = [found(claims, name) for name in ("c4_001", "c4_116", "c4_118")]
    frame = ledger_frame(own, facts, study, read_claim_evidence(study, sheet))
    assert set(frame["basis"]) == {REAL}
    assert frame["verdict"].tolist() == [HOLDS, HOLDS, ROUNDS]


def test_every_claim_under_control_has_its_model(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    declared = {(m.item, m.codes, *m.exposure) for m in study.models.models}
    wanted = {
        (item, tuple(claim.code_list), claim.group, claim.level)
        for chapter in claims.values()
        for claim in chapter
        if isinstance(claim, Adjusted)
        for item in claim.items_in(study)
    }
    assert wanted
    assert wanted <= declared
    assert wanted <= set(facts.models)


def test_claims_without_their_model_or_counts_say_so(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    words = read_words(study)
    bare = replace(facts, models={}, counts={})
    for name, reason in (
        ("c3_015", "no model of municipal_policy in [1] by size=from_75000"),
        ("c4_011", "no numbers of collaborations in all=all"),
        ("c3_001", "municipal_policy is not counted"),
    ):
        outcome = decide(found(claims, name), bare, study, words)
        assert outcome.met is None
        assert reason in outcome.note


def test_invitations_add_up_over_breakdowns_of_municipalities(
    facts: StoredFacts, committed: Chain, study: Study
) -> None:
    invited = committed.invitations.merge(
        committed.municipalities, left_on="municipality", right_on="code", suffixes=("", "_m")
    )
    for level in study.group["region"].levels:
        own = invited[invited["region"] == level.key]
        assert facts.count(STATUS_ITEM, "total", "region", level.key) == len(own)
        complete = int((own["status"] == "complete").sum())
        assert facts.count(STATUS_ITEM, "complete", "region", level.key) == complete
    assert facts.count(STATUS_ITEM, "total", "all", "all") == 838


def test_numbers_by_place(facts: StoredFacts, committed: Chain) -> None:
    frame = committed.answers["collaborations"]
    own = frame[(frame["item"] == "collaborations") & frame["number"].notna()]
    values = sorted(own["number"])
    place = ("collaborations", "all", "all")
    assert sum(facts.numbers(*place).values()) == len(values)
    inside = sum(v <= 3 for v in values) / len(values) * 100
    assert facts.share_between(*place, 0, 3) == pytest.approx(inside)
    assert facts.median(*place) == statistics.median(values) == 5
    assert facts.mean(*place) == pytest.approx(statistics.fmean(values))
    blue = committed.memberships.query("group == 'bloc' and level == 'blue'")["respondent"]
    among = own[own["respondent"].isin(set(blue))]["number"]
    assert facts.mean("collaborations", "bloc", "blue") == pytest.approx(among.mean())
