"""The claims of a study, read from claims/*.yaml and checked against the declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from declarations.claims.checks import complaints
from declarations.claims.kinds import Claim, ClaimFile
from declarations.claims.words import WORDS, Words, read_words
from declarations.errors import Mistakes, found_expected
from declarations.model import mistake_at, read_model
from declarations.study import Study

FOLDER = "claims"


def read_claims(study: Study) -> dict[str, list[Claim]]:
    """All claims by chapter (resume, 2, 3, ...), in the order of the report.

    Raises SpecError with all mistakes: unknown entries, kinds, words, items, codes, groups and
    levels, repeated ids, readings that repeat or contradict each other, and restated claims that do
    not exist.
    """
    paths = claim_files(study.folder)
    mistakes = Mistakes()
    words: Words | None = None
    with mistakes.collecting():
        words = read_words(study) if paths else None
    chapters: dict[str, list[Claim]] = {}
    # a claim may restate a claim of an unreadable file
    unread = ""
    places: dict[str, tuple[Path, int]] = {}
    for path in paths:
        name = f"{FOLDER}/{path.name}"
        found = read_model(ClaimFile, path, mistakes, file=name)
        if found is None:
            unread += path.read_text(encoding="utf-8", errors="replace")
            continue
        if found.chapter in chapters:
            other = next(c.source for c in chapters[found.chapter])
            expected = f"a chapter of its own: {other} has this one"
            problem = found_expected(found.chapter, expected)
            mistakes.add(mistake_at(path, name, ["chapter"], problem))
        claims = [claim.placed_in(found.chapter, name) for claim in found.claims]
        for number, claim in enumerate(claims):
            if claim.id in places:
                other = f"{FOLDER}/{places[claim.id][0].name}"
                problem = f"found {claim.id!r}, which {other} has too, expected an id of its own"
                mistakes.add(mistake_at(path, name, ("claims", number, "id"), problem))
            places[claim.id] = (path, number)
        chapters[found.chapter] = [*chapters.get(found.chapter, ()), *claims]
    every = all_claims(chapters)
    for claim in every:
        path, number = places[claim.id]
        for place, problem, meant in complaints(claim, study, words, every):
            at = ("claims", number, *place)
            if place == ("restates",) and f"id: {claim.restates}\n" in unread:
                continue
            mistakes.add(mistake_at(path, f"{FOLDER}/{path.name}", at, problem, *meant))
    mistakes.stop()
    order = sorted(chapters, key=lambda name: (name.isdigit(), name))
    return {name: chapters[name] for name in order}


def every_claim(study: Study) -> list[Claim]:
    """The claims of all chapters, in the order of the report."""
    return all_claims(read_claims(study))


def all_claims(chapters: Mapping[str, Sequence[Claim]]) -> list[Claim]:
    """The claims of several chapters, in their order."""
    return [claim for own in chapters.values() for claim in own]


def claim_files(folder: Path) -> list[Path]:
    """The files with claims of a study folder."""
    return [p for p in sorted((folder / FOLDER).glob("*.yaml")) if p.name != WORDS]


def by_sentence(claims: Sequence[Claim]) -> Iterator[tuple[str, list[Claim]]]:
    """Claims from one sentence, by the sentence and its chapter."""
    found: dict[tuple[str, str], list[Claim]] = {}
    for claim in claims:
        found.setdefault((claim.chapter, claim.sentence), []).append(claim)
    for (_, sentence), own in found.items():
        yield sentence, own


__all__ = [
    "Claim",
    "all_claims",
    "by_sentence",
    "claim_files",
    "every_claim",
    "read_claims",
    "read_words",
]
