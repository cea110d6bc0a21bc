"""What takes RTMP encoders, put together. Part of the composition root."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from polyroom import _sfu
from polyroom.core import Core
from polyroom.doors import stream_key_verifiers
from polyroom.ingest.encoders import Encoders
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ingest import IngestService
from polyroom.services.ports.ingest import Intake, NoIntake
from polyroom.services.publishing import Publishing
from polyroom.services.refused import RefusedJoins


@asynccontextmanager
async def open_encoders(core: Core, listeners: Sequence[socket.socket]) -> AsyncIterator[Encoders]:
    """The encoders' door on bound, listening sockets."""
    publishing = Publishing(
        core.store,
        core.clock,
        verifiers=stream_key_verifiers(core),
        attempts=AttemptLimiter(core.clock),
        refused=RefusedJoins(core.store, core.clock, core.ids),
    )
    descriptors = [one.fileno() for one in listeners]
    ingests = IngestService(core.people, core.tracks, core.engine, _NotYet(), clock=core.clock, ids=core.ids)
    core.feed.listen(ingests.hear)
    async with ingests, Encoders(lambda: _sfu.RtmpServer(listeners=descriptors), publishing, ingests) as encoders:
        core.feed.listen(encoders.hear)
        yield encoders


class _NotYet:
    async def read(self, media: int, engine: int, hear: object) -> Intake:
        raise NoIntake
