"""What sends data messages of the server's own."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID


class DataSender(Protocol):
    """Whatever carries data messages to participants of this process."""

    def send_data(self, participants: Sequence[UUID], reliable: bool, payload: bytes) -> None: ...
