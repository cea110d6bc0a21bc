"""A fresh world for every test, copied from one that is made once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dialects.hms.world import World, open_world
from tests.support.stores import copy_test_store


@pytest.fixture
async def world(tmp_path: Path, first_day: Path) -> AsyncIterator[World]:
    """The dialect over an empty store."""
    copy_test_store(first_day, tmp_path / "data")
    async with open_world(tmp_path / "data") as opened:
        yield opened
