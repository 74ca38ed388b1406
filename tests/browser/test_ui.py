"""The user interface as a researcher meets it: from Table 5.2 to the columns that made it.

Screenshots are left in .artifacts/browser/ whether the tests pass or not.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".artifacts" / "browser"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--window-size=1600,1400",
)
# Generous, because the machine may be busy; a wait ends as soon as there is something to see.
PATIENCE = 60
BANNER = "KONSTRUEREDE DATA / CONSTRUCTED DATA"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed"),
    pytest.mark.skipif(DRIVER is None, reason="no chromedriver is installed"),
]


@dataclass(frozen=True)
class Page:
    """A browser at the user interface, with waits instead of pauses."""

    driver: Chrome
    address: str

    def open(self, path: str) -> None:
        self.driver.get(self.address + path)

    def wait(self, xpath: str) -> None:
        """Until an element is shown; fails with the xpath and a screenshot."""
        self._do(xpath, lambda element: True)

    def text(self, text: str) -> None:
        """Until the text is shown anywhere."""
        self.wait(f'//*[contains(text(), "{text}")]')

    def click(self, xpath: str) -> None:
        self._do(xpath, lambda element: element.click())

    def follow(self, key: str) -> None:
        """One click on the first shown link to an asset, until its page is there."""
        self.click(f'//a[@href="/assets/{key}"]')
        self.at(key)

    def at(self, key: str) -> None:
        """Until the page of an asset is shown."""
        self._until(lambda: f"/assets/{key}" in self.driver.current_url, f"the page of {key}")
        self.wait('//*[text()="Description"]')

    def write(self, xpath: str, keys: str) -> None:
        self._do(xpath, lambda element: element.send_keys(keys))

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"{name}.png"))

    def _do(self, xpath: str, action: Callable[[WebElement], object]) -> None:
        from selenium.common.exceptions import WebDriverException

        def attempt() -> bool:
            # the page redraws itself while it loads: elements go stale or are covered
            for element in self.driver.find_elements("xpath", xpath):
                try:
                    if element.is_displayed():
                        action(element)
                        return True
                except WebDriverException:
                    continue
            return False

        self._until(attempt, xpath)

    def _until(self, attempt: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not attempt():
            if time.monotonic() > deadline:
                self.shoot("failed")
                pytest.fail(
                    f"{what} was not shown within {PATIENCE} s at {self.driver.current_url}"
                )
            time.sleep(0.1)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser at the user interface of a workspace in which wave 2015 was just run."""
    root = tmp_path_factory.mktemp("checkout")
    (root / "studies").symlink_to(ROOT / "studies")
    shutil.copy(ROOT / "dagster.yaml", root)
    environment = {
        **os.environ,
        "SAMSPIL_ROOT": str(root),
        "DAGSTER_HOME": str(root / ".dagster_home"),
        "DAGSTER_DISABLE_TELEMETRY": "yes",
        "PYTHONPATH": str(ROOT),
        "SE_OFFLINE": "true",
        "SE_AVOID_STATS": "true",
    }
    run = subprocess.run(
        [sys.executable, "-m", "pipelines.run"],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    with served(root, environment) as address, browser() as driver:
        yield Page(driver, address)


@contextmanager
def served(root: Path, environment: dict[str, str]) -> Iterator[str]:
    """The web server on a free port of this machine; its whole process group ends with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = root / "webserver.log"
    with log.open("w") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", "dagster_webserver", "-w", str(ROOT / "workspace.yaml"),
             "-h", "127.0.0.1", "-p", str(port)],
            cwd=environment["DAGSTER_HOME"], env=environment,
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"{address}/server_info"):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the web server did not start\n{log.read_text()}")
            time.sleep(0.2)
        yield address
    finally:
        end_group(server)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end, and make it end where it does not."""
    # Dagster answers an interrupt at once; where interrupts are ignored, only the last one helps
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            return
        try:
            process.wait(timeout=4)
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def browser() -> Iterator[Chrome]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


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


def test_the_page_of_a_table_says_whether_it_agrees_with_print(page: Page) -> None:
    page.open("/assets/tables/table_5_2?view=checks")
    page.text("agrees_with_print")
    page.text("Passed")
    page.shoot("6_check")
