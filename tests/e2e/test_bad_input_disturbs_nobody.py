"""Garbage on every door while two people talk: own errors or silence, no 5xx, no growth, nobody else disturbed."""

import asyncio
import os
import random
import socket
import struct
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import websockets
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, livekit_participant, ticket
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess

MEGABYTE = 1024 * 1024
SEED = 20261124


class Talk:
    """Two people, one of whom publishes audio all the time."""

    def __init__(self, listener: Participant) -> None:
        self._listener = listener

    async def goes_on(self) -> None:
        before = self._listener.total("samples")

        async def more() -> bool:
            return self._listener.total("samples") > before + 24_000

        await eventually(more, 10)


@pytest.fixture
async def talk(server: ServerProcess) -> AsyncIterator[Talk]:
    with server.streamwise() as api:
        room = make_room(api)
        tokens = [make_token(api, room)["token"] for _ in range(2)]
    async with (
        livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
        livekit_participant(server.url, room["id"], tokens[1], "Bo") as bo,
    ):
        await ada.publish_audio()
        talk = Talk(bo)
        await talk.goes_on()
        yield talk


async def test_broken_bodies_get_the_vendors_own_error(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        bodies: list[bytes] = [b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b"", b'{"room_name": NaN}', b"[" * 100_000]
        bodies += [b'{"room_name": "a\\u0000b"}', b'{"room_name": ["x"]}', b'{"room_name": "\\ud800"}']
        for body in bodies:
            for method, path in (
                ("POST", "/rooms"),
                ("PATCH", f"/rooms/{room['id']}"),
                ("POST", f"/rooms/{room['id']}/tokens"),
            ):
                answer = api.request(method, path, content=body, headers={"Content-Type": "application/json"})
                assert 400 <= answer.status_code < 500, (method, path, body[:40], answer.text)
                assert "message" in answer.json()
        for path in ("/rooms/%00", "/rooms/" + "x" * 4000, "/rooms/..%2f..", "/rooms/💥/status"):
            answer = api.get(path)
            assert answer.status_code in {400, 404, 414, 422}, (path, answer.status_code)


async def test_a_ten_megabyte_body_is_refused_without_being_kept(server: ServerProcess) -> None:
    before = server.memory_kb()
    with server.streamwise() as api:
        for path in ("/rooms",):
            answer = api.post(path, content=b'{"room_name": "' + b"x" * (10 * MEGABYTE) + b'"}')
            assert answer.status_code in {413, 422}
            assert "message" in answer.json()
    answer = httpx.post(f"{server.url}/meet/join", content=b"x" * (10 * MEGABYTE), timeout=20)
    assert 400 <= answer.status_code < 500
    assert server.memory_kb() - before < 40_000


async def test_foreign_and_broken_tokens_open_nothing(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        other = make_token(api, make_room(api))
    for token in (other["token"], "x", "", "a" * 10_000, "\x00", "ütf"):
        answer = httpx.post(f"{server.url}/meet/join", json={"room": room["id"], "token": token, "name": "Eve"})
        assert answer.status_code in {400, 403, 422, 429}, (token[:10], answer.text)
        assert answer.json()["error"]["code"]
    for query in (
        "",
        "?access_token=x",
        "?access_token=" + "a.b.c",
        "?access_token=" + "x" * 9000,
        "?access_token=" + "x" * 33_000,
    ):
        with pytest.raises(websockets.InvalidStatus) as refused:
            async with websockets.connect(f"ws://127.0.0.1:{server.port}/rtc{query}"):
                pass
        assert refused.value.response.status_code == (401 if len(query) < 32_000 else 400)
        assert refused.value.response.headers["access-control-allow-origin"] == "*"
    for path in ("/rtc/v1", "/rtc/v1/validate"):
        answer = httpx.get(server.url + path)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (404, "*")


async def test_garbage_on_udp_is_met_with_silence(server: ServerProcess, talk: Talk) -> None:
    before = server.memory_kb()
    chance = random.Random(SEED)
    await asyncio.to_thread(_spray, server.media_port, chance)
    await talk.goes_on()
    assert server.memory_kb() - before < 20_000


async def test_garbage_on_the_socket_ends_that_socket_alone(server: ServerProcess, talk: Talk) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room)["token"]
    for frames in ([os.urandom(300) for _ in range(50)], ["text"] * 50, [b"\x0a" + b"\xff" * 200_000]):
        place = await ticket(server.url, room["id"], token, "Eve")
        url = f"{place['server_url']}/rtc?access_token={place['ticket']}"
        async with websockets.connect(url, max_size=None) as sock:
            await sock.recv()
            try:
                for frame in frames:
                    await sock.send(frame)
                await asyncio.wait_for(_drain(sock), 5)
            except (websockets.ConnectionClosed, TimeoutError):
                continue
    await talk.goes_on()


async def test_a_thousand_half_open_handshakes_are_forgotten(server: ServerProcess, talk: Talk) -> None:
    before = server.memory_kb()
    sockets = []
    for _ in range(1000):
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.connect_ex(("127.0.0.1", server.port))
        sockets.append(sock)
    await asyncio.sleep(0.5)
    for sock in sockets[:500]:
        try:
            sock.send(b"GET /rtc?access_token=")
        except OSError:
            continue
    await talk.goes_on()
    assert httpx.get(f"{server.url}/healthz", timeout=10).status_code == 200
    for sock in sockets:
        sock.close()
    await talk.goes_on()
    assert server.memory_kb() - before < 60_000


def _spray(port: int, chance: random.Random) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        for number in range(20_000):
            sock.sendto(_datagram(number, chance), ("127.0.0.1", port))


def _datagram(number: int, chance: random.Random) -> bytes:
    match number % 4:
        case 0:
            return chance.randbytes(chance.randrange(0, 1400))
        case 1:  # A STUN binding request with a made-up username and no integrity.
            name = b"abcd:" + chance.randbytes(4).hex().encode()
            attribute = struct.pack("!HH", 6, len(name)) + name + b"\0" * (-len(name) % 4)
            return struct.pack("!HHI", 1, len(attribute), 0x2112A442) + chance.randbytes(12) + attribute
        case 2:  # The front of a DTLS client hello.
            return b"\x16\xfe\xfd" + b"\0" * 8 + struct.pack("!H", 400) + chance.randbytes(400)
        case _:  # RTP from nowhere.
            return b"\x80\x60" + chance.randbytes(1000)


async def _drain(sock: Any) -> None:
    while True:
        await sock.recv()
