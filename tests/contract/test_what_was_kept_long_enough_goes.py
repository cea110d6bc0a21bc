"""Retention, at the end of each kind's time: what goes, what stays, and that it goes in small steps."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.contract.store_making import (
    NOW,
    Tenant,
    make_event,
    make_message,
    make_participant,
    make_session,
    make_track,
    uuid,
)

from polyroom.config import ConfigError, Settings
from polyroom.domain.ids import Uuid7Factory
from polyroom.domain.quality import Figures, QualityMinute, Sample, Source, minute_of
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, Session, Track, TrackKind
from polyroom.domain.webhook import Webhook, WebhookFormat
from polyroom.parts.keepings import keepings
from polyroom.services import retention
from polyroom.services.ports.store import Store, Transaction

DAY = timedelta(days=1)


class FixedClock:
    """A clock that stands where it was put."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def id_at(at: datetime) -> UUID:
    """An id that was made at that moment."""
    return Uuid7Factory(lambda: int(at.timestamp() * 1000), secrets.randbits)()


async def clean(store: Store, after: timedelta, **settings: int) -> int:
    """What goes when so much time is over."""
    kinds = keepings(Settings(data=Path(), **settings))  # type: ignore[arg-type]
    return await retention.Retention(store, FixedClock(NOW + after), kinds).clean()


async def meeting(
    store: Store, room: Room, *, ended: bool = True, people: int = 2
) -> tuple[Session, Sequence[Participant], Sequence[Track]]:
    """A session at the beginning of time with people, two tracks and a minute of quality each."""
    session = make_session(room, id=id_at(NOW), ended_at=NOW if ended else None)
    there = [make_participant(session, left_at=NOW if ended else None) for _ in range(people)]
    tracks = [make_track(one) for one in there for _ in range(2)]
    minutes = [
        QualityMinute(Source(one.participant_id, one.id, TrackKind.VIDEO), minute_of(NOW), [Sample(NOW, Figures(10))])
        for one in tracks
    ]

    def unit(tx: Transaction) -> None:
        tx.sessions.open(session)
        for one in there:
            tx.sessions.add_participant(one)
        for each in tracks:
            tx.sessions.add_track(each)
        tx.quality.add(minutes)

    await store.write(unit)
    return session, there, tracks


@pytest.fixture
async def room(store: Store, tenant: Tenant) -> Room:
    made = tenant.room()
    await store.write(lambda tx: tx.rooms.add(made))
    return made


async def test_events_go_after_their_time_and_numbers_go_on(store: Store, room: Room) -> None:
    old = [make_event(room, id=id_at(NOW + DAY * day)) for day in range(5)]
    await store.write(lambda tx: tx.events.append(old))
    assert await clean(store, DAY * 365) == 0
    assert await clean(store, DAY * 367 + timedelta(seconds=1)) == 3
    assert await clean(store, DAY * 900, event_retention=0) == 0
    assert [one.sequence for one in await store.read(lambda tx: tx.events.of_room(room.id))] == [4, 5]
    assert await clean(store, DAY * 900) == 2
    await store.write(lambda tx: tx.events.append([make_event(room)]))
    assert [one.sequence for one in await store.read(lambda tx: tx.events.of_room(room.id))] == [6]


async def test_messages_go_after_ninety_days_and_numbers_go_on(store: Store, room: Room) -> None:
    await store.write(lambda tx: tx.messages.add(make_message(room, sent_at=NOW)))
    assert await clean(store, DAY * 90) == 0
    assert await clean(store, DAY * 91) == 1
    later = await store.write(lambda tx: tx.messages.add(make_message(room, sent_at=NOW + DAY * 91)))
    assert later.number == 2


async def test_sessions_stay_until_somebody_says_otherwise(store: Store, room: Room) -> None:
    session, people, _ = await meeting(store, room)
    assert await clean(store, DAY * 30_000, quality_retention=0) == 0
    assert await store.read(lambda tx: tx.sessions.get(session.id)) == session
    assert len(await store.read(lambda tx: tx.quality.of_session(session.id, 10))) == 2 * len(people)


async def test_a_session_goes_with_its_people_tracks_and_quality(store: Store, room: Room) -> None:
    session, people, tracks = await meeting(store, room)
    assert await clean(store, DAY * 30, session_retention=30) == 0
    assert await clean(store, DAY * 31, session_retention=30) == 1 + len(people) + 2 * len(tracks)

    def left(tx: Transaction) -> list[object]:
        quality = [tx.quality.of_participant(one.id, 10) for one in people]
        return [
            tx.sessions.get(session.id),
            tx.sessions.participants_of([session.id]),
            tx.history.tracks([session.id]),
            *quality,
        ]

    assert not any(await store.read(left))


async def test_open_sessions_and_those_that_lasted_into_the_time_stay(store: Store, room: Room, tenant: Tenant) -> None:
    running, people, tracks = await meeting(store, room, ended=False)
    other = tenant.room()
    await store.write(lambda tx: tx.rooms.add(other))
    long, *_ = await meeting(store, other, ended=False)
    await store.write(lambda tx: tx.sessions.close(long.id, NOW + DAY * 20, LeaveReason.LEFT))
    assert await clean(store, DAY * 40, session_retention=30) == 0
    current = await store.read(lambda tx: tx.sessions.current(room.id))
    assert current == running
    assert await store.read(lambda tx: tx.sessions.present(room.id)) == people
    assert len(await store.read(lambda tx: tx.sessions.live_tracks(one.id for one in people))) == len(tracks)


async def test_quality_goes_after_its_time_and_its_session_stays(store: Store, room: Room) -> None:
    session, *_ = await meeting(store, room)
    assert await clean(store, DAY * 91) == 4
    assert await store.read(lambda tx: tx.sessions.get(session.id)) == session
    assert await store.read(lambda tx: tx.quality.of_session(session.id, 10)) == []


async def test_deliveries_go_with_their_attempts_and_what_waits_stays(store: Store, room: Room) -> None:
    receiver = Webhook(uuid(), room.account_id, WebhookFormat.POLYROOM, "https://example.org/", NOW)
    await store.write(lambda tx: tx.webhooks.add(receiver))
    await store.write(lambda tx: tx.events.append([make_event(room), make_event(room)]))
    assert await clean(store, DAY * 300) == 0
    assert await store.read(lambda tx: tx.outbox.next_due()) is not None


@pytest.mark.parametrize("step", [1, 3, 7])
async def test_no_step_deletes_more_than_it_may(
    store: Store, room: Room, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "STEP", step)
    monkeypatch.setattr(retention, "_BREATH", 0)
    gone: list[int] = []

    def noted(expire: object) -> object:
        def call(tx: Transaction, before: datetime, most: int) -> int:
            gone.append(expire(tx, before, most))  # type: ignore[operator]
            return gone[-1]

        return call

    await meeting(store, room)
    await meeting(store, room, people=3)
    await store.write(lambda tx: tx.events.append(make_event(room, id=id_at(NOW)) for _ in range(5)))
    kinds = [
        retention.Keeping(one.what, one.time, noted(one.expire))  # type: ignore[arg-type]
        for one in keepings(Settings(data=Path(), session_retention=30, quality_retention=0))
    ]
    assert await retention.Retention(store, FixedClock(NOW + DAY * 400), kinds).clean() == sum(gone) == 2 + 5 + 20 + 5
    assert max(gone) <= step


async def test_a_kind_that_fails_holds_up_no_other(store: Store, room: Room, caplog: pytest.LogCaptureFixture) -> None:
    await store.write(lambda tx: tx.messages.add(make_message(room, sent_at=NOW)))
    broken = retention.Keeping("relics", DAY, lambda tx, before, most: 1 // 0)
    kinds = [broken, *keepings(Settings(data=Path()))]
    assert await retention.Retention(store, FixedClock(NOW + DAY * 91), kinds).clean() == 1
    assert "relics" in caplog.text


def test_events_are_kept_as_long_as_webhooks_tell_of_them() -> None:
    with pytest.raises(ConfigError, match="event-retention"):
        Settings(event_retention=5, webhook_retention=6)
    assert Settings(event_retention=0, webhook_retention=6).event_retention == 0
