"""`/room_recordings`: what rooms that record themselves made of each participant."""

import asyncio
import re
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import pytest
from tests.dialects.telnyx.recorded import AUDIO, VIDEO, end, record, session_with
from tests.dialects.telnyx.world import MICROSECONDS, World, data_of, errors_of

from polyroom.dialects.telnyx import wishes_of
from polyroom.domain.recording import Recording, RecordingKind
from polyroom.services.ports.store import Transaction
from polyroom.services.recordings import RecordingWish

NOBODYS = "00000000-0000-7000-8000-000000000000"


def wished(room_id: UUID, tx: Transaction) -> list[RecordingKind]:
    found = tx.rooms.get(room_id)
    assert found is not None
    return [wish.kind for wish in wishes_of(tx, found)]


async def over(world: World, recording: Recording) -> Recording:
    """Wait until it is."""
    async with asyncio.timeout(30):
        while not (found := await world.recordings.get(recording.account_id, recording.id)).over:
            await asyncio.sleep(0.02)
    return found


async def test_a_room_that_records_itself_wishes_sound_and_pictures_of_everybody(world: World) -> None:
    for recorded in (False, True):
        room = await world.room(enable_recording=recorded)

        assert await world.house.store.read(partial(wished, UUID(room["id"]))) == ([AUDIO, VIDEO] if recorded else [])


async def test_a_recording_under_way_and_done(world: World) -> None:
    room = await world.room()
    ada = await world.enter(room)
    made = await record(world, ada, VIDEO)
    going = data_of(await world.api.get(f"/room_recordings/{made.id}"))
    assert (going["status"], going["download_url"], going["completed_at"], going["ended_at"]) == (
        "processing",
        None,
        None,
        None,
    )
    await end(world, made)
    found = data_of(await world.api.get(f"/room_recordings/{str(made.id).upper()}"))
    moments = {name: found.pop(name) for name in ("completed_at", "created_at", "ended_at", "started_at", "updated_at")}
    assert all(re.fullmatch(MICROSECONDS, one) for one in moments.values())
    (asset,) = await world.recordings.assets_of(made.id)
    assert found == {
        "id": str(made.id),
        "codec": "h264",
        "download_url": f"https://files.example/{asset.id}?3600",
        "duration_secs": 61,
        "participant_id": str(ada.participant.id),
        "record_type": "room_recording",
        "room_id": room["id"],
        "session_id": str(ada.participant.session_id),
        "size_mb": 0.001,
        "status": "completed",
        "type": "video",
    }
    assert not set(going) - set(found) - set(moments)


async def test_it_ends_with_its_participant_and_one_of_a_track_with_that(world: World) -> None:
    room = await world.room()
    ada, bob = await world.enter(room, "Ada"), await world.enter(room, "Bob")
    made = await record(world, ada, AUDIO)
    await record(world, bob, AUDIO)
    world.house.departures.feed.listen(world.recordings.hear)  # type: ignore[attr-defined]
    await world.house.leave(ada)
    await over(world, made)
    states = [one["status"] for one in (await world.api.get("/room_recordings")).json()["data"]]
    assert states == ["processing", "completed"]


async def test_whoever_is_not_in_cannot_be_recorded(world: World) -> None:
    from polyroom.domain.errors import NotFound

    room = await world.room()
    ada = await world.enter(room)
    one = ada.participant
    for wish in (
        RecordingWish(VIDEO),
        RecordingWish(VIDEO, participant_id=UUID(NOBODYS)),
        RecordingWish(RecordingKind.TRACK, track_id=UUID(NOBODYS)),
    ):
        with pytest.raises(NotFound):
            await world.recordings.start(one.account_id, one.room_id, wish)
    assert not world.recorder.started


async def test_one_whose_workers_die_at_once_has_failed_with_what_there_is(world: World) -> None:
    made = await record(world, await world.enter(await world.room()), VIDEO)
    world.recorder.give_up(made.id)
    assert (await over(world, made)).failure == "worker_died"
    found = data_of(await world.api.get(f"/room_recordings/{made.id}"))
    assert (found["status"], found["duration_secs"]) == ("failed", 61) and found["download_url"]


async def test_lists_are_filtered_and_paged(world: World) -> None:
    rooms = [await world.room(), await world.room()]
    first, made = await session_with(world, rooms[0], "Ada", "Bob")
    _, more = await session_with(world, rooms[1], "Cyd")
    going = await record(world, await world.enter(rooms[1]), VIDEO)
    every = [str(one.id) for one in reversed([*made, *more, going])]
    ada, today = made[0].participant_id, datetime.now(UTC).date()

    async def ids(query: str) -> list[str]:
        answer = await world.api.get(f"/room_recordings?{query}")
        assert answer.status_code == 200, answer.text
        return [one["id"] for one in answer.json()["data"]]

    assert await ids("") == every
    assert await ids(f"filter[room_id]={rooms[0]['id']}") == every[3:]
    assert await ids(f"filter[session_id]={first}&filter[type]=audio") == [every[4], every[6]]
    assert await ids(f"filter[participant_id]={ada}") == every[5:]
    assert await ids("filter[status]=processing") == every[:1]
    assert await ids("filter[status]=completed") == every[1:]
    assert await ids("filter[status]=failed") == []
    assert await ids("filter[duration_secs]=61") == every[1:]
    assert await ids("filter[duration_secs]=0") == every
    assert await ids("filter[duration_secs]=62") == []
    assert await ids(f"filter[date_started_at][eq]={today}") == every
    assert await ids(f"filter[date_ended_at][gte]={today}") == every[1:]
    assert await ids("filter[date_ended_at][lte]=2021-01-01") == []
    answer = await world.api.get("/room_recordings?page[size]=3&page[number]=3")
    assert [one["id"] for one in answer.json()["data"]] == every[6:]
    assert answer.json()["meta"] == {"page_number": 3, "page_size": 3, "total_pages": 3, "total_results": 7}
    assert (await world.other.get("/room_recordings")).json()["data"] == []


@pytest.mark.parametrize(
    "name", ["room_id", "participant_id", "session_id", "status", "type", "duration_secs", "date_started_at][eq"]
)
async def test_a_wrong_filter_is_named(world: World, name: str) -> None:
    for method in ("GET", "DELETE"):
        answer = await world.api.request(method, f"/room_recordings?filter[{name}]=odd")
        assert [place for _, place in errors_of(answer)] == [f"filter[{name}]"]


async def test_what_is_deleted_is_gone_with_its_file(world: World) -> None:
    room = await world.room()
    _, made = await session_with(world, room, "Ada")
    (asset,) = await world.recordings.assets_of(made[0].id)
    answer = await world.api.delete(f"/room_recordings/{made[0].id}")
    assert (answer.status_code, answer.content) == (204, b"")
    for method in ("GET", "DELETE"):
        errors_of(await world.api.request(method, f"/room_recordings/{made[0].id}"), 404)
    assert await world.house.store.read(lambda tx: tx.recordings.discarded()) == [asset.path]
    assert await world.house.store.read(lambda tx: tx.recordings.asset(asset.id)) is None
    going = await record(world, await world.enter(room), AUDIO)
    errors_of(await world.api.delete(f"/room_recordings/{going.id}"), 422)
    errors_of(await world.other.delete(f"/room_recordings/{made[1].id}"), 404)
    for odd in (NOBODYS, "x", "%00", "ü" * 300):
        errors_of(await world.api.delete(f"/room_recordings/{odd}"), 404)
        errors_of(await world.api.get(f"/room_recordings/{odd}"), 404)


async def test_many_are_deleted_by_a_filter_and_none_without(world: World) -> None:
    rooms = [await world.room(), await world.room()]
    for room in rooms:
        await session_with(world, room, "Ada", "Bob")
    going = await record(world, await world.enter(rooms[0]), VIDEO)
    for query in ("", "?page[size]=5", "?filter[room_id]="):
        errors_of(await world.api.delete(f"/room_recordings{query}"), 422)
    where = f"filter[room_id]={rooms[0]['id']}"
    assert data_of(await world.other.delete(f"/room_recordings?{where}")) == {"room_recordings": 0}
    paged = await world.api.delete(f"/room_recordings?{where}&filter[status]=completed&page[size]=1")
    assert data_of(paged) == {"room_recordings": 1}
    assert data_of(await world.api.delete(f"/room_recordings?{where}")) == {"room_recordings": 3}
    left = (await world.api.get("/room_recordings")).json()
    assert left["meta"]["total_results"] == 5
    assert [one["id"] for one in left["data"] if one["room_id"] == rooms[0]["id"]] == [str(going.id)]


async def test_recordings_outlive_their_room(world: World) -> None:
    room = await world.room()
    _, made = await session_with(world, room, "Ada")
    assert (await world.api.delete(f"/rooms/{room['id']}")).status_code == 204
    assert data_of(await world.api.get(f"/room_recordings/{made[0].id}"))["room_id"] == room["id"]
