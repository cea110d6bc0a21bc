"""`/analytics`: events of the log in the document's and the vendor's form, filters, pages, and telling them again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.dialects.hms.client_errors import ERROR_NAMES
from polyroom.domain.session import LeaveReason, Track, TrackKind
from polyroom.services.participants import Joined
from polyroom.services.tracks import TrackService

NEVER = "6977b3f3cdd1e423f8b2c1aa"
PATHS = [f"/analytics/{name}" for name in ("events", "track-events", "recording-events", "error-events")]
SHORT = ["session.open", "peer.join", "peer.join", "role.change", "peer.leave", "peer.leave", "session.close"]
TRACK = {
    "room_id",
    "session_id",
    "room_name",
    "template_id",
    "session_started_at",
    "peer_id",
    "user_id",
    "user_name",
    "joined_at",
    "role",
    "track_id",
    "stream_id",
    "type",
    "source",
    "mute",
    "started_at",
}


@dataclass
class Class:
    """A session that is over: Ada taught, muted and went, Bo became a viewer and vanished."""

    room: Json
    session: str
    ada: Joined
    bo: Joined
    camera: Track


@pytest.fixture
async def lesson(world: World) -> Class:
    room = await world.room(name="class", webhook={"url": "https://example.com/hook"})
    ada = await world.enter(room, app_token(world.key, room, "host", user_id="teacher"), name="Ada")
    bo = await world.enter(room, app_token(world.key, room, "guest", user_id="student"), name="Bo ☃")
    camera = await publish(world, ada)
    done(await world.api.post(f"/active-rooms/{room['id']}/peers/{bo.participant.id}", json={"role": "viewer"}))
    session = done(await world.api.get("/sessions"))["data"][0]["id"]
    await world.house.leave(ada)
    await world.house.people.leave(bo.participant.id, LeaveReason.VANISHED)
    return Class(room, session, ada, bo, camera)


async def publish(world: World, joined: Joined) -> Track:
    """A camera that is muted and lit again."""
    house, one = world.house, joined.participant
    tracks = TrackService(house.store, house.clock, house.ids, house.departures.feed, house.engine)
    track = Track(
        house.ids.uuid(),
        one.account_id,
        one.room_id,
        one.session_id,
        one.id,
        TrackKind.VIDEO,
        "camera",
        "",
        "video/VP8",
        False,
        house.clock.now(),
    )
    async with tracks:
        await tracks.add(track)
        tracks.mute(tracks.mute(track, True), False)
    return track


async def all_of(client: httpx.AsyncClient, path: str, **query: object) -> list[Json]:
    """A list walked to its end, each page behind the last."""
    found: list[Json] = []
    start, url = "", httpx.URL(path)
    for _ in range(50):
        asked = url.params.merge({name: str(value) for name, value in query.items()}).set("start", start)
        page = done(await client.get(url.path, params=asked))
        found += page["events" if "events" in page else "data"]
        start = page["last"]
        if not start:
            return found
    raise AssertionError("it has no end")


def kinds(events: Sequence[Json]) -> list[str]:
    return [one["type"] for one in events]


async def test_events_are_those_of_webhooks_latest_first_named_as_each_edition_does(
    world: World, lesson: Class
) -> None:
    short = await all_of(world.api, PATHS[0])
    assert kinds(short)[::-1] == SHORT
    full = await all_of(world.sdk, PATHS[0])
    assert kinds(full)[::-1] == [f"{name}.success" for name in SHORT]
    assert [one | {"type": ""} for one in short] == [one | {"type": ""} for one in full]
    for one in short:
        assert set(one) == {"version", "id", "account_id", "app_id", "template_id", "timestamp", "type", "data"}
        assert UUID(one["id"]) and one["version"] == "2.0"
        assert (one["data"]["room_id"], one["data"]["session_id"]) == (lesson.room["id"], lesson.session)
    changed = short[3]["data"]
    assert (changed["previous_role"], changed["role"], changed["role_change_requested_by"]) == ("guest", "viewer", "")
    assert [one["data"]["role"] for one in short if one["data"].get("user_name") == "Bo ☃"] == [
        "viewer",
        "viewer",
        "guest",
    ]


async def test_each_event_has_the_fields_of_its_kind(world: World, lesson: Class) -> None:
    place = {"room_id", "room_name", "session_id", "template_id", "session_started_at"}
    peer = place | {"peer_id", "user_id", "user_name", "user_data", "role", "joined_at", "type"}
    fields = {
        "session.open": place,
        "peer.join": peer,
        "role.change": peer | {"previous_role", "role_change_requested_by", "role_changed_at"},
        "peer.leave": peer | {"left_at", "duration", "reason", "message"},
        "session.close": place | {"session_duration", "session_stopped_at"},
    }
    for one in await all_of(world.api, PATHS[0]):
        assert set(one["data"]) == fields[one["type"]]
        times = [value for name, value in one["data"].items() if name.endswith("_at")]
        assert all(datetime.fromisoformat(time).tzinfo is UTC for time in times)


async def test_pages_follow_one_another_whatever_happens_meanwhile(world: World, lesson: Class) -> None:
    whole = [one["id"] for one in await all_of(world.api, PATHS[0])]
    for query in ({}, {"room_id": lesson.room["id"]}, {"session_id": lesson.session}):
        for limit in (1, 2, 7, 100):
            page = done(await world.sdk.get(PATHS[0], params={**query, "limit": limit}))
            assert set(page) == {"limit", "total", "next", "last", "events"}
            assert (page["limit"], page["total"]) == (limit, min(limit, 7))
            assert page["next"] == page["last"] == (page["events"][-1]["id"] if limit < 7 else "")
            assert [one["id"] for one in await all_of(world.api, PATHS[0], limit=limit, **query)] == whole
    first = done(await world.api.get(PATHS[0], params={"limit": 3}))
    assert set(first) == {"limit", "data", "last"}
    await world.enter(lesson.room, app_token(world.key, lesson.room, "host"), name="Eve")
    second = done(await world.api.get(PATHS[0], params={"start": first["last"]}))
    assert [one["id"] for one in (*first["data"], *second["data"])] == whole


async def test_track_events_say_what_became_of_each_track(world: World, lesson: Class) -> None:
    for path in (f"{PATHS[1]}?", f"{PATHS[0]}?type=track.add&type=track.update.success&type=track.remove&"):
        events = (await all_of(world.sdk, f"{path}room_id={lesson.room['id']}"))[::-1]
        assert kinds(events) == [
            "track.add.success",
            "track.update.success",
            "track.update.success",
            "track.remove.success",
        ]
        assert [one["data"]["mute"] for one in events] == [False, True, False, False]
        assert [set(one["data"]) for one in events] == [TRACK, TRACK, TRACK, TRACK | {"stopped_at"}]
        one = events[0]["data"]
        assert (one["track_id"], one["type"], one["source"]) == (str(lesson.camera.id), "video", "regular")
        assert (one["peer_id"], one["user_id"], one["role"]) == (str(lesson.ada.participant.id), "teacher", "host")
    assert kinds(await all_of(world.api, PATHS[1], type="track.update")) == ["track.update", "track.update"]
    assert await all_of(world.api, PATHS[1], type="peer.join") == []


async def test_error_events_are_what_went_wrong_for_somebody(world: World, lesson: Class) -> None:
    for path in (PATHS[3], f"{PATHS[0]}?error=true", f"{PATHS[0]}?type=client.disconnected&type=client.join.failed"):
        for client in (world.api, world.sdk):
            (lost,) = await all_of(client, path, session_id=lesson.session)
            assert lost["type"] == "client.disconnected"
            told = lost["data"]
            assert (told["user_name"], told["user_id"], told["role"]) == ("Bo ☃", "student", "viewer")
            assert (told["error_code"], told["error_name"], told["is_terminal"]) == (
                1003,
                "WebsocketConnectionLost",
                True,
            )
            assert (told["account_id"], told["room_id"]) == (lost["account_id"], lesson.room["id"])
    for name in ERROR_NAMES - {"client.disconnected"}:
        assert await all_of(world.api, PATHS[3], type=name) == []
    assert len(await all_of(world.api, PATHS[0], error="false")) == 7


async def test_no_recording_has_events_since_nothing_is_recorded(world: World, lesson: Class) -> None:
    queries: list[dict[str, str]] = [{}, {"session_id": lesson.session}, {"recording_id": NEVER, "limit": "5"}]
    for query in queries:
        page = done(await world.api.get(PATHS[2], params=query))
        assert page == {"limit": int(query.get("limit", 10)), "data": [], "last": ""}
    for path in (f"{PATHS[0]}?type=beam.recording.success", f"{PATHS[0]}?type=hls.started"):
        assert done(await world.sdk.get(path))["events"] == []


async def test_filters_narrow_together(world: World, lesson: Class) -> None:
    other = await world.room()
    await world.enter(other, app_token(world.key, other, "host", user_id="teacher"), name="Ada")
    ada, bo = lesson.ada.participant, lesson.bo.participant
    room, session = {"room_id": lesson.room["id"]}, {"session_id": lesson.session}
    at = (await all_of(world.api, PATHS[0], peer_id=bo.id))[-1]["timestamp"]
    for query, names in (
        (room, SHORT),
        ({"room_id": str(ada.room_id)}, SHORT),
        ({"session_id": str(ada.session_id)}, SHORT),
        ({"peer_id": str(ada.id)}, ["peer.join", "peer.leave"]),
        ({"peer_id": str(ada.id).upper(), "type": "peer.leave.success"}, ["peer.leave"]),
        (room | {"user_id": "student"}, ["peer.join", "role.change", "peer.leave"]),
        (session | {"user_id": "teacher"}, ["peer.join", "peer.leave"]),
        (session | {"type": "peer.join,role.change"}, ["peer.join", "peer.join", "role.change"]),
        (room | {"after": at}, SHORT[2:]),
        (room | {"before": at}, SHORT[:3]),
        (session | {"after": at, "before": at}, ["peer.join"]),
        (session | {"room_id": other["id"]}, []),
        (session | {"peer_id": str(uuid4())}, []),
        ({"room_id": NEVER}, []),
        ({"session_id": "x\0"}, []),
        (room | {"user_id": "x\0"}, []),
        ({"room_id": other["id"]}, ["session.open", "peer.join"]),
    ):
        assert kinds(await all_of(world.api, PATHS[0], **query))[::-1] == names, query


async def test_events_outlive_their_room_and_hide_who_is_hidden(world: World, lesson: Class) -> None:
    hidden = text("UPDATE participant SET hidden = true WHERE name = 'Ada'")
    await world.house.store.write(lambda tx: tx.sessions._connection.execute(hidden))  # type: ignore[attr-defined]
    await world.house.rooms.delete(world.house.mine.id, lesson.room["id"])
    for query in ({}, {"room_id": lesson.room["id"]}, {"room_id": lesson.room["id"], "limit": 1}):
        left = [SHORT[0], SHORT[1], SHORT[3], SHORT[4], SHORT[6]]
        assert kinds(await all_of(world.api, PATHS[0], **query))[::-1] == left
    assert await all_of(world.api, PATHS[1]) == []


async def test_another_accounts_events_are_as_if_they_had_never_been(world: World, lesson: Class) -> None:
    first = (await all_of(world.api, PATHS[0]))[0]["id"]
    for path in PATHS:
        for query in (
            "",
            f"room_id={lesson.room['id']}",
            f"session_id={lesson.session}",
            f"peer_id={lesson.bo.participant.id}",
        ):
            assert done(await world.other.get(f"{path}?{query}"))["data"] == []
    foreign, missing = [await world.other.get(f"{PATHS[0]}?start={one}") for one in (first, uuid4())]
    assert (
        refused(foreign, 400)["message"] == refused(missing, 400)["message"] == "Invalid query param: start is unknown"
    )
    assert done(await world.other.get("/analytics/webhooks"))["pagination"]["total_items"] == 0
    for body in ({"event_ids": [first]}, {"room_id": lesson.room["id"]}, {"session_id": lesson.session}):
        refused(await world.other.post("/analytics/events/replay", json=body), 404)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=0", "limit must be from 1 to 100"),
        ("limit=101", "limit must be from 1 to 100"),
        ("limit=ten", "limit must be an integer"),
        ("start=x", "start is unknown"),
        ("after=yesterday", "after must be written YYYY-MM-DDTHH:mm:ss.sssZ"),
        ("type=nothing", "type is no event type"),
        ("type=weather.changed", "type is no event type"),
        ("user_id=u", "user_id needs room_id or session_id beside it"),
    ],
)
async def test_what_cannot_be_used_is_named(world: World, query: str, words: str) -> None:
    for client in (world.api, world.sdk):
        for path in PATHS:
            assert refused(await client.get(f"{path}?{query}"), 400)["message"] == f"Invalid query param: {words}"
    for query in ("type=client.disconnected&type=peer.join", "type=client.disconnected&error=false", "error=maybe"):
        refused(await world.api.get(f"{PATHS[0]}?{query}"), 400)
