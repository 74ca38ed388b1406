"""What an edit makes stale: exactly the assets that depend on it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from dagster._core.definitions.data_version import CachingStaleStatusResolver, StaleStatus
from dagster._core.test_utils import BasicLoadingContext

import assets.counts.assets
from assets.clean.quarantine_assets import QUARANTINE
from assets.step.factory import Asset, check_code, step
from assets.step.names import answers, counts, table
from assets.step.rows_version import rows_version
from declarations import Study, load_study
from pipelines.chain import build_definitions
from pipelines.records.fingerprint import MAKING
from pipelines.run.staleness import expected_versions, stale_assets
from pipelines.steps import TAG, WaveVersions, wave_steps, wave_versions
from publishing.chapters import GROUP, PUBLISHED
from publishing.on_demand import steps_on_demand
from publishing.trend_files import steps_of_trends
from runtime import sources
from runtime.paths import PACKAGES
from runtime.sources import CODE, code_hash, modules_with
from tests.chain import STUDY, declared_study
from tests.chain import edit as edit_text
from tests.declarations.documented import copy_of_study
from tests.edits.edits import ADDITIONS, EDITS, Edit, listed, of_ours

Versions = dict[str, str | None]


def versions(folder: Path) -> Versions:
    """The code version of every asset of a study, as its definitions have it."""
    study = load_study(folder)
    of_a_wave = wave_steps(study)
    steps = [*of_a_wave, *steps_of_trends(study), *steps_on_demand(study, of_a_wave)]
    judged = check_code(steps)
    return {
        key.to_user_string(): version
        for one in steps
        for key, version in one.versions(judged).items()
    }


@pytest.fixture(scope="module")
def committed_versions() -> Versions:
    return versions(STUDY)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study without what docs/adding.md adds."""
    return copy_of_study(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def declared_versions(bare: Path) -> WaveVersions:
    return WaveVersions(load_study(bare))


def changed(before: Versions, after: Versions) -> set[str]:
    assert before.keys() == after.keys()
    return {key for key, version in after.items() if version != before[key]}


@pytest.fixture
def whole_copy(tmp_path: Path) -> Path:
    """The study with its waves, because notes and descriptions are made from them."""
    return Path(shutil.copytree(STUDY, tmp_path / "studies" / "samspil"))


def test_every_asset_has_a_version_and_where_the_checkout_is_changes_none(
    committed_versions: Versions, whole_copy: Path
) -> None:
    graph = build_definitions(declared_study(), "").resolve_asset_graph()
    made = graph.materializable_asset_keys
    assert committed_versions == {k.to_user_string(): graph.get(k).code_version for k in made}
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
    """`make edits` checks that runs give equal results."""
    edit.apply(whole_copy.parent.parent)
    found = changed(committed_versions, versions(whole_copy))
    assert of_ours(found) == {*edit.stale, *edit.trends}


@pytest.fixture(scope="module")
def added_versions(
    tmp_path_factory: pytest.TempPathFactory, bare: Path
) -> Callable[[int], WaveVersions]:
    """The versions of the study with one of ADDITIONS."""

    @cache
    def made(number: int) -> WaveVersions:
        root = tmp_path_factory.mktemp("added")
        shutil.copytree(bare, root / "studies" / "samspil")
        ADDITIONS[number].apply(root)
        return WaveVersions(load_study(root / "studies" / "samspil"))

    return made


def concerned(before: WaveVersions, after: WaveVersions, wave: str) -> set[str]:
    """Stale assets of a wave, without the publication, which is one step."""
    known, now = before.of(wave), after.of(wave)
    assert known.keys() <= now.keys()
    found = {key for key in now if key not in known or known[key].tag != now[key].tag}
    assert PUBLISHED in found
    return {key.to_user_string() for key in found if key.path[0] != GROUP}


# a table of the question includes the question
@pytest.mark.parametrize("number", [pytest.param(0, marks=pytest.mark.long), 1, 2])
def test_what_a_wave_did_not_ask_concerns_what_shows_it_and_nothing_else(
    declared_versions: WaveVersions, added_versions: Callable[[int], WaveVersions], number: int
) -> None:
    """`make edits` checks that runs give equal results."""
    wanted = {key for key in listed(ADDITIONS[number].stale, ()) if not key.startswith("report/")}
    assert of_ours(concerned(declared_versions, added_versions(number), "2015")) == wanted


def test_a_later_wave_has_what_it_asks(
    declared_versions: WaveVersions, added_versions: Callable[[int], WaveVersions]
) -> None:
    after = added_versions(1)
    found = concerned(declared_versions, after, "2020")
    assert found >= {"raw/dataset", "scan/deviations", "checks/quarantine", "tables/table_6_9"}
    assert answers("volunteer_day") in after.of("2020")[QUARANTINE].deps
    assert answers("volunteer_day") not in after.of("2015")[QUARANTINE].deps


def test_a_policy_concerns_the_answers_whose_suites_stop_a_run_by_it(
    committed_versions: Versions, whole_copy: Path
) -> None:
    scale = "  scale: {policy: quarantine, threshold: "
    edit_text(whole_copy / "study.yaml", f"{scale}0.01}}", f"{scale}0}}")
    found = changed(committed_versions, versions(whole_copy))
    every = load_study(whole_copy).counted_questions
    own = {f"answers/{question.id}" for question in every}
    judged = {"raw/dataset", "raw/rejected_rows", "checks/quarantine"}
    assert of_ours(found) == {*own, *judged, "report/published"}


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
    """A claim depends on whether its answers were shaped or free."""
    path = whole_copy / "waves" / "2015" / "provenance.yaml"
    edit_text(path, "note: 'pinned_by:", "note: 'By hand. pinned_by:")
    assert changed(committed_versions, versions(whole_copy)) == set()
    edit_text(path, "  position:\n    pinned_by:\n    - section 2.1\n", "  position:\n")
    assert changed(committed_versions, versions(whole_copy)) == {"claims/chapter_2"}


def modules(root: Path) -> dict[str, str]:
    """The code of every module that makes assets or checks, in the packages below a folder."""
    found = sources._Code.below(root)
    with pytest.MonkeyPatch.context() as patch:
        # each hash would look for changed files again
        patch.setattr(sources._Code, "below", lambda _: found)
        return {name: code_hash(name, root=root) for name in modules_with("steps", MAKING, root)}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages, for edits."""
    root = tmp_path_factory.mktemp("code")
    for package in (*PACKAGES, "tools"):
        shutil.copytree(CODE / package, root / package, ignore=shutil.ignore_patterns("*.pyc"))
    return root


@pytest.fixture(scope="module")
def known_modules(code: Path) -> dict[str, str]:
    return modules(code)


@contextmanager
def edited(path: Path, before: str, after: str) -> Iterator[None]:
    text = path.read_text(encoding="utf-8")
    edit_text(path, before, after)
    yield
    path.write_text(text, encoding="utf-8")


RELATIVE = "    return 100 * (first - second) / first"
NUMBERS = "def number_contingency("
OF_WORDS = "LISTED = 0.05"
CODE_EDITS: dict[str, tuple[str, str, str, tuple[str, ...], tuple[str, ...]]] = {
    "a count": (
        "assets/counts/counting.py", NUMBERS, f"SECONDS = 1\n\n\n{NUMBERS}",
        ("assets.counts.assets",),
        ("assets.raw.assets", "assets.clean.assets", "assets.tables.assets",
         "replication.audit.assets"),
    ),
    "a statistic": (
        "assets/statistics/descriptive.py", RELATIVE, RELATIVE.replace("/ first", "/ second"),
        ("assets.tables.assets", "assets.tables.unnumbered_assets", "replication.ledger"),
        ("assets.raw.assets", "assets.clean.assets", "expectations.structural"),
    ),
    "a file beside the code": (
        "expectations/checks.html.jinja", "</html>", "</html >",
        ("expectations.structural", "expectations.scale_checks"),
        ("assets.raw.assets", "assets.tables.assets", "replication.ledger"),
    ),
    "an import within a function": (
        "expectations/scales.py", "", "ANOTHER = 1\n",
        ("expectations.scale_checks",), ("assets.tables.assets", "replication.ledger"),
    ),
    "a module of the process that reads SPSS": (
        "assets/raw/readers/spss/values.py", "", "ANOTHER = 1\n",
        ("assets.raw.assets", "expectations.structural"), ("assets.tables.assets",),
    ),
    "the job in Spark": (
        "assets/counts/spark_job.py", "", "ANOTHER = 1\n",
        ("assets.counts.spark_assets",), ("assets.counts.assets", "assets.tables.assets"),
    ),
    "a comment": (
        "assets/statistics/descriptive.py", RELATIVE, f"    # why\n\n{RELATIVE}", (), (),
    ),
    "a docstring": (
        "assets/analysis/deviations.py", "DEVIATION_COLUMNS, in declared order.",
        "DEVIATION_COLUMNS, in the order declared.", (), (),
    ),
    "words on pages": (
        "assets/step/columns.py", '"item": "Declared item"', '"item": "An item"', (), (),
    ),
    "a command": ("pipelines/draft/folder.py", "", "ANOTHER = 1\n", (), ()),
    "a tool": ("tools/dictionary.py", "", "ANOTHER = 1\n", (), ()),
}  # fmt: skip


@pytest.mark.parametrize("what", CODE_EDITS)
def test_a_module_concerns_the_steps_that_import_it(
    code: Path, known_modules: dict[str, str], what: str
) -> None:
    name, before, after, concerned, others = CODE_EDITS[what]
    path, known = code / name, known_modules
    assert {*concerned, *others} <= known.keys()
    end = path.read_text(encoding="utf-8")
    with edited(path, before or end, after if before else end + after):
        found = {name for name, version in modules(code).items() if version != known[name]}
    assert found >= set(concerned), found
    assert not found & set(others)
    assert bool(found) == bool(concerned)


def test_the_version_of_a_library_counts_where_it_is_imported(
    code: Path, known_modules: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known, version = known_modules, sources._version
    # every edit above was taken back
    assert modules(code) == known
    for library, concerned, other in (
        ("duckdb", "assets.counts.assets", None),
        ("statsmodels", "assets.analysis.model_assets", "assets.counts.assets"),
        ("great_expectations", "expectations.scale_checks", "assets.tables.assets"),
        ("click", None, "assets.tables.assets"),
    ):
        with monkeypatch.context() as patch:

            def other_version(name: str, library: str = library) -> str:
                return "0" if name == library else version(name)

            patch.setattr(sources, "_version", other_version)
            sources._code_hash.cache_clear()
            found = {name for name, own in modules(code).items() if own != known[name]}
        sources._code_hash.cache_clear()
        assert concerned is None or concerned in found
        assert other is None or other not in found


@pytest.mark.parametrize("name", ["structural", "scale_checks", "balance_checks"])
def test_a_check_concerns_the_publication_which_shows_its_result(
    committed_versions: Versions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    known = sources.running_hash

    def other(module: str, *, words: bool = False) -> str:
        return "other" if module == f"expectations.{name}" else known(module, words=words)

    monkeypatch.setattr("assets.step.factory.running_hash", other)
    assert "report/published" in changed(committed_versions, versions(STUDY))


def test_code_that_is_not_ours_has_no_version() -> None:
    with pytest.raises(LookupError, match=r"tests\.chain"):
        code_hash("tests.chain")


def test_an_asset_that_names_no_declaration_rests_on_all(whole_copy: Path) -> None:
    def version(path: Path) -> str:
        key = dg.AssetKey(["checks", "own"])
        asset = Asset(key, group="checks", description="Own.")
        compute: Any = partial(assets.counts.assets.count_answers)
        return step("own", load_study(path), asset, compute).versions()[key]

    before = version(whole_copy)
    path = whole_copy / "tables" / "table_5_2.yaml"
    path.write_text(f"# a comment\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    assert version(whole_copy) == before
    edit_text(path, "may run tasks", "run tasks")
    assert version(whole_copy) != before


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
    """A chain of three assets, materialized; then the first one is edited."""

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
        # the pages show what Dagster's own resolver says
        graph = definitions.resolve_asset_graph()
        shown = CachingStaleStatusResolver(instance, graph, BasicLoadingContext(instance))
        keys = graph.materializable_asset_keys
        assert found == {k for k in keys if shown.get_status(k, "2015") != StaleStatus.FRESH}
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


def test_only_what_concerns_the_wave_makes_an_asset_stale(study: Study) -> None:
    """Code and dependencies, if the tag of the materialization records them."""
    waves = dg.DynamicPartitionsDefinition(name="samspil_waves")
    key = dg.AssetKey(["scan", "deviations"])
    tag: dict[str, str] = {}

    def definitions(version: str, *deps: str) -> dg.Definitions:
        @dg.asset(key=key, partitions_def=waves, code_version=version, deps=deps)
        def scan() -> dg.MaterializeResult[None]:
            return dg.MaterializeResult(data_version=dg.DataVersion("rows"), tags=tag)

        return dg.Definitions([scan], jobs=[dg.define_asset_job("wave", [scan])])

    def stale(version: str, *deps: str) -> bool:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("pipelines.run.staleness.expected_versions", lambda *_: {})
            return bool(stale_assets(instance, definitions(version, *deps), study, "2015"))

    current = wave_versions(study).of("2015")[key].tag
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions("samspil_waves", ["2015"])
        for recorded, found in (({}, True), ({TAG: "other"}, True), ({TAG: current}, False)):
            tag = recorded
            job = definitions("1", "b").resolve_job_def("wave")
            job.execute_in_process(instance=instance, partition_key="2015")
            assert not stale("1", "b")
            assert stale("2", "b") is found
            assert stale("1", "b", "c") is found
            assert stale("1") is found


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
