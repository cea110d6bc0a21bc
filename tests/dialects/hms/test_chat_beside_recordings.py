"""The chat of a recording, as a table that every spreadsheet reads and none runs."""

import csv
import io
from pathlib import Path

from tests.dialects.hms.world import Json, World, app_token, done

from polyroom.domain.recording import AssetKind


async def say(world: World, room: Json, **body: object) -> None:
    done(await world.api.post(f"/active-rooms/{room['id']}/send-message", json=body))


async def test_what_was_said_to_everybody_meanwhile_lies_beside_the_recording(world: World, tmp_path: Path) -> None:
    room = await world.room()
    ada = await world.enter(room, app_token(world.key, room, "guest"), name="Ada")
    await say(world, room, message="before")
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start"))
    said = ['Hello, "Ü" 🎉', "two\nlines", "=HYPERLINK(1)", "+1", "-2", "@x", "\ttab", "plain"]
    for text in said:
        await say(world, room, message=text)
    await say(world, room, message="private", peer_id=str(ada.participant.id))
    await say(world, room, message="to hosts", role="host")
    await say(world, room, message="for programs", type="PIN")
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    (known,) = world.recorder.started
    await world.recordings.finished(known.id)
    await say(world, room, message="after")
    (chat,) = done(await world.api.get("/recording-assets?type=chat"))["data"]
    assert done(await world.api.get("/recording-assets?type=chat-log"))["data"] == [chat]
    assert (chat["format"], chat["duration"], chat["recording_id"]) == ("csv", 0, made["id"])
    (asset,) = [one for one in await world.recordings.assets_of(known.id) if one.kind is AssetKind.CHAT]
    data = (tmp_path / "data" / "assets" / asset.path).read_bytes()
    assert len(data) == asset.bytes == chat["size"] and data.count(b"\r\n") == len(said) + 1
    table = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert table[0] == ["sent_at", "peer_id", "user", "name", "role", "message"]
    assert [row[-1] for row in table[1:]] == [text if text[0] not in "=+-@\t" else f"'{text}" for text in said]
    found = done(await world.api.get(f"/recordings/{made['id']}"))
    assert (found["duration"], found["size"], len(found["recording_assets"])) == (61, 1000, 2)
    (event,) = done(await world.sdk.get("/analytics/events?type=beam.recording.success"))["events"]
    assert event["data"]["chat_recording_path"] == chat["path"]
    assert event["data"]["chat_recording_presigned_url"].startswith("https://rooms.example/")


async def test_a_silent_recording_has_no_chat(world: World) -> None:
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"))
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start"))
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    await world.recordings.finished(world.recorder.started[0].id)
    assert done(await world.api.get("/recording-assets?type=chat"))["data"] == []
    assert len(done(await world.api.get(f"/recordings/{made['id']}"))["recording_assets"]) == 1


async def test_a_long_chat_is_kept_in_its_order(world: World, tmp_path: Path) -> None:
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"))
    made = done(await world.api.post(f"/recordings/room/{room['id']}/start"))
    for number in range(510):
        await say(world, room, message=f"message {number}")
    done(await world.api.post(f"/recordings/{made['id']}/stop"))
    (known,) = world.recorder.started
    await world.recordings.finished(known.id)
    (asset,) = [one for one in await world.recordings.assets_of(known.id) if one.kind is AssetKind.CHAT]
    lines = (tmp_path / "data" / "assets" / asset.path).read_text().splitlines()
    assert [line.rpartition(",")[2] for line in lines[1:]] == [f"message {number}" for number in range(510)]
