"""The engine's edges that no well-behaved client reaches: an offer after the eviction, a full core, a long message."""

from typing import Any
from uuid import UUID

from tests.unit.signalling.people import participant

from polyroom.domain.session import LeaveReason
from polyroom.media.connection import Deaf
from polyroom.media.embedded import MESSAGE_AT_MOST, EmbeddedEngine


class Core:
    """Stands in for the packet core and notes what it is asked."""

    def __init__(self, most: int = 10) -> None:
        self.opened: list[str] = []
        self.sent: list[bytes] = []
        self._most = most

    def open_peer(self, role: str) -> int:
        if len(self.opened) >= self._most:
            raise RuntimeError("no room for another peer")
        self.opened.append(role)
        return len(self.opened)

    def close_peer(self, peer: int) -> None: ...

    def offer(self, peer: int, offer_id: int, sdp: str) -> None: ...

    def send_data(self, peers: list[int], reliable: bool, payload: bytes) -> None:
        self.sent.append(payload)


class Listener(Deaf):
    def __init__(self) -> None:
        self.refused: list[int] = []

    def rejected(self, offer_id: int, message: str) -> None:
        self.refused.append(offer_id)


def engine_on(core: Any) -> EmbeddedEngine:
    engine = EmbeddedEngine(lambda: core)
    engine._sfu = core
    return engine


async def test_an_offer_after_the_eviction_opens_no_peer() -> None:
    core, ada = Core(), participant("ada")
    engine = engine_on(core)
    await engine.admit(ada)
    connection = engine.connect(ada.id, Deaf())
    await engine.evict(ada.id, LeaveReason.REMOVED)
    connection.offer(1, "v=0")
    assert core.opened == ["subscriber"]


async def test_a_full_core_rejects_the_offer_and_the_next_one_may_work() -> None:
    core, ada, listener = Core(most=1), participant("ada"), Listener()
    engine = engine_on(core)
    await engine.admit(ada)
    connection = engine.connect(ada.id, listener)
    connection.offer(7, "v=0")
    assert (listener.refused, connection.publisher) == ([7], None)
    core._most = 2
    connection.offer(8, "v=0")
    assert (listener.refused, connection.publisher) == ([7], 2)


async def test_a_message_too_long_for_a_channel_is_dropped() -> None:
    core, ada = Core(), participant("ada")
    engine = engine_on(core)
    await engine.admit(ada)
    engine.send_data([ada.id, UUID(int=9)], True, b"x" * MESSAGE_AT_MOST)
    engine.send_data([ada.id], True, b"x" * (MESSAGE_AT_MOST + 1))
    assert [len(one) for one in core.sent] == [MESSAGE_AT_MOST]
