"""What the commands of `tools` add to the functions that they call."""

from __future__ import annotations

import os
import runpy
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from declarations import Study
from declarations.claims.kinds import Claim
from reconstruction import __main__ as reconstruction
from replication.proof.record import OPEN, Proof
from replication.verdicts import FREE, PRINTED
from tools import prove
from tools.bench import Timed


@pytest.mark.parametrize("wrong", [False, True])
def test_prove_writes_the_proofs_of_claims_that_print_leaves_free(
    wrong: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: dict[str, Proof] = {}
    bounded: list[str] = []

    def proven(study: Study, claims: Sequence[Claim]) -> Iterator[tuple[Claim, str, Proof | None]]:
        first, second, third, fourth = claims[:4]
        yield first, FREE, Proof(key="", verdict="holds", by="search")
        yield second, FREE, None
        yield third, PRINTED, Proof(key="", verdict=OPEN if wrong else "holds", by="search")
        yield fourth, FREE, Proof(key="", verdict=OPEN, by="search")
        names.extend(claim.id for claim in claims[:4])

    def kept(study: Study, proofs: dict[str, Proof], claims: Sequence[Claim]) -> str:
        written.update(proofs)
        return "proofs.csv"

    def bounds(study: Study, claims: Sequence[Claim]) -> dict[str, object]:
        bounded.extend(claim.id for claim in claims)
        return {}

    names: list[str] = []
    monkeypatch.setattr(prove, "prove", proven)
    monkeypatch.setattr(prove, "write_proofs", kept)
    monkeypatch.setattr(prove, "bounds_of", bounds)
    monkeypatch.setattr(prove, "write_bounds", lambda *_: "bounds.csv")
    study = Path(__file__).resolve().parents[2] / "studies" / "samspil"
    assert prove.main([str(study)]) == int(wrong)
    first, _, third, fourth = names
    assert written == {
        first: Proof(key="", verdict="holds", by="search"),
        fourth: Proof(key="", verdict=OPEN, by="search"),
    }
    assert sorted(bounded) == sorted([first, fourth])
    lines = capsys.readouterr().out.splitlines()
    counted = {"holds": 1, "nothing proven": 1, OPEN: 1}
    counted[f"decided by print, {OPEN if wrong else 'holds'}"] = 1
    assert lines[0] == f"proofs.csv: {dict(sorted(counted.items()))}"
    assert [line.partition(":")[0] for line in lines[2:]] == ([third] if wrong else [])


def test_a_command_that_fails_is_not_measured() -> None:
    timed = Timed("fails", ["-c", "raise SystemExit(3)"])
    with pytest.raises(RuntimeError, match="SystemExit"):
        timed.measure(dict(os.environ))
    assert (timed.wall, timed.cpu) == ([], [])


def test_a_command_is_measured_with_the_processes_it_starts() -> None:
    # long enough for the clock of the system, which counts hundredths of a second
    work = "import sys, time\nwhile time.process_time() < 0.1: pass\n"
    timed = Timed("works", ["-c", f"{work}print('out'); print('amiss', file=sys.stderr)"])
    assert timed.measure(dict(os.environ)) == "out\namiss\n"
    assert len(timed.wall) == len(timed.cpu) == 1
    assert timed.cpu[0] > 0.05


@pytest.mark.parametrize(
    "module",
    [
        "reconstruction.__main__", "reconstruction.demonstration.__main__", "tools.bench",
        "tools.mutants.__main__", "tools.plant", "tools.report_sentences", "tools.scale.__main__",
        "tools.scale.spark",
    ],
)  # fmt: skip
def test_a_module_is_a_command_and_does_nothing_when_imported(
    module: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["it", "--help"])
    monkeypatch.delitem(sys.modules, module, raising=False)
    runpy.run_module(module, run_name="imported", alter_sys=True)
    assert capsys.readouterr().out == ""
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("usage: ")


@pytest.mark.parametrize("out", [None, "elsewhere"])
def test_reconstruct_writes_the_wave_and_names_what_it_missed(
    out: str | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written: list[Path] = []

    def reconstruct(study: Path, register: Path, folder: Path) -> list[str]:
        assert (study, register.is_file()) == (Path("s"), True)
        written.append(folder)
        return ["a difference"]

    monkeypatch.setattr(reconstruction, "reconstruct", reconstruct)
    monkeypatch.setattr(sys, "argv", ["it", "--study", "s", *(["--out", out] if out else [])])
    assert reconstruction.main() == 0
    assert written == [Path(out) if out else Path("s") / "waves" / "2015"]
    assert capsys.readouterr().err == "not reached: a difference\n"
