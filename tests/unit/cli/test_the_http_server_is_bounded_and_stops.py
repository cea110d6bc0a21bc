"""uvicorn as set up here: heads, sockets, stopping."""

import asyncio
import contextlib
import os
import signal

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from polyroom.cli import http
from polyroom.cli.http import HttpServer, http_config
from polyroom.cli.sockets import listen
from polyroom.config import Settings


class Running:
    """A server on a free port, and the order in which things happened to it."""

    def __init__(self, settings=None):
        self.happened = []
        self.port = 0
        self._settings = settings or Settings()
        self._started = asyncio.Event()

    async def __aenter__(self):
        async def hello(request):
            return PlainTextResponse(request.client.host)

        async def drain():
            self.happened.append("drain")

        def started():
            self.happened.append("started")
            self._started.set()

        sockets = listen("127.0.0.1", 0)
        self.port = sockets[0].getsockname()[1]
        config = http_config(Starlette(routes=[Route("/", hello)]), self._settings)
        self.server = HttpServer(config, started, drain)
        self.task = asyncio.create_task(self.server.serve(sockets))
        await self._started.wait()
        return self

    async def __aexit__(self, *_):
        self.server.should_exit = True
        await asyncio.wait_for(self.task, 10)

    async def open(self):
        return await asyncio.open_connection("127.0.0.1", self.port)


@pytest.mark.parametrize("start", [b"GET / HTTP/1.1\r\nx: ", b"GET / HTTP/1.1\r\n", b"GET /"])
async def test_a_head_without_an_end_is_cut_off(start):
    more = b"a: b\r\n" * 512 if start.endswith(b"\n") else b"a" * 4096
    async with Running() as running:
        reader, writer = await running.open()
        writer.write(start)
        sent = 0
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof() and sent < 4_000_000:
                writer.write(more)
                sent += len(more)
                await writer.drain()
                await asyncio.sleep(0.001)
        assert sent < 1_000_000
        writer.close()


async def test_a_slow_head_is_cut_off(monkeypatch):
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.2)
    async with Running() as running:
        reader, writer = await running.open()
        writer.write(b"GET / HT")
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_a_connection_may_rest_between_requests(monkeypatch):
    monkeypatch.setattr(http, "HEAD_SECONDS", 0.2)
    async with Running() as running:
        reader, writer = await running.open()
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            assert b"127.0.0.1" in await asyncio.wait_for(reader.readuntil(b"127.0.0.1"), 5)
            await asyncio.sleep(0.4)
        writer.close()


async def test_garbage_is_answered_with_400():
    async with Running() as running:
        reader, writer = await running.open()
        writer.write(b"\x16\x03\x01\x02\x00\x01\r\n\r\n")
        assert (await asyncio.wait_for(reader.read(), 5)).startswith(b"HTTP/1.1 400")
        writer.close()


@pytest.mark.parametrize(("trusted", "seen"), [((), "127.0.0.1"), (("127.0.0.0/8",), "203.0.113.5")])
async def test_forwarded_addresses_are_believed_of_trusted_proxies_only(trusted, seen):
    async with Running(Settings(trusted_proxies=trusted)) as running, httpx.AsyncClient() as client:
        url = f"http://127.0.0.1:{running.port}/"
        assert (await client.get(url, headers={"x-forwarded-for": "203.0.113.5"})).text == seen


async def test_a_signal_drains_first_and_ends_without_an_error(monkeypatch):
    monkeypatch.setattr(http, "STOP_SECONDS", 60)
    running = Running()
    await running.__aenter__()
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(running.task, 10)
    running.server.watchdog.cancel()
    assert running.happened == ["started", "drain"]
    with pytest.raises(OSError):
        await running.open()
