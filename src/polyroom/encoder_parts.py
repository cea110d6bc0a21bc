"""What takes RTMP encoders, put together. Part of the composition root."""

import socket
from collections.abc import Sequence

from polyroom import _sfu
from polyroom.core import Core
from polyroom.doors import stream_key_verifiers
from polyroom.ingest.encoders import Encoders
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ingest import IngestService
from polyroom.services.publishing import Publishing
from polyroom.services.refused import RefusedJoins


def make_encoders(core: Core, ingests: IngestService, listeners: Sequence[socket.socket]) -> Encoders:
    """The encoders' door on bound, listening sockets."""
    publishing = Publishing(
        core.store,
        core.clock,
        verifiers=stream_key_verifiers(core),
        attempts=AttemptLimiter(core.clock),
        refused=RefusedJoins(core.store, core.clock, core.ids),
    )
    descriptors = [one.fileno() for one in listeners]
    return Encoders(lambda: _sfu.RtmpServer(listeners=descriptors), publishing, ingests)
