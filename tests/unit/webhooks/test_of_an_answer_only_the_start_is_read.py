"""What a receiver answers costs neither memory nor time beyond its start: bodies without end, heads without end."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message
from polyroom.webhooks import Answer, Sender
from polyroom.webhooks.sender import ANSWER_KEPT

BLOCK = b"x" * 65_536
MEGABYTE = 1024 * 1024
Talk = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Receiving:
    """A server that reads a request and then says whatever the test makes it say; counts the bytes it got rid of."""

    def __init__(self) -> None:
        self.port = 0
        self.given = 0

    async def give(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        """Say it, as soon as the other side takes it."""
        writer.write(data)
        await writer.drain()
        self.given += len(data)


@asynccontextmanager
async def receiving(talk: Callable[[Receiving, asyncio.StreamWriter], Awaitable[None]]) -> AsyncIterator[Receiving]:
    """A receiver on this machine."""
    made = Receiving()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await talk(made, writer)
        except OSError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


async def told(made: Receiving, timeout: float = 30.0) -> Answer:
    receiver = Receiver(WebhookFormat.POLYROOM, f"http://127.0.0.1:{made.port}/", timeout)
    async with Sender(allow_private=True) as sender:
        return await sender.send(receiver.url, Message(b"{}", {}), receiver)


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100000000000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 100000000000\r\n\r\n",
    ],
)
async def test_a_body_without_end_is_left_after_its_start(head: bytes) -> None:
    async def talk(made: Receiving, writer: asyncio.StreamWriter) -> None:
        await made.give(writer, head)
        while True:
            await made.give(writer, BLOCK)

    async with receiving(talk) as made:
        answer = await told(made)
    assert (answer.status, answer.error, answer.text) == (200, "", "x" * ANSWER_KEPT)
    assert made.given < 32 * MEGABYTE


async def test_a_chunk_without_end_is_left_after_its_start() -> None:
    async def talk(made: Receiving, writer: asyncio.StreamWriter) -> None:
        await made.give(writer, b"HTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n")
        while True:
            await made.give(writer, BLOCK)

    async with receiving(talk) as made:
        answer = await told(made)
    assert (answer.status, answer.text) == (503, "x" * ANSWER_KEPT)
    assert made.given < 32 * MEGABYTE


async def test_a_head_without_end_is_no_http() -> None:
    async def talk(made: Receiving, writer: asyncio.StreamWriter) -> None:
        await made.give(writer, b"HTTP/1.1 200 OK\r\nX: ")
        while True:
            await made.give(writer, BLOCK)

    async with receiving(talk) as made:
        answer = await told(made)
    assert (answer.status, answer.error) == (None, "not_http")
    assert made.given < 32 * MEGABYTE


async def test_an_answer_that_stops_in_the_middle_counts_by_its_status() -> None:
    async def talk(made: Receiving, writer: asyncio.StreamWriter) -> None:
        await made.give(writer, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf\0\xff")

    async with receiving(talk) as made:
        answer = await told(made)
    assert (answer.status, answer.error, answer.text) == (
        200,
        "",
        "half\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}",
    )


async def test_silence_ends_at_the_receivers_time_out() -> None:
    async def talk(made: Receiving, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async with receiving(talk) as made:
        answer = await told(made, 0.05)
    assert (answer.status, answer.error) == (None, "timeout")
