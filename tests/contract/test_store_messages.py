"""Messages, their numbers, and the ranges they are read in."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, make_message, uuid

from polyroom.domain.errors import Invalid
from polyroom.domain.message import Audience, Message
from polyroom.domain.room import Room
from polyroom.services.ports.messages import Stretch
from polyroom.services.ports.store import Store


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


async def say(store: Store, room: Room, count: int, **more: Any) -> list[Message]:
    return await store.write(lambda tx: [tx.messages.add(make_message(room, **more)) for _ in range(count)])


def numbers(messages: Sequence[Message]) -> list[int]:
    return [one.number for one in messages]


async def test_a_message_comes_back_as_it_was_said(store: Store, rooms: list[Room]) -> None:
    whole = make_message(
        rooms[0],
        session_id=uuid(),
        sender_id=uuid(),
        sender_identity="ada",
        sender_session="eu#abc",
        sender_updated=2**53,
        client_id="my-1",
        kind="poll",
        mime_type="application/json",
        tags=("a", "", "ü"),
        audience=Audience.PEOPLE,
        audience_role="host",
        recipients=("ben", "cleo"),
    )
    assert await store.write(lambda tx: tx.messages.add(whole)) == replace(whole, number=1)
    assert await store.read(lambda tx: tx.messages.last(rooms[0].id, Stretch(), 10)) == [replace(whole, number=1)]


async def test_a_text_with_a_nul_is_refused(store: Store, rooms: list[Room]) -> None:
    with pytest.raises(Invalid):
        await say(store, rooms[0], 1, text="a\0b")
    assert numbers(await say(store, rooms[0], 1)) == [1]


async def test_each_room_counts_for_itself_however_many_speak_at_once(store: Store, rooms: list[Room]) -> None:
    said = await asyncio.gather(*(say(store, rooms[number % 2], 1) for number in range(100)))
    for room in rooms:
        given = [message.number for (message,) in said if message.room_id == room.id]
        assert sorted(given) == list(range(1, 51))


async def test_a_stretch_is_read_from_either_end(store: Store, rooms: list[Room]) -> None:
    room = rooms[0]
    await say(store, room, 20)
    await say(store, rooms[1], 3)

    async def read(end: str, limit: int, **ends: int) -> list[int]:
        stretch = Stretch(**ends)
        return numbers(await store.read(lambda tx: getattr(tx.messages, end)(room.id, stretch, limit)))

    assert await read("last", 3) == [18, 19, 20]
    assert await read("last", 3, before=10) == [7, 8, 9]
    assert await read("last", 3, after=8, before=10) == [9]
    assert await read("first", 3) == [1, 2, 3]
    assert await read("first", 3, after=10) == [11, 12, 13]
    assert await read("first", 30, after=18) == [19, 20]
    assert await read("first", 30, after=20) == []
    assert await read("last", 3, before=1) == []


async def test_a_purge_deletes_in_steps_and_the_numbers_go_on(store: Store, rooms: list[Room]) -> None:
    room, other = rooms
    await say(store, room, 5)
    await say(store, other, 1)
    upto = await store.read(lambda tx: tx.messages.last_number(room.id))
    await say(store, room, 1)
    steps = [await store.write(lambda tx: tx.messages.purge(room.id, upto, 3)) for _ in range(3)]
    assert (upto, steps) == (5, [3, 2, 0])
    assert numbers(await store.read(lambda tx: tx.messages.last(room.id, Stretch(), 10))) == [6]
    assert await store.write(lambda tx: tx.messages.purge(room.id, 6, 10)) == 1
    assert numbers(await say(store, room, 1)) == [7]
    assert numbers(await store.read(lambda tx: tx.messages.last(other.id, Stretch(), 10))) == [1]
    assert await store.read(lambda tx: tx.messages.last_number(uuid())) == 0


async def test_old_messages_go_oldest_first_and_their_numbers_are_not_given_again(
    store: Store, rooms: list[Room]
) -> None:
    room = rooms[0]
    for age in (1, 3, 2):
        await say(store, room, 1, sent_at=NOW - timedelta(days=age))
    assert await store.write(lambda tx: tx.messages.expire(NOW - timedelta(days=1), 1)) == 1
    assert numbers(await store.read(lambda tx: tx.messages.last(room.id, Stretch(), 10))) == [1, 3]
    assert await store.write(lambda tx: tx.messages.expire(NOW - timedelta(days=1), 10)) == 1
    assert await store.write(lambda tx: tx.messages.expire(NOW, 10)) == 1
    assert numbers(await say(store, room, 1)) == [4]
