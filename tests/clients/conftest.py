"""One server for the client tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.server import ServerProcess, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A running server of the module's own."""
    with running_server(Path(tmp_path_factory.mktemp("polyroom")) / "data") as started:
        yield started
