"""A house for each test: one that soon stops waiting, and one that does not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.live_house import PATIENCE, House, housed


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path / "stream", patience=0.1) as one:
        yield one


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path / "stream", patience=PATIENCE) as one:
        yield one
