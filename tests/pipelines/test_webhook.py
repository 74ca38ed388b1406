"""Addresses to which notifications may be posted: none that a hostile study folder may be after."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from declarations.operation import Hook
from pipelines.operate.notify import WEBHOOK_VARIABLE, Notice, hooks, send
from pipelines.operate.webhook import AddressError, allowed_address, post

NOTICE = Notice("refused", "samspil", "2015", "æ")


@contextmanager
def listening(status: int, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that gives one answer to all requests; its address, and the requests that it got."""
    asked: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"POST {self.path}")
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Make every name resolve to these addresses."""
    found = [(0, 0, 0, "", (address, 80)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",  # where clouds tell a machine its keys
        "fe80::1%eth0", "::ffff:169.254.169.254", "0.0.0.0", "::", "224.0.0.1", "ff02::1",
        "255.255.255.255", "100.64.0.1", "240.0.0.1",
        "2002:a9fe:a9fe::", "2002:7f00:1::",  # tunnels to 169.254.169.254 and 127.0.0.1
        "64:ff9b::a9fe:a9fe", "fec0::1", "::a9fe:a9fe",
    ],
)  # fmt: skip
@pytest.mark.parametrize("private", [False, True])
def test_addresses_that_no_webhook_can_have_are_refused(
    monkeypatch: pytest.MonkeyPatch, address: str, private: bool
) -> None:
    for first in ("93.184.216.34", "127.0.0.1"):
        leads_to(monkeypatch, first, address)
        with pytest.raises(AddressError):
            allowed_address("hook.example.dk", 80, private=private)


@pytest.mark.parametrize(
    "address",
    ["10.0.0.1", "172.16.3.4", "192.168.1.1", "fd00::1", "::ffff:10.0.0.1", "2002:a00:1::"],
)
def test_a_private_network_has_to_be_allowed(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    leads_to(monkeypatch, address)
    with pytest.raises(AddressError, match=r"in a private network; notify: \{private: true\}"):
        allowed_address("hook", 80, private=False)
    assert allowed_address("hook", 80, private=True) == (address, 80)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "93.184.216.34", "2606:2800::1"])
def test_this_machine_and_public_addresses_are_allowed(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    leads_to(monkeypatch, address)
    assert allowed_address("hook", 8080, private=False) == (address, 8080)


@pytest.mark.parametrize(
    "address",
    ["file://x/y", "file:/x", "ftp://x/y", "gopher://x", "http://", "//x/y", "http:///x",
     "http://x:abc/", "http://x:99999/", "http://x:0/", "http://x/ y", "http://x\r\nHost: y/",
     "http://x/\u00e9"],
)  # fmt: skip
def test_what_is_no_web_address_is_not_opened(address: str) -> None:
    with pytest.raises(AddressError, match="expected an address of the form http://HOST:PORT/"):
        post(address, b"{}", private=True)


def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A name that would resolve differently the second time is not looked up a second time."""
    asked = []
    real = socket.getaddrinfo

    def once(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return real("127.0.0.1" if host == "hook.example.dk" else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", once)
    with listening(204) as (address, seen):
        post(address.replace("127.0.0.1", "hook.example.dk") + "/a?b=c", b"{}", private=False)
    assert seen == ["POST /a?b=c"]
    assert asked.count("hook.example.dk") == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_reported_and_not_followed(status: int) -> None:
    with listening(200) as (target, reached), listening(status, Location=target) as (first, asked):
        with pytest.raises(AddressError, match=f"status {status}; redirects are not followed"):
            post(first, b"{}", private=True)
        assert (asked, reached) == (["POST /"], [])


def test_a_webhook_of_a_study_is_reported_in_the_log_and_one_of_the_services_may_be_private(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads_to(monkeypatch, "192.168.1.1")
    said: list[str] = []
    send(Hook(webhook="http://intranet/hook"), NOTICE, said.append)
    assert len(said) == 1
    assert said[0].startswith(
        "notification not delivered to http://intranet/hook: intranet resolves to 192.168.1.1"
    )
    monkeypatch.setenv(WEBHOOK_VARIABLE, "http://intranet/hook")
    assert [hook.private for hook in hooks(Hook())] == [True]
