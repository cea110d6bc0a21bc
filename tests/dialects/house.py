"""The use cases over a real store with a fake media engine: what the tests of every dialect stand on."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tests.fakes.media import FakeEngine
from tests.support.stores import open_test_store

from polyroom.domain.account import Account, ApiKey, Dialect
from polyroom.domain.session import LeaveReason, Track, TrackKind
from polyroom.services.accounts import AccountService
from polyroom.services.admissions import AccessCodeService, AdmissionService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.entrance import Entrance
from polyroom.services.events import EventService
from polyroom.services.feed import LocalFeed
from polyroom.services.hosting import HostService
from polyroom.services.leaving import Departures
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService
from polyroom.services.participants import Joined, ParticipantService
from polyroom.services.polling import PollingService
from polyroom.services.polls import PollService
from polyroom.services.ports.admission import AdmissionVerifier, Credential
from polyroom.services.ports.publishing import StreamKeyVerifier
from polyroom.services.ports.store import Store
from polyroom.services.publishing import Publishing
from polyroom.services.quality import QualityService
from polyroom.services.refused import RefusedJoins
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.services.webhooks import WebhookService
from polyroom.system import SystemClock, SystemIds
from polyroom.tickets import JwtTickets
from polyroom.wire.keypairs import make_keypair

PUBLIC_URL = "https://rooms.example"
RTMP_URL = "rtmp://rooms.example:1935/live"
STREAM_SECRET = b"s" * 32


@dataclass
class House:
    """Everything a dialect's application is made of, with two accounts: `mine` and `theirs`."""

    store: Store
    clock: SystemClock
    ids: SystemIds
    engine: FakeEngine
    departures: Departures
    accounts: AccountService
    rooms: RoomService
    admissions: AdmissionService
    access_codes: AccessCodeService
    sessions: SessionService
    messages: MessageService
    polls: PollService
    polling: PollingService
    people: ParticipantService
    quality: QualityService
    events: EventService
    webhooks: WebhookService
    moderation: ModerationService
    hosts: HostService
    entrance: Entrance
    mine: Account
    theirs: Account

    async def key(self, dialect: Dialect, account: Account | None = None) -> ApiKey:
        """The dialect's key of an account, of `mine` unless said."""
        return (await self.accounts.keys((account or self.mine).id, dialect))[0]

    async def enter(
        self, any_room_id: str, token: str | None = None, *, code: str | None = None, name: str = "Ada"
    ) -> Joined:
        """Come in as the meeting page does. Raises what refuses."""
        credential = Credential(token=token, code=code)
        ticketed = await self.entrance.ticket(any_room_id, credential, None, name, secrets.token_hex(4))
        return await self.people.join(ticketed.ticket)

    async def publish(self, joined: Joined, kind: TrackKind, *, muted: bool = False) -> Track:
        """A live track of somebody present."""
        one = joined.participant
        track = Track(
            id=self.ids.uuid(),
            account_id=one.account_id,
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            kind=kind,
            source="microphone" if kind is TrackKind.AUDIO else "camera",
            name="",
            mime="audio/opus" if kind is TrackKind.AUDIO else "video/VP8",
            muted=muted,
            started_at=self.clock.now(),
        )
        await self.store.write(lambda tx: tx.sessions.add_track(track))
        return track

    async def leave(self, joined: Joined) -> None:
        """Go out."""
        await self.people.leave(joined.participant.id, LeaveReason.LEFT)

    async def room_id(self, any_room_id: str) -> UUID:
        """Our id behind any form of a room's id."""
        return (await self.rooms.get(self.mine.id, any_room_id)).room.id


def encoders_door(house: House, *verifiers: StreamKeyVerifier) -> Publishing:
    """What looks at the names that encoders publish under."""
    return Publishing(
        house.store,
        house.clock,
        house.ids,
        verifiers=verifiers,
        attempts=AttemptLimiter(house.clock),
        refused=RefusedJoins(house.store, house.clock, house.ids),
    )


@asynccontextmanager
async def open_house(data: Path, verifiers: Sequence[AdmissionVerifier]) -> AsyncIterator[House]:
    """A house over the store of a data folder."""
    clock, ids, engine = SystemClock(), SystemIds(), FakeEngine()
    async with open_test_store(data) as store:
        departures = Departures(ids, LocalFeed(), engine)
        accounts = AccountService(store, clock, ids, make_keypair)
        mine = await accounts.ensure_default()
        theirs = next((one for one in await accounts.list() if one.name == "another"), None)
        yield House(
            store=store,
            clock=clock,
            ids=ids,
            engine=engine,
            departures=departures,
            accounts=accounts,
            rooms=RoomService(store, clock, ids, departures),
            admissions=AdmissionService(store, clock, ids, departures),
            access_codes=AccessCodeService(store, clock, ids),
            sessions=SessionService(store),
            messages=MessageService(store, clock, ids, departures.feed),
            polls=PollService(store, clock, ids, departures.feed),
            polling=PollingService(store, clock, ids, departures.feed),
            people=ParticipantService(store, clock, ids, departures, ids.uuid()),
            quality=QualityService(store, clock),
            events=EventService(store),
            webhooks=WebhookService(store, clock, ids),
            moderation=ModerationService(store, clock, ids, departures),
            hosts=HostService(store, clock, ids, departures),
            entrance=Entrance(
                store,
                clock,
                ids,
                verifiers=verifiers,
                signer=JwtTickets(b"0" * 32, clock),
                attempts=AttemptLimiter(clock),
            ),
            mine=mine,
            theirs=theirs or await accounts.create("another"),
        )
