"""Prose is plain technical English: phrases of the old dialect do not come back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.paths import PACKAGES

ROOT = Path(__file__).resolve().parents[1]
# Phrases that readers had to read twice, each specific enough not to occur in other prose.
DENIED = re.compile(
    r"\b(?:"
    r"(?:is|are|be|was) told (?:of|by|with|as)|not tell of|tells nobody"
    r"|stands? (?:beside|twice|in the place of)"
    r"|what (?:came|comes|became|becomes) (?:to|of)"
    r"|came to an end that nobody|for a reason nobody foresaw"
    r"|of every kind|of what it failed|should it fail"
    r"|the reach of (?:its|a) (?:vague )?word|the later winning"
    r"|rests? on the change|no figure can be made of|is no mapping|others refuse"
    r"|mends? what|of one mind|as good as none|but for --force|for whoever"
    r")\b",
    re.IGNORECASE,
)
DOCUMENTS = ["README.md", "CONTRIBUTING.md", "Makefile", "docs/*.md", "studies/README.md"]


def prose() -> Iterator[Path]:
    """The modules of the product and its documents."""
    for package in (*PACKAGES, "reconstruction"):
        yield from (ROOT / package).rglob("*.py")
    for pattern in DOCUMENTS:
        yield from ROOT.glob(pattern)


def denied(text: str) -> list[str]:
    """Denied phrases; quotes, comment signs and line breaks between words do not matter."""
    return DENIED.findall(re.sub(r'(?:\s|#|f?")+', " ", text))


def test_no_phrase_of_the_old_dialect_is_in_prose() -> None:
    found = {
        str(path.relative_to(ROOT)): phrases
        for path in prose()
        if (phrases := denied(path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        '"""Rows are told of\n    in every wave."""',
        "# a label that stands\n    # beside another",
        'message = "of what it failed, "\n    f"should it fail"',
    ],
)
def test_a_phrase_is_found_over_line_breaks(text: str) -> None:
    assert denied(text)
