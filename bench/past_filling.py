"""Fills an account with a past straight through the tables: sessions, their people, what happened, what was told."""

import secrets
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Table, insert
from tests.contract.store_making import Tenant, make_message, make_participant, make_session, make_track
from tests.support.past import tenant_of
from tests.support.server import ServerProcess

from polyroom.domain.events import EventType
from polyroom.domain.ids import Uuid7Factory
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.domain.webhook import DeliveryState, Webhook, WebhookFormat, target_of
from polyroom.services.ports.store import Store, Transaction
from polyroom.store import open_store, tables
from polyroom.store.records import Record
from polyroom.store.tables import metadata

PEOPLE, EVENTS, MESSAGES, IN_A_ROOM, AT_ONCE = 4, 100, 20, 10, 50
DAYS = 20.0
HOOK = "http://127.0.0.1:9/hms"


@dataclass(frozen=True)
class Filled:
    """An account with a past: its keys, a room and a session in the middle of it, and events of a webhook's format."""

    keys: dict[str, dict[str, str]]
    account_id: UUID
    room: Room
    session: dict[str, Any]
    event_ids: list[UUID]
    day: str
    middle: datetime


class Past:
    """Rows of sessions one after the other, spread evenly over the last days, with ids of their time."""

    def __init__(self, tenant: Tenant, webhook_id: UUID, sessions: int) -> None:
        self._tenant = tenant
        self._webhook_id = webhook_id
        self._at = datetime.now(UTC) - timedelta(days=DAYS)
        self._step = timedelta(days=DAYS) / sessions
        self._uuid = Uuid7Factory(lambda: int(self._at.timestamp() * 1000), secrets.randbits)
        self.rows: dict[str, list[dict[str, Any]]] = {}

    def session(self, room: Room, number: int, in_room: int) -> dict[str, Any]:
        """Put one together: people come, publish, mute, speak, and go."""
        began = self._at
        made = make_session(room, id=self._uuid(), started_at=began, updated_at=began)
        ended = {"ended_at": began + timedelta(minutes=30), "end_reason": LeaveReason.LEFT}
        row = Record(type(made), tables.session).values(made) | ended
        self._add(tables.session, row)
        self._event(row, EventType.SESSION_OPENED, in_room)
        people = [self._person(made, number * PEOPLE + who) for who in range(PEOPLE)]
        for one in people:
            self._event(row, EventType.PARTICIPANT_JOINED, in_room, one)
        tracks = [self._track(one) for one in people]
        for one, track in zip(people, tracks, strict=True):
            self._event(row, EventType.TRACK_ADDED, in_room, one, track, {"muted": False})
        for place in range(MESSAGES):
            self._message(room, row, in_room * MESSAGES + place + 1)
            self._event(row, EventType.MESSAGE_SENT, in_room, people[0])
        for turn in range(EVENTS - 3 * PEOPLE - PEOPLE - MESSAGES - 2):
            kind = EventType.TRACK_UNMUTED if turn % 2 else EventType.TRACK_MUTED
            self._event(row, kind, in_room, people[turn % PEOPLE], tracks[turn % PEOPLE], {"muted": not turn % 2})
        for one, track in zip(people, tracks, strict=True):
            self._event(row, EventType.TRACK_REMOVED, in_room, one, track, {"muted": False, "reason": "left"})
            self._event(row, EventType.PARTICIPANT_LEFT, in_room, one, None, {"reason": "left"})
        self._event(row, EventType.SESSION_CLOSED, in_room, None, None, {"reason": "left"})
        self._at = began + self._step
        return row

    def _person(self, session: Any, number: int) -> dict[str, Any]:
        made = make_participant(
            session, f"person-{number}", id=self._uuid(), name=f"Person {number}", metadata="", joined_at=self._at
        )
        gone = {"left_at": self._at + timedelta(minutes=30), "leave_reason": LeaveReason.LEFT}
        row = Record(type(made), tables.participant).values(made) | gone
        return self._add(tables.participant, row) | {"object": made}

    def _track(self, owner: dict[str, Any]) -> dict[str, Any]:
        made = make_track(owner["object"], id=self._uuid(), started_at=self._at, kind=TrackKind.VIDEO)
        row = Record(type(made), tables.track).values(made) | {"ended_at": self._at + timedelta(minutes=30)}
        return self._add(tables.track, row)

    def _message(self, room: Room, session: dict[str, Any], number: int) -> None:
        made = make_message(room, id=self._uuid(), session_id=session["id"], sent_at=self._at, number=number)
        self._add(tables.message, Record(type(made), tables.message).values(made))

    def _event(
        self,
        session: dict[str, Any],
        kind: EventType,
        in_room: int,
        person: dict[str, Any] | None = None,
        track: dict[str, Any] | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        number = len(self.rows.get("event", ())) % EVENTS
        row = {
            "id": self._uuid(),
            "account_id": session["account_id"],
            "room_id": session["room_id"],
            "type": kind,
            "at": self._at,
            "session_id": session["id"],
            "participant_id": person["id"] if person else None,
            "track_id": track["id"] if track else None,
            "data": data or {},
            "sequence": in_room * EVENTS + number + 1,
        }
        self._add(tables.event, row)
        if kind in {EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT}:
            self._told(row)

    def _told(self, event: dict[str, Any]) -> None:
        """Delivered, but for one in a hundred."""
        failed = len(self.rows.get("outbox", ())) % 100 == 99
        one = {
            "id": self._uuid(),
            "lane_id": uuid5(event["room_id"], self._webhook_id.hex),
            "account_id": event["account_id"],
            "room_id": event["room_id"],
            "event_id": event["id"],
            "sequence": event["sequence"],
            "is_replay": False,
            "state": DeliveryState.FAILED if failed else DeliveryState.DELIVERED,
            "created_at": self._at,
            "ended_at": self._at,
        }
        self._add(tables.outbox, one)
        tried = {"id": self._uuid(), "delivery_id": one["id"], "number": 1, "at": self._at, "url": HOOK}
        answer = {"status": 503 if failed else 200, "milliseconds": 3, "answer": "ok", "error": ""}
        self._add(tables.webhook_attempt, tried | answer)

    def lane(self, room: Room) -> None:
        """The queue of a room's deliveries."""
        row = {
            "id": uuid5(room.id, self._webhook_id.hex),
            "account_id": room.account_id,
            "room_id": room.id,
            "receiver_id": self._webhook_id,
        }
        self._add(tables.webhook_lane, row | {"format": WebhookFormat.HMS, "target": target_of(HOOK), "tries": 0})

    def _add(self, table: Table, row: dict[str, Any]) -> dict[str, Any]:
        self.rows.setdefault(table.name, []).append(row)
        return row

    def write(self, tx: Transaction) -> None:
        """Write and forget what was put together."""
        connection = tx.history._connection  # type: ignore[attr-defined]
        for table in metadata.sorted_tables:
            names = {column.name for column in table.columns}
            if rows := self.rows.pop(table.name, None):
                connection.execute(insert(table), [{key: row[key] for key in row if key in names} for row in rows])


async def fill(server: ServerProcess, data: Path, database: str | None, sessions: int) -> Filled:
    """Make that many sessions of a hundred events each."""
    keys, began = server.credentials(), time.monotonic()
    async with open_store(data, database) as store:
        tenant = await tenant_of(store)
        webhook = Webhook(tenant.account.id, tenant.id, WebhookFormat.HMS, HOOK, datetime.now(UTC))
        await store.write(lambda tx: tx.webhooks.add(webhook))
        rooms = [tenant.room(f"Room {number}") for number in range(sessions // IN_A_ROOM)]
        past, shown = Past(tenant, webhook.id, sessions), []
        for first in range(0, len(rooms), AT_ONCE // IN_A_ROOM):
            some = rooms[first : first + AT_ONCE // IN_A_ROOM]
            shown += await _some_rooms(store, past, some, first)
        await store.write(lambda tx: tx.history._connection.exec_driver_sql("ANALYZE"))  # type: ignore[attr-defined]
    middle = shown[len(shown) // 2]
    print(f"filled with {sessions:,} sessions in {time.monotonic() - began:.0f} s", flush=True)
    room = next(one for one in rooms if one.id == middle["room_id"])
    at: datetime = middle["started_at"]
    return Filled(keys, tenant.id, room, middle, middle["event_ids"], at.date().isoformat(), at)


async def _some_rooms(store: Store, past: Past, rooms: list[Room], first: int) -> list[dict[str, Any]]:
    made = []
    for room in rooms:
        past.lane(room)
    for in_room in range(IN_A_ROOM):
        for place, room in enumerate(rooms):
            row = past.session(room, (first + place) * IN_A_ROOM + in_room, in_room)
            told = past.rows["outbox"][-2 * PEOPLE :]
            made.append(row | {"event_ids": [one["event_id"] for one in told]})

    def unit(tx: Transaction) -> None:
        for room in rooms:
            tx.rooms.add(room)
        past.write(tx)
        rows = [{"room_id": room.id, "last": IN_A_ROOM * EVENTS} for room in rooms]
        tx.history._connection.execute(insert(tables.room_sequence), rows)  # type: ignore[attr-defined]
        rows = [{"room_id": room.id, "last": IN_A_ROOM * MESSAGES} for room in rooms]
        tx.history._connection.execute(insert(tables.message_sequence), rows)  # type: ignore[attr-defined]

    await store.write(unit)
    return made
