"""An ASGI middleware that protects a local server from other web pages.

Every page that is open in a browser on the same machine can reach a server on 127.0.0.1. The guard
refuses what such a page can send:

- a `Host` that is not one of the server's own names (DNS rebinding),
- an `Origin` that differs from the address of the request, for HTTP and for web sockets,
- a request that the browser marks as cross-site, except a link to a page,
- a GraphQL operation by GET, and a POST that a plain form could send.

Programs that send no `Origin`, such as curl, are not pages and are let through.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OWN_NAMES = ("127.0.0.1", "localhost")
GRAPHQL = "/graphql"
# Endpoints with data or changes. A link from another page may only open pages.
ENDPOINTS = (
    GRAPHQL,
    "/logs/",
    "/notebook",
    "/dagit/notebook",
    "/download_debug/",
    "/report_asset_",
)
REFUSED_BY_ORIGIN = "refused: the request comes from another web page"
PROTECTION = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def guarded(app: ASGIApp, names: Iterable[str] = ()) -> ASGIApp:
    """The application behind the guard; `names` are host names in addition to this machine's."""
    allowed = [*OWN_NAMES, *names]
    return TrustedHostMiddleware(OriginGuard(app), allowed_hosts=allowed, www_redirect=False)


class OriginGuard:
    """Refuses requests that another web page can make a browser send. `Host` is checked before."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refused request; pass on all other requests."""
        if scope["type"] == "websocket":
            if not _own_origin(Headers(scope=scope)):
                # a socket closed before it is accepted is answered with status 403
                await send({"type": "websocket.close", "code": 1008, "reason": REFUSED_BY_ORIGIN})
                return
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            refusal = refused(scope["method"], scope["path"], Headers(scope=scope))
            if refusal is None:
                await self.app(scope, receive, _protecting(send))
            else:
                status, words = refusal
                await PlainTextResponse(words, status_code=status)(scope, receive, send)
        else:
            await self.app(scope, receive, send)


def refused(method: str, path: str, headers: Headers) -> tuple[int, str] | None:
    """Status and reason of a refusal; None if the request is allowed."""
    endpoint = path.startswith(ENDPOINTS)
    if not _own_origin(headers):
        return 403, REFUSED_BY_ORIGIN
    if headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        link = method == "GET" and headers.get("sec-fetch-dest") == "document"
        if endpoint or not link:
            return 403, REFUSED_BY_ORIGIN
    if path.rstrip("/") == GRAPHQL and method in ("GET", "HEAD"):
        return 405, "refused: send GraphQL by POST, as application/json"
    if method == "POST" and not headers.get("content-type", "").startswith("application/json"):
        return 415, "refused: expected the content type application/json"
    return None


def _own_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    return origin is None or (urlsplit(origin).netloc or origin) == headers.get("host")


def _protecting(send: Send) -> Send:
    async def protected(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in PROTECTION.items():
                headers.append(name, value)
        await send(message)

    return protected
