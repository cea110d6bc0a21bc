"""Recordings and their files: kept whole, found by every id, in pages that go on where the last one ended."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, uuid

from polyroom.domain.recording import AssetKind, Layout, Recording, RecordingAsset, RecordingKind, RecordingState
from polyroom.domain.room import Room
from polyroom.services.ports.paging import Span
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.ports.store import Store
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


def make_recording(room: Room, **more: Any) -> Recording:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": room.account_id,
        "room_id": room.id,
        "session_id": uuid(),
        "kind": RecordingKind.COMPOSITE,
        "layout": Layout.SIDEBAR,
        "width": 1280,
        "height": 720,
        "settings": {"meeting_url": "https://ü.example", "resolution": {"width": 1280}},
        "started_by": "peer",
        "created_at": NOW,
        "updated_at": NOW,
    }
    return Recording(**fields | more)


def make_asset(recording: Recording, **more: Any) -> RecordingAsset:
    fields = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "account_id": recording.account_id,
        "room_id": recording.room_id,
        "session_id": recording.session_id,
        "recording_id": recording.id,
        "kind": AssetKind.COMPOSITE,
        "path": "a/b.mp4",
        "bytes": 2**40,
        "milliseconds": 90_000,
        "width": 1280,
        "height": 720,
        "sha256": "0" * 64,
        "created_at": NOW,
    }
    return RecordingAsset(**fields | more)


async def add(store: Store, *recordings: Recording) -> None:
    await store.write(lambda tx: [tx.recordings.add(one) for one in recordings])


async def found(store: Store, limit: int = 10, **search: Any) -> Sequence[Recording]:
    return await store.read(lambda tx: tx.recordings.search(RecordingSearch(**search), limit))


async def test_a_recording_comes_back_by_each_of_its_ids(store: Store, rooms: list[Room]) -> None:
    made = make_recording(rooms[0])
    await add(store, made)
    assert await store.read(lambda tx: tx.recordings.get(made.id)) == made
    assert await store.read(lambda tx: tx.recordings.by_hms_id(made.account_id, made.hms_id)) == made
    assert await store.read(lambda tx: tx.recordings.by_hms_id(uuid(), made.hms_id)) is None
    assert await store.read(lambda tx: tx.recordings.get(uuid())) is None


async def test_its_course_is_kept_and_what_is_over_is_not_unfinished(store: Store, rooms: list[Room]) -> None:
    made, other = make_recording(rooms[0]), make_recording(rooms[1])
    await add(store, made, other)
    running = made.moved(RecordingState.RUNNING, later(1))
    ended = running.moved(RecordingState.STOPPING, later(2), by="me").moved(
        RecordingState.FAILED, later(3), failure="x"
    )
    await store.write(lambda tx: tx.recordings.update(running))
    assert await store.read(lambda tx: tx.recordings.unfinished(rooms[0].id)) == [running]
    assert await store.read(lambda tx: tx.recordings.unfinished()) == [running, other]
    await store.write(lambda tx: tx.recordings.update(ended))
    assert await store.read(lambda tx: tx.recordings.get(made.id)) == ended
    assert await store.read(lambda tx: tx.recordings.unfinished()) == [other]


async def test_pages_go_latest_first_and_may_be_narrowed(store: Store, rooms: list[Room]) -> None:
    made = [make_recording(rooms[number % 2]) for number in range(5)]
    await add(store, *made)
    account = rooms[0].account_id
    first = await found(store, 2, account_id=account)
    assert first == made[:2:-1]
    assert await found(store, 9, account_id=account, after=first[-1].id) == made[2::-1]
    assert await found(store, account_id=account, room_id=rooms[1].id) == [made[3], made[1]]
    assert await found(store, account_id=account, session_id=made[2].session_id) == [made[2]]
    assert await found(store, account_id=uuid()) == []
    at = later(10**9)
    assert await found(store, account_id=account, made=Span(since=at)) == []
    assert len(await found(store, account_id=account, made=Span(before=at))) == 5


async def test_files_are_found_by_recording_and_by_search(store: Store, rooms: list[Room]) -> None:
    recordings = [make_recording(room) for room in rooms]
    await add(store, *recordings)
    assets = [make_asset(one) for one in (*recordings, recordings[0])]
    await store.write(lambda tx: [tx.recordings.add_asset(asset) for asset in assets])
    first = assets[0]
    assert await store.read(lambda tx: tx.recordings.asset(first.id)) == first
    assert await store.read(lambda tx: tx.recordings.asset_by_hms_id(first.account_id, first.hms_id)) == first
    assert await store.read(lambda tx: tx.recordings.assets_of(recordings[0].id)) == [assets[0], assets[2]]
    search = RecordingSearch(first.account_id, room_id=rooms[1].id)
    assert await store.read(lambda tx: tx.recordings.search_assets(search, 5)) == [assets[1]]
