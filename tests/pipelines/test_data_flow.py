"""docs/data-flow.md agrees with the definitions and a traced run."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.util import find_spec

import pytest

from assets.step.names import table
from declarations import Study
from pipelines.steps import wave_steps
from publishing.trend_files import steps_of_trends
from tests.chain import declared_study
from tests.checkout import REPOSITORY
from tools.data_flow.groups import ANSWER, GROUP_OF, MACHINERY, group_of, grouped
from tools.data_flow.page import TABLE, TARGET, boxes, diagram, relation_lines, steps_in_order

# of the modules that handle the answer
MOST = 25


@pytest.fixture(scope="module")
def declared() -> Study:
    """The study, all waves."""
    return declared_study()


def test_the_committed_page_is_what_a_run_and_the_definitions_say() -> None:
    # in a process of its own: what another test has computed before is not computed again
    told = subprocess.run(
        [sys.executable, "-m", "tools.data_flow", "--check"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert told.returncode == 0, f"run `make docs` {told.stderr[-500:]}"


def test_every_relation_is_listed_and_drawn_after_what_it_is_computed_from(declared: Study) -> None:
    steps = steps_in_order([*wave_steps(declared), *steps_of_trends(declared)])
    drawn = boxes(steps)
    assets = [asset for one in steps for asset in one.assets]
    assert sorted(key for box in drawn for key in box.keys) == sorted(a.key for a in assets)
    listed = re.findall(r"(?m)^\| `([^`]+)` \|", relation_lines(steps, drawn))
    assert listed == ["/".join(asset.key.path) for asset in assets]
    place = {key: at for at, box in enumerate(drawn) for key in box.keys}
    assert all(place[dep] <= place[asset.key] for asset in assets for dep in asset.deps)
    arrows = re.findall(r"r(\d+) --> r(\d+)", diagram(declared, steps, drawn))
    ends = {int(end) for _, end in arrows} | {int(start) for start, _ in arrows}
    assert {at for at, box in enumerate(drawn)} == ends


def test_the_way_leads_from_the_reading_of_the_export_to_the_table() -> None:
    text = TARGET.read_text(encoding="utf-8")
    way = text.split("## The way of one answer")[1].split("## Every relation")[0]
    steps = re.findall(r"(?m)^### `(\w+)`", way)
    assert steps[0] == "read_raw_files"
    assert steps[-1] in {one.name for one in wave_steps(declared_study())
                         if any(asset.key == table(TABLE) for asset in one.assets)}  # fmt: skip
    modules = re.findall(r"(?m)^\d+\. `([\w.]+)`: \S", way)
    assert len(modules) == len(set(modules))
    order = [modules.index(name) for name in ("assets.raw.delimited", "assets.tables.results")]
    assert order == sorted(order)
    # the counts by group are those of the lists
    named = set(re.findall(r"`((?:assets|declarations|runtime)\.[\w.]+)`", way))
    counted = {name: int(n) for name, n in re.findall(r"(?m)^\| ([\w ]+) \| (\d+) \|", way)}
    assert counted == {group: len(own) for group, own in grouped(named).items()}
    assert sum(counted.values()) == int(re.findall(r"(\d+) in all", way)[0])
    assert len(modules) == counted[ANSWER] <= MOST
    assert set(re.findall(r'm\d+\["([\w.]+)"\]', way)) == {
        m.removeprefix("assets.") for m in modules
    }


def test_a_module_has_the_group_of_its_longest_name() -> None:
    # a module that is named here and no longer exists would hide a longer way
    assert all(find_spec(name) is not None for name in GROUP_OF)
    assert group_of("assets.raw.limits") == group_of("assets.step.names") == MACHINERY
    assert group_of("assets.raw.cells.judgements") == ANSWER
    with pytest.raises(KeyError):
        group_of("publishing.folder")
