"""The UI as people use it: from Table 5.2 to the columns behind it, and repairs.

Screenshots are in .artifacts/browser/, whether the tests pass or not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from pipelines.run.wave_run import SUCCESS
from tests.browser.driving import CHROMIUM, DRIVER, Page, browser, served, starting
from tests.browser.ui import Place, graphql
from tests.chain import WAVE
from tests.checkout import samspil

BANNER = "KONSTRUEREDE DATA / CONSTRUCTED DATA"
SEARCH = '//*[contains(@class, "CodeMirror")]'

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
    pytest.mark.skipif(DRIVER is None, reason="no chromedriver is installed"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A checkout in which wave 2015 was just run, from an export with one bad answer."""
    found = Place.create(tmp_path_factory.mktemp("checkout"))
    with found.checkout.changed({(9, "s_82"): "77"}):
        with found.checkout.taken_for_own():
            assert samspil("run", "--wave", WAVE) == SUCCESS
        yield found


@pytest.fixture(scope="module")
def researchers(place: Place) -> Iterator[Callable[[], str]]:
    """A server for researchers. It starts in parallel with other tests; tests that need it wait."""
    with starting(place.checkout.root, place.environment, read_only=True) as address:
        yield address


@pytest.fixture(scope="module")
def page(place: Place, researchers: object) -> Iterator[Page]:
    """A browser at the user interface an engineer has, with the daemon."""
    with served(place.checkout.root, place.environment) as address, browser() as driver:
        yield Page(driver, address)


def test_from_the_graph_to_the_columns_behind_table_5_2_in_four_clicks(page: Page) -> None:
    page.open("/asset-groups")
    page.text("chapter_5")
    page.wait('//*[text()="raw"]')
    page.shoot("1_graph")

    page.write('//input[starts-with(@placeholder, "Jump to")]', "table_5_2\n")
    page.click('//a[contains(., "View in Asset Catalog")]')
    page.at("tables/table_5_2")
    page.text("Tabel 5.2")
    page.text(BANNER)
    page.text("expenditure_pressure")
    page.shoot("2_table_5_2")

    page.follow("answers/initiation")
    page.text(BANNER)
    page.text("s_77")
    page.shoot("3_answers_initiation")

    page.follow("raw/dataset")
    page.text(BANNER)
    page.text("item initiation_user_run, questions/18_initiation.yaml")
    page.shoot("4_raw_dataset")

    page.driver.back()
    page.at("answers/initiation")
    page.driver.back()
    page.at("tables/table_5_2")
    page.follow("raw/municipalities")
    page.text(BANNER)
    page.text("CONSTRUCTED")
    page.shoot("5_raw_municipalities")


def test_the_search_of_the_catalog_finds_a_table_as_the_report_calls_it(page: Page) -> None:
    page.open("/assets")
    for words, found in (
        ("5.2", "samspil/table=5.2"),
        ("udgiftspres", "samspil/fordelt_paa=udgiftspres"),
    ):
        page.type_anew(SEARCH, words)
        page.click(f'//*[contains(text(), "{found}")]')
        page.press_enter()
        page.wait('//a[contains(@href, "/assets/tables/table_5_2")]')
        page.gone('//a[contains(@href, "/assets/tables/table_5_1")]')
        page.shoot(f"6_search_{words}")


def test_the_page_of_a_table_shows_print_picture_and_wording(page: Page) -> None:
    page.open("/assets/tables/table_5_2")
    page.text("Kommunen lader brugere")
    page.click('(//*[text()="picture"]/following::*[contains(text(), "Show Markdown")])[1]')
    page.wait('//img[starts-with(@src, "data:image/svg+xml")]')
    page.shoot("7_picture")
    page.open("/assets/tables/table_5_2")
    page.wait('//td[text()="Lowest pressure (85-95)"]')
    page.wait('//td[text()="31,1"]')
    page.shoot("8_preview")


def test_the_page_of_a_table_says_whether_it_agrees_with_print(page: Page) -> None:
    page.open("/assets/tables/table_5_2?view=checks")
    page.text("agrees_with_print")
    page.text("Passed")
    page.shoot("9_check")


def test_an_engineer_materializes_one_table(page: Page) -> None:
    known = {run["id"] for run in runs_of(page, ["tables/table_5_2"])}
    page.open("/assets/tables/table_5_2")
    waves = '//*[contains(text(), "Select a partition")]'
    page.click_for('//button[contains(., "Materialize")]', waves)
    page.click(waves)
    page.click('//span[text()="2015" and not(contains(@class, "Typography"))]')
    page.click('//*[contains(text(), "Launch runs to materialize")]')
    page.click('//button[contains(., "Launch 1 run")]')
    # the daemon starts runs of its own, of the trends for one
    page.until(
        lambda: (
            [r["status"] for r in runs_of(page, ["tables/table_5_2"]) if r["id"] not in known]
            == ["SUCCESS"]
        ),
        "one more run of the table alone, and its success",
    )
    page.open("/runs")
    page.text("table_5_2")
    page.shoot("10_materialized")


def test_a_bad_answer_is_seen_as_a_failed_check_with_its_message(page: Page) -> None:
    page.open("/assets/answers/formality?view=checks")
    page.click('//*[text()="scale"]')
    page.text("row 9, column s_82: found '77'")
    page.shoot("11_failed_check")
    page.open("/assets/tables/table_5_3?view=checks")
    page.click('//*[text()="agrees_with_print"]')
    page.text("printed 41.5 (N 330), computed 41.3 (N 329)")
    page.shoot("12_differs_from_print")


def test_a_researchers_server_launches_nothing(page: Page, researchers: Callable[[], str]) -> None:
    there = Page(page.driver, researchers())
    there.open("/assets/tables/table_5_2")
    there.text("Tabel 5.2")
    there.wait('//button[contains(., "Materialize") and @disabled]')
    there.shoot("13_read_only")
    told = graphql(there.address, "mutation { reloadWorkspace { __typename } }")
    assert "Unauthorized" in json.dumps(told)


def runs_of(page: Page, assets: Sequence[str]) -> list[dict[str, Any]]:
    """Runs of exactly these assets, the newest first: id and status."""
    told = graphql(
        page.address,
        "{ runsOrError(limit: 30) { ... on Runs { results { runId status "
        "assetSelection { path } } } } }",
    )
    return [
        {"id": run["runId"], "status": run["status"]}
        for run in told["data"]["runsOrError"]["results"]
        if ["/".join(key["path"]) for key in run["assetSelection"] or ()] == list(assets)
    ]
