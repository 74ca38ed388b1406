"""A broken declaration or printed figure is noticed: the comparison fails.

Each test breaks a copy of the study and computes the committed wave with it.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from declarations import SpecError, load_study
from tests.chain import Chain, compare_with_print, compute_frames, compute_tables, edit


def differing(folder: Path, committed: Chain, raw: bool = False) -> pd.DataFrame:
    """The figures that differ from print with the declarations of `folder`."""
    study = load_study(folder)
    if raw:
        tables = compute_frames(study, committed.dataset, committed.register).tables
    else:
        tables = compute_tables(study, committed.counts)
    comparison = compare_with_print(study, tables)
    return comparison[comparison["status"] == "differs"]


def test_the_unbroken_copy_agrees(study_copy: Path, committed: Chain) -> None:
    assert differing(study_copy, committed).empty


@pytest.mark.long
def test_a_declared_code_that_is_renumbered_is_seen(study_copy: Path, committed: Chain) -> None:
    # "never" of question 18 becomes a code no answer has; Tables 5.1 and 5.2 show it
    edit(study_copy / "questions" / "18_initiation.yaml", "{code: 4, ", "{code: 9, ")
    for name in ("table_5_1", "table_5_2"):
        path = study_copy / "tables" / f"{name}.yaml"
        edit(path, "code: 4}", "code: 9}")
    # the model and the statements of "never" name the code too
    edit(study_copy / "models" / "m_5_2_user_run_never_pressure.yaml", "codes: [4]", "codes: [9]")
    claims = study_copy / "claims" / "chapter_5.yaml"
    text = claims.read_text(encoding="utf-8")
    old, new = (f"{{item: initiation_user_run, codes: [{code}]," for code in (4, 9))
    claims.write_text(text.replace(old, new), encoding="utf-8")
    found = differing(study_copy, committed, raw=True)
    assert set(found["table"]) == {"table_5_1", "table_5_2"}
    assert "Aldrig" in set(found["column"])


def test_a_declared_code_that_is_left_out_is_refused_where_a_table_uses_it(
    study_copy: Path,
) -> None:
    path = study_copy / "questions" / "18_initiation.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "{code: 4, " not in line]
    assert len(kept) == len(lines) - 1
    path.write_text("".join(kept), encoding="utf-8")
    with pytest.raises(
        SpecError, match=r"tables/table_5_1\.yaml line \d+: columns\[never\]\.code: found 4"
    ):
        load_study(study_copy)


def test_two_columns_of_a_table_with_each_others_codes_are_seen(
    study_copy: Path, committed: Chain
) -> None:
    path = study_copy / "tables" / "table_4_1.yaml"
    edit(path, "code: 1}", "code: 0}")
    edit(path, "code: 2}", "code: 1}")
    edit(path, "code: 0}", "code: 2}")
    found = differing(study_copy, committed)
    assert set(found["table"]) == {"table_4_1"}
    assert set(found["column"]) == {"Inden for det seneste år", "Inden for de seneste 5 år"}


def test_two_columns_of_a_table_in_each_others_place_are_refused(
    study_copy: Path, committed: Chain
) -> None:
    path = study_copy / "tables" / "table_4_1.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    first = next(n for n, line in enumerate(lines) if "key: last_year" in line)
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ValueError, match=r"printed/table_4_1\.csv line 2"):
        differing(study_copy, committed)


def test_a_row_with_another_rows_item_is_seen(study_copy: Path, committed: Chain) -> None:
    path = study_copy / "tables" / "table_4_1.yaml"
    edit(path, "item: actor_churches}", "item: actor_companies}")
    found = differing(study_copy, committed)
    assert set(found["row_label"]) == {"Kirker/menighedsplejer"}


def test_a_moved_cut_between_groups_is_seen(study_copy: Path, committed: Chain) -> None:
    path = study_copy / "study.yaml"
    edit(path, "from: 95, below: 100}", "from: 95, below: 101}")
    edit(path, "from: 100, below: 105}", "from: 101, below: 105}")
    assert set(differing(study_copy, committed, raw=True)["table"]) == {"table_5_2"}


@pytest.mark.parametrize(
    ("table", "line", "old", "new"),
    [
        ("table_3_1", 1, ",248,", ",249,"),
        ("table_4_1", 1, ",73.8,", ",73.9,"),
        ("table_6_5", 3, ",43.9,", ",44.0,"),
        ("table_a1_1", 1, ",1,7", ",2,7"),
    ],
)
def test_a_printed_figure_that_is_changed_is_seen(
    study_copy: Path, committed: Chain, table: str, line: int, old: str, new: str
) -> None:
    path = study_copy / "printed" / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    assert lines[line].count(old) == 1
    lines[line] = lines[line].replace(old, new)
    path.write_text("".join(lines), encoding="utf-8")
    found = differing(study_copy, committed)
    assert list(found["table"]) == [table]
    assert list(found["printed"]) == [new.split(",")[1]]


def test_an_erratum_that_is_taken_away_is_seen(study_copy: Path, committed: Chain) -> None:
    path = study_copy / "printed" / "errata.yaml"
    path.write_text("errata: []\n", encoding="utf-8")
    assert len(differing(study_copy, committed)) == 7
