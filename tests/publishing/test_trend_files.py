"""The folder of the trends, written from a study and published waves without a run."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from assets.analysis.trends import TREND_COLUMNS, WaveAnswers, compared_items, trend_frame
from declarations import Study
from declarations.survey.trend import TrendSettings
from publishing.site.write import PUBLISHED_FILE
from publishing.trend_files import PublishedAnswers, publish_trends
from publishing.trend_tables import TABLES_FILE
from tests.chain import declared_study

SETTINGS = TrendSettings(clusters="respondent", adjust="none")


@pytest.fixture(scope="module")
def declared() -> Study:
    return declared_study()


def wave(name: str, origin: str) -> PublishedAnswers:
    about = {
        "origin": origin, "statement_da": f"da {name}", "statement_en": f"en {name}",
        "sha256_dataset": f"digest of {name}", "invited": "7",
    }  # fmt: skip
    return PublishedAnswers(WaveAnswers(name, {}, {}), about)


def test_the_files_name_the_waves_and_the_pages_list_what_is_published(
    declared: Study, tmp_path: Path
) -> None:
    waves = {"2015": wave("2015", "constructed"), "2018": wave("2018", "real")}
    target = tmp_path / "trends"
    frame = trend_frame([], {}, SETTINGS)
    publish_trends(declared, SETTINGS, target, frame, waves, ["2021"])
    assert sorted(path.name for path in target.iterdir()) == [
        "ABOUT.txt", "trends.csv", "trends.js", "trends.md"
    ]  # fmt: skip
    assert (target / "trends.csv").read_text(encoding="utf-8") == ",".join(TREND_COLUMNS) + "\n"
    about = (target / "ABOUT.txt").read_text(encoding="utf-8").splitlines()
    # only the constructed wave has a banner; what is read is named for both
    assert about[0].startswith("2015: ")
    assert about[1:] == [
        "2015: da 2015 / en 2015",
        "not published yet, so not compared: 2021",
        "2015: sha256_dataset: digest of 2015",
        "2018: sha256_dataset: digest of 2018",
    ]
    assert about[0] in (target / "trends.md").read_text(encoding="utf-8")
    listed = (tmp_path / PUBLISHED_FILE).read_text(encoding="utf-8")
    assert '"waves":[]' in listed.replace(" ", "")
    assert '"trends":true' in listed.replace(" ", "")


def test_changes_of_tables_are_a_file_of_their_own(declared: Study, tmp_path: Path) -> None:
    target, changes = tmp_path / "trends", pd.DataFrame({"table": ["t"], "change": [1.5]})
    publish_trends(declared, SETTINGS, target, trend_frame([], {}, SETTINGS), {}, [], changes)
    assert (target / TABLES_FILE).read_text(encoding="utf-8") == "table,change\nt,1.5\n"
    about = (target / "ABOUT.txt").read_text(encoding="utf-8")
    assert about == "nothing to compare: published is no wave\n"


def test_numbers_and_closed_items_with_more_than_one_answer_are_compared(declared: Study) -> None:
    compared = {item.id for q in declared.questions for item in compared_items(q)}
    for item in declared.items.values():
        wanted = item.type == "numeric" or (
            item.type in ("single", "grid", "multiple") and len(item.codes) > 1
        )
        assert (item.id in compared) == wanted, item.id
    assert {len(i.codes) > 1 for i in declared.items.values() if i.closed} == {True, False}
