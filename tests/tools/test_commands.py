"""What the commands of `tools` add to the parts they call."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from declarations import Study
from declarations.claims.kinds import Claim
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
        yield first, FREE, Proof(first.id, "holds", "search")
        yield second, FREE, None
        yield third, PRINTED, Proof(third.id, OPEN if wrong else "holds", "search")
        yield fourth, FREE, Proof(fourth.id, OPEN, "search")
        names.extend(claim.id for claim in claims[:4])

    def kept(study: Study, proofs: dict[str, Proof], claims: Sequence[Claim]) -> str:
        written.update(proofs)
        return "proofs.csv"

    def bounds(study: Study, claims: Sequence[Claim]) -> dict[str, object]:
        bounded.extend(claim.id for claim in claims)
        return {}

    names: list[str] = []
    monkeypatch.setattr(prove, "prove", proven)
    monkeypatch.setattr(prove, "write", kept)
    monkeypatch.setattr(prove, "bounds_of", bounds)
    monkeypatch.setattr(prove, "write_bounds", lambda *_: "bounds.csv")
    study = Path(__file__).resolve().parents[2] / "studies" / "samspil"
    assert prove.main([str(study)]) == int(wrong)
    first, _, third, fourth = names
    assert written == {
        first: Proof(first, "holds", "search"),
        fourth: Proof(fourth, OPEN, "search"),
    }
    assert sorted(bounded) == sorted([first, fourth])
    lines = capsys.readouterr().out.splitlines()
    counted = {"holds": 1, "nothing proven": 1, OPEN: 1}
    counted[f"decided by print, {OPEN if wrong else 'holds'}"] = 1
    assert lines[0] == f"proofs.csv: {dict(sorted(counted.items()))}"
    assert [line.partition(":")[0] for line in lines[2:]] == ([third] if wrong else [])


def test_a_command_that_fails_is_not_measured() -> None:
    timed = Timed("fails", ["-c", "raise SystemExit(3)"])
    with pytest.raises(subprocess.CalledProcessError):
        timed.measure(dict(os.environ))
    assert (timed.wall, timed.cpu) == ([], [])


def test_a_command_is_measured_with_the_processes_it_starts() -> None:
    timed = Timed("works", ["-c", "import sys; print('out'); print('amiss', file=sys.stderr)"])
    assert timed.measure(dict(os.environ)) == "out\namiss\n"
    assert len(timed.wall) == len(timed.cpu) == 1
    assert timed.cpu[0] > 0
