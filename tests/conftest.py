"""The choice of the database for a whole run."""

import pytest

from tests.support import stores


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --database postgresql` runs everything on a PostgreSQL that the session starts."""
    parser.addoption("--database", choices=stores.KINDS, default="sqlite", help="the database stores are on")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected."""
    stores.choose(config.getoption("--database"))
