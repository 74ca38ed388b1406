"""`samspil`: a drafted study is complete, readable, and has the same counts as pandas."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml
from click.testing import CliRunner, Result

import pipelines.cli
import pipelines.draft.folder
import runtime.paths
from assets.raw.errors import DataError
from assets.raw.limits import read_limited
from declarations import Study, load_study
from pipelines.draft.folder import DraftError, draft_study
from pipelines.draft.names import stem
from pipelines.draft.yaml_text import quoted
from tests.chain import edit
from tests.checkout import REPOSITORY
from tests.drafting import computed
from tests.foreign import tables, write_delimited, write_excel, write_spss
from tests.frequencies import disagreements

PLACES = [parent / "shared" / "surveyxact-example" for parent in REPOSITORY.parents]
EXAMPLE = next((place for place in PLACES if place.is_dir()), None)


def samspil(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command on a separate checkout."""
    own = {"SAMSPIL_ROOT": str(root), "DAGSTER_HOME": str(root / ".dagster_home")}
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        cwd=REPOSITORY,
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def in_process(root: Path, *arguments: str) -> Result:
    """The command in this process, because the imports of a new one would cost more than a run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runtime.paths, "ROOT", root)
        patch.setattr(runtime.paths, "STUDIES", root / "studies")
        patch.setattr(runtime.paths, "OUTPUT", root / "output")
        patch.setenv("DAGSTER_HOME", str(root / ".dagster_home"))
        result = CliRunner().invoke(pipelines.cli.samspil, arguments)
    gc.enable()  # a run switches the collector off, for its process ends with it
    return result


def new_root(root: Path) -> Path:
    (root / "studies").mkdir(parents=True)
    shutil.copy(REPOSITORY / "dagster.yaml", root)
    # other studies of the checkout may have a location too
    first, *_ = (REPOSITORY / "workspace.yaml").read_text("utf-8").split("\n  - ", 2)[1:]
    (root / "workspace.yaml").write_text(f"load_from:\n  - {first.rstrip()}\n", "utf-8")
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with a study drafted from the small export and run."""
    made = new_root(tmp_path_factory.mktemp("checkout") / "root")
    write_delimited(made / "download")
    drafted = in_process(made, "init", str(made / "download"), "--study", "skole", "--wave", "2020")
    assert drafted.exit_code == 0, drafted.output
    return made


@pytest.fixture(scope="module")
def drafted(root: Path) -> Study:
    return load_study(root / "studies" / "skole")


def test_questions_are_recognised_in_the_order_of_the_questionnaire(drafted: Study) -> None:
    assert [(q.id, q.type, q.asked) for q in drafted.questions] == [
        ("v_1", "multiple", "all"),
        ("s_2", "single", "all"),
        ("i", "grid", "all"),
        ("comment", "open", "all"),
        ("skole", "single", "invitations"),
    ]
    assert [(i.variable, i.choice) for i in drafted.question["v_1"].items] == [
        ("v_1_1", 1), ("v_1_2", 2), ("v_1_3", 7), ("v_1_4", 5),
    ]  # fmt: skip
    grid = drafted.question["i"]
    assert grid.label.da == "I hvilken grad har du fått inspirasjon fra følgende?"
    assert [i.label.da for i in grid.items] == ["Lærere", "Venner - og kjæreste", "Foreldre"]


def test_the_text_after_other_is_an_item_of_its_question(drafted: Study) -> None:
    assert [(i.variable, i.type) for i in drafted.question["s_2"].items] == [
        ("s_2", "single"),
        ("s_3", "open"),
    ]


def test_codes_without_labels_are_found_in_the_data(drafted: Study) -> None:
    scale = drafted.question["skole"].items[0].scale
    assert [(code.code, code.labelled) for code in scale] == [(10, False), (24, False), (56, False)]


def test_the_draft_of_a_clean_export_loosens_no_rule(root: Path, drafted: Study) -> None:
    defaults = {rule.name: rule.default for rule in drafted.rules}
    assert {name: drafted.policies[name] for name in defaults} == defaults
    text = (root / "studies" / "skole" / "study.yaml").read_text(encoding="utf-8")
    written = yaml.safe_load(text)["checks"]
    assert "loosened" not in text
    assert {name: entry for name, entry in written.items() if entry} == {
        name: {"policy": policy.kind, "threshold": policy.threshold}
        for name, policy in defaults.items()
        if name in written
    }


def test_words_of_the_export_are_drafted_as_a_person_reads_them() -> None:
    assert quoted("Sær, «rart» & æøå") == '"Sær, «rart» & æøå"'
    assert quoted('a "b"\n\u200bc') == '"a \\"b\\"\\n\\u200bc"'


def test_what_was_guessed_is_commented(root: Path) -> None:
    folder = root / "studies" / "skole" / "questions"
    assert "# guess: one question" in (folder / "03_i.yaml").read_text("utf-8")
    assert "without a label in the export: 10, 24, 56" in (folder / "05_skole.yaml").read_text(
        "utf-8"
    )
    header, *rest = (folder / "02_s_2.yaml").read_text("utf-8").splitlines()
    assert header.startswith("# yaml-language-server: $schema=")
    assert "#" not in "".join(rest)


def test_every_file_is_short(root: Path) -> None:
    for path in (root / "studies" / "skole").rglob("*.yaml"):
        assert len(path.read_text("utf-8").splitlines()) < 40, path


def test_every_closed_question_has_its_frequency_table(drafted: Study) -> None:
    tabled = {item for table in drafted.tables for item in table.items}
    assert tabled == {i.id for i in drafted.items.values() if i.closed}


def test_the_raw_files_are_kept_with_their_checksums(root: Path, drafted: Study) -> None:
    sheet = drafted.source_sheet("2020")
    assert sheet.origin == "real"
    for role, file in sheet.files.items():
        assert file.path.read_bytes() == (root / "download" / f"{role}.csv").read_bytes()
        assert file.sha256 is not None


def test_the_study_runs_and_every_frequency_is_what_pandas_counts(
    root: Path, drafted: Study
) -> None:
    done = in_process(root, "run", "skole")
    assert done.exit_code == 0, done.output
    assert "quarantined" not in done.stdout
    data, _, _ = tables()
    raw = pd.DataFrame(data[1:], columns=data[0])
    assert disagreements(drafted, raw, root / "output" / "skole" / "2020") == []
    assert "up to date" in in_process(root, "run", "skole").stdout
    assert "wave 2020 (real): up to date" in in_process(root, "status", "skole").stdout


@pytest.mark.skipif(EXAMPLE is None, reason="no real export beside the checkout (shared/)")
def test_the_real_export_counts_as_pandas_does(tmp_path: Path) -> None:
    assert EXAMPLE is not None
    found = computed(EXAMPLE, tmp_path)
    raw = real_answers()
    items = [item for item in found.study.items.values() if item.closed]
    assert len(items) > 50
    for item in items:
        counted = raw[item.variable].str.strip().value_counts()
        for code in [1] if item.type == "multiple" else item.codes:
            assert found.counts[(item.variable, str(code))] == counted.get(str(code), 0)


def real_answers() -> pd.DataFrame:
    assert EXAMPLE is not None
    path = EXAMPLE / "dataset.csv"
    return pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)


@pytest.mark.long
@pytest.mark.skipif(EXAMPLE is None, reason="no real export beside the checkout (shared/)")
def test_the_real_export_runs_untouched(tmp_path: Path) -> None:
    root = new_root(tmp_path / "root")
    assert EXAMPLE is not None
    given = EXAMPLE
    told = samspil(root, "init", str(given), "--study", "real", "--wave", "1")
    assert told.returncode == 0, told.stderr
    # every count is compared, those of few respondents too
    edit(root / "studies" / "real" / "study.yaml", "policy: suppress", "policy: warn")
    told = samspil(root, "run", "real")
    assert told.returncode == 0, told.stdout + told.stderr
    checks = [line for line in told.stdout.splitlines() if line.startswith("check ")]
    assert all("no_answer_follows" in line for line in checks)
    study = load_study(root / "studies" / "real")
    assert disagreements(study, real_answers(), root / "output" / "real" / "1") == []


def test_other_forms_of_the_export_give_the_same_questions(root: Path, tmp_path: Path) -> None:
    own = {p.name: p.read_bytes() for p in (root / "studies/skole/questions").iterdir()}
    for path in (write_excel(tmp_path / "a.xlsx"), write_spss(tmp_path / "b.sav")):
        made = draft_study(path, tmp_path, f"x{path.suffix[1:]}", "1", None)
        study = load_study(made.folder)
        assert [q.type for q in study.questions][:4] == ["multiple", "single", "grid", "open"]
        if path.suffix == ".xlsx":
            assert {p.name: p.read_bytes() for p in (made.folder / "questions").iterdir()} == own


def test_check_names_what_is_wrong_and_exits_with_3(root: Path, tmp_path: Path) -> None:
    copy = tmp_path / "root"
    shutil.copytree(root, copy)
    assert in_process(copy, "check", "skole").exit_code == 0
    path = copy / "studies/skole/waves/2020/dataset.csv"
    lines = path.read_text("cp1252").split("\n")
    lines[2] = "7" + lines[2][1:]
    path.write_text("\n".join(lines), "cp1252")
    told = in_process(copy, "check", "skole")
    assert told.exit_code == 3
    assert "dataset.csv, row 3, column v_1_1: found '7'" in told.stdout
    assert "checksum: 1 found" in told.stdout


def test_the_ui_gets_a_code_location(root: Path) -> None:
    entries = yaml.safe_load((root / "workspace.yaml").read_text("utf-8"))["load_from"]
    assert [entry["python_module"]["location_name"] for entry in entries] == ["samspil", "skole"]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("init", "nowhere", "--study", "ny"), 1, "[file_present]"),
        (("init", "{root}/download", "--study", "skole"), 1, "exists already"),
        (("init", "{root}/download", "--study", "../ny"), 2, "not a valid name for a study"),
        (
            ("init", "{root}/download", "--study", "ny", "--wave", "../1"),
            2,
            "valid name for a wave",
        ),
        (("init", "{root}/download", "--study", "trends"), 2, "is reserved for other results"),
        (
            ("init", "{root}/download", "--study", "ny", "--encoding", "rot13"),
            2,
            "is not an encoding",
        ),
        (("init", "{root}/download", "--study", "ny", "--delimiter", "x"), 2, "delimiter"),
        (("init", "{root}/download/LICENSE.md", "--study", "ny"), 1, "a file of an export"),
        (("init", "{root}/download"), 2, "--study"),
        (("run", "ukendt"), 2, "no study 'ukendt'; there are: skole"),
        (("run", "skole", "--wave", "1999"), 2, "no wave '1999'"),
        (("run", "skole", "--wave", "../2020"), 2, "no wave '../2020'"),
        (("run", "ukendt", "--wave", "1999"), 2, "no study 'ukendt'"),
        (("check", "skole", "--wave", "1999"), 2, "there are: 2020"),
        (("status", "../skole"), 2, "no study"),
    ],
)
def test_errors_are_messages_and_exit_codes(
    root: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (root / "download" / "LICENSE.md").write_text("MIT", encoding="utf-8")
    told = in_process(root, *(a.replace("{root}", str(root)) for a in arguments))
    assert told.exit_code == code, told.stderr
    assert said in told.stderr
    assert told.stdout == ""
    assert "Traceback" not in told.stderr + told.stdout
    assert not list((root / "studies").glob(".*"))


def test_a_file_that_is_named_is_the_one_that_is_read(tmp_path: Path) -> None:
    folder = write_delimited(tmp_path / "download")
    lines = (folder / "dataset.csv").read_bytes().split(b"\n")
    (folder / "dataset_old.csv").write_bytes(b"\n".join([*lines[:11], b""]))
    assert draft_study(folder / "dataset_old.csv", tmp_path, "old", "1", None).lines < 11
    assert draft_study(folder / "structure.csv", tmp_path, "new", "1", None).lines == 40


def test_delimiter_and_encoding_that_are_given_stand_in_the_source_sheet(tmp_path: Path) -> None:
    root = new_root(tmp_path / "root")
    given = str(write_delimited(root / "download", ",", "utf-8"))
    options = ("--wave", "1", "--delimiter", "comma", "--encoding", "utf-8")
    told = in_process(root, "init", given, "--study", "skole", *options)
    assert told.exit_code == 0, told.stderr
    sheet = load_study(root / "studies" / "skole").source_sheet("1")
    assert (sheet.delimiter, sheet.encoding) == (",", "utf-8")
    told = in_process(root, "init", given, "--study", "ny", "--delimiter", "semicolon")
    assert (told.exit_code, "[delimiter]" in told.stderr) == (1, True)


def test_a_study_whose_command_was_killed_before_it_got_its_location_gets_it(
    tmp_path: Path,
) -> None:
    root = new_root(tmp_path / "root")
    draft_study(write_delimited(root / "download"), root / "studies", "skole", "1", None)
    told = in_process(root, "init", str(root / "download"), "--study", "skole")
    assert (told.exit_code, "exists already" in told.stderr) == (1, True)
    entries = yaml.safe_load((root / "workspace.yaml").read_text("utf-8"))["load_from"]
    assert [entry["python_module"]["location_name"] for entry in entries] == ["samspil", "skole"]


def test_an_export_that_is_written_while_it_is_copied_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    download = write_delimited(tmp_path / "download")
    read = read_limited

    def replaced_meanwhile(path: Path) -> bytes:
        content = read(path)
        if path.name == "structure.csv":
            (download / "dataset.csv").write_bytes(b"another;export\n1;2\n")
        return content

    monkeypatch.setattr(pipelines.draft.folder, "read_limited", replaced_meanwhile)
    with pytest.raises(DataError, match="file_changed"):
        draft_study(download, tmp_path, "ny", "1", None)
    assert not (tmp_path / "ny").exists()


def test_what_does_not_fit_together_is_reported_on_the_spot(tmp_path: Path) -> None:
    root = new_root(tmp_path / "root")
    folder = write_delimited(root / "download")
    with (folder / "labels.csv").open("a", encoding="cp1252") as stream:
        stream.write("s_2;;Ubesvaret\ns_99;1;Ja\n")
    told = in_process(root, "init", str(folder), "--study", "skole").stdout.splitlines()
    notes = [line for line in told if line.startswith("note: ")]
    assert [note.split(":")[1].strip() for note in notes] == [
        "no column of the data set", "labels without a code that is a whole number, left out",
        "no table",
    ]  # fmt: skip


def test_status_tells_of_every_study_though_one_cannot_be_read(tmp_path: Path) -> None:
    root = new_root(tmp_path / "root")
    for name in ("one", "two", "three"):
        export = str(write_delimited(tmp_path / name))
        assert in_process(root, "init", export, "--study", name, "--wave", "1").exit_code == 0
    (root / "studies" / "one" / "study.yaml").write_text("id: [", encoding="utf-8")
    (root / "studies" / "three" / "waves" / "1" / "source.yaml").write_text("wave: 1\n")
    (root / ".work" / "two").mkdir(parents=True)
    (root / ".work" / "two" / "1.checks.html").touch()
    result = in_process(root, "status")
    assert result.exit_code == 1
    assert "one: cannot be read" in result.output
    assert "wave 1 (real): not computed" in result.output
    assert "stopped by a check, see .work/two/1.checks.html" in result.output
    assert "wave 1 (its source sheet cannot be read: " in result.output


@pytest.mark.parametrize("command", ["", "init", "run", "check", "status"])
def test_help_has_examples(root: Path, command: str) -> None:
    told = in_process(root, *([command] if command else []), "--help")
    assert told.exit_code == 0
    assert "Examples:" in told.stdout
    assert "Exit codes" in told.stdout


@pytest.mark.parametrize(
    ("names", "shared"),
    [
        (["i_01", "i_02", "i_10"], "i"),
        (["b_6_1", "b_6_2"], "b_6"),
        (["s_83", "s_84"], "s"),
        (["s_9", "s_10"], "s"),
        (["hm_1", "hm_1b"], "hm"),
    ],
)
def test_the_number_of_a_grids_variables_is_no_part_of_its_name(
    names: list[str], shared: str
) -> None:
    assert stem(names) == shared


def test_hostile_names_and_labels_stay_inside_the_folder(tmp_path: Path) -> None:
    folder = write_delimited(tmp_path / "download")
    for name in ("dataset", "structure", "labels"):
        path = folder / f"{name}.csv"
        text = path.read_text("cp1252").replace("comment", "../../x: !!python/object {y}")
        text = text.replace("Skole", "=cmd|' /C calc'!A0 <script> #").replace("skole", "status")
        path.write_text(text.replace("Idrettsfag ", "/etc/passwd: {a: *b}"), "cp1252")
    made = draft_study(folder, tmp_path / "studies", "ny", "1", 'A "title": # \x01 not a comment')
    study = load_study(made.folder)
    assert study.title.da == 'A "title": # \x01 not a comment'
    assert study.question["s_2"].items[0].scale[0].label.da == "/etc/passwd: {a: *b}"
    assert "status" not in study.question
    assert sorted(p.name for p in tmp_path.iterdir()) == ["download", "studies"]
    with pytest.raises(DraftError):
        draft_study(folder, tmp_path / "studies", "ny", "1", None)


@pytest.mark.parametrize("where", [".", "bin", "tests", "/"])
def test_the_command_that_comes_next_works_as_it_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    root = new_root(tmp_path / "root")
    write_delimited(root / "download")
    monkeypatch.chdir(REPOSITORY / where)
    drafted = in_process(root, "init", str(root / "download"), "--study", "skole", "--wave", "1")
    told = drafted.stdout.splitlines()[-1]
    command = told.removeprefix("next: ")
    assert command.endswith("bin/samspil run skole" if where != "bin" else "./samspil run skole")
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} --help"], capture_output=True, text=True, check=False
    )
    # found and run; a checkout without its environment says so
    assert done.returncode == 0 or "run 'make setup' in" in done.stderr, done.stderr
