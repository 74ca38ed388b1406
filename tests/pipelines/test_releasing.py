"""Releases and withdrawals: who approved what, and what is no longer available."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from assets.step.workspace import Workspace
from declarations import Study
from declarations.survey.disclosure import Disclosure
from expectations.disclosure.assets import GATE, SUPPRESSION
from expectations.disclosure.gate import breaks_policy, declared_of, withdraw_broken
from pipelines.cli import samspil
from publishing.chapters import PUBLISHED
from publishing.releasing.approval import Approval, RefusedError, release_wave
from publishing.releasing.withdrawal import Withdrawal, hide_wave
from runtime import paths
from runtime.output_versions import new_version, output_digests
from tests.checkout import execute
from tests.faults.releasing import WAVE, Published
from tests.pipelines.test_disclosure_gate import TABLE, declare
from tests.small import Small, _yaml

STEPS = [GATE, SUPPRESSION, PUBLISHED]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A real wave that was run under a policy that warns."""
    root = tmp_path_factory.mktemp("releasing")
    small = Small(root)
    small.lines = [x for x in small.lines if x["place"] != "Cby" or x["id"] in ("P3", "P6", "P9")]
    small.sheet |= {"invited": len(small.lines), "origin": "real"}
    small.write()
    _yaml(small.folder / "tables" / "table_2.yaml", TABLE)
    assert execute(declare(small.folder, policy="warn"), root, "1").success
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "ROOT", root)
        patch.setattr(paths, "STUDIES", root / "studies")
        patch.setattr(paths, "OUTPUT", root / "output")
        yield root


def command(*arguments: str) -> Result:
    return CliRunner().invoke(samspil, [arguments[0], "small", "--wave", "1", *arguments[1:]])


def publish(root: Path, **disclosure: Any) -> Path:
    """Publish under a policy and write the record of a finished run."""
    study: Study = declare(root / "studies" / "small", **disclosure)
    assert execute(study, root, "1", STEPS).success
    return seal(root)


def seal(root: Path) -> Path:
    output = root / "output" / "small" / "1"
    record = {"output": output_digests(output)}
    (output / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return output


def test_findings_have_to_be_closed_or_excepted(root: Path) -> None:
    output = seal(root)
    refused = command("release", "--by", "Lone Hansen")
    assert refused.exit_code == 1
    assert "findings are open" in refused.output
    assert "view_1: 3 answers" in refused.output
    assert "counts.counts: published without being examined" in refused.output
    released = root / "released" / "small" / "1"
    assert not released.exists()
    done = command("release", "--by", "Lone Hansen", "--exception", "in print since 2016")
    assert done.exit_code == 0, done.output
    record = json.loads((released / "RELEASE.json").read_text(encoding="utf-8"))
    assert (record["approved_by"], record["status"]) == ("Lone Hansen", "exception")
    assert record["exception"] == "in print since 2016"
    assert record["policy"]["policy"] == "warn"
    own = {name: entry["sha256"] for name, entry in record["results"].items()}
    assert own == output_digests(output)
    # the pages say so, and only there
    script = Path("report", "data", "release.js")
    assert "Lone Hansen" in (released / script).read_text(encoding="utf-8")
    assert "Lone" not in (output / script).read_text(encoding="utf-8")
    for folder in (output, released):
        page = (folder / "report" / "index.en.html").read_text(encoding="utf-8")
        assert 'id="release">Not released' in page
    assert {n for n, d in output_digests(released).items() if own.get(n) != d} == {
        "RELEASE.json", str(script)
    }  # fmt: skip


def test_a_publication_that_is_not_the_run_s_or_not_the_policy_s_is_refused(root: Path) -> None:
    output = seal(root)
    (output / "results.csv").write_text("other", encoding="utf-8")
    refused = command("release", "--by", "Lone Hansen", "--exception", "x")
    assert refused.exit_code == 1
    assert "not as the run wrote them: results.csv" in refused.output
    (output / "run.json").unlink()
    assert "no finished run wrote this" in command("release", "--by", "Lone").output
    declare(root / "studies" / "small", policy="suppress")
    refused = command("release", "--by", "Lone Hansen", "--exception", "x")
    assert "under another policy than study.yaml declares now" in refused.output
    assert "a person's name" in command("release", "--by", " ").output


def test_a_tighter_policy_takes_back_what_is_out(root: Path) -> None:
    released = root / "released" / "small" / "1"
    assert released.exists(), "released under a policy that warns"
    versions = root / "output" / "small" / ".published" / "1"
    old = {path.name for path in versions.iterdir()}
    output = publish(root, policy="suppress")
    assert {path.name for path in versions.iterdir()} == {output.resolve().name}
    assert output.resolve().name not in old
    assert not released.exists()
    done = command("release", "--by", "Lone Hansen")
    assert done.exit_code == 0, done.output
    record = json.loads((released / "RELEASE.json").read_text(encoding="utf-8"))
    assert (record["status"], record["findings"]) == ("pass", [])
    # as strict again, nothing goes
    publish(root, policy="suppress")
    assert len([*versions.iterdir()]) == 2
    assert released.exists()


def test_constructed_data_need_no_release(root: Path) -> None:
    sheet = root / "studies" / "small" / "waves" / "1" / "source.yaml"
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("origin: real", "origin: constructed"), encoding="utf-8")
    try:
        assert "nobody has to release it" in command("release", "--by", "Lone").output
    finally:
        sheet.write_text(text, encoding="utf-8")


def test_what_is_withdrawn_is_gone_and_stays_gone_until_it_is_lifted(root: Path) -> None:
    output = publish(root, policy="suppress", microdata="key_holders")
    with new_version(output.parent / "trends") as trends:
        (trends / "changes.csv").touch()
    places = [root / name / "small" / "1" for name in ("output", "released", "key_holders")]
    assert all(place.exists() for place in places)
    assert "Missing option '--why'" in command("withdraw", "--by", "Lone").output
    done = command("withdraw", "--by", "Lone Hansen", "--why", "a head\ncan be recognised")
    assert done.exit_code == 0, done.output
    left = [p for p in root.glob("**/*") if p.is_file() and p.parts[-2:][0] != "studies"]
    out = [p for p in left if p.relative_to(root).parts[0] in ("output", "released", "key_holders")]
    assert sorted(p.name for p in out) == ["WITHDRAWN.txt", "published.js"]
    note = (output / "WITHDRAWN.txt").read_text(encoding="utf-8")
    assert "by: Lone Hansen" in note
    assert "why: a head can be recognised" in note
    assert '"waves":[]' in (output.parent / "published.js").read_text(encoding="utf-8")
    # no run publishes it again
    study = declare(root / "studies" / "small", policy="suppress")
    assert not execute(study, root, "1", STEPS).success
    refused = command("run")
    assert refused.exit_code == 1
    assert "a head can be recognised" in refused.output
    assert "withdraw small --wave 1 --by NAME --lift" in refused.output
    assert "withdrawn" in command("release", "--by", "Lone").output
    assert command("withdraw", "--by", "Per", "--lift").exit_code == 0
    assert execute(study, root, "1", STEPS).success
    assert (output / "results.csv").is_file()
    log = (root / ".work" / "small" / "releases.jsonl").read_text(encoding="utf-8").splitlines()
    told = [next(iter(json.loads(line))) for line in log]
    assert told == ["released", "released", "withdrawn", "lifted"]


def test_a_withdrawal_hides_at_once_while_another_run_holds_the_wave(tmp_path: Path) -> None:
    workspace = Workspace(root=str(tmp_path), place="small")
    link = workspace.output("1")
    with new_version(link) as folder:
        (folder / "results.csv").touch()
    hide_wave(workspace, Withdrawal("1", "Lone", "now", "why"))
    assert not link.exists()


def test_two_versions_with_other_figures_are_not_out_together(tmp_path: Path) -> None:
    """One more answer between two versions: each is safe, but their difference is that answer."""
    workspace, strict = Workspace(root=str(tmp_path), place="small"), Disclosure(policy="suppress")

    def out(link: Path, *figures: int) -> set[str]:
        for n in figures:
            with new_version(link) as folder:
                (folder / "results.csv").write_text(f"table,n\nt,{n}\n", encoding="utf-8")
                policy = strict.model_dump_json(exclude_unset=True)
                about = f"origin: real\ndisclosure_declared: {policy}\n"
                (folder / "ABOUT.txt").write_text(about, encoding="utf-8")
        return {path.name for path in (link.parent / ".published" / link.name).iterdir()}

    output, released = workspace.output("1"), workspace.released("1")
    assert len(out(output, 7, 7)) == len(out(released, 7, 8)) == 2
    assert withdraw_broken(workspace, "1", Disclosure(policy="warn")) == []
    gone = withdraw_broken(workspace, "1", strict)
    assert len(gone) == 1
    assert gone[0].startswith("released")
    assert len(out(output)) == 2, "the same figures"
    assert (released / "results.csv").read_text(encoding="utf-8").endswith(",8\n")
    assert (output / "results.csv").is_file()


def test_a_release_with_other_figures_than_the_last_is_a_finding(tmp_path: Path) -> None:
    published = Published.create(tmp_path / "root")
    workspace, study = published.workspace, published.study
    release_wave(workspace, study, WAVE, Approval("Lone Hansen", "now"))
    with new_version(workspace.output(WAVE)) as folder:
        published.fill(folder, "one more answer")
    with pytest.raises(RefusedError, match="differences may reveal answers of those whose"):
        release_wave(workspace, study, WAVE, Approval("Lone Hansen", "now"))
    record = release_wave(workspace, study, WAVE, Approval("Lone Hansen", "now", "a correction"))
    assert record["status"] == "exception"
    versions = (workspace.released(WAVE).parent / ".published" / WAVE).iterdir()
    assert len([*versions]) == 1, "the release before is gone"


@pytest.mark.parametrize(
    ("now", "then", "kept"),
    [
        ({}, {}, True),
        ({"policy": "warn"}, {}, True),
        ({}, {"policy": "warn"}, False),
        ({}, {"policy": "block"}, True),
        ({"policy": "warn"}, {"policy": "warn", "microdata": "published"}, False),
        ({}, {"microdata": "key_holders"}, True),
        ({"k": 4}, {}, False),
        ({}, {"k": 4}, True),
        ({"minimum_base": 4}, {}, False),
        ({"minimum_count": 1}, {}, False),
        ({"unanimous": True}, {}, False),
        ({"knows_nonresponse": True}, {}, False),
        ({"identifying": ("a", "b")}, {}, False),
        ({}, {"identifying": ("a", "b")}, True),
        ({}, {"covers": ("unnumbered",)}, False),
    ],
)
def test_a_policy_keeps_what_one_as_strict_let_out(
    tmp_path: Path, now: dict[str, Any], then: dict[str, Any], kept: bool
) -> None:
    usual: dict[str, Any] = {
        "policy": "suppress",
        "k": 3,
        "identifying": ("a",),
        "unanimous": False,
    }
    old, new = Disclosure(**(usual | then)), Disclosure(**(usual | now))
    about = f"origin: real\ndisclosure_declared: {old.model_dump_json(exclude_unset=True)}\n"
    (tmp_path / "ABOUT.txt").write_text(about, encoding="utf-8")
    assert declared_of(tmp_path) == old
    assert breaks_policy(tmp_path, new) is not kept


def test_everybody_identifiable_is_the_strictest_and_a_version_that_says_nothing_goes(
    tmp_path: Path,
) -> None:
    everybody = Disclosure(policy="suppress")
    some = Disclosure(policy="suppress", identifying=("a",))
    assert some.keeps(everybody)
    assert not everybody.keeps(some)
    assert not breaks_policy(tmp_path, everybody), "nothing is there"
    (tmp_path / "ABOUT.txt").write_text("origin: real\n", encoding="utf-8")
    assert breaks_policy(tmp_path, everybody)
    (tmp_path / "ABOUT.txt").write_text("origin: constructed\n", encoding="utf-8")
    assert not breaks_policy(tmp_path, everybody)
