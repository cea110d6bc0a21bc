"""A fresh world for every test, copied from one that is made once."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dialects.streamwise.world import World, open_world
from tests.support.stores import copy_test_store


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with schema and accounts, and nothing else."""
    folder = tmp_path_factory.mktemp("first") / "data"

    async def make() -> None:
        async with open_world(folder):
            pass

    asyncio.run(make())
    return folder


@pytest.fixture
async def world(tmp_path: Path, first_day: Path) -> AsyncIterator[World]:
    """The dialect over an empty store."""
    copy_test_store(first_day, tmp_path / "data")
    async with open_world(tmp_path / "data") as opened:
        yield opened
