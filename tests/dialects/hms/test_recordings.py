"""`/recordings` and `/recording-assets`: in the document's shapes and the vendor's, from start to file."""

import asyncio
from uuid import UUID

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.recording import RecordingKind

NOBODYS = "631b2654f771854d9bf633df"
ODD = [NOBODYS, "x", "%00", "ü" * 300]


async def occupied(world: World) -> Json:
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"))
    return room


async def started(world: World, room: Json, **body: object) -> Json:
    return done(await world.api.post(f"/recordings/room/{room['id']}/start", json=body))


async def ended(world: World, recording: Json) -> None:
    (known,) = [one for one in world.recorder.started if one.hms_id == recording["id"]]
    await world.recordings.finished(known.id)


async def test_a_recording_from_start_to_file(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, resolution={"width": 641, "height": 360}, recording={"hls_vod": True})
    assert made == {
        "id": made["id"],
        "room_id": room["id"],
        "session_id": made["session_id"],
        "status": "running",
        "created_at": made["created_at"],
        "started_at": made["started_at"],
        "stopped_by": "",
        "duration": 0,
        "size": 0,
        "recording_assets": [],
    }
    (known,) = world.recorder.started
    assert (known.width, known.height, known.kind) == (640, 360, RecordingKind.COMPOSITE)
    asked = {"resolution": {"width": 641, "height": 360}, "recording": {"hls_vod": True}}
    assert known.settings == {"chat": True, **asked}
    assert done(await world.api.post(f"/recordings/{made['id']}/stop")) == {}
    await ended(world, made)
    found = done(await world.api.get(f"/recordings/{made['id'].upper()}"))
    (asset,) = found["recording_assets"]
    assert (found["status"], found["duration"], found["size"]) == ("completed", 61, 1000)
    assert found["stopped_at"] >= found["started_at"]
    assert asset == {
        "id": asset["id"],
        "type": "room-composite",
        "path": f"x/{known.id.hex}.mp4",
        "size": 1000,
        "duration": 61,
        "room_id": room["id"],
        "session_id": made["session_id"],
        "created_at": asset["created_at"],
        "format": "mp4",
        "recording_id": made["id"],
    }
    assert done(await world.api.get(f"/recording-assets/{asset['id']}")) == asset
    assert done(await world.api.get("/recording-assets?type=room-composite"))["data"] == [asset]
    assert done(await world.api.get("/recording-assets?type=transcript"))["data"] == []
    refused(await world.api.post(f"/recordings/{made['id']}/stop"), 400)


async def test_the_vendors_shapes(world: World) -> None:
    room = await occupied(world)
    made = done(await world.sdk.post(f"/recordings/room/{room['id']}/start", json={"audio_only": True}))
    assert world.recorder.started[0].kind is RecordingKind.AUDIO
    assert {"meeting_url", "destination", "started_by", "stopped_by", "asset_types", "updated_at"} < set(made)
    (stopped,) = done(await world.sdk.post(f"/recordings/room/{room['id']}/stop"))["data"]
    assert (stopped["id"], stopped["status"]) == (made["id"], "stopping")
    await ended(world, made)
    (listed,) = done(await world.sdk.get("/recordings?status=completed"))["data"]
    assert "recording_assets" not in listed
    (asset,) = done(await world.sdk.get(f"/recordings/{made['id']}"))["recording_assets"]
    assert (asset["job_id"], asset["status"], asset["thumbnails"]) == (made["id"], "completed", [])
    url = done(await world.sdk.get(f"/recording-assets/{asset['id']}/presigned-url?presign_duration=60"))
    assert url["url"].endswith("?60") and (url["id"], url["path"], url["expiry"]) == (asset["id"], asset["path"], 60)


async def test_all_of_a_room_are_paused_resumed_and_stopped(world: World) -> None:
    room = await occupied(world)
    first, second = await started(world, room), await started(world, room)
    where = f"/recordings/room/{room['id']}"
    assert done(await world.api.post(f"{where}/pause")) == {}
    assert done(await world.api.get(f"/recordings/{first['id']}"))["status"] == "paused"
    assert [one["id"] for one in done(await world.api.get("/recordings?status=paused"))["data"]] == [
        second["id"],
        first["id"],
    ]
    refused(await world.api.post(f"{where}/pause"), 404)
    assert done(await world.api.post(f"{where}/resume")) == {}
    assert [paused for _, paused in world.recorder.paused] == [True, True, False, False]
    assert done(await world.api.post(f"{where}/stop", json={})) == {}
    for one in (first, second):
        await ended(world, one)
    refused(await world.api.post(f"{where}/stop"), 404)


async def test_lists_are_filtered_and_paged(world: World) -> None:
    rooms = [await occupied(world) for _ in range(2)]
    made = [await started(world, rooms[number % 2]) for number in range(5)]
    ids = [one["id"] for one in reversed(made)]
    page = done(await world.api.get("/recordings?limit=2"))
    assert ([one["id"] for one in page["data"]], page["last"], page["limit"]) == (ids[:2], ids[1], 2)
    rest = done(await world.api.get(f"/recordings?start={page['last']}"))
    assert [one["id"] for one in rest["data"]] == ids[2:]
    of_room = done(await world.api.get(f"/recordings?room_id={rooms[1]['id']}"))["data"]
    assert [one["id"] for one in of_room] == [made[3]["id"], made[1]["id"]]
    of_session = done(await world.api.get(f"/recordings?session_id={made[0]['session_id']}"))["data"]
    assert [one["id"] for one in of_session] == [made[number]["id"] for number in (4, 2, 0)]
    for nothing in (f"room_id={NOBODYS}", "session_id=x", "status=failed", "status=queued"):
        assert done(await world.api.get(f"/recordings?{nothing}")) == {"limit": 10, "data": [], "last": ""}


async def test_what_cannot_be_recorded_is_refused(world: World) -> None:
    room, empty = await occupied(world), await world.room()
    where = f"/recordings/room/{room['id']}/start"
    refused(await world.api.post(f"/recordings/room/{empty['id']}/start"), 404)
    for body, field in (
        ({"resolution": {"width": 10, "height": 10}}, "resolution"),
        ({"resolution": {"width": 1920, "height": 1920}}, "resolution"),
        ({"resolution": {"width": "wide"}}, "resolution.width"),
        ({"resolution": 7}, "resolution"),
        ({"audio_only": "yes"}, "audio_only"),
        ({"recording": {"hls_vod": 3}}, "recording.hls_vod"),
        ({"meeting_url": 5}, "meeting_url"),
        ({"meeting_url": "file:///etc/passwd"}, "meeting_url"),
        ({"meeting_url": "javascript:alert(1)"}, "meeting_url"),
        ({"meeting_url": "https://example.com/" + "x" * 3000}, "meeting_url"),
        ({"transcription": {"output_modes": ["doc"]}}, "transcription.output_modes"),
        ({"transcription": {"summary": {"sections": [{"title": "", "format": "bullets"}]}}}, "transcription.summary"),
        ({"transcription": {"summary": {"temperature": 2}}}, "transcription.summary.temperature"),
        ({"destination": "nowhere"}, "destination"),
    ):
        assert field in refused(await world.api.post(where, json=body), 400)["message"]
    assert not world.recorder.started
    world.recorder.full = True
    answer = await world.api.post(where)
    refused(answer, 503)
    assert answer.headers["retry-after"]
    assert done(await world.api.get("/recordings"))["data"][0]["status"] == "failed"


@pytest.mark.parametrize("trouble", ["broken", "empty"])
async def test_a_recording_without_a_file_has_failed(world: World, trouble: str) -> None:
    room = await occupied(world)
    made = await started(world, room)
    setattr(world.recorder, trouble, True)
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    await ended(world, made)
    found = done(await world.api.get(f"/recordings/{made['id']}"))
    assert (found["status"], found["recording_assets"]) == ("failed", [])


async def test_others_and_nobodys_are_not_there(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    await ended(world, made)
    (asset,) = done(await world.api.get(f"/recordings/{made['id']}"))["recording_assets"]
    known = world.recorder.started[0].id
    for path in (f"/recordings/{made['id']}", f"/recordings/{known}", f"/recording-assets/{asset['id']}"):
        refused(await world.other.get(path), 404)
    for action in ("start", "stop", "pause", "resume"):
        refused(await world.other.post(f"/recordings/room/{room['id']}/{action}"), 404)
    refused(await world.other.post(f"/recordings/{made['id']}/stop"), 404)
    refused(await world.other.get(f"/recording-assets/{asset['id']}/presigned-url"), 404)
    assert done(await world.other.get("/recordings"))["data"] == []
    assert done(await world.other.get("/recording-assets"))["data"] == []
    for odd in (*ODD, str(UUID(int=5))):
        refused(await world.api.get(f"/recordings/{odd}"), 404)
        refused(await world.api.get(f"/recording-assets/{odd}"), 404)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "start=nobody", "status=odd", "status=%00"])
async def test_a_wrong_query_is_named(world: World, query: str) -> None:
    word = query.partition("=")[0]
    assert word in refused(await world.api.get(f"/recordings?{query}"), 400)["message"]


@pytest.mark.parametrize("query", ["presign_duration=0", "presign_duration=x", "presign_duration=9999999"])
async def test_a_wrong_duration_is_named(world: World, query: str) -> None:
    refused(await world.api.get(f"/recording-assets/{NOBODYS}/presigned-url?{query}"), 400)
    refused(await world.api.get("/recording-assets?type=odd"), 400)
    refused(await world.api.get("/recording-assets?start=odd"), 400)


@pytest.mark.parametrize("audio_only", [False, True])
async def test_a_page_of_the_callers_own_is_recorded_in_place_of_the_room(world: World, audio_only: bool) -> None:
    room = await occupied(world)
    url = "https://example.com/meet?skip_preview=true&token=1"
    where = f"/recordings/room/{room['id']}/start"
    made = done(await world.sdk.post(where, json={"meeting_url": url, "audio_only": audio_only}))
    (known,) = world.recorder.started
    assert (known.kind, known.settings["meeting_url"], made["meeting_url"]) == (RecordingKind.PAGE, url, url)
    assert made["asset_types"] == ["room-composite", "chat"]
    done(await world.sdk.post(f"/recordings/{made['id']}/stop"))
    await ended(world, made)
    (asset,) = done(await world.api.get(f"/recordings/{made['id']}"))["recording_assets"]
    assert asset["type"] == "room-composite"
    events = done(await world.sdk.get("/analytics/recording-events"))["events"]
    assert [one["data"]["meeting_url"] for one in events] == [url] * 3


async def test_a_page_that_does_not_come_up_is_told_as_the_vendor_does(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, meeting_url="https://example.com/gone")
    world.recorder.empty = True
    world.recorder.give_up(world.recorder.started[0].id)
    async with asyncio.timeout(30):
        while done(await world.api.get(f"/recordings/{made['id']}"))["status"] != "failed":
            await asyncio.sleep(0.02)
    failure, stopped, _ = done(await world.sdk.get("/analytics/recording-events"))["events"]
    assert failure["data"]["error_type"] == "MAX_RETRIES_REACHED"
    assert stopped["data"]["reason"] == "failure: MAX_RETRIES_REACHED"
