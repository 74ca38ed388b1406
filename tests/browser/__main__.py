"""`make graph`: how long the graph with both waves takes to be drawn in a browser.

Real servers on a copy of the study in which both waves were run. Each load is a browser of its
own with nothing cached; it ends when every group and the edges are drawn. The largest group is
counted too. 1 where the median is over three seconds or a group is over fifteen assets.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.browser.driving import Page, browser, served
from tests.browser.ui import Place, graphql

SECONDS, ASSETS = 3.0, 15
NODES = "{ assetNodes { groupName assetKey { path } } }"


def load(address: str, groups: set[str]) -> float:
    """Seconds from asking for the page to the whole graph drawn, in a new browser."""
    with browser() as driver:
        page = Page(driver, address)
        driver.get("about:blank")
        started = time.monotonic()
        page.open("/asset-groups")
        page.until(lambda: drawn(page, groups), "the graph with every group")
        seconds = time.monotonic() - started
        page.shoot("0_graph_of_both_waves")
        return seconds


def drawn(page: Page, groups: set[str]) -> bool:
    """Whether the list names every group, the picture the first and last, and edges join them."""
    # edges are drawn last and cheap to count; asking for the text lays the page out each time
    text, edges = page.driver.execute_script(
        "const n = document.querySelectorAll('path[marker-end]').length;"
        "return [n ? document.body.innerText : '', n]"
    )
    lines = Counter(line.strip() for line in str(text).split("\n"))
    return groups <= set(lines) and min(lines["raw"], lines["trends"]) > 1 and edges > 0


def main() -> int:
    """Measure; 0 where graph and groups are as wanted."""
    parser = argparse.ArgumentParser(prog="python -m tests.browser", description=__doc__)
    parser.add_argument("--loads", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="samspil-graph-") as folder:
        place = Place.create(Path(folder))
        for wave in ("2015", "2018"):
            run = place.run("--wave", wave)
            assert run.returncode == 0, run.stdout + run.stderr
        with served(place.checkout.root, place.environment) as address:
            nodes = graphql(address, NODES)["data"]["assetNodes"]
            sizes = Counter(node["groupName"] for node in nodes)
            first, *others = (load(address, set(sizes)) for _ in range(1 + options.loads))
    group, largest = sizes.most_common(1)[0]
    median = statistics.median(others)
    print(f"{len(nodes)} assets in {len(sizes)} groups; the largest: {group}, {largest}")
    print(f"the first load after the start: {first:.2f} s")
    print(f"{len(others)} more: {min(others):.2f} to {max(others):.2f} s, median {median:.2f} s")
    return int(median > SECONDS or largest > ASSETS)


if __name__ == "__main__":
    raise SystemExit(main())
