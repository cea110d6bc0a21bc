"""Adapters the contracts are run on."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.contract.store_making import Tenant, data_of, make_tenant

from polyroom.services.ports.store import Store
from polyroom.store import sqlite_store


@pytest.fixture(params=["sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """Every kind of store there is, open and empty."""
    openers = {"sqlite": lambda: sqlite_store(data_of(tmp_path))}
    async with openers[request.param]() as opened:
        yield opened


@pytest.fixture
async def tenant(store: Store) -> Tenant:
    """An account with template and subscription."""
    return await make_tenant(store)
