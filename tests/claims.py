"""Claims made by tests, as a file would declare them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from declarations.claims.kinds import Claim
from declarations.claims.words import Words

ADAPTER: TypeAdapter[Claim] = TypeAdapter(Claim)

# The words of the report without wider bounds, so that each bound is the only one.
STRICT: dict[str, Any] = {
    "significant": 0.05,
    "weakly": 0.05,
    "heads": 0,
    "small_group": 20,
    "numbers": {
        "about": {"holds": [-4, 4]},
        "just_under": {"holds": [-5, 0.5]},
        "just_over": {"holds": [-0.5, 5]},
        "more_than": {"holds": [0, None], "strict": True},
        "less_than": {"holds": [None, 0], "strict": True},
        "at_least": {"holds": [0, None]},
        "at_most": {"holds": [None, 0]},
    },
    "amounts": {"few": {"holds": [0, 20]}},
    "sizes": {"slightly": {"holds": [0, 10]}, "much": {"holds": [10, None]}},
    "means": {"much": {"holds": [30, None]}},
    "relations": {"times": {"holds": [-0.2, 0.2]}},
    "equal": {"holds": [-5, 5]},
    "spreads": {"little": {"holds": [0, 15]}, "larger": {"holds": [0, None], "strict": True}},
    "tallies": {"few": {"holds": [0, 20]}, "several": {"holds": [10, None]}},
}
WORDS = Words.model_validate(STRICT)


def claim_of(kind: str = "share", name: str = "c0_001", /, **entries: Any) -> Claim:
    """A claim of a kind with these entries; its statement does not matter."""
    common = {"id": name, "section": "0", "statement": "A statement.", "kind": kind}
    chapter = str(entries.get("section", "0")).partition(".")[0]
    return ADAPTER.validate_python({**common, **entries}).placed_in(chapter, "claims/x.yaml")


def changed(claim: Claim, **entries: Any) -> Claim:
    """The claim with other entries, checked anew; None leaves an entry out."""
    told: Mapping[str, Any] = claim.model_dump(by_alias=True, exclude_defaults=True, mode="python")
    own = {**told, "kind": claim.kind, "statement": claim.statement.en, **entries}
    kept = {key: value for key, value in own.items() if value is not None}
    return ADAPTER.validate_python(kept).placed_in(claim.chapter, claim.source)
