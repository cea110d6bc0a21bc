"""Rooms made, fetched and deleted. Numbers in comments are the conformance cases of the vendor's document."""

import re
from typing import Any

import pytest
from tests.dialects.phenix.world import (
    NOT_FOUND,
    STREAM_SECRET,
    World,
    fields_of,
    in_path,
    refused,
    room_of,
)

from polyroom.domain.account import Dialect
from polyroom.domain.room import Namespace
from polyroom.services.room_changes import NewRoom, RoomChange
from polyroom.wire import stream_keys

MORNING = {"alias": "morningNews", "name": "Morning News", "description": "d", "options": []}
FIELDS = ["roomId", "alias", "applicationId", "name", "description", "type", "streamKey", "created", "lastUpdate"]
FIELDS += ["estimatedSize", "options"]


async def test_a_room_is_made_with_every_field_of_the_document(world: World) -> None:  # (1)
    room = room_of(await world.api.put("/room", json={"room": MORNING}))
    assert list(room) == FIELDS
    application_id = world.house.mine.phenix_application_id
    assert room["applicationId"] == application_id
    assert re.fullmatch(rf"eu#{application_id}#morningnews\.[0-9A-Za-z]{{12}}", room["roomId"])
    assert re.fullmatch(r"[A-Za-z0-9]{104}", room["streamKey"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", room["created"])
    assert room["created"] == room["lastUpdate"]
    shown = {name: room[name] for name in ("alias", "name", "description", "type", "estimatedSize", "options")}
    assert shown == {**MORNING, "type": "MultiPartyChat", "estimatedSize": 0}


async def test_a_fetched_room_is_the_room_that_was_made(world: World) -> None:  # (5)
    room = await world.room(alias="morningNews")
    assert room_of(await world.api.get(f"/room/{in_path(room)}")) == room


async def test_any_form_of_a_rooms_id_is_an_id(world: World) -> None:
    made = (await world.house.rooms.create(world.house.mine.id, NewRoom(title="x"))).room
    for shown in (made.phenix_id, str(made.id), made.hms_id, made.streamwise_id):
        assert room_of(await world.api.get(f"/room/{in_path(shown)}"))["roomId"] == made.phenix_id


async def test_the_estimated_size_is_how_many_are_in(world: World) -> None:
    room = await world.room()
    await world.enter(room, world.token(room))
    joined = await world.enter(room, world.token(room))
    assert room_of(await world.api.get(f"/room/{in_path(room)}"))["estimatedSize"] == 2
    await world.house.leave(joined)
    assert room_of(await world.api.get(f"/room/{in_path(room)}"))["estimatedSize"] == 1


@pytest.mark.parametrize("kind", ["DirectChat", "MultiPartyChat", "ModeratedChat", "TownHall"])
async def test_every_type_of_the_document_can_be_made(world: World, kind: str) -> None:
    assert (await world.room(type=kind))["type"] == kind


async def test_a_taken_alias_or_name_already_exists(world: World) -> None:  # (2)
    await world.room(alias="morningNews", name="Morning News")
    for alias, name in (("morningNews", "Evening News"), ("eveningNews", "Morning News"), ("", "Morning News")):
        answer = await world.api.put("/room", json={"room": {**MORNING, "alias": alias, "name": name}})
        assert refused(answer) == (409, {"status": "already-exists"})
    assert (await world.room(alias="MorningNews", name="morning news"))["alias"] == "MorningNews"
    assert len((await world.api.get("/rooms")).json()["rooms"]) == 2


async def test_another_application_may_have_the_same_names(world: World) -> None:  # (2)
    await world.room(**{"alias": "morningNews"})
    assert (await world.other.put("/room", json={"room": MORNING})).status_code == 200


async def test_names_are_free_again_when_the_room_is_deleted(world: World) -> None:  # (2)
    first = await world.room(alias="morningNews")
    assert (await world.api.delete(f"/room/{in_path(first)}")).status_code == 200
    second = await world.room(alias="morningNews")
    assert second["streamKey"] != first["streamKey"]
    assert second["roomId"] != first["roomId"]


async def test_an_empty_alias_has_one_generated(world: World) -> None:  # (3)
    one, two = await world.room(name="One"), await world.room(name="Two")
    assert one["alias"] == one["roomId"].rpartition("#")[2]
    assert one["alias"] != two["alias"]
    taken = await world.api.put("/room", json={"room": {**MORNING, "alias": one["alias"]}})
    assert refused(taken) == (409, {"status": "already-exists"})


async def test_a_room_made_elsewhere_has_an_alias_and_its_title_for_a_name(world: World) -> None:
    room_id = await world.other_room("Board meeting")
    room = room_of(await world.api.get(f"/room/{in_path(room_id)}"))
    assert (room["alias"], room["name"]) == (room_id.rpartition("#")[2], "Board meeting")
    assert (room["type"], room["options"], room["description"]) == ("MultiPartyChat", [], "")
    # its title is not a unique name
    assert (await world.room(name="Board meeting"))["name"] == "Board meeting"


async def test_a_title_given_by_another_door_is_the_name_and_frees_the_old_one(world: World) -> None:
    room = await world.room(alias="morningNews", name="Morning News")
    await world.house.rooms.update(world.house.mine.id, room["roomId"], RoomChange(title="Late News"))
    shown = room_of(await world.api.get(f"/room/{in_path(room)}"))
    assert (shown["alias"], shown["name"]) == ("morningNews", "Late News")
    assert shown["lastUpdate"] > shown["created"] == room["created"]
    await world.room(name="Morning News")


async def test_names_of_other_doors_do_not_collide(world: World) -> None:
    names = {Namespace.TELNYX_NAME: "morningNews", Namespace.HMS_NAME: "Morning News"}
    await world.house.rooms.create(world.house.mine.id, NewRoom(title="x", names=names))
    await world.room(alias="morningNews", name="Morning News")


async def test_the_stream_key_says_which_room_it_is_of(world: World) -> None:
    room = await world.room()
    assert stream_keys.read(STREAM_SECRET, room["streamKey"]) == await world.house.room_id(room["roomId"])


async def test_ingest_options_are_kept(world: World) -> None:
    given = {"capabilities": ["hd", "multi-bitrate"], "tags": ["news"], "screenName": "Encoder"}
    room = await world.room(ingestOptions={**given, "unknown": 1})
    assert room["ingestOptions"] == given
    assert room_of(await world.api.get(f"/room/{in_path(room)}")) == room
    assert (await world.room(name="b", ingestOptions={"tags": []}))["ingestOptions"] == {"tags": []}
    assert "ingestOptions" not in await world.room(name="c", ingestOptions=None)


async def test_type_and_ingest_options_may_be_null(world: World) -> None:
    assert (await world.room(type=None, ingestOptions=None))["type"] == "MultiPartyChat"


async def test_fields_the_platform_makes_are_ignored(world: World) -> None:
    room = await world.room(roomId="x", streamKey="y", applicationId="z", created="now", estimatedSize=9)
    assert room["roomId"] != "x"
    assert room["estimatedSize"] == 0


ABSENT = object()
LONG = [
    ("alias", "é" * 128, "must not have more than 255 bytes"),
    ("name", "é" * 128, "must not have more than 255 bytes"),
    ("description", "é" * 2049, "must not have more than 4096 bytes"),
]


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        *((name, ABSENT, "is required") for name in ("alias", "name", "description", "options")),  # (3)
        *((name, None, "must be a string") for name in ("alias", "name", "description")),
        *((name, 1, "must be a string") for name in ("alias", "name", "description")),
        ("name", "", "must not be empty"),
        ("options", {}, "must be an array"),  # (3)
        ("options", "x", "must be an array"),
        ("options", None, "must be an array"),
        ("options.0", [1], "must be a string"),  # (3)
        ("options.0", ["no-such-option"], "is no option of a room"),
        ("type", "Foo", "must be one of DirectChat, MultiPartyChat, ModeratedChat, TownHall"),  # (3)
        ("type", "Channel", "must be one of DirectChat, MultiPartyChat, ModeratedChat, TownHall"),
        ("type", ["TownHall"], "must be one of DirectChat, MultiPartyChat, ModeratedChat, TownHall"),
        ("ingestOptions", [], "must be an object"),
        ("ingestOptions.capabilities", {"capabilities": "hd"}, "must be an array"),
        ("ingestOptions.capabilities.0", {"capabilities": [""]}, "must not be empty"),
        ("ingestOptions.capabilities.1", {"capabilities": ["a", 5]}, "must be a string"),
        ("ingestOptions.capabilities", {"capabilities": ["a"] * 65}, "has too many items"),
        ("ingestOptions.tags.0", {"tags": ["é" * 65]}, "must not have more than 128 bytes"),
        ("ingestOptions.tags", {"tags": ["a" * 128] * 9}, "must not have more than 1024 bytes together"),
        ("ingestOptions.screenName", {"screenName": 5}, "must be a string"),
        ("ingestOptions.screenName", {"screenName": "a" * 129}, "must not have more than 128 bytes"),
        *LONG,
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_made(world: World, field: str, value: Any, text: str) -> None:
    room = {**MORNING, field.partition(".")[0]: value}
    room = {name: given for name, given in room.items() if given is not ABSENT}
    answer = await world.api.put("/room", json={"room": room})
    assert fields_of(answer) == {f"room.{field}": text}
    assert (await world.api.get("/rooms")).json() == {"status": "ok", "rooms": []}


async def test_every_wrong_field_is_named_at_once(world: World) -> None:
    answer = await world.api.put("/room", json={"room": {"alias": 1, "options": [2, ""]}})
    assert set(fields_of(answer)) == {
        "room.alias",
        "room.name",
        "room.description",
        "room.options.0",
        "room.options.1",
    }


@pytest.mark.parametrize(("field", "value", "_"), LONG)
async def test_limits_count_bytes_and_are_themselves_allowed(world: World, field: str, value: str, _: str) -> None:
    shorter = value[:-1] + "x" if field != "description" else value[:-1]
    assert (await world.room(**{field: shorter}))[field] == shorter


async def test_text_comes_back_as_it_was_given(world: World) -> None:
    text = ' "\\\u2028💥 &amp; <b>\r\n\t١ e\u0301 #|/%2523'
    room = await world.room(alias=text, name=text, description=text)
    assert [room[name] for name in ("alias", "name", "description")] == [text] * 3
    assert room_of(await world.api.get(f"/room/{in_path(room)}")) == room


async def test_deleting_says_ok_and_nothing_else(world: World) -> None:  # (8)
    room = await world.room()
    headers = {"Content-Type": "application/json", "Content-Length": "0"}
    answer = await world.api.request("DELETE", f"/room/{in_path(room)}?type=MultiPartyChat", headers=headers)
    assert answer.status_code == 200
    assert answer.content == b'{"status":"ok"}'
    assert answer.headers["content-length"] == "15"
    for method, path in (("GET", ""), ("GET", "/members"), ("GET", "/publishers/count"), ("DELETE", "")):
        gone = await world.api.request(method, f"/room/{in_path(room)}{path}")
        assert refused(gone) == (404, NOT_FOUND)


async def test_a_room_of_another_type_is_not_deleted(world: World) -> None:  # (8)
    room = await world.room(type="TownHall")
    path = f"/room/{in_path(room)}"
    for query in ("", "?type=", "?type=MultiPartyChat", "?type=DirectChat"):
        assert refused(await world.api.delete(path + query)) == (404, NOT_FOUND)
    assert list(fields_of(await world.api.delete(path + "?type=Bogus"))) == ["type"]
    assert (await world.api.get(path)).status_code == 200
    assert (await world.api.delete(path + "?type=TownHall")).status_code == 200
    assert refused(await world.api.delete(path + "?type=TownHall")) == (404, NOT_FOUND)


async def test_deleting_puts_everybody_out(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room))
    await world.api.delete(f"/room/{in_path(room)}")
    assert [one for one, _ in world.house.engine.evicted] == [joined.participant.id]


async def test_a_second_key_of_the_account_sees_the_same_rooms(world: World) -> None:
    from tests.dialects.phenix.world import client

    room = await world.room()
    key = await world.house.accounts.create_key(world.house.mine.id, Dialect.PHENIX)
    async with client(world.app, (key.public_id, key.secret)) as second:
        assert room_of(await second.get(f"/room/{in_path(room)}")) == room
