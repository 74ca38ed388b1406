"""The ledger as assets: every statement of the report, the computed result and the verdict."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import asked_by, declared, hashed, without_labels
from assets.step.declaring import FIGURES
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.markdown import markdown
from assets.step.metadata import data_note
from assets.step.names import answers, chapter_group, counts
from declarations import SpecError, Study
from declarations.claims.claim import all_claims
from declarations.claims.kinds import Claim, Share
from declarations.claims.words import read_words
from declarations.tables.unnumbered import read_unnumbered
from replication.deciding.facts import CONTRADICTED, IMPRECISE
from replication.judged import (
    COLUMNS,
    HOLDS,
    ledger_frame,
    other_wave_frame,
    read_claim_evidence,
    read_provenance,
)
from replication.places import read_places
from replication.proof.assets import proofs_declared
from replication.reproduction import compared_declared, print_declared, published_before
from replication.stored_facts import stored_facts
from replication.verdicts import OTHER_WAVE, items_of


def ledger_key(chapter: str) -> dg.AssetKey:
    """The key of the asset with a chapter's ledger."""
    return dg.AssetKey(["claims", chapter_group(chapter)])


def steps(study: Study) -> list[Step]:
    """One asset per chapter of the report, from its claims; none for a study without claims."""
    chapters = declared(study).claims
    if not chapters:
        return []
    # a line names the tables that show its items, also those of other waves
    places, note = read_places(study.whole), data_note(study)
    rests = _Rests(study, chapters)
    assets = [
        Asset(
            ledger_key(chapter),
            group="claims",
            description="Every statement of a result in this part of the report as a "
            "predicate over results. Where print, the register or a proof decides: holds, "
            "rounds, imprecise (true under a usual reading) or contradicted (under none); "
            f"open where print leaves it so.\n\n{note}",
            deps=[
                *places.of_all(claims).values(),
                *(counts(question) for question in questions_of(claims, study)),
                *(answers(question) for question in opened_by(claims, study)),
            ],
            rests_on=rests.of(claims),
            columns=described(COLUMNS, HOLDS),
            published=[Published("results", "claims", csv=True, holds=FIGURES)],
            kinds=frozenset({"pandas"}),
            metadata={"declared_in": claims[0].source if claims else ""},
        )
        for chapter, claims in chapters.items()
    ]
    return [step("test_claims", study, assets, test_claims, partial=True, as_asked=True)]


class _Rests:
    """The declarations, print, proofs and provenance that the verdicts on some claims depend on."""

    def __init__(self, study: Study, chapters: Mapping[str, Sequence[Claim]]) -> None:
        self.study = study
        self.every = all_claims(chapters)
        # a proof depends on all declarations
        self.proofs = proofs_declared(study.whole)
        self.shared = hashed([
            read_words(study), print_declared(study), declared(study).tested, declared(study).rules,
            without_labels(list(study.models.models)), compared_declared(study.whole),
        ])  # fmt: skip

    @cached_property
    def made(self) -> Mapping[str, Any]:
        """How the answers of the printed wave were constructed, per item."""
        wave = self.study.printed_wave
        try:
            return read_provenance(self.study.source_sheet(wave)) if wave else {}
        except SpecError:
            # the run reports what is wrong with it
            return {}

    def of(self, claims: Sequence[Claim]) -> Any:
        """The dependencies of a part of the report."""
        # also of items and groups that a wave does not have, if a claim names them
        whole = self.study.whole
        asked = [whole.question[question] for question in questions_of(claims, whole)]
        items = {item.id: asked_by(item) for question in asked for item in question.items}
        spoken = [r for r in read_unnumbered(self.study) if r.question.id in {q.id for q in asked}]
        named = {s.breakdown for claim in claims for s in claim.selectors}
        groups = without_labels([group for group in whole.groups if group.id in named])
        return [
            claims, self.shared, items, groups, hashed(declared(whole).cells(items)),
            [self.proofs.get(claim.id) for claim in claims],
            [(item, self.made.get(item)) for item in items], [(r.id, r.groups) for r in spoken],
            self._stated(claims),
        ]  # fmt: skip

    def _stated(self, claims: Sequence[Claim]) -> Any:
        """What any part of the report states of answers whose sum one of the claims is about."""
        summed = {
            item
            for claim in claims
            if isinstance(claim, Share) and len(claim.of.code_list) > 1
            for item in items_of(claim, self.study.whole)
        }
        return [
            (claim.chapter, claim.sentence, claim.content())
            for claim in self.every
            if isinstance(claim, Share) and claim.of.item in summed
        ]


def test_claims(given: Given) -> Iterator[Made]:
    """The ledger of the chosen parts of the report."""
    study, places, chapters = given.study, read_places(given.study), declared(given.study).claims
    chosen = {c: own for c, own in chapters.items() if ledger_key(c) in given.chosen}
    if study.printed_wave in (None, given.wave):
        # a statement may be decided by what other parts of the report state
        every = all_claims(chapters)
        facts, evidence = (
            stored_facts(given.asked, given.store),
            read_claim_evidence(study, given.sheet, every),
        )
        frames = {c: ledger_frame(own, facts, study, evidence) for c, own in chosen.items()}
    else:
        printed = study.printed_wave
        frames = {c: other_wave_frame(own, places, printed) for c, own in chosen.items()}
    before = published_before(given, "claims", COLUMNS)
    for chapter, frame in frames.items():
        read = places.of_all(chapters[chapter]).values()
        lineage = {"computed": [(key, "value") for key in read if key.path[0] == "tables"]}
        shown, wave = frame, given.wave
        if before is not None:
            # the page keeps showing the ledger of the printed wave
            shown = before[before["id"].isin([claim.id for claim in chapters[chapter]])]
            wave = str(study.printed_wave)
        found = {str(v): int(n) for v, n in shown["verdict"].value_counts().items()}
        text = f"**Wave {wave}**\n\n{not_met(shown)}"
        metadata = {"not_met": dg.MarkdownMetadataValue(text), "shown_wave": wave, **found}
        yield Made(ledger_key(chapter), frame, lineage, metadata, preview=shown)


def not_met(frame: pd.DataFrame) -> str:
    """Contradicted claims and imprecise ones, as Markdown."""
    if (frame["verdict"] == OTHER_WAVE).all():
        return "The report is not about this wave, so no statement was tested on it."
    own = frame[frame["verdict"].isin((CONTRADICTED, IMPRECISE))]
    shown = ["id", "section", "statement", "expected", "computed", "verdict"]
    return markdown(own[shown]) if len(own) else "Every testable statement holds."


def questions_of(claims: Sequence[Claim], study: Study) -> list[str]:
    """Questions whose counts the claims read."""
    items = dict.fromkeys(item for claim in claims for item in items_of(claim, study))
    found = dict.fromkeys(study.items[i].question for i in items if i in study.items)
    counted = {q.id for q in study.counted_questions}
    return [question for question in found if question in counted]


def opened_by(claims: Sequence[Claim], study: Study) -> list[str]:
    """Questions whose texts the claims count."""
    items = dict.fromkeys(item for claim in claims for item in items_of(claim, study))
    opened = [i for i in items if i in study.items and study.items[i].type == "open"]
    return list(dict.fromkeys(study.items[i].question for i in opened))
