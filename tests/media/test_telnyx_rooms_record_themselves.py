"""A room with `enable_recording`, real clients, Telnyx' SDK: a file of each person and kind, and a composition."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from livekit import rtc
from telnyx import NotFoundError, Telnyx
from tests.support.growing import growing, have
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.receivers import HookServer, hook_server
from tests.support.server import ServerProcess, running_server
from tests.support.tapped import Watched

PATIENCE = 90.0
RED, BLUE = (200, 30, 30), (30, 30, 220)
LOW, HIGH = 440.0, 1000.0


async def eventually(what: str, ask: Callable[[], Awaitable[Any]]) -> Any:
    """What it answers as soon as that is something."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await ask()):
            await asyncio.sleep(0.2)
    assert found, what
    return found


def rgb_at(picture: np.ndarray, x: float, y: float) -> tuple[int, int, int]:
    """The colour of a small place, in shares of width and height."""
    rows, width = picture.shape[0] * 2 // 3, picture.shape[1]
    blue, red = picture[rows:].reshape(2, rows // 2, width // 2)
    at = slice(int(y * rows) - 3, int(y * rows) + 3), slice(int(x * width) - 3, int(x * width) + 3)
    half = slice(at[0].start // 2, at[0].stop // 2), slice(at[1].start // 2, at[1].stop // 2)
    luma, u, v = (float(np.median(plane)) for plane in (picture[:rows][at], blue[half], red[half]))
    light = 1.164 * (luma - 16)
    mixed = light + 1.596 * (v - 128), light - 0.391 * (u - 128) - 0.813 * (v - 128), light + 2.018 * (u - 128)
    return tuple(round(min(max(one, 0), 255)) for one in mixed)  # type: ignore[return-value]


def is_like(found: tuple[int, int, int], colour: tuple[int, int, int]) -> bool:
    return max(abs(one - other) for one, other in zip(found, colour, strict=True)) < 60


def looks(picture: np.ndarray, colour: tuple[int, int, int], x: float = 0.5, y: float = 0.5) -> bool:
    """Whether a place has that colour; the bar that wanders over it covers only some of it at a time."""
    return sum(is_like(rgb_at(picture, x + shift, y), colour) for shift in (-0.1, 0, 0.1)) >= 2


def before_the_end(watched: Watched) -> list[np.ndarray]:
    """The pictures shortly before people leave, which the last of a file may show."""
    end = watched.pictures[-1][0]
    return [picture for at, picture in watched.pictures if end - 3 <= at <= end - 1]


def is_loud(hertz: float) -> Callable[[Watched], bool]:
    return lambda watched: watched.loudest(hertz) > 0.05


def is_seen(colour: tuple[int, int, int]) -> Callable[[Watched], bool]:
    """In the last two seconds."""
    return lambda watched: sum(looks(one, colour) for _, one in watched.pictures[-30:]) > 15


async def shown(server: ServerProcess, *wanted: Callable[[Watched], bool]) -> None:
    """Wait until the recordings have that in them."""
    assets = server.data / "assets"
    await eventually("it is recorded", lambda: asyncio.to_thread(lambda: have(growing(assets), *wanted)))


async def publish(someone: Participant, colour: tuple[int, int, int], hertz: float, codec: Any) -> Any:
    video = await someone.publish_video(codec, colour)
    await someone.publish_audio(hertz)
    return video


async def fetched(url: str, path: Path) -> Watched:
    """A file, decoded."""
    async with httpx.AsyncClient(timeout=30) as http:
        answer = await http.get(url)
    assert answer.status_code == 200
    path.write_bytes(answer.content)
    return await asyncio.to_thread(Watched, path)


@pytest.fixture(scope="module")
def hook() -> Any:
    with hook_server() as one:
        yield one


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = Path(tmp_path_factory.mktemp("recording")) / "data"
    with running_server(folder, "--allow-private-targets") as started:
        yield started


async def test_everybody_is_recorded_alone_and_composed_afterwards(
    server: ServerProcess, hook: HookServer, tmp_path: Path
) -> None:
    key = server.credentials()["telnyx"]
    client = Telnyx(api_key=key["api_key"], base_url=f"{server.url}{key['base']}", timeout=20)
    room = client.rooms.create(enable_recording=True, webhook_event_url=f"{hook.url}/room").data
    assert room is not None and room.id is not None
    room_id = room.id
    tokens = client.rooms.actions.generate_join_client_token(room_id).data
    assert tokens is not None and tokens.token is not None
    async with livekit_participant(server.url, room_id, tokens.token, "Ada") as ada:
        video = await publish(ada, RED, LOW, rtc.VideoCodec.H264)
        async with livekit_participant(server.url, room_id, tokens.token, "Bob") as bob:
            await publish(bob, BLUE, HIGH, rtc.VideoCodec.VP8)
            list_all = client.room_recordings.list

            async def four() -> bool:
                found = await asyncio.to_thread(lambda: list(list_all(filter={"status": "processing"})))
                return len(found) == 4

            await eventually("a recording of each person and kind", four)
            await shown(server, is_loud(LOW), is_loud(HIGH), is_seen(RED), is_seen(BLUE))
            # Whoever publishes anew is still the same person: the same file goes on.
            await ada.room.local_participant.unpublish_track(video.sid)
            await shown(server, lambda one: bool(one.pictures) and max(rgb_at(one.pictures[-1][1], 0.5, 0.9)) < 70)
            await ada.publish_video(rtc.VideoCodec.H264, RED)
            await shown(server, lambda one: is_seen(RED)(one) and one.pictures[-1][1].shape == (270, 320))

    async def done() -> list[Any]:
        found = await asyncio.to_thread(lambda: list(list_all(filter={"room_id": room_id, "status": "completed"})))
        return found if len(found) == 4 else []

    recordings = await eventually("they are done", done)
    people = {one.participant_id for one in recordings}
    assert len(people) == 2 and {one.type for one in recordings} == {"audio", "video"}
    files: dict[tuple[str, str], Watched] = {}
    for one in recordings:
        assert one.download_url and one.size_mb and one.duration_secs >= 1
        files[one.participant_id, one.type] = await fetched(one.download_url, tmp_path / f"{one.id}.mp4")
    names = {person.id: person.context for person in client.room_participants.list() if person.id in people}
    for (person, kind), watched in files.items():
        colour, hertz, other = (RED, LOW, HIGH) if names[person] == "Ada" else (BLUE, HIGH, LOW)
        if kind == "audio":
            assert not watched.pictures
            assert watched.loudest(hertz) > 0.05 and watched.loudest(other) < watched.loudest(hertz) / 4
        else:
            assert not watched.sound.any()
            seen = [looks(picture, colour) for _, picture in watched.pictures]
            assert sum(seen) > len(seen) / 3, "the right picture"
            assert any(looks(one, colour) for one in before_the_end(watched)), "also after it was published anew"
    copied = files[next(one for one, name in names.items() if name == "Ada"), "video"]
    assert {one.shape for one in before_the_end(copied)} == {(270, 320)}, (
        "an H264 publisher's pictures are as they were sent"
    )

    sources = {names[one.participant_id]: one.id for one in recordings if one.type == "video"}
    order = client.room_compositions.create(
        session_id=recordings[0].session_id,
        resolution="640x360",
        video_layout={
            "left": {"x_pos": 0, "y_pos": 0, "width": 320, "height": 180, "video_sources": [sources["Ada"]]},
            "right": {"x_pos": 320, "y_pos": 180, "width": 320, "height": 180, "video_sources": [sources["Bob"]]},
        },
        webhook_event_url=f"{hook.url}/composition",
    ).data
    assert order is not None and order.id is not None and order.status == "enqueued"
    order_id = order.id

    async def made() -> Any:
        found = (await asyncio.to_thread(client.room_compositions.retrieve, order_id)).data
        assert found is not None and str(found.status) != "failed"
        return found if found.status == "completed" else None

    composition = await eventually("it is made", made)
    watched = await fetched(composition.download_url, tmp_path / "composition.mp4")
    late = before_the_end(watched)
    assert any(looks(one, RED, 0.25, 0.25) and looks(one, BLUE, 0.75, 0.75) for one in late)
    assert all(max(rgb_at(one, 0.75, 0.25)) < 60 > max(rgb_at(one, 0.25, 0.75)) for one in late), "nothing elsewhere"
    assert min(watched.loudest(hertz) for hertz in (LOW, HIGH)) > 0.03
    assert abs(composition.duration_secs - watched.pictures[-1][0]) < 1.5

    told = hook.wait(lambda all_: sum("recording" in one.json["data"]["event_type"] for one in all_) >= 8)
    told = hook.wait(lambda all_: any(one.path == "/composition" for one in all_))
    bodies = [(one.path, one.json["data"]) for one in told]
    of_composition = [body for path, body in bodies if path == "/composition"]
    assert [one["event_type"] for one in of_composition] == ["video.room.composition.completed"]
    assert of_composition[0]["payload"]["composition_id"] == order_id
    assert not [1 for path, body in bodies if path == "/room" and "composition" in body["event_type"]]
    ended = [body["payload"] for _, body in bodies if body["event_type"] == "video.room.recording.completed"]
    assert {one["recording_id"] for one in ended} == {one.id for one in recordings}
    assert all(one["download_url"] and one["codec"] and one["participant_id"] in people for one in ended)

    client.room_recordings.delete(sources["Ada"])
    deleted = client.room_recordings.delete_bulk(filter={"room_id": room_id}).data
    assert deleted is not None and deleted.room_recordings == 3
    client.room_compositions.delete(order_id)
    with pytest.raises(NotFoundError):
        client.room_compositions.retrieve(order_id)
    async with httpx.AsyncClient() as http:
        assert (await http.get(composition.download_url)).status_code == 404
