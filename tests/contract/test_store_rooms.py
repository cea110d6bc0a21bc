"""Rooms and handles."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError
from tests.contract.store_making import (
    IDS,
    Tenant,
    add,
    later,
    make_admission,
    make_code,
    make_event,
    make_session,
    make_tenant,
    uuid,
)

from polyroom.domain.account import Dialect
from polyroom.domain.errors import HandleTaken, Invalid
from polyroom.domain.ids import ulid_of
from polyroom.domain.room import Handle, Namespace, Room, RoomKind
from polyroom.services.ports.store import RoomSearch, Store, Transaction


async def test_a_room_comes_back_as_it_was(store: Store, tenant: Tenant) -> None:
    room = tenant.room(
        "Überraschung 🎉 \u202e\u0301",
        description="line\nline\t'quote\" ; -- %_\\",
        kind=RoomKind.SIMULCAST,
        capacity=2**40,
        enabled=False,
        is_public=True,
        settings={"a": {"b": [1, 2.5, None, True]}, "ключ": "значение"},
        metadata={"nul": "\0", "half": "\ud800", "": []},
        feature_overrides={"max_participants": 3},
    )
    await store.write(add(room))
    assert await store.read(lambda tx: tx.rooms.get(room.id)) == room
    assert await store.write(lambda tx: tx.rooms.get(room.id, lock=True)) == room
    assert await store.read(lambda tx: tx.rooms.get(uuid())) is None


@pytest.mark.parametrize(("title", "rule"), [("a\0b", "nul"), ("a\ud800", "unicode")])
async def test_text_no_database_takes_is_refused_by_name(store: Store, tenant: Tenant, title: str, rule: str) -> None:
    with pytest.raises(Invalid) as caught:
        await store.write(add(tenant.room(title)))
    assert (caught.value.field, caught.value.rule) == ("title", rule)
    assert (await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))).total == 0


async def test_numbers_json_cannot_say_are_refused(store: Store, tenant: Tenant) -> None:
    with pytest.raises(Invalid, match="settings"):
        await store.write(add(tenant.room(settings={"x": float("nan")})))


async def test_a_room_is_found_by_every_form_of_its_id(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    forms = [str(room.id), str(room.id).upper(), ulid_of(room.id), ulid_of(room.id).upper(), room.hms_id]
    for form in [*forms, room.hms_id.upper(), room.phenix_id, room.streamwise_id]:
        assert await store.read(lambda tx, form=form: tx.rooms.find(tenant.id, form)) == room, form
        assert await store.read(lambda tx, form=form: tx.rooms.find(None, form)) == room, form


async def test_ids_of_odd_shapes_are_found_too(store: Store, tenant: Tenant) -> None:
    room = tenant.room(streamwise_id="short", hms_id="z")
    await store.write(add(room))
    assert await store.read(lambda tx: tx.rooms.find(tenant.id, "short")) == room
    assert await store.read(lambda tx: tx.rooms.find(tenant.id, "z")) == room


async def test_a_deleted_rooms_id_is_known_in_every_form_and_a_living_ones_is_not(store: Store, tenant: Tenant) -> None:
    stranger = await make_tenant(store)
    gone, alive = tenant.room(), tenant.room()
    await store.write(add(gone))
    await store.write(add(alive))
    await store.write(lambda tx: tx.rooms.delete(gone.id, later(1)))
    for form in (str(gone.id), ulid_of(gone.id), gone.hms_id, gone.phenix_id, gone.streamwise_id):
        assert await store.read(lambda tx, form=form: tx.rooms.was_deleted(tenant.id, form)), form
        assert not await store.read(lambda tx, form=form: tx.rooms.was_deleted(stranger.id, form)), form
    for form in (str(alive.id), alive.hms_id, alive.phenix_id, alive.streamwise_id, "standup", "", "\0"):
        assert not await store.read(lambda tx, form=form: tx.rooms.was_deleted(tenant.id, form)), form


async def test_another_accounts_room_is_not_found(store: Store, tenant: Tenant) -> None:
    stranger = await make_tenant(store)
    room = tenant.room()
    await store.write(add(room))
    for form in (str(room.id), ulid_of(room.id), room.hms_id, room.phenix_id, room.streamwise_id):
        assert await store.read(lambda tx, form=form: tx.rooms.find(stranger.id, form)) is None


@pytest.mark.parametrize(
    "nobody",
    ["", "\0", "\ud800", "x" * 100_000, "#", "%", "' OR 1=1 --", "f" * 24, "A" * 16, "0" * 26, "z" * 26, str(uuid())],
)
async def test_what_is_nobodys_id_finds_nothing(store: Store, tenant: Tenant, nobody: str) -> None:
    await store.write(add(tenant.room()))
    assert await store.read(lambda tx: tx.rooms.find(tenant.id, nobody)) is None


async def test_ids_are_unique_in_all_forms(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    for name in ("id", "hms_id", "phenix_id", "streamwise_id"):
        with pytest.raises(IntegrityError):
            await store.write(add(tenant.room(**{name: getattr(room, name)})))
    assert (await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))).total == 1


async def test_an_update_changes_what_may_change_and_nothing_else(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    wished = replace(
        room,
        title="Neu",
        enabled=False,
        capacity=4,
        metadata={"a": 1},
        updated_at=later(5),
        hms_id="x",
        kind=RoomKind.LIVE,
    )
    await store.write(lambda tx: tx.rooms.update(wished))
    kept = replace(wished, hms_id=room.hms_id, kind=room.kind)
    assert await store.read(lambda tx: tx.rooms.get(room.id)) == kept
    found = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch((("title", "neu"),))))
    assert found.items == [kept]


async def test_a_deleted_room_is_gone_with_names_admissions_and_codes_while_history_stays(
    store: Store, tenant: Tenant
) -> None:
    room, other = tenant.room(), tenant.room()
    session, admission, code = make_session(room), make_admission(room), make_code(room, "1")
    name = Handle(tenant.id, Namespace.HMS_NAME, "raum", room.id, "Raum")

    def fill(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.rooms.add(other)
        tx.rooms.claim(name)
        tx.admissions.add(admission)
        tx.admissions.add_code(code)
        tx.sessions.open(session)
        tx.events.append([make_event(room)])

    await store.write(fill)
    await store.write(lambda tx: tx.rooms.delete(room.id, later(1)))
    await store.write(lambda tx: tx.rooms.delete(room.id, later(2)))  # again changes nothing

    def look(tx: Transaction) -> None:
        assert tx.rooms.get(room.id) is None
        assert tx.rooms.find(None, room.hms_id) is None
        assert tx.rooms.by_handle(tenant.id, name.namespace, name.value) is None
        assert tx.admissions.get(admission.id) is None
        assert tx.admissions.by_token(Dialect.STREAMWISE, admission.token) is None
        assert tx.admissions.codes_of_rooms([room.id]) == []
        assert tx.sessions.get(session.id) == session
        assert len(tx.events.of_room(room.id)) == 1
        page = tx.rooms.search(tenant.id, RoomSearch())
        assert (page.items, page.total) == ([other], 1)

    await store.read(look)
    await store.write(lambda tx: tx.rooms.claim(replace(name, room_id=other.id)))
    await store.write(lambda tx: tx.rooms.update(replace(room, title="back?")))
    assert await store.read(lambda tx: tx.rooms.get(room.id)) is None


async def test_a_name_belongs_to_one_room_of_an_account_and_namespace(store: Store, tenant: Tenant) -> None:
    stranger = await make_tenant(store)
    room, other, foreign = tenant.room(), tenant.room(), stranger.room()
    name = Handle(tenant.id, Namespace.TELNYX_NAME, "Größe", room.id, "Größe")
    for one in (room, other, foreign):
        await store.write(add(one))
    await store.write(lambda tx: tx.rooms.claim(name))
    await store.write(lambda tx: tx.rooms.claim(name))  # held by the same room already
    with pytest.raises(HandleTaken) as caught:
        await store.write(lambda tx: tx.rooms.claim(replace(name, room_id=other.id)))
    assert (caught.value.namespace, caught.value.value) == ("telnyx.unique_name", "Größe")
    elsewhere = [
        replace(name, namespace=Namespace.PHENIX_ALIAS, room_id=other.id),
        Handle(stranger.id, *_of(name), foreign.id, name.shown),
    ]
    for one in elsewhere:
        await store.write(lambda tx, one=one: tx.rooms.claim(one))
    assert await store.read(lambda tx: tx.rooms.by_handle(tenant.id, *_of(name))) == room
    assert await store.read(lambda tx: tx.rooms.by_handle(stranger.id, *_of(name))) == foreign
    assert await store.read(lambda tx: tx.rooms.by_handle(tenant.id, Namespace.TELNYX_NAME, "größe")) is None
    assert await store.read(lambda tx: tx.rooms.by_handle(tenant.id, Namespace.TELNYX_NAME, "\0")) is None


async def test_a_released_name_is_free(store: Store, tenant: Tenant) -> None:
    room, other = tenant.room(), tenant.room()
    spaces = (Namespace.HMS_NAME, Namespace.PHENIX_NAME)
    names = [Handle(tenant.id, space, "x", room.id, "X") for space in spaces]

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.rooms.add(other)
        for name in reversed(names):
            tx.rooms.claim(name)

    await store.write(unit)
    assert await store.read(lambda tx: tx.rooms.handles([room.id])) == names
    await store.write(lambda tx: tx.rooms.release(tenant.id, Namespace.HMS_NAME, "x"))
    await store.write(lambda tx: tx.rooms.claim(replace(names[0], room_id=other.id)))
    assert await store.read(lambda tx: tx.rooms.handles([room.id])) == names[1:]


async def test_a_claim_for_a_room_that_is_not_there_is_no_taken_name(store: Store, tenant: Tenant) -> None:
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.rooms.claim(Handle(tenant.id, Namespace.HMS_NAME, "b", uuid(), "b")))


async def test_of_a_hundred_claims_at_once_one_wins(store: Store, tenant: Tenant) -> None:
    rooms = [tenant.room(f"Room {number}") for number in range(100)]

    def make(room: Room) -> object:
        def unit(tx: Transaction) -> None:
            tx.rooms.add(room)
            tx.rooms.claim(Handle(tenant.id, Namespace.HMS_NAME, "wanted", room.id, "Wanted"))

        return unit

    outcomes = await asyncio.gather(*(store.write(make(room)) for room in rooms), return_exceptions=True)  # type: ignore[arg-type]
    assert sum(isinstance(outcome, HandleTaken) for outcome in outcomes) == 99
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch()))
    assert page.total == 1
    assert page.items == [await store.read(lambda tx: tx.rooms.by_handle(tenant.id, Namespace.HMS_NAME, "wanted"))]


def _of(name: Handle) -> tuple[Namespace, str]:
    return name.namespace, name.value


async def test_ids_with_the_case_of_their_letters_differ(store: Store, tenant: Tenant) -> None:
    base = IDS.base62(15)
    lower, upper = tenant.room(streamwise_id=f"{base}a"), tenant.room(streamwise_id=f"{base}A")
    await store.write(lambda tx: (tx.rooms.add(lower), tx.rooms.add(upper)))
    assert await store.read(lambda tx: tx.rooms.find(tenant.id, f"{base}A")) == upper
