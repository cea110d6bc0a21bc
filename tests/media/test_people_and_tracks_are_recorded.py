"""Several recordings of one room at once: of a person, of a track, and of everybody's sound."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from tests.media.test_a_room_is_recorded import House, serving, until
from tests.support.growing import growing, have
from tests.support.livekit_client import livekit_participant
from tests.support.rooms import make_room, make_token
from tests.support.tapped import Watched

from polyroom.domain.recording import Recording, RecordingKind, RecordingState
from polyroom.domain.session import TrackKind
from polyroom.services.recordings import RecordingWish

LOW, HIGH = 440.0, 1000.0
PATIENCE = 60.0


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with serving(tmp_path) as house:
        yield house


def prepared(house: House) -> tuple[str, str]:
    """A room and a way in."""
    headers = {"Authorization": f"Bearer {house.token}"}
    with httpx.Client(base_url=f"{house.url}/streamwise", headers=headers, timeout=20) as api:
        room = make_room(api)
        return room["id"], make_token(api, room)["token"]


async def over(house: House, recording: Recording) -> Watched:
    """Its file, decoded, once it is there."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await house.core.recordings.get(recording.account_id, recording.id)).over:
            await asyncio.sleep(0.1)
    assert found.state is RecordingState.COMPLETED, found.failure
    (asset,) = [
        one for one in await house.core.recordings.assets_of(recording.id) if one.kind.value == found.kind.value
    ]
    assert asset.began_at is not None and abs((asset.began_at - recording.created_at).total_seconds()) < PATIENCE
    return await asyncio.to_thread(Watched, house.core.recorder.folder / asset.path)


async def heard(house: House, *wanted: Callable[[Watched], bool]) -> None:
    """Wait until the recordings have that in them."""
    async with asyncio.timeout(PATIENCE):
        while not have(await asyncio.to_thread(growing, house.core.recorder.folder), *wanted):
            await asyncio.sleep(0.3)


def loud(watched: Watched) -> tuple[bool, bool]:
    """Whether each of the tones is heard."""
    low, high = watched.loudest(LOW), watched.loudest(HIGH)
    return low > max(0.03, high / 4), high > max(0.03, low / 4)


async def test_a_person_a_track_and_everybody_at_once(house: House) -> None:
    room_id, token = await asyncio.to_thread(prepared, house)
    account = (await house.core.accounts.ensure_default()).id
    async with livekit_participant(house.url, room_id, token, "Ada") as ada:
        await ada.publish_video()
        await ada.publish_audio(LOW)
        async with livekit_participant(house.url, room_id, token, "Bob") as bob:
            sound = await bob.publish_audio(HIGH)
            inner = next(iter(house.presence._rooms))
            members = house.presence.members(inner)
            await until("three tracks", lambda: sum(len(one.tracks) for one in members.values()) == 3)
            people = {one.participant.name: one for one in members.values()}
            (track,) = [one for one in people["Bob"].tracks.values() if one.kind is TrackKind.AUDIO]
            wishes = (
                RecordingWish(
                    RecordingKind.PARTICIPANT, width=320, height=180, participant_id=people["Ada"].participant.id
                ),
                RecordingWish(RecordingKind.TRACK, track_id=track.id),
                RecordingWish(RecordingKind.AUDIO),
            )
            person, alone, everybody = [await house.core.recordings.start(account, inner, one) for one in wishes]
            await heard(house, lambda one: loud(one) == (True, False) and bool(one.pictures))
            await heard(house, lambda one: loud(one) == (False, True), lambda one: loud(one) == (True, True))
            await bob.room.local_participant.unpublish_track(sound.sid)
            of_track = await over(house, alone)
            assert (alone.participant_id, alone.track_id) == (people["Bob"].participant.id, track.id)
        assert not (await house.core.recordings.get(account, person.id)).over, "Ada is still there"
    of_person, of_everybody = await over(house, person), await over(house, everybody)
    assert not of_track.pictures and loud(of_track) == (False, True)
    assert of_person.pictures and loud(of_person) == (True, False)
    assert of_person.pictures[-1][1].shape == (270, 320)
    assert of_person.picture_at(2).max() > 150, "not black"
    assert not of_everybody.pictures and loud(of_everybody) == (True, True)


async def test_a_recording_whose_workers_die_at_once_fails_with_the_file_of_what_is_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    room_id, token = await asyncio.to_thread(prepared, house)
    account = (await house.core.accounts.ensure_default()).id
    async with livekit_participant(house.url, room_id, token, "Ada") as ada:
        await ada.publish_audio(LOW)
        inner = next(iter(house.presence._rooms))
        recording = await house.core.recordings.start(account, inner, RecordingWish(RecordingKind.AUDIO))
        await heard(house, lambda one: loud(one) == (True, False))
        monkeypatch.setattr("polyroom.egress.take._WORKER", "polyroom.egress.no_such_worker")
        take = house.core.workers.get(recording.id)
        assert take is not None and take.pid is not None
        os.kill(take.pid, signal.SIGKILL)
        async with asyncio.timeout(PATIENCE):
            while not (found := await house.core.recordings.get(account, recording.id)).over:
                await asyncio.sleep(0.1)
        assert (found.state, found.failure) == (RecordingState.FAILED, "worker_died")
        (asset,) = await house.core.recordings.assets_of(recording.id)
        watched = await asyncio.to_thread(Watched, house.core.recorder.folder / asset.path)
        assert asset.milliseconds > 1000 and watched.loudest(LOW) > 0.03
        assert house.presence.members(inner), "the room goes on"
