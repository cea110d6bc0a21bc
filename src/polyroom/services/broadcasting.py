"""Recording and live streaming asked for from inside, each as far as the asker's role lets them at that moment.

Every method raises NotFound that names "room" or "participant" for who is not inside, AdmissionRefused, NotAllowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.errors import Invalid, NotAllowed, WrongState
from polyroom.domain.external_stream import Target
from polyroom.domain.features import effective_features
from polyroom.domain.live_stream import LiveStream
from polyroom.domain.recording import RecordingKind, RecordingState
from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Room
from polyroom.domain.session import Participant
from polyroom.services.external_streams import ExternalStreamService, ExternalWish, WantedTarget
from polyroom.services.insiders import insider, permitted
from polyroom.services.live_streams import LiveStreamService, LiveWish
from polyroom.services.on_air import on_air
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.feed import OnAir
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recordings import RecordingService, RecordingWish
from polyroom.services.rooms import find_room

RECORD, STREAM, SEND = "browser_recording", "hls_streaming", "rtmp_streaming"
_FEATURE = "recording"


@dataclass(frozen=True, slots=True)
class Broadcast:
    """What leaves the room, and which of it the asker may switch. `watch` has the Phenix application of the account
    and the id of the live stream that anybody may watch, if there is one.

    `targets` are the servers it is sent to, without keys, with how each fares.
    """

    on_air: OnAir
    may_record: bool
    may_stream: bool
    may_send: bool
    watch: tuple[str, UUID] | None
    targets: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class RoomBroadcast:
    """What leaves a room, for its owner: the live stream, if there is one, under the account's Phenix application, and
    the servers it is sent to.
    """

    application: str
    live: LiveStream | None
    targets: Sequence[Target]


class BroadcastService:
    """Use cases of those who may let a meeting out."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        recordings: RecordingService,
        live_streams: LiveStreamService,
        restreams: ExternalStreamService,
    ) -> None:
        self._store, self._clock = store, clock
        self._recordings, self._live_streams, self._restreams = recordings, live_streams, restreams

    async def look(self, ticket: Ticket) -> Broadcast:
        """What leaves the room of somebody inside."""

        def unit(tx: Transaction) -> Broadcast:
            room, one = insider(tx, ticket, self._clock.now())
            watched = [each.id for each in tx.live_streams.unfinished(room.id) if not each.protected]
            account = tx.accounts.get(room.account_id)
            sends = _may(one, SEND)
            return Broadcast(
                on_air(tx, room.id),
                _may(one, RECORD) and _may_be_recorded(tx, room),
                _may(one, STREAM),
                sends,
                (account.phenix_application_id, watched[0]) if watched and account is not None else None,
                tuple((each.shown, each.state.value, each.why) for each in _targets(tx, room)) if sends else (),
            )

        return await self._store.read(unit)

    async def of_room(self, account_id: UUID, any_room_id: str) -> RoomBroadcast:
        """What leaves a room of an account; NotFound("room")."""

        def unit(tx: Transaction) -> RoomBroadcast:
            room = find_room(tx, account_id, any_room_id)
            account = tx.accounts.get(account_id)
            live = tx.live_streams.unfinished(room.id)
            application = account.phenix_application_id if account is not None else ""
            return RoomBroadcast(application, live[0] if live else None, _targets(tx, room))

        return await self._store.read(unit)

    async def record(self, ticket: Ticket, on: bool) -> None:
        """Begin to record everybody in one picture, or end every such recording.

        Raises NoCapacity, Invalid("recording", "running") where one runs already.
        """
        room, one = await self._permitted(ticket, RECORD)
        running = await self._store.read(lambda tx: tx.recordings.unfinished(room.id))
        whole = [each for each in running if each.kind is RecordingKind.COMPOSITE]
        going = [each for each in whole if each.state is not RecordingState.STOPPING]
        if on:
            if going:
                raise Invalid("recording", "running")
            if not await self._store.read(lambda tx: _may_be_recorded(tx, room)):
                raise NotAllowed(RECORD)
            await self._recordings.start(room.account_id, room.id, RecordingWish(started_by=str(one.id)))
            return
        for each in going:
            await self._recordings.stop(room.account_id, each.id, str(one.id))

    async def stream(self, ticket: Ticket, on: bool) -> None:
        """Go live, or end that. Raises NoCapacity, Invalid("live", "running")."""
        room, one = await self._permitted(ticket, STREAM)
        if not on:
            await self._live_streams.stop_all(room.account_id, room.id, str(one.id))
            return
        try:
            await self._live_streams.start(room.account_id, room.id, LiveWish(started_by=str(one.id)))
        except WrongState:
            raise Invalid("live", "running") from None

    async def send(self, ticket: Ticket, target: WantedTarget | None) -> None:
        """Send the meeting to a server; None ends all that is sent. Raises NoCapacity, Invalid where too much is."""
        room, one = await self._permitted(ticket, SEND)
        if target is None:
            await self._restreams.stop_all(room.account_id, room.id, str(one.id))
            return
        await self._restreams.start(room.account_id, room.id, ExternalWish([target], started_by=str(one.id)))

    async def _permitted(self, ticket: Ticket, permission: str) -> tuple[Room, Participant]:
        room, one = await self._store.read(lambda tx: permitted(tx, ticket, self._clock.now(), permission))
        if not _may(one, permission):
            raise NotAllowed(permission)
        return room, one


def _may(one: Participant, permission: str) -> bool:
    """100ms' roles say so, and give it to whoever is not denied it; with other vendors it is for those in charge."""
    in_charge = one.dialect is Dialect.HMS or one.role_class is RoleClass.MODERATOR
    return in_charge and getattr(one.permissions, permission) is True


def _targets(tx: Transaction, room: Room) -> Sequence[Target]:
    found = tx.external_streams.targets(one.id for one in tx.external_streams.unfinished(room.id))
    return [each for targets in found.values() for each in targets]


def _may_be_recorded(tx: Transaction, room: Room) -> bool:
    subscription = tx.accounts.subscription(room.subscription_id)
    granted = subscription.features if subscription is not None else {}
    return effective_features(granted, room.feature_overrides, None).get(_FEATURE) is not False
