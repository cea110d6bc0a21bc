"""Sending rooms to RTMP servers: started, changed, stopped; one that a killed server left goes on if its room does."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.errors import NotFound, WrongState
from polyroom.domain.external_stream import ExternalEnd, ExternalState, ExternalStream, Target, TargetState
from polyroom.domain.recording import Layout
from polyroom.services import external_stream_moves as moves
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.external_streams import Pushed, PushNews, Restreamer
from polyroom.services.ports.feed import Notice, ParticipantJoined, ParticipantLeft, Watcher, nobody
from polyroom.services.ports.recordings import NoCapacity
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recordings import RecordingService, RecordingWish

log = logging.getLogger(__name__)

RESUMES_WITHIN = 60.0
"""Seconds after a start in which a room that is occupied again gets its streams back."""


@dataclass(frozen=True, slots=True)
class WantedTarget:
    """A server to send to: its address, how that is shown, and what its owner calls it."""

    url: str = field(repr=False)
    shown: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class ExternalWish:
    """What a caller asks for. `settings` is what its dialect keeps of the request, without secrets."""

    targets: Sequence[WantedTarget]
    layout: Layout = Layout.GRID
    width: int = 1280
    height: int = 720
    recording: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    started_by: str = ""


class ExternalStreamService:
    """Use cases of external streams.

    An async context manager: entering takes up what a killed server left, leaving ends what runs.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, restreamer: Restreamer, recordings: RecordingService
    ) -> None:
        self._store, self._clock, self._ids = store, clock, ids
        self._restreamer, self._recordings = restreamer, recordings
        self._rooms: dict[UUID, set[UUID]] = {}
        self._waiting: dict[UUID, set[UUID]] = {}
        self._news: asyncio.Queue[PushNews] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._hearing: asyncio.Task[None] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.watcher: Watcher = nobody
        restreamer.watch(self._news.put_nowait)

    async def __aenter__(self) -> Self:
        for left in await self._store.read(lambda tx: tx.external_streams.unfinished()):
            self._waiting.setdefault(left.room_id, set()).add(left.id)
        if self._waiting:
            later = asyncio.get_running_loop().call_later
            self._patience = later(RESUMES_WITHIN, lambda: self._soon(self._give_up_waiting()))
        self._hearing = asyncio.create_task(self._hear_news(), name="news of external streams")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._patience is not None:
            self._patience.cancel()
        for left in await self._store.read(lambda tx: tx.external_streams.unfinished()):
            await self._close(left.id, reason=ExternalEnd.SERVER_STOPPED)
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._hearing is not None:
            self._hearing.cancel()

    async def start(self, account_id: UUID, room_id: UUID, wish: ExternalWish) -> ExternalStream:
        """Begin to send a room that somebody is in.

        Raises NotFound("room"), NotFound("session") for an empty one, Invalid where too many run, NoCapacity where this
        machine has no room for it.
        """
        at, made_id = self._clock.now(), self._ids.uuid()
        recording_id = await self._record(account_id, room_id, wish) if wish.recording else None
        new = ExternalStream(
            id=made_id,
            hms_id=self._ids.hex24(),
            account_id=account_id,
            room_id=room_id,
            session_id=made_id,
            layout=wish.layout,
            width=wish.width,
            height=wish.height,
            settings=wish.settings,
            started_by=wish.started_by,
            recording_id=recording_id,
            created_at=at,
            updated_at=at,
        )
        targets = [self._target(made_id, one) for one in wish.targets]
        try:
            made = await self._store.write(lambda tx: moves.begin(tx, new, targets))
            try:
                self._restreamer.start(made, targets)
            except NoCapacity:
                await self._move(made.id, ExternalState.FAILED, reason=ExternalEnd.NO_CAPACITY)
                raise
        except Exception:
            await self._end_recording(account_id, recording_id)
            raise
        self._rooms.setdefault(room_id, set()).add(made.id)
        # Whoever was last may have left meanwhile, when nothing was known to end.
        if await self._is_empty(room_id):
            await self._close(made.id, reason=ExternalEnd.SESSION_ENDED)
        return made

    async def stop(self, account_id: UUID, stream_id: UUID, by: str = "") -> ExternalStream:
        """End one. Raises NotFound, WrongState."""
        await self._mine(account_id, stream_id)
        stopped = await self._move(stream_id, ExternalState.STOPPED, by=by, reason=ExternalEnd.ASKED)
        self._let_go(stopped)
        return stopped

    async def stop_all(self, account_id: UUID, room_id: UUID, by: str = "") -> Sequence[ExternalStream]:
        """End all of a room."""
        stopped = []
        for one in await self._store.read(lambda tx: tx.external_streams.unfinished(room_id)):
            if one.account_id == account_id:
                with suppress(WrongState):
                    stopped.append(await self.stop(account_id, one.id, by))
        return stopped

    async def add_target(self, account_id: UUID, stream_id: UUID, wanted: WantedTarget) -> Target:
        """Send a running stream to one more. Raises NotFound, WrongState, Invalid."""
        target = self._target(stream_id, wanted)

        def unit(tx: Transaction) -> None:
            self._going_on(tx, account_id, stream_id)
            moves.add_target(tx, stream_id, target)

        await self._store.write(unit)
        self._restreamer.add(target)
        return target

    async def remove_target(self, account_id: UUID, stream_id: UUID, target_id: UUID) -> Target:
        """Send nothing more to one. Raises NotFound, WrongState for one that is over or the last."""
        at = self._clock.now()

        def unit(tx: Transaction) -> Target:
            self._going_on(tx, account_id, stream_id)
            there = {one.id: one for one in tx.external_streams.targets([stream_id])[stream_id] if not one.over}
            if target_id not in there:
                raise NotFound("target")
            if len(there) == 1:
                raise WrongState("target", "last")
            stopped = there[target_id].told(TargetState.STOPPED, at)
            tx.external_streams.update_target(stopped)
            return stopped

        stopped = await self._store.write(unit)
        self._restreamer.remove(stopped)
        return stopped

    def hear(self, notice: Notice) -> None:
        """A stream ends with the session it is of, and goes on where a killed server's room is occupied again."""
        match notice:
            case ParticipantLeft(left) if left.room_id in self._rooms:
                self._soon(self._end_if_empty(left.room_id))
            case ParticipantJoined(someone) if someone.room_id in self._waiting:
                for stream_id in self._waiting.pop(someone.room_id):
                    self._soon(self._resume(stream_id))

    def _target(self, stream_id: UUID, wanted: WantedTarget) -> Target:
        at, state = self._clock.now(), TargetState.CONNECTING
        return Target(self._ids.uuid(), stream_id, wanted.url, wanted.shown, wanted.name, at, state=state, since=at)

    async def _record(self, account_id: UUID, room_id: UUID, wish: ExternalWish) -> UUID:
        asked = RecordingWish(layout=wish.layout, width=wish.width, height=wish.height, started_by=wish.started_by)
        return (await self._recordings.start(account_id, room_id, asked)).id

    async def _end_recording(self, account_id: UUID, recording_id: UUID | None) -> None:
        if recording_id is not None:
            with suppress(WrongState, NotFound):
                await self._recordings.stop(account_id, recording_id)

    async def _mine(self, account_id: UUID, stream_id: UUID) -> None:
        found = await self._store.read(lambda tx: tx.external_streams.get(stream_id), quick=True)
        if found is None or found.account_id != account_id:
            raise NotFound("external stream")

    def _going_on(self, tx: Transaction, account_id: UUID, stream_id: UUID) -> None:
        stream = tx.external_streams.get(stream_id, lock=True)
        if stream is None or stream.account_id != account_id:
            raise NotFound("external stream")
        if stream.over:
            raise WrongState("external stream", stream.state.value)

    async def _move(
        self, stream_id: UUID, state: ExternalState, *, by: str = "", reason: ExternalEnd | None = None
    ) -> ExternalStream:
        at = self._clock.now()
        moved = await self._store.write(
            lambda tx: moves.move(tx, self._ids, stream_id, state, at, by=by, reason=reason)
        )
        self.watcher(moved.room_id)
        return moved

    async def _close(self, stream_id: UUID, *, reason: ExternalEnd) -> None:
        with suppress(WrongState):
            self._let_go(await self._move(stream_id, ExternalState.STOPPED, reason=reason))

    def _let_go(self, stream: ExternalStream) -> None:
        """It is over on record: end what runs of it."""
        for places in (self._rooms, self._waiting):
            there = places.get(stream.room_id, set())
            there.discard(stream.id)
            if not there:
                places.pop(stream.room_id, None)
        self._soon(self._end(stream))

    async def _end(self, stream: ExternalStream) -> None:
        await self._restreamer.end(stream.id)
        await self._end_recording(stream.account_id, stream.recording_id)

    async def _is_empty(self, room_id: UUID) -> bool:
        return await self._store.read(lambda tx: tx.sessions.current(room_id)) is None

    async def _end_if_empty(self, room_id: UUID) -> None:
        if await self._is_empty(room_id):
            for stream_id in tuple(self._rooms.get(room_id, ())):
                await self._close(stream_id, reason=ExternalEnd.SESSION_ENDED)

    async def _resume(self, stream_id: UUID) -> None:
        def unit(tx: Transaction) -> tuple[ExternalStream | None, Sequence[Target]]:
            return tx.external_streams.get(stream_id), tx.external_streams.targets([stream_id])[stream_id]

        stream, targets = await self._store.read(unit)
        if stream is None or stream.over:
            return
        try:
            self._restreamer.start(stream, [one for one in targets if not one.over])
        except NoCapacity:
            self._let_go(await self._move(stream_id, ExternalState.FAILED, reason=ExternalEnd.NO_CAPACITY))
            return
        self._rooms.setdefault(stream.room_id, set()).add(stream_id)
        await self._end_if_empty(stream.room_id)

    async def _give_up_waiting(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for stream_id in (one for there in waiting.values() for one in there):
            await self._close(stream_id, reason=ExternalEnd.SESSION_ENDED)

    async def _hear_news(self) -> None:
        while True:
            news = await self._news.get()
            try:
                await self._take_in(news)
            except Exception:
                log.exception("news of external stream %s could not be written", news.stream_id)

    async def _take_in(self, news: PushNews) -> None:
        failed = None
        if isinstance(news, Pushed):
            at = self._clock.now()
            failed = await self._store.write(lambda tx: moves.hear(tx, self._ids, news, at))
            for room_id in [one for one, streams in self._rooms.items() if news.state and news.stream_id in streams]:
                self.watcher(room_id)
        else:
            with suppress(WrongState):
                failed = await self._move(news.stream_id, ExternalState.FAILED, reason=ExternalEnd.NO_WORKER)
        if failed is not None:
            self._let_go(failed)

    def _soon(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(what, name="of an external stream")
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("something about an external stream went wrong", exc_info=task.exception())
