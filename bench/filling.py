"""Fills an account with rooms straight through the tables, many rows a statement."""

import asyncio
import json
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from tests.support.server import POLYROOM

from bench.door_requests import Filled
from polyroom.domain.ids import ulid_of
from polyroom.domain.room import Namespace, PhenixType, RoomKind
from polyroom.services.ports.store import RoomSearch, Store, Transaction
from polyroom.store import open_store
from polyroom.store.columns import EPOCH
from polyroom.store.inserts import insert_or_add
from polyroom.store.tables import handle, room, room_count
from polyroom.system import SystemIds

IDS = SystemIds()
BATCH = 2000
DAYS = 10
TOWN_HALLS = 100
START = datetime(2026, 1, 1, tzinfo=UTC)


async def fill(data: Path, database: str | None, rooms: int) -> Filled:
    """Bring the default account up to so many rooms; returns what requests need to know of it."""
    command = [str(POLYROOM), "credentials", "--json", "--data", str(data)]
    command += ["--database", database] if database else []
    keys = json.loads((await asyncio.to_thread(subprocess.run, command, check=True, capture_output=True)).stdout)
    began = time.monotonic()
    async with open_store(data, database) as store:
        account = await store.read(lambda tx: tx.accounts.default())
        assert account is not None
        there = (await store.read(lambda tx: tx.rooms.search(account.id, RoomSearch(limit=1)))).total
        for first in range(there, rooms, BATCH):
            await _add(store, account.id, account.phenix_application_id, range(first, min(first + BATCH, rooms)))
        newest = await store.read(lambda tx: tx.rooms.search(account.id, RoomSearch(order_by="uuid", limit=1)))
        middle = await store.read(
            lambda tx: tx.rooms.search(account.id, RoomSearch(order_by="uuid", limit=1, offset=rooms // 2))
        )
    print(f"filled to {rooms:,} rooms in {time.monotonic() - began:.0f} s", flush=True)
    return Filled(keys, newest.items[0], middle.items[0], rooms, START.date().isoformat())


async def _add(store: Store, account_id: Any, application: str, numbers: range) -> None:
    def unit(tx: Transaction) -> None:
        template, subscription = (
            tx.templates.default(account_id),
            tx.accounts.default_subscription(account_id, RoomKind.MEET),
        )
        assert template is not None
        assert subscription is not None
        connection = tx.rooms._connection  # type: ignore[attr-defined]
        rows = [_row(number, account_id, application, template.id, subscription.id) for number in numbers]
        connection.execute(insert(room), rows)
        names = [
            {"account_id": account_id, "namespace": space, "value": name, "room_id": row["id"], "shown": name}
            for number, row in zip(numbers, rows, strict=True)
            for space, name in ((Namespace.HMS_NAME, f"room-{number}"), (Namespace.TELNYX_NAME, f"Room {number}"))
        ]
        connection.execute(insert(handle), names)
        counted = Counter(kind for row in rows for kind in _counted(row))
        upsert = insert_or_add(connection, room_count, "rooms")
        for (kind, day, slot), more in sorted(counted.items()):
            where = {"account_id": account_id, "counted": kind, "day": day, "slot": slot}
            connection.execute(upsert, {**where, "rooms": more})

    await store.write(unit)


def _counted(row: dict[str, Any]) -> list[tuple[str, int, int]]:
    slot, day = row["id"].int % 8, (row["created_at"] - EPOCH) // timedelta(days=1)
    return [("all", 0, slot), ("created", day, slot), ("updated", day, slot)]


def _row(number: int, account_id: Any, application: str, template_id: Any, subscription_id: Any) -> dict[str, Any]:
    room_id, at = IDS.uuid(), START + timedelta(days=number % DAYS, microseconds=number)
    return {
        "id": room_id,
        "account_id": account_id,
        "hms_id": IDS.hex24(),
        "phenix_id": f"eu#{application}#room.{IDS.base62(12)}",
        "streamwise_id": IDS.base62(16),
        "title": f"Room {number}",
        "description": "",
        "template_id": template_id,
        "subscription_id": subscription_id,
        "kind": RoomKind.MEET,
        "slug": "room",
        "enabled": number % 100 > 0,
        "is_public": False,
        "capacity": 10,
        "feature_overrides": {},
        "settings": {},
        "metadata": {"crm": number},
        "created_at": at,
        "updated_at": at,
        "deleted_at": None,
        "title_folded": f"room {number}",
        "ulid": ulid_of(room_id),
        "max_duration": None,
        "phenix_type": PhenixType.TOWN_HALL if number < TOWN_HALLS else PhenixType.MULTI_PARTY_CHAT,
        "hms": {},
        "telnyx": {},
        "phenix": {},
    }
