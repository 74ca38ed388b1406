"""The ledger: every statement of the report, its predicate, what was computed and the verdict."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import dagster as dg
import pandas as pd

from assets.step.columns import described
from assets.step.declared import asked_by, declared, hashed, without_labels
from assets.step.factory import Asset, Given, Made, Published, Step, step
from assets.step.markdown import markdown
from assets.step.metadata import data_note
from assets.step.names import counts
from assets.tables.results import Counts, count_of, counts_index, number_counts
from declarations import SourceSheet, SpecError, Study
from declarations.claims.claim import Claim, read_words, selector_items, selectors
from declarations.documents import read_document
from declarations.errors import need, only
from declarations.load import STATUS_ITEM
from declarations.tables.models import read_models
from declarations.tables.unnumbered import read_unnumbered
from replication.number_facts import NumberFacts
from replication.places import Places, read_places
from replication.predicates import Coordinate, UndecidableError, decide
from replication.printed import printed_tables, read_errata
from replication.printed_marks import Marks, read_marks
from replication.proof.assets import proofs_declared
from replication.proof.record import Proof, printed_wave, read_proofs
from replication.reproduction import print_declared, published_before
from replication.verdicts import (
    CONSTRUCTED,
    CONTRADICTED,
    FREE,
    INCONSISTENT,
    OPEN,
    OTHER_WAVE,
    PROOF,
    Print,
    basis_and_verdict,
    printed_coordinates,
    why_inconsistent,
)
from runtime.store import Store

COLUMNS = (
    "id", "section", "statement", "kind", "predicate", "expected", "computed", "verdict",
    "basis", "tables", "note",
)  # fmt: skip
HOLDS = {
    "id": "Claim as declared in claims/",
    "section": "Section of the report where it stands",
    "statement": "The statement, paraphrased",
    "kind": "Kind of predicate",
    "predicate": "What decides it: items, codes, groups and levels",
    "expected": "What the report says, as the predicate reads it",
    "computed": "What the results give",
    "verdict": "holds or contradicted (print, proof or real data decide); open (data that agree "
    "with print meet it, others do not); consistent or inconsistent (constructed answers); not "
    "testable",
    "basis": "printed, proof (over all data that agree with print), real, constructed (the answers "
    "were made to show it) or free",
    "tables": "Where to look it up: tables, unnumbered results, models",
    "note": "Why it is not testable or not met, and how it was read",
}
# what is said of an item in a wave's provenance.yaml
PROVENANCE = ("pinned_by", "shaped_by", "made_for", "free")


def ledger_key(chapter: str) -> dg.AssetKey:
    """Asset of a chapter's ledger."""
    return dg.AssetKey(["claims", f"chapter_{chapter}" if chapter.isdigit() else chapter])


@dataclass(frozen=True)
class StoredFacts(NumberFacts):
    """Facts of a wave: counts by item, of numeric items by number, and declared models."""

    counts: Mapping[str, Counts]
    models: Mapping[tuple[str, tuple[int, ...], str, str], tuple[float, float]]

    def count(self, item: str, code: str, group: str, level: str) -> int:
        """See replication.predicates.Facts."""
        if item not in self.counts:
            raise UndecidableError(f"{item} is not counted")
        try:
            return count_of(self.counts[item], item, code, group, level)
        except KeyError:
            raise UndecidableError(f"{item} is not counted by {group}={level}") from None

    def levels(self, item: str, group: str) -> list[str]:
        """See replication.predicates.Facts."""
        counted = self.counts.get(item, {}).items()
        return sorted({level for (_, _, g, level), n in counted if g == group and n})

    def numbers(self, item: str, group: str, level: str) -> Mapping[float, int]:
        """See replication.number_facts.NumberFacts."""
        found = number_counts(self.counts.get(item, {}), item, group, level)
        if not any(found.values()):
            raise UndecidableError(f"no numbers of {item} in {group}={level}")
        return found

    def adjusted(
        self, item: str, codes: Sequence[int], group: str, level: str
    ) -> tuple[float, float]:
        """See replication.predicates.Facts."""
        try:
            return self.models[(item, tuple(codes), group, level)]
        except KeyError:
            raise UndecidableError(
                f"no model of {item} in {list(codes)} by {group}={level} is declared"
            ) from None


@dataclass(frozen=True)
class ClaimEvidence:
    """What verdicts rest on beside the facts: words, print, and how the data were made."""

    words: Mapping[str, Any]
    known: Print
    marks: Marks
    provenance: Mapping[str, Any]
    real: bool
    places: Places
    proofs: Mapping[str, Proof]


def read_evidence(
    study: Study, sheet: SourceSheet, claims: Sequence[Claim] | None = None
) -> ClaimEvidence:
    """Read the evidence for a wave's verdicts, once for all claims (by default the study's)."""
    folder = study.folder / "printed"
    errata = read_errata(folder)
    return ClaimEvidence(
        words=read_words(study),
        known=printed_coordinates(printed_tables(study), errata, study),
        marks=read_marks(study, folder),
        provenance=read_provenance(sheet),
        real=not sheet.constructed,
        places=read_places(study),
        proofs=_proofs(study, sheet, claims),
    )


def _proofs(
    study: Study, sheet: SourceSheet, claims: Sequence[Claim] | None
) -> Mapping[str, Proof]:
    """Proofs over all data that agree with print; they are about the wave the report is about."""
    if not sheet.constructed or sheet.wave != printed_wave(study):
        return {}
    if claims is None:
        claims = [claim for own in declared(study).claims.values() for claim in own]
    return read_proofs(study, claims)


def ledger_frame(
    claims: Sequence[Claim], facts: StoredFacts, study: Study, evidence: ClaimEvidence
) -> pd.DataFrame:
    """One line per claim, in COLUMNS."""
    known = evidence.known
    records = []
    for claim in claims:
        outcome = decide(claim, facts, study, evidence.words)
        basis, verdict = basis_and_verdict(
            claim,
            outcome,
            known,
            study,
            evidence.real,
            evidence.provenance,
            evidence.marks.settle(claim, study, float(evidence.words["significant"])),
        )
        why = why_inconsistent(basis, outcome, known, study) if verdict == INCONSISTENT else ""
        proof = evidence.proofs.get(claim.id)
        if proof is not None and basis in (CONSTRUCTED, FREE):
            basis, verdict, why = PROOF, proof.verdict, other_side(proof, bool(outcome.met))
        note = " ".join(text for text in (outcome.note, claim.note, why) if text)
        records.append(
            (
                claim.id, claim.section, claim.statement, claim.kind, predicate_text(claim),
                outcome.expected, outcome.computed, verdict, basis,
                " ".join(evidence.places.of(claim)), note,
            )
        )  # fmt: skip
    return pd.DataFrame(records, columns=list(COLUMNS), dtype="object")


def other_wave_frame(claims: Sequence[Claim], study: Study, places: Places) -> pd.DataFrame:
    """The same lines for a wave the report says nothing of: nothing is computed or judged."""
    note = f"The report is about wave {study.printed_wave}."
    records = [
        (
            claim.id, claim.section, claim.statement, claim.kind, predicate_text(claim),
            "", "", OTHER_WAVE, "", " ".join(places.of(claim)), note,
        )
        for claim in claims
    ]  # fmt: skip
    return pd.DataFrame(records, columns=list(COLUMNS), dtype="object")


def other_side(proof: Proof, met: bool) -> str:
    """What other data that agree with print give for an open claim."""
    found = proof.unmet if met else proof.met
    return f"Other data that agree with print give {found}." if proof.verdict == OPEN else ""


def predicate_text(claim: Claim) -> str:
    """The predicate on one line, as JSON (which is YAML too)."""
    return json.dumps(dict(claim.predicate), ensure_ascii=False)


def read_provenance(sheet: SourceSheet) -> Mapping[str, Any]:
    """What the construction pinned or shaped, per item; empty for a wave without the file.

    SpecError where the file has no items, or one of them an entry that is none of PROVENANCE.
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


def steps(study: Study) -> list[Step]:
    """One asset per chapter of the report, from its claims; none for a study without claims."""
    chapters = declared(study).claims
    if not chapters:
        return []
    places, note = read_places(study), data_note(study)
    rests = _Rests(study, chapters)
    assets = [
        Asset(
            ledger_key(chapter),
            group="claims",
            description="Every statement of a result in this part of the report as a "
            "predicate over results: holds or contradicted where print decides, open "
            "where data that agree with print meet it and others do not, consistent or "
            f"inconsistent where only the constructed answers speak.\n\n{note}",
            deps=[
                *places.of_all(claims).values(),
                *(counts(question) for question in questions_of(claims, study)),
            ],
            rests_on=rests.of(claims),
            columns=described(COLUMNS, HOLDS),
            published=[Published("results", "claims", csv=True)],
            kinds=frozenset({"pandas"}),
            metadata={"declared_in": claims[0].source if claims else ""},
        )
        for chapter, claims in chapters.items()
    ]
    return [step("test_claims", study, assets, test_claims, partial=True)]


class _Rests:
    """What the verdicts on some claims rest on, of declarations, print, proofs and provenance."""

    def __init__(self, study: Study, chapters: Mapping[str, Sequence[Claim]]) -> None:
        self.study = study
        every = [claim for own in chapters.values() for claim in own]
        self.proofs = proofs_declared(study, every)
        self.shared = [
            read_words(study), print_declared(study), declared(study).tested, declared(study).rules,
            without_labels(list(read_models(study).models)),
        ]  # fmt: skip

    @cached_property
    def made(self) -> Mapping[str, Any]:
        """How the answers of the printed wave were constructed, per item."""
        wave = self.study.printed_wave
        try:
            return read_provenance(self.study.source_sheet(wave)) if wave else {}
        except SpecError:
            # a run says what is wrong with it
            return {}

    def of(self, claims: Sequence[Claim]) -> Any:
        """What a part of the report rests on."""
        asked = [self.study.question[question] for question in questions_of(claims, self.study)]
        items = {item.id: asked_by(item) for question in asked for item in question.items}
        spoken = [r for r in read_unnumbered(self.study) if r.question in asked]
        return [
            claims, hashed(self.shared), items, hashed(declared(self.study).cells(items)),
            [self.proofs.get(claim.id) for claim in claims],
            [(item, self.made.get(item)) for item in items], [(r.id, r.groups) for r in spoken],
        ]  # fmt: skip


def test_claims(given: Given) -> Iterator[Made]:
    """The ledger of the chosen parts of the report."""
    study, places, chapters = given.study, read_places(given.study), declared(given.study).claims
    chosen = {c: own for c, own in chapters.items() if ledger_key(c) in given.chosen}
    if study.printed_wave in (None, given.wave):
        every = [claim for own in chosen.values() for claim in own]
        facts, evidence = stored_facts(study, given.store), read_evidence(study, given.sheet, every)
        frames = {c: ledger_frame(own, facts, study, evidence) for c, own in chosen.items()}
    else:
        frames = {c: other_wave_frame(own, study, places) for c, own in chosen.items()}
    before = None
    if study.printed_wave not in (None, given.wave):
        names = next(iter(frames.values())).columns if frames else ()
        before = published_before(given.workspace, study.printed_wave, "claims", names)
    for chapter, frame in frames.items():
        read = places.of_all(chapters[chapter]).values()
        lineage = {"computed": [(key, "value") for key in read if key.path[0] == "tables"]}
        shown, wave = frame, given.wave
        if before is not None:
            # the page goes on showing the ledger of the printed wave
            shown = before[before["id"].isin([claim.id for claim in chapters[chapter]])]
            shown, wave = shown[list(frame.columns)], str(study.printed_wave)
        found = {str(v): int(n) for v, n in shown["verdict"].value_counts().items()}
        told = f"**Wave {wave}**\n\n{not_met(shown)}"
        metadata = {"not_met": dg.MarkdownMetadataValue(told), "shown_wave": wave, **found}
        yield Made(ledger_key(chapter), frame, lineage, metadata, preview=shown)


def not_met(frame: pd.DataFrame) -> str:
    """The claims that print contradicts or the constructed answers do not show, as Markdown."""
    if (frame["verdict"] == OTHER_WAVE).all():
        return "The report says nothing of this wave; no statement was tested on it."
    own = frame[frame["verdict"].isin((CONTRADICTED, INCONSISTENT))]
    shown = ["id", "section", "statement", "expected", "computed", "verdict"]
    return markdown(own[shown]) if len(own) else "Every testable statement is met."


def stored_facts(study: Study, store: Store) -> StoredFacts:
    """The facts of a wave's working file."""
    names = [STATUS_ITEM, *(q.id for q in study.counted_questions)]
    by_item: dict[str, dict[Coordinate, int]] = {}
    for frame in store.read_all("counts", names).values():
        for key, n in counts_index(frame).items():
            by_item.setdefault(key[0], {})[key] = n
    municipalities = store.read("clean", "municipalities")
    by_item[STATUS_ITEM] |= _invitations_by_group(study, municipalities, by_item[STATUS_ITEM])
    return StoredFacts(by_item, _models(study, store))


def _invitations_by_group(
    study: Study, municipalities: pd.DataFrame, counted: Mapping[Coordinate, int]
) -> dict[Coordinate, int]:
    """Invitations by every breakdown of municipalities, summed from the municipalities' own."""
    groups = [g for g in study.groups if g.by_municipality and g.kind != "identity"]
    level_of = municipalities.set_index("code")[[g.id for g in groups]].to_dict("index")
    summed: dict[Coordinate, int] = {}
    for (item, code, group, level), n in counted.items():
        if group in study.group and study.group[group].kind == "identity":
            for other, into in level_of[level].items():
                key = (item, code, str(other), str(into))
                summed[key] = summed.get(key, 0) + n
    return summed


def _models(
    study: Study, store: Store
) -> dict[tuple[str, tuple[int, ...], str, str], tuple[float, float]]:
    """Adjusted odds ratio and p of every declared model's exposure that could be estimated."""
    declared = read_models(study).models
    frames = store.read_all("models", [model.id for model in declared])
    found = {}
    for model in declared:
        line = frames[model.id].iloc[0]
        if not pd.isna(line["adjusted_p"]):
            key = (model.item, model.codes, *model.exposure)
            found[key] = (float(line["adjusted_or"]), float(line["adjusted_p"]))
    return found


def questions_of(claims: Sequence[Claim], study: Study) -> list[str]:
    """Questions whose counts the claims read."""
    items = dict.fromkeys(
        item for claim in claims for s in selectors(claim) for item in selector_items(s, study)
    )
    found = dict.fromkeys(study.items[i].question for i in items if i in study.items)
    counted = {q.id for q in study.counted_questions}
    return [question for question in found if question in counted]
