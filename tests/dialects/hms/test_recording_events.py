"""What becomes of recordings, as receivers and analytics are told it: the vendor's events, field by field."""

import asyncio
import json
from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, app_token, done
from tests.support.told import Lasted, Text, Time, Uuid, compare

from polyroom.dialects.hms import HmsFormatter
from polyroom.domain.webhook import HEARD, Receiver, WebhookFormat
from polyroom.services.ports.webhooks import Try
from polyroom.services.stories import tell

LINK = r"https://rooms\.example/[0-9a-f-]{36}\?86400"


async def occupied(world: World, **fields: Any) -> Json:
    room = await world.room(**fields)
    await world.enter(room, app_token(world.key, room, "guest"))
    return room


async def recorded(world: World, room: Json, **body: Any) -> Json:
    """A recording from start to file."""
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start", json=body))
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    await ended(world, made)
    return made


async def ended(world: World, recording: Json) -> None:
    found = await world.recordings.get(world.house.mine.id, await own_id(world, recording))
    await world.recordings.finished(found.id)


async def own_id(world: World, recording: Json) -> Any:
    account = world.house.mine.id
    found = await world.house.store.read(lambda tx: tx.recordings.by_hms_id(account, recording["id"]))
    assert found is not None
    return found.id


async def told(world: World, room: Json) -> list[Json]:
    """The bodies a 100ms receiver of the room gets about recordings."""
    room_id = await world.house.room_id(room["id"])
    events = await world.house.store.read(lambda tx: tx.events.of_room(room_id))
    heard = [one for one in events if one.type in HEARD[WebhookFormat.HMS] and one.type.value.startswith("recording.")]
    stories = await world.house.store.read(lambda tx: tell(tx, heard, WebhookFormat.HMS))
    receiver = Receiver(WebhookFormat.HMS, "https://example.com/", 1.0)
    formatter = HmsFormatter(lambda asset, seconds: f"https://rooms.example/{asset.id}?{seconds}", lambda *_: "")
    once = Try(1, receiver.url, world.house.clock.now())
    written = [formatter.write(story, receiver, once) for story in stories]
    return [json.loads(one.body) for one in written if one is not None]


def beam(room: Json, name: str, number: int, **more: Any) -> Json:
    where = {"room_id": room["id"], "session_id": Text("session"), "template_id": room["template_id"]}
    return {
        "version": "2.0",
        "id": Uuid(f"event {number}"),
        "account_id": Text("account"),
        "app_id": Text("account"),
        "template_id": room["template_id"],
        "timestamp": Time(f"at {number}"),
        "type": name,
        "data": {
            **where,
            "session_started_at": Time("session began"),
            "beam_id": Text("beam"),
            "peer_id": "",
            "metadata_id": Uuid(f"event {number}"),
            "metadata_timestamp": Time(f"at {number}"),
            "meeting_url": "",
            "rtmp": [],
            "max_width": 640,
            "max_height": 360,
            **more,
        },
    }


async def test_a_recording_is_told_from_start_to_file(world: World) -> None:
    room = await occupied(world, name="class")
    made = await recorded(world, room, resolution={"width": 640, "height": 360})
    job = {"job_id": made["id"], "recording_enabled": True}
    expected = [
        beam(room, "beam.started.success", 1, **job, state_name="Started", state_timestamp=Time("at 1"), start_delay=0),
        beam(
            room,
            "beam.stopped.success",
            2,
            **job,
            state_name="Stopped",
            state_timestamp=Time("at 2"),
            duration=Lasted("at 1", "at 2"),
            reason="client request",
        ),
        beam(
            room,
            "beam.recording.success",
            3,
            recording_id=made["id"],
            recording_path=Text("path", r"x/[0-9a-f]{32}\.mp4"),
            recording_presigned_url=Text("link", LINK),
            location=Text("link", LINK),
            chat_recording_path="",
            chat_recording_presigned_url="",
            created_at=Time("made"),
            started_at=Time("at 1"),
            stopped_at=Time("at 2"),
            duration=61,
            size=1000,
        ),
    ]
    bodies = await told(world, room)
    assert len(bodies) == 3
    known: dict[str, Any] = {"beam": made["id"], "session": made["session_id"]}
    for body, wanted in zip(bodies, expected, strict=True):
        compare(wanted, body, known)


@pytest.mark.parametrize(
    ("trouble", "kind"), [("broken", "INTERNAL_ERROR"), ("empty", "BEAM_STOPPED"), ("full", "INTERNAL_ERROR")]
)
async def test_a_failure_is_told_with_its_kind(world: World, trouble: str, kind: str) -> None:
    room = await occupied(world)
    setattr(world.recorder, trouble, True)
    if trouble == "full":
        assert (await world.api.post(f"/recordings/room/{room['id']}/start")).status_code == 503
    else:
        await recorded(world, room)
    names = [one["type"] for one in await told(world, room)]
    begun = [] if trouble == "full" else ["beam.started.success", "beam.stopped.success"]
    assert names == [*begun, "beam.failure"]
    failure = (await told(world, room))[-1]["data"]
    assert (failure["error_type"], failure["error_code"], failure["state_name"]) == (kind, 1, "Failed")
    assert failure["error_message"] and failure["duration"] >= 0 and failure["job_id"] == failure["beam_id"]


async def test_the_end_of_a_session_is_the_reason_and_what_nobody_is_told_is_in_our_own_words(world: World) -> None:
    room = await occupied(world)
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start"))
    for action in ("pause", "resume"):
        done(await world.api.post(f"/recordings/room/{room['id']}/{action}"))
    done(await world.api.post(f"/active-rooms/{room['id']}/end-room", json={"reason": "late"}))
    while (await world.recordings.get(world.house.mine.id, await own_id(world, made))).stopped_at is None:
        await asyncio.sleep(0.01)
    await ended(world, made)
    bodies = await told(world, room)
    assert [one["type"] for one in bodies] == ["beam.started.success", "beam.stopped.success", "beam.recording.success"]
    assert bodies[1]["data"]["reason"] == "room ended"
    room_id = await world.house.room_id(room["id"])
    events = await world.house.store.read(lambda tx: tx.events.of_room(room_id))
    ours = [one.type.value.partition(".")[2] for one in events if one.type.value.startswith("recording.")]
    assert ours == ["started", "paused", "resumed", "stopped", "completed"]
    assert {one.data["recording"] for one in events if one.type.value.startswith("recording.")} == {
        str(await own_id(world, made))
    }


async def test_analytics_have_them_by_every_filter(world: World) -> None:
    room = await occupied(world)
    first, second = await recorded(world, room), await recorded(world, room)
    path = "/analytics/recording-events"
    names = ["beam.recording.success", "beam.stopped", "beam.started"]
    page = done(await world.api.get(path))
    assert [one["type"] for one in page["data"]] == names * 2
    mine = done(await world.api.get(f"{path}?recording_id={first['id']}"))["data"]
    assert [(one["type"], one["data"]["beam_id"]) for one in mine] == [(name, first["id"]) for name in names]
    by_uuid = done(await world.api.get(f"{path}?recording_id={await own_id(world, second)}&type=beam.stopped.success"))
    assert [one["data"]["beam_id"] for one in by_uuid["data"]] == [second["id"]]
    for nothing in ("recording_id=631b2654f771854d9bf633df", "type=recording.success", "recording_id=%00"):
        assert done(await world.api.get(f"{path}?{nothing}"))["data"] == []
    assert (await world.api.get(f"{path}?type=odd")).status_code == 400
    half = done(await world.api.get(f"{path}?limit=4"))
    rest = done(await world.api.get(f"{path}?start={half['last']}"))
    assert [one["id"] for one in (*half["data"], *rest["data"])] == [one["id"] for one in page["data"]]
    vendors = done(await world.sdk.get(f"/analytics/events?room_id={room['id']}&type=beam.recording.success"))
    assert [one["type"] for one in vendors["events"]] == ["beam.recording.success"] * 2
    assert vendors["events"][0]["data"]["recording_presigned_url"].endswith("?86400")
    everything = [one["type"] for one in done(await world.api.get("/analytics/events"))["data"]]
    assert everything == [*names * 2, "peer.join", "session.open"]
    assert done(await world.other.get(path))["data"] == []


async def test_an_active_room_says_whether_it_is_recorded(world: World) -> None:
    room = await occupied(world)
    where = f"/active-rooms/{room['id']}"
    assert done(await world.api.get(where))["recording"] == {"running": False}
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start"))
    assert done(await world.api.get(where))["recording"] == {"running": True}
    done(await world.api.post(f"/recordings/room/{room['id']}/pause"))
    assert done(await world.api.get(where))["recording"] == {"running": True}
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    assert done(await world.api.get(where))["recording"] == {"running": False}
    await ended(world, made)


async def test_events_of_recordings_are_told_again(world: World) -> None:
    room = await occupied(world, webhook={"url": "https://example.com/hook"})
    made = await recorded(world, room)
    page = done(await world.api.get(f"/analytics/recording-events?recording_id={made['id']}"))
    ids = [one["id"] for one in page["data"]]
    assert done(await world.api.post("/analytics/events/replay", json={"event_ids": ids})) == {}
    room_id = await world.house.room_id(room["id"])
    queues = await world.house.store.read(lambda tx: tx.outbox.queues(world.house.mine.id, 10))
    assert [one.waiting for one in queues if one.lane.room_id == room_id] == [5 + len(ids)]
