"""Posts a notification to an address, but only to an address that a person may have meant.

A study folder may come from elsewhere. Its `notify.webhook` must not make this machine talk to
services of its network. Addresses of private networks therefore need `private: true`; link-local,
multicast and reserved addresses are refused. The name is looked up once, and the connection uses
the address found. Redirects are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from urllib.parse import urlsplit

from declarations.operation import is_web_address

TIMEOUT_SECONDS = 5
PORTS = {"http": 80, "https": 443}
HEADERS = {"Content-Type": "application/json"}


class AddressError(ValueError):
    """The notification is not sent to this address; the message says why."""


def post(address: str, body: bytes, *, private: bool) -> None:
    """Send the body to the address. Raises AddressError, OSError and http.client.HTTPException.

    `private` allows addresses of private networks; this machine's own are always allowed.
    """
    if not is_web_address(address):
        raise AddressError("expected an address of the form http://HOST:PORT/")
    parts = urlsplit(address)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    found = allowed_address(host, port, private=private)
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    try:
        # connect here, because the library would look up the name a second time
        connection.sock = socket.create_connection(found, TIMEOUT_SECONDS)
        if parts.scheme == "https":
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(connection.sock, server_hostname=host)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, HEADERS)
        answer = connection.getresponse()
        answer.read(1)
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise AddressError(f"it answered with status {answer.status}; redirects are not followed")


def allowed_address(host: str, port: int, *, private: bool) -> tuple[str, int]:
    """The address to connect to. Raises AddressError if any address of the name is refused."""
    found = [str(at[0]) for *_, at in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for text in found:
        # the part behind % names an interface
        written = ipaddress.ip_address(text.partition("%")[0])
        ip = getattr(written, "ipv4_mapped", None) or written
        if ip.is_loopback:
            continue
        # a 6to4 address is a tunnel to the IPv4 address in it
        ip = getattr(ip, "sixtofour", None) or ip
        if ip.is_private and not _special(ip):
            if private:
                continue
            raise AddressError(
                f"{host} resolves to {ip} in a private network; notify: {{private: true}} allows it"
            )
        if _special(ip) or not ip.is_global:
            raise AddressError(f"{host} resolves to {ip}, which no webhook may have")
    return found[0], port


def _special(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is link-local, site-local, loopback, multicast, reserved or none."""
    return (
        ip.is_link_local
        or ip.is_loopback
        or ip.is_multicast
        or ip.is_unspecified
        or ip.is_reserved
        or getattr(ip, "is_site_local", False)
    )
