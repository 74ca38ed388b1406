"""What the arithmetic of a statement says, in the words of the report instead of ids. Pure."""

from __future__ import annotations

import re

from declarations import Study
from declarations.claims.claim import Claim, selector_items, selectors


def in_words(text: str, claim: Claim, study: Study) -> str:
    """The text with the items and levels a statement speaks of by label, Danish / English."""
    names = _names(claim, study)
    if not names:
        return text
    known = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.sub(rf"(?<![\w“])({known})(?!\w)", lambda found: f"“{names[found[0]]}”", text)


def _names(claim: Claim, study: Study) -> dict[str, str]:
    found: dict[str, str] = {}
    for selector in selectors(claim):
        group = str(selector.get("across") or selector.get("group") or "all")
        if group in study.group:
            levels = study.group[group].levels
            found |= {level.key: level.label.both for level in levels}
        for item in selector_items(selector, study):
            if item in study.items:
                found[item] = study.items[item].label.both
    return found
