"""How easily lines of respondents are recognised: k-anonymity, sample and population uniques.

Pure functions. The sample is everyone who took part, the population everyone invited.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

RISK_COLUMNS = ("measure", "value", "about")
Known = tuple[str, ...]


def risk_frame(
    sample: Sequence[Known],
    k: int,
    identifying: Sequence[str],
    population: Mapping[Known, int] | None,
    in_population: Sequence[str] = (),
    seen: Sequence[Known] = (),
) -> pd.DataFrame:
    """The measures in RISK_COLUMNS, one per line.

    `sample` is what outsiders know of each respondent, in the order of `identifying`. `population`
    counts the invited by the identifiers that the list of invitations has (`in_population`); `seen`
    has each respondent's values of the same identifiers. Without a population its line is empty.
    """
    sizes = Counter(sample)
    by = ", ".join(identifying) or "nothing"
    small = sum(n for n in sizes.values() if n < k)
    unique = sum(n == 1 for n in sizes.values())
    lines: list[tuple[str, int | None, str]] = [
        ("respondents", len(sample), "who took part"),
        ("smallest_class", min(sizes.values(), default=0), f"respondents alike in {by}"),
        ("in_small_classes", small, f"respondents of whom fewer than {k} are alike in {by}"),
        ("sample_uniques", unique, f"respondents with whom nobody who took part shares {by}"),
    ]
    if population is None:
        lines.append(("population_uniques", None, f"the list of invitations has none of {by}"))
    else:
        alone = sum(population.get(own, 0) == 1 for own in seen)
        known = ", ".join(in_population)
        lines.append(
            ("population_uniques", alone, f"respondents with whom nobody invited shares {known}")
        )
    frame = pd.DataFrame(lines, columns=list(RISK_COLUMNS))
    return frame.astype({"value": "Int64"})


def no_risk() -> pd.DataFrame:
    """Nothing measured, because no identifiers are declared."""
    return pd.DataFrame(columns=list(RISK_COLUMNS), dtype="object")


def risk_words(frame: pd.DataFrame) -> str:
    """The measures as one text."""
    lines = [
        f"{value} {measure.replace('_', ' ')}"
        for measure, value in zip(frame["measure"], frame["value"], strict=True)
        if not pd.isna(value)
    ]
    return ", ".join(lines)
