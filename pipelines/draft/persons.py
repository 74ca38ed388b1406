"""Masks addresses, numbers and names of persons in a draft, whose texts are shown everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipelines.draft.columns.answers import Codes, DraftCode
from pipelines.draft.recognise import DraftQuestion
from runtime.private.persons import without_persons

NOTE = "masked: a text of the export names somebody; write what readers may see"


def without_names(drafts: Sequence[DraftQuestion]) -> list[DraftQuestion]:
    """The drafts with such texts masked, each with a comment.

    `value`, the text of a cell, stays, because samspil needs it to read answers.
    """
    return [_masked(draft) for draft in drafts]


def masked_in(drafts: Sequence[DraftQuestion]) -> list[str]:
    """The variables of the questions in which something was masked."""
    return [draft.items[0].variable for draft in drafts if NOTE in draft.comments]


def _masked(draft: DraftQuestion) -> DraftQuestion:
    found = replace(
        draft,
        label=without_persons(draft.label),
        items=tuple(replace(i, label=without_persons(i.label)) for i in draft.items),
        scale=_codes(draft.scale),
        special=_codes(draft.special),
        comments=tuple(map(without_persons, draft.comments)),
    )
    return draft if found == draft else replace(found, comments=(*found.comments, NOTE))


def _codes(codes: Codes) -> Codes:
    return tuple(
        DraftCode(c.code, None if c.text is None else without_persons(c.text), c.value, c.missing)
        for c in codes
    )
