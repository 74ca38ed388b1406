"""The publication in the graph: one asset per chapter, between its results and the folder.

One step writes the whole folder. Its assets show the parts: the chapters of the report with their
tables, results without a table, models, statements and findings, and a part for everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import dagster as dg

from assets.step.factory import Asset, Made, Step
from assets.step.metadata import origin_metadata
from declarations import SourceSheet
from publishing.layout.model import TableLayout
from runtime.safe_text import markdown_text

GROUP = "report"
PUBLISHED = dg.AssetKey([GROUP, "published"])
RAW, ANSWERS, CHECKS, BOOK = "raw_and_clean", "answers", "checks", "banner_book"
DESCRIPTIONS = {
    RAW: "The raw files as they were read, and who was invited and answered: `raw`, `clean`.",
    ANSWERS: "The answers to every question and how often each was given: `answers`, `counts`.",
    CHECKS: "What was tested: significance, the scan, checks, proofs and disclosure.",
    BOOK: "The banner book: every question by the same groups.",
}
BY_SCHEMA = {
    "raw": RAW, "clean": RAW, "answers": ANSWERS, "counts": ANSWERS, "banner": BOOK,
    "variables": ANSWERS, "groups": ANSWERS, "weights": ANSWERS,
}  # fmt: skip
OF_CHAPTERS = ("tables", "crosstabs", "unnumbered", "models", "claims", "audit")
PREFIXES = ("chapter_", "unnumbered_", "models_")


def publication_part(asset: Asset) -> str:
    """The part of the publication that contains an asset."""
    schema, name = asset.key.path[0], asset.key.path[-1]
    if schema in BY_SCHEMA:
        return BY_SCHEMA[schema]
    if schema not in OF_CHAPTERS:
        return CHECKS
    group = name if schema in ("claims", "audit") else asset.group
    if schema == "audit" and not (name.startswith("chapter_") or name in ("resume", "appendix")):
        return CHECKS
    for prefix in PREFIXES:
        if group.startswith(prefix) and group.removeprefix(prefix).isdigit():
            return f"chapter_{group.removeprefix(prefix)}"
    return group


def publication_parts(steps: Sequence[Step]) -> dict[str, list[dg.AssetKey]]:
    """The assets by part of the publication; each asset is in one part."""
    found: dict[str, list[dg.AssetKey]] = {}
    for asset in (asset for one in steps for asset in one.assets):
        found.setdefault(publication_part(asset), []).append(asset.key)
    return found


def part_key(part: str) -> dg.AssetKey:
    """The key of the asset of a part."""
    return dg.AssetKey([GROUP, part])


def part_assets(parts: Mapping[str, Sequence[dg.AssetKey]]) -> list[Asset]:
    """One asset per part; it depends on the results that it publishes."""
    return [
        Asset(
            part_key(part),
            group=GROUP,
            description=DESCRIPTIONS.get(part)
            or f"What is published of {part.replace('_', ' ')}: its tables, results without a "
            "table, models, statements and what the audit of print found.",
            deps=list(keys),
            # one step makes all parts, and `published` depends on all declarations
            rests_on="",
            kinds=frozenset({"csv", "html"}),
        )
        for part, keys in parts.items()
    ]


def made_parts(
    parts: Mapping[str, Sequence[dg.AssetKey]], layouts: Mapping[str, TableLayout],
    sheet: SourceSheet, target: Path,
) -> Iterator[Made]:  # fmt: skip
    """The published parts, each with a link to its pages."""
    for part, keys in parts.items():
        report = target / "report"
        tables = [layouts[name] for name in _tables(keys) if name in layouts]
        facts = {"site": dg.MetadataValue.path(report / "index.html"), **origin_metadata(sheet)}
        if tables:
            lines = [
                f"- {markdown_text(t.heading('da'))}: `report/tables/{t.id}.html`" for t in tables
            ]
            facts["tables"] = dg.MarkdownMetadataValue("\n".join(lines))
            facts["figures"] = sum(len(line.figures) for t in tables for line in t.lines)
        yield Made(part_key(part), metadata=facts)


def _tables(keys: Sequence[dg.AssetKey]) -> Iterator[str]:
    for key in keys:
        if key.path[0] in ("tables", "crosstabs"):
            yield key.path[-1]
        elif key.path[0] == "banner":
            yield f"banner_{key.path[-1]}"
