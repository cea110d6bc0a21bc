"""The choice of the database for a whole run."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import stores

# How long an example takes says more of the machine than of the test.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

TESTS = Path(__file__).parent
ALIKE = (
    "contract",
    "unit/domain",
    "unit/egress",
    "unit/ingest",
    "unit/media",
    "unit/signalling",
    "unit/site",
    "unit/store",
)
"""Folders whose tests `--database postgresql` leaves out: `contract` runs on every kind of database by itself, the
others open no store or one that is SQLite by name. A test in them that asks for the chosen database fails.
"""
ONCE = ("media",)
"""What is about media in and out: a server is needed, and which database it is on makes no difference."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --database postgresql` runs all that could depend on it on a PostgreSQL that the session starts."""
    parser.addoption("--database", choices=stores.KINDS, default="sqlite", help="the database stores are on")
    parser.addoption("--soak", action="store_true", help="the long forms: fifty kills, a receiver down for a minute")


def pytest_configure(config: pytest.Config) -> None:
    """Before anything is collected."""
    stores.choose(config.getoption("--database"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the first run has shown for every database."""
    if config.getoption("--database") == "sqlite":
        return
    again = [item for item in items if not is_in(item, ALIKE + ONCE)]
    config.hook.pytest_deselected(items=[item for item in items if is_in(item, ALIKE + ONCE)])
    items[:] = again


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Hold the test to what its folder says."""
    stores.allow_choice(not is_in(item, ALIKE))
    return (yield)


@pytest.fixture
def soak(request: pytest.FixtureRequest) -> bool:
    """Whether tests take their long forms."""
    return bool(request.config.getoption("--soak"))


@pytest.fixture(scope="module", autouse=True)
def _no_databases_pile_up() -> Iterator[None]:
    yield
    stores.forget_databases()


def is_in(item: pytest.Item, folders: Sequence[str]) -> bool:
    """Whether a test lies in one of the folders."""
    return item.path.relative_to(TESTS).as_posix().startswith(tuple(f"{folder}/" for folder in folders))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """With `-k` there may be nothing left that could depend on the database; that is no failure."""
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and session.config.getoption("--database") != "sqlite":
        session.exitstatus = pytest.ExitCode.OK
