"""Recordings and their files: kept whole, found by every id, in pages that go on where the last one ended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, make_asset, make_recording, uuid

from polyroom.domain.recording import Recording, RecordingState
from polyroom.domain.room import Room
from polyroom.services.ports.paging import Span
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


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


async def test_files_are_in_the_folder_until_they_are_in_the_bucket(store: Store, rooms: list[Room]) -> None:
    recording = make_recording(rooms[0])
    assets = [make_asset(recording) for _ in range(3)]

    def add(tx: Transaction) -> None:
        tx.recordings.add(recording)
        for one in assets:
            tx.recordings.add_asset(one)

    await store.write(add)
    assert await store.read(lambda tx: tx.recordings.local_assets(None, 2)) == assets[:2]
    assert await store.read(lambda tx: tx.recordings.local_assets(assets[1].id, 2)) == assets[2:]
    assert await store.write(lambda tx: tx.recordings.in_bucket(assets[0].id))
    assert not await store.write(lambda tx: tx.recordings.in_bucket(uuid()))
    assert await store.read(lambda tx: tx.recordings.local_assets(None, 9)) == assets[1:]
    moved = await store.read(lambda tx: tx.recordings.asset(assets[0].id))
    assert moved == replace(assets[0], in_bucket=True)


async def test_recordings_that_are_over_expire_with_their_files(store: Store, rooms: list[Room]) -> None:
    running, *over = [make_recording(rooms[0]) for _ in range(4)]
    over = [one.moved(RecordingState.COMPLETED, NOW) for one in over]

    def add(tx: Transaction) -> None:
        for number, one in enumerate([running, *over]):
            tx.recordings.add(one)
            tx.recordings.add_asset(make_asset(one, path=f"{number}.mp4"))

    await store.write(add)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    assert await store.write(lambda tx: tx.recordings.expire(soon - timedelta(days=1), 10)) == 0
    assert await store.write(lambda tx: tx.recordings.expire(soon, 2)) == 2
    assert await store.write(lambda tx: tx.recordings.expire(soon, 2)) == 1
    assert await store.read(lambda tx: tx.recordings.get(running.id)) == running
    assert await store.read(lambda tx: tx.recordings.get(over[0].id)) is None
    assert await store.read(lambda tx: tx.recordings.discarded()) == ["1.mp4", "2.mp4", "3.mp4"]
