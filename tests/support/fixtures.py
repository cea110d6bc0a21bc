"""One server and one browser for the tests that share them."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.support.browser import chromium
from tests.support.server import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server of the module's own."""
    with running_server(Path(tmp_path_factory.mktemp("polyroom")) / "data") as started:
        yield started


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """One Chromium; each person gets a context of their own in it."""
    async with chromium() as started:
        yield started
