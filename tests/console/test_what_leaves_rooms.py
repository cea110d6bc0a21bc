"""Recordings, the live stream and servers a room is sent to, as the console shows them; stopping and deleting."""

from tests.console.conftest import World, all_of, refused, shown

from polyroom.domain.recording import RecordingState
from polyroom.domain.room import Room
from polyroom.services.external_streams import ExternalWish, WantedTarget
from polyroom.services.live_streams import LiveWish
from polyroom.services.recordings import RecordingWish


async def occupied(world: World) -> Room:
    room = await world.room("Recorded")
    await world.enter(room)
    return room


async def test_recordings_are_listed_stopped_and_deleted_with_their_files(world: World) -> None:
    client, room = await world.mine(), await occupied(world)
    made = [await world.recordings.start(room.account_id, room.id, RecordingWish()) for _ in range(3)]
    found = await all_of(client, f"/rooms/{room.id}/recordings", limit=2)
    assert [one["id"] for one in found] == [str(one.id) for one in reversed(made)]
    assert (found[0]["kind"], found[0]["state"], found[0]["files"]) == ("composite", "running", [])
    first = f"/recordings/{made[0].id}"
    refused(await client.delete(first), 409, "refused")
    assert (await client.post(f"{first}/stop", json={})).json() == {"stopped": True}
    await world.recordings.finished(made[0].id)
    stopped = (await all_of(client, f"/rooms/{room.id}/recordings"))[-1]
    assert stopped["state"] == RecordingState.COMPLETED
    (file,) = stopped["files"]
    assert (file["kind"], file["bytes"], file["milliseconds"]) == ("composite", 1000, 61400)
    assert file["link"] == f"https://public.example/recorded/{file['id']}?3600"
    refused(await client.post(f"{first}/stop", json={}), 409, "refused")
    assert (await client.delete(first)).json() == {"deleted": True}
    assert len(await all_of(client, f"/rooms/{room.id}/recordings")) == 2
    refused(await client.delete(first), 404, "not_found")


async def test_what_leaves_a_room_is_shown_without_keys_and_stopped(world: World) -> None:
    client, room = await world.mine(), await occupied(world)
    path = f"/rooms/{room.id}/broadcast"
    assert await shown(client, path) == {"live": None, "targets": []}
    stream = await world.streams.start(room.account_id, room.id, LiveWish())
    target = WantedTarget("rtmp://there.example/live/the-key", "rtmp://there.example/live/****", "There")
    await world.restreams.start(room.account_id, room.id, ExternalWish([target]))
    found = await shown(client, path)
    application = world.house.mine.phenix_application_id
    assert found["live"]["watch"] == f"https://public.example/video/{application}/{stream.id}/master.m3u8"
    assert (found["live"]["state"], found["live"]["viewers"]) == ("starting", 7)
    assert [(one["to"], one["name"], one["state"]) for one in found["targets"]] == [
        ("rtmp://there.example/live/****", "There", "connecting")
    ]
    assert "the-key" not in str(found)
    assert (await client.post(f"{path}/stop", json={})).json() == {"stopped": True}
    await world.streams.finished(stream.id)
    assert await shown(client, path) == {"live": None, "targets": []}
