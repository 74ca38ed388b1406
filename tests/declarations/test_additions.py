"""Additions to the report's study as in docs/adding.md, on a copy."""

from __future__ import annotations

import csv
import runpy
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from assets.analysis.comparisons import marked_tables
from assets.analysis.models import model_frame, rules_of
from assets.raw.rules.judge import RuleResult, judge
from assets.raw.structure import raw_frame
from assets.raw.wave_files import read_wave
from assets.tables.results import NOT_ASKED
from declarations import SpecError, Study, load_study
from declarations.claims.claim import every_claim, read_claims
from pipelines.commands.declaration_check import check_declarations
from pipelines.steps import wave_steps
from replication.consistency.reading import read_printed_report
from replication.fit import printed_marks
from replication.judged import read_claim_evidence
from replication.printed import printed_tables, read_errata, read_printed
from replication.proof.record import Proof, read_bounds, read_proofs
from replication.solver.stated import lined_up
from tests.chain import Chain, compute_frames, read_raw
from tests.declarations.documented import NEXT, PAGE, STUDY, Block, blocks, copy_of_study, of
from tests.members import indicators, needed_terms, patterns_of

LATER, WAVE = "2018", "2015"
FIRST_HOUR = ("A question of a later wave", "A table", "A check", "A claim")
DECLARED = (
    *FIRST_HOUR, "A table that is not in print", "A group from a register column", "A model",
)  # fmt: skip
TABLES = {"table_5_9", "table_5_10", "table_6_9"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The study without the additions."""
    return load_study(copy_of_study(tmp_path_factory.mktemp("bare")))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, bare: Study) -> Path:
    """A folder with the study and, of docs/adding.md, all that is declared."""
    made = tmp_path_factory.mktemp("added")
    shutil.copytree(bare.folder, made / STUDY)
    order = max(question.order for question in bare.questions) + 1
    for block in of(*DECLARED):
        # the checkout may have a question of its own in the place of the page's
        text = block.text.replace("order: 28", f"order: {order}")
        replace(block, text=text).apply(made)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(made)
        runpy.run_path("try_wave.py")
    for wave in (LATER, NEXT):
        path = made / STUDY / "waves" / wave / "municipalities.csv"
        with path.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        for number, row in enumerate(rows):
            row["red_share"] = str(number)
        pd.DataFrame(rows).to_csv(path, index=False, lineterminator="\n")
    return made


@pytest.fixture(scope="module")
def study(root: Path) -> Path:
    return root / STUDY


@pytest.fixture(scope="module")
def declared(study: Path) -> Study:
    return check_declarations(study)


@pytest.fixture(scope="module")
def chains(declared: Study) -> dict[str, Chain]:
    """The results of the report's wave and the next one."""
    made = {}
    for wave in (WAVE, NEXT):
        dataset, register = map(raw_frame, read_raw(declared, wave))
        made[wave] = compute_frames(declared, dataset, register, wave)
    return made


def keys(declared: Study) -> set[str]:
    return {"/".join(asset.key.path) for one in wave_steps(declared) for asset in one.assets}


def test_blocks_are_found_and_removed_where_they_were_put(tmp_path: Path, bare: Study) -> None:
    """What makes the other tests pass in a checkout that has the additions already."""
    shutil.copytree(bare.folder, tmp_path / STUDY, ignore=shutil.ignore_patterns("waves"))
    before = texts(tmp_path)
    added = [block for block in blocks() if STUDY in block.path.parents]
    for block in added:
        block.apply(tmp_path)
    assert len(texts(tmp_path)) == len(before) + len({b.path for b in added if not b.how})
    for block in added[::-2] + added[-2::-2]:
        block.remove(tmp_path)
    assert texts(tmp_path) == before


def texts(folder: Path) -> dict[Path, str]:
    return {path: path.read_text("utf-8") for path in folder.rglob("*.yaml")}


def test_an_addition_adds_its_own_assets_and_no_others(declared: Study, bare: Study) -> None:
    assert keys(declared) - keys(bare) == {
        *(f"tables/{name}" for name in TABLES), "answers/volunteer_day", "counts/volunteer_day",
        "models/m_4_1_new_focus_size",
    }  # fmt: skip


def test_a_table_beyond_print_is_a_table_like_any_other(declared: Study, bare: Study) -> None:
    before = {spec.id for spec in printed_tables(bare)}
    assert {spec.id for spec in declared.tables} >= TABLES
    assert {spec.id for spec in printed_tables(declared)} == before
    assert "table_5_9" in marked_tables(declared)


def test_what_compares_with_print_leaves_additions_alone(declared: Study, bare: Study) -> None:
    for read in (read_bounds, proofs, read_marks_of, printed_figures, report_of, evidence_of):
        assert read(declared) == read(bare), read.__name__


def proofs(study: Study) -> dict[str, Proof]:
    return read_proofs(study, every_claim(study))


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
    printed = read_claim_evidence(study, study.source_sheet(WAVE)).printed
    assert printed is not None
    return len(printed.numbers)


def test_a_question_of_a_later_wave_is_counted_there_alone(
    declared: Study, chains: dict[str, Chain]
) -> None:
    raw = chains[NEXT].dataset
    given = raw.loc[raw["stato_4"] == "1", "s_901"].value_counts()
    shown = chains[NEXT].tables["table_6_9"]
    counted = shown[shown["statistic"] == "count"].set_index("row")["value"]
    assert counted["total"] == given.sum() > 200
    codes = {str(c.code): c.key for c in declared.items["volunteer_day"].scale}
    assert {codes[str(code)]: n for code, n in given.items()} == counted.drop("total").to_dict()
    assert not len(chains[WAVE].answers["volunteer_day"])
    before = chains[WAVE].tables["table_6_9"]
    assert (before["note"] == NOT_ASKED).all()
    assert before["value"].isna().all()


def test_the_wave_with_the_question_passes_all_rules(declared: Study) -> None:
    sheet = declared.source_sheet(NEXT)
    asked = declared.in_wave(NEXT)
    found = {v.rule.name for v in judge(read_wave(sheet), asked, sheet) if v.findings}
    assert found == {v.rule.name for v in judged(declared, LATER) if v.findings}


def judged(declared: Study, wave: str) -> list[RuleResult]:
    sheet = declared.source_sheet(wave)
    return list(judge(read_wave(sheet), declared.in_wave(wave), sheet))


def test_a_policy_makes_the_check_block(declared: Study, bare: Study) -> None:
    for study, blocking in ((bare, False), (declared, True)):
        checks = {c.name: c for one in wave_steps(study) for c in one.checks}
        assert checks["label_text"].blocking is blocking


def test_a_column_of_some_waves_divides_those_alone(chains: dict[str, Chain], bare: Study) -> None:
    before, after = (chains[wave].tables["table_5_10"] for wave in (WAVE, NEXT))
    divided = before["row"] != "all"
    assert (before[divided]["note"] == NOT_ASKED).all()
    assert before[divided]["value"].isna().all()
    assert before[~divided]["value"].notna().all()
    low, high, everyone = after[after["column"] == "n"]["value"].tolist()
    assert low > 0
    assert low + high == everyone
    # what the wave before has is what it had
    members = chains[WAVE].memberships
    assert set(members["group"]) == {"all", "area", *(g.id for g in bare.groups)} - {"municipality"}


def test_a_model_is_fitted_as_all_others(declared: Study, chains: dict[str, Chain]) -> None:
    models = declared.models
    model = next(one for one in models.models if one.id == "m_4_1_new_focus_size")
    members = indicators(chains[WAVE].memberships, needed_terms(model))
    answers = chains[WAVE].answers["new_focus"]
    frame = model_frame(model, patterns_of(model, members, answers), rules_of(models))
    assert tuple(frame.loc[0, ["term", "level"]]) == ("exposure", "from_75000")
    # by the cross product, which needs no fit
    large = members["size", "from_75000"]
    yes = answers.set_index("respondent")["code"].astype(int) == 1
    cells = pd.Series(zip(large.reindex(yes.index).astype(bool), yes, strict=True)).value_counts()
    both, neither = int(cells[True, True]), int(cells[False, False])
    odds = both * neither / (int(cells[True, False]) * int(cells[False, True]))
    assert frame.loc[0, "bivariate_or"] == pytest.approx(odds)


def test_a_claim_is_read_and_a_misspelt_one_is_named_as_the_page_says(
    study: Path, declared: Study
) -> None:
    assert read_claims(declared)["5"][-1].id == "c5_900"
    path = study / "claims" / "chapter_5.yaml"
    right = path.read_text(encoding="utf-8")
    (block,) = of("A claim")
    shown = PAGE.read_text(encoding="utf-8").partition("the message is:\n\n```text\n")[2]
    message = shown.partition("\n```")[0]
    try:
        path.write_text(misspelt(right, block), encoding="utf-8")
        with pytest.raises(SpecError) as raised:
            check_declarations(study)
    finally:
        path.write_text(right, encoding="utf-8")
    line = right.count("\n", 0, right.index("kind: comparison", right.index("id: c5_900"))) + 1
    assert str(raised.value) == message.replace("line N", f"line {line}")


def misspelt(text: str, block: Block) -> str:
    return text.replace(block.text, block.text.replace("kind: comparison", "knid: comparison"))
