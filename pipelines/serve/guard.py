"""An ASGI middleware that protects a local server from other web pages.

Every page that is open in a browser on the same machine can reach a server on 127.0.0.1. The guard
refuses what such a page can send:

- a `Host` that is not one of the server's own names (DNS rebinding),
- an `Origin` that differs from the address of the request, for HTTP and for web sockets,
- a request that the browser marks as cross-site, except a link to a page,
- a GraphQL operation by GET, a POST that a plain form could send, and any other method,
- a report about an asset from outside: only runs make assets.

Programs that send no `Origin`, such as curl, are not pages and are let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_NAMES = ("127.0.0.1", "localhost")
GRAPHQL, REPORTS = "/graphql", "/report_asset_"
# Endpoints with data or changes. A link from another page may only open pages.
ENDPOINTS = (
    GRAPHQL,
    "/logs/",
    "/notebook",
    "/dagit/notebook",
    "/download_debug/",
    REPORTS,
)
HOST_NAME = re.compile(r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*")
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
# Headers that decide; with two of one, server and guard could read different ones.
SINGLE = ("host", "origin", "content-type", "sec-fetch-site")
REFUSED_BY_ORIGIN = "refused: the request comes from another web page"
PROTECTION = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def guarded(app: ASGIApp, names: Iterable[str] = ()) -> ASGIApp:
    """The application behind the guard; `names` are host names in addition to this machine's.

    Raises ValueError for a name that is none, such as `*`, which would let every name in.
    """
    names = tuple(names)
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a host name, such as tal.example.dk")
    allowed = [*OWN_NAMES, *names]
    return TrustedHostMiddleware(OriginGuard(app), allowed_hosts=allowed, www_redirect=False)


class OriginGuard:
    """Refuses requests that another web page can make a browser send. `Host` is checked before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass on all other requests."""
        if scope["type"] == "websocket":
            headers = Headers(scope=scope)
            if _doubled(headers) or not _own_origin(headers):
                # a socket closed before it is accepted is answered with status 403
                await send({"type": "websocket.close", "code": 1008, "reason": REFUSED_BY_ORIGIN})
                return
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = refusal_of_request(scope["method"], scope["path"], Headers(scope=scope))
            if refusal is None:
                await self.app(scope, receive, _protecting(send))
            else:
                status, words = refusal
                await PlainTextResponse(words, status_code=status)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def refusal_of_request(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Status and reason of a refusal; None if the request is allowed."""
    endpoint = path.startswith(ENDPOINTS)
    if _doubled(headers):
        return 400, "refused: a header occurs twice"
    if not _own_origin(headers):
        return 403, REFUSED_BY_ORIGIN
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        link = method == "GET" and headers.get("sec-fetch-dest") == "document"
        if endpoint or not link:
            return 403, REFUSED_BY_ORIGIN
    if path.rstrip("/") == GRAPHQL and method in ("GET", "HEAD"):
        return 405, "refused: send GraphQL by POST, as application/json"
    if method not in METHODS:
        return 405, f"refused: expected one of {', '.join(METHODS)}"
    if path.startswith(REPORTS):
        return 403, "refused: only runs report assets"
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if method == "POST" and kind != "application/json":
        return 415, "refused: expected the content type application/json"
    return None


def _doubled(headers: Headers) -> bool:
    return any(len(headers.getlist(name)) > 1 for name in SINGLE)


def _own_origin(headers: Headers) -> bool:
    origins, host = headers.getlist("origin"), headers.get("host")
    # a proxy in front may have added the encryption
    own = (f"http://{host}", f"https://{host}")
    return all(origin in own for origin in origins)


def _protecting(send: Send) -> Send:
    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in PROTECTION.items():
                headers.append(name, value)
        await send(message)

    return protected
