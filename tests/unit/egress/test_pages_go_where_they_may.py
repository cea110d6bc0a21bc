"""The proxy that is a browser's only way to the network: what it passes on, and what it refuses before it connects."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from polyroom.egress.page.proxy import JudgingProxy


@asynccontextmanager
async def listening() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server that notes what it is sent and answers."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        got.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], got


async def asked(proxy: JudgingProxy, *pieces: bytes) -> bytes:
    """All that comes back for these bytes, the next of which are sent once something came for the last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    answer = b""
    async with asyncio.timeout(30):
        for number, piece in enumerate(pieces):
            if number:
                answer += await reader.readuntil(b"\r\n\r\n")
            writer.write(piece)
        with suppress(ConnectionResetError):
            answer += await reader.read()
    writer.close()
    return answer


async def test_plain_requests_and_tunnels_pass_where_anything_is_allowed() -> None:
    async with listening() as (port, got), JudgingProxy(private=True) as proxy:
        plain = f"GET http://127.0.0.1:{port}/a?b=1 HTTP/1.1\r\nHost: x\r\nProxy-Connection: keep-alive\r\n\r\n"
        assert (await asked(proxy, plain.encode())).endswith(b"hi")
        assert got[0] == b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        tunnel = f"CONNECT 127.0.0.1:{port} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        answer = await asked(proxy, tunnel, b"GET /inside HTTP/1.1\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\n") and answer.endswith(b"hi")
        assert got[1].startswith(b"GET /inside ")


@pytest.mark.parametrize(
    "target",
    [
        lambda port: f"CONNECT 127.0.0.1:{port} HTTP/1.1",
        lambda port: f"CONNECT localhost:{port} HTTP/1.1",
        lambda port: f"CONNECT [::ffff:127.0.0.1]:{port} HTTP/1.1",
        lambda port: f"GET http://127.0.0.1:{port}/ HTTP/1.1",
        lambda port: "CONNECT 169.254.169.254:80 HTTP/1.1",
        lambda port: "CONNECT 10.0.0.1:443 HTTP/1.1",
        lambda port: "CONNECT no-such-name.invalid:443 HTTP/1.1",
    ],
)
async def test_what_is_not_the_public_internet_is_refused_and_not_contacted(target: Callable[[int], str]) -> None:
    async with listening() as (port, got), JudgingProxy(private=False) as proxy:
        answer = await asked(proxy, f"{target(port)}\r\nHost: x\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n") and got == []


@pytest.mark.parametrize(
    "said", [b"nonsense\r\n\r\n", b"\x00\xff\r\n\r\n", b"CONNECT x:y HTTP/1.1\r\n\r\n", b"A" * 70_000]
)
async def test_nonsense_is_hung_up_on_and_others_go_on(said: bytes) -> None:
    async with listening() as (port, _), JudgingProxy(private=True) as proxy:
        assert await asked(proxy, said) == b""
        plain = f"GET http://127.0.0.1:{port}/ HTTP/1.1\r\nHost: x\r\n\r\n"
        assert (await asked(proxy, plain.encode())).endswith(b"hi")
