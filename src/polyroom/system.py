"""The real clock and the real randomness behind the services' ports."""

import secrets
import time
from datetime import UTC, datetime
from string import ascii_lowercase
from uuid import UUID

from polyroom.domain.ids import Uuid7Factory, base62, hex24


class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemIds:
    """Identifiers from the machine's clock and its cryptographic randomness."""

    def __init__(self) -> None:
        self.uuid_factory = Uuid7Factory(lambda: time.time_ns() // 1_000_000, secrets.randbits)

    def uuid(self) -> UUID:
        return self.uuid_factory()

    def hex24(self) -> str:
        return hex24(int(time.time()), secrets.randbits)

    def base62(self, length: int) -> str:
        return base62(length, secrets.randbelow)

    def digits(self, length: int) -> str:
        return f"{secrets.randbelow(10**length):0{length}d}"

    def letters(self, length: int) -> str:
        return "".join(secrets.choice(ascii_lowercase) for _ in range(length))
