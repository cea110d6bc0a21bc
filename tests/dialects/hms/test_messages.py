"""`/active-rooms/{id}/send-message`: to all, to a role, to one peer, however its id is spelled."""

from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.message import TEXT_BYTES, Audience, Message
from polyroom.services.participants import Joined
from polyroom.services.ports.feed import MessageSent
from polyroom.services.ports.messages import Stretch


async def kept(world: World, room: Json) -> list[Message]:
    room_id = await world.house.room_id(room["id"])
    return list(await world.house.store.read(lambda tx: tx.messages.last(room_id, Stretch(), 100)))


async def meeting(world: World) -> tuple[Json, str, Joined]:
    """A room, the path that sends there, and a guest who is in."""
    room = await world.room(name="class")
    joined = await world.enter(room, app_token(world.key, room, "guest", user_id="student-1"), name="Ada")
    return room, f"/active-rooms/{room['id']}/send-message", joined


async def test_a_message_goes_to_everyone_in_the_answer_of_each_edition(world: World) -> None:
    room, path, joined = await meeting(world)
    told: list[Any] = []
    world.house.departures.feed.listen(told.append)  # type: ignore[attr-defined]
    assert done(await world.api.post(path, json={"message": "Hello 🎉"})) == {}
    assert done(await world.sdk.post(path, json={"message": "{}", "type": "PIN"})) == {"message": "message sent"}
    first, second = await kept(world, room)
    assert (first.number, first.text, first.kind, first.audience) == (1, "Hello 🎉", "chat", Audience.EVERYONE)
    assert (second.number, second.text, second.kind) == (2, "{}", "PIN")
    assert first.session_id == joined.participant.session_id
    assert told == [MessageSent(first), MessageSent(second)]
    assert first.is_for(joined.participant)


async def test_a_role_or_one_peer_gets_it_alone_and_the_peer_goes_before_the_role(world: World) -> None:
    room, path, ada = await meeting(world)
    host = await world.enter(room, app_token(world.key, room, "host", user_id="teacher"), name="Tom")
    peer = str(ada.participant.id)
    for body in (
        {"role": "host"},
        {"peer_id": peer},
        {"peerId": peer},
        {"peer_id": peer.upper(), "role": "host"},
        {"peer_id": None, "peerId": peer, "role": None},
    ):
        done(await world.sdk.post(path, json={"message": "psst", **body}))
    to_host, *to_ada = await kept(world, room)
    assert to_host.is_for(host.participant) and not to_host.is_for(ada.participant)
    assert len(to_ada) == 4
    for one in to_ada:
        assert one.is_for(ada.participant) and not one.is_for(host.participant)


async def test_a_room_nobody_is_in_and_a_peer_who_is_not_there_are_not_found(world: World) -> None:
    room, path, joined = await meeting(world)
    elsewhere = await meeting_of_others(world)
    for peer in ("x", str(world.house.ids.uuid()), elsewhere):
        refused(await world.api.post(path, json={"message": "x", "peer_id": peer, "role": "guest"}), 404)
    peer = str(joined.participant.id)
    await world.house.leave(joined)
    refused(await world.api.post(path, json={"message": "x"}), 404)
    refused(await world.api.post(path, json={"message": "x", "peer_id": peer}), 404)
    refused(await world.api.post("/active-rooms/unknown/send-message", json={"message": "x"}), 404)
    assert await kept(world, room) == []


async def meeting_of_others(world: World) -> str:
    room = await world.room(name="another")
    return str((await world.enter(room, app_token(world.key, room, "host"))).participant.id)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "message"),
        ({"message": None}, "message"),
        ({"message": ""}, "message"),
        ({"message": 5}, "message"),
        ({"message": "€" * (TEXT_BYTES // 3 + 1)}, "message"),
        ({"message": "x", "type": 5}, "type"),
        ({"message": "x", "type": ""}, "type"),
        ({"message": "x", "type": "t" * 65}, "type"),
        ({"message": "x", "peer_id": ""}, "peer_id"),
        ({"message": "x", "peerId": ""}, "peerId"),
        ({"message": "x", "peer_id": ["x"]}, "peer_id"),
        ({"message": "x", "role": ""}, "role"),
        ({"message": "x", "role": "nobody"}, "role"),
        ({"message": "a\0b"}, "message"),
    ],
)
async def test_what_cannot_be_sent_is_named_and_nothing_goes_out(world: World, body: Json, named: str) -> None:
    room, path, _ = await meeting(world)
    for client in (world.api, world.sdk):
        answer = refused(await client.post(path, json=body), 400)
        assert answer["details"][0].startswith(named)
    assert await kept(world, room) == []


async def test_the_largest_message_goes_out(world: World) -> None:
    room, path, _ = await meeting(world)
    done(await world.api.post(path, json={"message": "x" * TEXT_BYTES}))
    assert len((await kept(world, room))[0].text) == TEXT_BYTES
