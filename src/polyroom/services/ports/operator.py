"""Who keeps this installation."""

from typing import Protocol


class OperatorKeys(Protocol):
    """The one key of the operator, who sees every account. It is none of an account's and opens no vendor's API."""

    def current(self) -> str:
        """The key now; another process may have renewed it since."""
        ...
