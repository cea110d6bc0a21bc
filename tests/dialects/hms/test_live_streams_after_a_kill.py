"""What a killed server left of live streams, taken up by the next one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from tests.dialects.hms.world import Json, World, app_token, done
from tests.fakes.broadcaster import FakeBroadcaster
from tests.fakes.recorder import FakeRecorder

from polyroom.domain.live_stream import EndReason, LiveState, LiveStream
from polyroom.domain.recording import RecordingState
from polyroom.egress.extras import LocalExtras
from polyroom.services import live_streams as service
from polyroom.services.live_leftovers import KEPT, LiveLeftovers
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.ports.store import Transaction
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recordings import RecordingService


async def running(world: World, **body: object) -> tuple[Json, LiveStream]:
    """A stream of a room somebody is in."""
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"))
    made = done(await world.api.post(f"/live-streams/room/{room['id']}/start", json=body))
    stream = await stored(world, made["id"])
    world.broadcaster.begun(stream.id)
    await world.streams.settled()
    return room, await stored(world, made["id"])


async def stored(world: World, hms_id: str) -> LiveStream:
    found = await world.house.store.read(lambda tx: tx.live_streams.by_hms_id(world.house.mine.id, hms_id))
    assert found is not None
    return found


@asynccontextmanager
async def another_server(world: World) -> AsyncIterator[tuple[LiveStreamService, FakeBroadcaster]]:
    """The next server on the same store; the one before hears nothing any more."""
    house, broadcaster = world.house, FakeBroadcaster()
    extras = RecordingExtras(house.store, LocalExtras(Path("/nowhere")))
    recorder = FakeRecorder()
    along = LiveRecordings(house.store, house.clock, house.ids, recorder, extras)
    streams = LiveStreamService(house.store, house.clock, house.ids, broadcaster, along)
    recordings = RecordingService(house.store, house.clock, house.ids, recorder, extras)
    async with recordings, streams:
        yield streams, broadcaster


async def test_a_stream_goes_on_when_somebody_is_there_again(world: World) -> None:
    room, stream = await running(world, recording={"hls_vod": True})
    done(await world.api.post(f"/live-streams/{stream.hms_id}/pause-recording"))
    async with another_server(world) as (streams, broadcaster):
        world.house.departures.feed.listen(streams.hear)
        assert broadcaster.started == []
        await world.enter(room, app_token(world.key, room, "guest", user_id="again"))
        await streams.settled()
        ((again, recording),) = broadcaster.started
        assert again == stream and recording is not None and recording.state is RecordingState.PAUSED
        assert broadcaster.paused == [(stream.id, True)]
        assert (await stored(world, stream.hms_id)).state is LiveState.RUNNING
    over = await stored(world, stream.hms_id)
    assert (over.state, over.reason) == (LiveState.STOPPED, EndReason.SERVER_STOPPED)


async def test_a_stream_whose_room_stays_empty_ends(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "RESUMES_WITHIN", 0.05)
    _, stream = await running(world, recording={"hls_vod": True})
    async with another_server(world) as (_, broadcaster):
        async with asyncio.timeout(30):
            while not (over := await stored(world, stream.hms_id)).over:
                await asyncio.sleep(0.02)
        assert (over.state, over.reason) == (LiveState.STOPPED, EndReason.SERVER_STOPPED)
        assert broadcaster.started == []
        assert len(done(await world.api.get(f"/live-streams/{stream.hms_id}"))["recording"]["assets"]) == 1


async def test_one_that_was_about_to_end_has_ended(world: World) -> None:
    _, stream = await running(world, recording={"hls_vod": True})

    def left(tx: Transaction) -> None:
        tx.live_streams.update(stream.moved(LiveState.STOPPING, world.house.clock.now(), reason=EndReason.ASKED))

    await world.house.store.write(left)
    async with another_server(world) as (streams, _):
        await streams.finished(stream.id)
        over = await stored(world, stream.hms_id)
        assert (over.state, over.reason) == (LiveState.STOPPED, EndReason.ASKED)
        assert len(done(await world.api.get(f"/live-streams/{stream.hms_id}"))["recording"]["assets"]) == 1


async def test_what_is_over_is_deleted_from_the_disk_after_a_while(world: World) -> None:
    _, stream = await running(world)
    leftovers = LiveLeftovers(world.house.store, world.house.clock, world.broadcaster)
    nobodys = world.house.ids.uuid()
    world.broadcaster.lying.append(nobodys)
    await leftovers.discard_old()
    assert world.broadcaster.lying == [stream.id]
    done(await world.api.post(f"/live-streams/{stream.hms_id}/stop"))
    await world.streams.finished(stream.id)
    await leftovers.discard_old()
    assert world.broadcaster.lying == [stream.id], "it can be watched for a while"

    def long_ago(tx: Transaction) -> None:
        found = tx.live_streams.get(stream.id)
        assert found is not None
        tx.live_streams.update(replace(found, updated_at=found.updated_at - KEPT))

    await world.house.store.write(long_ago)
    await leftovers.discard_old()
    assert world.broadcaster.lying == []
