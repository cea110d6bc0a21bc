"""The console's API over the real store, with two accounts, people who come in and a clock that can be put forward."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copytree
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette
from tests.dialects.conftest import first_day as first_day  # noqa: PLC0414 - a fixture
from tests.dialects.house import House, open_house
from tests.fakes.broadcaster import FakeBroadcaster
from tests.fakes.recorder import FakeRecorder
from tests.fakes.restreamer import FakeRestreamer

from polyroom.dialects.streamwise import StreamwiseVerifier
from polyroom.domain.account import Account, Dialect
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason
from polyroom.domain.webhook import Attempt, Delivery, DeliveryState, Webhook
from polyroom.egress.extras import LocalExtras
from polyroom.services.broadcasting import BroadcastService
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.live_recordings import LiveRecordings
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.participants import Joined
from polyroom.services.ports.webhooks import Outcome
from polyroom.services.presence import Presence
from polyroom.services.record import RecordService
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_extras import RecordingExtras
from polyroom.services.recording_records import RecordingRecords
from polyroom.services.recordings import RecordingService
from polyroom.services.room_changes import NewRoom
from polyroom.services.webhooks import WebhookService
from polyroom.site.console import Broadcasts, Console, Gate, LoadHistory, Receivers, Records, Tenants
from polyroom.system import SystemClock

Json = dict[str, Any]

BASE = "http://rooms.example/console/api"
OURS = {"x-polyroom-console": "1"}
NOBODYS = "01a20000-0000-7000-8000-000000000000"


@dataclass
class AheadClock(SystemClock):
    """The real time and some more."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


@dataclass
class Operator:
    """The operator's key, renewed by the test."""

    key: str = "operator_0123456789"

    def current(self) -> str:
        return self.key


@dataclass
class World:
    """Everything a test touches."""

    house: House
    clock: AheadClock
    operator: Operator
    webhooks: WebhookService
    app: Starlette
    recordings: RecordingService
    streams: LiveStreamService
    restreams: ExternalStreamService
    tried: list[Webhook] = field(default_factory=list)

    def client(self, address: str = "192.0.2.1", url: str = BASE) -> httpx.AsyncClient:
        """A browser at the console, without a cookie yet."""
        transport = httpx.ASGITransport(self.app, client=(address, 1))
        return httpx.AsyncClient(transport=transport, base_url=url, headers=OURS)

    async def signed_in(self, account: Account | None = None, dialect: Dialect = Dialect.TELNYX) -> httpx.AsyncClient:
        """A browser signed in with a key of an account, or with the operator's without one."""
        key = self.operator.key if account is None else (await self.house.key(dialect, account)).secret
        client = self.client()
        answer = await client.post("/sign-in", json={"key": key})
        assert answer.status_code == 201, answer.text
        return client

    async def mine(self) -> httpx.AsyncClient:
        """A browser signed in with a key of the default account."""
        return await self.signed_in(self.house.mine)

    async def theirs(self) -> httpx.AsyncClient:
        """A browser signed in with a key of the other account."""
        return await self.signed_in(self.house.theirs)

    async def room(self, title: str = "Team", account: Account | None = None) -> Room:
        """A room of the default account, or of another."""
        owner = account or self.house.mine
        return (await self.house.rooms.create(owner.id, NewRoom(title=title))).room

    async def enter(self, room: Room, name: str = "Ada") -> Joined:
        """Somebody comes in as the moderator."""
        account, door = room.account_id, Dialect.STREAMWISE
        _, token = await self.house.admissions.create(account, room.streamwise_id, door, "moderator", expires_at=None)
        return await self.house.enter(room.streamwise_id, token.token, name=name)

    async def met(self, room: Room, *names: str) -> UUID:
        """A session that is over; its id."""
        people = [await self.enter(room, name) for name in names]
        for one in people:
            await self.house.people.leave(one.participant.id, LeaveReason.LEFT)
        return people[0].participant.session_id

    async def try_all(self, status: int = 200) -> list[Delivery]:
        """One try of everything that waits, answered so; what was tried."""
        now, tried = self.clock.now(), []
        for lane in await self.house.store.write(lambda tx: tx.outbox.lease(now, now, 100)):
            waiting = await self.house.store.read(lambda tx, lane=lane: tx.outbox.first_of(lane.id, 100))
            state = DeliveryState.DELIVERED if status == 200 else DeliveryState.WAITING
            outcomes = [Outcome(one.id, state, now, self._attempt(one.id, status)) for one in waiting]
            due = None if status == 200 else now
            await self.house.store.write(
                lambda tx, lane=lane, outcomes=outcomes, due=due: tx.outbox.settle(lane, outcomes, due, 1)
            )
            tried.extend(waiting)
        return tried

    def _attempt(self, delivery_id: UUID, status: int) -> Attempt:
        error = "" if status == 200 else "status"
        url = "https://app.example.com/hook"
        return Attempt(self.house.ids.uuid(), delivery_id, 1, self.clock.now(), url, status, 12, "später ☃", error)


@pytest.fixture
async def world(tmp_path: Path, first_day: Path) -> AsyncIterator[World]:
    """A console and what it looks at."""
    copytree(first_day, tmp_path / "data")
    async with open_house(tmp_path / "data", [StreamwiseVerifier()]) as house:
        made = world_of(house, tmp_path / "data" / "assets")
        async with made.recordings, made.streams, made.restreams:
            yield made


def world_of(house: House, assets: Path) -> World:
    """The console over a house."""
    clock, operator, presence = AheadClock(), Operator(), Presence()
    house.departures.feed.listen(presence.apply)  # type: ignore[attr-defined]
    gate = Gate(house.accounts, operator, clock, house.ids, secret=b"0" * 32, public_url="https://public.example:8443")
    record, webhooks = RecordService(house.store), WebhookService(house.store, house.clock, house.ids)
    tried: list[Webhook] = []

    async def try_out(webhook: Webhook) -> Any:
        tried.append(webhook)
        return SimpleNamespace(status=204, milliseconds=7, text="thanks", error="")

    recorder, extras = FakeRecorder(), RecordingExtras(house.store, LocalExtras(assets))
    recordings = RecordingService(house.store, house.clock, house.ids, recorder)
    along = LiveRecordings(house.store, house.clock, house.ids, recorder, extras)
    streams = LiveStreamService(house.store, house.clock, house.ids, FakeBroadcaster(), along)
    restreams = ExternalStreamService(house.store, house.clock, house.ids, FakeRestreamer(), recordings)
    console = Console(
        gate,
        house.accounts,
        tenants=Tenants(gate, house.accounts, presence),
        records=Records(
            rooms=house.rooms,
            sessions=house.sessions,
            record=record,
            messages=house.messages,
            moderation=house.moderation,
            presence=presence,
            quality=house.quality,
        ),
        receivers=Receivers(webhooks, record, try_out),
        broadcasts=Broadcasts(
            broadcasts=BroadcastService(house.store, house.clock, recordings, streams, restreams),
            recorded=RecordingRecords(house.store),
            recordings=recordings,
            deletion=RecordingDeletion(house.store, house.clock),
            live_streams=streams,
            restreams=restreams,
            link=lambda asset, seconds: f"https://public.example/recorded/{asset.id}?{seconds}",
            watch=lambda application, stream_id: f"https://public.example/video/{application}/{stream_id}/master.m3u8",
            viewers=lambda _: 7,
        ),
        load=LoadHistory(presence, lambda: {"bytes_received": 1.0, "bytes_sent": 2.0}, clock, {"version": "1"}),
    )
    app = Starlette(routes=console.routes())
    return World(house, clock, operator, webhooks, app, recordings, streams, restreams, tried)


async def shown(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    """What is answered to a question that may be asked."""
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def all_of(client: httpx.AsyncClient, path: str, cursor: str = "after", **query: Any) -> list[Json]:
    """Every item of a list, page by page."""
    found: list[Json] = []
    while True:
        page = await shown(client, path, **query)
        assert len(page["items"]) <= query.get("limit", 200)
        found += page["items"]
        if page["next"] is None:
            return found
        query[cursor] = page["next"]


def refused(answer: httpx.Response, status: int, code: str, field: str | None = None) -> None:
    """The answer is that refusal, in the console's form."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error.get("field")) == (status, code, field), answer.text
    assert error["message"]
