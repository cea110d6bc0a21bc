"""Receivers come and go beside the server; each event is queued for those there are when it is recorded."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool
from tests.contract.store_making import NOW, Tenant, data_of, later, make_event, uuid
from tests.support.stores import Kind, open_test_store

from polyroom.domain.events import EventType
from polyroom.domain.room import Room
from polyroom.domain.webhook import Webhook, WebhookFormat
from polyroom.services.ports.store import Store, Transaction
from polyroom.store import schema, sqlite_store

HOOK = {"webhook": {"url": "https://example.com/hook", "headers": {}}}


def changed(room: Room, **maps: Any) -> Any:
    """A unit that changes a room's maps and records it."""
    fields = {name: getattr(room, name) for name in Room.__dataclass_fields__} | maps

    def unit(tx: Transaction) -> None:
        tx.rooms.update(Room(**fields))
        tx.events.append([make_event(room, EventType.PARTICIPANT_JOINED)])

    return unit


async def queued(store: Store) -> list[int]:
    """The numbers of the events that wait for anybody."""

    def unit(tx: Transaction) -> list[int]:
        lanes = tx.outbox.lease(later(0), later(0), 100)
        return sorted(one.sequence for lane in lanes for one in tx.outbox.first_of(lane.id, 100))

    return await store.write(unit)


async def test_a_room_is_heard_from_the_change_on_that_gives_it_a_receiver(store: Store, tenant: Tenant) -> None:
    for maps, none in (({"hms": HOOK}, {"hms": {}}), ({"telnyx": {"webhook_event_url": "http://a.b"}}, {"telnyx": {}})):
        room = tenant.room()
        await store.write(lambda tx, room=room: tx.rooms.add(room))
        before = await queued(store)
        await store.write(lambda tx, room=room: tx.events.append([make_event(room, EventType.PARTICIPANT_JOINED)]))
        assert await queued(store) == before
        await store.write(changed(room, **maps))
        assert await queued(store) == sorted([*before, 2])
        await store.write(changed(room, **none))
        assert await queued(store) == sorted([*before, 2])


async def test_a_receiver_that_another_process_adds_hears_the_next_event(
    store: Store, tenant: Tenant, tmp_path: Path, kind: Kind
) -> None:
    room = tenant.room()
    await store.write(lambda tx: tx.rooms.add(room))

    async def happen(count: int) -> None:
        units = [lambda tx: tx.events.append([make_event(room, EventType.PARTICIPANT_JOINED)])] * count
        await asyncio.gather(*(store.write(unit) for unit in units))

    await happen(20)
    receiver = Webhook(uuid(), tenant.id, WebhookFormat.POLYROOM, "https://example.org/", NOW)
    async with open_test_store(data_of(tmp_path), kind) as beside:
        await beside.write(lambda tx: tx.webhooks.add(receiver))
        await happen(20)
        await beside.write(lambda tx: tx.webhooks.remove(receiver.id))
        await happen(20)
    assert await queued(store) == list(range(21, 41))


async def test_rooms_of_an_older_database_that_have_a_receiver_are_heard(tmp_path: Path) -> None:
    path = tmp_path / "data" / "polyroom.db"
    async with sqlite_store(path.parent):
        pass
    path.unlink()
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.begin() as connection:
        schema.upgrade(connection, "0008")
    engine.dispose()
    maps = {
        1: ("{}", "{}"),
        2: ('{"webhook":{"url":"http://a.b"}}', "{}"),
        3: ("{}", '{"webhook_event_url":"http://a"}'),
    }
    with closing(sqlite3.connect(path)) as database, database:
        for number, (hms, telnyx) in maps.items():
            row = {
                **dict.fromkeys(("title", "description", "slug", "title_folded", "ulid"), "x"),
                **dict.fromkeys(("hms_id", "phenix_id", "streamwise_id"), str(number)),
                **dict.fromkeys(("account_id", "template_id", "subscription_id"), bytes(16)),
                **dict.fromkeys(("feature_overrides", "settings", "metadata"), "{}"),
                **dict.fromkeys(("enabled", "is_public", "created_at", "updated_at"), 0),
                **{"id": bytes([number]) * 16, "kind": "meet", "hms": hms, "telnyx": telnyx},
            }
            columns = ", ".join(row)
            database.execute(f"INSERT INTO room ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    with engine.begin() as connection:
        schema.upgrade(connection)
    engine.dispose()
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT has_receiver FROM room ORDER BY id").fetchall() == [(0,), (1,), (1,)]
