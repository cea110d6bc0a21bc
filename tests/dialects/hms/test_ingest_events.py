"""What receivers and analytics hear of ingests. Source: research/100ms.md §B.8."""

from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, done, refused
from tests.dialects.house import STREAM_SECRET, encoders_door

from polyroom.dialects.hms import HmsStreamKeys
from polyroom.domain.errors import KeyDisabled
from polyroom.domain.session import LeaveReason
from polyroom.services.participants import Joined
from polyroom.services.ports.admission import Ticket
from polyroom.services.publishing import Publishing


def door(world: World) -> Publishing:
    return encoders_door(world.house, HmsStreamKeys(STREAM_SECRET))


async def ingest(world: World, **fields: Any) -> tuple[Json, Json, Joined]:
    """An encoder that is in."""
    room = await world.room()
    key = done(await world.api.post(f"/stream-keys/room/{room['id']}", json={"user_id": "studio", **fields}))
    found = await door(world).open(key["key"], "192.0.2.1")
    joined = await world.house.people.join(Ticket(found.grant, None, found.identity, found.name))
    return room, key, joined


async def events(world: World, room: Json, query: str = "") -> list[Json]:
    found: list[Json] = done(await world.sdk.get(f"/analytics/events?room_id={room['id']}{query}"))["events"]
    return found


async def test_an_ingest_begins_and_ends_by_names_of_its_own(world: World) -> None:
    room, _, joined = await ingest(world)
    await world.house.people.leave(joined.participant.id, LeaveReason.VANISHED)
    names = [one["type"] for one in await events(world, room)]
    assert names == ["session.close.success", "ingest.end.success", "ingest.start.success", "session.open.success"]
    (start,) = await events(world, room, "&type=ingest.start.success")
    data = start["data"]
    assert (data["room_id"], data["ingest_id"]) == (room["id"], str(joined.participant.id))
    assert (data["stream_id"], data["user_id"]) == (data["ingest_id"], "studio")
    (end,) = await events(world, room, "&type=ingest.end")
    assert end["data"].items() >= data.items()
    assert end["data"]["reason"] == "reconnection window expired"
    assert end["data"]["duration"] == 0 and end["data"]["completed_at"] >= end["data"]["last_disconnected_at"]


async def test_peers_and_ingests_are_told_apart(world: World) -> None:
    room, _, joined = await ingest(world)
    codes = await world.codes(room)
    peer = await world.enter(room, codes["host"])
    (one,) = await events(world, room, "&type=peer.join.success")
    assert one["data"]["peer_id"] == str(peer.participant.id)
    (one,) = await events(world, room, "&type=ingest.start.success")
    assert one["data"]["ingest_id"] == str(joined.participant.id)
    assert len(await events(world, room, "&type=peer.join.success,ingest.start.success")) == 2
    await world.house.people.leave(joined.participant.id, LeaveReason.VANISHED)
    assert await events(world, room, "&error=true") == []
    document = done(await world.api.get(f"/analytics/events?room_id={room['id']}&type=ingest.end"))["data"]
    assert [one["type"] for one in document] == ["ingest.end"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (LeaveReason.LEFT, "client request"),
        (LeaveReason.REMOVED, "peer kicked"),
        (LeaveReason.SESSION_ENDED, "room ended"),
        (LeaveReason.SERVER_CRASHED, "server crashed"),
    ],
)
async def test_an_end_says_why(world: World, reason: LeaveReason, words: str) -> None:
    room, _, joined = await ingest(world)
    await world.house.people.leave(joined.participant.id, reason)
    (end,) = await events(world, room, "&type=ingest.end.success")
    assert end["data"]["reason"] == words
    assert end["data"]["last_disconnected_at"] == end["data"]["completed_at"]


async def test_a_true_key_that_lets_nobody_in_is_told(world: World) -> None:
    room, key, _ = await ingest(world)
    done(await world.api.delete(f"/stream-keys/room/{room['id']}"))
    for _ in range(30):
        with pytest.raises(KeyDisabled):
            await door(world).open(key["key"], "192.0.2.1")
    found = await events(world, room, "&type=ingest.start.failure&limit=100")
    assert found[0]["data"]["error_message"] == "stream key disabled"
    assert found[0]["data"]["room_id"] == room["id"]
    assert await events(world, room, "&type=peer.join.failure") == []
    opened = door(world)
    before = len(found)
    for _ in range(30):
        with pytest.raises(KeyDisabled):
            await opened.open(key["key"], "192.0.2.1")
    assert len(await events(world, room, "&type=ingest.start.failure&limit=100")) == before + 10


async def test_what_could_not_be_used_is_told(world: World) -> None:
    room, _, joined = await ingest(world)
    await door(world).failed(joined.participant, "a codec that nobody knows " * 100)
    (one,) = await events(world, room, "&type=ingest.failure")
    assert one["data"]["error_message"].startswith("a codec") and len(one["data"]["error_message"]) == 200
    assert one["data"]["ingest_id"] == str(joined.participant.id)
    assert "ingest.failure" in [each["type"] for each in await events(world, room)]
    refused(await world.sdk.get("/analytics/events?type=nothing"), 400)
