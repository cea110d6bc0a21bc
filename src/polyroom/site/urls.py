"""Which address a caller that reached us shall use for more."""

import re
from urllib.parse import urlsplit

from starlette.requests import Request

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


def websocket_url(request: Request, public_url: str | None, base_url: str) -> str:
    """The ws: or wss: address of this server as the caller sees it.

    A page of the configured public address is sent back there, since a proxy in between may have changed the Host. Any
    other caller is sent to the Host it asked, so that a link works through every name and address of the machine.
    """
    if public_url and request.headers.get("origin") == _origin(public_url):
        return _as_websocket(public_url)
    return _as_websocket(host_url(request.scope.get("scheme", "http"), request.headers.get("host", ""), base_url))


def host_url(scheme: str, host: str, base_url: str) -> str:
    """The address by which a caller reached us, from its Host; `base_url` where that is none."""
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else base_url


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _as_websocket(url: str) -> str:
    return "ws" + url.removeprefix("http")
