"""A data folder that is made once, and copied for every test."""

import asyncio
from pathlib import Path

import pytest
from tests.dialects.house import open_house


@pytest.fixture(scope="session")
def first_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with schema and two accounts, and nothing else."""
    folder = tmp_path_factory.mktemp("first") / "data"

    async def make() -> None:
        async with open_house(folder, []):
            pass

    asyncio.run(make())
    return folder
