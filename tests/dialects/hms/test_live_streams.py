"""`/live-streams`: in the document's shapes and the vendor's, from start to end, with what is recorded along."""

import json
from uuid import UUID

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.dialects.hms import HmsFormatter
from polyroom.domain.live_stream import LiveState, LiveStream
from polyroom.domain.recording import Recording, RecordingState
from polyroom.domain.webhook import HEARD, Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Try
from polyroom.services.stories import tell

NOBODYS = "631b2654f771854d9bf633df"
ODD = [NOBODYS, "x", "%00", "ü" * 300]
WAYS = ["stop", "pause-recording", "resume-recording", "timed-metadata"]


async def occupied(world: World, **fields: object) -> Json:
    room = await world.room(**fields)
    await world.enter(room, app_token(world.key, room, "guest"))
    return room


async def started(world: World, room: Json, **body: object) -> Json:
    return done(await world.api.post(f"/live-streams/room/{room['id']}/start", json=body))


async def known(world: World, shown: Json) -> LiveStream:
    stream = await world.house.store.read(lambda tx: tx.live_streams.by_hms_id(world.house.mine.id, shown["id"]))
    assert stream is not None
    return stream


async def begun(world: World, shown: Json) -> None:
    """There is something to watch."""
    stream = await known(world, shown)
    world.broadcaster.begun(stream.id)
    while (await known(world, shown)).state is LiveState.STARTING:
        await world.streams.settled()


async def recording_of(world: World, shown: Json) -> Recording:
    recording_id = (await known(world, shown)).recording_id
    found = await world.house.store.read(lambda tx: tx.recordings.get(recording_id) if recording_id else None)
    assert found is not None
    return found


async def ended(world: World, shown: Json) -> None:
    await world.streams.finished((await known(world, shown)).id)


async def test_a_stream_from_start_to_end(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    application = world.house.mine.phenix_application_id
    stream = await known(world, made)
    assert made == {
        "id": made["id"],
        "room_id": room["id"],
        "session_id": made["session_id"],
        "status": "init",
        "url": f"https://rooms.example/video/{application}/{stream.id}/master.m3u8",
        "playback_id": str(stream.id),
        "created_at": made["created_at"],
        "recording": {"enabled": False, "assets": []},
    }
    assert world.broadcaster.started == [(stream, None)]
    assert (stream.renditions, stream.protected) == (("720", "360", "ahi", "alo"), False)
    await begun(world, made)
    running = done(await world.api.get(f"/live-streams/{made['id'].upper()}"))
    assert running == made | {"status": "running", "started_at": running["started_at"]}
    assert done(await world.api.get(f"/active-rooms/{room['id']}"))["streaming"] == {"running": True}
    assert done(await world.api.post(f"/live-streams/{made['id']}/timed-metadata", json={"payload": "Tor!"})) == {}
    assert world.broadcaster.told == [(stream.id, "Tor!", 1000)]
    assert done(await world.api.post(f"/live-streams/{made['id']}/stop")) == {}
    await ended(world, made)
    over = done(await world.api.get(f"/live-streams/{made['id']}"))
    assert over == running | {"status": "completed", "stopped_at": over["stopped_at"]}
    assert world.broadcaster.stopped == [stream.id]
    assert done(await world.api.get(f"/active-rooms/{room['id']}"))["streaming"] == {"running": False}
    refused(await world.api.post(f"/live-streams/{made['id']}/stop"), 400)
    refused(await world.api.post(f"/live-streams/{made['id']}/timed-metadata", json={"payload": "x"}), 400)


async def test_the_vendors_shapes_and_what_is_recorded_along(world: World) -> None:
    room = await occupied(world)
    asked = {"meeting_url": "https://x.example/m", "recording": {"hls_vod": True, "single_file_per_layer": False}}
    made = done(await world.sdk.post(f"/live-streams/room/{room['id']}/start", json=asked))
    stream = await known(world, made)
    assert made == {
        "id": made["id"],
        "room_id": room["id"],
        "session_id": made["session_id"],
        "status": "starting",
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
        "destination": "hls",
        "meeting_url": "https://x.example/m",
        "playback": {
            "url": f"https://rooms.example/video/{world.house.mine.phenix_application_id}/{stream.id}/master.m3u8"
        },
        "recording": {"hls_vod": True, "single_file_per_layer": False},
        "recording_assets": [],
        "started_by": "",
        "stopped_by": "",
    }
    recording = await recording_of(world, made)
    assert world.broadcaster.started == [(stream, recording)]
    assert (recording.width, recording.height, recording.state) == (1280, 720, RecordingState.RUNNING)
    for way, paused in (("pause-recording", True), ("resume-recording", False)):
        shown = done(await world.sdk.post(f"/live-streams/{made['id']}/{way}"))
        assert shown["id"] == made["id"]
        assert (await recording_of(world, made)).state is (RecordingState.PAUSED if paused else RecordingState.RUNNING)
        refused(await world.sdk.post(f"/live-streams/{made['id']}/{way}"), 400)
    assert world.broadcaster.paused == [(stream.id, True), (stream.id, False)]
    refused(await world.api.post(f"/recordings/{recording.hms_id}/stop"), 400)
    refused(await world.api.post(f"/recordings/room/{room['id']}/stop"), 404)
    (stopped,) = done(await world.sdk.post(f"/live-streams/room/{room['id']}/stop"))["data"]
    assert (stopped["id"], stopped["status"]) == (made["id"], "stopping")
    await ended(world, made)
    over = done(await world.sdk.get(f"/live-streams/{made['id']}"))
    (asset,) = over["recording_assets"]
    assert (over["status"], asset["type"], asset["job_id"]) == ("completed", "room-composite", recording.hms_id)
    assert done(await world.api.get(f"/live-streams/{made['id']}"))["recording"]["assets"][0]["id"] == asset["id"]
    assert done(await world.sdk.get(f"/recording-assets/{asset['id']}"))["id"] == asset["id"]
    refused(await world.sdk.post(f"/live-streams/{made['id']}/pause-recording"), 400)


async def test_lists_are_narrowed_and_go_on_where_they_ended(world: World) -> None:
    rooms = [await occupied(world) for _ in range(3)]
    made = [await started(world, room) for room in rooms]
    await begun(world, made[2])
    assert done(await world.api.post(f"/live-streams/room/{rooms[0]['id']}/stop")) == {}
    await ended(world, made[0])
    page = done(await world.api.get("/live-streams?limit=2"))
    assert ([one["id"] for one in page["data"]], page["limit"]) == ([made[2]["id"], made[1]["id"]], 2)
    rest = done(await world.api.get(f"/live-streams?start={page['last']}"))
    assert [one["id"] for one in rest["data"]] == [made[0]["id"]]
    assert done(await world.api.get(f"/live-streams?start={rest['last']}"))["data"] == []
    for query, wanted in (
        (f"room_id={rooms[1]['id']}", [1]),
        (f"session_id={made[2]['session_id']}", [2]),
        ("status=completed", [0]),
        ("status=running", [2]),
        ("status=init", [1]),
        ("status=paused", []),
        (f"room_id={NOBODYS}", []),
        (f"session_id={NOBODYS}", []),
    ):
        found = done(await world.api.get(f"/live-streams?{query}"))["data"]
        assert [one["id"] for one in found] == [made[number]["id"] for number in wanted], query
    assert [one["id"] for one in done(await world.sdk.get("/live-streams?status=starting"))["data"]] == [made[1]["id"]]
    for query in ("status=x", "limit=0", "limit=x", f"start={NOBODYS}", "start=%00"):
        refused(await world.api.get(f"/live-streams?{query}"), 400)
    assert done(await world.other.get("/live-streams"))["data"] == []


async def test_what_cannot_be_is_refused(world: World) -> None:
    idle = await world.room()
    refused(await world.api.post(f"/live-streams/room/{idle['id']}/start"), 404)
    refused(await world.api.post(f"/live-streams/room/{idle['id']}/stop"), 404)
    room = await occupied(world)
    world.broadcaster.full = True
    answer = await world.api.post(f"/live-streams/room/{room['id']}/start", json={"recording": {"hls_vod": True}})
    refused(answer, 503)
    assert answer.headers["retry-after"]
    (failed,) = done(await world.api.get("/live-streams"))["data"]
    assert failed["status"] == "failed" and (await recording_of(world, failed)).over
    world.broadcaster.full = False
    made = await started(world, room)
    twice = refused(await world.api.post(f"/live-streams/room/{room['id']}/start"), 400)
    assert twice["message"] == "live stream is starting"
    refused(await world.api.post(f"/live-streams/{made['id']}/pause-recording"), 404)
    refused(await world.other.post(f"/live-streams/room/{room['id']}/start"), 404)
    refused(await world.other.get(f"/live-streams/{made['id']}"), 404)
    for way in WAYS:
        body = {"payload": "x", "duration": 1}
        refused(await world.other.post(f"/live-streams/{made['id']}/{way}", json=body), 404)
        for odd in ODD:
            refused(await world.api.post(f"/live-streams/{odd}/{way}", json=body), 404)
    for odd in ODD:
        refused(await world.api.get(f"/live-streams/{odd}"), 404)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"payload": ""}, "payload"),
        ({}, "payload"),
        ({"payload": 1}, "payload"),
        ({"payload": "x" * 4097}, "payload"),
        ({"payload": "x", "duration": 0}, "duration"),
        ({"payload": "x", "duration": 3601}, "duration"),
        ({"payload": "x", "duration": 1.5}, "duration"),
        ({"payload": "x", "duration": 10**400}, "duration"),
        ({"payload": "\ud800"}, "payload"),
    ],
)
async def test_odd_metadata_is_refused_with_its_field(world: World, body: Json, field: str) -> None:
    made = await started(world, await occupied(world))
    answer = await world.api.post(
        f"/live-streams/{made['id']}/timed-metadata",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert field in refused(answer, 400)["message"]
    assert world.broadcaster.told == []


async def test_the_vendors_edition_takes_metadata_of_a_hundred_characters(world: World) -> None:
    made = await started(world, await occupied(world))
    path = f"/live-streams/{made['id']}/timed-metadata"
    shown = done(await world.sdk.post(path, json={"payload": "ü" * 100, "duration": 60}))
    assert shown["id"] == made["id"]
    assert "payload" in refused(await world.sdk.post(path, json={"payload": "x" * 101}), 400)["message"]
    assert [(text, length) for _, text, length in world.broadcaster.told] == [("ü" * 100, 60_000)]


@pytest.mark.parametrize(
    "body",
    [
        {"meeting_url": "ftp://x"},
        {"meeting_url": 1},
        {"recording": []},
        {"recording": {"hls_vod": "yes"}},
        {"destination": ""},
        {"destination": "none such"},
    ],
)
async def test_odd_starts_are_refused(world: World, body: Json) -> None:
    room = await occupied(world)
    message = refused(await world.api.post(f"/live-streams/room/{room['id']}/start", json=body), 400)["message"]
    assert next(iter(body)) in message
    assert world.broadcaster.started == []


async def test_the_templates_destination_says_what_is_made(world: World) -> None:
    room = await occupied(world)
    layers = [{"width": 1280, "height": 720}, {"width": 854, "height": 480}, {"width": 200, "height": 100}]
    hls = {"layers": layers, "recording": {"hlsVod": True}, "maxDuration": 600}
    template = room["template_id"]
    done(await world.api.post(f"/templates/{template}/destinations", json={"hlsDestinations": {"big": hls, "b": {}}}))
    made = await started(world, room, destination="big")
    stream = await known(world, made)
    assert stream.renditions == ("720", "480", "144", "ahi", "alo")
    assert made["recording"]["enabled"] is True


async def test_a_stream_ends_with_its_session(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, app_token(world.key, room, "guest"))
    made = await started(world, room, recording={"hls_vod": True})
    await begun(world, made)
    await world.house.leave(joined)
    await world.streams.settled()
    await ended(world, made)
    over = done(await world.api.get(f"/live-streams/{made['id']}"))
    assert over["status"] == "completed" and len(over["recording"]["assets"]) == 1


async def test_a_stream_whose_workers_die_fails_and_keeps_its_recording(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, recording={"hls_vod": True})
    await begun(world, made)
    world.broadcaster.lost((await known(world, made)).id)
    await world.streams.settled()
    await ended(world, made)
    over = done(await world.api.get(f"/live-streams/{made['id']}"))
    assert over["status"] == "failed" and len(over["recording"]["assets"]) == 1
    assert isinstance((await known(world, made)).id, UUID)


async def told(world: World, room: Json) -> list[Json]:
    """The bodies a 100ms receiver of the room gets about live streams and what is recorded."""
    room_id = await world.house.room_id(room["id"])
    events = await world.house.store.read(lambda tx: tx.events.of_room(room_id))
    heard = [one for one in events if one.type in HEARD[WebhookFormat.HMS] and one.type.value[:4] in {"live", "reco"}]
    stories = await world.house.store.read(lambda tx: tell(tx, heard, WebhookFormat.HMS))
    receiver = Receiver(WebhookFormat.HMS, "https://example.com/", 1.0)
    formatter = HmsFormatter(
        lambda asset, seconds: f"https://rooms.example/{asset.id}?{seconds}",
        lambda application, stream_id: f"https://rooms.example/video/{application}/{stream_id}/master.m3u8",
    )
    once = Try(1, receiver.url, world.house.clock.now())
    written = [formatter.write(story, receiver, once) for story in stories]
    return [json.loads(one.body) for one in written if one is not None]


async def test_a_stream_is_told_from_start_to_file(world: World) -> None:
    room = await occupied(world, name="class")
    made = await started(world, room, meeting_url="https://x.example/m", recording={"single_file_per_layer": True})
    await begun(world, made)
    assert done(await world.api.post(f"/live-streams/{made['id']}/stop")) == {}
    await ended(world, made)
    begin, file, end = await told(world, room)
    assert [one["type"] for one in (begin, file, end)] == [
        "hls.started.success",
        "hls.recording.success",
        "hls.stopped.success",
    ]
    for one in (begin, file, end):
        data = one["data"]
        assert one["account_id"] == one["app_id"] and one["template_id"] == room["template_id"]
        assert (data["room_id"], data["session_id"]) == (room["id"], made["session_id"])
        assert data["beam_id"] == data["job_id"] == made["id"]
        assert (data["meeting_url"], data["max_width"], data["max_height"]) == ("https://x.example/m", 1280, 720)
        assert data["recording_single_file_per_layer_enabled"] and not data["recording_vod_playlist_enabled"]
        assert data["started_at"] and data["session_started_at"] and "room_name" not in data
    assert begin["data"]["url"] == made["url"]
    recording = await recording_of(world, made)
    (asset,) = done(await world.api.get(f"/live-streams/{made['id']}"))["recording"]["assets"]
    (single,) = file["data"]["recording_single_files"]
    assert (file["data"]["recording_id"], file["data"]["size"], file["data"]["duration"]) == (
        recording.hms_id,
        1000,
        61,
    )
    assert (single["asset_id"], single["layer"], single["recording_path"]) == (asset["id"], "0", asset["path"])
    assert single["recording_presigned_url"].endswith("?86400") and file["data"]["hls_vod_recording_path"] == ""
    assert (end["data"]["reason"], end["data"]["duration"]) == ("client request", 0)


async def test_a_failure_is_told_and_events_are_found_by_their_names(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    await begun(world, made)
    world.broadcaster.lost((await known(world, made)).id)
    await world.streams.settled()
    await ended(world, made)
    end = (await told(world, room))[-1]
    assert (end["type"], end["data"]["error_type"]) == ("hls.failure", "INTERNAL_ERROR")
    for name, wanted in (("hls.started", ["hls.started"]), ("hls.failure", ["hls.failure"]), ("hls.stopped", [])):
        found = done(await world.api.get(f"/analytics/events?type={name}&room_id={room['id']}"))["data"]
        assert [one["type"] for one in found] == wanted
    (found,) = done(await world.sdk.get("/analytics/events?type=hls.started.success"))["events"]
    assert found["data"]["url"] == made["url"]
    types = [one["type"] for one in done(await world.api.get(f"/analytics/events?room_id={room['id']}"))["data"]]
    assert "hls.failure" in types and "hls.started" in types


async def test_a_recording_along_is_no_beam(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, recording={"hls_vod": True})
    assert done(await world.api.post(f"/live-streams/{made['id']}/stop")) == {}
    await ended(world, made)
    assert [one["type"] for one in await told(world, room)] == ["hls.recording.success"], "it never began"
    events = done(await world.api.get("/analytics/recording-events"))["data"]
    assert [one["type"] for one in events] == ["hls.recording.success"]
