"""Unique names of rooms: claimed, renamed, freed, and fought over."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dialects.house import House, open_house

from polyroom.domain.errors import HandleTaken, Invalid, NotFound
from polyroom.domain.room import Namespace, PhenixType
from polyroom.services.room_changes import NewRoom, RoomChange
from polyroom.services.room_names import generated_alias

HMS, TELNYX, ALIAS, NAME = (
    Namespace.HMS_NAME,
    Namespace.TELNYX_NAME,
    Namespace.PHENIX_ALIAS,
    Namespace.PHENIX_NAME,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(tmp_path / "data", []) as opened:
        yield opened


def named(title: str = "Room", **names: str) -> NewRoom:
    return NewRoom(title=title, names={Namespace[name]: value for name, value in names.items()})


async def test_a_room_shows_its_names_as_they_were_written(house: House) -> None:
    made = await house.rooms.create(house.mine.id, named(HMS_NAME="Weekly-Planning", TELNYX_NAME="My Room"))
    found = await house.rooms.get(house.mine.id, made.room.hms_id, names=True)
    assert found.names == {HMS: "Weekly-Planning", TELNYX: "My Room"}
    by_name = await house.rooms.by_name(house.mine.id, HMS, "weekly-PLANNING")
    assert by_name is not None
    assert by_name.room.id == made.room.id
    assert await house.rooms.by_name(house.mine.id, TELNYX, "my room") is None
    assert await house.rooms.by_name(house.theirs.id, HMS, "Weekly-Planning") is None
    assert (await house.rooms.get(house.mine.id, made.room.hms_id)).names == {}


async def test_a_taken_name_refuses_the_whole_room(house: House) -> None:
    await house.rooms.create(house.mine.id, named(TELNYX_NAME="One"))
    with pytest.raises(HandleTaken):
        await house.rooms.create(house.mine.id, named(PHENIX_ALIAS="fresh", TELNYX_NAME="One"))
    assert await house.rooms.by_name(house.mine.id, ALIAS, "fresh") is None
    await house.rooms.create(house.theirs.id, named(TELNYX_NAME="One"))


async def test_names_are_changed_given_up_and_freed_by_deletion(house: House) -> None:
    room = (await house.rooms.create(house.mine.id, named(HMS_NAME="a", TELNYX_NAME="b"))).room
    change = RoomChange(names={HMS: "A", TELNYX: None})
    assert (await house.rooms.update(house.mine.id, str(room.id), change)).names == {HMS: "A"}
    other = (await house.rooms.create(house.mine.id, named(TELNYX_NAME="b"))).room
    with pytest.raises(HandleTaken):
        await house.rooms.update(house.mine.id, str(other.id), RoomChange(names={HMS: "a"}))
    await house.rooms.delete(house.mine.id, str(room.id))
    assert (await house.rooms.update(house.mine.id, str(other.id), RoomChange(names={HMS: "a"}))).names[HMS] == "a"


async def test_a_title_from_another_door_frees_the_phenix_name(house: House) -> None:
    room = (await house.rooms.create(house.mine.id, named("News", PHENIX_NAME="News", PHENIX_ALIAS="n"))).room
    kept = await house.rooms.update(house.mine.id, str(room.id), RoomChange(description="d"))
    assert kept.names == {NAME: "News", ALIAS: "n"}
    renamed = await house.rooms.update(house.mine.id, str(room.id), RoomChange(title="Olds"))
    assert renamed.names == {ALIAS: "n"}


async def test_an_alias_is_never_another_rooms_generated_one(house: House) -> None:
    room = (await house.rooms.create(house.mine.id, named())).room
    with pytest.raises(HandleTaken):
        await house.rooms.create(house.mine.id, named(PHENIX_ALIAS=generated_alias(room)))


async def test_put_makes_a_room_once_and_changes_it_after(house: House) -> None:
    async def put(number: int) -> str:
        new, change = named("N", HMS_NAME=f"{'Nn'[number % 2]}ame"), RoomChange(description=str(number))
        return str((await house.rooms.put(house.mine.id, HMS, new, change)).room.id)

    assert len(set(await asyncio.gather(*map(put, range(40))))) == 1


async def test_what_a_dialect_alone_knows_is_kept_merged_and_sealed(house: House) -> None:
    new = NewRoom(
        title="R",
        phenix_type=PhenixType.TOWN_HALL,
        hms={"region": "eu", "large_room": True},
        telnyx={"enable_recording": True},
        secrets={"bucket": {"key": "k", "secret": "s3cr3t"}, "headers": {"X-Key": "h"}},
    )
    room = (await house.rooms.create(house.mine.id, new)).room
    change = RoomChange(hms={"region": "us"}, telnyx={"enable_recording": None}, secrets={"headers": None})
    changed = (await house.rooms.update(house.mine.id, str(room.id), change)).room
    assert (changed.hms, changed.telnyx) == ({"region": "us", "large_room": True}, {})
    assert changed.phenix_type is PhenixType.TOWN_HALL
    secrets = await house.store.read(lambda tx: tx.rooms.secrets(room.id))
    assert secrets == {"bucket": {"key": "k", "secret": "s3cr3t"}}
    with pytest.raises(Invalid):
        await house.rooms.update(house.mine.id, str(room.id), RoomChange(hms={"x": "y" * 70_000}))


async def test_templates_of_other_accounts_are_unknown(house: House) -> None:
    theirs = await house.store.read(lambda tx: tx.templates.default(house.theirs.id))
    assert theirs is not None
    with pytest.raises(Invalid):
        await house.rooms.create(house.mine.id, NewRoom(title="R", template_id=theirs.id))


async def test_a_deletion_may_say_which_rooms_it_means(house: House) -> None:
    room = (await house.rooms.create(house.mine.id, NewRoom(title="R", phenix_type=PhenixType.TOWN_HALL))).room
    with pytest.raises(NotFound):
        await house.rooms.delete(house.mine.id, room.phenix_id, lambda one: one.phenix_type is PhenixType.CHANNEL)
    await house.rooms.delete(house.mine.id, room.phenix_id, lambda one: one.phenix_type is PhenixType.TOWN_HALL)
    with pytest.raises(NotFound):
        await house.rooms.get(house.mine.id, str(room.id))
