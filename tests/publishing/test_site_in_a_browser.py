"""The site opened as files in a real browser: no server, no network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from scipy.stats import chi2_contingency

from publishing.published import PublishedWave
from tests.browser.driving import CHROMIUM, DRIVER, FLAGS, SCREENSHOTS

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium with its driver here"),
]
PRINTED = "Hvilke civile aktører samarbejder forvaltnings- og fagområdet med"
MOST_BYTES = 1_000_000
ACCESSIBLE = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="module")
def chrome() -> Iterator[Chrome]:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    for flag in FLAGS:
        options.add_argument(flag)
    options.binary_location = str(CHROMIUM)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        yield driver
    finally:
        driver.quit()


class Reader:
    """A reader of the site: what they see, and that nothing leaves the machine."""

    def __init__(self, driver: Chrome, folder: Path) -> None:
        self.driver, self.folder = driver, folder

    def open(self, page: str, width: int = 1280) -> None:
        self.driver.set_window_size(width, 1000)
        # a page that only differs behind # is not loaded anew
        self.driver.get("about:blank")
        self.driver.get(f"file://{self.folder}/{page}")
        self.until("document.readyState === 'complete'")

    def until(self, condition: str) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 30).until(lambda d: d.execute_script(f"return {condition}"))

    def one(self, selector: str) -> Any:
        return self.driver.find_element("css selector", selector)

    def all(self, selector: str) -> list[Any]:
        return self.driver.find_elements("css selector", selector)

    def choose(self, selector: str, value: str) -> None:
        from selenium.webdriver.support.ui import Select

        Select(self.one(selector)).select_by_value(value)

    def search(self, text: str) -> None:
        self.one("#q").send_keys(text)
        self.until("document.querySelectorAll('#hits a').length > 0")

    def click_figure(self, row: str, column: str) -> Any:
        """Click the figure in the row and column with these words."""
        heads = [head.text for head in self.all("#figures thead tr:last-child th")]
        place = heads.index(column)
        for line in self.all("#figures tbody tr"):
            cells = line.find_elements("css selector", "th, td")
            if cells[0].text == row:
                button = cells[place].find_element("css selector", "button")
                self.driver.execute_script("arguments[0].scrollIntoView({block:'center'})", button)
                button.click()
                self.until("document.getElementById('derivation').open")
                return button
        raise AssertionError(f"no row {row}")

    def derivation(self) -> str:
        return str(self.one("#derivation").text)

    def shoot(self, name: str) -> None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(SCREENSHOTS / f"site_{name}.png"))

    def nothing_left_or_failed(self) -> None:
        """Only files are requested, and the console has no messages."""
        messages = [entry["message"] for entry in self.driver.get_log("browser")]
        assert messages == []
        for entry in self.driver.get_log("performance"):
            event = json.loads(entry["message"])["message"]
            if event["method"] == "Network.requestWillBeSent":
                address = event["params"]["request"]["url"]
                assert address.startswith(("file:", "data:", "about:")), address


@pytest.fixture
def reader(chrome: Chrome, output: Path) -> Iterator[Reader]:
    chrome.get_log("browser")
    chrome.get_log("performance")
    found = Reader(chrome, output / "2015" / "report")
    yield found
    found.nothing_left_or_failed()


def test_a_reader_finds_table_4_2_by_its_printed_title_and_sees_how_a_figure_was_made(
    reader: Reader,
) -> None:
    reader.open("index.html")
    reader.search(PRINTED)
    hit = next(a for a in reader.all("#hits a") if "Tabel 4.2" in a.text)
    hit.click()
    reader.until("document.querySelector('#figures') !== null")
    assert reader.one("h1").text.startswith("Tabel 4.2")
    button = reader.click_figure("Sundhed og forebyggelse", "Kirker/menighedsplejer")
    assert button.text == "45,6**"
    told = reader.derivation()
    for word in (
        "26 af 57", "s_59", "73 respondenter", "p = 0,0083", "q = ", "tabel 4.2",
        "Mærket ** er muligt", "det samme som trykt", "Kirker/menighedsplejer",
    ):  # fmt: skip
        assert word in told, word
    notes = reader.one(".notes").text
    assert "** p < 0,01" in notes
    assert "[1] Trykt 79,9 [sic]" in notes
    reader.shoot("1_derivation")


def test_a_reader_compares_waves_and_their_change(reader: Reader) -> None:
    reader.open("tables/table_4_1.html")
    reader.until("document.querySelectorAll('#waves button').length === 3")
    first = reader.one(".fig").text
    buttons = {b.text: b for b in reader.all("#waves button")}
    buttons["Bølge 2018"].click()
    reader.until("document.getElementById('told').textContent.includes('2018')")
    later = reader.one(".fig").text
    assert "DEMONSTRATION" in reader.one("#told").text
    buttons["Ændring 2015 → 2018"].click()
    reader.until("document.getElementById('told').textContent.includes('→')")
    shown = reader.one(".fig").text.replace("−", "-").replace(",", ".")
    difference = float(later.replace(",", ".")) - float(first.replace(",", "."))
    assert float(shown) == pytest.approx(difference, abs=0.01)
    reader.shoot("2_change")


def test_a_reader_explores_and_the_page_computes_the_test(
    reader: Reader, wave_2015: PublishedWave
) -> None:
    reader.open("explorer.html#actor_churches/size")
    reader.until("document.getElementById('ex-test') !== null")
    counts = wave_2015.relations["counts", "counts"]
    own = counts[(counts["item"] == "actor_churches") & (counts["group"] == "size")]
    table = own.pivot_table(index="level", columns="code", values="n").fillna(0).to_numpy()
    test = chi2_contingency(table, correction=False)
    said = reader.one("#ex-test").text
    assert f"{test.statistic:.3f}".replace(".", ",") in said
    assert f"p = {test.pvalue:.4f}".replace(".", ",") in said
    bases = [row.find_elements("css selector", "td")[-1].text
             for row in reader.all("#ex-result tbody tr")]  # fmt: skip
    assert sum(map(int, bases[:-1])) == int(bases[-1]) == 347
    reader.shoot("3_explorer")


def test_a_reader_filters_the_statements(reader: Reader, wave_2015: PublishedWave) -> None:
    verdicts = wave_2015.relations["results", "claims"]["verdict"]
    wrong = int((verdicts == "contradicted").sum())
    assert 0 < wrong <= 50
    reader.open("statements.html")
    reader.choose("select[name=verdict]", "contradicted")
    reader.until(f"document.getElementById('shown').textContent.startsWith('{wrong} ')")
    assert len(reader.all("#rows tbody tr")) == wrong
    reader.choose("select[name=verdict]", "")
    reader.until("document.querySelectorAll('#rows tbody tr').length === 50")
    reader.all("#pager button")[1].click()
    reader.until("document.querySelector('#pager').textContent.includes('51–100')")
    # a link from a figure leads to the statement, at any position in the list
    reader.open("statements.html#c6_150")
    reader.until("document.querySelector('tr.sought') !== null")
    assert "c6_150" in reader.one("tr.sought").text
    reader.shoot("4_statements")


def test_a_reader_switches_language_and_reads_the_same_figure(reader: Reader) -> None:
    reader.open("tables/table_5_5.html")
    danish = reader.one(".fig").text
    reader.one(".language a").click()
    reader.until("document.documentElement.lang === 'en'")
    assert reader.one("h1").text.startswith("Table 5.5 How does the area")
    assert reader.one(".fig").text == danish.replace(",", ".")
    assert "Bølge" not in reader.one("main").text
    reader.shoot("5_english")


def test_a_reader_on_a_phone_goes_from_a_question_to_its_table_with_the_keyboard(
    reader: Reader,
) -> None:
    from selenium.webdriver.common.keys import Keys

    reader.open("index.html", width=500)
    reader.search("s_59")
    reader.one("#q").send_keys(Keys.ARROW_DOWN)
    reader.driver.switch_to.active_element.send_keys(Keys.ENTER)
    reader.until("location.pathname.includes('/questions/civil_actors')")
    assert "s_59" in reader.one("main").text
    reader.driver.find_element("partial link text", "4.2").click()
    reader.until("document.querySelector('#figures') !== null")
    figure = reader.one(".fig")
    figure.send_keys(Keys.ENTER)
    reader.until("document.getElementById('derivation').open")
    reader.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    reader.until("!document.getElementById('derivation').open")
    assert reader.driver.switch_to.active_element == figure
    # nothing wider than the screen but what scrolls by itself
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert reader.driver.execute_script(f"return {wide}")
    reader.shoot("6_phone")


def weigh(reader: Reader) -> None:
    """A page with everything that it loads is under a megabyte."""
    sizes = reader.driver.execute_script(
        "return [location.href, ...performance.getEntriesByType('resource').map((e) => e.name)]"
    )
    files = {Path(address.partition("file://")[2].partition("#")[0]) for address in sizes}
    assert sum(path.stat().st_size for path in files if path.is_file()) < MOST_BYTES


@pytest.mark.skipif(find_spec("axe_core_python") is None, reason="axe-core is not installed")
@pytest.mark.parametrize(
    "page",
    [
        "index.html", "tables/table_4_2.html", "tables/table_6_4.en.html", "tables/table_2_1.html",
        "questions/civil_actors.html", "explorer.html#actor_churches/area", "statements.html",
        "audit.html", "models.en.html", "trends.html", "response.html", "checks.html",
    ],
)  # fmt: skip
def test_axe_finds_nothing_and_the_page_is_light(reader: Reader, page: str) -> None:
    import axe_core_python

    reader.open(page)
    if page.startswith("trends"):
        reader.until("document.querySelectorAll('#trends table').length > 0")
    weigh(reader)
    # rows alike: a few of each table, and a few tables, have what all have
    reader.driver.execute_script(
        "for (const t of document.querySelectorAll('tbody'))"
        " [...t.rows].slice(8).forEach((row) => row.remove());"
        "[...document.querySelectorAll('.scroll')].slice(4).forEach((t) => t.remove());"
    )
    script = Path(str(axe_core_python.__file__)).with_name("axe.min.js").read_text("utf-8")
    reader.driver.execute_script(script)
    found = reader.driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "axe.run(document, {runOnly: arguments[0]}).then((r) => done(r.violations));",
        ACCESSIBLE,
    )
    told = [(v["id"], v["nodes"][0]["html"][:120], len(v["nodes"])) for v in found]
    assert told == []
