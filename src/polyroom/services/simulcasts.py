"""Simulcast rooms: brokers that send what is published in them to the servers in their settings, while it is."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from uuid import UUID

from polyroom.domain.errors import DomainError
from polyroom.domain.external_stream import ExternalStream, Target
from polyroom.domain.recording import Layout
from polyroom.domain.room import Room, RoomKind
from polyroom.services.external_streams import ExternalStreamService, ExternalWish, WantedTarget
from polyroom.services.ports.feed import Notice, RoomChanged, TrackAdded
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.presence import Presence

log = logging.getLogger(__name__)

DESTINATIONS = "destinations"
"""The setting of a room: names, and addresses without their keys."""
DESTINATION_SECRET = "streamwise.destination."  # noqa: S105 - a prefix, with a destination's name behind it
_MARK = "simulcast"
"""The setting of a stream by which it is known to be a simulcast room's."""


@dataclass(frozen=True, slots=True)
class _Now:
    room: Room | None
    wanted: Mapping[str, WantedTarget]
    stream: ExternalStream | None
    targets: tuple[Target, ...]


class SimulcastService:
    """Async context manager; `hear` listens to the feed after `presence` does."""

    def __init__(self, store: Store, presence: Presence, streams: ExternalStreamService) -> None:
        self._store, self._presence, self._streams = store, presence, streams
        self._changed: dict[UUID, None] = {}
        self._wake = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._following = asyncio.create_task(self._follow(), name="simulcast rooms")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._following is not None:
            self._following.cancel()

    def hear(self, notice: Notice) -> None:
        """A room is live once something is published in it; its destinations may change meanwhile."""
        match notice:
            case TrackAdded(track):
                self._look_at(track.room_id)
            case RoomChanged(room) if room.kind is RoomKind.SIMULCAST:
                self._look_at(room.id)

    def _look_at(self, room_id: UUID) -> None:
        self._changed[room_id] = None
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._changed:
                room_id = next(iter(self._changed))
                del self._changed[room_id]
                try:
                    await self._bring_about(room_id)
                except DomainError as refused:
                    log.warning("simulcast room %s is not sent out as it should be: %r", room_id, refused)
                except Exception:
                    log.exception("simulcast room %s is not sent out as it should be", room_id)

    async def _bring_about(self, room_id: UUID) -> None:
        now = await self._store.read(lambda tx: _now(tx, room_id), quick=True)
        if now.room is None:
            return
        account_id, stream = now.room.account_id, now.stream
        if stream is None:
            if now.wanted and any(one.tracks for one in self._presence.members(room_id).values()):
                wish = ExternalWish(list(now.wanted.values()), Layout.SINGLE, settings={_MARK: True})
                await self._streams.start(account_id, room_id, wish)
            return
        if not now.wanted:
            await self._streams.stop(account_id, stream.id)
            return
        there = {(one.name, one.url) for one in now.targets}
        asked = {(one.name, one.url) for one in now.wanted.values()}
        for one in now.wanted.values():
            if (one.name, one.url) not in there:
                await self._streams.add_target(account_id, stream.id, one)
        for target in now.targets:
            if not target.over and (target.name, target.url) not in asked:
                await self._streams.remove_target(account_id, stream.id, target.id)


def _now(tx: Transaction, room_id: UUID) -> _Now:
    room = tx.rooms.get(room_id)
    if room is None or room.kind is not RoomKind.SIMULCAST:
        return _Now(None, {}, None, ())
    sealed, shown = tx.rooms.secrets(room_id), room.settings.get(DESTINATIONS) or {}
    urls = {name: sealed.get(DESTINATION_SECRET + name) for name in shown}
    wanted = {name: WantedTarget(url, str(shown[name]), name) for name, url in urls.items() if url}
    streams = [one for one in tx.external_streams.unfinished(room_id) if one.settings.get(_MARK)]
    if not streams:
        return _Now(room, wanted, None, ())
    return _Now(room, wanted, streams[0], tuple(tx.external_streams.targets([streams[0].id])[streams[0].id]))
