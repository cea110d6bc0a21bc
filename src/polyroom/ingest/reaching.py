"""Files at addresses that callers chose: a name is resolved here, judged, and connected to as it was judged."""

import http.client
import io
import re
import socket
import ssl
from urllib.parse import urljoin, urlsplit

from polyroom.wire.targets import is_public

_PATIENCE = 10.0
_REDIRECTS = 5
_SCHEMES = {"http": 80, "https": 443}
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+)$")


class Unreachable(OSError):
    """Why an address is not read, in plain words and without what may be secret in it."""


def judged(host: str, port: int, *, allow_private: bool) -> str:
    """The first address of a name that may be contacted. Raises Unreachable."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable("its name is not known") from None
    allowed = [one[4][0] for one in found if allow_private or is_public(str(one[4][0]))]
    if not allowed:
        raise Unreachable("its address is a private one, which this server does not contact")
    return str(allowed[0])


class Remote(io.RawIOBase):
    """One file by HTTP; it can be sought where the server gives ranges. Raises Unreachable."""

    def __init__(self, url: str, *, allow_private: bool) -> None:
        super().__init__()
        self._url, self._allow_private = url, allow_private
        self._at = 0
        self._size: int | None = None
        self._ranges = False
        self._connection: http.client.HTTPConnection | None = None
        self._answer: http.client.HTTPResponse | None = None
        self._request()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._ranges

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._answer is None:
            self._request()
        assert self._answer is not None
        try:
            count = self._answer.readinto(buffer)
        except (OSError, http.client.HTTPException):
            raise Unreachable("the connection broke") from None
        self._at += count
        return count

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_END and self._size is None:
            raise io.UnsupportedOperation("the size is not known")
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size or 0}[whence]
        if base + offset != self._at:
            if not self._ranges:
                raise io.UnsupportedOperation("the server gives no ranges")
            self._at = base + offset
            self._let_go()
        return self._at

    def close(self) -> None:
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._answer = None

    def _request(self) -> None:
        for _ in range(_REDIRECTS + 1):
            answer = self._ask()
            moved = answer.getheader("Location")
            if answer.status not in {301, 302, 303, 307, 308} or not moved:
                break
            self._let_go()
            self._url = urljoin(self._url, moved)
        else:
            raise Unreachable("it leads on and on")
        if answer.status not in {200, 206} or (self._at and answer.status != 206):
            self._let_go()
            raise Unreachable(f"it answers with {answer.status}")
        found = _RANGE.match(answer.getheader("Content-Range") or "")
        self._ranges = answer.status == 206 and found is not None
        if found is not None:
            self._size = int(found[2])

    def _ask(self) -> http.client.HTTPResponse:
        parts = urlsplit(self._url)
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise Unreachable("only http and https are read")
        port = parts.port or _SCHEMES[parts.scheme]
        self._connection = _Judged(parts.hostname, port, parts.scheme == "https", self._allow_private)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Range": f"bytes={self._at}-", "User-Agent": "polyroom", "Accept-Encoding": "identity"}
        try:
            self._connection.request("GET", target, headers=headers)
            self._answer = self._connection.getresponse()
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise error if isinstance(error, Unreachable) else Unreachable("it cannot be reached") from None
        return self._answer


class _Judged(http.client.HTTPConnection):
    """Connects to the address that was judged; the certificate has to be one of the name."""

    def __init__(self, host: str, port: int, secure: bool, allow_private: bool) -> None:
        super().__init__(host, port, timeout=_PATIENCE)
        self._secure, self._allow_private = secure, allow_private
        if secure:
            self.default_port = 443

    def connect(self) -> None:
        address = judged(self.host, self.port, allow_private=self._allow_private)
        self.sock = socket.create_connection((address, self.port), _PATIENCE)
        if self._secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
