"""`/rooms`. Source: research/100ms.md section 1 and B.1."""

import asyncio
import re
from typing import Any

import pytest
from tests.dialects.hms.world import World, done, refused

from polyroom.domain.errors import RoomDisabled, RoomFull
from polyroom.domain.room import Namespace
from polyroom.services.room_changes import NewRoom

DOCUMENTED = {
    "id",
    "name",
    "enabled",
    "description",
    "customer_id",
    "app_id",
    "recording_info",
    "template_id",
    "template",
    "region",
    "size",
    "max_duration_seconds",
    "large_room",
    "created_at",
    "updated_at",
    "customer",
}


async def test_a_room_has_every_field_of_the_document(world: World) -> None:
    room = await world.room(name="new-room", description="Ninth class")
    assert set(room) == DOCUMENTED
    account = world.house.mine
    assert room["customer_id"] == room["customer"] == room["app_id"] == account.hms_customer_id
    assert len(room["id"]) == 24
    assert (room["name"], room["description"], room["enabled"]) == ("new-room", "Ninth class", True)
    assert (room["region"], room["size"], room["max_duration_seconds"], room["large_room"]) == ("auto", 0, 0, False)
    assert (room["recording_info"], room["template"]) == ({"enabled": False}, "default")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", room["created_at"])
    assert done(await world.api.get(f"/rooms/{room['id']}")) == room


async def test_the_vendors_edition_shows_what_its_packages_look_for(world: World) -> None:
    room = done(await world.sdk.post("/rooms", json={"polls": ["631b2654f771854d9bf633dg"]}))
    assert set(room) == DOCUMENTED | {"recording_source_template", "enabled_source_template", "polls"}
    assert room["recording_source_template"] is room["enabled_source_template"] is True
    assert room["polls"] == ["631b2654f771854d9bf633dg"]
    own = done(await world.sdk.post(f"/rooms/{room['id']}", json={"recording_info": {"enabled": True}, "polls": []}))
    assert own["recording_source_template"] is own["enabled_source_template"] is False
    assert own["polls"] == []
    back = done(await world.sdk.post(f"/rooms/{room['id']}", json={"recording_info": None, "polls": None}))
    assert {**back, "updated_at": "", "polls": []} == {**room, "updated_at": "", "polls": []}


async def test_everything_that_is_given_is_kept(world: World) -> None:
    template = await world.template(name="lesson")
    fields = {
        "name": "a.b:c_d-1",
        "description": "ü",
        "template_id": template.hms_id,
        "region": "in",
        "size": 5,
        "max_duration_seconds": 120,
        "large_room": True,
        "enabled": False,
    }
    room = await world.room(**fields)
    assert fields.items() <= room.items()
    assert room["template"] == "lesson"
    assert done(await world.sdk.get(f"/rooms/{room['id']}")).items() >= fields.items()


async def test_a_name_that_exists_updates_that_room_and_answers_with_it(world: World) -> None:
    room = await world.room(name="Class-9", description="first", region="us")
    again = await world.room(name="CLASS-9", description="second", size=3)
    assert again["id"] == room["id"]
    assert (again["name"], again["description"], again["region"], again["size"]) == ("Class-9", "second", "us", 3)
    theirs = done(await world.other.post("/rooms", json={"name": "class-9"}))
    assert theirs["id"] != room["id"]


async def test_many_who_make_the_same_room_at_once_get_one(world: World) -> None:
    made = await asyncio.gather(*(world.room(name=name) for name in ("same", "SAME") * 10))
    assert len({room["id"] for room in made}) == 1
    assert len(done(await world.api.get("/rooms"))["data"]) == 1


async def test_a_room_without_a_name_is_called_by_its_uuid(world: World) -> None:
    for nothing in ({}, {"name": None}, {"name": ""}):
        room = await world.room(**nothing)
        assert room["name"] == str(await world.house.room_id(room["id"]))
        assert (await world.house.rooms.get(world.house.mine.id, room["id"])).room.title == room["name"]
    elsewhere = (await world.house.rooms.create(world.house.mine.id, NewRoom(title="Team talk"))).room
    assert done(await world.api.get(f"/rooms/{elsewhere.id}"))["name"] == str(elsewhere.id)


async def test_a_name_is_the_rooms_title_at_every_door(world: World) -> None:
    room = await world.room(name="first")
    renamed = done(await world.api.post(f"/rooms/{room['id']}", json={"name": "second"}))
    assert renamed["name"] == "second"
    details = await world.house.rooms.get(world.house.mine.id, room["id"], names=True)
    assert (details.room.title, details.names) == ("second", {Namespace.HMS_NAME: "second"})
    assert (await world.room(name="first"))["id"] != room["id"]


async def test_a_name_cannot_be_taken_from_another_room(world: World) -> None:
    await world.room(name="taken")
    room = await world.room(name="free")
    body = refused(await world.api.post(f"/rooms/{room['id']}", json={"name": "Taken", "description": "x"}), 400)
    assert body["message"] == "Invalid body param: name is taken by another room"
    assert done(await world.api.get(f"/rooms/{room['id']}")) == room


async def test_absent_fields_stay_and_null_takes_away(world: World) -> None:
    fields = {"description": "d", "region": "eu", "size": 3, "max_duration_seconds": 300, "large_room": True}
    room = await world.room(name="n", webhook={"url": "https://example.com/hook"}, **fields)
    path = f"/rooms/{room['id']}"
    assert {**done(await world.api.post(path, json={})), "updated_at": ""} == {**room, "updated_at": ""}
    nulls = dict.fromkeys(("description", "region", "size", "max_duration_seconds", "webhook", "recording_info"))
    cleared = done(await world.api.post(path, json=nulls))
    assert (cleared["description"], cleared["region"], cleared["size"]) == ("", "auto", 0)
    assert (cleared["max_duration_seconds"], cleared["large_room"]) == (0, True)
    assert "webhook" not in cleared


@pytest.mark.parametrize("field", ["name", "template_id", "enabled", "large_room"])
async def test_what_every_room_has_cannot_be_taken_away(world: World, field: str) -> None:
    room = await world.room()
    body = refused(await world.api.post(f"/rooms/{room['id']}", json={field: None}), 400)
    assert body["details"][0].startswith(f"{field} must be")


@pytest.mark.parametrize("path", ["", "/enabled"])
async def test_a_disabled_room_lets_nobody_in_and_nobody_is_put_out(world: World, path: str) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    await world.enter(room, code)
    target = f"/rooms/{room['id']}{path}"
    assert done(await world.api.post(target, json={"enabled": False}))["enabled"] is False
    assert world.house.engine.evicted == []
    with pytest.raises(RoomDisabled):
        await world.enter(room, code)
    assert len(done(await world.api.get(f"/active-rooms/{room['id']}/peers"))) == 1
    assert done(await world.api.post(target, json={"enabled": True}))["enabled"] is True
    assert await world.enter(room, code)


@pytest.mark.parametrize("body", [{}, {"enabled": None}, {"enabled": "false"}, {"enabled": 0}, {"enable": True}])
async def test_the_switch_takes_true_or_false(world: World, body: Any) -> None:
    room = await world.room()
    found = refused(await world.api.post(f"/rooms/{room['id']}/enabled", json=body), 400)
    assert found["details"][0].startswith("enabled ")


async def test_the_size_is_how_many_may_be_in(world: World) -> None:
    room = await world.room(size=1)
    code = (await world.codes(room))["host"]
    await world.enter(room, code)
    with pytest.raises(RoomFull):
        await world.enter(room, code)


async def test_a_room_is_found_by_any_form_of_its_id(world: World) -> None:
    room = await world.room()
    own = (await world.house.rooms.get(world.house.mine.id, room["id"])).room
    for form in (room["id"].upper(), str(own.id), own.streamwise_id, own.phenix_id.replace("#", "%23")):
        assert done(await world.api.get(f"/rooms/{form}")) == room


WRONG: list[tuple[str, Any, str]] = [
    ("name", 5, "name must be a string"),
    ("name", "x" * 256, "name is longer than 255 characters"),
    ("description", ["x"], "description must be a string"),
    ("description", "x" * 4097, "description is longer than 4096 characters"),
    ("template_id", "nothing", "template not found"),
    ("template_id", 1, "template_id must be a string"),
    ("region", "mars", "region not supported"),
    ("region", "EU", "region not supported"),
    ("size", "5", "size must be an integer"),
    ("size", 5.0, "size must be an integer"),
    ("size", True, "size must be an integer"),
    ("size", -1, "size less than 0"),
    ("size", 10**30, "size greater than 2147483647"),
    ("max_duration_seconds", "long", "max_duration_seconds must be an integer"),
    ("max_duration_seconds", -1, "max_duration_seconds less than 0"),
    ("large_room", "yes", "large_room must be a boolean"),
    ("enabled", 1, "enabled must be a boolean"),
    ("recording_info", [], "recording_info must be an object"),
    ("recording_info", {"enabled": "x"}, "recording_info.enabled must be a boolean"),
    ("recording_info", {"upload_info": {"type": "ftp"}}, "recording_info.upload_info.type must be one of"),
    ("recording_info", {"upload_info": {"location": ""}}, "recording_info.upload_info.location must not be empty"),
    (
        "recording_info",
        {"upload_info": {"credentials": {"key": "k"}}},
        "recording_info.upload_info.credentials.secret is required",
    ),
    ("webhook", {}, "webhook.url is required"),
    ("webhook", {"url": "ftp://example.com"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://user:pass@example.com"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://example.com:99999"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://example.com/\n"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://[::1"}, "webhook.url is not a valid URL"),
    ("webhook", {"url": "https://a.example", "headers": {"a b": "c"}}, "webhook.headers has a name or a value"),
    ("webhook", {"url": "https://a.example", "headers": {"a": "c\r\nd: e"}}, "webhook.headers has a name or a value"),
    ("webhook", {"url": "https://a.example", "headers": {"a": "1", "A": "2"}}, "webhook.headers has the same name"),
    ("webhook", {"url": "https://a.example", "headers": {"a": 1}}, "webhook.headers.a must be a string"),
    ("webhook", {"url": "https://a.example", "headers": {f"h{n}": "" for n in range(21)}}, "webhook.headers has more"),
]


@pytest.mark.parametrize(("field", "value", "text"), WRONG)
async def test_a_wrong_field_is_named_and_nothing_is_done(world: World, field: str, value: Any, text: str) -> None:
    room = await world.room(name="kept")
    for path in ("/rooms", f"/rooms/{room['id']}"):
        for client in (world.api, world.sdk):
            body = refused(await client.post(path, json={"description": "changed", field: value}), 400)
            assert text in body["message"]
    assert done(await world.api.get("/rooms"))["data"] == [room]


async def test_every_wrong_field_is_told_at_once(world: World) -> None:
    body = refused(await world.api.post("/rooms", json={"size": "x", "region": 1, "enabled": 2}), 400)
    assert body["details"] == ["region must be a string", "size must be an integer", "enabled must be a boolean"]
    assert body["message"] == f"Invalid body param: {body['details'][0]}"


STRICT: list[tuple[dict[str, Any], str]] = [
    ({"name": "two words"}, "name may only have the characters a-z, A-Z, 0-9, and . - : _"),
    ({"name": "ü"}, "name may only have the characters"),
    ({"size": 2501}, "size greater than 2500"),
    ({"size": 2501, "large_room": False}, "size greater than 2500"),
    ({"size": 20001, "large_room": True}, "size greater than 20000"),
    ({"max_duration_seconds": 119}, "max_duration_seconds less than 120 seconds"),
    ({"max_duration_seconds": 43201}, "max_duration_seconds greater than 43200 seconds"),
    ({"template": "default"}, "template. Use template_id"),
    ({"recording_info": {"upload_info": {"type": "s3"}}}, "Bucket location is missing"),
    ({"recording_info": {"upload_info": {"location": "b"}}}, "Invalid upload configuration"),
]


@pytest.mark.parametrize(("fields", "text"), STRICT)
async def test_limits_of_the_vendors_own_pages_hold_in_its_edition_only(
    world: World, fields: dict[str, Any], text: str
) -> None:
    body = refused(await world.sdk.post("/rooms", json=fields), 400)
    assert text in body["message"]
    room = await world.room(**fields)
    refused(await world.sdk.post(f"/rooms/{room['id']}", json=fields), 400)
    done(await world.api.post(f"/rooms/{room['id']}", json=fields))


@pytest.mark.parametrize(
    "fields",
    [
        {"size": 2500, "max_duration_seconds": 120},
        {"size": 20000, "large_room": True, "max_duration_seconds": 43200},
        {"size": 0, "max_duration_seconds": 0},
    ],
)
async def test_the_ends_of_those_limits_are_within(world: World, fields: dict[str, Any]) -> None:
    assert fields.items() <= done(await world.sdk.post("/rooms", json=fields)).items()


async def test_a_large_rooms_size_goes_with_its_being_large(world: World) -> None:
    room = done(await world.sdk.post("/rooms", json={"size": 3000, "large_room": True}))
    path = f"/rooms/{room['id']}"
    refused(await world.sdk.post(path, json={"large_room": False}), 400)
    done(await world.sdk.post(path, json={"size": 4000}))
    done(await world.sdk.post(path, json={"large_room": False, "size": 10}))
    refused(await world.sdk.post(path, json={"size": 4000}), 400)


async def test_what_a_room_shows_can_be_sent_back(world: World) -> None:
    room = await world.room(name="n", webhook={"url": "https://example.com", "headers": {"x-key": "secret"}}, size=7)
    for client in (world.api, world.sdk):
        shown = done(await client.get(f"/rooms/{room['id']}"))
        sent = {name: value for name, value in shown.items() if name != "template"}
        assert {**done(await client.post(f"/rooms/{room['id']}", json=sent)), "updated_at": ""} == {
            **shown,
            "updated_at": "",
        }


async def test_what_grows_too_large_is_refused(world: World) -> None:
    headers = {f"h{number}": "x" * 4096 for number in range(20)}
    room = await world.room(webhook={"url": "https://example.com", "headers": headers})
    polls = [f"{number:064}" for number in range(100)]
    done(await world.sdk.post(f"/rooms/{room['id']}", json={"polls": polls}))
    refused(await world.sdk.post(f"/rooms/{room['id']}", json={"polls": [*polls, "x"]}), 400)
