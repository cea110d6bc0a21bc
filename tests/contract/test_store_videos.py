"""Videos: kept whole, found by room, state and id; views counted once a play; what is abandoned is found."""

from dataclasses import replace
from typing import Any

import pytest
from tests.contract.store_making import NOW, Tenant, later, uuid

from polyroom.domain.errors import WrongState
from polyroom.domain.room import Room
from polyroom.domain.video import TRIES, Video, VideoState
from polyroom.services.ports.store import Store
from polyroom.system import SystemIds

IDS = SystemIds()


@pytest.fixture
async def rooms(store: Store, tenant: Tenant) -> list[Room]:
    made = [tenant.room(f"Room {number}") for number in range(2)]
    await store.write(lambda tx: [tx.rooms.add(room) for room in made])
    return made


def make_video(room: Room, **more: Any) -> Video:
    fields: dict[str, Any] = {
        "id": uuid(),
        "short_id": IDS.base62(16),
        "account_id": room.account_id,
        "room_id": room.id,
        "name": "Ünser Film 学.mp4",
        "bytes": 2**40,
        "upload": {"metadata": "filename w5w="},
        "created_at": NOW,
        "updated_at": NOW,
        "expires_at": later(3600),
    }
    return Video(**fields | more)


async def add(store: Store, *videos: Video) -> None:
    await store.write(lambda tx: [tx.videos.add(one) for one in videos])


async def test_a_video_comes_back_whole_by_each_of_its_ids(store: Store, rooms: list[Room]) -> None:
    made = make_video(rooms[0])
    await add(store, made)
    assert await store.read(lambda tx: tx.videos.get(made.id)) == made
    assert await store.read(lambda tx: tx.videos.by_short_id(made.short_id)) == made
    for nobody in (made.short_id.swapcase(), "", "a\0b", "\ud800"):
        assert await store.read(lambda tx, text=nobody: tx.videos.by_short_id(text)) is None  # type: ignore[misc]
    assert await store.read(lambda tx: tx.videos.get(uuid())) is None


async def test_its_course_is_kept(store: Store, rooms: list[Room]) -> None:
    made = make_video(rooms[0])
    await add(store, made)
    begun = made.moved(VideoState.QUEUED, later(1)).moved(VideoState.PROCESSING, later(2))
    details = {"renditions": [{"name": "720p", "width": 1280}], "poster": "poster.jpg"}
    ready = replace(begun.moved(VideoState.READY, later(3)), milliseconds=2**40, width=1280, height=720, made=details)
    await store.write(lambda tx: tx.videos.update(ready))
    found = await store.read(lambda tx: tx.videos.get(made.id))
    assert found == ready and found.tries == 1 and found.expires_at is None
    with pytest.raises(WrongState):
        ready.moved(VideoState.QUEUED, later(4))
    with pytest.raises(WrongState):
        made.moved(VideoState.READY, later(4))


def test_a_video_begun_too_often_is_given_up() -> None:
    assert TRIES == 3
    video: Any = Video
    one = video(*[None] * 10, state=VideoState.QUEUED)
    for _ in range(TRIES):
        assert not one.given_up
        one = one.moved(VideoState.PROCESSING, NOW).moved(VideoState.QUEUED, NOW)
    assert one.given_up


async def test_they_are_found_by_room_and_by_state(store: Store, rooms: list[Room]) -> None:
    made = [make_video(rooms[number % 2]) for number in range(4)]
    queued = make_video(rooms[0]).moved(VideoState.QUEUED, later(1))
    await add(store, *made, queued)
    assert await store.read(lambda tx: tx.videos.of_room(rooms[0].id, 9)) == [queued, made[2], made[0]]
    assert await store.read(lambda tx: tx.videos.of_room(rooms[0].id, 1)) == [queued]
    assert await store.read(lambda tx: tx.videos.in_state(VideoState.UPLOADING, 2)) == made[:2]
    assert await store.read(lambda tx: tx.videos.in_state(VideoState.QUEUED, 9)) == [queued]
    stranger = uuid()
    states = await store.read(lambda tx: tx.videos.states([made[1].id, queued.id, stranger]))
    assert states == {made[1].id: VideoState.UPLOADING, queued.id: VideoState.QUEUED}
    assert not await store.read(lambda tx: tx.videos.states([]))


async def test_uploads_past_their_time_and_videos_of_deleted_rooms_are_abandoned(
    store: Store, rooms: list[Room]
) -> None:
    late, early = make_video(rooms[0], expires_at=later(20)), make_video(rooms[0], expires_at=later(10))
    whole = make_video(rooms[0]).moved(VideoState.QUEUED, NOW)
    elsewhere = make_video(rooms[1]).moved(VideoState.QUEUED, NOW)
    await add(store, late, early, whole, elsewhere)
    assert await store.read(lambda tx: tx.videos.abandoned(later(9), 9)) == []
    assert await store.read(lambda tx: tx.videos.abandoned(later(10), 9)) == [early]
    await store.write(lambda tx: tx.rooms.delete(rooms[1].id, later(1)))
    assert await store.read(lambda tx: tx.videos.abandoned(later(10), 9)) == [early, elsewhere]
    assert await store.read(lambda tx: tx.videos.abandoned(later(20), 1)) == [late]


async def test_a_play_counts_once_and_is_forgotten_while_its_view_stays(store: Store, rooms: list[Room]) -> None:
    made, other = make_video(rooms[0]), make_video(rooms[0])
    await add(store, made, other)
    for play, at, new in (("a", 1, True), ("a", 2, False), ("b", 3, True)):
        assert await store.write(lambda tx, p=play, t=at: tx.videos.view(made.id, p, later(t))) is new  # type: ignore[misc]
    await store.write(lambda tx: tx.videos.view(other.id, "a", later(9)))
    # What else changes of it, from an older look at it, takes no view away.
    await store.write(lambda tx: tx.videos.update(made.moved(VideoState.QUEUED, later(4))))
    assert (await store.read(lambda tx: tx.videos.get(made.id))).views == 2  # type: ignore[union-attr]
    assert await store.write(lambda tx: tx.videos.forget_plays(later(9), 1)) == 1
    assert await store.write(lambda tx: tx.videos.forget_plays(later(9), 5)) == 1
    assert await store.write(lambda tx: tx.videos.forget_plays(later(9), 5)) == 0
    assert await store.write(lambda tx: tx.videos.view(other.id, "a", later(9))) is False
    await store.write(lambda tx: tx.videos.delete(other.id))
    assert await store.read(lambda tx: tx.videos.get(other.id)) is None
    assert (await store.read(lambda tx: tx.videos.get(made.id))).views == 2  # type: ignore[union-attr]
