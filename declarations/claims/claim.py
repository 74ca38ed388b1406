"""Statements of the report as typed predicates, read from claims/*.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from declarations.claims.predicates import KINDS, RANKED, check_predicate, check_words
from declarations.documents import declared_in, read_document
from declarations.errors import SpecError, need, only
from declarations.ids import read_part
from declarations.load import STATUS_CODES, STATUS_ITEM
from declarations.study import Study
from declarations.tables.cells import OTHERS, TOTAL

WORDS = "words.yaml"


@dataclass(frozen=True)
class Claim:
    """One statement: where it stands, a paraphrase, and the predicate that decides it.

    `sentence` is a name shared by the statements that are read out of one sentence.
    """

    id: str
    chapter: str
    section: str
    statement: str
    kind: str
    predicate: Mapping[str, Any]
    note: str
    source: str
    sentence: str = ""


def read_claims(study: Study) -> dict[str, list[Claim]]:
    """All claims by chapter (resume, 2, 3, ...), in the order of the report.

    Raises SpecError for an unknown kind, entry, word, item, code, group or level, and for an id
    that stands twice.
    """
    folder = study.folder / "claims"
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != WORDS]
    words = read_words(study) if paths else {}
    chapters: dict[str, list[Claim]] = {}
    seen: dict[str, str] = {}
    for path in paths:
        data = read_document(path)
        with declared_in(path.name):
            chapter = read_part(need(data, "chapter", path.name), "chapter", path.name)
            only(data, ("chapter", "claims"), path.name)
            claims = [_read_claim(e, chapter, path.name) for e in need(data, "claims", path)]
            for claim in claims:
                if claim.id in seen:
                    raise SpecError(path.name, f"claim {claim.id} also stands in {seen[claim.id]}")
                seen[claim.id] = path.name
                check_predicate(claim.kind, claim.predicate, words, f"{claim.source}: {claim.id}")
                _check_references(claim, study)
        chapters[chapter] = claims
    order = sorted(chapters, key=lambda name: (name.isdigit(), name))
    return {name: chapters[name] for name in order}


def read_words(study: Study) -> dict[str, Any]:
    """What vague words mean. SpecError where one means nothing, or a needed one is missing."""
    words: dict[str, Any] = read_document(study.folder / "claims" / WORDS)
    check_words(words, f"claims/{WORDS}")
    return words


def selector_items(selector: Mapping[str, Any], study: Study) -> list[str]:
    """The items a predicate is about: `item`, `items`, or a question's reported closed items."""
    if "item" in selector:
        return [str(selector["item"])]
    if "items" in selector:
        return [str(item) for item in selector["items"]]
    question = study.question[str(selector["question"])]
    left_out = set(selector.get("except") or ())
    return [i.id for i in question.closed_items if i.reported and i.id not in left_out]


def selectors(claim: Claim) -> list[Mapping[str, Any]]:
    """The parts of a predicate that name items, codes, groups and levels."""
    if claim.kind == "not_testable":
        return []
    named = [claim.predicate[k] for k in ("of", "left", "right", "among") if k in claim.predicate]
    return named or [claim.predicate]


def _read_claim(entry: Any, chapter: str, source: str) -> Claim:
    claim_id = str(need(entry, "id", source))
    where = f"claims/{source}: {claim_id}"
    kind = str(need(entry, "kind", where))
    if kind not in KINDS:
        raise SpecError(where, f"kind is {kind!r}, expected one of {', '.join(KINDS)}")
    common = ("id", "section", "statement", "kind", "note", "sentence")
    return Claim(
        id=claim_id,
        chapter=chapter,
        section=str(need(entry, "section", where)),
        statement=str(need(entry, "statement", where)),
        kind=kind,
        predicate={key: value for key, value in entry.items() if key not in common},
        note=str(entry.get("note") or ""),
        source=f"claims/{source}",
        sentence=str(entry.get("sentence") or ""),
    )


def _check_references(claim: Claim, study: Study) -> None:
    where = f"{claim.source}: {claim.id}"
    if "ranks" in claim.predicate:
        _check_ranks(claim.predicate["ranks"], study, where)
    for selector in selectors(claim):
        for item in _known_items(selector, study, where):
            known: tuple[int | str, ...] = (
                STATUS_CODES if item == STATUS_ITEM else study.items[item].codes
            )
            codes = selector.get("codes") or ()
            for code in codes if isinstance(codes, (list, tuple)) else (codes,):
                if code != TOTAL and code not in known:
                    raise SpecError(where, f"code {code!r} of {item} is none of {known}")
        _check_group(selector, study, where)


def _check_ranks(ranks: Any, study: Study, where: str) -> None:
    """What a statement puts in order though nothing is counted of it: the levels of a group."""
    way = next(way for way in RANKED if way in ranks)
    _check_group({"across": ranks["across"], "levels": ranks[way]}, study, where)


def _known_items(selector: Mapping[str, Any], study: Study, where: str) -> list[str]:
    if "question" in selector and selector["question"] not in study.question:
        raise SpecError(where, f"question {selector['question']!r} is not declared")
    items = selector_items(selector, study)
    for item in items:
        if item != STATUS_ITEM and item not in study.items:
            raise SpecError(where, f"item {item!r} is not declared by any question")
    return items


def _check_group(selector: Mapping[str, Any], study: Study, where: str) -> None:
    group = selector.get("group") or selector.get("across")
    if group in (None, "all"):
        return
    if group not in study.group:
        raise SpecError(where, f"group {group!r} is not declared")
    known = {level.key for level in study.group[str(group)].levels}
    against = selector.get("against")
    named = [selector.get("level"), *(selector.get("each") or ()), *(selector.get("levels") or ())]
    named += against if isinstance(against, list) else []
    for level in named:
        if level is not None and known and str(level).removeprefix(OTHERS) not in known:
            raise SpecError(where, f"level {level!r} of {group} is none of {sorted(known)}")
