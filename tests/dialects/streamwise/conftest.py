"""A fresh world for every test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dialects.streamwise.world import World, open_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The dialect over an empty store."""
    async with open_world(tmp_path / "data") as opened:
        yield opened
