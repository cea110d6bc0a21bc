"""A track that begins or ends just as its owner leaves: nothing stays open, and nothing is told twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.dialects.people_inside import Inside, open_inside
from tests.support.stores import copy_test_store

from polyroom.domain.errors import NotFound
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.tracks import TrackService

ROUNDS = 15


@pytest.fixture
async def inside(tmp_path: Path, first_day: Path) -> AsyncIterator[Inside]:
    copy_test_store(first_day, tmp_path / "data")
    async with open_inside(tmp_path / "data") as opened:
        yield opened


async def test_no_track_outlives_its_owner_and_each_ends_once(inside: Inside) -> None:
    house = inside.house
    host = await inside.enter("moderator", "Host")
    async with TrackService(house.store, house.clock, house.ids, house.departures.feed, house.engine) as tracks:
        for number in range(ROUNDS):
            ada = await inside.enter("attendee", f"Ada {number}")
            ending = await house.publish(ada.joined, TrackKind.AUDIO)
            beginning = replace(ending, id=house.ids.uuid(), kind=TrackKind.VIDEO, source="camera")
            outcomes = await asyncio.gather(
                tracks.add(beginning),
                tracks.remove(ending),
                house.people.leave(ada.joined.participant.id, LeaveReason.LEFT),
                return_exceptions=True,
            )
            assert all(one is None or isinstance(one, NotFound) for one in outcomes), outcomes
            assert not await house.store.read(lambda tx, ada=ada: tx.sessions.live_tracks([ada.joined.participant.id]))
        await house.leave(host.joined)
    told = Counter(one.type for one in await inside.events())
    assert told[EventType.TRACK_REMOVED] == ROUNDS + told[EventType.TRACK_ADDED]
    assert told[EventType.PARTICIPANT_LEFT] == ROUNDS + 1
