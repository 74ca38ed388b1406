"""An attacker joins everything published of a real copy of both waves, under each policy.

The waves of the report are run once for all tests of this folder. Here they are declared real and
published again; only the gate and the publication run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from assets.step.workspace import Workspace
from declarations import load_study
from declarations.survey.disclosure import USUAL, Disclosure
from expectations.disclosure.assets import GATE, SUPPRESSION
from expectations.disclosure.gate import withdraw_broken
from pipelines.draft.yaml_text import DISCLOSURE
from publishing import folder as publication
from publishing.chapters import PUBLISHED
from tests.checkout import Checkout, execute
from tests.publishing.attacker import Found, codes_of, read_all
from tests.publishing.solving import People, learned, people_of

STEPS = [GATE, SUPPRESSION, PUBLISHED]
DRAFTED = yaml.safe_load("\n".join(DISCLOSURE))["disclosure"]
OPEN = {"policy": "warn", "microdata": "published", "identifying": ["municipality"]}
WAVES = ("2015", "2018")


@pytest.fixture(scope="module")
def real(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """The waves as if their answers were those of real persons.

    2015 is computed; nothing is published yet.
    """
    root = tmp_path_factory.mktemp("real")
    shutil.copytree(checkout.root / "studies", root / "studies")
    (root / ".work").mkdir()
    shutil.copy(checkout.root / ".work" / "2015.duckdb", root / ".work")
    for wave in WAVES:
        sheet = root / "studies" / "samspil" / "waves" / wave / "source.yaml"
        told = yaml.safe_load(sheet.read_text(encoding="utf-8")) | {"origin": "real"}
        for name in ("shown_as", "purpose"):
            told.pop(name, None)
        sheet.write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    yield Checkout(root)
    shutil.rmtree(root)


def publish(real: Checkout, policy: dict[str, Any], *waves: str) -> None:
    path = real.study / "study.yaml"
    told = yaml.safe_load(path.read_text(encoding="utf-8")) | {"disclosure": policy}
    path.write_text(yaml.safe_dump(told, allow_unicode=True, sort_keys=False), encoding="utf-8")
    for wave in waves:
        result = execute(load_study(real.study), real.root, wave, STEPS)
        assert result.success, wave


def seen(real: Checkout, wave: str) -> Found:
    """Everything published of a wave, including old versions."""
    places = [real.root / name / wave for name in ("output", "released")]
    return read_all(load_study(real.study), [*places, real.root / "output" / "trends"], wave)


def people(real: Checkout, wave: str) -> People:
    asked = load_study(real.study).in_wave(wave)
    working = real.root / ".work" / f"{wave}.duckdb"
    return people_of(working, [question.id for question in asked.counted_questions])


def test_the_attacker_learns_what_each_policy_lets_out(real: Checkout) -> None:
    study = load_study(real.study)
    everyone, codes = people(real, "2015"), codes_of(study, "2015")

    # nothing is held back: lines of respondents, and figures about one or two
    publish(real, OPEN, "2015")
    found = seen(real, "2015")
    given = {(item, code) for own in everyone.answers for item, code in own.items()}
    lines = {(item, code) for (_, item), own in found.lines.items() for code in own}
    assert len({one for one, item in found.lines if item}) == len(everyone.answers)
    assert {pair for pair in given if pair[0] in codes} <= lines
    assert len(found.small(3)) > 50

    # the same wave under the drafted policy, with the version before left where it is
    before = (real.root / "output" / "2015").resolve()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "withdraw_broken", lambda *_: [])
        publish(real, DRAFTED, "2015")
    assert (real.root / "output" / "2015").resolve() != before
    assert read_all(study, [before], "2015").lines, "an older version still tells"
    workspace = Workspace(root=str(real.root))
    assert withdraw_broken(workspace, "2015", Disclosure(**DRAFTED))
    nothing_is_learned(real, "2015")
    about = (real.root / "output" / "2015" / "ABOUT.txt").read_text(encoding="utf-8")
    assert "Published without being examined: none" in about


@pytest.mark.long
def test_the_attacker_learns_nothing_of_the_other_wave_either(
    real: Checkout, both_waves: Checkout
) -> None:
    shutil.copy(both_waves.root / ".work" / "2018.duckdb", real.root / ".work")
    publish(real, DRAFTED, *WAVES)
    for wave in WAVES:
        nothing_is_learned(real, wave)


def nothing_is_learned(real: Checkout, wave: str) -> None:
    """No place, version or file has lines, small bases or answers that follow."""
    study, found = load_study(real.study), seen(real, wave)
    assert not found.lines
    assert not found.unread, "a file nobody examined"
    assert not found.changed, "two versions tell who changed an answer"
    assert not found.small(Disclosure(**DRAFTED).minimum_base)
    assert len(found.figures) > 500
    assert not learned(found, people(real, wave), codes_of(study, wave))


def test_the_attacker_solves_what_was_worked_by_hand() -> None:
    """The table of docs/disclosure.md, with 3 and 0 in area a."""
    levels = [frozenset({("g", "a")})] * 2 + [frozenset({("g", "b")})] * 4
    given = ["1", "1", "1", "1", "2", "2"]
    everyone = People(levels, [{"i": code} for code in given])
    found = Found()
    for level, own in (("all", given), ("b", given[2:])):
        place = ("all", "all") if level == "all" else ("g", level)
        for code in ("1", "2"):
            found.figures["i", code, *place] = own.count(code)
        found.figures["i", "total", *place] = len(own)
    # a is everyone less b
    assert learned(found, everyone, {"i": ["1", "2"]}) == {(0, "i", "1"), (1, "i", "1")}
    del found.figures["i", "1", "g", "b"], found.figures["i", "2", "g", "b"]
    assert learned(found, everyone, {"i": ["1", "2"]}) == set()


def test_the_attacker_solves_in_whole_numbers_what_percentages_round() -> None:
    """100.0 % of 40 is 39.98 to 40. Only the whole number shows that all gave the answer."""
    levels = [frozenset({("g", "a")})] * 40 + [frozenset({("g", "b")})] * 30
    given = ["1"] * 40 + ["1", "2"] * 15
    everyone = People(levels, [{"i": code} for code in given])
    found = Found()
    found.add(("i", "1", "g", "a"), None, 40)
    found.add_share(("i", "1", "g", "a"), "100.0")
    found.add_share(("i", "2", "g", "b"), "50,0")
    assert learned(found, everyone, {"i": ["1", "2"]}) == {(n, "i", "1") for n in range(40)}
    # 39 of 40 are 97.5 %
    found.shares["i", "1", "g", "a"] = (100.0, 2.6)
    assert learned(found, everyone, {"i": ["1", "2"]}) == set()


def test_two_versions_with_other_counts_tell_who_changed() -> None:
    found = Found()
    found.add(("i", "1", "g", "a"), 3, 7)
    found.add(("i", "1", "g", "a"), "3", "7")
    assert not found.changed
    found.add(("i", "1", "g", "a"), 4, 8)
    assert found.changed == {("i", "1", "g", "a"), ("i", "total", "g", "a")}


def test_the_drafted_policy_is_the_safe_one() -> None:
    assert DRAFTED["policy"] == "suppress"
    assert DRAFTED["microdata"] == "none"
    assert Disclosure(**DRAFTED).minimum_base == 5
    assert "identifying" not in DRAFTED, "everybody is identifiable"
    assert USUAL.policy == "suppress"
