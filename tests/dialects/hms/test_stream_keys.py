"""`/stream-keys`. Source: the document's "Stream Keys", research/100ms.md §1 for the vendor's form."""

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.dialects.hms.world import Json, World, done, refused
from tests.dialects.house import RTMP_URL, STREAM_SECRET, encoders_door

from polyroom.dialects.hms import HmsStreamKeys
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, KeyDisabled, RoomDisabled, TooManyAttempts
from polyroom.domain.roles import Role, Source
from polyroom.services.ports.feed import StreamKeyDisabled
from polyroom.services.publishing import Publishing
from polyroom.services.stream_keys import KEPT
from polyroom.wire import stream_keys

FIELDS = {
    "id",
    "room_id",
    "key",
    "url",
    "role",
    "user_id",
    "expires_at",
    "customer_id",
    "app_id",
    "enabled",
    "created_at",
    "updated_at",
}


def door(world: World) -> Publishing:
    return encoders_door(world.house, HmsStreamKeys(STREAM_SECRET))


async def made(world: World, **fields: Any) -> tuple[Json, Json]:
    room = await world.room()
    return room, done(await world.api.post(f"/stream-keys/room/{room['id']}", json=fields))


async def test_a_key_is_shown_as_the_document_and_the_vendor_have_it(world: World) -> None:
    room, key = await made(world, role="host", user_id="studio", ttl_seconds=3600)
    assert set(key) == FIELDS
    assert re.fullmatch(r"[0-9A-Za-z]{104}", key["key"])
    assert (key["room_id"], key["url"], key["enabled"]) == (room["id"], RTMP_URL, True)
    assert (key["role"], key["user_id"], key["customer_id"]) == ("host", "studio", room["customer_id"])
    assert key["app_id"] == room["customer_id"] and key["created_at"] == key["updated_at"] < key["expires_at"]
    for client in (world.api, world.sdk):
        shown = done(await client.get(f"/stream-keys/room/{room['id']}"))
        assert (shown["data"], shown["last"], shown["limit"]) == ([key], "", 10)
    whole = done(await world.api.get(f"/stream-keys/room/{room['id']}"))
    assert whole == {**key, "data": [key], "last": "", "limit": 10}


async def test_without_a_wish_the_first_role_that_publishes_is_meant(world: World) -> None:
    for body in (b"", b"{}", b'{"role": null, "user_id": null, "ttl_seconds": null}'):
        room = await world.room()
        key = done(await world.sdk.post(f"/stream-keys/room/{room['id']}", content=body))
        assert (key["role"], key["user_id"], key["expires_at"]) == ("guest", "", None)
        found = await door(world).open(key["key"], "192.0.2.1")
        assert (found.grant.label, found.grant.user_id, found.name) == ("guest", "", "RTMP")


async def test_a_room_has_one_key_that_works(world: World) -> None:
    room, first = await made(world)
    path = f"/stream-keys/room/{room['id']}"
    assert refused(await world.sdk.post(path), 400)["message"] == "stream key is active already"
    second = done(await world.api.post(path))
    assert second["key"] != first["key"]
    with pytest.raises(KeyDisabled):
        await door(world).open(first["key"], "192.0.2.1")
    assert (await door(world).open(second["key"], "192.0.2.1")).room.hms_id == room["id"]
    listed = done(await world.sdk.get(path))["data"]
    assert [(one["key"], one["enabled"]) for one in listed] == [(second["key"], True), (first["key"], False)]


async def test_of_many_who_make_one_at_once_one_key_is_left(world: World) -> None:
    room = await world.room()
    path = f"/stream-keys/room/{room['id']}"
    answers = await asyncio.gather(*(world.sdk.post(path) for _ in range(6)))
    assert sorted(one.status_code for one in answers) == [200] + [400] * 5
    await asyncio.gather(*(world.api.post(path) for _ in range(6)))
    assert [one["enabled"] for one in done(await world.sdk.get(path))["data"]] == [True] + [False] * 6


@pytest.mark.parametrize("way", ["document", "vendor"])
async def test_a_key_that_is_switched_off_works_no_longer(world: World, way: str) -> None:
    room, key = await made(world)
    path = f"/stream-keys/room/{room['id']}"
    heard: list[object] = []
    world.house.departures.feed.listen(heard.append)  # type: ignore[attr-defined]
    if way == "document":
        assert done(await world.api.delete(path)) == {}
    else:
        assert done(await world.sdk.post(f"{path}/disable")) == {"message": "key disabled successfully"}
    assert any(isinstance(one, StreamKeyDisabled) for one in heard)
    refused(await world.api.get(path), 404)
    refused(await world.api.delete(path), 404)
    refused(await world.sdk.post(f"{path}/disable"), 404)
    assert [one["enabled"] for one in done(await world.sdk.get(path))["data"]] == [False]
    with pytest.raises(KeyDisabled):
        await door(world).open(key["key"], "192.0.2.1")
    assert done(await world.sdk.post(path))["enabled"] is True


async def test_a_room_without_a_key_has_none(world: World) -> None:
    room = await world.room()
    path = f"/stream-keys/room/{room['id']}"
    assert refused(await world.api.get(path), 404)["message"] == "stream key not found"
    assert done(await world.sdk.get(path)) == {"data": [], "last": "", "limit": 10}


async def test_keys_are_listed_in_pages(world: World) -> None:
    room, _ = await made(world)
    path = f"/stream-keys/room/{room['id']}"
    for _ in range(4):
        done(await world.api.post(path))
    whole = done(await world.sdk.get(f"{path}?limit=100"))["data"]
    found: list[Json] = []
    start = ""
    for _ in range(3):
        page = done(await world.sdk.get(f"{path}?limit=2&start={start}"))
        found += page["data"]
        start = page["last"]
    assert found == whole and len(found) == 5 and start == ""
    for query in ("limit=0", "limit=x", "start=nothing"):
        refused(await world.sdk.get(f"{path}?{query}"), 400)


async def test_old_keys_are_forgotten_beyond_a_number(world: World) -> None:
    room = await world.room()
    path = f"/stream-keys/room/{room['id']}"
    made = [done(await world.api.post(path))["id"] for _ in range(KEPT + 2)]
    listed = done(await world.sdk.get(f"{path}?limit=100"))
    assert [one["id"] for one in listed["data"]] == made[:-101:-1] and listed["last"] == ""


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": 1}, "role"),
        ({"role": ""}, "role"),
        ({"role": "x" * 129}, "role"),
        ({"user_id": 1}, "user_id"),
        ({"user_id": "x" * 5000}, "user_id"),
        ({"ttl_seconds": 0}, "ttl_seconds"),
        ({"ttl_seconds": -1}, "ttl_seconds"),
        ({"ttl_seconds": "60"}, "ttl_seconds"),
        ({"ttl_seconds": 1.5}, "ttl_seconds"),
        ({"ttl_seconds": 2**40}, "ttl_seconds"),
        ({"ttl_seconds": True}, "ttl_seconds"),
        ({"user_id": "a\x00b"}, "user_id"),
    ],
)
async def test_what_a_key_cannot_have_is_refused(world: World, body: Json, field: str) -> None:
    room = await world.room()
    for client in (world.api, world.sdk):
        answer = refused(await client.post(f"/stream-keys/room/{room['id']}", json=body), 400)
        assert field in answer["message"]
    refused(await world.api.get(f"/stream-keys/room/{room['id']}"), 404)


async def test_roles_that_are_not_there_or_may_not_publish_are_refused(world: World) -> None:
    room = await world.room()
    path = f"/stream-keys/room/{room['id']}"
    assert refused(await world.api.post(path, json={"role": "nobody"}), 404)["message"] == "role not found"
    answer = refused(await world.api.post(path, json={"role": "viewer"}), 400)
    assert answer["message"] == "Invalid body param: role may not publish"


async def test_rooms_that_are_gone_off_or_another_accounts_give_no_key(world: World) -> None:
    room, key = await made(world)
    path = f"/stream-keys/room/{room['id']}"
    for method in ("get", "post", "delete"):
        refused(await getattr(world.other, method)(path), 404)
    refused(await world.other.post(f"{path}/disable"), 404)
    done(await world.api.post(f"/rooms/{room['id']}/enabled", json={"enabled": False}))
    refused(await world.api.post(path), 403)
    with pytest.raises(RoomDisabled):
        await door(world).open(key["key"], "192.0.2.1")
    await world.house.rooms.delete(world.house.mine.id, room["id"])
    refused(await world.api.get(path), 404)
    with pytest.raises(AdmissionRefused):
        await door(world).open(key["key"], "192.0.2.1")


async def test_a_keys_time_ends(world: World) -> None:
    room, key = await made(world, ttl_seconds=60)
    found = await door(world).open(key["key"], "192.0.2.1")
    at = world.house.clock.now() + timedelta(seconds=61)
    world.house.clock.now = lambda: at  # type: ignore[method-assign]
    assert not found.grant.valid_at(at)
    with pytest.raises(AdmissionExpired):
        await door(world).open(key["key"], "192.0.2.1")
    refused(await world.api.get(f"/stream-keys/room/{room['id']}"), 404)


async def test_what_is_no_key_is_refused_and_guessing_is_slowed(world: World) -> None:
    _, key = await made(world)
    opened = door(world)
    text: str = key["key"]
    wrong = ["", "x", text[:-1], text[:-1] + ("0" if text[-1] != "0" else "1"), text + "x", "ü" * 104, "\x00" * 104]
    for one in (*wrong, "A" * 5000):
        with pytest.raises(AdmissionRefused):
            await opened.open(one, "192.0.2.1")
    assert (await opened.open(f"{text}?bitrate=1", "192.0.2.1")).key is not None
    for _ in range(2):
        with pytest.raises(AdmissionRefused):
            await opened.open("guess", "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await opened.open(text, "192.0.2.1")
    assert (await opened.open(text, "192.0.2.2")).key is not None


async def test_the_database_has_no_key_only_what_it_is_made_of(world: World) -> None:
    _, key = await made(world)
    kept = await world.house.store.read(lambda tx: tx.stream_keys.get(_id_of(key)))
    assert kept is not None and kept.hms_id == key["id"]
    assert key["key"] not in repr(kept)
    assert HmsStreamKeys(b"another installation's secret").text(kept) != key["key"]


def _id_of(key: Json) -> UUID:
    found = stream_keys.read(STREAM_SECRET, key["key"], b"100ms")
    assert found is not None
    return found


async def test_a_role_that_went_lets_nobody_publish(world: World) -> None:
    template = await world.template(Role("host", 1, frozenset(Source)), Role("studio", 2, frozenset(Source)))
    room = await world.room(template_id=template.hms_id)
    key = done(await world.api.post(f"/stream-keys/room/{room['id']}", json={"role": "studio"}))
    found = await door(world).open(key["key"], "192.0.2.1")
    assert found.grant.label == "studio"
