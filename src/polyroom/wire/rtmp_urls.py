"""Addresses of RTMP servers: where to connect, what to ask for there, and how to show one without its key."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

LONGEST = 2048
_PORTS = {"rtmp": 1935, "rtmps": 443}
HIDDEN = "****"


@dataclass(frozen=True, slots=True)
class RtmpUrl:
    """`app` is the application with its query, `name` the stream, which is the key; neither is shown by `repr`."""

    scheme: str
    host: str
    port: int
    app: str = field(repr=False)
    name: str = field(repr=False)

    @property
    def is_secure(self) -> bool:
        """Whether TLS carries it."""
        return self.scheme == "rtmps"

    @property
    def application_url(self) -> str:
        """What the server is told it was called by (`tcUrl`)."""
        return f"{self.scheme}://{self._place}/{self.app}"

    @property
    def masked(self) -> str:
        """The address without the key and whatever else may be secret."""
        return f"{self.scheme}://{self._place}/{self.app.partition('?')[0]}/{HIDDEN}"

    @property
    def _place(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def read_rtmp_url(text: str) -> RtmpUrl | None:
    """`rtmp[s]://host[:port]/application[/instance]/stream[?query]`, or None for what is no such address.

    A query in front of the last part (`/application?token/stream`) belongs to the application, as in ffmpeg.
    """
    if len(text) > LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _PORTS or not host or port == 0 or "@" in parts.netloc or parts.fragment:
        return None
    app, slash, name = parts.path.lstrip("/").rpartition("/")
    query = f"?{parts.query}" if parts.query else ""
    if slash:
        name += query
    else:
        app, _, name = (parts.path.lstrip("/") + query).rpartition("/")
    if not app or app.startswith("?") or not name or name.startswith("?"):
        return None
    return RtmpUrl(scheme, host, port or _PORTS[scheme], app, name)
