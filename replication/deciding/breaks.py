"""The figures that break an order, as a sentence. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from replication.deciding.grading import Placed

# How many other levels a sentence names. If there are more, it names the most distant one and the
# number of the rest.
MOST_SHOWN = 3
MOST_LINES = 2
IN_ORDER = "it holds"


def out_of_order(
    pairs: Sequence[tuple[str, str]], placed: Mapping[str, Placed], highest: bool
) -> str:
    """The pairs that break an order: each named subject, with those that it should exceed."""
    found: dict[str, list[str]] = {}
    for key, other in pairs:
        found.setdefault(key, []).append(other)
    lines = []
    for key, others in found.items():
        ranked = sorted(others, key=lambda other: placed[other].value, reverse=highest)
        shown = [_with_figure(other, placed) for other in ranked[:MOST_SHOWN]]
        if len(ranked) > MOST_SHOWN:
            shown = [shown[0], f"{len(ranked) - 1} more"]
        text = f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]
        lines.append(f"{_with_figure(key, placed)} is {'below' if highest else 'above'} {text}")
    if len(lines) > MOST_LINES:
        lines = [lines[0], f"{len(lines) - 1} more steps break the order"]
    return "; ".join(lines) or IN_ORDER


def beyond_the_mean(named: Sequence[str], placed: Mapping[str, Placed], mean: float,
                    highest: bool) -> str:  # fmt: skip
    """The subjects named as above (or below) the mean that are not."""
    wrong = [k for k in named if (placed[k].value <= mean if highest else placed[k].value >= mean)]
    side = "below" if highest else "above"
    return "; ".join(f"{_with_figure(k, placed)} is {side} the mean ({mean:.1f})" for k in wrong)


def next_to(
    named: Sequence[str], others: Sequence[str], placed: Mapping[str, Placed], highest: bool
) -> str:
    """The last of the named subjects, and the first of the others."""
    sign = 1 if highest else -1
    last = min(named, key=lambda key: sign * placed[key].value)
    first = max(others, key=lambda key: sign * placed[key].value)
    side = "above" if highest else "below"
    return f"{_with_figure(last, placed)} is {side} {_with_figure(first, placed)}"


def _with_figure(key: str, placed: Mapping[str, Placed]) -> str:
    return f"{key} ({placed[key].value:.1f})"
