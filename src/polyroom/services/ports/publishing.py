"""How a dialect says what a stream key is worth."""

from dataclasses import dataclass
from typing import Protocol

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room
from polyroom.domain.stream_key import StreamKey
from polyroom.services.ports.store import Transaction


@dataclass(frozen=True, slots=True)
class Publication:
    """What a stream key is worth: which room it opens for whom.

    Two encoders with the same `identity` are one participant. `key` is the stored key behind it, if one is.
    """

    room: Room
    grant: Grant
    identity: str
    name: str
    key: StreamKey | None = None


class StreamKeyVerifier(Protocol):
    """One dialect's check of what an encoder calls its stream. Runs inside a unit of work."""

    @property
    def dialect(self) -> Dialect: ...

    def find(self, tx: Transaction, name: str) -> Publication | None:
        """What the name is worth; None when it is no key of this dialect, or of a room that is gone.

        A key that is switched off or whose time is over is found all the same: whoever asks says so to its encoder.
        """
        ...
