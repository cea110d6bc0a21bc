"""What those in charge of a room do to the people in it: put out, hold their sound back, end the session."""

from collections.abc import Callable
from uuid import UUID

from polyroom.domain.errors import NotFound, SessionOver
from polyroom.domain.session import LeaveReason
from polyroom.services.ending import Ending, end_session, tell_ending
from polyroom.services.holding import Held, hold, tell_held
from polyroom.services.leaving import Departures
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Deed
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.rooms import find_room
from polyroom.services.sessions import Attendant, LiveRoom, live_room

Where = Callable[[Transaction], LiveRoom]
"""Finds the place that is meant, its room locked until the unit ends."""

Who = Callable[[Attendant], bool]
"""Whether somebody visible there is meant."""


def in_room(account_id: UUID, any_room_id: str) -> Where:
    """A room, whether or not anybody is in; NotFound("room")."""
    return lambda tx: live_room(tx, find_room(tx, account_id, any_room_id, lock=True))


def in_active_room(account_id: UUID, any_room_id: str) -> Where:
    """A room somebody is in; NotFound that names "room" or "active session"."""

    def find(tx: Transaction) -> LiveRoom:
        live = in_room(account_id, any_room_id)(tx)
        if live.session is None:
            raise NotFound("active session")
        return live

    return find


def in_session(account_id: UUID, session_id: UUID) -> Where:
    """The room of a running session; NotFound("session"), SessionOver."""

    def find(tx: Transaction) -> LiveRoom:
        session = tx.sessions.get(session_id)
        if session is None or session.account_id != account_id:
            raise NotFound("session")
        room = tx.rooms.get(session.room_id, lock=True)
        live = live_room(tx, room) if room is not None else None
        if live is None or live.session is None or live.session.id != session_id:
            raise SessionOver
        return live

    return find


class ModerationService:
    """Use cases of moderation. What each may raise is what its `Where` raises."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, departures: Departures) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._departures = departures

    async def remove(self, where: Where, who: Who, *, keep_media: bool = False, said: str = "") -> LiveRoom:
        """Put people out; the answer holds those, as they were. `said` is kept with each leave.

        With `keep_media` their clients are told to go, and their media ends when they do.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> LiveRoom:
            live = where(tx)
            chosen = {one.participant.id: one for one in live.attendants if who(one)}
            people = [one.participant for one in chosen.values()]
            out = self._departures.write(tx, people, at, LeaveReason.REMOVED, said=said)
            return LiveRoom(live.room, live.session, [chosen[one.id] for one in out])

        removed = await self._store.write(unit)
        people = [one.participant for one in removed.attendants]
        await self._departures.tell(people, LeaveReason.REMOVED, keep_media=keep_media)
        return removed

    async def end(self, where: Where, *, lock: bool = False, said: str = "") -> None:
        """End the running session: everyone is out, who is hidden too. `said` is kept with the end.

        With `lock` the room is switched off as well.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> Ending:
            return end_session(tx, self._ids, self._departures, where(tx), at, lock=lock, said=said)

        await tell_ending(self._departures, await self._store.write(unit))

    async def hold(self, where: Where, who: Who, held: bool) -> None:
        """Hold people's sound back, or let it pass again: what they publish, and what they will."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Held:
            return hold(tx, self._ids, [one for one in where(tx).attendants if who(one)], held, at)

        done = await self._store.write(unit)
        await tell_held(self._departures, done, Deed.HELD if held else Deed.RELEASED)
