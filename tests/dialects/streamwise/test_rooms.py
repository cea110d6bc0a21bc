"""`/rooms`. Numbers in brackets are the cases of research/streamwise.md section 6."""

import re
from typing import Any

import pytest
from tests.dialects.streamwise.world import PUBLIC_URL, World, errors_of

from polyroom.domain.errors import RoomFull


async def test_a_new_room_has_the_documents_attributes_at_the_top_and_under_data(world: World) -> None:  # (1)
    room = await world.room()
    data = room["data"]
    assert {name: value for name, value in room.items() if name not in {"data", "meta"}} == data
    assert (data["object"], data["status"], data["is_public"], data["room_type"]) == ("Room", "active", False, "meet")
    assert data["slug"] == "business-meeting"
    assert data["url"] == f"{PUBLIC_URL}/rooms/{data['id']}/business-meeting"
    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{26}", data["ulid"])
    assert re.fullmatch("[0-9A-Za-z]{16}", data["id"])
    assert data["room_metadata"] == data["room_settings"] == {}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", data["created_at"])
    assert data["created_at"] == data["updated_at"]
    assert {"customer_id", "account_id", "subscription_id", "uuid"} <= set(data)


async def test_names_and_slugs_are_not_unique(world: World) -> None:  # (2)
    first, second = await world.room(), await world.room()
    assert first["id"] != second["id"]
    assert first["slug"] == second["slug"]


async def test_a_room_without_a_name_is_refused_with_the_field_named(world: World) -> None:  # (3)
    answer = await world.api.post("/rooms", json={})
    assert errors_of(answer) == {"room_name": ["The room name field is required."]}


async def test_every_wrong_field_is_named_at_once(world: World) -> None:
    body = {"room_name": 1, "is_public": "yes", "room_type": "party", "status": "on", "room_metadata": 3, "slug": []}
    assert errors_of(await world.api.post("/rooms", json=body)) == {
        "room_name": ["The room name must be a string."],
        "is_public": ["The is public field must be true or false."],
        "room_type": ["The selected room type is invalid."],
        "status": ["The selected status is invalid."],
        "room_metadata": ["The room metadata must be an array."],
        "slug": ["The slug must be a string."],
    }


@pytest.mark.parametrize(("field", "longest"), [("room_name", 255), ("slug", 255)])
async def test_lengths_are_bounded(world: World, field: str, longest: int) -> None:
    assert (await world.room(**{field: "x" * longest}))["id"]
    answer = await world.api.post("/rooms", json={"room_name": "n", field: "x" * (longest + 1)})
    assert field in errors_of(answer)


async def test_a_subscription_decides_the_type(world: World) -> None:  # (4)
    live = await world.room(room_type="live")
    again = await world.room(subscription_id=live["subscription_id"])
    assert again["room_type"] == "live"
    body = {"room_name": "n", "room_type": "meet", "subscription_id": live["subscription_id"]}
    assert "room_type" in errors_of(await world.api.post("/rooms", json=body))
    body = {"room_name": "n", "subscription_id": "nobody"}
    assert "subscription_id" in errors_of(await world.api.post("/rooms", json=body))


async def test_the_type_cannot_change(world: World) -> None:  # (4)
    room = await world.room()
    path = f"/rooms/{room['id']}"
    answer = await world.api.patch(path, json={"room_type": "live", "room_name": "other"})
    assert errors_of(answer) == {"room_type": ["The room type cannot be changed."]}
    assert (await world.api.get(path)).json() == room
    assert (await world.api.patch(path, json={"room_type": "meet"})).status_code == 200


async def test_what_the_platform_makes_is_ignored_in_a_write(world: World) -> None:  # (5)
    room = await world.room(id="mine", uuid="mine")
    assert room["id"] != "mine"
    forged = dict.fromkeys(("id", "uuid", "ulid", "url", "customer_id", "account_id", "token", "object"), "evil")
    answer = await world.api.patch(f"/rooms/{room['id']}", json=forged)
    assert answer.status_code == 200
    after = answer.json()["data"]
    assert {**after, "updated_at": ""} == {**room["data"], "updated_at": ""}


async def test_a_new_slug_is_in_the_urls_of_room_and_tokens(world: World) -> None:  # (6)
    room = await world.room()
    token = await world.token(room)
    changed = (await world.api.patch(f"/rooms/{room['id']}", json={"slug": "New Slug!"})).json()
    assert changed["slug"] == "new-slug"
    assert changed["url"].endswith(f"/{room['id']}/new-slug")
    (listed,) = await world.list(f"/rooms/{room['id']}/tokens")
    assert listed["url"] == f"{changed['url']}?token={token['token']}"
    assert (await world.enter(room, token)).participant.label == "moderator"


@pytest.mark.parametrize("word", ["status", "tokens", "access-codes", "Access Codes"])
async def test_the_apis_own_words_are_no_slugs(world: World, word: str) -> None:  # (30)
    named, asked = await world.room(room_name=word), await world.room(slug=word)
    assert named["slug"] == asked["slug"] == f"{word.lower().replace(' ', '-')}-room"
    patched = (await world.api.patch(f"/rooms/{named['id']}", json={"slug": word})).json()
    assert patched["slug"] == named["slug"]
    assert await world.list(f"/rooms/{named['id']}/tokens") == []


async def test_metadata_is_replaced_whole_and_keeps_types(world: World) -> None:  # (16)
    room = await world.room(room_metadata={"a": 1, "b": {"c": True}})
    assert room["room_metadata"] == {"a": 1, "b": {"c": True}}
    path = f"/rooms/{room['id']}"

    async def patch(metadata: Any) -> Any:
        answer = await world.api.patch(path, json={"room_metadata": metadata})
        assert answer.status_code == 200, answer.text
        return answer.json()["room_metadata"]

    assert await patch({"z": None}) == {"z": None}
    assert (await world.api.patch(path, json={"room_name": "n"})).json()["room_metadata"] == {"z": None}
    kept = await patch({"a": [1, "x", None, 1.5]})
    assert [type(one) for one in kept["a"]] == [int, str, type(None), float]
    assert await patch(None) == {}
    assert await patch([]) == {}


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"a": {"b": {"c": 1}}}, "room_metadata.a.b"),
        ({"a": {"b": {}}}, "room_metadata.a.b"),
        ({"a": [[1]]}, "room_metadata.a.0"),
        ({"k" * 129: 1}, "room_metadata"),
        ({"a": "x" * 70_000}, "room_metadata"),
        ([1], "room_metadata"),
    ],
)
async def test_metadata_too_deep_or_too_large_is_refused(world: World, metadata: Any, field: str) -> None:  # (16)
    answer = await world.api.post("/rooms", json={"room_name": "n", "room_metadata": metadata})
    assert list(errors_of(answer)) == [field]


async def test_features_never_exceed_the_subscription(world: World) -> None:  # (17)
    features = {"max_participants": 500, "foo": 1, "recording": False, "max_duration": 30, "private_chat": {"x": 1}}
    room = await world.room(room_features=features)
    expected = {"max_participants": 100, "recording": True, "max_duration": 30, "private_chat": True}
    assert expected.items() <= room["room_features"].items()
    assert "foo" not in room["room_features"]


@pytest.mark.parametrize("wrong", ["50", 50.5, True, -1, [50]])
async def test_a_capacity_of_another_kind_is_ignored(world: World, wrong: Any) -> None:  # (17)
    room = await world.room(room_features={"max_participants": wrong})
    assert room["room_features"]["max_participants"] == 100


async def test_a_capacity_beyond_any_machine_is_only_too_high(world: World) -> None:
    room = await world.room(room_features={"max_participants": 10**40})
    assert room["room_features"]["max_participants"] == 100


async def test_features_and_settings_merge_and_null_removes(world: World) -> None:
    features = {"max_participants": 50, "max_duration": 30}
    room = await world.room(room_features=features, room_settings={"a": 1, "b": 2})
    change = {"room_features": {"max_participants": None}, "room_settings": {"b": None, "c": [3]}}
    changed = (await world.api.patch(f"/rooms/{room['id']}", json=change)).json()
    assert changed["room_features"]["max_participants"] == 100
    assert changed["room_features"]["max_duration"] == 30
    assert changed["room_settings"] == {"a": 1, "c": [3]}


async def test_settings_cannot_grow_without_bound_by_merging(world: World) -> None:
    room = await world.room(room_settings={"a": "x" * 40_000})
    path = f"/rooms/{room['id']}"
    answer = await world.api.patch(path, json={"room_settings": {"b": "x" * 40_000}})
    assert "room_settings" in errors_of(answer)
    assert (await world.api.get(path)).json() == room


async def test_known_settings_have_their_types(world: World) -> None:
    body = {"room_name": "n", "room_settings": {"auto_start_recording": "yes", "description": 1, "own": 1}}
    errors = errors_of(await world.api.post("/rooms", json=body))
    assert set(errors) == {"room_settings.auto_start_recording"} or set(errors) == {"room_settings.description"}


async def test_the_seats_are_the_lower_of_room_and_subscription(world: World) -> None:  # (17)
    room = await world.room(room_features={"max_participants": 1})
    token = await world.token(room)
    await world.enter(room, token)
    with pytest.raises(RoomFull):
        await world.enter(room, token)


async def test_deleting_puts_people_out_and_leaves_nothing(world: World) -> None:  # (28)
    room = await world.room()
    token = await world.token(room)
    joined = await world.enter(room, token)
    assert (await world.api.delete(f"/rooms/{room['id']}")).status_code == 204
    assert [one for one, _ in world.engine.evicted] == [joined.participant.id]
    for path in ("", "/tokens", "/status", "/access-codes"):
        assert (await world.api.get(f"/rooms/{room['id']}{path}")).status_code == 404
    assert (await world.api.delete(f"/rooms/{room['id']}")).status_code == 404
    assert await world.list("/rooms") == []


@pytest.mark.parametrize("form", ["id", "uuid", "ulid"])
async def test_a_room_is_found_by_every_id_it_shows(world: World, form: str) -> None:
    room = await world.room()
    assert (await world.api.get(f"/rooms/{room[form]}")).json() == room


async def test_null_is_no_value_where_the_document_has_none(world: World) -> None:
    room = await world.room(slug=None, status=None, is_public=None, room_metadata=None, room_type=None)
    change = {"room_name": None, "slug": None, "status": None, "is_public": None}
    assert set(errors_of(await world.api.patch(f"/rooms/{room['id']}", json=change))) == set(change)
    unchanged = await world.api.patch(f"/rooms/{room['id']}", json={})
    assert unchanged.status_code == 200
