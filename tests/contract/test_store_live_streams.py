"""Live streams: kept whole, found by every id, in pages that go on where the last one ended."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, uuid

from polyroom.domain.live_stream import EndReason, LiveState, LiveStream
from polyroom.domain.recording import Layout
from polyroom.domain.room import Room
from polyroom.services.ports.live_streams import LiveStreamSearch
from polyroom.services.ports.store import Store
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


def make_stream(room: Room, **more: Any) -> LiveStream:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": room.account_id,
        "room_id": room.id,
        "session_id": uuid(),
        "layout": Layout.SPEAKER,
        "renditions": ("720", "alo"),
        "protected": True,
        "settings": {"meeting_url": "https://ü.example"},
        "started_by": "peer",
        "recording_id": uuid(),
        "created_at": NOW,
        "updated_at": NOW,
    }
    return LiveStream(**fields | more)


async def add(store: Store, *streams: LiveStream) -> None:
    await store.write(lambda tx: [tx.live_streams.add(one) for one in streams])


async def found(store: Store, limit: int = 10, **search: Any) -> Sequence[LiveStream]:
    return await store.read(lambda tx: tx.live_streams.search(LiveStreamSearch(**search), limit))


async def test_a_stream_comes_back_by_each_of_its_ids(store: Store, rooms: list[Room]) -> None:
    made = make_stream(rooms[0])
    plain = make_stream(rooms[0], recording_id=None, renditions=(), protected=False, settings={})
    await add(store, made, plain)
    assert await store.read(lambda tx: tx.live_streams.get(made.id)) == made
    assert await store.read(lambda tx: tx.live_streams.get(plain.id)) == plain
    assert await store.read(lambda tx: tx.live_streams.by_hms_id(made.account_id, made.hms_id)) == made
    assert made.recording_id is not None
    assert await store.read(lambda tx: tx.live_streams.by_recording(made.recording_id or uuid())) == made
    assert await store.read(lambda tx: tx.live_streams.by_hms_id(uuid(), made.hms_id)) is None
    assert await store.read(lambda tx: tx.live_streams.by_hms_id(made.account_id, "\0")) is None
    assert await store.read(lambda tx: tx.live_streams.get(uuid())) is None
    assert await store.write(lambda tx: tx.live_streams.get(made.id, lock=True)) == made


async def test_its_course_is_kept_and_what_is_over_is_not_unfinished(store: Store, rooms: list[Room]) -> None:
    made, other = make_stream(rooms[0]), make_stream(rooms[1])
    await add(store, made, other)
    running = made.moved(LiveState.RUNNING, later(1))
    stopping = running.moved(LiveState.STOPPING, later(2), by="me", reason=EndReason.ASKED)
    ended = stopping.moved(LiveState.STOPPED, later(3))
    await store.write(lambda tx: tx.live_streams.update(running))
    assert await store.read(lambda tx: tx.live_streams.unfinished(rooms[0].id)) == [running]
    assert await store.read(lambda tx: tx.live_streams.unfinished()) == [running, other]
    await store.write(lambda tx: tx.live_streams.update(ended))
    assert await store.read(lambda tx: tx.live_streams.get(made.id)) == ended
    assert (ended.started_at, ended.stopped_at, ended.stopped_by) == (later(1), later(2), "me")
    assert await store.read(lambda tx: tx.live_streams.unfinished()) == [other]


async def test_pages_go_latest_first_and_may_be_narrowed(store: Store, rooms: list[Room]) -> None:
    made = [make_stream(rooms[number % 2]) for number in range(5)]
    await add(store, *made)
    await store.write(lambda tx: tx.live_streams.update(made[1].moved(LiveState.FAILED, later(1), failure="x")))
    account = rooms[0].account_id
    first = await found(store, 2, account_id=account)
    assert first == made[:2:-1]
    rest = await found(store, 9, account_id=account, after=first[-1].id)
    assert [one.id for one in rest] == [one.id for one in made[2::-1]]
    assert [one.id for one in await found(store, account_id=account, room_id=rooms[1].id)] == [made[3].id, made[1].id]
    assert await found(store, account_id=account, session_id=made[2].session_id) == [made[2]]
    (failed,) = await found(store, account_id=account, states=frozenset({LiveState.FAILED}))
    assert (failed.id, failed.failure) == (made[1].id, "x")
    assert await found(store, account_id=uuid()) == []
