"""Stores for tests, on the database that `pytest --database` chose."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from polyroom.services.ports.store import Store
from polyroom.store import sqlite_store


@asynccontextmanager
async def open_test_store(data: Path) -> AsyncIterator[Store]:
    """The store that belongs to a data folder; opened again on the same folder, it holds what it held."""
    async with sqlite_store(data) as store:
        yield store


def copy_test_store(source: Path, target: Path) -> None:
    """A second data folder with all that is in the first, which is closed; opened, it is a store of its own."""
    shutil.copytree(source, target)
