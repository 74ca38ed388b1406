"""The gate in a run: what a policy publishes of a real wave, and what readers then see."""

from __future__ import annotations

import csv
import re
import shutil
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pandas as pd
import pytest
import yaml
from click.testing import CliRunner

from assets.step.workspace import Workspace
from declarations import SpecError, Study, load_study
from declarations.survey.disclosure import Disclosure
from expectations.disclosure.assets import GATE, NAME, SUPPRESSION
from expectations.disclosure.gate import suppressed
from pipelines.cli import samspil
from pipelines.records.summary import summarize_run
from publishing.chapters import PUBLISHED
from publishing.document.write import write_document
from publishing.handover.answers import answer_table
from publishing.on_demand import answers_for_key_holders, read_published
from publishing.releasing.let_out import LetOut, UnaccountedError, require_accounted
from publishing.workbook.write import write_workbook
from runtime import paths
from runtime.snapshot import SNAPSHOT, write_snapshot
from tests.checkout import execute
from tests.publishing.attacker import codes_of, read_all
from tests.publishing.solving import learned, people_of
from tests.small import Small

STEPS = [GATE, SUPPRESSION, PUBLISHED]
TOWNS = ("aby", "bby", "cby")
GROUP = {
    "id": "town", "label": "Town", "kind": "category", "source": "name",
    "levels": [{"key": t, "text": t, "values": [t.capitalize()]} for t in (*TOWNS, "dby")],
}  # fmt: skip
TABLE = {
    "id": "table_2", "number": "2", "chapter": 1, "title": "Views by town",
    "base_column": {"text": "N", "position": "last"},
    "cell": {"item": "view_1"},
    "rows": [*({"key": t, "text": t, "group": "town", "level": t} for t in TOWNS),
             {"key": "all", "text": "All"}],
    "columns": [{"key": "good", "text": "Good", "code": 1},
                {"key": "bad", "text": "Bad", "code": 2},
                {"key": "gap", "text": "Gap", "statistic": "difference", "of": ["good", "bad"]}],
}  # fmt: skip


def declare(folder: Path, **disclosure: Any) -> Study:
    """The study with groups and a gate of this kind; without entries it has no gate."""
    path = folder / "study.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) | {"groups": [GROUP]}
    data |= {"disclosure": {"k": 4, "identifying": ["municipality"], **disclosure}}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    return load_study(folder)


def said(result: dg.ExecuteInProcessResult, root: Path) -> str:
    workspace = Workspace(root=str(root), place="small")
    page = workspace.failed_page("1")
    return str(summarize_run([result], workspace.output("1"), page)["summary"])


def lines(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def relations(snapshot: Path) -> set[str]:
    with closing(duckdb.connect(str(snapshot), read_only=True)) as connection:
        found = connection.sql(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() UNION "
            "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal"
        )
        return {name for (name,) in found.fetchall()}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dg.ExecuteInProcessResult]:
    """A run of a real wave under `warn`. All three heads of Cby rate the first item as good."""
    root = tmp_path_factory.mktemp("gate")
    small = Small(root)
    small.lines = [x for x in small.lines if x["place"] != "Cby" or x["id"] in ("P3", "P6", "P9")]
    for number, one in enumerate(x for x in small.lines if x["stato_4"] == "1"):
        one["view_1"] = "1" if one["place"] == "Cby" else "12"[number // 2 % 2]
        one["view_2"] = "12"[number // 3 % 2]
    small.sheet |= {"invited": len(small.lines), "origin": "real"}
    small.write()
    (small.folder / "tables" / "table_2.yaml").write_text(yaml.safe_dump(TABLE), encoding="utf-8")
    return root, execute(declare(small.folder, policy="warn"), root, "1")


def gate_check(result: dg.ExecuteInProcessResult) -> dg.AssetCheckEvaluation:
    (check,) = [e for e in result.get_asset_check_evaluations() if e.check_name == NAME]
    return check


def test_warn_publishes_all_and_says_what_follows(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root, result = ran
    assert result.success, said(result, root)
    output = root / "output" / "small" / "1"
    check = gate_check(result)
    assert not check.passed
    assert check.severity == dg.AssetCheckSeverity.WARN
    # fewer than four in Cby, whose base and count are printed; only these are identifiable
    assert (check.metadata["answers"].value, check.metadata["respondents"].value) == (3, 3)
    about = (output / "ABOUT.txt").read_text(encoding="utf-8")
    assert "3 answers of 3 identifiable respondents follow" in about
    assert "Examined: results.results, and the tables" in about
    (unexamined,) = re.findall("Published without being examined: (.*)", about)
    assert "checks.item_nonresponse" in unexamined
    told = relations(output / "samspil.duckdb")
    assert not [n for n in told if n.startswith(("answers.", "coded.", "clean.resp", "clean.inv"))]
    assert "counts.counts" in told
    assert [x["formatted"] for x in lines(output / "results.csv") if x["row"] == "cby"] == [
        "100.0", "0.0", "100.0"
    ]  # fmt: skip


def test_lines_of_respondents_go_where_they_are_declared_to(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root, _ = ran
    output, closed = (root / name / "small" / "1" for name in ("output", "key_holders"))
    study = declare(root / "studies" / "small", policy="warn", microdata="key_holders")
    assert execute(study, root, "1", STEPS).success
    assert {"clean.respondents", "answers.view"} <= relations(closed / "samspil.duckdb")
    assert not [n for n in relations(output / "samspil.duckdb") if n.startswith("answers.")]
    modes = [path.stat().st_mode & 0o077 for path in (closed, *closed.iterdir())]
    assert set(modes) == {0}
    # the answers for SPSS go there too
    sheet = study.source_sheet("1")
    shown = read_published(study, sheet, output / "samspil.duckdb")
    assert answer_table(shown) is None
    answers_for_key_holders(shown, closed)
    written = duckdb.read_parquet(str(closed / "answers.parquet")).fetchall()
    assert len(written) == 16
    assert (closed / "answers.sav").stat().st_mode & 0o077 == 0
    assert "16 respondents, 3 smallest class" in (closed / "README.txt").read_text("utf-8")

    study = declare(root / "studies" / "small", policy="warn", microdata="published")
    assert execute(study, root, "1", STEPS).success
    assert {"clean.respondents", "answers.view", "coded.view"} <= relations(
        output / "samspil.duckdb"
    )
    assert not closed.exists(), "no longer declared"
    risk = {x["measure"]: x["value"] for x in lines(output / "risk.csv")}
    assert risk == {
        "respondents": "16", "smallest_class": "3", "in_small_classes": "3",
        "sample_uniques": "0", "population_uniques": "0",
    }  # fmt: skip


def test_what_no_policy_let_out_stops_the_publication(tmp_path: Path) -> None:
    let_out = LetOut(Disclosure(policy="warn"), {("results", "results"): pd.DataFrame({"n": [1]})})
    write_snapshot(tmp_path / SNAPSHOT, let_out.relations, {})
    for name in ("results.csv", "ABOUT.txt"):
        (tmp_path / name).touch()
    require_accounted(tmp_path, let_out)
    for name in ("answers.csv", "deviations.md"):
        (tmp_path / name).touch()
        with pytest.raises(UnaccountedError, match=name):
            require_accounted(tmp_path, let_out)
        (tmp_path / name).unlink()
    (tmp_path / SNAPSHOT).unlink()
    frame = pd.DataFrame({"n": [1]})
    write_snapshot(tmp_path / SNAPSHOT, {**let_out.relations, ("clean", "respondents"): frame}, {})
    with pytest.raises(UnaccountedError, match=r"clean\.respondents"):
        require_accounted(tmp_path, let_out)
    require_accounted(tmp_path, LetOut(None, {}))


def test_block_withdraws_what_it_forbids_and_proposes_what_to_suppress(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root, _ = ran
    output = root / "output" / "small" / "1"
    assert output.exists(), "published by a policy that warns"
    study = declare(root / "studies" / "small", policy="block")
    result = execute(study, root, "1", STEPS)
    assert not result.success
    assert gate_check(result).severity == dg.AssetCheckSeverity.ERROR
    assert not output.exists()
    assert not [*(output.parent / ".published" / "1").iterdir()]
    told = said(result, root)
    assert "3 answers of 3 identifiable respondents follow" in told
    assert "leaves 0 answers of 0 respondents" in told
    proposal = root / ".work" / "small" / "1.suppression.csv"
    assert ".work/small/1.suppression.csv" in told.replace(str(root), "") or proposal.name in told
    assert proposal.stat().st_mode & 0o077 == 0
    roles = {(x["answer"], x["level"]): (x["role"], x["reason"]) for x in lines(proposal)}
    assert roles["1", "cby"] == ("primary", "small base")
    assert "secondary" in {role for role, _ in roles.values()}


def test_suppress_publishes_marks_and_nothing_that_was_not_examined(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root, warned = ran
    output = root / "output" / "small" / "1"
    study = declare(root / "studies" / "small", policy="suppress", mark="[s]")
    result = execute(study, root, "1", STEPS)
    assert result.success, said(result, root)
    assert gate_check(result).passed
    shown = lines(output / "results.csv")
    gone = [x for x in shown if x["note"] == "suppressed"]
    assert {(x["formatted"], x["value"], x["numerator"]) for x in gone} == {("[s]", "", "")}
    own = [x for x in shown if x["table"] == "table_2"]
    assert [x["note"] for x in own if x["row"] == "cby"] == ["suppressed"] * 3
    assert {x["base"] for x in own if x["row"] == "cby"} == {""}
    assert {x["row"] for x in gone} > {"cby"}, "the other towns would tell"
    table = (output / "tables" / "table_2.csv").read_text(encoding="utf-8")
    assert "cby,[s],[s],[s],[s]" in table
    assert "[s] = undertrykt" in table
    assert "suppressed so that no answers follow" in table
    published = {"disclosure.suppression", "results.results", "clean.municipalities"}
    found = relations(output / "samspil.duckdb")
    assert published <= found
    assert not [name for name in found if name.startswith(("answers.", "coded.", "counts."))]
    assert {name for name in found if name.startswith("clean.")} == {"clean.municipalities"}
    listed = lines(output / "suppression.csv")
    assert set(listed[0]) == {"item", "answer", "group", "level"}, "a reason may tell an answer"
    assert {x["answers"] for x in lines(output / "disclosure.csv")} == {"0"}
    about = (output / "ABOUT.txt").read_text(encoding="utf-8")
    assert f"{len(listed)} figures are suppressed and shown as [s]" in about
    assert "answers.view" in about
    # run.json has no messages of checks
    told = summarize_run([warned], output, output / "none")
    assert "3 answers of 3" in told["summary"]
    assert "3 answers of 3" not in told["recorded"]
    assert NAME in told["recorded"]
    # a policy that blocks keeps what was published by one as strict
    before = output.resolve()
    blocking = declare(root / "studies" / "small", policy="block")
    assert not execute(blocking, root, "1", STEPS).success
    assert output.resolve() == before


def test_readers_cannot_tell_what_anybody_in_cby_thinks(
    ran: tuple[Path, dg.ExecuteInProcessResult],
) -> None:
    root, _ = ran
    output = root / "output" / "small" / "1"
    study = declare(root / "studies" / "small", policy="suppress")
    execute(study, root, "1", STEPS)
    shown = [x for x in lines(output / "results.csv") if x["table"] == "table_2"]
    assert {x["numerator"] for x in shown} > {""}, "something is still told"
    # good and bad in each town, of as many as took part
    each = {
        town: [(good, bad) for good in range(n + 1) for bad in range(n + 1 - good)]
        for town, n in (("aby", 7), ("bby", 6), ("cby", 3))
    }
    possible = (dict(zip(each, counts, strict=True)) for counts in product(*each.values()))
    left = [counts for counts in possible if all(_agrees(counts, line) for line in shown)]
    assert {counts["cby"][0] == 3 for counts in left} == {True, False}


def _agrees(counts: dict[str, tuple[int, int]], shown: dict[str, str]) -> bool:
    """Whether a published line agrees with these counts."""
    own = [counts[shown["row"]]] if shown["row"] in counts else list(counts.values())
    good, bad = sum(g for g, _ in own), sum(b for _, b in own)
    numerator = {"good": good, "bad": bad}.get(shown["column"])
    told = [(numerator, shown["numerator"]), (good + bad, shown["base"])]
    return all(n is None or not text or n == int(text) for n, text in told)


def test_the_attacker_solves_for_cby_unless_what_would_tell_is_hidden_too(
    ran: tuple[Path, dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root, _ = ran
    study = declare(root / "studies" / "small", policy="suppress")
    working = root / ".work" / "small" / "1.duckdb"
    heads = people_of(working, [question.id for question in study.counted_questions])
    in_cby = {n for n, own in enumerate(heads.levels) if ("town", "cby") in own}
    assert len(in_cby) == 3

    output = root / "output" / "small" / "1"

    def solved(*places: Path) -> set[tuple[int, str, str]]:
        found = read_all(study, places or [output])
        assert not found.lines
        assert not found.unread
        return learned(found, heads, codes_of(study, "1"))

    assert execute(study, root, "1", STEPS).success
    assert solved() == set()
    hidden = shutil.copytree(output, tmp_path / "hidden")
    # the three figures of Cby alone are hidden: everyone less the other towns tells
    name = "publishing.releasing.let_out.suppressed"
    monkeypatch.setattr(name, lambda s, own: suppressed(s, own[own["role"] == "primary"]))
    assert execute(study, root, "1", STEPS).success
    assert solved() == {(n, "view_1", "1") for n in in_cby}
    monkeypatch.setattr(name, lambda *_: set())
    assert execute(study, root, "1", STEPS).success
    assert {(n, "view_1", "1") for n in in_cby} <= solved()
    # what one file alone shows is found, whatever the others hide
    wave = read_published(study, study.source_sheet("1"), output / SNAPSHOT)
    for language in ("da", "en"):
        write_workbook(wave, output, language)
        write_document(wave, output, language, {})
    suffixes = (".da.csv", ".en.csv", ".csv")
    for file in (
        Path("results.csv"), Path(SNAPSHOT), Path("report", "data", "table_2.js"),
        Path("tables.en.xlsx"), Path("tables.da.docx"),
        *(Path("tables", f"table_2{suffix}") for suffix in suffixes),
        *(Path("report", "tables", f"table_2{suffix}") for suffix in (".html", ".en.html")),
    ):  # fmt: skip
        one = shutil.copytree(hidden, tmp_path / "one" / "1")
        shutil.copy(output / file, one / file)
        assert {(n, "view_1", "1") for n in in_cby} <= solved(one), file
        shutil.rmtree(one)


def test_constructed_data_are_not_examined_but_can_be(
    ran: tuple[Path, dg.ExecuteInProcessResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, _ = ran
    sheet = root / "studies" / "small" / "waves" / "1" / "source.yaml"
    data = yaml.safe_load(sheet.read_text(encoding="utf-8"))
    sheet.write_text(yaml.safe_dump(data | {"origin": "constructed"}), encoding="utf-8")
    result = execute(declare(root / "studies" / "small", policy="block"), root, "1", STEPS)
    assert result.success, said(result, root)
    assert "Not examined" in str(gate_check(result).description)
    assert "answers.view" in relations(root / "output" / "small" / "1" / "samspil.duckdb")
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(paths, "STUDIES", root / "studies")
    ran_by_hand = CliRunner().invoke(samspil, ["disclosure", "1", "--study", "small", "--k", "5"])
    assert ran_by_hand.exit_code == 3, ran_by_hand.output
    assert "the answers are not a real person's" in ran_by_hand.output
    assert "3 identifiable (fewer than 5 alike in municipality)" in ran_by_hand.output
    assert "cby (primary: small base)" in ran_by_hand.output


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        ({"policy": "stop"}, "policy: found 'stop', expected one of warn, block, suppress"),
        ({"policy": "warn", "k": 0}, "k: found 0, expected a number from 1"),
        (
            {"policy": "warn", "identifying": ["title"]},
            "identifying[1]: found 'title', expected a group, a closed",
        ),
        (
            {"policy": "warn", "covers": ["models"]},
            "covers[1]: found 'models', expected one of tables,",
        ),
        ({"policy": "warn", "limit": 3}, "limit: found an unknown entry, expected one of covers,"),
        ({"policy": "warn", "mark": ""}, "mark: found '', expected a text that is not empty"),
        ({"policy": "warn", "unanimous": "no"}, "unanimous: found 'no', expected true or false"),
        (
            {"policy": "suppress", "microdata": "published", "identifying": ["municipality"]},
            "microdata: found 'published', expected none or key_holders: respondents' lines reveal",
        ),
        (
            {"policy": "warn", "microdata": "published"},
            "microdata: found 'published', expected `identifying` too",
        ),
        ({"k": 3}, "policy: found no such entry, expected one"),
    ],
)
def test_a_wrong_declaration_names_the_entry(
    tmp_path: Path, entries: dict[str, Any], problem: str
) -> None:
    small = Small(tmp_path)
    small.write()
    path = small.folder / "study.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8")) | {"disclosure": entries}
    path.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(SpecError, match=r"study\.yaml line \d+: disclosure") as raised:
        load_study(small.folder)
    assert problem in str(raised.value)
