"""What participants publish."""

import asyncio
import logging
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Self

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.session import Track, TrackKind
from polyroom.services.facts import track_event
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.feed import Feed, TrackAdded, TrackChanged, TrackHeld, TrackRemoved
from polyroom.services.ports.media import MediaEngine
from polyroom.services.ports.store import Store, Transaction

log = logging.getLogger(__name__)

_MUTES_WAITING = 10_000


class TrackService:
    """Use cases of tracks. An async context manager: mutes are written just after they are told, in the background."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, feed: Feed, media: MediaEngine) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._feed = feed
        self._media = media
        self._mutes: asyncio.Queue[Track] = asyncio.Queue(_MUTES_WAITING)
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_mutes(), name="mutes")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._mutes.join()
        if self._writer:
            self._writer.cancel()

    async def add(self, track: Track) -> None:
        """Publish a track of someone present.

        Raises NotFound("participant") when they have left meanwhile, Invalid("track", "not_allowed") when they may not.
        """

        def unit(tx: Transaction) -> Track:
            tx.rooms.get(track.room_id, lock=True)
            owner = tx.sessions.participant(track.participant_id)
            if owner is None or owner.left_at is not None:
                raise NotFound("participant")
            if not owner.may_publish(track.source, track.kind):
                raise Invalid("track", "not_allowed")
            added = replace(track, held=owner.held and track.kind is TrackKind.AUDIO)
            tx.sessions.add_track(added)
            tx.events.append([self._event(EventType.TRACK_ADDED, added)])
            return added

        added = await self._store.write(unit)
        if added.held:
            await self._media.set_muted(added.id, True)
        self._feed.publish(TrackAdded(added))
        if added.held:
            self._feed.publish(TrackHeld(added))

    def mute(self, track: Track, muted: bool) -> Track:
        """Tell everyone at once; the record follows. Returns the changed track."""
        changed = replace(track, muted=muted)
        self._feed.publish(TrackChanged(changed))
        try:
            self._mutes.put_nowait(changed)
        except asyncio.QueueFull:
            log.warning("mute of track %s is not recorded: the store is behind", track.id)
        return changed

    async def let_pass(self, track: Track) -> None:
        """Its publisher unmutes what a moderator muted once. Who is held back stays so."""

        def unit(tx: Transaction) -> Track | None:
            tx.rooms.get(track.room_id, lock=True)
            known, owner = tx.sessions.track(track.id), tx.sessions.participant(track.participant_id)
            if known is None or owner is None or known.ended_at is not None or not known.held or owner.held:
                return None
            passing = replace(known, held=False)
            tx.sessions.update_track(passing)
            if not passing.muted:
                tx.events.append([self._event(EventType.TRACK_UNMUTED, passing)])
            return passing

        passing = await self._store.write(unit)
        if passing is not None:
            await self._media.set_muted(passing.id, False)
            self._feed.publish(TrackHeld(passing, resumes=False))

    async def remove(self, track: Track) -> None:
        """Take a track back. Idempotent."""
        at = self._clock.now()

        def unit(tx: Transaction) -> bool:
            tx.rooms.get(track.room_id, lock=True)
            ended = tx.sessions.end_track(track.id, at)
            if ended:
                tx.events.append([self._event(EventType.TRACK_REMOVED, track)])
            return ended

        if await self._store.write(unit):
            self._feed.publish(TrackRemoved(replace(track, ended_at=at)))

    async def _write_mutes(self) -> None:
        while True:
            track = await self._mutes.get()
            try:
                await self._store.write(partial(self._write_mute, track))
            except Exception:
                log.exception("a mute could not be recorded")
            finally:
                self._mutes.task_done()

    def _write_mute(self, track: Track, tx: Transaction) -> None:
        # A moderator may change the same track at this moment.
        tx.rooms.get(track.room_id, lock=True)
        known = tx.sessions.track(track.id)
        if known is None or known.ended_at is not None:
            return
        tx.sessions.update_track(replace(known, muted=track.muted))
        if not known.held:
            tx.events.append([self._event(EventType.TRACK_MUTED if track.muted else EventType.TRACK_UNMUTED, track)])

    def _event(self, kind: EventType, track: Track) -> Event:
        return track_event(self._ids, kind, track, self._clock.now())
