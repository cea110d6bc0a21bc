"""What an encoder sends is seen and heard by real clients, stays in sync, and survives the encoder's interruptions."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from tests.support.encoder import Encoder, flv
from tests.support.ingest_house import PATIENCE, House, serving, until
from tests.support.livekit_client import livekit_participant
from tests.support.tapped import RATE, Watched

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.errors import JoinRefused, NotFound
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.ingest.intakes import LocalIntake
from polyroom.services.recordings import RecordingWish


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path) as house:
        yield house


@pytest.mark.parametrize("b_frames", [0, 2], ids=["as they are", "encoded again"])
async def test_others_see_and_hear_it_in_sync(house: House, b_frames: int) -> None:
    async with livekit_participant(house.url, house.any_room_id, house.token, "Ada") as ada:
        ingest = await house.begin()
        encoder = Encoder(ingest.media, flv(25, b_frames=b_frames), close=False)
        one = ingest.participant.id
        await until("two tracks", lambda: len(house.tracks(one)) == 2)
        assert {(track.kind, track.mime) for track in house.tracks(one)} == {
            (TrackKind.VIDEO, "video/h264"),
            (TrackKind.AUDIO, "audio/opus"),
        }
        recording = await house.core.recordings.start(
            house.account_id, house.room_id, RecordingWish(width=320, height=180)
        )
        await until("moving pictures", lambda: any(len(got.digests) > 30 for got in ada.received.values()))
        await until("beeps", lambda: any(got.loud_samples > RATE // 2 for got in ada.received.values()))
        assert any(got.width == 320 for got in ada.received.values())
        await asyncio.sleep(4)
        await house.core.recordings.stop(house.account_id, recording.id)
        await house.core.recordings.finished(recording.id)
        encoder.stop()
    (asset,) = await house.core.recordings.assets_of(recording.id)
    watched = await asyncio.to_thread(Watched, house.core.recorder.folder / asset.path)
    apart = _apart(watched)
    assert len(apart) >= 3 and max(map(abs, apart)) <= 0.06 + 1 / 15, apart
    assert abs(float(np.median(apart))) <= 0.06, apart


def _apart(watched: Watched) -> list[float]:
    """Seconds between the beginnings of flashes and of their beeps."""
    light = [float(picture[: len(picture) * 2 // 3].mean()) for _, picture in watched.pictures]
    between = (min(light) + max(light)) / 2
    bright = [(at, lit > between) for (at, _), lit in zip(watched.pictures, light, strict=True)]
    flashes = [at for (_, before), (at, now) in pairwise(bright) if now and not before]
    window = RATE // 200
    sound = np.abs(watched.sound[: len(watched.sound) // window * window]).reshape(-1, window).max(axis=1) > 0.05
    quiet = RATE // 10 // window
    beeps = [i * window / RATE for i in range(quiet, len(sound)) if sound[i] and not sound[i - quiet : i].any()]
    nearest = [min((beep - flash for beep in beeps), key=abs) for flash in flashes if beeps]
    return [apart for apart in nearest if abs(apart) < 0.5]


async def test_the_next_encoder_goes_on_as_the_same_participant(house: House) -> None:
    async with livekit_participant(house.url, house.any_room_id, house.token, "Ada") as ada:
        first = await house.begin()
        encoder = Encoder(first.media, flv(25))
        one = first.participant.id
        await until("two tracks", lambda: len(house.tracks(one)) == 2)
        tracks = {track.id for track in house.tracks(one)}
        await until("pictures", lambda: any(got.frames for got in ada.received.values()))
        intake = house.core.ingests._seats[house.room_id, "encoder"].intake
        assert isinstance(intake, LocalIntake)
        os.kill(intake.pid, signal.SIGKILL)
        assert await asyncio.wait_for(first.over, PATIENCE) == "ended"
        await until("shown as muted", lambda: all(track.muted for track in house.tracks(one)))
        encoder.stop()
        await until("Ada is told", lambda: ada.saw("track_muted"))
        seen = ada.total("frames")

        second = await house.begin()
        Encoder(second.media, flv(25))
        assert second.participant.id == one
        await until("heard again", lambda: not any(track.muted for track in house.tracks(one)))
        await until("seen again", lambda: ada.total("frames") > seen + 10)
        third = await house.begin()
        encoder = Encoder(third.media, flv(25))
        assert await asyncio.wait_for(second.over, PATIENCE) == "replaced"
        seen = ada.total("frames")
        await until("the newest is seen", lambda: ada.total("frames") > seen + 10)
        assert {track.id for track in house.tracks(one)} == tracks and len(ada.received) == 2
        assert not ada.saw("track_unsubscribed") and not ada.saw("participant_disconnected")

        await house.core.people.leave(one, LeaveReason.REMOVED)
        assert await asyncio.wait_for(third.over, PATIENCE) == "left"
        await until("its stream is no longer read", lambda: encoder.broken or not encoder.thread.is_alive())
        await until("Ada is told", lambda: ada.saw("participant_disconnected"))


async def test_a_participant_leaves_when_no_encoder_comes_back(house: House) -> None:
    house.core.ingests._kept_for = 1.0
    ingest = await house.begin()
    Encoder(ingest.media, flv(2))
    assert await asyncio.wait_for(ingest.over, PATIENCE) == "ended"
    assert [one.id for one in house.participants()] == [ingest.participant.id]
    await until("out", lambda: not house.participants())
    other = await house.begin()
    encoder = Encoder(other.media, flv(25))
    assert other.participant.id != ingest.participant.id
    await until("two tracks", lambda: len(house.tracks(other.participant.id)) == 2)
    await house.core.rooms.delete(house.account_id, house.any_room_id)
    assert await asyncio.wait_for(other.over, PATIENCE) == "left"
    encoder.stop()
    with pytest.raises(NotFound):
        await house.begin()


async def test_who_may_not_publish_may_not_with_an_encoder(house: House) -> None:
    with pytest.raises(JoinRefused):
        await house.core.ingests.begin(Grant(Dialect.STREAMWISE, "nobody", house.room_id), identity="x", name="x")
    assert not house.participants()
