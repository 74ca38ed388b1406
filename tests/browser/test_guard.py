"""A page of another origin, and one whose name resolves to this machine, try to reach servers."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.driving import CHROMIUM, DRIVER, ROOT, Page, browser, starting
from tests.browser.ui import graphql
from tests.checkout import Checkout

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium and ChromeDriver here"),
]
EVIL = "evil.example"
WAYS = ("json", "plain", "blind", "get", "image", "form", "upload", "text", "socket")
# What a page can try; each adds a wave of its own where it succeeds. Answers what it could read.
ATTACK = """
const [server, socket, done] = arguments;
const change = name => `mutation { addDynamicPartition(partitionKey: "${name}",
  partitionsDefName: "samspil_waves", repositorySelector: {repositoryName: "__repository__",
  repositoryLocationName: "samspil"}) { __typename } }`;
const graphql = server + "/graphql", read = [];
const body = name => JSON.stringify({query: change(name)});
const tried = (name, promise) => promise.then(
  answer => answer.text().then(text => { if (text) read.push([name, text.slice(0, 60)]); }),
  () => null);
const form = (name, type) => {
  const made = document.createElement("form");
  const sink = document.createElement("iframe"); sink.name = name; document.body.append(sink);
  made.method = "POST"; made.action = graphql; made.enctype = type; made.target = name;
  const field = document.createElement("input");
  field.name = "query"; field.value = change(name); made.append(field);
  document.body.append(made); made.submit();
};
const image = name => new Promise(over => {
  const made = new Image(); made.onload = made.onerror = over;
  made.src = graphql + "?query=" + encodeURIComponent(change(name));
});
const talk = new Promise(over => {
  const made = new WebSocket(socket + "/graphql", "graphql-ws");
  made.onopen = () => made.send(JSON.stringify({type: "connection_init", payload: {}}));
  made.onmessage = message => {
    if (JSON.parse(message.data).type === "connection_ack")
      made.send(JSON.stringify({id: "1", type: "start", payload: {query: change("socket")}}));
    read.push(["socket", message.data.slice(0, 60)]);
  };
  made.onclose = made.onerror = over; setTimeout(over, 3000);
});
const post = (name, type, mode) => tried(name, fetch(graphql, {
  method: "POST", body: body(name), mode: mode, headers: {"Content-Type": type}}));
Promise.allSettled([
  post("json", "application/json", "cors"), post("plain", "text/plain", "cors"),
  post("blind", "text/plain", "no-cors"),
  tried("get", fetch(graphql + "?query=" + encodeURIComponent(change("get")))),
  tried("page", fetch(server + "/assets")), tried("debug", fetch(server + "/download_debug/x")),
  image("image"), talk]).then(() => {
    form("form", "application/x-www-form-urlencoded"); form("upload", "multipart/form-data");
    form("text", "text/plain");
    setTimeout(() => done(JSON.stringify(read)), 2000);
  });
"""


@pytest.fixture(scope="module", params=["pages", "read-only pages"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    root = tmp_path_factory.mktemp("guarded")
    checkout = Checkout.create(root)
    home = root / ".dagster_home"
    home.mkdir(exist_ok=True)
    (home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    environment = {
        **os.environ, "SAMSPIL_ROOT": str(checkout.root), "DAGSTER_HOME": str(home),
        "DAGSTER_DISABLE_TELEMETRY": "yes", "PYTHONPATH": str(ROOT),
    }  # fmt: skip
    with starting(root, environment, request.param != "pages") as address:
        yield address()


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A web server of another origin on this machine."""
    folder = tmp_path_factory.mktemp("elsewhere")
    (folder / "index.html").write_text("<!doctype html><title>harmless</title><body>", "utf-8")
    pages = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{pages.server_address[1]}"
    pages.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    # the name of the attacker leads to this machine, as after a rebinding
    with browser(f"--host-resolver-rules=MAP {EVIL} 127.0.0.1") as driver:
        driver.set_script_timeout(60)
        yield driver


def added(server: str) -> set[str]:
    """The waves that the attack added. The study's own waves appear gradually."""
    answer = graphql(server, "{ assetNodes { partitionKeysByDimension { partitionKeys } } }")
    known = {
        key
        for node in answer["data"]["assetNodes"]
        for dimension in node["partitionKeysByDimension"]
        for key in dimension["partitionKeys"]
    }
    return known & set(WAYS)


def attacked(driver: Chrome, page: str, server: str) -> list[list[str]]:
    driver.get(page)
    socket = server.replace("http", "ws", 1)
    found: list[list[str]] = json.loads(driver.execute_async_script(ATTACK, server, socket))
    return found


def test_a_page_of_another_origin_changes_and_reads_nothing(
    driver: Chrome, server: str, elsewhere: str
) -> None:
    for name in ("127.0.0.1", "localhost", EVIL):
        host = elsewhere.replace("127.0.0.1", name)
        assert attacked(driver, f"http://{host}/", server) == []
    assert added(server) == set()


def test_a_name_that_leads_to_this_machine_is_no_name_of_the_server(
    driver: Chrome, server: str, elsewhere: str
) -> None:
    rebound = server.replace("127.0.0.1", EVIL)
    page = Page(driver, rebound)
    page.open("/assets")
    # a busy browser reports a page of plain text as loaded before its text has arrived
    page.text("Invalid host header")
    # from the server's own origin, as the browser sees it: what can be read is the refusal alone
    read = attacked(driver, f"{rebound}/assets", rebound)
    assert {text for _, text in read} <= {"Invalid host header"}, read
    assert added(server) == set()


def test_the_attack_succeeds_without_the_guard(driver: Chrome, elsewhere: str) -> None:
    """The same script succeeds against a server without the guard, so the tests above can fail."""
    taken: list[str] = []

    class Open(SimpleHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            taken.append(f"{self.command} {self.path.partition('?')[0]}")
            self.send_response(200)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.end_headers()
            self.wfile.write(b"secret")

        def log_message(self, *_: Any) -> None:
            pass

    pages = ThreadingHTTPServer(("127.0.0.1", 0), Open)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    try:
        read = attacked(
            driver, f"http://{elsewhere}/", f"http://127.0.0.1:{pages.server_address[1]}"
        )
    finally:
        pages.shutdown()
    assert {"plain", "get", "page"} <= {name for name, _ in read}
    assert taken.count("POST /graphql") >= 5
