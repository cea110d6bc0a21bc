"""`/external-streams`: rooms sent to RTMP servers, in the document's shapes and the vendor's, without their keys."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.external_stream import Target, TargetState
from polyroom.domain.session import LeaveReason
from polyroom.services.ports.feed import ParticipantLeft

NOBODYS = "631b2654f771854d9bf633df"
ONE, TWO = "rtmp://a.example/live2/sesame-1", "rtmps://b.example:8443/app/inner/sesame-2?token=sesame-3"
SHOWN = ["rtmp://a.example/live2/****", "rtmps://b.example:8443/app/inner/****"]


async def occupied(world: World) -> Json:
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"))
    return room


async def started(world: World, room: Json, **body: Any) -> Json:
    asked = {"rtmp_urls": [ONE, TWO], **body}
    return done(await world.api.post(f"/external-streams/room/{room['id']}/start", json=asked))


def targets(world: World) -> list[Target]:
    return list(world.restreamer.running[world.restreamer.started[-1].id].values())


async def until(done: Callable[[Json], bool], world: World, stream: Json) -> Json:
    async with asyncio.timeout(20):
        while not done(found := (await world.api.get(f"/external-streams/{stream['id']}")).json()):
            await asyncio.sleep(0.01)
    return dict(found)


async def test_a_stream_from_start_to_stop(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, resolution={"width": 641, "height": 360}, meeting_url="https://me.example/x")
    assert {name: value for name, value in made.items() if name != "rtmp_targets"} == {
        "id": made["id"],
        "room_id": room["id"],
        "session_id": made["session_id"],
        "status": "init",
        "rtmp_urls": SHOWN,
        "recording": False,
        "resolution": {"width": 640, "height": 360},
        "meeting_url": "https://me.example/x",
        "destination": "",
        "recording_assets": None,
        "created_at": made["created_at"],
        "stopped_by": "",
    }
    assert [one["status"] for one in made["rtmp_targets"]] == ["connecting", "connecting"]
    first, second = targets(world)
    assert (first.url, second.url) == (ONE, TWO), "whoever sends has them whole"
    world.restreamer.tell(first, TargetState.LIVE, sent=5000)
    running = await until(lambda now: now["status"] == "running", world, made)
    assert running["started_at"] >= running["created_at"]
    assert running["rtmp_targets"][0]["bytes"] == 5000 and running["rtmp_targets"][0]["live_at"]
    world.restreamer.tell(second, TargetState.RECONNECTING, "nobody listens there", retries=3)
    troubled = await until(lambda now: now["rtmp_targets"][1]["status"] == "reconnecting", world, made)
    assert troubled["rtmp_targets"][1]["error"] == "nobody listens there"
    assert troubled["rtmp_targets"][1]["retries"] == 3
    (active,) = [done(await world.api.get(f"/active-rooms/{room['id']}"))]
    assert active["streaming"] == {"running": True}
    assert done(await world.api.post(f"/external-streams/{made['id']}/stop")) == {}
    over = done(await world.api.get(f"/external-streams/{made['id'].upper()}"))
    assert over["status"] == "completed" and over["stopped_at"] >= over["started_at"]
    assert [one["status"] for one in over["rtmp_targets"]] == ["stopped", "stopped"]
    assert not world.restreamer.running
    assert done(await world.api.get(f"/active-rooms/{room['id']}"))["streaming"] == {"running": False}
    answer = await world.api.post(f"/external-streams/{made['id']}/stop")
    assert refused(answer, 400)["message"] == "external stream is stopped"


async def test_the_vendors_edition_has_the_vendors_shapes(world: World) -> None:
    room = await occupied(world)
    body = {"rtmp_urls": [ONE], "meeting_url": "https://me.example"}
    made = done(await world.sdk.post(f"/external-streams/room/{room['id']}/start", json=body))
    assert made["status"] == "starting" and made["destination"] == "" and made["started_by"] == ""
    assert made["resolution"] == {"width": 1280, "height": 720} and made["updated_at"]
    (found,) = done(await world.sdk.get("/external-streams?status=starting"))["data"]
    assert found == made
    stopped = done(await world.sdk.post(f"/external-streams/room/{room['id']}/stop"))["data"]
    assert [one["status"] for one in stopped] == ["completed"]
    for size in ({"width": 499, "height": 500}, {"width": 640, "height": 479}, {"width": 1922, "height": 1080}):
        answer = await world.sdk.post(f"/external-streams/room/{room['id']}/start", json={**body, "resolution": size})
        assert "resolution" in refused(answer, 400)["message"]


async def test_keys_are_nowhere_but_where_they_are_needed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    room = await occupied(world)
    made = await started(world, room)
    for path in (f"/external-streams/{made['id']}", "/external-streams", "/analytics/events"):
        for api in (world.api, world.sdk):
            assert "sesame" not in (await api.get(path)).text
    answer = await world.api.post(f"/external-streams/room/{room['id']}/start", json={"rtmp_urls": [ONE + " sesame"]})
    assert "sesame" not in refused(answer, 400)["message"]
    assert "sesame" not in caplog.text
    assert all("sesame" not in repr(one) for one in targets(world))


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({}, "rtmp_urls"),
        ({"rtmp_urls": []}, "rtmp_urls"),
        ({"rtmp_urls": None}, "rtmp_urls"),
        ({"rtmp_urls": "rtmp://a.example/live/x"}, "rtmp_urls"),
        ({"rtmp_urls": [5]}, "rtmp_urls"),
        ({"rtmp_urls": [f"rtmp://a.example/live/{number}" for number in range(6)]}, "rtmp_urls"),
        ({"rtmp_urls": [ONE, ONE]}, "rtmp_urls"),
        *(
            ({"rtmp_urls": [url]}, "rtmp_urls")
            for url in (
                "",
                "http://a.example/live/x",
                "rtmp://",
                "rtmp:///live/x",
                "rtmp://a.example",
                "rtmp://a.example/live",
                "rtmp://a.example/live/",
                "rtmp://a.example:0/live/x",
                "rtmp://a.example:99999/live/x",
                "rtmp://me:secret@a.example/live/x",
                "rtmp://a.example/live/x y",
                "rtmp://a.example/live/\0",
                "rtmp://ü.example/live/x",
                "rtmp://[::1/live/x",
                "rtmp://a.example/live/" + "x" * 2048,
                "\ud800",
            )
        ),
        ({"rtmp_urls": [ONE], "resolution": {"width": 1}}, "resolution"),
        ({"rtmp_urls": [ONE], "resolution": {"width": 1920, "height": 1920}}, "resolution"),
        ({"rtmp_urls": [ONE], "resolution": []}, "resolution"),
        ({"rtmp_urls": [ONE], "recording": "yes"}, "recording"),
        ({"rtmp_urls": [ONE], "meeting_url": "nowhere"}, "meeting_url"),
        ({"rtmp_urls": [ONE], "destination": ""}, "destination"),
    ],
)
async def test_what_is_wrong_is_named(world: World, body: Json, word: str) -> None:
    room = await occupied(world)
    answer = await world.api.post(
        f"/external-streams/room/{room['id']}/start",
        content=json.dumps(body),
        headers={"content-type": "application/json"},
    )
    assert word in refused(answer, 400)["message"]
    assert not world.restreamer.started


async def test_what_is_not_there_is_not_found(world: World) -> None:
    room = await world.room()
    body = {"rtmp_urls": [ONE]}
    answer = await world.api.post(f"/external-streams/room/{room['id']}/start", json=body)
    assert refused(answer, 404)["message"] == "session not found"
    busy = await occupied(world)
    made = await started(world, busy)
    for odd in (NOBODYS, "x", "%00", "ü" * 300):
        refused(await world.api.get(f"/external-streams/{odd}"), 404)
        refused(await world.api.post(f"/external-streams/{odd}/stop"), 404)
        refused(await world.api.post(f"/external-streams/room/{odd}/start", json=body), 404)
        refused(await world.api.post(f"/external-streams/room/{odd}/stop"), 404)
    refused(await world.api.post(f"/external-streams/room/{room['id']}/stop"), 404)
    for method, path in (("get", made["id"]), ("post", f"{made['id']}/stop"), ("post", f"room/{busy['id']}/stop")):
        refused(await world.other.request(method, f"/external-streams/{path}"), 404)
    assert done(await world.other.get("/external-streams"))["data"] == []


async def test_no_room_on_this_machine_is_said_and_kept(world: World) -> None:
    room = await occupied(world)
    world.restreamer.full = True
    answer = await world.api.post(f"/external-streams/room/{room['id']}/start", json={"rtmp_urls": [ONE]})
    refused(answer, 503)
    (kept,) = done(await world.api.get("/external-streams?status=failed"))["data"]
    assert kept["rtmp_targets"][0]["status"] == "stopped"


async def test_lists_are_filtered_and_go_on_where_the_page_before_ended(world: World) -> None:
    rooms = [await occupied(world) for _ in range(2)]
    made = [await started(world, rooms[number % 2]) for number in range(5)]
    ids = [one["id"] for one in reversed(made)]
    page = done(await world.api.get("/external-streams?limit=2"))
    assert [one["id"] for one in page["data"]] == ids[:2] and page["last"] == ids[1]
    rest = done(await world.api.get(f"/external-streams?limit=100&start={page['last']}"))
    assert [one["id"] for one in rest["data"]] == ids[2:]
    of_room = done(await world.api.get(f"/external-streams?room_id={rooms[0]['id']}"))["data"]
    assert [one["id"] for one in of_room] == ids[::2]
    of_session = done(await world.api.get(f"/external-streams?session_id={made[1]['session_id']}"))["data"]
    assert [one["id"] for one in of_session] == ids[1::2]
    done(await world.api.post(f"/external-streams/{ids[0]}/stop"))
    assert [one["id"] for one in done(await world.api.get("/external-streams?status=completed"))["data"]] == ids[:1]
    assert done(await world.api.get("/external-streams?status=paused"))["data"] == []
    assert done(await world.api.get(f"/external-streams?room_id={NOBODYS}"))["data"] == []
    for query in ("status=odd", "limit=x", "limit=0", "start=odd", f"start={NOBODYS}"):
        refused(await world.api.get(f"/external-streams?{query}"), 400)


async def test_a_stream_none_of_whose_servers_takes_it_fails(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    for target in targets(world):
        world.restreamer.tell(target, TargetState.FAILED, "its name is not known")
    failed = await until(lambda now: now["status"] == "failed", world, made)
    assert [one["error"] for one in failed["rtmp_targets"]] == ["its name is not known"] * 2
    events = done(await world.sdk.get("/analytics/events?type=beam.failure"))["events"]
    assert events[0]["data"]["error_type"] == "MAX_RETRIES_REACHED"


async def test_a_stream_whose_workers_die_at_once_fails(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    world.restreamer.lose(world.restreamer.started[-1].id)
    await until(lambda now: now["status"] == "failed", world, made)


async def test_it_ends_with_its_session(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, app_token(world.key, room, "guest"))
    made = await started(world, room)
    await world.house.people.leave(joined.participant.id, LeaveReason.LEFT)
    world.restreams.hear(ParticipantLeft(joined.participant, LeaveReason.LEFT))
    over = await until(lambda now: now["status"] == "completed", world, made)
    assert over["stopped_by"] == ""
    events = done(await world.sdk.get("/analytics/events?type=beam.stopped.success"))["events"]
    assert events[0]["data"]["reason"] == "room ended"


async def test_a_destination_of_the_template_says_how(world: World) -> None:
    room = await occupied(world)
    tube = {"name": "tube", "width": 640, "height": 361, "recordingEnabled": True}
    destinations = {"rtmpDestinations": {"tube": tube, "odd": {"name": "odd", "width": 5000}}}
    done(await world.api.post(f"/templates/{room['template_id']}/destinations", json=destinations))
    made = await started(world, room, destination="tube")
    assert made["resolution"] == {"width": 640, "height": 360} and made["recording"] is True
    assert made["destination"] == "tube"
    size = {"width": 320, "height": 180}
    other = await started(world, room, destination="tube", resolution=size, recording=False)
    assert other["resolution"] == size and other["recording"] is False
    assert (await started(world, room, destination="odd"))["resolution"] == {"width": 1280, "height": 720}
    body = {"rtmp_urls": [ONE], "destination": "none"}
    answer = await world.api.post(f"/external-streams/room/{room['id']}/start", json=body)
    assert "destination" in refused(answer, 400)["message"]


async def test_receivers_and_analytics_are_told_in_each_ones_words(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room)
    world.restreamer.tell(targets(world)[0], TargetState.LIVE)
    await until(lambda now: now["status"] == "running", world, made)
    done(await world.api.post(f"/external-streams/{made['id']}/stop"))
    vendors = done(await world.sdk.get(f"/analytics/events?room_id={room['id']}"))["events"]
    assert [one["type"] for one in vendors][:2] == ["beam.stopped.success", "beam.started.success"]
    begun = vendors[1]["data"]
    assert begun["beam_id"] == begun["job_id"] == made["id"] and begun["session_id"] == made["session_id"]
    assert begun["rtmp"] == [{"url": one} for one in SHOWN] and begun["recording_enabled"] is False
    assert (begun["max_width"], begun["max_height"], begun["start_delay"]) == (1280, 720, 0)
    assert vendors[0]["data"]["reason"] == "client request" and vendors[0]["data"]["duration"] == 0
    documents = done(await world.api.get("/analytics/events?type=rtmp.started,rtmp.stopped"))["data"]
    assert [one["type"] for one in documents] == ["rtmp.stopped", "rtmp.started"]
    assert "sesame" not in json.dumps([vendors, documents])


async def test_with_a_recording_there_is_a_file_too(world: World) -> None:
    room = await occupied(world)
    made = await started(world, room, recording=True)
    assert made["recording"] is True and made["recording_assets"] == []
    done(await world.api.post(f"/external-streams/{made['id']}/stop"))
    over = await until(lambda now: bool(now["recording_assets"]), world, made)
    (asset,) = over["recording_assets"]
    assert asset["type"] == "room-composite"
    assert (await world.sdk.get(f"/external-streams/{made['id']}")).json()["status"] == "completed"
