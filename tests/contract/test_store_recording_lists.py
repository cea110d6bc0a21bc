"""Recordings by kind in pages by number; their deletion; and who is told of a composition."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, make_asset, make_event, make_recording, uuid

from polyroom.domain.events import EventType
from polyroom.domain.recording import Recording, RecordingKind, RecordingState
from polyroom.domain.room import Room
from polyroom.domain.webhook import WebhookFormat
from polyroom.services.ports.paging import Span
from polyroom.services.ports.recordings import RecordingListing
from polyroom.services.ports.store import Store, Transaction

SOUND, PICTURES, COMPOSITION = (
    RecordingKind.PARTICIPANT_AUDIO,
    RecordingKind.PARTICIPANT_VIDEO,
    RecordingKind.COMPOSITION,
)
PEOPLE = frozenset({SOUND, PICTURES})


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


async def kept(store: Store, *made: Recording, seconds: int | None = None) -> None:
    def unit(tx: Transaction) -> None:
        for one in made:
            tx.recordings.add(one)
            if seconds is not None:
                tx.recordings.add_asset(make_asset(one, path=f"a/{one.id}", milliseconds=seconds * 1000))

    await store.write(unit)


async def found(store: Store, room: Room, kinds: frozenset[RecordingKind] = PEOPLE, **more: Any) -> Sequence[Recording]:
    listing = RecordingListing(room.account_id, kinds, **more)
    return (await store.read(lambda tx: tx.recordings.listed(listing))).items


async def test_pages_by_number_may_be_narrowed_by_everything(store: Store, rooms: list[Room]) -> None:
    first, second = rooms
    person, track = uuid(), uuid()
    made = [
        make_recording(
            rooms[number % 2],
            kind=(SOUND, PICTURES)[number // 2 % 2],
            participant_id=person if number < 3 else uuid(),
            track_id=track if number == 0 else None,
            created_at=later(number),
            started_at=later(number),
            stopped_at=later(10 + number),
            state=RecordingState.COMPLETED if number < 4 else RecordingState.RUNNING,
        )
        for number in range(6)
    ]
    await kept(store, *made[:3], seconds=5)
    await kept(store, *made[3:], make_recording(first), make_recording(first, kind=COMPOSITION))
    latest = list(reversed(made))
    assert await found(store, first) == latest
    assert latest[-1].track_id == track
    assert await found(store, first, frozenset({SOUND})) == [one for one in latest if one.kind is SOUND]
    assert await found(store, first, room_id=second.id) == latest[::2]
    assert await found(store, first, session_id=made[1].session_id) == [made[1]]
    assert await found(store, first, participant_id=person) == latest[3:]
    assert await found(store, first, states=frozenset({RecordingState.RUNNING})) == latest[:2]
    assert await found(store, first, states=frozenset()) == []
    assert await found(store, first, made=Span(later(1), later(3))) == latest[3:5]
    assert await found(store, first, started=Span(since=later(4))) == latest[:2]
    assert await found(store, first, ended=Span(before=later(12))) == latest[4:]
    assert await found(store, first, seconds=5) == latest[3:]
    assert await found(store, first, seconds=6) == []
    page = await store.read(
        lambda tx: tx.recordings.listed(RecordingListing(first.account_id, PEOPLE, offset=4, limit=4))
    )
    assert (list(page.items), page.total) == (latest[4:], 6)
    beyond = await store.read(
        lambda tx: tx.recordings.listed(RecordingListing(first.account_id, PEOPLE, offset=2**31 - 1, limit=4))
    )
    assert (list(beyond.items), beyond.total) == ([], 6)
    assert await found(store, replace(first, account_id=uuid())) == []


async def test_what_is_deleted_leaves_its_paths_until_they_are_off_the_disk(store: Store, rooms: list[Room]) -> None:
    one, other, bare = (make_recording(rooms[0], kind=SOUND) for _ in range(3))
    await kept(store, one, other, seconds=1)
    await kept(store, bare)
    await store.write(lambda tx: tx.recordings.delete([one.id, bare.id, uuid()], NOW))
    await store.write(lambda tx: tx.recordings.delete([], NOW))
    assert await found(store, rooms[0]) == [other]
    assert await store.read(lambda tx: tx.recordings.assets_of(one.id)) == []
    assert await store.read(lambda tx: tx.recordings.discarded()) == [f"a/{one.id}"]
    await store.write(lambda tx: tx.recordings.off_the_disk([f"a/{one.id}", "never"]))
    await store.write(lambda tx: tx.recordings.off_the_disk([]))
    assert await store.read(lambda tx: tx.recordings.discarded()) == []


async def test_a_composition_is_told_to_its_own_address_and_to_no_room_of_telnyx(store: Store, tenant: Tenant) -> None:
    room = tenant.room(telnyx={"webhook_event_url": "https://example.com/room"})
    urls = {"webhook_event_url": "https://example.com/own", "webhook_event_failover_url": "https://example.org/own"}
    made = make_recording(room, kind=COMPOSITION, settings={**urls, "webhook_timeout_secs": 7})
    silent = make_recording(room, kind=COMPOSITION, settings={"webhook_event_url": None})
    person = make_recording(room, kind=SOUND)

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        for one in (made, silent, person):
            tx.recordings.add(one)
        for kind in (EventType.RECORDING_STARTED, EventType.RECORDING_COMPLETED, EventType.RECORDING_FAILED):
            for one in (made, silent, person):
                data = {"recording": str(one.id), "kind": one.kind.value}
                tx.events.append([make_event(room, kind, data=data)])

    await store.write(unit)
    lanes = await store.write(lambda tx: tx.outbox.lease(later(60), later(120), 10))
    heard = {lane.receiver_id: lane for lane in lanes}
    assert len(heard) == 2 and made.id in heard
    own = await store.read(lambda tx: tx.outbox.receiver_of(heard[made.id]))
    assert own is not None and (own.format, own.url, own.timeout) == (
        WebhookFormat.TELNYX,
        "https://example.com/own",
        7,
    )
    assert own.failover_url == "https://example.org/own"
    told = await store.read(lambda tx: {key: tx.outbox.first_of(lane.id, 10) for key, lane in heard.items()})
    counts = {key == made.id: len(some) for key, some in told.items()}
    assert counts == {True: 1, False: 2}
    await store.write(lambda tx: tx.recordings.delete([made.id], NOW))
    assert await store.read(lambda tx: tx.outbox.receiver_of(heard[made.id])) is None
