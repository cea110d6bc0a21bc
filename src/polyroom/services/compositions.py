"""Compositions: made one after the other from the recordings of a session's people, once those are there.

Their state is in the tables: what waits or was being made when a server ended is made by the next one.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom.domain.composition import EVERY, Region
from polyroom.domain.errors import Invalid, NotFound, WrongState
from polyroom.domain.recording import Layout, Recording, RecordingAsset, RecordingKind, RecordingState
from polyroom.services.ports.buckets import BucketUnavailable
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.compositions import Composer, Plan, Source
from polyroom.services.ports.recordings import MadeFile, NoCapacity, RecordingListing
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_moves import asset_of, move

log = logging.getLogger(__name__)

MOST_WAITING = 100
"""Compositions of an account that are not made yet."""
_MOST_SOURCES = 1000
_PATIENCE = 2.0
"""Seconds between two looks at what waits for something that nobody tells: recordings to end, a place to be free."""
_PEOPLE = frozenset({RecordingKind.PARTICIPANT_AUDIO, RecordingKind.PARTICIPANT_VIDEO})
_COMPOSITION = frozenset({RecordingKind.COMPOSITION})
REGIONS, SOUND = "regions", "sound"


@dataclass(frozen=True, slots=True)
class CompositionWish:
    """What a caller asks for: the settings are what its dialect shows of it."""

    session_id: UUID
    width: int
    height: int
    regions: Sequence[Region]
    sound: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)


class CompositionService:
    """Use cases of compositions. An async context manager: while it is open they are made."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, composer: Composer) -> None:
        self._store, self._clock, self._ids, self._composer = store, clock, ids, composer
        self._wake = asyncio.Event()
        self._maker: asyncio.Task[None] | None = None
        self._making: tuple[UUID, asyncio.Task[MadeFile | None]] | None = None
        self.progress: dict[UUID, float] = {}
        """How far what is being made is, from 0 to 1."""

    async def __aenter__(self) -> Self:
        self._maker = asyncio.create_task(self._make_all(), name="compositions")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._maker is not None:
            self._maker.cancel()
            await asyncio.gather(self._maker, return_exceptions=True)

    async def create(self, account_id: UUID, wish: CompositionWish) -> Recording:
        """Ask for one; it is made when the session's recordings are there.

        Raises NotFound("session"), Invalid that names "video_sources" where one is no video recording of the session,
        Invalid("compositions", "too_many") where as many wait as may.
        """
        at = self._clock.now()

        def unit(tx: Transaction) -> Recording:
            session = tx.sessions.get(wish.session_id)
            if session is None or session.account_id != account_id:
                raise NotFound("session")
            waiting = RecordingListing(account_id, _COMPOSITION, states=_OPEN, limit=1)
            if tx.recordings.listed(waiting).total >= MOST_WAITING:
                raise Invalid("compositions", "too_many")
            there = {str(one.id) for one in _people(tx, session.account_id, session.id) if _is_picture(one)}
            if not {one for region in wish.regions for one in region.sources} <= there | {EVERY}:
                raise Invalid("video_sources", "unknown")
            kept = [_kept(region) for region in wish.regions]
            made = Recording(
                id=self._ids.uuid(),
                hms_id=self._ids.hex24(),
                account_id=account_id,
                room_id=session.room_id,
                session_id=session.id,
                kind=RecordingKind.COMPOSITION,
                layout=Layout.GRID,
                width=wish.width,
                height=wish.height,
                settings={**wish.settings, REGIONS: kept, SOUND: wish.sound},
                started_by="",
                created_at=at,
                updated_at=at,
            )
            tx.recordings.add(made)
            return made

        made = await self._store.write(unit)
        self._wake.set()
        return made

    def forget(self, recording_id: UUID) -> None:
        """One is deleted: whoever makes it need not go on."""
        if self._making is not None and self._making[0] == recording_id:
            self._making[1].cancel()

    async def _make_all(self) -> None:
        while True:
            self._wake.clear()
            try:
                waits = await self._make_next()
            except Exception:
                log.exception("a composition could not be made")
                waits = True
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE if waits else None):
                    await self._wake.wait()

    async def _make_next(self) -> bool:
        """Make what can be made now; whether something is left that cannot."""
        left = False
        for one in await self._store.read(_waiting):
            plan = await self._store.read(lambda tx, one=one: _plan(tx, one))  # type: ignore[misc]
            if plan is None:
                left = True
                continue
            try:
                self._composer.admit(one)
            except NoCapacity:
                return True
            left |= not await self._make(one, plan)
        return left

    async def _make(self, one: Recording, plan: Plan) -> bool:
        """False where it is to be tried again."""
        made: MadeFile | None = None
        making: asyncio.Task[MadeFile | None] | None = None
        failure = "" if plan.sources else "nothing_recorded"
        try:
            if one.state is RecordingState.STARTING:
                await self._move(one.id, RecordingState.RUNNING)
            making = asyncio.create_task(
                self._composer.compose(one, plan, lambda done: self.progress.update({one.id: done})),
                name=f"composition {one.id}",
            )
            self._making = (one.id, making)
            made = await making
            failure = "" if made is not None else "nothing_recorded"
        except (NotFound, WrongState):
            return True
        except BucketUnavailable as error:
            log.warning("a composition waits for the bucket: %s", error)
            return False
        except asyncio.CancelledError:
            # Only its own task: somebody deleted the composition.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                if making is not None:
                    making.cancel()
                    await asyncio.gather(making, return_exceptions=True)
                raise
            return True
        except Exception:
            log.exception("composition %s could not be made", one.id)
            failure = "file_not_made"
        finally:
            self._making = None
            self.progress.pop(one.id, None)
        state = RecordingState.FAILED if failure else RecordingState.COMPLETED
        try:
            await self._move(one.id, state, made=made, failure=failure)
        except (NotFound, WrongState):
            # Deleted at the last moment.
            if made is not None:
                self._composer.drop(made)
        return True

    async def _move(
        self, recording_id: UUID, state: RecordingState, *, made: MadeFile | None = None, failure: str = ""
    ) -> None:
        at = self._clock.now()

        def unit(tx: Transaction) -> None:
            moved = move(tx, self._ids, recording_id, state, at, failure=failure)
            if made is not None:
                tx.recordings.add_asset(asset_of(self._ids, moved, made, at))

        await self._store.write(unit)


_OPEN = frozenset({RecordingState.STARTING, RecordingState.RUNNING})


def _waiting(tx: Transaction) -> Sequence[Recording]:
    return [one for one in tx.recordings.unfinished() if one.kind is RecordingKind.COMPOSITION]


def _people(tx: Transaction, account_id: UUID, session_id: UUID) -> Sequence[Recording]:
    """The recordings of a session's people, first begun first."""
    listing = RecordingListing(account_id, _PEOPLE, session_id=session_id, limit=_MOST_SOURCES)
    return list(reversed(tx.recordings.listed(listing).items))


def _is_picture(one: Recording) -> bool:
    return one.kind is RecordingKind.PARTICIPANT_VIDEO


def _plan(tx: Transaction, one: Recording) -> Plan | None:
    """What it is made of; None as long as something of the session is still being recorded."""
    people = _people(tx, one.account_id, one.session_id)
    session = tx.sessions.get(one.session_id)
    if any(not each.over for each in people) or (session is not None and session.ended_at is None):
        return None
    sources = []
    for each in people:
        if _is_picture(each) or one.settings.get(SOUND):
            sources += [_source(each, asset) for asset in tx.recordings.assets_of(each.id) if asset.kind in _FILES]
    regions = [Region(**{**kept, "sources": tuple(kept["sources"])}) for kept in one.settings[REGIONS]]
    return Plan(one.width, one.height, regions, sources)


_FILES = {kind.value for kind in _PEOPLE}


def _source(one: Recording, asset: RecordingAsset) -> Source:
    began = asset.began_at or one.started_at or one.created_at
    return Source(one.id, asset.path, began, asset.milliseconds / 1000, _is_picture(one), asset.in_bucket)


def _kept(region: Region) -> dict[str, Any]:
    return {name: getattr(region, name) for name in Region.__slots__} | {"sources": list(region.sources)}
