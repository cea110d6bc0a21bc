"""The operator's key, in a file of the data folder that only the server's user can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from polyroom.domain.ids import base62

OPERATOR_KEY_FILE = "operator.key"
_PREFIX = "operator_"
_LENGTH = 43


class OperatorKeyFile:
    """The operator's key of one data folder, made on first use."""

    def __init__(self, data: Path) -> None:
        self._path = data / OPERATOR_KEY_FILE

    def current(self) -> str:
        """The key now."""
        with suppress(FileNotFoundError):
            found = self._path.read_text(encoding="ascii", errors="replace").strip()
            if len(found) > _LENGTH:
                return found
        return self.renew()

    def renew(self) -> str:
        """Another key in its place; whoever is signed in by the old one is out."""
        key = _PREFIX + base62(_LENGTH, secrets.randbelow)
        whole = self._path.with_name(f".{OPERATOR_KEY_FILE}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(whole, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(f"{key}\n")
            file.flush()
            os.fsync(file.fileno())
        whole.replace(self._path)
        return key
