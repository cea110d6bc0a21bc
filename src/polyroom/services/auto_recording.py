"""Recordings that begin by themselves, because the room says so.

What a room wishes is asked of every dialect when a session opens, and holds for that session: a room that is changed
meanwhile is recorded so from the next one on. A recording begins once somebody visible publishes something.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import DomainError, NotFound
from polyroom.domain.recording import RecordingKind
from polyroom.domain.room import Room
from polyroom.domain.session import Track, TrackKind
from polyroom.services.ports.feed import Notice, ParticipantLeft, SessionOpened, TrackAdded
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.presence import Presence
from polyroom.services.recording_moves import OF_A_ROOM
from polyroom.services.recordings import RecordingService, RecordingWish

log = logging.getLogger(__name__)

RoomWishes = Callable[[Transaction, Room], Iterable[RecordingWish]]
"""What a dialect reads from a room. A wish for a kind that is of one person is for each who publishes what is in it."""

_SOUND_ONLY = frozenset({RecordingKind.PARTICIPANT_AUDIO})
_PICTURE_ONLY = frozenset({RecordingKind.PARTICIPANT_VIDEO})


class AutoRecordings:
    """Async context manager that starts them while it is open. Register `hear` behind `presence` at the feed."""

    def __init__(
        self, store: Store, presence: Presence, recordings: RecordingService, wishes: Sequence[RoomWishes]
    ) -> None:
        self._store, self._presence, self._recordings = store, presence, recordings
        self._ask = wishes
        self._wishes: dict[UUID, asyncio.Task[Sequence[RecordingWish]]] = {}
        self._begun: dict[UUID, set[tuple[int, UUID | None]]] = {}
        self._starts: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._starts, *self._wishes.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def hear(self, notice: Notice) -> None:
        """The feed's listener."""
        match notice:
            case SessionOpened(session):
                self._learn(session.room_id, session.id)
            case TrackAdded(track):
                self._consider(track)
            case ParticipantLeft(participant) if not self._presence.members(participant.room_id):
                self._wishes.pop(participant.session_id, None)
                self._begun.pop(participant.session_id, None)
            case _:
                pass

    def _learn(self, room_id: UUID, session_id: UUID) -> asyncio.Task[Sequence[RecordingWish]]:
        known = self._wishes.get(session_id)
        if known is None:
            known = asyncio.create_task(self._wishes_of(room_id), name=f"wishes of {room_id}")
            self._wishes[session_id] = known
        return known

    async def _wishes_of(self, room_id: UUID) -> Sequence[RecordingWish]:
        def unit(tx: Transaction) -> Sequence[RecordingWish]:
            room = tx.rooms.get(room_id)
            return [] if room is None else [wish for ask in self._ask for wish in ask(tx, room)]

        try:
            return await self._store.read(unit)
        except Exception:
            log.exception("what room %s wishes to have recorded could not be read", room_id)
            return []

    def _consider(self, track: Track) -> None:
        member = self._presence.member(track.room_id, track.participant_id)
        if member is None or member.participant.hidden:
            return
        wishes = self._learn(track.room_id, track.session_id)
        if wishes.done() and not wishes.cancelled() and not wishes.result():
            return
        task = asyncio.create_task(self._start(wishes, track), name=f"automatic recording of {track.room_id}")
        self._starts.add(task)
        task.add_done_callback(self._starts.discard)

    async def _start(self, wishes: asyncio.Task[Sequence[RecordingWish]], track: Track) -> None:
        for number, wish in enumerate(await wishes):
            whole = wish.kind in OF_A_ROOM
            if not whole and track.kind not in _in(wish.kind):
                continue
            each = track.id if wish.kind is RecordingKind.TRACK else track.participant_id
            what = (number, None if whole else each)
            begun = self._begun.setdefault(track.session_id, set())
            if what in begun or track.session_id not in self._wishes:
                continue
            begun.add(what)
            await self._begin(
                track, wish if whole else replace(wish, participant_id=track.participant_id, track_id=track.id)
            )

    async def _begin(self, track: Track, wish: RecordingWish) -> None:
        try:
            # Whoever published may be gone again, and the session with them.
            with suppress(NotFound):
                await self._recordings.start(track.account_id, track.room_id, wish)
        except DomainError as refusal:
            log.warning("room %s is not recorded though it says so: %r", track.room_id, refusal)
        except Exception:
            log.exception("room %s is not recorded though it says so", track.room_id)


def _in(kind: RecordingKind) -> frozenset[TrackKind]:
    """What a recording of one person has in it."""
    if kind in _SOUND_ONLY:
        return frozenset({TrackKind.AUDIO})
    return frozenset({TrackKind.VIDEO}) if kind in _PICTURE_ONLY else frozenset(TrackKind)
