"""Decodes printed percentages to whole numbers of respondents, and lists what cannot be decoded.

A printed percentage p of N respondents allows the whole numbers k whose percentage rounds to p.
With N below 1000 and one decimal there is at most one. Print cannot be right if there is none, if
the numbers of a row do not add up to N, or if a derived figure does not follow from its two
figures. `errata.yaml` is based on these checks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from declarations.tables.cells import OTHERS, TOTAL
from reconstruction.targets.printed import Key, TargetFigure
from reconstruction.targets.rounding import printed_percent


@dataclass(frozen=True)
class DecodingNote:
    """Figures that cannot all be right. `rule` says why, `keys` is the conflicting set."""

    rule: str
    keys: tuple[Key, ...]
    detail: str


def counts_of(printed: str, base: int, decimals: int) -> list[int]:
    """All k in 0..base whose percentage of `base` rounds half up to `printed`."""
    value = float(printed)
    near = int(value * base / 100)
    return [
        k
        for k in range(max(0, near - 2), min(base, near + 2) + 1)
        if printed_percent(k, base, decimals) == value
    ]


def impossible_percentages(figures: Iterable[TargetFigure]) -> list[DecodingNote]:
    """Percentages that no whole number out of the printed base gives."""
    return [
        DecodingNote(
            "no_count",
            (f.key,),
            f"no k of {f.n} gives {f.printed}; bases nearby that do: "
            f"{[m for m in range(f.n - 12, f.n + 3) if m > 0 and _fits(f, m)]}",
        )
        for f in figures
        if f.cell.statistic == "percent" and f.n and not _fits(f, f.n)
    ]


def _fits(figure: TargetFigure, base: int) -> bool:
    return bool(counts_of(figure.printed, base, figure.cell.decimals))


def impossible_sums(
    figures: Iterable[TargetFigure], codes: Mapping[str, tuple[int | str, ...]]
) -> list[DecodingNote]:
    """Rows that print every answer, each decodable, whose counts do not add up to the base.

    `codes` gives all codes of an item; rows with one undecodable percentage are left to
    `impossible_percentages`.
    """
    rows: dict[tuple[str, int, str], list[TargetFigure]] = defaultdict(list)
    for f in figures:
        if f.cell.statistic == "percent" and f.cell.code != TOTAL and f.n:
            rows[f.cell.table, f.row, f.group].append(f)
    findings = []
    for row in rows.values():
        asked = codes.get(row[0].cell.item or "", ())
        if {f.cell.code for f in row} != set(asked) or len({f.cell.item for f in row}) > 1:
            continue
        counts = [counts_of(f.printed, f.n or 0, f.cell.decimals) for f in row]
        if all(counts) and sum(c[0] for c in counts) != row[0].n:
            total = sum(c[0] for c in counts)
            detail = f"counts {[c[0] for c in counts]} add up to {total}, not {row[0].n}"
            findings.append(DecodingNote("row_sum", tuple(f.key for f in row), detail))
    return findings


def impossible_differences(figures: Iterable[TargetFigure]) -> list[DecodingNote]:
    """Differences that do not follow from the two printed percentages that they compare.

    Each percentage may be off by half a unit of its last decimal, and so may the difference by what
    that rounding allows.
    """
    rows: dict[tuple[str, int, str], dict[str, TargetFigure]] = defaultdict(dict)
    for f in figures:
        rows[f.cell.table, f.row, f.group][f.cell.column] = f
    findings = []
    for row in rows.values():
        for f in row.values():
            if not f.cell.of:
                continue
            a, b = (float(row[name].printed) for name in f.cell.of)
            half = 0.05 + 1e-9
            scale = 100 / a if f.cell.statistic == "relative_difference" else 1.0
            reach = 2 * half * (1 + abs(scale)) + 0.5 * 10**-f.cell.decimals
            value = (a - b) * scale
            if abs(value - float(f.printed)) > reach:
                detail = f"({a} - {b}) gives {value:.1f}, printed {f.printed}"
                findings.append(DecodingNote("difference", (f.key,), detail))
    return findings


def contradictions(figures: Iterable[TargetFigure]) -> list[DecodingNote]:
    """Counts of the same group that two places of the report decode to different numbers."""
    seen: dict[tuple[object, ...], tuple[int, TargetFigure]] = {}
    findings = []
    for f in figures:
        count = decoded(f)
        if count is None:
            continue
        where = (f.cell.unit, f.cell.item, f.cell.code, f.cell.group, f.cell.level)
        if where in seen and seen[where][0] != count:
            other = seen[where][1]
            detail = f"{count} here, {seen[where][0]} in {other.cell.table} row {other.row}"
            findings.append(DecodingNote("contradiction", (other.key, f.key), detail))
        seen.setdefault(where, (count, f))
    return findings


def impossible_partitions(
    figures: Iterable[TargetFigure], partitions: Mapping[str, tuple[str, ...]]
) -> list[DecodingNote]:
    """Groups that divide everybody, but whose decoded counts do not add up to the count of all.

    `partitions` gives the levels of the groups that do not overlap. A level and its `!level` also
    divide everybody.
    """
    found: dict[tuple[object, ...], dict[tuple[str, str], tuple[int, TargetFigure]]] = defaultdict(
        dict
    )
    for f in figures:
        count = decoded(f)
        if count is not None and f.cell.code is not None:
            where = (f.cell.unit, f.cell.item, f.cell.code)
            found[where][f.cell.group, f.cell.level] = (count, f)
    findings = []
    for cells in found.values():
        if ("all", "all") not in cells:
            continue
        whole = cells["all", "all"]
        divisions = [[(g, level) for level in levels] for g, levels in partitions.items()]
        divisions += [[(g, x.removeprefix(OTHERS)), (g, x)] for g, x in cells if OTHERS in x]
        for parts in divisions:
            if not all(part in cells for part in parts):
                continue
            total = sum(cells[part][0] for part in parts)
            if total != whole[0]:
                keys = (whole[1].key, *(cells[part][1].key for part in parts))
                detail = f"the groups add up to {total}, but everyone together is {whole[0]}"
                findings.append(DecodingNote("partition", keys, detail))
    return findings


def decoded(figure: TargetFigure) -> int | None:
    """The whole number behind a printed count or percentage; None if there is none."""
    if figure.cell.statistic == "count":
        return int(figure.printed)
    if figure.cell.statistic != "percent" or not figure.n:
        return None
    counts = counts_of(figure.printed, figure.n, figure.cell.decimals)
    return counts[0] if counts else None


def findings(
    figures: list[TargetFigure],
    codes: Mapping[str, tuple[int | str, ...]],
    partitions: Mapping[str, tuple[str, ...]],
) -> list[DecodingNote]:
    """All checks, in report order within each check."""
    return [
        *impossible_percentages(figures),
        *impossible_sums(figures, codes),
        *impossible_differences(figures),
        *contradictions(figures),
        *impossible_partitions(figures, partitions),
    ]
