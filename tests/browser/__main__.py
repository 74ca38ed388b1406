"""`make graph`: how long a browser takes to draw the graph with both waves.

The servers are real and serve a copy of the study in which both waves were run. Each load uses a
new browser with nothing cached; it ends when every group and the edges are drawn. For comparison, a
project of four assets is loaded in the same way: the time that the page needs in any case. The
largest group is counted too. The exit code is 1 if the median is over three seconds or a group has
more than fifteen assets. With `--wide 1000` a study of a thousand variables is drafted, run and
loaded; the limit is five seconds.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.browser.driving import Page, browser, served
from tests.browser.ui import Place, graphql
from tools.scale.variables import measure_wide

SECONDS, ASSETS, WIDE_SECONDS = 3.0, 15, 5.0
NODES = "{ assetNodes { groupName assetKey { path } } }"


@dataclass(frozen=True)
class Graph:
    """A served graph: its address, its groups, and the first and last group drawn."""

    address: str
    sizes: Counter[str]
    ends: tuple[str, str]

    @classmethod
    def at(cls, address: str, first: str, last: str) -> Graph:
        nodes = graphql(address, NODES)["data"]["assetNodes"]
        return cls(address, Counter(node["groupName"] for node in nodes), (first, last))

    def load(self, name: str) -> float:
        """Seconds from asking for the page to the whole graph drawn, in a new browser."""
        with browser() as driver:
            page = Page(driver, self.address)
            driver.get("about:blank")
            started = time.monotonic()
            page.open("/asset-groups")
            page.until(lambda: self.drawn(page), "the graph with every group")
            seconds = time.monotonic() - started
            page.shoot(f"0_graph_{name}")
            return seconds

    def drawn(self, page: Page) -> bool:
        """Whether the list names every group, the picture shows both ends, and edges join them."""
        # edges are drawn last and cheap to count; asking for the text lays the page out each time
        text, edges = page.driver.execute_script(
            "const n = document.querySelectorAll('path[marker-end]').length;"
            "return [n ? document.body.innerText : '', n]"
        )
        lines = Counter(line.strip() for line in str(text).split("\n"))
        named = set(self.sizes) <= set(lines) and min(lines[end] for end in self.ends) > 1
        return named and edges > 0


def main() -> int:
    """Measure. Returns 0 if graph and groups meet the limits."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("--loads", type=int, default=9)
    parser.add_argument(
        "--wide", type=int, default=0, help="measure a drafted study of so many variables instead"
    )
    options = parser.parse_args()
    if options.wide:
        return wide(options.wide, options.loads)
    with tempfile.TemporaryDirectory(prefix="samspil-graph-") as folder, ExitStack() as servers:
        root = Path(folder)
        place = Place.create(root / "checkout")
        runs = [place.run("--wave", wave) for wave in ("2015", "2018")]
        # or the daemon does, while the page loads
        for run in (*runs, place.compare_waves()):
            assert run.returncode == 0, run.stdout + run.stderr
        address = servers.enter_context(served(place.checkout.root, place.environment))
        own = Graph.at(address, "raw", "trends")
        (root / "floor").mkdir()
        empty = {**place.environment, "DAGSTER_HOME": str(root / "floor")}
        code = ("-f", str(Path(__file__).with_name("floor.py")))
        address = servers.enter_context(served(root / "floor", empty, True, code))
        floor = Graph.at(address, "above", "below")
        own.load("of_both_waves"), floor.load("of_four_assets")  # the servers' first answers
        loads = range(options.loads)
        # in turns, so that both meet the same machine
        pairs = [(own.load("of_both_waves"), floor.load("of_four_assets")) for _ in loads]
    group, largest = own.sizes.most_common(1)[0]
    print(f"{own.sizes.total()} assets in {len(own.sizes)} groups; the largest: {group}, {largest}")
    for name, seconds in zip(("this graph", "four assets"), zip(*pairs, strict=True), strict=True):
        print(
            f"{name}: {min(seconds):.2f} to {max(seconds):.2f} s, "
            f"median {statistics.median(seconds):.2f} s of {len(seconds)} loads"
        )
    median = statistics.median(seconds for seconds, _ in pairs)
    return int(median > SECONDS or largest > ASSETS)


def wide(variables: int, loads: int) -> int:
    """Draft a study from a wide file, run it, and measure its graph; 0 within five seconds."""
    with tempfile.TemporaryDirectory(prefix="samspil-graph-") as folder:
        root = Path(folder)
        measure_wide(root, variables, 1000, 2015)
        environment = Place.environment_of(root) | {"SAMSPIL_STUDY": "wide"}
        with served(root, environment) as address:
            graph = Graph.at(address, "raw", "report")
            graph.load("wide")  # the server's first answer
            seconds = [graph.load("wide") for _ in range(loads)]
    print(f"{graph.sizes.total()} assets in {len(graph.sizes)} groups of {variables} variables")
    print(f"{min(seconds):.2f} to {max(seconds):.2f} s, median {statistics.median(seconds):.2f} s "
          f"of {loads} loads")  # fmt: skip
    return int(statistics.median(seconds) > WIDE_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
