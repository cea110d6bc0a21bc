"""Who was not let in is told of: in events, in errors, and to receivers; not without end, and not of who is hidden."""

import json
from dataclasses import replace

import pytest
from tests.dialects.hms.world import Json, World, app_token, done

from polyroom.dialects.hms import HmsFormatter
from polyroom.domain.errors import JoinRefused, RoomDisabled, RoomFull
from polyroom.domain.webhook import Receiver, WebhookFormat
from polyroom.services.ports.admission import Credential, Ticket
from polyroom.services.ports.webhooks import Try
from polyroom.services.refused import KEPT_A_MINUTE
from polyroom.services.stories import tell


async def ticket(world: World, room: Json, role: str = "guest") -> Ticket:
    """A place at the door."""
    credential = Credential(token=app_token(world.key, room, role))
    return (await world.house.entrance.ticket(room["id"], credential, None, "Bo", "bo")).ticket


async def refused(world: World, late: Ticket, error: type[JoinRefused]) -> None:
    with pytest.raises(error):
        await world.house.people.join(late)


async def test_a_full_room_says_so_with_its_session(world: World) -> None:
    room = await world.room(name="small", size=1)
    late = await ticket(world, room)
    ada = await world.enter(room, app_token(world.key, room, "host"), name="Ada")
    await refused(world, late, RoomFull)
    (told,) = done(await world.sdk.get("/analytics/events?type=peer.join.failure"))["events"]
    (session,) = done(await world.api.get("/sessions"))["data"]
    assert told["type"] == "peer.join.failure"
    started = told["data"].pop("session_started_at")
    assert started.endswith("Z")
    assert told["data"] == {
        "room_id": room["id"],
        "room_name": "small",
        "template_id": room["template_id"],
        "session_id": session["id"],
        "peer_id": "",
        "user_id": "",
        "user_name": "",
        "user_data": "",
        "role": "guest",
        "type": "regular",
        "error_message": "room full",
    }
    (error,) = done(await world.api.get("/analytics/error-events?type=client.join.failed"))["data"]
    assert (error["type"], error["data"]["error_message"], error["data"]["action"]) == (
        "client.join.failed",
        "room full",
        "JOIN",
    )
    assert (error["data"]["role"], error["data"]["peer_id"]) == ("guest", "")
    await world.house.leave(ada)


async def test_a_disabled_room_says_so_without_a_session_also_to_receivers(world: World) -> None:
    room = await world.room(name="shut")
    late = await ticket(world, room, "host")
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": False}))
    await refused(world, late, RoomDisabled)
    (told,) = done(await world.api.get(f"/analytics/events?room_id={room['id']}"))["data"]
    assert told["data"]["error_message"] == "room disabled" and "session_id" not in told["data"]
    room_id = await world.house.room_id(room["id"])
    events = await world.house.store.read(lambda tx: tx.events.of_room(room_id))
    (story,) = await world.house.store.read(lambda tx: tell(tx, events[-1:], WebhookFormat.HMS))
    receiver = Receiver(WebhookFormat.HMS, "https://example.com/", 1.0)
    message = HmsFormatter(lambda asset, seconds: "", lambda *_: "").write(
        story, receiver, Try(1, receiver.url, world.house.clock.now())
    )
    assert message is not None
    assert json.loads(message.body) == told


async def test_only_some_a_minute_are_kept_of_a_room_and_none_of_who_is_hidden(world: World) -> None:
    room, other = await world.room(), await world.room()
    late, elsewhere = await ticket(world, room), await ticket(world, other)
    for one in (room, other):
        done(await world.api.post(f"/rooms/{one['id']}", json={"enabled": False}))
    for _ in range(KEPT_A_MINUTE + 5):
        await refused(world, late, RoomDisabled)
    await refused(world, replace(elsewhere, grant=replace(elsewhere.grant, hidden=True)), RoomDisabled)
    kept = done(await world.api.get("/analytics/error-events?limit=100"))["data"]
    assert [one["data"]["room_id"] for one in kept] == [room["id"]] * KEPT_A_MINUTE
    await refused(world, elsewhere, RoomDisabled)
    kept = done(await world.api.get("/analytics/error-events?limit=100"))["data"]
    assert kept[0]["data"]["room_id"] == other["id"] and len(kept) == KEPT_A_MINUTE + 1
