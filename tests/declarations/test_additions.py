"""What may be added to the report's study, on copies: tables beyond print, columns of a wave."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from assets.analysis.comparisons import marked_tables
from assets.raw.structure import raw_frame
from assets.tables.results import NOT_ASKED, OF_NUMBERS
from declarations import SpecError, Study, load_study
from declarations.claims.claim import read_claims
from declarations.tables import statistics
from declarations.tables.statistics import COLUMNS, NUMBERS, STATISTICS, names_of
from expectations.disclosure.outgoing import DISTRIBUTION, value_key
from pipelines.commands.declaration_check import check_declarations
from replication.consistency.reading import read_printed_report
from replication.fit import printed_marks
from replication.judged import read_evidence
from replication.printed import printed_tables, read_errata
from replication.proof.record import Proof, read_bounds, read_proofs
from replication.solver.stated import lined_up, read_printed
from tests.chain import STUDY, compute_frames, edit, read_raw
from tests.checkout import Checkout, samspil

LATER, WAVE = "2018", "2015"
STARRED = """\
id: table_5_9
number: "5.9"
chapter: 5
section: "5.2"
title: {da: "Brugere og frivillige", en: "Users and volunteers"}
significance: {by: cell, mark: stars}
cell: {code: 1}
rows:
  - {key: users, da: "Brugere", en: "Users", item: initiation_user_run}
columns:
  - {key: health, da: "Sundhed", en: "Health", group: area, level: health}
  - {key: school, da: "Skole", en: "School", group: area, level: school}
  - {key: all, da: "Alle", en: "All"}
"""
BY_PARTY = """\
id: table_5_10
number: "5.10"
chapter: 5
title: {da: "Efter rød andel", en: "By red share"}
cell: {item: initiation_user_run, code: 1}
rows:
  - {key: low, da: "Lav", en: "Low", group: red_share, level: low}
  - {key: high, da: "Høj", en: "High", group: red_share, level: high}
  - {key: all, da: "Alle", en: "All"}
columns:
  - {key: n, da: "N", en: "N", statistic: count}
  - {key: pct, da: "%", en: "%"}
"""
GROUP = """\
groups:
  - id: red_share
    label: {da: "Rød andel", en: "Red share"}
    kind: cuts
    source: red_share
    levels:
      - {key: low, da: "Lav", en: "Low", below: 50}
      - {key: high, da: "Høj", en: "High", from: 50}
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a table beyond print that has stars, and a group from a column of 2018."""
    folder = tmp_path_factory.mktemp("added") / "samspil"
    shutil.copytree(STUDY, folder)
    (folder / "tables" / "table_5_9.yaml").write_text(STARRED, "utf-8")
    (folder / "tables" / "table_5_10.yaml").write_text(BY_PARTY, "utf-8")
    edit(folder / "study.yaml", "groups:\n", GROUP)
    pressure = "    expenditure_pressure: expenditure_pressure\n"
    more = "    red_share: {column: red_share, from: 2018}\n"
    edit(folder / "study.yaml", pressure, pressure + more)
    path = folder / "waves" / LATER / "municipalities.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    for number, row in enumerate(rows):
        row["red_share"] = str(number)
    pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")
    return folder


def test_a_table_beyond_print_is_a_table_like_any_other(study: Path) -> None:
    declared = check_declarations(study)
    printed = {spec.id for spec in printed_tables(declared)}
    assert {"table_5_9", "table_5_10"} <= {spec.id for spec in declared.tables}
    assert len(printed) == 26
    assert not {"table_5_9", "table_5_10", "table_2_1"} & printed
    assert "table_5_9" in marked_tables(declared)


def test_what_compares_with_print_leaves_it_alone(study: Path) -> None:
    declared, before = load_study(study), load_study(STUDY)
    for read in (read_bounds, proofs, read_marks_of, printed_figures, report_of, evidence_of):
        assert read(declared) == read(before), read.__name__


def proofs(study: Study) -> dict[str, Proof]:
    return read_proofs(study, [claim for own in read_claims(study).values() for claim in own])


def read_marks_of(study: Study) -> dict[str, str]:
    return dict(read_printed_report(study).marks)


def printed_figures(study: Study) -> list[tuple[str, str]]:
    figures = read_printed(study)
    marks = printed_marks(study, figures)
    stated = lined_up(study, figures, read_errata(study.folder / "printed"))
    return [(mark.table, mark.printed) for mark in marks] + [(f.name, f.printed) for f in stated]


def report_of(study: Study) -> dict[str, int]:
    return dict(read_printed_report(study).numbers)


def evidence_of(study: Study) -> int:
    printed = read_evidence(study, study.source_sheet(WAVE)).printed
    assert printed is not None
    return len(printed.numbers)


@pytest.mark.long
def test_a_whole_run_with_tables_beyond_print(study: Path, tmp_path: Path) -> None:
    checkout = Checkout.create(tmp_path)
    shutil.rmtree(checkout.study)
    shutil.copytree(study, checkout.study)
    with checkout.taken_for_own():
        assert samspil("run", "--wave", WAVE) == 0
    compared = checkout.csv("reproduction.csv")
    assert compared["status"].value_counts().to_dict() == {"exact": 1467, "erratum": 7}
    assert not {"table_5_9", "table_5_10"} & set(compared["table"])
    assert {"table_5_9", "table_5_10"} <= set(checkout.csv("results.csv")["table"])
    starred = checkout.csv("significance.csv").query("table == 'table_5_9' and group != 'all'")
    assert (starred["p"] != "").all()
    assert len(checkout.csv("bounds_of_claims.csv"))


def test_a_column_of_some_waves_divides_those_alone(study: Path) -> None:
    declared = load_study(study)
    shown = {}
    for wave in (WAVE, LATER):
        dataset, register = map(raw_frame, read_raw(declared, wave))
        shown[wave] = compute_frames(declared, dataset, register, wave)
    before, after = (shown[wave].tables["table_5_10"] for wave in (WAVE, LATER))
    divided = before["row"] != "all"
    assert (before[divided]["note"] == NOT_ASKED).all()
    assert before[divided]["value"].isna().all()
    assert before[~divided]["value"].notna().all()
    low, high, everyone = after[after["column"] == "n"]["value"].tolist()
    assert low > 0
    assert low + high == everyone
    # what the wave before has is what it had
    members = shown[WAVE].memberships
    assert set(members["group"]) == {"all", "area", *(g.id for g in load_study(STUDY).groups)} - {
        "municipality"
    }


def test_a_statistic_is_registered_once(monkeypatch: pytest.MonkeyPatch, study: Path) -> None:
    assert set(OF_NUMBERS) == set(names_of(NUMBERS))
    assert {"difference", "relative_difference"} == set(names_of(COLUMNS))
    added = statistics.StatisticRule("largest", NUMBERS, "The largest number.", decimals=0)
    monkeypatch.setitem(STATISTICS, "largest", added)
    path = study / "tables" / "table_5_11.yaml"
    text = BY_PARTY.replace("5_10", "5_11").replace("statistic: count", "statistic: largest")
    path.write_text(text, "utf-8")
    try:
        with pytest.raises(SpecError, match=r"statistic: found 'largest', .* is not numeric"):
            load_study(study)
        path.write_text(text.replace("item: initiation_user_run", "item: collaborations").replace(
            "code: 1", "code: total"), "utf-8")  # fmt: skip
        cell = load_study(study).table["table_5_11"].cells[0]
    finally:
        path.unlink()
    # format and gate follow from the entry
    assert cell.decimals == 0
    assert value_key(cell) == ("collaborations", DISTRIBUTION, "red_share", "low")
