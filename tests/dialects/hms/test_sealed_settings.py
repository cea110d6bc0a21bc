"""Credentials of a bucket and values of headers: kept sealed, never shown, replaced or left as a body says."""

from pathlib import Path
from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, done, refused
from tests.support.stores import content_of

MASK = "********"
CREDENTIALS = {"key": "AKIA-visible-to-nobody", "secret": "deep-secret"}
BUCKET = {"type": "s3", "location": "recordings", "prefix": "school", "options": {"region": "eu-west-1"}}


def recording(credentials: Any = None) -> Json:
    return {"enabled": True, "upload_info": {**BUCKET, **({"credentials": credentials} if credentials else {})}}


async def sealed(world: World, room: Json) -> dict[str, Any]:
    room_id = await world.house.room_id(room["id"])
    return dict(await world.house.store.read(lambda tx: tx.rooms.secrets(room_id)))


async def test_answers_show_that_secrets_are_set_and_not_what_they_are(world: World, tmp_path: Path) -> None:
    webhook = {"url": "https://example.com/hook", "headers": {"X-Key": "header-secret"}}
    room = await world.room(recording_info=recording(CREDENTIALS), webhook=webhook)
    for shown in (
        room,
        done(await world.sdk.get(f"/rooms/{room['id']}")),
        done(await world.api.get("/rooms"))["data"][0],
    ):
        assert shown["recording_info"] == recording({"key": MASK, "secret": MASK})
        assert shown["webhook"] == {"url": "https://example.com/hook", "headers": {"X-Key": MASK}}
    assert await sealed(world, room) == {
        "hms.upload.key": CREDENTIALS["key"],
        "hms.upload.secret": CREDENTIALS["secret"],
        "hms.header.X-Key": "header-secret",
    }
    stored = content_of(tmp_path / "data")
    assert b"recordings" in stored
    for secret in ("visible-to-nobody", "deep-secret", "header-secret"):
        assert secret.encode() not in stored


async def test_asterisks_leave_what_is_kept(world: World) -> None:
    webhook = {"url": "https://example.com", "headers": {"a": "1", "b": "2"}}
    room = await world.room(name="n", recording_info=recording(CREDENTIALS), webhook=webhook)
    change = {
        "recording_info": recording({"key": MASK, "secret": "new"}),
        "webhook": {"url": "https://other.example", "headers": {"b": MASK, "c": "3"}},
    }
    changed = done(await world.api.post(f"/rooms/{room['id']}", json=change))
    assert changed["webhook"] == {"url": "https://other.example", "headers": {"b": MASK, "c": MASK}}
    expected = {
        "hms.upload.key": CREDENTIALS["key"],
        "hms.upload.secret": "new",
        "hms.header.b": "2",
        "hms.header.c": "3",
    }
    assert await sealed(world, room) == expected
    again = await world.room(name="N", recording_info=recording({"key": MASK, "secret": MASK}))
    assert again["id"] == room["id"]
    assert await sealed(world, room) == expected


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("recording_info", recording({"key": MASK, "secret": "s"}), "recording_info.upload_info.credentials.key"),
        ("webhook", {"url": "https://example.com", "headers": {"a": MASK}}, "webhook.headers.a"),
    ],
)
async def test_asterisks_for_nothing_are_refused(world: World, field: str, value: Json, name: str) -> None:
    room = await world.room(name="n")
    for path in ("/rooms", f"/rooms/{room['id']}"):
        body = refused(await world.api.post(path, json={"name": "n", field: value}), 400)
        assert body["details"] == [f"{name} has no value that could be kept"]
    refused(await world.api.post("/rooms", json={field: value}), 400)


async def test_settings_that_go_take_their_secrets_along(world: World) -> None:
    webhook = {"url": "https://example.com", "headers": {"a": "1"}}
    room = await world.room(recording_info=recording(CREDENTIALS), webhook=webhook)
    path = f"/rooms/{room['id']}"
    shown = done(await world.api.post(path, json={"recording_info": recording()}))
    assert shown["recording_info"] == recording()
    assert await sealed(world, room) == {"hms.header.a": "1"}
    shown = done(await world.api.post(path, json={"webhook": {"url": "https://example.com"}}))
    assert shown["webhook"] == {"url": "https://example.com"}
    assert await sealed(world, room) == {}
    done(await world.api.post(path, json={"webhook": webhook}))
    done(await world.api.post(path, json={"webhook": None}))
    assert await sealed(world, room) == {}
