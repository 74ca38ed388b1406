"""What an edit makes stale: exactly the assets that rest on what was edited."""

from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest

import assets.analysis.deviations
import assets.counts.counting
import assets.statistics.descriptive
from assets.analysis import trends
from assets.clean import assets as clean_assets
from assets.raw.rules import judge
from assets.raw.rules.case import Lines
from assets.statistics import regression
from assets.step.names import answers, counts, table
from assets.step.rows_version import rows_version
from declarations import Study, load_study, spans
from declarations.tables.unnumbered import read_unnumbered
from expectations.checks_page import checks_page
from pipelines.chain import build_definitions
from pipelines.run.staleness import expected_versions, stale_assets
from pipelines.versions import reached
from pipelines.versions.versions import Declared
from replication.audit import audit
from replication.audit.rules import derived, row_sum
from replication.consistency import arithmetic
from runtime.store import Store
from tests.chain import STUDY
from tests.chain import edit as edit_text
from tests.edits.edits import EDITS, Edit

Versions = dict[str, str | None]


def versions(folder: Path) -> Versions:
    """The code version of every asset of a study."""
    graph = build_definitions(load_study(folder), "").resolve_asset_graph()
    made = graph.materializable_asset_keys
    return {key.to_user_string(): graph.get(key).code_version for key in made}


@pytest.fixture(scope="module")
def committed_versions() -> Versions:
    return versions(STUDY)


def changed(before: Versions, after: Versions) -> set[str]:
    assert before.keys() == after.keys()
    return {key for key, version in after.items() if version != before[key]}


@pytest.fixture
def whole_copy(tmp_path: Path) -> Path:
    """The study with its waves, for notes and descriptions are made from them."""
    import shutil

    return Path(shutil.copytree(STUDY, tmp_path / "studies" / "samspil"))


def test_every_asset_has_a_version_and_where_the_checkout_is_changes_none(
    committed_versions: Versions, whole_copy: Path
) -> None:
    assert all(committed_versions.values())
    assert changed(committed_versions, versions(whole_copy)) == set()


@pytest.mark.parametrize(
    "edit",
    [edit for edit in EDITS if not (edit.of_code or edit.of_wave)],
    ids=lambda edit: str(edit.name),
)
def test_an_edited_declaration_concerns_what_rests_on_it_and_nothing_else(
    committed_versions: Versions, whole_copy: Path, edit: Edit
) -> None:
    """That runs come to the same: `make edits`."""
    edit.apply(whole_copy.parent.parent)
    found = changed(committed_versions, versions(whole_copy))
    assert found == {*edit.stale, *edit.trends}


def test_a_policy_concerns_the_answers_whose_suites_stop_a_run_by_it(
    committed_versions: Versions, whole_copy: Path, study: Study
) -> None:
    scale = "  scale: {policy: quarantine, threshold: "
    edit_text(whole_copy / "study.yaml", f"{scale}0.01}}", f"{scale}0}}")
    found = changed(committed_versions, versions(whole_copy))
    own = {f"answers/{question.id}" for question in study.counted_questions}
    judged = {"raw/dataset", "raw/rejected_rows", "checks/quarantine"}
    assert found == {*own, *judged, "report/published"}


def test_the_register_of_the_printed_wave_concerns_the_audit(
    committed_versions: Versions, whole_copy: Path
) -> None:
    register = whole_copy / "waves" / "2015" / "municipalities.csv"
    edit_text(register, "Læsø,", "Læsoe,")
    found = changed(committed_versions, versions(whole_copy))
    assert {key.split("/")[0] for key in found} == {"audit", "claims", "proof"}


def test_how_answers_were_made_concerns_the_claims_about_them(
    committed_versions: Versions, whole_copy: Path
) -> None:
    """Whether a claim is told of made or of free answers rests on it."""
    path = whole_copy / "waves" / "2015" / "provenance.yaml"
    edit_text(path, "note: 'pinned_by:", "note: 'By hand. pinned_by:")
    assert changed(committed_versions, versions(whole_copy)) == set()
    edit_text(path, "  position:\n    pinned_by:\n    - section 2.1\n", "  position:\n")
    assert changed(committed_versions, versions(whole_copy)) == {"claims/chapter_2"}


@pytest.fixture
def edited(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """A function as if another line stood in it."""

    def do(function: Any) -> None:
        code = function.__code__
        monkeypatch.setattr(
            function, "__code__", code.replace(co_consts=(*code.co_consts, "another line"))
        )
        reached._function_parts.cache_clear()

    yield do
    monkeypatch.undo()
    reached._function_parts.cache_clear()


@pytest.mark.parametrize(
    ("function", "concerned"),
    [
        (assets.counts.counting.number_contingency, ("counts/",)),
        (assets.analysis.deviations.deviations, ("scan/deviations",)),
    ],
)
def test_a_function_concerns_the_steps_that_call_it(
    committed_versions: Versions,
    edited: Callable[[Any], None],
    function: Any,
    concerned: tuple[str, ...],
) -> None:
    edited(function)
    found = changed(committed_versions, versions(STUDY))
    assert found == {key for key in committed_versions if key.startswith(concerned)}


def test_a_statistic_concerns_the_tables_that_use_it(
    committed_versions: Versions, edited: Callable[[Any], None], study: Study
) -> None:
    edited(assets.statistics.descriptive.relative_difference)
    found = changed(committed_versions, versions(STUDY))
    using = {
        f"tables/{spec.id}"
        for spec in study.tables
        if any(cell.statistic == "relative_difference" for cell in spec.cells)
    }
    assert using
    assert {key for key in found if key.startswith(("tables/", "unnumbered/"))} == using


def other_code(function: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """What makes a function another one, as the fixture `edited` does."""

    def do(patch: pytest.MonkeyPatch) -> None:
        code = function.__code__
        patch.setattr(function, "__code__", code.replace(co_consts=(*code.co_consts, "another")))

    return do


def other_text(patch: pytest.MonkeyPatch) -> None:
    read = Path.read_bytes
    patch.setattr(Path, "read_bytes", lambda path: read(path) + b"more")


NOWHERE = regression.OddsRatio(None, None, None, 1.0, regression.NOT_ESTIMABLE)
INDIRECT: dict[str, tuple[Any, Callable[[pytest.MonkeyPatch], None]]] = {
    "a function that an object in a list holds": (
        audit,
        other_code(row_sum.RULE.constraints),
    ),
    "a function behind a cache": (
        audit,
        other_code(vars(arithmetic.printed_percent)["__wrapped__"]),
    ),
    "a function that is made a context": (
        Store.read,
        other_code(vars(Store.connect)["__wrapped__"]),
    ),
    "a constant that is a fraction": (
        audit,
        lambda patch: patch.setattr(derived, "HALF", Fraction(1, 3)),
    ),
    "a constant that is an object": (
        regression.bivariate,
        lambda patch: patch.setattr(regression, "NOTHING", NOWHERE),
    ),
    "a file beside the code": (checks_page, other_text),
    "a method of a class": (judge.judge, other_code(vars(Lines)["of"].__func__)),
    "another method of a class": (
        clean_assets._clean_frames,
        other_code(vars(Lines)["of_frame"].__func__),
    ),
    "a method of a class that stands below": (
        trends.trend_frame,
        other_code(vars(trends._Counted)["of"].__func__),
    ),
    "what tells a wave from the one before": (Study.in_wave, other_code(spans.wave_order)),
}


@pytest.mark.parametrize("way", INDIRECT)
def test_what_is_reached_by_a_detour_is_followed(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function, edit = INDIRECT[way]
    before = reached.code_version(function)
    assert reached.code_version(function) == before
    with monkeypatch.context() as patch:
        edit(patch)
        reached._function_parts.cache_clear()
        assert reached.code_version(function) != before
    reached._function_parts.cache_clear()
    assert reached.code_version(function) == before


def test_the_statistics_of_a_result_are_known_without_its_cells(study: Study) -> None:
    declared = Declared(study, {})
    for result in read_unnumbered(study):
        key = dg.AssetKey(["unnumbered", result.id])
        assert declared.uses(key) == frozenset(c.statistic for c in result.table.cells)


def test_words_in_a_function_concern_nothing(
    committed_versions: Versions, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace: dict[str, types.FunctionType] = {}
    source = '"""Doc."""\n\n\ndef f(x):\n    """{}"""\n{}    return x + 1\n'
    texts = []
    for words, comment in (("one", ""), ("another", "    # why\n\n")):
        exec(compile(source.format(words, comment), "<f>", "exec"), namespace)
        texts.append(reached._code_text(namespace["f"].__code__))
    exec(compile(source.format("one", "").replace("+ 1", "+ 2"), "<f>", "exec"), namespace)
    assert texts[0] == texts[1] != reached._code_text(namespace["f"].__code__)


def test_rows_have_one_version_and_any_other_content_another(study: Study) -> None:
    sheet = study.source_sheet("2015")
    frame = pd.DataFrame({"a": ["x", "y"], "n": [1, 2], "v": [0.5, float("nan")]})
    seen = {rows_version(frame, sheet).value}
    assert rows_version(frame.copy(), sheet).value in seen
    # the same for every reader, though made of other bits
    assert rows_version(frame.assign(v=[0.5, -float("nan")]), sheet).value in seen
    for other in (
        frame.iloc[::-1], frame.rename(columns={"a": "b"}), frame.assign(n=[1, 3]),
        frame.assign(a=["x", ""]), frame.assign(v=[0.5, 0.0]), frame.iloc[:1],
    ):  # fmt: skip
        seen.add(rows_version(other, sheet).value)
    assert len(seen) == 7


def test_rows_have_the_version_they_had_in_another_process(study: Study) -> None:
    code = (
        "import pandas as pd\nfrom assets.step.rows_version import rows_version\n"
        "from declarations import load_study\nfrom pathlib import Path\n"
        f"sheet = load_study(Path({str(STUDY)!r})).source_sheet('2015')\n"
        "frame = pd.DataFrame({'b': pd.array([True, None, False], dtype='boolean'),"
        " 's': ['x', None, 'ø'], 'v': [0.1, float('nan'), 2.0], 'n': [1, 2, 3]})\n"
        "print(rows_version(frame, sheet).value)\n"
    )
    namespace: dict[str, Any] = {"print": lambda value: namespace.update(here=value)}
    exec(code, namespace)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == namespace["here"]


def test_staleness_follows_rows_that_changed_and_stops_where_they_did_not(study: Study) -> None:
    """A chain of three as the study's own, materialized, then the first one edited."""

    def chain(version: str, rows: str) -> dg.Definitions:
        waves = dg.DynamicPartitionsDefinition(name="samspil_waves")

        @dg.asset(partitions_def=waves, code_version=version)
        def first() -> dg.MaterializeResult[None]:
            return dg.MaterializeResult(data_version=dg.DataVersion(rows))

        @dg.asset(partitions_def=waves, code_version="1", deps=[first])
        def second() -> None:
            pass

        return dg.Definitions(
            [first, second], jobs=[dg.define_asset_job("wave", dg.AssetSelection.all())]
        )

    def stale(definitions: dg.Definitions) -> set[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.run.staleness.expected_versions", lambda *_: {})
            found = stale_assets(instance, definitions, study, "2015")
        return {key.to_user_string() for key in found}

    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("samspil_waves", ["2015"])
        for version, rows, then in (("1", "a", set()), ("2", "a", set()), ("3", "b", {"second"})):
            definitions = chain(version, rows)
            assert stale(definitions) == ({"first"} if version != "1" else {"first", "second"})
            job = definitions.resolve_job_def("wave")
            chosen = None if version == "1" else [dg.AssetKey("first")]
            job.execute_in_process(instance=instance, partition_key="2015", asset_selection=chosen)
            assert stale(definitions) == then


SHEET_EDITS = {
    "rows": ("rows: 838", "rows: 900"),
    "rows of another file": ("rows: 98\n", "rows: 97\n"),
    "no rows": ("    rows: 838\n", ""),
    "a checksum": ("sha256: d2fc2efd", "sha256: d2fc2efe"),
    "invited": ("invited: 838", "invited: 839\ninvited_by_municipality: {Brøndby: 0}"),
    "invited by municipality": (
        "invited: 838",
        "invited: 838\ninvited_by_municipality: {Aarhus: 1}",
    ),
    "without invitations": ("- Brøndby\n", ""),
    "constructed columns": ("  - expenditure_pressure\n", "  - mayor_party\n"),
}


@pytest.mark.parametrize("what", SHEET_EDITS)
def test_what_the_source_sheet_declares_has_the_rules_look_again(
    study: Study, whole_copy: Path, what: str
) -> None:
    before, after = SHEET_EDITS[what]
    edit_text(whole_copy / "waves" / "2015" / "source.yaml", before, after)
    former, found = (
        expected_versions(study, "2015"),
        expected_versions(load_study(whole_copy), "2015"),
    )
    # the rules are checks on the data set
    assert {role for role in found if found[role] != former[role]} == {"dataset"}


@pytest.mark.parametrize(
    ("before", "after"),
    [("invited: 838\n", "# a comment\ninvited: 838\n"),
     ("  register: Codes", "  register: The codes"),
     ("- Brøndby\n- Læsø\n", "- Læsø\n- Brøndby\n")],
)  # fmt: skip
def test_comments_notes_and_order_in_a_source_sheet_concern_nothing(
    study: Study, whole_copy: Path, before: str, after: str
) -> None:
    edit_text(whole_copy / "waves" / "2015" / "source.yaml", before, after)
    assert expected_versions(load_study(whole_copy), "2015") == expected_versions(study, "2015")


def test_keys_of_the_tests_are_those_of_the_study(committed_versions: Versions) -> None:
    keys = {answers("economy"), counts("economy"), table("table_4_1")}
    assert {key.to_user_string() for key in keys} <= committed_versions.keys()
