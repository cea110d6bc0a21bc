"""Rooms: made, shown, changed, deleted. Numbers are the conformance cases of the Telnyx research."""

import asyncio
import re
from typing import Any
from uuid import UUID

import pytest
from tests.dialects.telnyx.world import MICROSECONDS, UUID_FORM, World, data_of, errors_of

from polyroom.domain.errors import NotFound, RoomFull
from polyroom.domain.room import Namespace
from polyroom.services.room_changes import NewRoom, RoomChange

URL = "https://example.com/hook"


async def test_an_empty_object_makes_a_room_of_defaults(world: World) -> None:  # (1)
    room = await world.room()
    assert re.fullmatch(UUID_FORM, room["id"])
    assert re.fullmatch(MICROSECONDS, room["created_at"])
    assert room == {
        "active_session_id": None,
        "created_at": room["created_at"],
        "enable_recording": False,
        "id": room["id"],
        "max_participants": 10,
        "record_type": "room",
        "sessions": [],
        "unique_name": None,
        "updated_at": room["created_at"],
        "webhook_event_failover_url": "",
        "webhook_event_url": None,
        "webhook_timeout_secs": None,
    }
    assert await world.get(room) == room


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}, {"Content-Type": "text/plain"}])
async def test_a_create_without_a_body_is_one_with_an_empty_object(
    world: World, headers: dict[str, str]
) -> None:  # (2)
    assert data_of(await world.api.post("/rooms", headers=headers), 201)["max_participants"] == 10


GOOD: dict[str, Any] = {
    "enable_recording": True,
    "max_participants": 50,
    "unique_name": "My Room ☀",
    "webhook_event_failover_url": "http://[::1]:8080/b?c#d",
    "webhook_event_url": URL,
    "webhook_timeout_secs": 0,
}


async def test_every_field_is_kept_as_it_was_given(world: World) -> None:  # (3, 4)
    room = await world.room(**GOOD, id="x", record_type="y", nonsense=[1])
    assert {name: room[name] for name in GOOD} == GOOD
    assert await world.get(room) == room
    for seats in (2, 50):
        assert (await world.room(max_participants=seats))["max_participants"] == seats
    for seconds in (0, 30, None):
        assert (await world.room(webhook_timeout_secs=seconds))["webhook_timeout_secs"] == seconds


async def test_null_and_empty_text_of_a_new_room_are_as_good_as_nothing(world: World) -> None:
    plain = await world.room()
    for empty in (None, ""):
        fields = dict.fromkeys(("unique_name", "webhook_event_url", "webhook_event_failover_url"), empty)
        room = await world.room(**fields, enable_recording=None, max_participants=None)
        assert {**room, **{name: plain[name] for name in ("id", "created_at", "updated_at")}} == plain


BAD: list[tuple[str, Any, str]] = [
    *(("max_participants", value, "10015") for value in (1, 51, 0, -1, "10", 2.5, 10.0, True, [], {}, 10**30)),
    *(("webhook_timeout_secs", value, "10015") for value in (-1, 31, "1", 0.5, False)),
    *(("enable_recording", value, "10015") for value in ("true", 1, 0, "", {})),
    *(("unique_name", value, "10015") for value in (1, True, [], "x" * 256)),
    *(
        (field, value, "10003")
        for field in ("webhook_event_url", "webhook_event_failover_url")
        for value in (
            *(
                "example.com",
                "//example.com",
                "ftp://example.com",
                "https://",
                "https:///x",
                "https://a b",
                "http://[::",
            ),
            *("http://example.com:x", "http://example.com:70000", "https://a\n", 5, "https://e.com/" + "x" * 2048),
        )
    ),
]


@pytest.mark.parametrize(("field", "value", "code"), BAD, ids=lambda value: repr(value)[:30])
async def test_a_field_that_is_wrong_is_named(world: World, field: str, value: Any, code: str) -> None:  # (3, 4)
    room = await world.room(**GOOD)
    assert errors_of(await world.api.post("/rooms", json={field: value})) == [(code, f"/{field}")]
    assert errors_of(await world.api.patch(f"/rooms/{room['id']}", json={field: value})) == [(code, f"/{field}")]
    assert await world.get(room) == room
    assert (await world.api.get("/rooms")).json()["meta"]["total_results"] == 1


async def test_every_wrong_field_is_an_error_of_its_own(world: World) -> None:  # (6)
    answer = await world.api.post("/rooms", json={"max_participants": 1, "webhook_event_url": "x", "unique_name": 3})
    wrong = [("10015", "/max_participants"), ("10015", "/unique_name"), ("10003", "/webhook_event_url")]
    assert errors_of(answer) == wrong
    assert "2 to 50" in answer.json()["detail"]


async def test_a_unique_name_is_unique_within_its_account(world: World) -> None:  # (5)
    first = await world.room(unique_name="talk")
    twice = [("10012", "/unique_name")]
    assert errors_of(await world.api.post("/rooms", json={"unique_name": "talk"})) == twice
    assert data_of(await world.other.post("/rooms", json={"unique_name": "talk"}), 201)["unique_name"] == "talk"
    assert (await world.room(unique_name="Talk"))["unique_name"] == "Talk"
    second = await world.room(unique_name="other")
    answer = await world.api.patch(f"/rooms/{second['id']}", json={"unique_name": "talk", "max_participants": 3})
    assert errors_of(answer) == twice
    assert await world.get(second) == second
    assert {(await world.room())["unique_name"] for _ in range(2)} == {None}
    await world.api.delete(f"/rooms/{first['id']}")
    assert (await world.room(unique_name="talk"))["id"] != first["id"]


async def test_of_many_who_want_a_name_at_once_one_gets_it(world: World) -> None:  # (5)
    wanted = [world.api.post("/rooms", json={"unique_name": "mine"}) for _ in range(10)]
    answers = sorted(await asyncio.gather(*wanted), key=lambda answer: answer.status_code)
    assert [one.status_code for one in answers] == [201, *[422] * 9]
    assert all(errors_of(one) == [("10012", "/unique_name")] for one in answers[1:])
    assert len((await world.api.get("/rooms")).json()["data"]) == 1


async def test_an_update_changes_what_it_names_and_nothing_else(world: World) -> None:  # (9)
    room = await world.room(**GOOD)
    changed = data_of(await world.api.patch(f"/rooms/{room['id']}", json={"webhook_timeout_secs": 7}))
    assert changed["updated_at"] > room["updated_at"]
    assert changed == {**room, "webhook_timeout_secs": 7, "updated_at": changed["updated_at"]}
    assert await world.get(room) == changed


@pytest.mark.parametrize("same", [{}, {"unique_name": GOOD["unique_name"]}, GOOD, {"id": "x", "created_at": 5}])
async def test_an_update_that_changes_nothing_leaves_the_time_of_the_last_change(
    world: World, same: Any
) -> None:  # (9)
    room = await world.room(**GOOD)
    assert data_of(await world.api.patch(f"/rooms/{room['id']}", json=same)) == room
    assert await world.get(room) == room


async def test_null_sets_a_field_back_to_its_default(world: World) -> None:
    room, plain = await world.room(**GOOD), await world.room()
    changed = data_of(await world.api.patch(f"/rooms/{room['id']}", json=dict.fromkeys(GOOD)))
    assert {name: changed[name] for name in GOOD} == {name: plain[name] for name in GOOD}
    assert (await world.room(unique_name=GOOD["unique_name"]))["unique_name"] == GOOD["unique_name"]
    assert (await world.house.rooms.get(world.house.mine.id, room["id"])).room.telnyx == {"enable_recording": False}


@pytest.mark.parametrize("body", [b"", b"  \n"])
async def test_an_update_without_a_body_is_a_bad_request(world: World, body: bytes) -> None:
    room = await world.room()
    assert errors_of(await world.api.patch(f"/rooms/{room['id']}", content=body), 400) == [("10015", None)]


async def test_a_deleted_room_is_gone_with_everyone_in_it(world: World) -> None:  # (11)
    room = await world.room(unique_name="gone")
    tokens = await world.tokens(room)
    joined = await world.house.enter(room["id"], tokens["token"])
    (session,) = await world.sessions(room)
    answer = await world.api.delete(f"/rooms/{room['id']}", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert joined.participant.id in {one[0] for one in world.house.engine.evicted}
    ended = await world.house.sessions.get(world.house.mine.id, UUID(session["id"]))
    assert ended.session.ended_at is not None
    for method, path in (("GET", ""), ("DELETE", ""), ("PATCH", ""), ("GET", "/sessions")):
        body = {"json": {}} if method == "PATCH" else {}
        answer = await world.api.request(method, f"/rooms/{room['id']}{path}", **body)
        assert errors_of(answer, 404) == [("10005", "room_id")]
    with pytest.raises(NotFound):
        await world.house.enter(room["id"], tokens["token"])
    answer = await world.refresh(room, {"refresh_token": tokens["refresh_token"]})
    assert errors_of(answer, 404) == [("10005", "room_id")]
    assert (await world.api.get("/rooms")).json()["data"] == []


async def test_a_room_is_found_by_its_uuid_alone(world: World) -> None:  # (8)
    made = await world.house.rooms.create(world.house.mine.id, NewRoom("x"))
    room_id = str(made.room.id)
    assert (await world.get(room_id.upper()))["id"] == room_id
    others = (made.room.streamwise_id, made.room.hms_id, room_id.replace("-", ""), f"{{{room_id}}}", "%00", "x" * 5000)
    for form in (*others, "not-a-uuid", "00000000-0000-7000-8000-000000000000"):
        assert errors_of(await world.api.get(f"/rooms/{form}"), 404) == [("10005", "room_id")]


@pytest.mark.parametrize(("capacity", "shown"), [(None, 50), (1, 1), (50, 50), (51, 50), (10**9, 50)])
async def test_a_limit_this_vendor_has_no_word_for_shows_as_its_nearest(
    world: World, capacity: int | None, shown: int
) -> None:
    made = await world.house.rooms.create(world.house.mine.id, NewRoom("Elsewhere", capacity=capacity))
    room = await world.get(str(made.room.id))
    assert (room["max_participants"], room["unique_name"]) == (shown, None)
    if shown > 1:
        kept = data_of(await world.api.patch(f"/rooms/{room['id']}", json={"max_participants": shown}))
        assert kept == room
        assert (await world.house.rooms.get(world.house.mine.id, room["id"])).room.capacity == capacity
    data_of(await world.api.patch(f"/rooms/{room['id']}", json={"max_participants": 20}))
    assert (await world.house.rooms.get(world.house.mine.id, room["id"])).room.capacity == 20


async def test_the_unique_name_is_the_rooms_title_at_every_door(world: World) -> None:
    room = await world.room(unique_name="Talk")

    async def title() -> str:
        return (await world.house.rooms.get(world.house.mine.id, room["id"])).room.title

    assert await title() == "Talk"
    await world.api.patch(f"/rooms/{room['id']}", json={"unique_name": "Walk"})
    assert await title() == "Walk"
    await world.house.rooms.update(world.house.mine.id, room["id"], RoomChange(title="Elsewhere"))
    await world.api.patch(f"/rooms/{room['id']}", json={"unique_name": None, "max_participants": 4})
    assert await title() == "Elsewhere"
    found = await world.house.rooms.by_name(world.house.mine.id, Namespace.TELNYX_NAME, "Walk")
    assert found is None
    nameless = await world.room()
    assert (await world.house.rooms.get(world.house.mine.id, nameless["id"])).room.title == "Room"


async def test_a_full_room_lets_nobody_more_in_until_somebody_leaves(world: World) -> None:  # (23)
    room = await world.room(max_participants=2)
    first, _ = await world.enter(room), await world.enter(room)
    with pytest.raises(RoomFull):
        await world.enter(room)
    await world.house.leave(first)
    await world.enter(room)
