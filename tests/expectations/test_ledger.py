"""The ledger of the committed wave: what decides a claim, and that every claim is decided by it."""

from __future__ import annotations

import re
import statistics
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from assets.analysis.models import indicators, model_frame, needed_terms, patterns_of, rules_of
from declarations import Study
from declarations.claims.claim import Claim, read_claims, read_words, selector_items, selectors
from declarations.claims.predicates import KINDS
from declarations.load import STATUS_ITEM
from declarations.tables.models import read_models
from replication.audit import audit, read_printed_report
from replication.ledger import COLUMNS, StoredFacts, ledger_frame, read_evidence, stored_facts
from replication.predicates import Evaluation, decide
from replication.printed import printed_tables, read_errata
from replication.verdicts import (
    CONSISTENT,
    CONSTRUCTED,
    CONTRADICTED,
    FREE,
    HOLDS,
    INCONSISTENT,
    NOT_TESTABLE,
    PRINTED,
    PROOF,
    REAL,
    Print,
    basis_and_verdict,
    made_for,
    open_counts,
    print_decides,
    printed_coordinates,
    tables_of,
    why_inconsistent,
)
from runtime.store import Store
from tests.chain import STUDY, WAVE, Chain

CODES = ["1", "2", "3"]
KNOWN = Print(
    frozenset(
        {
            ("new_focus", "1", "all", "all"),
            ("new_focus", "2", "all", "all"),
            ("new_focus", "1", "bloc", "blue"),
            ("new_focus", "3", "bloc", "blue"),
            ("new_focus", "1", "bloc", "red"),
        }
    ),
    frozenset({("new_focus", "all", "all"), ("new_focus", "bloc", "blue")}),
    frozenset({("status", "none", "size")}),
)


@pytest.fixture(scope="module")
def claims(study: Study) -> dict[str, list[Claim]]:
    return read_claims(study)


@pytest.fixture(scope="module")
def facts(study: Study, committed: Chain, tmp_path_factory: pytest.TempPathFactory) -> StoredFacts:
    """The facts of the committed wave, through a working file as a run leaves it."""
    declared = read_models(study)
    members = indicators(
        committed.memberships, [t for model in declared.models for t in needed_terms(model)]
    )
    frames: dict[tuple[str, str], pd.DataFrame] = {
        ("clean", "municipalities"): committed.municipalities,
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
    evidence = read_evidence(study, study.source_sheet(WAVE))
    return ledger_frame(everything, facts, study, evidence)


@pytest.fixture(scope="module")
def known(study: Study) -> Print:
    return printed_coordinates(printed_tables(study), read_errata(STUDY / "printed"), study)


def found(claims: dict[str, list[Claim]], name: str) -> Claim:
    return next(c for chapter in claims.values() for c in chapter if c.id == name)


def claim_of(kind: str = "share", **predicate: Any) -> Claim:
    return Claim("c0_001", "0", "0", "A statement.", kind, predicate, "", "claims/x.yaml")


@pytest.mark.parametrize(
    ("item", "code", "group", "level", "covered"),
    [
        ("new_focus", "1", "all", "all", True),  # printed
        ("new_focus", "3", "all", "all", True),  # the rest of a printed base
        ("new_focus", "total", "all", "all", True),
        ("new_focus", "2", "bloc", "blue", True),
        ("new_focus", "1", "bloc", "!blue", True),  # everyone less the level
        ("new_focus", "2", "bloc", "!blue", True),
        ("new_focus", "total", "bloc", "!blue", True),
        ("new_focus", "1", "bloc", "!red", True),
        ("new_focus", "2", "bloc", "red", False),
        ("new_focus", "total", "bloc", "red", False),  # no base printed
        ("new_focus", "2", "bloc", "!red", False),
        ("new_focus", "1", "bloc", "local", False),
        ("area_policy", "1", "all", "all", False),
        ("status", "none", "size", "under_35000", True),  # sum of municipalities
        ("status", "none", "area", "health", False),
    ],
)
def test_what_follows_from_print(
    item: str, code: str, group: str, level: str, covered: bool
) -> None:
    assert KNOWN.covers(item, code, group, level, CODES) is covered


def test_a_rest_needs_its_base_and_every_other_code() -> None:
    two = Print(
        frozenset({("new_focus", "1", "all", "all")}), frozenset({("new_focus", "all", "all")})
    )
    assert not two.covers("new_focus", "3", "all", "all", CODES)
    assert two.covers("new_focus", "3", "all", "all", ["1", "3"])
    baseless = Print(two.coordinates, frozenset())
    assert not baseless.covers("new_focus", "3", "all", "all", ["1", "3"])


def test_misprints_without_a_known_figure_are_not_print(study: Study, known: Print) -> None:
    companies = ("actor_companies", "1", "area", "health")  # 28.8 of 57: 28.1 or 29.8
    national = ("actor_national_orgs", "1", "area", "health")  # 79.9 can only be 78.9
    assert companies not in known.coordinates
    assert national in known.coordinates
    tables, errata = printed_tables(study), read_errata(STUDY / "printed")
    assert companies in printed_coordinates(tables, [], study).coordinates
    unknown = [e.model_copy(update={"likely": None}) if e.printed == "79.9" else e for e in errata]
    assert national not in printed_coordinates(tables, unknown, study).coordinates
    assert [e.table for e in errata if e.likely is None] == ["table_4_3", "table_6_7"]


def test_print_has_bases_sums_and_no_differences(known: Print) -> None:
    assert ("actor_volunteers", "all", "all") in known.bases
    assert ("reason_quality", "pressure_half", "high") in known.bases
    assert (STATUS_ITEM, "none", "region") in known.summed
    assert (STATUS_ITEM, "none", "area") not in known.summed
    assert {item for item, *_ in known.summed} == {STATUS_ITEM}
    assert ("new_focus", "1", "all", "all") not in known.coordinates  # prose only


def outcome_of(met: bool | None, *read: tuple[str, str, str, str]) -> Evaluation:
    return Evaluation("", "", met, read=set(read))


PROVENANCE = {
    "new_focus": {"pinned_by": ["section 4.1"], "made_for": ["all:all", "bloc:blue", "size:x"]},
    "economy": {"pinned_by": [], "made_for": []},
}
IN_PRINT = ("new_focus", "1", "bloc", "blue")
OPEN = ("new_focus", "2", "bloc", "red")


@pytest.mark.parametrize(
    ("outcome", "real", "predicate", "expected"),
    [
        (outcome_of(None), False, {"of": {"item": "new_focus"}}, ("", NOT_TESTABLE)),
        (outcome_of(None), True, {"of": {"item": "new_focus"}}, ("", NOT_TESTABLE)),
        (outcome_of(True, IN_PRINT), False, {"of": {"item": "new_focus"}}, (PRINTED, HOLDS)),
        (
            outcome_of(False, IN_PRINT),
            False,
            {"of": {"item": "new_focus"}},
            (PRINTED, CONTRADICTED),
        ),
        (outcome_of(True, IN_PRINT), True, {"of": {"item": "new_focus"}}, (REAL, HOLDS)),
        (outcome_of(False, OPEN), True, {"of": {"item": "new_focus"}}, (REAL, CONTRADICTED)),
        # one open count among printed ones leaves the claim to the data
        (
            outcome_of(True, IN_PRINT, OPEN),
            False,
            {"of": {"item": "new_focus", "group": "bloc", "level": "blue"}},
            (CONSTRUCTED, CONSISTENT),
        ),
        (
            outcome_of(False, OPEN),
            False,
            {"of": {"item": "new_focus", "group": "bloc", "level": "!blue"}},
            (CONSTRUCTED, INCONSISTENT),
        ),
        (
            outcome_of(True, OPEN),
            False,
            {"of": {"item": "new_focus", "group": "bloc", "level": "red"}},
            (FREE, CONSISTENT),
        ),
        (outcome_of(True, OPEN), False, {"of": {"item": "new_focus"}}, (CONSTRUCTED, CONSISTENT)),
        (outcome_of(False, OPEN), False, {"of": {"item": "economy"}}, (FREE, INCONSISTENT)),
        # nothing read is nothing print can decide
        (outcome_of(True), False, {"of": {"item": "economy"}}, (FREE, CONSISTENT)),
    ],
)
def test_basis_and_verdict(
    study: Study, outcome: Evaluation, real: bool, predicate: Any, expected: tuple[str, str]
) -> None:
    claim = claim_of(**predicate)
    assert basis_and_verdict(claim, outcome, KNOWN, study, real, PROVENANCE) == expected


def test_a_breakdown_is_made_for_only_with_all_that_is_named(study: Study) -> None:
    def made(**selector: Any) -> bool:
        return made_for(claim_of(kind="no_difference", **selector), study, PROVENANCE)

    assert made(item="new_focus", group="bloc", each=["blue"])
    assert not made(item="new_focus", group="bloc", each=["blue", "red"])
    assert not made(item="new_focus", group="bloc", levels=["blue", "red"])
    assert made(item="new_focus", group="size")  # no level named: the breakdown is enough
    assert not made(item="new_focus", group="region")
    assert not made(items=["new_focus", "economy"], group="size")


def test_models_and_numbers_are_never_decided_by_print(study: Study) -> None:
    outcome = outcome_of(True, IN_PRINT)
    assert print_decides(outcome, KNOWN, study)
    outcome.whole = {("new_focus", "bloc", "blue")}
    assert print_decides(outcome, KNOWN, study)
    for whole in (("new_focus", "model", "all"), ("collaborations", "all", "all")):
        outcome.whole = {whole}
        assert not print_decides(outcome, KNOWN, study)


def test_why_constructed_answers_do_not_show_a_statement(study: Study) -> None:
    outcome = outcome_of(False, IN_PRINT, OPEN)
    assert open_counts(outcome, KNOWN, study) == [OPEN]
    assert "fixes 1 of the 2 counts" in why_inconsistent(CONSTRUCTED, outcome, KNOWN, study)
    assert "not made to show" in why_inconsistent(FREE, outcome, KNOWN, study)


def test_tables_that_show_a_claim(study: Study) -> None:
    assert tables_of(claim_of(of={"item": "municipal_policy"}), study) == ["table_3_1"]
    by_region = claim_of(of={"item": STATUS_ITEM, "group": "region", "level": "x"})
    assert tables_of(by_region, study) == ["table_a1_1"]
    assert tables_of(claim_of(of={"item": STATUS_ITEM, "group": "area"}), study) == []
    band = {"item": "initiation_user_run", "group": "pressure_band", "level": "lowest"}
    assert tables_of(claim_of(of=band), study) == ["table_5_2"]


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


def test_statements_are_short_sentences(claims: dict[str, list[Claim]]) -> None:
    for claim in (c for chapter in claims.values() for c in chapter):
        assert claim.kind in KINDS
        assert 0 < len(claim.statement) <= 160, claim.id
        assert claim.statement.endswith("."), claim.id
        assert "\n" not in claim.statement
        assert claim.section


def test_only_what_is_declared_so_is_not_testable(ledger: pd.DataFrame) -> None:
    """A slip in a level or a missing model must not pass as a statement nobody can test."""
    assert tuple(ledger.columns) == COLUMNS
    given_up = ledger[ledger["verdict"] == NOT_TESTABLE]
    assert set(given_up["kind"]) == {"not_testable"}
    assert (ledger["kind"] == "not_testable").sum() == len(given_up)
    assert given_up["note"].str.len().min() > 10
    assert set(given_up["basis"]) == {""}


def test_every_verdict_has_evidence_one_can_open(
    study: Study, claims: dict[str, list[Claim]], ledger: pd.DataFrame
) -> None:
    decided = ledger[ledger["verdict"] != NOT_TESTABLE].set_index("id")
    assert decided["computed"].str.contains(r"\d").all()
    assert (decided["expected"] != "").all()
    assert (decided["tables"] != "").all()
    counted = {question.id for question in study.counted_questions}
    for claim in (c for chapter in claims.values() for c in chapter if c.id in decided.index):
        items = {item for s in selectors(claim) for item in selector_items(s, study)}
        questions = {study.items[i].question for i in items if i != STATUS_ITEM}
        assert items, claim.id
        assert questions <= counted, claim.id


def test_verdicts_of_the_committed_wave_fit_their_basis(ledger: pd.DataFrame) -> None:
    allowed = {
        PRINTED: {HOLDS, CONTRADICTED},
        CONSTRUCTED: {CONSISTENT, INCONSISTENT},
        FREE: {CONSISTENT, INCONSISTENT},
        PROOF: {HOLDS, CONTRADICTED, "open"},
        "": {NOT_TESTABLE},
    }
    for basis, own in ledger.groupby("basis"):
        assert set(own["verdict"]) <= allowed[str(basis)]
    inconsistent = ledger[ledger["verdict"] == INCONSISTENT]
    assert inconsistent["note"].str.len().min() > 20
    proven = ledger[ledger["basis"] == PROOF]
    assert proven["note"].str.contains("Other data that agree with print give").all()
    # next to nothing rests on the construction alone
    resting = ledger["basis"].isin([CONSTRUCTED, FREE]).sum()
    assert resting < 0.02 * len(proven)


def test_without_proofs_the_construction_speaks_and_most_was_made_to_come_out(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts, ledger: pd.DataFrame
) -> None:
    evidence = replace(read_evidence(study, study.source_sheet(WAVE)), proofs={})
    every = [claim for chapter in claims.values() for claim in chapter]
    bare = ledger_frame(every, facts, study, evidence)
    assert PROOF not in set(bare["basis"])
    proven = ledger.set_index("id")["basis"].eq(PROOF)
    before = bare.set_index("id")["basis"]
    assert set(before[proven[before.index]]) == {CONSTRUCTED, FREE}
    inconsistent = (bare["verdict"] == INCONSISTENT).sum()
    assert 0 < inconsistent < 0.05 * (bare["verdict"] == CONSISTENT).sum()


def test_proofs_are_about_the_printed_wave_and_constructed_answers(study: Study) -> None:
    sheet = study.source_sheet(WAVE)
    assert read_evidence(study, sheet).proofs
    assert not read_evidence(study, replace(sheet, origin="real")).proofs
    assert not read_evidence(study, replace(sheet, wave="2030")).proofs


@pytest.mark.parametrize(
    ("name", "computed", "expected"),
    [
        ("c4_118", "40.46%", "41%"),  # 140 of 346
        ("c4_063", "58.50%", "58%"),
        ("c5_066", "40.73%", "40%"),
        ("c6_126", "32.61%", "32%"),
        ("c4_040", "39.02%", "just under 50%"),
        ("c6_111", "value_trust 58.8", "bottom: value_democratisation"),
        ("c2_007", "4.00", "3"),  # with one of one in Fanø
        ("c2_008", "7.00", "5"),
        ("c6_045", "p = 0.5268", "more, p < 0.5"),
    ],
)
def test_contradictions_within_the_report(
    ledger: pd.DataFrame, name: str, computed: str, expected: str
) -> None:
    line = ledger.set_index("id").loc[name]
    assert (line["verdict"], line["basis"]) == (CONTRADICTED, PRINTED)
    assert computed in line["computed"]
    assert line["expected"] == expected


def test_the_audit_finds_what_print_contradicts(
    study: Study, claims: dict[str, list[Claim]], ledger: pd.DataFrame
) -> None:
    """Two ways to the same statements: counts of answers that meet print, and printed figures."""
    report = read_printed_report(study, [c for own in claims.values() for c in own])
    # A pair of statements on one quantity is another matter: print need not decide it.
    findings = [f for f in audit(report) if f.claim and "=" not in f.id]
    # Numbers of municipalities are found by a rule of their own, which names no statement.
    asked = ledger[ledger["kind"] != "levels"]
    contradicted = set(asked.loc[asked["verdict"] == CONTRADICTED, "id"])
    # What only a misprint contradicts holds in the ledger, which knows the errata.
    misprints = {f.claim for f in findings if f.cause.startswith("table_")}
    assert {f.claim for f in findings} - misprints == contradicted
    assert set(ledger.loc[ledger["id"].isin(misprints), "verdict"]) == {HOLDS}


def moved(facts: StoredFacts, item: str, source: str, target: str, n: int) -> StoredFacts:
    """The same facts with n answers of an item given otherwise, over all."""
    own = dict(facts.counts[item])
    own[(item, source, "all", "all")] -= n
    own[(item, target, "all", "all")] += n
    return replace(facts, counts={**facts.counts, item: own})


def test_contradictions_are_computed(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts, ledger: pd.DataFrame
) -> None:
    """With two more sometimes, 41 % holds and 39 % does not: nothing is typed in."""
    evidence = read_evidence(study, study.source_sheet(WAVE))
    own = [found(claims, name) for name in ("c4_116", "c4_118")]
    before = ledger[ledger["id"].isin(["c4_116", "c4_118"])]["verdict"].tolist()
    other = moved(facts, "cross_cutting", "2", "3", 2)
    after = ledger_frame(own, other, study, evidence)
    assert before == [HOLDS, CONTRADICTED]
    assert after["verdict"].tolist() == [CONTRADICTED, HOLDS]
    assert after["computed"].tolist() == ["38.44%", "41.04%"]


def test_real_answers_decide_what_print_leaves_open(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    sheet = replace(study.source_sheet(WAVE), origin="real")
    own = [found(claims, name) for name in ("c4_001", "c4_116", "c4_118")]
    frame = ledger_frame(own, facts, study, read_evidence(study, sheet))
    assert set(frame["basis"]) == {REAL}
    assert frame["verdict"].tolist() == [HOLDS, HOLDS, CONTRADICTED]


def test_every_claim_under_control_has_its_model(
    study: Study, claims: dict[str, list[Claim]], facts: StoredFacts
) -> None:
    declared = {(m.item, m.codes, *m.exposure) for m in read_models(study).models}
    wanted = {
        (item, tuple(c.predicate["codes"]), c.predicate["group"], c.predicate["level"])
        for chapter in claims.values()
        for c in chapter
        if c.kind == "adjusted"
        for item in selector_items(c.predicate, study)
    }
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
