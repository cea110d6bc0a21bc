"""What takes RTMP encoders, put together. Part of the composition root."""

import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from polyroom import _sfu
from polyroom.core import Core
from polyroom.doors import stream_key_verifiers
from polyroom.ingest.encoders import Encoders
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.publishing import Publishing
from polyroom.services.refused import RefusedJoins


@asynccontextmanager
async def open_encoders(core: Core, listeners: Sequence[socket.socket]) -> AsyncIterator[Encoders]:
    """The encoders' door on bound, listening sockets."""
    publishing = Publishing(
        core.store,
        core.clock,
        core.ids,
        verifiers=stream_key_verifiers(core),
        attempts=AttemptLimiter(core.clock),
        refused=RefusedJoins(core.store, core.clock, core.ids),
    )
    descriptors = [one.fileno() for one in listeners]
    server = partial(_sfu.RtmpServer, listeners=descriptors)
    async with Encoders(server, publishing, core.ingests) as encoders:
        core.feed.listen(encoders.hear)
        yield encoders
