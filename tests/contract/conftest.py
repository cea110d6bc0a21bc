"""Adapters the contracts are run on."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tests.contract.store_making import Tenant, data_of, make_tenant
from tests.support.stores import KINDS, Kind, database_of, open_test_store

from polyroom.services.ports.store import Store
from polyroom.store.postgres_connections import connect


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Every kind of database there is."""
    kind: Kind = request.param
    return kind


@pytest.fixture
async def store(kind: Kind, tmp_path: Path) -> AsyncIterator[Store]:
    """A store, open and empty."""
    async with open_test_store(data_of(tmp_path), kind) as opened:
        yield opened


@pytest.fixture
async def tenant(store: Store) -> Tenant:
    """An account with template and subscription."""
    return await make_tenant(store)


@pytest.fixture
async def other(store: Store, tmp_path: Path, kind: Kind) -> AsyncIterator[Any]:
    """A stranger's connection to the same PostgreSQL database."""
    raw = await connect(database_of(data_of(tmp_path), kind) or "")
    yield raw
    await raw.close()
