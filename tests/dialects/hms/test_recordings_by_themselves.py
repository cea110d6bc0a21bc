"""Rooms and templates that say so are recorded by themselves, and how they are, is as the template says."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.recording import Recording, RecordingKind, RecordingState
from polyroom.domain.session import TrackKind
from polyroom.services.participants import Joined
from polyroom.services.ports.feed import TrackAdded
from polyroom.services.ports.store import Transaction

TEMPLATE = {
    "name": "studio",
    "roles": {"host": {}, "guest": {}},
}
CONFIG = {
    "name": "default",
    "role": "host",
    "maxDuration": 1800,
    "presignDuration": 3600,
    "thumbnails": {"enabled": True, "width": 320, "height": 180, "offsets": [2]},
    "compositeRecording": {"browserComposite": {"autoStart": True, "width": 641, "height": 360}},
}


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not done():
            await asyncio.sleep(0.01)


def fail() -> NoReturn:
    raise AssertionError


async def enter(world: World, room: Json) -> Joined:
    return await world.enter(room, app_token(world.key, room, "host"))


async def publish(world: World, joined: Joined, kind: TrackKind = TrackKind.VIDEO) -> None:
    track = await world.house.publish(joined, kind)
    world.house.departures.feed.publish(TrackAdded(track))


async def begun(world: World, room: Json) -> list[Recording]:
    """What is recorded of a room once somebody has come in and publishes."""
    ada = await enter(world, room)
    await publish(world, ada)
    return await settled(world)


async def settled(world: World) -> list[Recording]:
    """Recordings begun so far, once none is about to begin."""
    for _ in range(3):
        await world.house.store.write(lambda tx: None)
        await asyncio.sleep(0.02)
    return list(world.recorder.started)


async def templated(world: World, **config: Any) -> Json:
    template = done(await world.api.post("/templates", json=TEMPLATE))
    done_list = await world.api.post(f"/templates/{template['id']}/recordings", json=[{**CONFIG, **config}])
    assert done_list.status_code == 200, done_list.text
    return await world.room(template_id=template["id"])


async def test_recording_info_records_from_the_first_who_publishes_and_is_told_as_the_vendor_does(world: World) -> None:
    room = await world.room(name="class", recording_info={"enabled": True})
    ada = await enter(world, room)
    assert await settled(world) == [], "nobody publishes yet"
    await publish(world, ada)
    await until(lambda: bool(world.recorder.started))
    await publish(world, ada, TrackKind.AUDIO)
    await publish(world, await enter(world, room))
    (one,) = await settled(world)
    assert (one.kind, one.width, one.height, one.started_by) == (RecordingKind.COMPOSITE, 1280, 720, "")
    (shown,) = done(await world.api.get("/recordings"))["data"]
    assert shown["status"] == "running"
    done(await world.api.post(f"/recordings/{shown['id']}/stop"))
    await world.recordings.finished(one.id)
    await publish(world, ada, TrackKind.AUDIO)
    assert len(await settled(world)) == 1, "who stopped it does not get another in the same session"
    (event,) = done(await world.sdk.get("/analytics/events?type=recording.success"))["events"]
    data = event["data"]
    assert event["type"] == "recording.success" and data["room_name"] == "class" and data["duration"] == 61
    assert data["recording_path"] and data["size"] == 1000 and data["session_stopped_at"]
    for name in ("beam.recording.success", "beam.started.success"):
        assert done(await world.sdk.get(f"/analytics/events?type={name}"))["events"] == []


async def test_a_change_holds_from_the_next_session_on(world: World) -> None:
    room = await world.room()
    ada = await enter(world, room)
    done(await world.api.post(f"/rooms/{room['id']}", json={"recording_info": {"enabled": True}}))
    await publish(world, ada)
    assert await settled(world) == []
    await world.house.leave(ada)
    assert len(await begun(world, room)) == 1


async def test_rooms_that_do_not_say_so_are_not_recorded(world: World) -> None:
    for info in ({"enabled": False}, {}):
        assert await begun(world, await world.room(recording_info=info)) == []
    assert await begun(world, await world.room()) == []


async def test_a_template_that_starts_by_itself_says_how_large_how_long_and_what_beside(world: World) -> None:
    (one,) = await begun(world, await templated(world))
    assert (one.width, one.height) == (640, 360)
    assert one.settings["thumbnails"] == {"enabled": True, "width": 320, "height": 180, "offsets": [2]}
    assert (one.settings["presign"], one.settings["destination"], one.settings["chat"]) == (3600, "default", True)
    names = {event["type"] for event in done(await world.api.get("/analytics/recording-events"))["data"]}
    assert names == {"beam.started"}


async def test_people_and_tracks_are_recorded_where_the_template_says_so(world: World) -> None:
    quiet = {"compositeRecording": {}, "streamRecording": {"enabled": True, "width": 320, "height": 180}}
    room = await templated(world, **quiet, trackRecording={"enabled": True})
    ada = await enter(world, room)
    for kind in TrackKind:
        await publish(world, ada, kind)
    await until(lambda: len(world.recorder.started) == 3)
    kinds = [one.kind for one in await settled(world)]
    assert sorted(kinds) == [RecordingKind.PARTICIPANT, RecordingKind.TRACK, RecordingKind.TRACK]
    assert {one.participant_id for one in world.recorder.started} == {ada.participant.id}
    assert len({one.track_id for one in world.recorder.started if one.track_id}) == 2
    await world.house.leave(ada)
    for one in world.recorder.started:
        await until(lambda known=one.id: known not in world.recordings._running)  # type: ignore[misc]
        await world.recordings.finished(one.id)
    events = done(await world.sdk.get("/analytics/recording-events?limit=20"))["events"]
    told = {name: [one["data"] for one in events if one["type"] == name] for name in {one["type"] for one in events}}
    assert {name: len(datas) for name, datas in told.items()} == {
        "stream.recording.success": 1,
        "track.recording.started.success": 2,
        "track.recording.success": 2,
    }
    (stream,), tracks = told["stream.recording.success"], told["track.recording.success"]
    peer = str(ada.participant.id)
    assert (stream["peer_id"], stream["stream_id"], stream["type"]) == (peer, peer, "regular")
    assert (stream["size"], stream["duration"]) == (1000, 61)
    assert stream["recording_path"] and stream["recording_presigned_url"].endswith("?3600")
    assert {one["track_type"] for one in tracks} == {"audio", "video"} and all(one["track_id"] for one in tracks)
    named = done(await world.api.get("/analytics/events?type=stream.recording.success"))["data"]
    assert [one["data"]["recording_id"] for one in named] == [stream["recording_id"]]


async def test_the_whole_template_may_say_so_and_a_room_may_not_want_it(world: World) -> None:
    settings = {"recording": {"enabled": True}}
    template = done(await world.api.post("/templates", json={**TEMPLATE, "settings": settings}))
    shy = await world.room(template_id=template["id"], recording_info={"enabled": False})
    assert await begun(world, shy) == []
    assert len(await begun(world, await world.room(template_id=template["id"]))) == 1


async def test_a_destination_is_picked_by_its_name(world: World) -> None:
    room = await templated(world, compositeRecording={"browserComposite": {"width": 320, "height": 180}})
    await enter(world, room)
    where = f"/recordings/room/{room['id']}/start"
    made = done(await world.sdk.post(where, json={"destination": "default"}))
    assert (made["destination"], made["asset_types"]) == ("default", ["room-composite", "chat"])
    larger = {"resolution": {"width": 640, "height": 360}}
    done(await world.api.post(where, json=larger))
    sizes = [(one.width, one.height) for one in world.recorder.started]
    assert sizes == [(320, 180), (640, 360)]
    assert "destination" in refused(await world.api.post(where, json={"destination": "other"}), 400)["message"]


async def test_what_has_no_capacity_is_on_record_and_told(world: World) -> None:
    world.recorder.full = True
    room = await world.room(recording_info={"enabled": True})
    assert await begun(world, room) == []
    (shown,) = done(await world.api.get("/recordings"))["data"]
    assert shown["status"] == "failed"
    (event,) = done(await world.api.get("/analytics/recording-events"))["data"]
    assert (event["type"], event["data"]["error_type"]) == ("recording.failed", "PROCESSING_CMD_ERROR")


async def test_a_recording_ends_by_itself_after_its_longest_time(world: World) -> None:
    room = await templated(world, maxDuration=1)
    (one,) = await begun(world, room)
    async with asyncio.timeout(30):
        while not (ended := await world.recordings.get(world.house.mine.id, one.id)).over:
            await asyncio.sleep(0.05)
    assert ended.state is RecordingState.COMPLETED
    events = done(await world.api.get("/analytics/recording-events?type=beam.stopped"))["data"]
    assert [event["data"]["reason"] for event in events] == ["max duration reached"]


async def test_a_room_of_streamwise_records_by_itself_unless_its_subscription_forbids_it(world: World) -> None:
    house = world.house
    rooms = [await house.room_id((await world.room())["id"]) for _ in range(2)]

    def wishing(tx: Transaction) -> None:
        plain = tx.accounts.subscription((tx.rooms.get(rooms[0]) or fail()).subscription_id)
        assert plain is not None
        strict = replace(
            plain,
            id=house.ids.uuid(),
            streamwise_id=house.ids.base62(16),
            features={**plain.features, "recording": False},
            is_default=False,
        )
        tx.accounts.add_subscription(strict)
        for room_id, subscription in zip(rooms, (strict, plain), strict=True):
            known = tx.rooms.get(room_id) or fail()
            settings = {"auto_start_recording": True}
            tx.rooms.update(replace(known, settings=settings, subscription_id=subscription.id))

    await house.store.write(wishing)
    for room_id in rooms:
        await begun(world, {"id": str(room_id)})
    (one,) = world.recorder.started
    assert (one.room_id, one.settings["automatic"]) == (rooms[1], "auto_start_recording")


async def test_ten_at_once_are_the_most_of_a_room(world: World) -> None:
    room = await world.room()
    await enter(world, room)
    where = f"/recordings/room/{room['id']}/start"
    answers = await asyncio.gather(*(world.api.post(where) for _ in range(12)))
    assert sorted(one.status_code for one in answers) == [200] * 10 + [400] * 2
    assert "recordings" in next(one for one in answers if one.status_code == 400).json()["message"]
    stopped = done(await world.sdk.post(f"/recordings/room/{room['id']}/stop"))["data"]
    assert len(stopped) == 10
