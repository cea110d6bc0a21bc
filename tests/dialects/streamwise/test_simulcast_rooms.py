"""Simulcast rooms: destinations in their settings, without keys, that get what is published while it is."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from tests.dialects.streamwise.world import Json, World, errors_of
from tests.fakes.recorder import FakeRecorder
from tests.fakes.restreamer import FakeRestreamer

from polyroom.domain.external_stream import ExternalState, Target, TargetState
from polyroom.domain.recording import Layout
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.participants import Joined
from polyroom.services.ports.external_streams import ExternalStreamSearch
from polyroom.services.ports.feed import ParticipantJoined, ParticipantLeft, RoomChanged, TrackAdded
from polyroom.services.presence import Presence
from polyroom.services.recordings import RecordingService
from polyroom.services.simulcasts import SimulcastService

TUBE, OTHER = "rtmp://a.example/live2/sesame-1", "rtmps://b.example/app/sesame-2"
SHOWN = {"Tube": "rtmp://a.example/live2/****", "Ü": "rtmps://b.example/app/****"}


@dataclass
class Broker:
    """What sends simulcast rooms out, and what it hears of them."""

    world: World
    restreamer: FakeRestreamer
    streams: ExternalStreamService
    simulcasts: SimulcastService
    presence: Presence

    async def publish(self, room: Json) -> Joined:
        """Somebody comes in and publishes."""
        joined = await self.world.enter(room, await self.world.token(room))
        track = await self.world.house.publish(joined, TrackKind.VIDEO)
        for notice in (ParticipantJoined(joined.participant), TrackAdded(track)):
            for hear in (self.presence.apply, self.streams.hear, self.simulcasts.hear):
                hear(notice)
        return joined

    async def leave(self, joined: Joined) -> None:
        """And goes."""
        await self.world.leave(joined)
        self.streams.hear(ParticipantLeft(joined.participant, LeaveReason.LEFT))

    async def change(self, room: Json, **fields: Any) -> None:
        """Change the room as its owner does."""
        assert (await self.world.api.patch(f"/rooms/{room['id']}", json=fields)).status_code == 200
        found = (await self.world.rooms.get(self.world.account_id, room["id"])).room
        self.simulcasts.hear(RoomChanged(found))

    @property
    def urls(self) -> set[str]:
        """Where the only stream that runs goes."""
        (targets,) = self.restreamer.running.values()
        return {one.url for one in targets.values()}

    def targets(self) -> dict[str, Target]:
        """Them by their names."""
        return {one.name: one for there in self.restreamer.running.values() for one in there.values()}

    async def until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not done():
                await asyncio.sleep(0.01)

    async def status(self, room: Json) -> Json:
        """What the API says goes on."""
        found: Json = (await self.world.api.get(f"/rooms/{room['id']}/status")).json()
        return found


@asynccontextmanager
async def _open(world: World) -> AsyncIterator[Broker]:
    house, restreamer, presence = world.house, FakeRestreamer(), Presence()
    recordings = RecordingService(house.store, house.clock, house.ids, FakeRecorder())
    streams = ExternalStreamService(house.store, house.clock, house.ids, restreamer, recordings)
    async with streams, SimulcastService(house.store, presence, streams) as simulcasts:
        yield Broker(world, restreamer, streams, simulcasts, presence)


@pytest.fixture
async def broker(world: World) -> AsyncIterator[Broker]:
    async with _open(world) as broker:
        yield broker


async def simulcast(world: World, **destinations: Any) -> Json:
    return await world.room(room_type="simulcast", room_settings={"destinations": destinations, "description": "x"})


async def test_destinations_are_shown_without_their_keys(world: World) -> None:
    room = await simulcast(world, Tube=TUBE, Ü=OTHER)
    assert room["room_settings"] == {"destinations": SHOWN, "description": "x"}
    for path in (f"/rooms/{room['id']}", "/rooms", f"/rooms/{room['id']}/status"):
        assert "sesame" not in (await world.api.get(path)).text


async def test_what_is_published_goes_to_every_destination_until_all_have_left(broker: Broker, world: World) -> None:
    room = await simulcast(world, Tube=TUBE, Ü=OTHER)
    assert (await broker.status(room))["destinations"] == 2
    assert (await broker.status(room))["retransmitters"] == []
    first = await broker.publish(room)
    await broker.until(lambda: bool(broker.restreamer.running))
    assert broker.urls == {TUBE, OTHER}
    assert broker.restreamer.started[0].layout is Layout.SINGLE
    second = await broker.publish(room)
    broker.restreamer.tell(broker.targets()["Tube"], TargetState.LIVE, sent=77)
    broker.restreamer.tell(broker.targets()["Ü"], TargetState.RECONNECTING, "nobody listens there")
    async with asyncio.timeout(20):
        while [one["status"] for one in (await broker.status(room))["retransmitters"]] != ["live", "reconnecting"]:
            await asyncio.sleep(0.01)
    status = await broker.status(room)
    tube, other = status["retransmitters"]
    assert (tube["name"], tube["url"], tube["bytes"], tube["error"]) == ("Tube", SHOWN["Tube"], 77, None)
    assert (other["name"], other["error"], other["live_at"]) == ("Ü", "nobody listens there", None)
    assert "sesame" not in json.dumps(status)
    assert len(broker.restreamer.started) == 1, "one stream, however many publish"
    await broker.leave(first)
    assert broker.restreamer.running
    await broker.leave(second)
    await broker.until(lambda: not broker.restreamer.running)
    assert (await broker.status(room))["retransmitters"] == []


async def test_destinations_change_while_it_runs(broker: Broker, world: World) -> None:
    room = await simulcast(world, Tube=TUBE)
    await broker.publish(room)
    await broker.until(lambda: bool(broker.restreamer.running))
    await broker.change(room, room_settings={"destinations": {"Tube": SHOWN["Tube"], "Ü": OTHER}})
    await broker.until(lambda: broker.urls == {TUBE, OTHER})
    await broker.change(room, room_settings={"destinations": {"Ü": SHOWN["Ü"], "Tube": TUBE + "-new"}})
    await broker.until(lambda: broker.urls == {TUBE + "-new", OTHER})
    await broker.change(room, room_settings={"destinations": {"Ü": OTHER}})
    await broker.until(lambda: broker.urls == {OTHER})
    await broker.change(room, room_settings={"description": "other"})
    await broker.change(room, room_settings={"destinations": None})
    await broker.until(lambda: not broker.restreamer.running)
    assert "destinations" not in (await world.api.get(f"/rooms/{room['id']}")).json()["room_settings"]
    await broker.change(room, room_settings={"destinations": {"Tube": TUBE}})
    await broker.until(lambda: bool(broker.restreamer.running))
    assert broker.urls == {TUBE}


async def test_other_rooms_are_sent_nowhere(broker: Broker, world: World) -> None:
    meeting = await world.room(room_settings={"destinations": {"Tube": TUBE}})
    assert meeting["room_settings"]["destinations"] == {"Tube": SHOWN["Tube"]}
    await broker.publish(meeting)
    empty = await simulcast(world)
    await broker.publish(empty)
    last = await simulcast(world, Tube=TUBE)
    await broker.publish(last)
    await broker.until(lambda: bool(broker.restreamer.running))
    assert len(broker.restreamer.started) == 1


async def test_a_full_machine_is_tried_again_with_the_next_who_publishes(broker: Broker, world: World) -> None:
    room = await simulcast(world, Tube=TUBE)
    broker.restreamer.full = True
    await broker.publish(room)
    failed = ExternalStreamSearch(world.account_id, states=frozenset({ExternalState.FAILED}))
    async with asyncio.timeout(20):
        while not await world.store.read(lambda tx: tx.external_streams.search(failed, 1)):
            await asyncio.sleep(0.01)
    broker.restreamer.full = False
    await broker.publish(room)
    await broker.until(lambda: bool(broker.restreamer.running))


@pytest.mark.parametrize(
    ("destinations", "field"),
    [
        ([TUBE], "room_settings.destinations"),
        (TUBE, "room_settings.destinations"),
        (5, "room_settings.destinations"),
        ({str(number): f"{TUBE}{number}" for number in range(6)}, "room_settings.destinations"),
        ({"a": TUBE, "b": TUBE}, "room_settings.destinations"),
        ({"Tube": "http://a.example/live/x"}, "room_settings.destinations.Tube"),
        ({"Tube": 5}, "room_settings.destinations.Tube"),
        ({"Tube": "rtmp://a.example/live"}, "room_settings.destinations.Tube"),
        ({"Tube": SHOWN["Tube"]}, "room_settings.destinations.Tube"),
        ({"Tube": {"url": TUBE}}, "room_settings.destinations.Tube.url"),
    ],
)
async def test_what_is_no_destination_is_named(world: World, destinations: Any, field: str) -> None:
    body = {"room_name": "x", "room_type": "simulcast", "room_settings": {"destinations": destinations}}
    errors = errors_of(await world.api.post("/rooms", json=body))
    if field.endswith(".url"):
        field = field.removesuffix(".url")
    assert list(errors) == [field]
    assert "sesame" not in json.dumps(errors)


async def test_an_address_shown_for_another_name_is_not_one(world: World) -> None:
    room = await simulcast(world, Tube=TUBE)
    changed = {"room_settings": {"destinations": {"Other": SHOWN["Tube"]}}}
    assert list(errors_of(await world.api.patch(f"/rooms/{room['id']}", json=changed))) == [
        "room_settings.destinations.Other"
    ]
    kept = (await world.api.get(f"/rooms/{room['id']}")).json()
    assert kept["room_settings"]["destinations"] == {"Tube": SHOWN["Tube"]}
