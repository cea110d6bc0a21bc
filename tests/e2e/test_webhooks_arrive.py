"""Strict receivers of every format get each event, in order, exactly described – also through outages and kill -9."""

import hmac
import json
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from livekit.protocol import rtc
from telnyx import Telnyx
from tests.support.receivers import HookServer, Received, Reply, hook_server
from tests.support.server import ServerProcess
from tests.support.signals import Signals, signals
from tests.support.vendors import Vendors, vendors

ENDS = {"/hms": b"session.close.success", "/telnyx": b"session.ended", "/own": b'"session.closed"'}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that may tell this machine."""
    started = ServerProcess(tmp_path / "data", "--allow-private-targets")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def api(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as clients:
        yield clients


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with hook_server() as listening:
        yield listening


def webhooks(server: ServerProcess, *words: str) -> str:
    """What `polyroom webhooks …` prints."""
    return server.command("webhooks", *words)


def at(path: str, received: list[Received]) -> list[Received]:
    return [one for one in received if one.path == path]


def ended(*paths: str, sessions: int = 1) -> Callable[[list[Received]], bool]:
    """Enough when every path has heard of that many ends of sessions."""

    def enough(received: list[Received]) -> bool:
        counts = [len({one.body for one in at(path, received) if ENDS[path] in one.body}) for path in paths]
        return all(count >= sessions for count in counts)

    return enough


def each_once(received: list[Received]) -> list[dict[str, Any]]:
    """Every event of 100ms' format, in the order of its first arrival."""
    found: dict[str, dict[str, Any]] = {}
    for one in at("/hms", received):
        found.setdefault(one.json["id"], one.json)
    return [*found.values()]


async def come_in(stack: AsyncExitStack, server: ServerProcess, room: str, way: dict[str, str], name: str) -> Signals:
    answer = httpx.post(f"{server.url}/meet/join", json={"room": room, "name": name, **way})
    assert answer.status_code == 201, answer.text
    return await stack.enter_async_context(signals(server.url, answer.json()["ticket"]))


async def meet(server: ServerProcess, api: Vendors, room: str, vendor: str, role: str) -> None:
    """Ada comes, then Grace; Ada goes, then Grace."""
    async with AsyncExitStack() as stack:
        people = [await come_in(stack, server, room, api.way(vendor, room, role), name) for name in ("Ada ☃", "Grace")]
        for one in people:
            await one.say(leave=rtc.LeaveRequest())


def make_hms_room(api: Vendors, hook: HookServer, name: str = "class") -> dict[str, Any]:
    body = {"name": name, "webhook": {"url": f"{hook.url}/hms", "headers": {"x-secret": "opensesame"}}}
    answer = api.hms.post("/rooms", json=body)
    assert answer.status_code == 200, answer.text
    room: dict[str, Any] = answer.json()
    return room


async def test_100ms_receivers_get_each_event_in_order_exactly_described(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    room = make_hms_room(api, hook)
    await meet(server, api, room["id"], "hms", "host")
    received = hook.wait(ended("/hms"))
    assert {one.headers["x-secret"] for one in received} == {"opensesame"}
    assert {one.headers["content-type"] for one in received} == {"application/json"}
    events = [one.json for one in received]
    assert [one["type"] for one in events] == [
        "session.open.success",
        "peer.join.success",
        "peer.join.success",
        "peer.leave.success",
        "peer.leave.success",
        "session.close.success",
    ]
    for one in events:
        assert set(one) == {"version", "id", "account_id", "app_id", "template_id", "timestamp", "type", "data"}
        assert (one["version"], one["account_id"]) == ("2.0", room["customer_id"])
        assert UUID(one["id"]) and one["timestamp"].endswith("Z")
        shared = {"room_id": room["id"], "room_name": "class", "template_id": room["template_id"]}
        assert shared.items() <= one["data"].items()
    opened, ada, grace, first_out, last_out, closed = (one["data"] for one in events)
    sessions = api.hms.get("/sessions", params={"room_id": room["id"]}).json()["data"]
    assert {one["session_id"] for one in (opened, ada, closed)} == {sessions[0]["id"]}
    assert (ada["user_name"], ada["role"], ada["type"], grace["user_name"]) == ("Ada ☃", "host", "regular", "Grace")
    assert {first_out["peer_id"], last_out["peer_id"]} == {ada["peer_id"], grace["peer_id"]}
    assert (first_out["reason"], first_out["message"]) == ("client request", "")
    assert first_out["duration"] >= 0 and first_out["left_at"] >= first_out["joined_at"]
    assert closed["session_duration"] >= 0 and closed["session_stopped_at"] >= opened["session_started_at"]


async def test_telnyx_own_sdk_verifies_every_signature(server: ServerProcess, api: Vendors, hook: HookServer) -> None:
    body = {"unique_name": "signed", "webhook_event_url": f"{hook.url}/telnyx", "webhook_timeout_secs": 5}
    room = api.telnyx.post("/rooms", json=body).json()["data"]
    await meet(server, api, room["id"], "telnyx", "participant")
    received = hook.wait(ended("/telnyx"))
    keys = server.credentials()["telnyx"]
    client = Telnyx(api_key=keys["api_key"], public_key=keys["public_key"])
    events = []
    for one in received:
        headers = dict(one.headers)
        client.webhooks.unwrap(one.body.decode(), headers=headers)
        with pytest.raises(Exception, match=r"(?i)signature"):
            client.webhooks.unwrap(one.body.decode().replace("video", "audio"), headers=headers)
        assert one.json["meta"] == {"attempt": 1, "delivered_to": f"{hook.url}/telnyx"}
        assert one.json["data"]["record_type"] == "event"
        events.append(one.json["data"])
    assert [one["event_type"].removeprefix("video.room.") for one in events] == [
        "session.started",
        "participant.joined",
        "participant.joined",
        "participant.left",
        "participant.left",
        "session.ended",
    ]
    assert set(events[0]["payload"]) == {"session_id", "room_id"}
    assert set(events[1]["payload"]) == {"session_id", "room_id", "context", "participant_id"}
    assert events[3]["payload"]["left_reason"] == "Left"
    assert set(events[5]["payload"]) == {"session_id", "room_id", "duration_secs", "ended_reason"}


async def test_telnyx_tries_three_times_then_the_failover_with_the_same_id(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    hook.reply = lambda request: Reply() if request.path == "/telnyx" else Reply(302, headers={"Location": "/lure"})
    urls = {"webhook_event_url": f"{hook.url}/bad", "webhook_event_failover_url": f"{hook.url}/telnyx"}
    room = api.telnyx.post("/rooms", json=urls).json()["data"]
    async with AsyncExitStack() as stack:
        await come_in(stack, server, room["id"], api.way("telnyx", room["id"], "participant"), "Ada")
        received = hook.wait(lambda those: len(at("/telnyx", those)) >= 1)
    first = received[0].json["data"]["id"]
    mine = [one for one in received if one.json["data"]["id"] == first]
    assert [one.path for one in mine] == ["/bad", "/bad", "/bad", "/telnyx"]
    assert [one.json["meta"]["attempt"] for one in mine] == [1, 2, 3, 4]
    assert at("/lure", received) == []


async def test_a_receiver_that_was_down_and_a_server_that_was_killed_lose_no_event(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    room = make_hms_room(api, hook)
    webhooks(server, "add", "polyroom", f"{hook.url}/own")
    hook.stop()
    await meet(server, api, room["id"], "hms", "host")
    server.kill()
    server.start()
    async with AsyncExitStack() as stack:
        await come_in(stack, server, room["id"], api.way("hms", room["id"], "host"), "Ada")
        hook.start()
        hook.wait(lambda those: b"peer.join" in b"".join(one.body for one in those))
        server.kill()
    server.start()
    received = hook.wait(ended("/hms", "/own", sessions=2))
    kinds = [one["type"].removesuffix(".success") for one in each_once(received)]
    meeting = ["peer.join", "peer.join", "peer.leave", "peer.leave"]
    assert kinds == ["session.open", *meeting, "session.close", "session.open", *meeting[1:3], "session.close"]
    assert each_once(received)[-2]["data"]["reason"] == "websocket closed"
    numbers = list(dict.fromkeys(one.json["sequence"] for one in at("/own", received)))
    assert numbers == list(range(2, 2 + len(numbers)))


async def test_a_hanging_receiver_disturbs_neither_another_nor_the_api(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    with hook_server() as stuck:
        stuck.reply = lambda request: Reply(hang=30)
        webhooks(server, "add", "polyroom", f"{stuck.url}/own")
        webhooks(server, "add", "polyroom", f"{hook.url}/own")
        started = time.monotonic()
        for number in range(30):
            make_hms_room(api, hook, f"room-{number}")
        hook.wait(lambda those: len(at("/own", those)) >= 30, 20)
        assert time.monotonic() - started < 28  # before the stuck one's first answer could have come
        assert stuck.received


async def test_our_own_format_is_signed_with_the_secret_shown_once(server: ServerProcess, hook: HookServer) -> None:
    made, secret = webhooks(server, "add", "polyroom", f"{hook.url}/own", "--header", "X-App=7").splitlines()
    assert secret.split()[1] not in webhooks(server, "list")
    assert "200 after" in webhooks(server, "test", made, "--allow-private-targets")
    (one,) = hook.wait(bool)
    assert one.headers["x-app"] == "7"
    when, code = (part.partition("=")[2] for part in one.headers["polyroom-signature"].split(","))
    signed = hmac.digest(secret.split()[1].encode(), when.encode() + b"." + one.body, "sha256")
    assert code == signed.hex()
    webhooks(server, "remove", made)
    assert webhooks(server, "list") == ""


async def test_an_operator_sees_attempts_and_replays_them(
    server: ServerProcess, api: Vendors, hook: HookServer
) -> None:
    hook.reply = lambda request: Reply(503, b"x" * 2000)
    room = make_hms_room(api, hook)
    async with AsyncExitStack() as stack:
        await come_in(stack, server, room["id"], api.way("hms", room["id"], "host"), "Ada")
        hook.wait(lambda those: len(those) >= 2)
        assert "2 since" in webhooks(server, "status")
        hook.reply = lambda request: Reply()
        hook.wait(lambda those: len({one.json["id"] for one in those}) == 2)
    server.stop()
    server.start()
    hook.wait(ended("/hms"))
    told = [json.loads(line) for line in webhooks(server, "attempts", "--json", "--room", room["id"]).splitlines()]
    first = told[-1]
    assert first["state"] == "delivered"
    assert first["attempts"][0]["status"] == 503
    assert first["attempts"][0]["answer"] == "x" * 512
    before = len(hook.received)
    assert "1 deliveries" in webhooks(server, "replay", "--event", first["event"])
    again = hook.wait(lambda those: len(those) > before)[-1].json
    assert (again["id"], again["is_replay"]) == (first["event"], True)


async def test_private_targets_are_refused_without_the_option(tmp_path: Path, hook: HookServer) -> None:
    server = ServerProcess(tmp_path / "data")
    server.start()
    try:
        with vendors(server) as api:
            for number, host in enumerate(("127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f000001")):
                url = hook.url.replace("127.0.0.1", host)
                webhooks(server, "add", "polyroom", f"{url}/{number}")
            make_hms_room(api, hook)
            deadline = time.monotonic() + 20
            told: list[dict[str, Any]] = []
            while sum(bool(one["attempts"]) for one in told) < 4 and time.monotonic() < deadline:
                told = [json.loads(line) for line in webhooks(server, "attempts", "--json").splitlines()]
            assert {each["error"] for one in told for each in one["attempts"]} == {"private_target"}
            assert hook.received == []
    finally:
        server.stop()
