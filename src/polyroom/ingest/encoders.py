"""RTMP encoders: what they ask for becomes an ingest, and what becomes of the ingest is told to them.

The core's thread takes their connections and bytes; here passes one question for each and one word at its end.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from polyroom import _sfu
from polyroom.domain.errors import (
    AdmissionExpired,
    DomainError,
    JoinRefused,
    KeptOut,
    KeyDisabled,
    NotFound,
    Overloaded,
    RoomDisabled,
    RoomFull,
    ServerStopping,
    TooManyAttempts,
)
from polyroom.services.ingest import Ingest, IngestService
from polyroom.services.ports.feed import Notice, StreamKeyDisabled
from polyroom.services.ports.media import MediaRefused
from polyroom.services.ports.publishing import Publication
from polyroom.services.publishing import Publishing

log = logging.getLogger(__name__)

_DENIED = "NetStream.Publish.Denied"
_WORDS: dict[type[DomainError], str] = {
    KeyDisabled: "stream key disabled",
    AdmissionExpired: "stream key expired",
    RoomDisabled: "room disabled",
    RoomFull: "room full",
    KeptOut: "put out of the room",
    TooManyAttempts: "too many attempts, try later",
    ServerStopping: "the server stops, come back",
    Overloaded: "no room for one more stream now, try later",
}
_REFUSED = "unknown stream key"
_FAREWELLS = {
    "replaced": ("NetStream.Publish.BadName", "another encoder took over"),
    "left": ("NetStream.Unpublish.Success", "put out of the room"),
    "ended": ("NetStream.Failed", "the stream cannot be used"),
}
"""What an encoder is told at the end that it did not make itself, by the reason of its ingest."""


class Encoders:
    """Async context manager around one RTMP server; `open_server` starts it on bound sockets."""

    def __init__(
        self, open_server: Callable[[], _sfu.RtmpServer], publishing: Publishing, ingests: IngestService
    ) -> None:
        self._open_server = open_server
        self._publishing, self._ingests = publishing, ingests
        self._server: _sfu.RtmpServer | None = None
        self._running: dict[int, tuple[UUID | None, UUID]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = self._open_server()
        asyncio.get_running_loop().add_reader(self._server.event_fd(), self._drain)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def server(self) -> _sfu.RtmpServer:
        """The running core."""
        if self._server is None:
            raise RuntimeError("encoders are not taken")
        return self._server

    async def stop(self) -> None:
        """Tell every encoder to come back later, and take none any more. Idempotent."""
        server = self.server
        asyncio.get_running_loop().remove_reader(server.event_fd())
        await asyncio.to_thread(server.close)

    def hear(self, notice: Notice) -> None:
        """Whoever publishes with a key that was switched off goes out."""
        if isinstance(notice, StreamKeyDisabled):
            for key_id, participant_id in self._running.values():
                if key_id == notice.key_id:
                    self._start(self._ingests.end(participant_id))

    def totals(self) -> dict[str, float]:
        """The core's counters since it started."""
        counters = self.server.counters()
        return {
            "connections": counters.connections_taken,
            "connections_refused": counters.connections_refused,
            "bytes_received": counters.bytes_received,
        }

    def _drain(self) -> None:
        for event in self.server.poll_events():
            if isinstance(event, _sfu.PublishAsked):
                self._start(self._admit(event))
            else:
                self._running.pop(event.connection, None)
                log.info("an encoder's stream is over: %s, %d bytes", event.reason, event.bytes)

    async def _admit(self, asked: _sfu.PublishAsked) -> None:
        publication: Publication | None = None
        try:
            publication = await self._publishing.open(asked.name, asked.address)
            ingest = await self._ingests.begin(publication.grant, identity=publication.identity, name=publication.name)
        except (DomainError, MediaRefused) as refusal:
            log.info("an encoder at %s was refused: %s", asked.address, type(refusal).__name__)
            return self._refuse(asked.connection, _word_for(refusal, known=publication is not None))
        except Exception:
            self._refuse(asked.connection, "the server could not take it")
            raise
        log.info("an encoder at %s publishes in room %s", asked.address, publication.room.id)
        self._running[asked.connection] = (publication.key.id if publication.key else None, ingest.participant.id)
        with ingest.media:
            self.server.accept(asked.connection, ingest.media.fileno())
        ingest.over.add_done_callback(lambda over: self._say_goodbye(asked.connection, ingest, over.result()))

    def _refuse(self, connection: int, word: str) -> None:
        self.server.close_connection(connection, _DENIED, word)

    def _say_goodbye(self, connection: int, ingest: Ingest, reason: str) -> None:
        code, word = _FAREWELLS.get(reason, _FAREWELLS["ended"])
        if reason == "ended" and ingest.refusals:
            word = "; ".join(ingest.refusals)[:500]
        if reason == "ended" and connection in self._running:
            self._start(self._publishing.failed(ingest.participant, word))
        self.server.close_connection(connection, code, word)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_logged(work), name="an encoder")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        log.exception("an encoder could not be served")


def _word_for(refusal: Exception, *, known: bool) -> str:
    if isinstance(refusal, MediaRefused):
        return _WORDS[Overloaded]
    if isinstance(refusal, NotFound):
        return _REFUSED
    found = next((word for kind, word in _WORDS.items() if isinstance(refusal, kind)), None)
    if found is None:
        found = "not allowed to publish in this room" if known and isinstance(refusal, JoinRefused) else _REFUSED
    return found
