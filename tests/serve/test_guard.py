"""Single requests that the guard refuses, and those that it allows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from starlette.websockets import WebSocket, WebSocketDisconnect

from pipelines.serve.guard import PROTECTION, guarded

HERE = "http://127.0.0.1:3000"
JSON = {"Content-Type": "application/json"}
FOREIGN = [
    "http://evil.example",
    "https://127.0.0.1.evil.example",
    "http://127.0.0.1:8888",
    "http://127.0.0.1",
    "http://localhost:3000",
    "null",
    "file://",
    "chrome-extension://abcdef",
    "",
    "127.0.0.1:3000",
    "//127.0.0.1:3000",
    "http://127.0.0.1:3000/",
    "http://evil.example@127.0.0.1:3000",
    "javascript://127.0.0.1:3000",
]


class Server:
    """A server that counts the requests that reached it."""

    def __init__(self, *names: str) -> None:
        self.reached: list[str] = []
        routes = [
            Route("/{path:path}", self.page, methods=["GET", "POST", "PUT", "DELETE", "OPTIONS"]),
            WebSocketRoute("/graphql", self.socket),
        ]
        self.client = TestClient(guarded(Starlette(routes=routes), names), base_url=HERE)

    async def page(self, request: Request) -> PlainTextResponse:
        self.reached.append(f"{request.method} {request.url.path}")
        return PlainTextResponse("secret")

    async def socket(self, socket: WebSocket) -> None:
        self.reached.append("socket")
        await socket.accept()
        await socket.send_text("secret")
        await socket.close()


@pytest.fixture
def server() -> Server:
    return Server()


def refused(server: Server, answer: Any) -> bool:
    return answer.status_code >= 400 and "secret" not in answer.text and not server.reached


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/graphql", "/assets", "/report_asset_check/a"])
def test_another_origin_is_refused(server: Server, origin: str, method: str, path: str) -> None:
    answer = server.client.request(method, path, headers={**JSON, "Origin": origin})
    assert refused(server, answer)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_socket_of_another_origin_is_refused(server: Server, origin: str) -> None:
    with (
        pytest.raises((WebSocketDisconnect, WebSocketDenialResponse)),
        server.client.websocket_connect("ws://127.0.0.1:3000/graphql", headers={"Origin": origin}),
    ):
        pass
    assert not server.reached


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:3000", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.2", "169.254.169.254", "[::2]:3000", ""],
)  # fmt: skip
@pytest.mark.parametrize("origin", [None, "own"])
def test_a_foreign_host_is_refused(server: Server, host: str, origin: str | None) -> None:
    headers = {**JSON, "Host": host} | ({"Origin": f"http://{host}"} if origin else {})
    assert refused(server, server.client.post("/graphql", headers=headers))
    assert refused(server, server.client.get("/assets", headers=headers))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/graphql?query=mutation{x}"])
def test_no_operation_by_get(server: Server, method: str, path: str) -> None:
    assert refused(server, server.client.request(method, path))


@pytest.mark.parametrize(
    "kind",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain",
     "text/plain; x=application/json", "application/jsonp", "application/json, text/plain", ""],
)  # fmt: skip
def test_what_a_form_can_send_is_refused(server: Server, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    assert refused(server, server.client.post("/graphql", content=b"{}", headers=headers))


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
def test_no_other_method_reaches_it(server: Server, method: str) -> None:
    assert refused(server, server.client.request(method, "/graphql", headers=JSON))


def test_nothing_outside_reports_an_asset(server: Server) -> None:
    """A webhook of a study can lead to this machine, and has no origin."""
    answer = server.client.post("/report_asset_materialization/raw/dataset", headers=JSON)
    assert refused(server, answer)
    assert answer.text == "refused: only runs report assets"


@pytest.mark.parametrize("name", ["Host", "Origin", "Content-Type", "Sec-Fetch-Site"])
def test_a_header_that_occurs_twice_is_refused(server: Server, name: str) -> None:
    own = {"Origin": HERE, "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin",
           "Host": "127.0.0.1:3000"}  # fmt: skip
    assert server.client.post("/graphql", headers=own).text == "secret"
    server.reached.clear()
    answer = server.client.post("/graphql", headers=[*own.items(), (name, own[name])])
    assert (answer.status_code, server.reached) == (400, [])


@pytest.mark.parametrize("name", ["*", "*.example.dk", "http://tal.example.dk", "x:80", ""])
def test_a_name_that_would_let_others_in_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        Server(name)


@pytest.mark.parametrize("dest", ["image", "script", "style", "iframe", "empty", "object", "font"])
@pytest.mark.parametrize("site", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/assets", "/graphql", "/logs/a/b", "/download_debug/1"])
def test_what_another_page_embeds_is_refused(
    server: Server, dest: str, site: str, path: str
) -> None:
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest, "Sec-Fetch-Mode": "no-cors"}
    assert refused(server, server.client.get(path, headers=headers))


def test_a_link_opens_a_page_but_gives_no_data(server: Server) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "document"}
    for path in ("/logs/a/b", "/notebook", "/dagit/notebook", "/download_debug/1"):
        assert refused(server, server.client.get(path, headers=link))
    answer = server.client.get("/assets/tables/table_5_2", headers=link)
    assert (answer.status_code, answer.text) == (200, "secret")
    assert {name: answer.headers[name] for name in PROTECTION} == PROTECTION


@pytest.mark.parametrize("host", ["127.0.0.1:3000", "localhost:3000", "localhost"])
def test_its_own_pages_and_programs_reach_it(server: Server, host: str) -> None:
    own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    assert server.client.post("/graphql", headers={**JSON, **own}).text == "secret"
    assert server.client.post("/graphql", headers={**JSON, "Host": host}).text == "secret"
    with server.client.websocket_connect("ws://127.0.0.1:3000/graphql", headers=own) as socket:
        assert socket.receive_text() == "secret"


def test_a_proxy_makes_it_known_under_a_name_that_was_given() -> None:
    own = {"Host": "tal.example.dk", "Origin": "https://tal.example.dk"}
    named, unnamed = Server("tal.example.dk"), Server()
    assert named.client.post("/graphql", headers={**JSON, **own}).status_code == 200
    assert refused(unnamed, unnamed.client.post("/graphql", headers={**JSON, **own}))
    mixed = {"Host": "127.0.0.1:3000", "Origin": "https://tal.example.dk"}
    before = len(named.reached)
    assert named.client.post("/graphql", headers={**JSON, **mixed}).status_code == 403
    assert len(named.reached) == before


@given(host=st.from_regex(r"[a-z0-9.-]{1,30}(:[0-9]{1,5})?", fullmatch=True))
def test_only_its_own_names_are_hosts(host: str) -> None:
    server = Server()
    answer = server.client.post("/graphql", headers={**JSON, "Host": host})
    own = host.rpartition(":")[0] or host
    assert bool(server.reached) == (own in ("127.0.0.1", "localhost"))
    assert (answer.status_code == 200) == bool(server.reached)
