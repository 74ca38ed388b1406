"""A release and a withdrawal that are killed at any of their operations on files."""

from __future__ import annotations

from pathlib import Path

import pytest

from publishing.releasing.approval import Approval, RefusedError, release_wave
from publishing.releasing.withdrawal import Withdrawal, hide_wave, withdraw_wave
from tests.faults.killing import killed_at
from tests.faults.releasing import BY, WAVE, Published

MOST = 600
# of `make test`; the others are `long`
EACH = 13


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published.create(tmp_path_factory.mktemp("published") / "root")


def kept(published: Published) -> Path:
    folder = published.root.with_name("kept")
    if not folder.exists():
        published.keep(folder)
    return folder


def released(published: Published) -> None:
    release_wave(published.workspace, published.study, WAVE, Approval(BY, "2026-01-01T00:00:00"))


def taken_back(published: Published) -> None:
    told = Withdrawal(WAVE, BY, "2026-01-01T00:00:00", "why")
    hide_wave(published.workspace, told)
    withdraw_wave(published.workspace, told)


def release_once(published: Published, at: int) -> bool:
    published.restore(kept(published))
    killed = killed_at(at, lambda: released(published))
    assert published.wrong_release(over=False) == [], at
    released(published)
    assert published.wrong_release(over=True) == [], at
    return killed


def withdraw_once(published: Published, at: int) -> bool:
    published.restore(kept(published))
    released(published)
    killed = killed_at(at, lambda: taken_back(published))
    assert published.wrong_withdrawal(over=False) == [], at
    taken_back(published)
    assert published.wrong_withdrawal(over=True) == [], at
    with pytest.raises(RefusedError, match="was withdrawn"):
        released(published)
    return killed


@pytest.mark.parametrize("once", [release_once, withdraw_once])
@pytest.mark.parametrize("each", [EACH, pytest.param(1, marks=pytest.mark.long)])
def test_whatever_is_killed_readers_see_all_or_nothing_and_the_next_comes_right(
    published: Published, once: object, each: int
) -> None:
    assert callable(once)
    reached = 0
    for at in range(1, MOST, each):
        if not once(published, at):
            break
        reached = at
    assert 30 < reached < MOST - each
