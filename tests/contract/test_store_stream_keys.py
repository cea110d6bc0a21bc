"""Stream keys: kept whole, latest first, those of deleted rooms included."""

import pytest
from tests.contract.store_making import NOW, Tenant, later, uuid

from polyroom.domain.room import Room
from polyroom.domain.stream_key import StreamKey
from polyroom.services.ports.store import Store
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


def make_key(room: Room, *, enabled: bool = True, expires: bool = False) -> StreamKey:
    return StreamKey(
        id=uuid(),
        hms_id=IDS.hex24(),
        account_id=room.account_id,
        room_id=room.id,
        role="hôst",
        user_id="student-1",
        enabled=enabled,
        created_at=NOW,
        updated_at=NOW,
        expires_at=later(60) if expires else None,
    )


async def test_a_key_comes_back_as_it_was_kept(store: Store, rooms: list[Room]) -> None:
    made, passing = make_key(rooms[0]), make_key(rooms[0], enabled=False, expires=True)
    await store.write(lambda tx: [tx.stream_keys.add(one) for one in (made, passing)])
    assert await store.read(lambda tx: tx.stream_keys.get(made.id)) == made
    assert await store.read(lambda tx: tx.stream_keys.get(passing.id)) == passing
    assert await store.read(lambda tx: tx.stream_keys.get(uuid())) is None


async def test_only_whether_it_works_changes(store: Store, rooms: list[Room]) -> None:
    made = make_key(rooms[0])
    await store.write(lambda tx: tx.stream_keys.add(made))
    changed = StreamKey(**{**_fields(made), "enabled": False, "updated_at": later(5), "role": "other"})
    await store.write(lambda tx: tx.stream_keys.update(changed))
    kept = await store.write(lambda tx: tx.stream_keys.get(made.id, lock=True))
    assert kept == StreamKey(**{**_fields(made), "enabled": False, "updated_at": later(5)})


async def test_the_latest_keys_of_a_room_come_first(store: Store, rooms: list[Room]) -> None:
    made = [make_key(rooms[0]) for _ in range(5)]
    other = make_key(rooms[1])
    await store.write(lambda tx: [tx.stream_keys.add(one) for one in (*made, other)])
    assert await store.read(lambda tx: tx.stream_keys.of_room(rooms[0].id, 10)) == made[::-1]
    assert await store.read(lambda tx: tx.stream_keys.of_room(rooms[0].id, 2)) == made[:-3:-1]
    await store.write(lambda tx: tx.stream_keys.remove(made[0].id))
    assert await store.read(lambda tx: tx.stream_keys.of_room(rooms[0].id, 10)) == made[:0:-1]


def _fields(key: StreamKey) -> dict[str, object]:
    return {name: getattr(key, name) for name in StreamKey.__slots__}
