"""A browser at the web server of the UI, for tests of what people see."""

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
WORKSPACE = ("-w", str(ROOT / "workspace.yaml"))
BANNER = "KONSTRUEREDE DATA / CONSTRUCTED DATA"


@dataclass(frozen=True)
class Page:
    """A browser at the user interface, with waits instead of pauses."""

    driver: Chrome
    address: str

    def open(self, path: str) -> None:
        self.driver.get(self.address + path)

    def wait(self, xpath: str) -> None:
        """Wait until an element is shown. A failure shows the xpath and a screenshot."""
        self._do(xpath, lambda element: True)

    def gone(self, xpath: str) -> None:
        """Wait until the element is gone."""
        self.until(lambda: not self.driver.find_elements("xpath", xpath), f"no more {xpath}")

    def text(self, text: str) -> None:
        """Wait until the text is shown anywhere."""
        self.wait(f'//*[text()[contains(., "{text}")]]')

    def click(self, xpath: str) -> None:
        self._do(xpath, lambda element: element.click())

    def click_for(self, xpath: str, shown: str) -> None:
        """Click until something else is shown, because a page that still loads loses clicks."""
        from selenium.common.exceptions import WebDriverException

        def attempt() -> bool:
            try:
                if any(e.is_displayed() for e in self.driver.find_elements("xpath", shown)):
                    return True
                self.driver.find_element("xpath", xpath).click()
            except WebDriverException:
                pass
            time.sleep(0.5)
            return False

        self.until(attempt, f"{shown} after clicks on {xpath}")

    def follow(self, key: str) -> None:
        """Click once on the first link to an asset, and wait for its page."""
        self.click(f'//a[@href="/assets/{key}"]')
        self.at(key)

    def at(self, key: str) -> None:
        """Wait until the page of an asset is shown."""
        self.until(lambda: f"/assets/{key}" in self.driver.current_url, f"the page of {key}")
        self.wait('//*[text()="Description"]')

    def write(self, xpath: str, keys: str) -> None:
        self._do(xpath, lambda element: element.send_keys(keys))

    def type_anew(self, xpath: str, keys: str) -> None:
        """Click on a field that a script draws, empty it, and type."""
        from selenium.webdriver.common.action_chains import ActionChains
        from selenium.webdriver.common.keys import Keys

        self.click(xpath)
        chain = ActionChains(self.driver).key_down(Keys.CONTROL).send_keys("a")
        chain.key_up(Keys.CONTROL).send_keys(Keys.DELETE + keys).perform()

    def press_enter(self) -> None:
        from selenium.webdriver.common.action_chains import ActionChains

        ActionChains(self.driver).send_keys("\n").perform()

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

        self.until(attempt, xpath)

    def until(self, attempt: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not attempt():
            if time.monotonic() > deadline:
                self.shoot("failed")
                pytest.fail(
                    f"{what} was not shown within {PATIENCE} s at {self.driver.current_url}"
                )
            time.sleep(0.1)


@contextmanager
def served(
    root: Path,
    environment: dict[str, str],
    read_only: bool = False,
    code: tuple[str, str] = WORKSPACE,
) -> Iterator[str]:
    """The UI on a free port of this machine. Its whole process group ends with it.

    It runs with the daemon, as `make ui` starts it, or as the read-only web server alone.
    """
    with starting(root, environment, read_only, code) as address:
        yield address()


@contextmanager
def starting(
    root: Path, environment: dict[str, str], read_only: bool, code: tuple[str, str] = WORKSPACE
) -> Iterator[Callable[[], str]]:
    """Like `served`, but without waiting. The yielded function waits for the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    log = root / f"webserver_{port}.log"
    if code == WORKSPACE:
        command = ["pipelines.serve", *(["--read-only"] if read_only else [])]
    else:
        command = ["dagster", "dev", "-h", "127.0.0.1"]
    with log.open("w") as stream:
        server = subprocess.Popen(
            [sys.executable, "-m", *command, *code, "-p", str(port)],
            cwd=environment["DAGSTER_HOME"], env=environment,
            stdout=stream, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def up() -> str:
        deadline = time.monotonic() + PATIENCE
        while not answers(f"{address}/server_info"):
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the web server did not start\n{log.read_text()}")
            time.sleep(0.2)
        return address

    try:
        yield up
    finally:
        end_group(server)


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def end_group(process: subprocess.Popen[bytes]) -> None:
    """Ask the process group to end. If it does not, kill it."""
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
def browser(*flags: str) -> Iterator[Chrome]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    for flag in (*FLAGS, *flags):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()
