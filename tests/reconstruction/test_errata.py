"""Every erratum is found by a check, and every finding of a check is an erratum."""

from __future__ import annotations

from declarations import load_study
from reconstruction.targets import decode
from reconstruction.targets.printed import read_errata, read_figures
from tests.reconstruction import recount


def findings() -> tuple[list[decode.DecodingNote], list[str]]:
    study = load_study(recount.STUDY)
    figures = read_figures(recount.STUDY / "printed", study.tables)
    codes = {item.id: item.codes for item in study.items.values()}
    partitions = {
        group.id: tuple(level.key for level in group.levels)
        for group in study.groups
        if not group.overlapping and group.levels
    }
    labels = [f.row_label for f in figures]
    return decode.findings(figures, codes, partitions), labels


def test_errata_are_what_the_checks_find() -> None:
    errata = read_errata(recount.STUDY / "printed" / "errata.yaml")
    found, _ = findings()
    single = {f.keys[0]: f.rule for f in found if f.rule in ("no_count", "difference")}
    several = [f for f in found if f.rule not in ("no_count", "difference")]
    assert {e.key: e.rule for e in errata if e.rule != "row_sum"} == single
    # Of a row that does not add up one figure is named, and it belongs to the conflicting set.
    rows = [e for e in errata if e.rule == "row_sum"]
    assert len(rows) == len(several) == 1
    assert several[0].rule == "row_sum"
    assert rows[0].key in several[0].keys


def test_errata_name_the_row_as_print_does() -> None:
    _, labels = findings()
    for entry in recount.declared("printed/errata.yaml"):
        assert entry["row_label"] in labels


def test_percentages_decode_to_at_most_one_count() -> None:
    for base in range(1, 445):
        shown = {}
        for k in range(base + 1):
            text = recount.percent(k, base, 1)
            assert text not in shown
            shown[text] = k
            assert decode.counts_of(text, base, 1) == [k]
