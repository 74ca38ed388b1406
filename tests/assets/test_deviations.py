"""The deviation scan against SciPy, statsmodels and arithmetic by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from assets.analysis.deviations import (
    DEVIATION_COLUMNS,
    deviations,
    deviations_in_words,
    scanned_groups,
    summary_text,
)
from assets.tables.results import count_of
from declarations import Study
from tests.chain import WAVE, Chain


@pytest.fixture(scope="module")
def scan(study: Study, committed: Chain) -> pd.DataFrame:
    return deviations(study, committed.index, WAVE)


def test_every_item_meets_every_level_once(study: Study, scan: pd.DataFrame) -> None:
    assert list(scan.columns) == list(DEVIATION_COLUMNS)
    assert not scan.duplicated(["group", "level", "item"]).any()
    items = [i for q in study.questions for i in q.closed_items if len(i.codes) > 1]
    levels = sum(len(group.levels) for group in scanned_groups(study))
    assert len(scan) == len(items) * levels
    assert "municipality" not in set(scan["group"])


def test_a_sample_of_lines_is_scipys_chi_square(
    study: Study, committed: Chain, scan: pd.DataFrame
) -> None:
    from scipy.stats import chi2_contingency

    for line in scan.iloc[::13].to_dict("records"):
        codes = study.items[line["item"]].codes
        table = np.array(
            [
                [count_of(committed.index, line["item"], c, line["group"], level) for c in codes]
                for level in (line["level"], f"!{line['level']}")
            ]
        )
        assert (line["n"], line["n_others"]) == tuple(table.sum(axis=1))
        if not table.sum(axis=1).all():
            assert np.isnan(line["p"])
            continue
        used = table[:, table.sum(axis=0) > 0]
        if used.shape[1] < 2:
            assert np.isnan(line["p"])
            continue
        expected = chi2_contingency(used, correction=False)
        assert line["statistic"] == pytest.approx(expected.statistic, rel=1e-10)
        assert line["p"] == pytest.approx(expected.pvalue, rel=1e-10)
        assert line["df"] == expected.dof
        place = codes.index(int(line["code"]))
        own, others = (table[:, place] / table.sum(axis=1) * 100).tolist()
        assert line["share"] == pytest.approx(own)
        assert line["difference"] == pytest.approx(own - others)
        assert line["direction"] == ("more" if own > others else "less" if own < others else "same")
        gaps = table[0] / table[0].sum() * 100 - table[1] / table[1].sum() * 100
        leading = codes.index(int(line["leading_code"]))
        assert abs(line["leading_difference"]) == pytest.approx(np.abs(gaps).max())
        assert gaps[leading] == pytest.approx(line["leading_difference"])


def test_q_is_benjamini_and_hochbergs_within_a_group(scan: pd.DataFrame) -> None:
    from statsmodels.stats.multitest import multipletests

    for _, family in scan.groupby("group"):
        known = family[family["p"].notna()]
        expected = multipletests(known["p"], method="fdr_bh")[1]
        np.testing.assert_allclose(known["q"], expected, rtol=1e-12)


def test_a_printed_pair_comes_out(scan: pd.DataFrame) -> None:
    # Table 6.2: better quality, low against high pressure, p < 0.01 in print
    (line,) = scan[
        (scan["group"] == "pressure_half")
        & (scan["level"] == "high")
        & (scan["item"] == "reason_quality")
    ].to_dict("records")
    assert line["direction"] == "less"
    assert line["p"] < 0.01
    assert f"{line['share']:.1f}" == "60.3"
    assert line["n"] == 199


def test_an_empty_level_says_nothing_but_n(study: Study, committed: Chain) -> None:
    counts = {key: 0 if key[2:] == ("bloc", "local") else n for key, n in committed.index.items()}
    scan = deviations(study, counts, WAVE)
    empty = scan[(scan["group"] == "bloc") & (scan["level"] == "local")]
    assert (empty["n"] == 0).all()
    assert empty[["share", "difference", "p", "q", "cramers_v", "statistic"]].isna().all().all()
    assert not np.isinf(scan.select_dtypes("number")).any().any()
    assert "nothing under p = 0.05" in deviations_in_words(study, scan, "bloc")


def test_the_summary_lists_what_is_under_the_bound_and_marks_what_lasts(
    study: Study, scan: pd.DataFrame
) -> None:
    for group in scanned_groups(study):
        text = deviations_in_words(study, scan, group.id)
        own = scan[(scan["group"] == group.id)]
        bullets = [line for line in text.splitlines() if line.startswith("- ")]
        listed = [line for line in bullets if not line.startswith("- nothing")]
        assert len(listed) == (own["p"] < 0.05).sum()
        assert sum(line.startswith("- **") for line in listed) == (own["q"] < 0.05).sum()
        assert all(level.label.da in text for level in group.levels)
    whole = summary_text(study, scan)
    assert whole.count("\n## ") + 1 == len(scanned_groups(study))
    assert " nan" not in whole
