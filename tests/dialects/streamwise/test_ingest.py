"""Where encoders send what live and simulcast rooms show. Source: Rooms document, "Room Type"."""

import re

import pytest
from tests.dialects.house import RTMP_URL, STREAM_SECRET, encoders_door
from tests.dialects.streamwise.world import World

from polyroom.dialects.streamwise import StreamwiseStreamKeys
from polyroom.domain.errors import AdmissionRefused, RoomDisabled
from polyroom.domain.session import ParticipantKind
from polyroom.services.publishing import Publishing
from polyroom.wire import stream_keys


def door(world: World) -> Publishing:
    return encoders_door(world.house, StreamwiseStreamKeys(STREAM_SECRET))


@pytest.mark.parametrize("kind", ["live", "simulcast"])
async def test_rooms_that_take_an_encoder_say_where(world: World, kind: str) -> None:
    room = await world.room(room_type=kind)
    ingest = room["ingest"]
    assert room["data"]["ingest"] == ingest
    assert (ingest["protocol"], ingest["url"]) == ("rtmp", RTMP_URL)
    assert re.fullmatch("[0-9A-Za-z]{104}", ingest["stream_key"])
    assert (await world.api.get(f"/rooms/{room['id']}")).json()["ingest"] == ingest
    assert [one["ingest"] for one in await world.list("/rooms")] == [ingest]
    assert (await world.api.get(f"/rooms/{room['id']}/status")).json()["ingest"] == ingest
    found = await door(world).open(ingest["stream_key"], "192.0.2.1")
    assert (found.room.streamwise_id, found.grant.label) == (room["id"], "attendee")
    assert found.grant.kind is ParticipantKind.INGRESS


@pytest.mark.parametrize("kind", ["meet", "video"])
async def test_other_rooms_take_none(world: World, kind: str) -> None:
    room = await world.room(room_type=kind)
    assert "ingest" not in room
    made = (await world.rooms.get(world.account_id, room["id"])).room
    with pytest.raises(AdmissionRefused):
        await door(world).open(stream_keys.make(STREAM_SECRET, made.id, b"streamwise"), "192.0.2.1")


async def test_a_meetings_status_says_nothing_of_encoders(world: World) -> None:
    room = await world.room()
    assert "ingest" not in (await world.api.get(f"/rooms/{room['id']}/status")).json()


async def test_filter_keeps_the_key_to_itself(world: World) -> None:
    room = await world.room(room_type="live")
    assert set((await world.api.get(f"/rooms/{room['id']}?filter=id")).json()["data"]) == {"id"}


async def test_a_room_that_is_gone_or_inactive_takes_no_encoder(world: World) -> None:
    room, gone = await world.room(room_type="live"), await world.room(room_type="live")
    assert (await world.api.patch(f"/rooms/{room['id']}", json={"status": "inactive"})).status_code == 200
    with pytest.raises(RoomDisabled):
        await door(world).open(room["ingest"]["stream_key"], "192.0.2.1")
    assert (await world.api.delete(f"/rooms/{gone['id']}")).status_code == 204
    with pytest.raises(AdmissionRefused):
        await door(world).open(gone["ingest"]["stream_key"], "192.0.2.1")
