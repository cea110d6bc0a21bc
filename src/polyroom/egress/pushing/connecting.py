"""Opens the connection: the name is resolved and judged here, and connected to as it was judged."""

import asyncio
import socket
import ssl

from polyroom.wire.rtmp_urls import RtmpUrl
from polyroom.wire.targets import is_public

PATIENCE = 10.0
"""Seconds each step to a connection may take."""

_KEPT_BY_KERNEL = 1 << 18


class PushFailed(Exception):
    """Why there is no connection, or none any more, in plain words and without a secret.

    `for_good` says that trying again is of no use.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


async def connect(url: RtmpUrl, *, allow_private: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the first of the name's addresses that answers. Raises PushFailed."""
    addresses = await _addresses(url)
    allowed = [one for one in addresses if allow_private or is_public(one)]
    if not allowed:
        raise PushFailed("its address is a private one, which this server does not contact", for_good=True)
    failure = PushFailed("it cannot be reached")
    for address in allowed:
        try:
            return await _open(url, address)
        except PushFailed as error:
            failure = error
    raise failure


async def _addresses(url: RtmpUrl) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(PATIENCE):
            found = await loop.getaddrinfo(url.host, url.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise PushFailed("its name could not be looked up in time") from None
    except (OSError, UnicodeError):
        raise PushFailed("its name is not known") from None
    return list(dict.fromkeys(str(one[4][0]) for one in found))


async def _open(url: RtmpUrl, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # The system's authorities, or those in SSL_CERT_FILE; the certificate has to be one of the name.
    context = ssl.create_default_context() if url.is_secure else None
    name = url.host if url.is_secure else None
    try:
        async with asyncio.timeout(PATIENCE):
            opened = await asyncio.open_connection(address, url.port, ssl=context, server_hostname=name)
    except TimeoutError:
        raise PushFailed("it does not answer") from None
    except ssl.SSLCertVerificationError as error:
        raise PushFailed(f"its certificate is not trusted: {error.verify_message}") from None
    except ssl.SSLError:
        raise PushFailed("it does not speak TLS") from None
    except ConnectionRefusedError:
        raise PushFailed("nobody listens there") from None
    except OSError:
        raise PushFailed("it cannot be reached") from None
    # What the kernel keeps is late, and hides that nothing is taken any more.
    opened[1].get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _KEPT_BY_KERNEL)
    return opened
