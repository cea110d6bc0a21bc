"""The address that is judged is the one that is connected to, whatever its name says a moment later."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpcore
import pytest

from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Message
from polyroom.webhooks import Sender
from polyroom.webhooks.connecting import JudgingBackend, TargetRefused

PUBLIC, PRIVATE = "93.184.215.14", "127.0.0.1"


class Names:
    """A name server that gives another answer each time it is asked: the last one from then on."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def look(self, host: str, port: int, **more: Any) -> list[Any]:
        """In place of socket.getaddrinfo."""
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in answer]


class Network(httpcore.AsyncNetworkBackend):
    """Notes who is connected to, and lets nobody through."""

    def __init__(self, *, deaf: int = 100) -> None:
        self.connected: list[str] = []
        self.deaf = deaf

    async def connect_tcp(self, host: str, port: int, *more: Any, **others: Any) -> httpcore.AsyncNetworkStream:
        self.connected.append(host)
        if len(self.connected) <= self.deaf:
            raise httpcore.ConnectError("nobody there")
        return httpcore.AsyncMockStream([b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])


@pytest.fixture
def backend() -> Iterator[JudgingBackend]:
    made = JudgingBackend(allow_private=False)
    yield made
    made.close()


async def connect(
    backend: JudgingBackend, names: Names, network: Network, monkeypatch: pytest.MonkeyPatch
) -> httpcore.AsyncNetworkStream:
    monkeypatch.setattr(socket, "getaddrinfo", names.look)
    monkeypatch.setattr(backend, "_inner", network)
    return await backend.connect_tcp("rebinding.example", 80)


async def test_a_name_is_asked_for_once_and_its_first_answer_is_used(
    backend: JudgingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, network = Names([PUBLIC], [PRIVATE]), Network(deaf=0)
    await connect(backend, names, network, monkeypatch)
    assert (names.asked, network.connected) == (["rebinding.example"], [PUBLIC])


async def test_a_name_that_turns_private_is_refused_at_the_next_connection(
    backend: JudgingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, network = Names([PUBLIC], [PRIVATE]), Network(deaf=0)
    await connect(backend, names, network, monkeypatch)
    with pytest.raises(TargetRefused):
        await connect(backend, names, network, monkeypatch)
    assert network.connected == [PUBLIC]


async def test_of_several_addresses_only_public_ones_are_tried(
    backend: JudgingBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    names, network = Names([PRIVATE, PUBLIC, "10.0.0.1", "::1", "1.1.1.1"]), Network(deaf=1)
    await connect(backend, names, network, monkeypatch)
    assert network.connected == [PUBLIC, "1.1.1.1"]


async def test_a_sender_never_reaches_what_a_name_became(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = asyncio.Event()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set()
        writer.close()

    server = await asyncio.start_server(hear, PRIVATE, 0)
    port = server.sockets[0].getsockname()[1]
    names = Names([PRIVATE])
    async with server, Sender(allow_private=False) as sender:
        monkeypatch.setattr(socket, "getaddrinfo", names.look)
        receiver = Receiver(WebhookFormat.POLYROOM, f"http://rebinding.example:{port}/", 5.0)
        answer = await sender.send(receiver.url, Message(b"{}", {}), receiver)
    assert (answer.status, answer.error) == (None, "private_target")
    assert not heard.is_set()
