"""Printed stars and bounds against conventions, and what print alone decides."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from assets.analysis.comparison_frames import convention_frame
from assets.analysis.comparisons import settings_of
from assets.tables.results import count_of
from declarations import Study
from replication.convention_fit import check_convention
from replication.fit import (
    Mark,
    compare_mark,
    convention_fit,
    only_tables,
    printed_marks,
    read_bound,
)
from replication.printed import Printed, printed_tables, read_printed_table
from replication.solver.stated import lined_up, state
from tests.chain import STUDY, WAVE, Chain

Figures = dict[str, list[Printed]]
Frames = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(scope="module")
def published(study: Study) -> Figures:
    return {t.id: read_printed_table(STUDY / "printed", t.id) for t in printed_tables(study)}


@pytest.fixture(scope="module")
def fitted(study: Study, committed: Chain, published: Figures) -> Frames:
    return convention_fit(study, convention_frame(study, committed.index, WAVE), published)


@pytest.mark.parametrize(
    ("note", "bound"),
    [("p<0.05", 0.05), ("P < .05", 0.05), ("p<.001", 0.001), ("**", None), ("", None)],
)
def test_bounds_are_read_as_print_writes_them(note: str, bound: float | None) -> None:
    assert read_bound(note) == bound


def test_the_marks_are_those_of_the_report(study: Study, published: Figures) -> None:
    marks = printed_marks(study, published)
    assert sum(mark.bound is not None for mark in marks) == 8 + 1 + 1 + 1 + 2 + 5
    starred = [mark.printed for mark in marks if mark.bound is None and mark.printed]
    assert len([mark for mark in marks if mark.bound is None]) == 88
    assert len(starred) == sum(
        figure.note != "" for name in ("table_4_2", "table_4_3") for figure in published[name]
    )


def test_the_declared_convention_explains_all_but_what_print_excludes(fitted: Frames) -> None:
    fit, exceptions = fitted
    declared = fit.set_index("convention").loc["declared"]
    assert declared["starred_exact"] == declared["starred"] == 30
    assert declared["unstarred_exact"] == declared["unstarred"] == 58
    own = exceptions[exceptions["convention"] == "declared"]
    assert len(own) == declared["bounds"] - declared["bounds_held"]
    assert own["pinned"].all()


def test_no_convention_explains_more_of_what_print_pins(fitted: Frames) -> None:
    fit = fitted[0].set_index("convention")
    assert fit.loc["declared", "pinned_explained"] == fit["pinned_explained"].max()
    assert fit.loc["declared", "bounds_tight"] == fit["bounds_tight"].max()


def test_the_p_of_print_is_that_of_counts_decoded_by_hand(fitted: Frames) -> None:
    # Table 6.2, lower spending: 191 and 199 answered
    low = [60, 92, 28, 11]
    high = [71, 97, 20, 11]
    for n, counts, shown in ((191, low, (31.4, 48.2, 14.7, 5.8)), (199, high, (35.7, 48.7, 10.1, 5.5))):  # fmt: skip  # noqa: E501
        assert sum(counts) == n
        assert [round(100 * k / n, 1) for k in counts] == list(shown)
    exceptions = fitted[1]
    line = exceptions[
        (exceptions["convention"] == "declared") & (exceptions["row"] == "cut_spending")
    ].iloc[0]
    expected = chi2_contingency([low, high], correction=False).pvalue
    assert line["p_of_print"] == pytest.approx(expected, rel=1e-10)
    assert line["p"] == pytest.approx(expected, rel=1e-10)


def test_counts_that_print_fixes_are_those_of_the_data(
    study: Study, committed: Chain, published: Figures
) -> None:
    """Print and the data agree except for errata, so the data have every count that print fixes."""
    stated = state(lined_up(study, published))
    cells = {key: found.low for key, found in stated.counts.items() if found.fixed}
    wrong = [key for key, n in cells.items() if committed.index.get(key, n) != n]
    assert len(cells) > 400
    assert len(wrong) < 5
    fixed = [
        ([count_of(committed.index, c.item, code, c.by, level) for code in c.codes], row)
        for mark in printed_marks(study, published)
        for c, (table,) in zip(mark.comparisons, only_tables(mark, stated) or (), strict=False)
        for level, row in zip(c.levels, table.tolist(), strict=True)
    ]
    assert len(fixed) > 50
    assert all(counts == row for counts, row in fixed)


def test_a_bound_is_tight_where_no_smaller_one_would_hold(study: Study) -> None:
    settings = settings_of(study)
    mark = Mark("table_6_4", "trust", "", "", "p<.07", 0.07, ())
    verdicts = [compare_mark(mark, p, settings) for p in (0.01, 0.05, 0.0699, 0.07, float("nan"))]
    assert verdicts == ["holds", "tight", "tight", "exception", "exception"]
    stars = replace(mark, bound=None, printed="*")
    assert [compare_mark(stars, p, settings) for p in (0.2, 0.04, 0.004)] == [
        "exception", "exact", "exception"
    ]  # fmt: skip


def test_notes_that_disagree_are_named(study: Study, published: Figures) -> None:
    figures = list(published["table_3_3"])
    figures[1] = replace(figures[1], note="p<0.2")
    with pytest.raises(ValueError, match=r"printed/table_3_3.csv: one mark, but notes"):
        printed_marks(study, published | {"table_3_3": figures})
    figures = list(published["table_4_2"])
    figures[0] = replace(figures[0], note="p<.05")
    with pytest.raises(ValueError, match="is not a stars"):
        printed_marks(study, published | {"table_4_2": figures})
    figures[0] = replace(figures[0], note="****")
    with pytest.raises(ValueError, match="none of the declared stars"):
        printed_marks(study, published | {"table_4_2": figures})


def test_the_check_fails_where_data_could_meet_a_mark(
    study: Study, committed: Chain, published: Figures, fitted: Frames
) -> None:
    passed = check_convention(fitted[1])
    assert passed.passed
    assert "table_6_2 cut_spending: printed p<.5, p = 0.5268" in (passed.description or "")
    figures = list(published["table_4_2"])
    place = next(i for i, figure in enumerate(figures) if not figure.note)
    figures[place] = replace(figures[place], note="***")
    frame = convention_frame(study, committed.index, WAVE)
    _, exceptions = convention_fit(study, frame, published | {"table_4_2": figures})
    failed = check_convention(exceptions)
    assert not failed.passed
    assert "printed ***" in (failed.description or "")


def test_printed_lines_are_one_for_each_cell(study: Study) -> None:
    lines = read_printed_table(STUDY / "printed", "table_3_1")
    assert lined_up(study, {"table_3_1": lines})
    with pytest.raises(ValueError, match="shorter"):
        lined_up(study, {"table_3_1": lines[:-1]})
