"""Erasing a person's data: texts go, ids and the order of what happened stay.

The whole is done in small steps beside a running server, and can be repeated: what finds the person again, their stays,
goes last.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TypeVar
from uuid import UUID

from polyroom.domain.errors import DomainError, NotFound
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.walks import Line, Stay

T = TypeVar("T")
Tell = Callable[[str, int], None]
"""Told of what is looked at, and how much of it so far."""

PAGE = 1000
STEP = 100


class StillInside(DomainError):
    """Somebody who is to be erased is in a room now."""

    def __init__(self, stays: Sequence[Stay]) -> None:
        where = ", ".join(f"room {one.room_id} as participant {one.id}" for one in stays[:5])
        super().__init__(f"still inside: {where}; put them out first")
        self.stays = stays


@dataclass(frozen=True, slots=True)
class Person:
    """Whose data it is: whoever had the application's own id `user_id`, or `identity`, or one single participant."""

    user_id: str | None = None
    identity: str | None = None
    participant_id: UUID | None = None

    def has(self, stay: Stay) -> bool:
        """Whether it was they who stayed, not erased yet."""
        if self.participant_id is not None:
            return stay.id == self.participant_id and stay.identity != str(stay.id)
        if self.user_id is not None:
            return stay.user_id == self.user_id
        return stay.identity == self.identity

    def said(self, line: Line, stays: set[UUID], names: set[str]) -> bool:
        """Whether a message is theirs: by the stay it was sent in; an application's by the name it gave. An identity
        that is asked for counts by itself, since stays may be gone already.
        """
        if line.sender_id in stays:
            return True
        return (line.sender_id is None or self.identity is not None) and line.sender_identity in names

    def names(self, stays: Iterable[Stay]) -> set[str]:
        """What messages of theirs, and to them, may call them."""
        given = {self.user_id, self.identity} - {None, ""}
        return {one.identity for one in stays if one.identity} | {one for one in given if one}


@dataclass(slots=True)
class Erased:
    """How much was taken out."""

    stays: int = 0
    rooms: set[UUID] = field(default_factory=set)
    track_names: int = 0
    messages: int = 0
    messages_to: int = 0
    receivers_answers: int = 0
    words: int = 0
    poll_responses: int = 0
    recordings: int = 0
    recorded_texts: int = 0
    shared_recordings: set[UUID] = field(default_factory=set)

    def add(self, other: "Erased") -> None:
        """Count a step's numbers to these."""
        for one in fields(self):
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            setattr(self, one.name, mine | theirs if isinstance(mine, set) else mine + theirs)

    def counts(self) -> dict[str, int]:
        """All of it as numbers."""
        return {one.name: _number(getattr(self, one.name)) for one in fields(self)}


class _Undo(Exception):
    """Takes a step back; carries what it found."""

    def __init__(self, found: object) -> None:
        super().__init__()
        self.found = found


class ErasureService:
    """Erases people. Nothing of it is told to those who are in a room: what they have seen they have seen."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def erase(self, account_id: UUID, person: Person, *, dry_run: bool, tell: Tell) -> Erased:
        """Erase someone, or with `dry_run` do it all and take each step back.

        Raises NotFound("account"), StillInside before anything is changed, or for whoever came back meanwhile.
        """
        if await self._store.read(lambda tx: tx.accounts.get(account_id)) is None:
            raise NotFound("account")
        run = _Run(self._store, account_id, person, dry_run, tell)
        stays = await run.find_stays()
        await run.messages(stays)
        while stays:
            await run.people(stays)
            stays = [] if dry_run else await run.find_stays()
        return run.done


@dataclass(frozen=True, slots=True)
class _Run:
    """One erasure on its way."""

    store: Store
    account_id: UUID
    person: Person
    dry_run: bool
    tell: Tell
    done: Erased = field(default_factory=Erased)

    async def find_stays(self) -> list[Stay]:
        found: list[Stay] = []
        seen, after = 0, None
        while page := await self.store.read(lambda tx, after=after: tx.walks.stays(self.account_id, after, PAGE)):  # type: ignore[misc]
            found.extend(one for one in page if self.person.has(one))
            seen, after = seen + len(page), page[-1]
            self.tell("stays looked at", seen)
        if inside := [one for one in found if one.left_at is None]:
            raise StillInside(inside)
        return found

    async def people(self, stays: Sequence[Stay]) -> None:
        for start in range(0, len(stays), STEP):
            step = stays[start : start + STEP]

            self.done.add(await self._do(partial(_erase_stays, step)))
            self.tell("stays erased", self.done.stays)

    async def messages(self, stays: Sequence[Stay]) -> None:
        ids, names = {one.id for one in stays}, self.person.names(stays)
        seen, after = 0, None
        while page := await self.store.read(lambda tx, after=after: tx.walks.lines(after, PAGE)):  # type: ignore[misc]
            of_account = [one for one in page if one.account_id == self.account_id]
            theirs = [one.id for one in of_account if self.person.said(one, ids, names)]
            gone = set(theirs)
            to_them = [one for one in of_account if one.id not in gone and not names.isdisjoint(one.recipients)]
            for start in range(0, len(theirs), STEP):
                self.done.messages += await self._do(partial(_delete, theirs[start : start + STEP]))
            for start in range(0, len(to_them), STEP):
                self.done.messages_to += await self._do(partial(_redirect, to_them[start : start + STEP], names))
            seen, after = seen + len(page), page[-1].id
            self.tell("messages looked at", seen)

    async def _do(self, unit: Callable[[Transaction], T]) -> T:
        if not self.dry_run:
            return await self.store.write(unit)

        def undone(tx: Transaction) -> T:
            raise _Undo(unit(tx))

        try:
            return await self.store.write(undone)
        except _Undo as end:
            return end.found  # type: ignore[return-value]


def _erase_stays(step: Sequence[Stay], tx: Transaction) -> Erased:
    ids, sessions = [one.id for one in step], list(dict.fromkeys(one.session_id for one in step))
    at = max(one.left_at for one in step if one.left_at is not None)
    return Erased(
        rooms={one.room_id for one in step},
        track_names=tx.erasure.tracks(ids),
        receivers_answers=sum(tx.erasure.answers(one.session_id, one.id) for one in step),
        words=sum(tx.erasure.words(one.session_id, one.id) for one in step),
        poll_responses=tx.polls.forget(ids),
        recordings=tx.erasure.recordings(ids, at),
        recorded_texts=tx.erasure.recorded_texts(sessions, at),
        shared_recordings=set(tx.erasure.shared_recordings(sessions)),
        stays=tx.erasure.people(ids),
    )


def _delete(ids: Sequence[UUID], tx: Transaction) -> int:
    return tx.erasure.messages(ids)


def _redirect(lines: Sequence[Line], names: set[str], tx: Transaction) -> int:
    for line in lines:
        tx.erasure.recipients(line.id, [one for one in line.recipients if one not in names])
    return len(lines)


def _number(value: int | set[UUID]) -> int:
    return value if isinstance(value, int) else len(value)
