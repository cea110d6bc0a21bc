"""A room's whole story, one plain object after another: who was there, what happened, what was said.

It is read page by page, so that it takes as much memory for a year as for an hour.
"""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from enum import Enum
from functools import partial, singledispatch
from typing import Any, TypeVar
from uuid import UUID

from polyroom.domain.errors import NotFound
from polyroom.domain.events import Event
from polyroom.domain.live_stream import LiveStream
from polyroom.domain.polls import PollRun, Response
from polyroom.domain.recording import Recording, RecordingAsset
from polyroom.domain.room import Room
from polyroom.domain.session import Participant, Session
from polyroom.services.ports.live_streams import LiveStreamSearch
from polyroom.services.ports.messages import Stretch
from polyroom.services.ports.polls import ResponseSearch
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.room_names import names_of

T = TypeVar("T")
Line = Mapping[str, Any]

FORMAT = "polyroom room story"
VERSION = 1
PAGE = 500
_PEOPLE = 100
_MINUTES = 60


async def tell_room(store: Store, account_id: UUID, any_room_id: str, at: datetime) -> AsyncIterator[Line]:
    """Everything kept of a room, be it deleted. Raises NotFound("room") before the first line."""
    room = await store.read(lambda tx: _room(tx, account_id, any_room_id))
    counts: dict[str, int] = {}
    yield {"record": "head", "format": FORMAT, "version": VERSION, "exported_at": plain(at)}
    for part in (_of_room, _sessions, _events, _messages, _polls, _recordings, _live_streams):
        async for line in part(store, room):
            counts[line["record"]] = counts.get(line["record"], 0) + 1
            yield line
    yield {"record": "end", "counts": counts}


@singledispatch
def plain(value: Any) -> Any:
    """A domain object as JSON has it: fields by name, sets sorted, moments as ISO 8601 in UTC, ids as text."""
    if is_dataclass(value):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return value


@plain.register
def _(value: Enum) -> Any:
    return value.value


@plain.register
def _(value: UUID) -> str:
    return str(value)


@plain.register
def _(value: datetime) -> str:
    return value.isoformat()


@plain.register
def _(value: Mapping) -> Any:  # type: ignore[type-arg]
    return {str(plain(key)): plain(one) for key, one in value.items()}


@plain.register
def _(value: frozenset) -> Any:  # type: ignore[type-arg]
    return sorted(plain(one) for one in value)


@plain.register(tuple)
@plain.register(list)
def _(value: Sequence[Any]) -> Any:
    return [plain(one) for one in value]


def _line(record: str, thing: Any, **more: Any) -> Line:
    return {"record": record, **plain(thing), **plain(more)}


def _room(tx: Transaction, account_id: UUID, any_id: str) -> Room:
    room_id = tx.rooms.ever(account_id, any_id)
    room = tx.rooms.past(room_id) if room_id is not None else None
    if room is None:
        raise NotFound("room")
    return room


async def _of_room(store: Store, room: Room) -> AsyncIterator[Line]:
    names = await store.read(lambda tx: names_of(tx, [room.id])[room.id])
    yield _line("room", room, names=names)


async def _sessions(store: Store, room: Room) -> AsyncIterator[Line]:
    async for session in _pages(store, lambda tx, after: tx.walks.sessions(room.id, after, _PEOPLE)):
        yield _line("session", session)
        async for line in _people(store, session):
            yield line


async def _people(store: Store, session: Session) -> AsyncIterator[Line]:
    async for one in _pages(store, lambda tx, after: tx.walks.people(session.id, after, _PEOPLE)):
        yield _line("participant", one)
        for track in await store.read(partial(_tracks, one)):
            yield _line("track", track)
        after = None
        while minutes := await store.read(partial(_minutes, one, after)):
            for minute in minutes:
                figures = [{"at": each.at, **plain(each.figures)} for each in minute.samples]
                yield _line("quality", minute.source, minute=minute.minute, samples=figures)
            after = minutes[-1].minute


def _tracks(one: Participant, tx: Transaction) -> Sequence[Any]:
    return tx.walks.tracks(one.id)


def _minutes(one: Participant, after: datetime | None, tx: Transaction) -> Sequence[Any]:
    return tx.walks.quality(one.id, after, _MINUTES)


async def _events(store: Store, room: Room) -> AsyncIterator[Line]:
    last = 0
    while page := await store.read(lambda tx, last=last: tx.events.of_room(room.id, last, PAGE)):  # type: ignore[misc]
        told = await store.read(partial(_deliveries, page))
        for event in page:
            yield _line("event", event)
            for line in told.get(event.id, ()):
                yield line
        last = page[-1].sequence


def _deliveries(events: Sequence[Event], tx: Transaction) -> Mapping[UUID, list[Line]]:
    found = tx.walks.deliveries(one.id for one in events)
    tries: dict[UUID, list[Any]] = {delivery.id: [] for delivery, _ in found}
    for attempt in tx.outbox.attempts(tries):
        tries[attempt.delivery_id].append(attempt)
    lines: dict[UUID, list[Line]] = {}
    for delivery, kind in found:
        line = _line("delivery", delivery, format=kind, attempts=tries[delivery.id])
        lines.setdefault(delivery.event_id, []).append(line)
    return lines


async def _messages(store: Store, room: Room) -> AsyncIterator[Line]:
    last = 0
    while page := await store.read(lambda tx, last=last: tx.messages.first(room.id, Stretch(after=last), PAGE)):  # type: ignore[misc]
        for message in page:
            yield _line("message", message)
        last = page[-1].number


async def _polls(store: Store, room: Room) -> AsyncIterator[Line]:
    async for run in _pages(store, lambda tx, last: tx.polls.runs_of_room(room.id, last.id if last else None, PAGE)):
        # What hides the voters of an anonymous poll that still runs is nobody's business.
        yield _line("poll", replace(run, salt=""))
        async for one in _pages(store, partial(_responses, run)):
            yield _line("poll_response", one)


def _responses(run: PollRun, tx: Transaction, last: Response | None) -> Sequence[Response]:
    search = ResponseSearch(run_id=run.id, after=last.id if last else None, replaced=True, limit=PAGE)
    return tx.polls.responses(run.poll_id, search)


async def _recordings(store: Store, room: Room) -> AsyncIterator[Line]:
    after = None
    while page := await store.read(partial(_recorded, room, after)):
        for recording, files in page:
            yield _line("recording", recording)
            for one in files:
                yield _line("recorded_file", one)
        after = page[-1][0].id


def _recorded(room: Room, after: UUID | None, tx: Transaction) -> Sequence[tuple[Recording, Sequence[RecordingAsset]]]:
    search = RecordingSearch(room.account_id, room_id=room.id, after=after)
    return [(one, tx.recordings.assets_of(one.id)) for one in tx.recordings.search(search, _PEOPLE)]


async def _pages(store: Store, read: Callable[[Transaction, Any], Sequence[T]]) -> AsyncIterator[T]:
    after = None
    while page := await store.read(lambda tx, after=after: read(tx, after)):  # type: ignore[misc]
        for one in page:
            yield one
        after = page[-1]


async def _live_streams(store: Store, room: Room) -> AsyncIterator[Line]:
    after: UUID | None = None
    while page := await store.read(partial(_streamed, room, after)):
        for stream in page:
            yield _line("live_stream", stream)
        after = page[-1].id


def _streamed(room: Room, after: UUID | None, tx: Transaction) -> Sequence[LiveStream]:
    search = LiveStreamSearch(room.account_id, room_id=room.id, after=after)
    return tx.live_streams.search(search, _PEOPLE)
