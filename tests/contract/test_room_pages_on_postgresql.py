"""PostgreSQL reads pages of rooms along the same indexes as SQLite, in the same order whatever its language."""

import re
from typing import Any

import pytest
from tests.contract.store_making import Tenant, add
from tests.support.stores import Kind

from polyroom.services.ports.store import ROOM_FIELDS, RoomSearch, Store, Transaction
from polyroom.store.room_search import page_of, parameters_of

_INDEXES = {"uuid": "living", "ulid": "living", "id": "by_streamwise_id", "title": "by_title_folded"}


@pytest.fixture(params=["postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """SQLite's plans are looked at in unit/store."""
    kind: Kind = request.param
    return kind


async def plan_of(store: Store, tenant: Tenant, search: RoomSearch) -> str:
    """How PostgreSQL would read it from a table too large to be read whole."""

    def unit(tx: Transaction) -> str:
        connection: Any = tx.rooms._connection  # type: ignore[attr-defined]
        for way in ("seqscan", "bitmapscan", "sort"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        compiled = page_of(search).compile(connection)
        values = parameters_of(tenant.id, search)
        rows = connection.exec_driver_sql(f"EXPLAIN {compiled}", tuple(values[name] for name in compiled.positiontup))
        return " / ".join(str(row[0]).strip() for row in rows)

    return await store.read(unit)


async def test_every_page_is_read_along_an_index_in_its_order(store: Store, tenant: Tenant) -> None:
    room = tenant.room()
    await store.write(add(room))
    for field in sorted(ROOM_FIELDS):
        index = f"ix_room_{_INDEXES.get(field, f'by_{field}')}"
        for descending in (False, True):
            way = " Backward" if descending else ""
            page = await plan_of(store, tenant, RoomSearch((), field, descending))
            assert re.fullmatch(
                rf"Limit .* Index Scan{way} using {index} on room .* Index Cond: \(account_id = .*", page
            )
            behind = await plan_of(store, tenant, RoomSearch((), field, descending, after=room.id))
            assert f"Index Scan{way} using {index} on room " in behind
            assert "Sort" not in behind
            assert "Filter" not in behind
            far = await plan_of(store, tenant, RoomSearch((), field, descending, offset=1000))
            assert f"Index Only Scan{way} using {index} on room" in far


@pytest.mark.parametrize("field", ["title", "slug"])
async def test_the_order_is_that_of_code_points(store: Store, tenant: Tenant, field: str) -> None:
    texts = ["a b", "a-b", "ab", "b", "z", "ä", "é", "文"]
    for text in reversed(texts):
        await store.write(add(tenant.room(title=text, slug=text)))
    page = await store.read(lambda tx: tx.rooms.search(tenant.id, RoomSearch(order_by=field)))
    assert [room.title for room in page.items] == texts
