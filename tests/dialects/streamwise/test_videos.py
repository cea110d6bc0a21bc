"""`/rooms/{room_id}/videos`, and the queue that makes them ready."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.dialects.streamwise.world import World

from polyroom.domain.video import TRIES, Video, VideoState
from polyroom.services.ports.videos import MadeVideo, NoSpace, NotPlayable
from polyroom.services.video_queue import VideoQueue
from polyroom.services.videos import VideoService

PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}
MADE = {"renditions": [{"name": "720p", "width": 1280, "height": 720, "bitrate": 2928000}], "poster": "poster.jpg"}


@dataclass
class Bench:
    """Stands where ffmpeg works: does what a test says for each video, else takes as long as it is given."""

    outcomes: dict[str, Exception | None] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    told: list[Callable[[float], None]] = field(default_factory=list)

    async def make(self, video: Video, progress: Callable[[float], None]) -> MadeVideo:
        self.begun.append(video.name)
        self.told.append(progress)
        progress(0.5)
        try:
            while video.name not in self.outcomes:
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.cancelled.append(video.name)
            raise
        if (error := self.outcomes[video.name]) is not None:
            raise error
        return MadeVideo(93_500, 1280, 720, "f" * 64, MADE)


@pytest.fixture
def bench() -> Bench:
    return Bench()


@asynccontextmanager
async def working(world: World, bench: Bench) -> AsyncIterator[VideoService]:
    """The queue at work, and the API's videos looking at it."""
    shelf, house = world.shelf, world.house
    queue = VideoQueue(house.store, house.clock, house.ids, files=shelf.files, transcoder=bench, slots=1)
    shelf.uploads._queued, shelf.videos._queue = queue.wake, queue
    async with queue:
        yield shelf.videos


async def upload(world: World, room: dict[str, Any], name: str) -> str:
    """A file of five bytes; its id."""
    from base64 import b64encode

    made = await world.upload(room, 5, Upload_Metadata=f"filename {b64encode(name.encode()).decode()}")
    answer = await world.api.patch(f"/rooms/{room['id']}/uploads/{made['id']}", headers=PIECE, content=b"hello")
    assert answer.status_code == 204
    return str(made["id"])


async def until(world: World, room: dict[str, Any], video_id: str, status: str) -> dict[str, Any]:
    async with asyncio.timeout(30):
        while True:
            found: dict[str, Any] = (await world.api.get(f"/rooms/{room['id']}/videos/{video_id}")).json()["data"]
            if found["status"] == status:
                return found
            await asyncio.sleep(0.01)


async def test_a_video_is_made_ready_with_its_progress_shown(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    async with working(world, bench):
        one = await upload(world, room, "film")
        found = await until(world, room, one, "processing")
        async with asyncio.timeout(30):
            while found["progress"] != 50:
                await asyncio.sleep(0.01)
                found = await until(world, room, one, "processing")
        status = (await world.api.get(f"/rooms/{room['id']}/status")).json()
        assert (status["video"]["status"], status["video"]["progress"]) == ("processing", 50)
        bench.told[0](0.9999)
        assert (await until(world, room, one, "processing"))["progress"] == 99
        bench.outcomes["film"] = None
        found = await until(world, room, one, "ready")
    assert (found["progress"], found["duration"], found["width"], found["height"]) == (100, 93.5, 1280, 720)
    assert found["renditions"] == MADE["renditions"] and found["sha256"] == "f" * 64
    status = (await world.api.get(f"/rooms/{room['id']}/status")).json()
    assert status["video"] == found
    assert (await world.list(f"/rooms/{room['id']}/videos")) == [found]
    async with working(world, bench):
        assert not (await files_of(world, one)).joinpath("source").exists(), "at the latest after the next start"


async def files_of(world: World, video_id: str) -> Any:
    video = await world.store.read(lambda tx: tx.videos.by_short_id(video_id))
    return None if video is None else world.shelf.files.path(video)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NotPlayable("The file has no moving picture."), "The file has no moving picture."),
        (NoSpace(), "There is not enough room on the server's disk for it."),
        (OSError("secret path"), "The server could not convert it."),
        (ValueError("secret"), "The server could not convert it."),
    ],
)
async def test_one_that_fails_says_why_in_plain_words(
    world: World, bench: Bench, error: Exception, reason: str
) -> None:
    room = await world.room(room_type="video")
    bench.outcomes["film"] = error
    async with working(world, bench):
        one = await upload(world, room, "film")
        found = await until(world, room, one, "failed")
        async with asyncio.timeout(30):
            while (await files_of(world, one)).exists():
                await asyncio.sleep(0.01)
    assert (found["reason"], found["progress"], found["duration"]) == (reason, 0, None)
    assert (await world.api.get(f"/rooms/{room['id']}/status")).json()["video"]["reason"] == reason


async def test_one_at_a_time_in_the_order_they_came(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    async with working(world, bench):
        made = [await upload(world, room, name) for name in "abc"]
        await until(world, room, made[0], "processing")
        assert bench.begun == ["a"]
        bench.outcomes |= dict.fromkeys("abc")
        await until(world, room, made[2], "ready")
    assert bench.begun == ["a", "b", "c"]
    assert [one["id"] for one in await world.list(f"/rooms/{room['id']}/videos")] == [made[2]]


async def test_a_new_video_takes_the_old_ones_place_only_when_it_can_be_shown(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    bench.outcomes |= {"old": None, "bad": NotPlayable("No."), "worse": NotPlayable("No!"), "new": None}
    async with working(world, bench) as videos:
        old = await upload(world, room, "old")
        await until(world, room, old, "ready")
        for name in ("bad", "worse"):
            bad = await upload(world, room, name)
            await until(world, room, bad, "failed")
        shown = await videos.of_room(await world.house.room_id(room["id"]))
        assert shown.shown is not None and shown.shown.short_id == old
        assert [one["id"] for one in await world.list(f"/rooms/{room['id']}/videos")] == [bad, old]
        folder = await files_of(world, old)
        new = await upload(world, room, "new")
        await until(world, room, new, "ready")
        assert [one["id"] for one in await world.list(f"/rooms/{room['id']}/videos")] == [new]
        async with asyncio.timeout(30):
            while folder.exists():
                await asyncio.sleep(0.01)


async def test_deleting_ends_the_work_and_takes_the_files(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    async with working(world, bench):
        one = await upload(world, room, "film")
        await until(world, room, one, "processing")
        folder = await files_of(world, one)
        assert (await world.api.delete(f"/rooms/{room['id']}/videos/{one}")).status_code == 204
        assert bench.cancelled == ["film"] and not folder.exists()
        assert (await world.api.get(f"/rooms/{room['id']}/videos/{one}")).status_code == 404
        assert (await world.api.get(f"/rooms/{room['id']}/status")).json()["video"] is None
        bench.outcomes["next"] = None
        await until(world, room, await upload(world, room, "next"), "ready")


async def test_a_server_that_stops_puts_its_work_back_and_the_next_goes_on(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    async with working(world, bench):
        one = await upload(world, room, "film")
        await until(world, room, one, "processing")
    video = await world.store.read(lambda tx: tx.videos.by_short_id(one))
    assert video is not None and (video.state, video.tries) == (VideoState.QUEUED, 0)
    bench.outcomes["film"] = None
    async with working(world, bench):
        await until(world, room, one, "ready")


async def test_what_a_killed_server_left_is_gone_on_with(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    begun, whole, half = (await upload(world, room, "begun"), await world.upload(room, 5), await world.upload(room, 5))
    for made, sent in ((whole, b"hello"), (half, b"he")):
        video = await world.store.read(lambda tx, m=made: tx.videos.by_short_id(m["id"]))  # type: ignore[misc]
        assert video is not None
        folder = world.shelf.files.path(video)
        folder.mkdir(parents=True)
        (folder / "source").write_bytes(sent)
    one = await world.store.read(lambda tx: tx.videos.by_short_id(begun))
    assert one is not None
    await world.store.write(lambda tx: tx.videos.update(one.moved(VideoState.PROCESSING, one.created_at)))
    stray = world.shelf.files.folder / one.account_id.hex / world.house.ids.uuid().hex
    stray.mkdir()
    bench.outcomes |= {"begun": None, "": None}
    async with working(world, bench):
        await until(world, room, whole["id"], "ready")
        assert (await world.api.get(f"/rooms/{room['id']}/videos/{half['id']}")).json()["received"] == 2
    assert bench.begun == ["begun", ""] and not stray.exists()


async def test_a_video_that_takes_the_server_down_each_time_is_given_up(world: World, bench: Bench) -> None:
    room = await world.room(room_type="video")
    one = await upload(world, room, "film")
    for _ in range(TRIES):
        video = await world.store.read(lambda tx: tx.videos.by_short_id(one))
        assert video is not None
        begun = video.moved(VideoState.PROCESSING, video.created_at)
        again = begun.moved(VideoState.QUEUED, video.created_at)
        await world.store.write(lambda tx, v=again: tx.videos.update(v))  # type: ignore[misc]
    async with working(world, bench):
        found = await until(world, room, one, "failed")
    assert found["reason"] == "The server stopped each time while it converted it." and bench.begun == []


async def test_lists_are_sorted_cut_and_trimmed_as_asked(world: World) -> None:
    room = await world.room(room_type="video")
    made = [await upload(world, room, name) for name in "bca"]
    path = f"/rooms/{room['id']}/videos"
    assert [one["id"] for one in await world.list(path)] == made[::-1]
    by_name = (await world.api.get(f"{path}?orderBy=file_name&limit=2&filter=file_name")).json()
    assert by_name["data"] == [{"file_name": "a"}, {"file_name": "b"}]
    assert by_name["meta"]["pagination"]["total"] == 3
    assert (await world.api.get(f"{path}?orderBy=nothing")).status_code == 422
    for other in ("x", "a\0b", made[0] + "x"):
        assert (await world.api.get(f"{path}/{other.replace(chr(0), '%00')}")).status_code == 404
    elsewhere = await world.room(room_type="video")
    assert (await world.api.get(f"/rooms/{elsewhere['id']}/videos/{made[0]}")).status_code == 404
    assert (await world.api.delete(f"/rooms/{elsewhere['id']}/videos/{made[0]}")).status_code == 404
