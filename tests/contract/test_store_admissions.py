"""Admissions and access codes."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from tests.contract.store_making import Tenant, add, later, make_admission, make_code, uuid

from polyroom.domain.account import Dialect
from polyroom.domain.errors import Invalid
from polyroom.domain.room import Room
from polyroom.services.ports.store import Store, Transaction


@pytest.fixture
async def room(store: Store, tenant: Tenant) -> Room:
    made = tenant.room()
    await store.write(add(made))
    return made


async def test_an_admission_is_found_by_id_short_id_and_token(store: Store, room: Room) -> None:
    admission = make_admission(room, expires_at=later(60), last_usage=later(1))
    await store.write(lambda tx: tx.admissions.add(admission))

    def look(tx: Transaction) -> None:
        assert tx.admissions.get(admission.id) == admission
        assert tx.admissions.by_short_id(room.id, admission.short_id) == admission
        assert tx.admissions.by_short_id(uuid(), admission.short_id) is None
        assert tx.admissions.by_token(Dialect.STREAMWISE, admission.token) == admission
        assert tx.admissions.by_token(Dialect.HMS, admission.token) is None
        for text in ("", "\0", "\ud800", admission.token.swapcase(), "%"):
            assert tx.admissions.by_token(Dialect.STREAMWISE, text) is None
            assert tx.admissions.by_short_id(room.id, text) is None

    await store.read(look)


async def test_a_token_is_unique_in_its_dialect(store: Store, room: Room) -> None:
    admission = make_admission(room)
    await store.write(lambda tx: tx.admissions.add(admission))
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.admissions.add(make_admission(room, token=admission.token)))
    await store.write(lambda tx: tx.admissions.add(make_admission(room, token=admission.token, dialect=Dialect.HMS)))


async def test_a_room_has_one_automatic_admission(store: Store, room: Room) -> None:
    await store.write(lambda tx: tx.admissions.add(make_admission(room)))
    assert await store.read(lambda tx: tx.admissions.automatic(room.id)) is None
    guest = make_admission(room, automatic=True)
    await store.write(lambda tx: tx.admissions.add(guest))
    assert await store.read(lambda tx: tx.admissions.automatic(room.id)) == guest
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.admissions.add(make_admission(room, automatic=True)))


async def test_admissions_of_rooms_come_oldest_first_and_of_one_dialect(
    store: Store, tenant: Tenant, room: Room
) -> None:
    other, third = tenant.room(), tenant.room()
    mine = [make_admission(one, created_at=later(at)) for one, at in ((room, 3), (other, 1), (room, 2), (third, 0))]
    foreign = make_admission(room, dialect=Dialect.HMS)

    def unit(tx: Transaction) -> None:
        tx.rooms.add(other)
        tx.rooms.add(third)
        for one in (*mine, foreign):
            tx.admissions.add(one)

    await store.write(unit)
    listed = await store.read(lambda tx: tx.admissions.of_rooms([room.id, other.id, room.id], Dialect.STREAMWISE))
    assert listed == [mine[1], mine[2], mine[0]]
    assert await store.read(lambda tx: tx.admissions.of_rooms([], Dialect.STREAMWISE)) == []
    thousand = [uuid() for _ in range(1000)]
    assert await store.read(lambda tx: tx.admissions.of_rooms([*thousand, third.id], Dialect.STREAMWISE)) == [mine[3]]


async def test_an_update_leaves_token_and_usage_alone(store: Store, room: Room) -> None:
    old = make_admission(room)
    await store.write(lambda tx: tx.admissions.add(old))
    await store.write(lambda tx: tx.admissions.touch(old.id, later(3)))
    await store.write(lambda tx: tx.admissions.update(replace(old, label="host", token="new", expires_at=later(9))))
    changed = replace(old, label="host", expires_at=later(9), last_usage=later(3))
    assert await store.read(lambda tx: tx.admissions.get(old.id)) == changed
    await store.write(lambda tx: tx.admissions.delete(old.id))
    await store.write(lambda tx: tx.admissions.delete(old.id))
    assert await store.read(lambda tx: tx.admissions.get(old.id)) is None


async def test_a_code_is_unique_in_its_room(store: Store, tenant: Tenant, room: Room) -> None:
    other = tenant.room()
    await store.write(add(other))
    first, second = make_code(room, "0042"), make_code(room, "42", created_at=later(-1))
    for one in (first, second, make_code(other, "0042")):
        await store.write(lambda tx, one=one: tx.admissions.add_code(one))
    with pytest.raises(Invalid) as caught:
        await store.write(lambda tx: tx.admissions.add_code(make_code(room, "0042")))
    assert (caught.value.field, caught.value.rule) == ("code", "taken")
    with pytest.raises(Invalid):
        await store.write(lambda tx: tx.admissions.update_code(replace(second, code="0042")))
    await store.write(lambda tx: tx.admissions.update_code(replace(first, label="host")))
    assert await store.read(lambda tx: tx.admissions.codes_of_rooms([room.id])) == [
        second,
        replace(first, label="host"),
    ]


async def test_a_code_for_a_room_that_is_not_there_is_not_taken(store: Store, tenant: Tenant) -> None:
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.admissions.add_code(make_code(tenant.room(), "1")))


async def test_codes_are_found_used_and_deleted(store: Store, room: Room) -> None:
    code = make_code(room, "1", expires_at=later(5))
    await store.write(lambda tx: tx.admissions.add_code(code))
    await store.write(lambda tx: tx.admissions.touch_code(code.id, later(2)))
    used = replace(code, last_usage=later(2))
    assert await store.read(lambda tx: tx.admissions.get_code(code.id)) == used
    assert await store.read(lambda tx: tx.admissions.code_by_short_id(room.id, code.short_id)) == used
    assert await store.read(lambda tx: tx.admissions.code_by_short_id(uuid(), code.short_id)) is None
    assert await store.read(lambda tx: tx.admissions.code_by_short_id(room.id, "\0")) is None
    await store.write(lambda tx: tx.admissions.delete_code(code.id))
    assert await store.read(lambda tx: tx.admissions.get_code(code.id)) is None
    assert await store.read(lambda tx: tx.admissions.codes_of_rooms([])) == []
