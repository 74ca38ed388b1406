"""An export of each platform through `init` and a whole Dagster run: what it publishes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from declarations import load_study
from runtime.plain_text import plain
from tests.pipelines.test_init import in_process, new_root, samspil
from tests.pipelines.test_platforms import NAMED
from tests.platform_files import MEDIA, SHAPES, Answers

pytestmark = pytest.mark.long


def published(root: Path) -> dict[str, Counter[str]]:
    """The published counts by variable, with the texts of codes and of boxes' choices."""
    results = pd.read_csv(root / "output/ny/1/results.csv", dtype=str, keep_default_na=False)
    # how complete a form is identifies who did not finish it, and is suppressed
    shown = results["note"] != "suppressed"
    counts = results[(results["statistic"] == "count") & shown]
    number = {
        (table, row, column): int(float(value))
        for table, row, column, value in zip(
            counts["table"], counts["row"], counts["column"], counts["value"], strict=True
        )
    }
    study = load_study(root / "studies" / "ny")
    found: dict[str, Counter[str]] = {}
    for table in study.tables:
        for cell in table.cells:
            key = (table.id, cell.row, cell.column)
            if cell.statistic != "count" or not isinstance(cell.code, int) or key not in number:
                continue
            item = study.items[str(cell.item)]
            n = number[key]
            if item.type == "multiple":
                name, text = item.question, item.label.da
            else:
                code = next(code for code in item.scale if code.code == cell.code)
                name, text = item.id, code.label.da
            found.setdefault(name, Counter())[plain(text).replace(";", ",")] += n
    return found


@pytest.mark.parametrize("platform", SHAPES)
def test_what_is_published_is_what_was_answered(tmp_path: Path, platform: str) -> None:
    root, a = new_root(tmp_path / "root"), Answers(50, 3)
    given = SHAPES[platform][0](root / "download", a, SHAPES[platform][1][0])
    chosen = ["--platform", platform] if platform in NAMED else []
    told = in_process(root, "init", str(given), "--study", "ny", "--wave", "1", *chosen)
    assert told.exit_code == 0, told.output
    done = samspil(root, "run", "ny")
    assert done.returncode == 0, done.stdout + done.stderr
    bare = {f"m{n}": text for n, text in enumerate(MEDIA, 1)}
    counted = [
        {bare.get(text, text): n for text, n in own.items() if n}
        for own in published(root).values()
    ]
    for own in a.counts.values():
        assert {plain(text).replace(";", ","): n for text, n in own.items()} in counted
