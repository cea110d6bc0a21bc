"""One server and one browser for the tests that share them."""

from tests.support.fixtures import browser, server

__all__ = ["browser", "server"]
