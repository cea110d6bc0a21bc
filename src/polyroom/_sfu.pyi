"""Typed face of the packet core (rust/python).

One `Sfu` owns every UDP socket and one native thread. That thread never takes the GIL; Python posts small commands and
reads batches of control-plane events. A *peer* is one WebRTC connection (a participant has two: the publisher
connection the client offers, the subscriber connection the server offers). A *track* is one published audio or video
source. Peers and tracks are named by integers that are never reused within one `Sfu`.
"""

from collections.abc import Sequence
from typing import Literal, final

Kind = Literal["audio", "video"]
Role = Literal["publisher", "subscriber"]
CloseReason = Literal["closed", "handshake_timeout", "vanished", "failed", "panic"]

@final
class MediaSection:
    """One m-line of a publisher's offer; `track_id` is its msid's track part (LiveKit's cid) or None."""

    mid: str
    kind: Kind
    track_id: str | None
    sending: bool

@final
class Answer:
    """The core's answer to `offer()`; `sections` describes the audio and video m-lines of that offer."""

    peer: int
    offer_id: int
    sdp: str
    sections: list[MediaSection]

@final
class Offer:
    """An offer for a subscriber peer; `tracks` maps each live mid to the track id given to `subscribe()`."""

    peer: int
    offer_id: int
    sdp: str
    tracks: list[tuple[str, str]]

@final
class SdpRejected:
    """A description that could not be used. The peer lives on in its former state."""

    peer: int
    offer_id: int
    message: str

@final
class PeerConnected:
    """ICE and DTLS are up for the first time."""

    peer: int

@final
class PeerClosed:
    """The peer is gone and its memory freed; the last event of a peer. Its tracks' `TrackEnded` come before."""

    peer: int
    reason: CloseReason

@final
class TrackStarted:
    """First RTP of a published m-line arrived. `mime` is lower case, such as "audio/opus" or "video/vp8"."""

    peer: int
    mid: str
    track: int
    kind: Kind
    mime: str
    ssrc: int

@final
class TrackEnded:
    """The publisher stopped the m-line or went away. Subscribers' m-lines are taken out by the core itself."""

    peer: int
    track: int

@final
class FeedEnded:
    """A source's socket is over: closed, garbage, stalled, silent, or panic. Its tracks stay until the peer closes."""

    peer: int
    reason: str

@final
class DataReceived:
    """One message from a publisher peer's `_reliable` or `_lossy` data channel."""

    peer: int
    reliable: bool
    payload: bytes

@final
class Sample:
    """What was counted in the last `seconds` of a track, or of all of one kind that a subscriber peer receives.

    `track` is None for the latter, and `peer` the publisher or the subscriber. Counts are of that time: `lost` by the
    core's own count for a track, by the subscriber's reports for what it receives; `nacks` and `keyframe_requests` were
    sent to the publisher, or came from the subscriber. `freezes` are late pictures of a track. `streams` are the
    track's subscribers, or the tracks received. `frames` is per track. `last` says that nothing follows.
    """

    track: int | None
    peer: int
    kind: Kind
    last: bool
    seconds: float
    packets: int
    bytes: int
    lost: int
    frames: int
    nacks: int
    keyframe_requests: int
    freezes: int
    streams: int
    rtt_ms: float | None
    jitter_ms: float
    width: int
    height: int

@final
class TapClosed:
    """A tap's listener is gone, or the tap was closed: the frames it got, and those that did not fit its queue."""

    tap: int
    frames: int
    dropped: int

@final
class Measured:
    """Samples of a bounded number of tracks and subscribers; the last of a track or peer comes before its end."""

    samples: list[Sample]

Event = (
    Answer
    | Offer
    | SdpRejected
    | PeerConnected
    | PeerClosed
    | TrackStarted
    | TrackEnded
    | FeedEnded
    | DataReceived
    | TapClosed
    | Measured
)

@final
class TrackStats:
    """Totals of one published track since it began; `bitrate` and `frame_rate` over the last second.

    `jitter_ms` is RFC 3550 interarrival jitter; `lost` counts sequence gaps never filled.
    """

    track: int
    packets: int
    bytes: int
    lost: int
    nacks: int
    keyframe_requests: int
    jitter_ms: float
    bitrate: int
    frame_rate: float
    subscribers: int
    forwarded_packets: int

@final
class Counters:
    """Totals of the whole core since it started."""

    packets_received: int
    packets_sent: int
    bytes_received: int
    bytes_sent: int
    send_calls: int
    datagrams_dropped: int
    datagrams_unroutable: int
    events_dropped: int
    peers: int
    tracks: int
    subscriptions: int
    thread_cpu_ns: int

@final
class Sfu:
    """The selective forwarding unit."""

    def __init__(
        self,
        *,
        listen: Sequence[str],
        advertise: Sequence[str] = (),
        vanish_after: float = 30.0,
        handshake_timeout: float = 15.0,
        max_peers: int = 20_000,
        sample_every: float = 10.0,
    ) -> None:
        """Bind `listen` ("127.0.0.1:7882", "[::1]:7882"; port 0 picks one) and start the packet thread.

        `advertise` are the IP addresses put into ICE candidates, each with the bound port of its family; empty means
        the bound addresses themselves, which then must not be wildcards. `vanish_after`: seconds without any
        authenticated packet from a peer before it is closed as "vanished". `handshake_timeout`: seconds a new peer
        may take to connect. `sample_every`: seconds between two samples of a track or a subscriber. Raises OSError
        when a socket cannot be bound, ValueError for a bad address.
        """

    @property
    def local_addresses(self) -> list[str]:
        """The bound socket addresses, ports filled in."""

    def event_fd(self) -> int:
        """A file descriptor that is readable while events wait; register it with the event loop. Owned by the Sfu."""

    def poll_events(self, limit: int = 1024) -> list[Event]:
        """Take up to `limit` waiting events, oldest first, and re-arm the descriptor. Never blocks."""

    def open_peer(self, role: Role) -> int:
        """Make a peer. A subscriber has its two data channels from the start; nothing is sent before its first offer.

        Raises RuntimeError when `max_peers` is reached or the Sfu is closed.
        """

    def offer(self, peer: int, offer_id: int, sdp: str) -> None:
        """Apply a publisher's offer (also a renegotiation). Ends in `Answer` or `SdpRejected`."""

    def negotiate(self, peer: int) -> None:
        """Send a subscriber's first offer now, with every track subscribed so far. Ends in `Offer`."""

    def answer(self, peer: int, offer_id: int, sdp: str) -> None:
        """Apply a subscriber's answer; id 0 matches the pending offer, an older id is ignored."""

    def subscribe(self, peer: int, tracks: Sequence[tuple[int, str, str]]) -> None:
        """Forward `(track, stream_id, track_id)` to a subscriber; stream and track ids become the m-line's msid.

        After the first `negotiate` the core offers by itself, at once or as soon as the pending offer is answered.
        A track already subscribed or unknown is skipped.
        """

    def unsubscribe(self, peer: int, tracks: Sequence[int]) -> None:
        """Stop forwarding and take the m-lines out (port 0, no msid)."""

    def set_paused(self, peer: int, track: int, paused: bool) -> None:
        """Hold back one track from one subscriber without renegotiation; resuming asks for a keyframe."""

    def set_muted(self, track: int, muted: bool) -> None:
        """Drop a track's packets at the server, whatever its publisher sends."""

    def request_keyframe(self, track: int) -> None:
        """Ask the publisher for a keyframe (throttled in the core)."""

    def send_data(self, peers: Sequence[int], reliable: bool, payload: bytes) -> None:
        """Send one message to each subscriber peer's channel. A lossy message is dropped when its buffer is full; a
        peer that lets 8 MiB of reliable messages pile up is closed as "failed".
        """

    def open_source(self) -> int:
        """Make a publisher peer without a connection; its tracks come from what is fed to it.

        `TrackStarted` tells in `mid` the number its writer gave a track. Raises RuntimeError when `max_peers` is
        reached or the Sfu is closed.
        """

    def feed_source(self, source: int, fd: int) -> None:
        """Take whole encoded frames from a connected unix socket (copied), as docs/inject.md says.

        What fed the source before is let go. Ends in `FeedEnded`, unless another takes its place. Raises OSError for a
        bad descriptor.
        """

    def open_tap(self, fd: int) -> int:
        """Write whole encoded frames of chosen tracks to a connected unix socket (copied), as docs/tap.md says.

        Whoever reads it may ask for keyframes through it. Ends in `TapClosed`. Raises RuntimeError when the Sfu is
        closed, OSError for a bad descriptor.
        """

    def tap(self, tap: int, track: int) -> None:
        """Let a tap have a track, from its next keyframe on; unknown ones are skipped."""

    def untap(self, tap: int, track: int) -> None:
        """Take a track from a tap."""

    def close_tap(self, tap: int) -> None:
        """Close a tap once what waits has left, within a second."""

    def close_peer(self, peer: int) -> None:
        """Close one peer. Idempotent; ends in `PeerClosed(reason="closed")` when it was open."""

    def track_stats(self) -> list[TrackStats]:
        """The last second's snapshot of every live track. Never waits for the packet thread's work."""

    def counters(self) -> Counters:
        """The last second's totals. Never waits for the packet thread's work."""

    def close(self) -> None:
        """Close every peer and socket and join the thread. Idempotent."""

PublishEnd = Literal["finished", "gone", "silent", "fault", "closed", "unread", "full"]

@final
class PublishAsked:
    """An encoder wants to publish: `RtmpServer.accept` or `close_connection` answers. `name` is as good as a password
    and no part of the repr; `app` is what the address had before it; `encoder` is what it calls itself.
    """

    @property
    def connection(self) -> int: ...
    @property
    def app(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def encoder(self) -> str: ...
    @property
    def address(self) -> str: ...

@final
class PublishEnded:
    """A connection that asked is over and its descriptor closed: "finished" is the encoder's word, "gone" a broken
    connection, "silent" and "fault" limits, "closed" our own order, "unread" the end of whoever read the stream, "full"
    a want of room.
    """

    __match_args__ = ("connection", "reason", "bytes")
    @property
    def connection(self) -> int: ...
    @property
    def reason(self) -> PublishEnd: ...
    @property
    def bytes(self) -> int: ...

@final
class RtmpCounters:
    """What is connected now (as of the last quarter second), and totals since the start."""

    @property
    def connections(self) -> int: ...
    @property
    def publishers(self) -> int: ...
    @property
    def connections_taken(self) -> int: ...
    @property
    def connections_refused(self) -> int: ...
    @property
    def bytes_received(self) -> int: ...
    @property
    def thread_cpu_ns(self) -> int: ...

@final
class RtmpServer:
    """Takes RTMP encoders on listening sockets (copied) with one native thread, as rust/rtmp says."""

    def __new__(
        cls, *, listeners: Sequence[int], handshake_timeout: float = 10.0, idle_timeout: float = 30.0
    ) -> RtmpServer: ...
    @property
    def local_addresses(self) -> list[str]:
        """The bound addresses as "ip:port"."""

    def event_fd(self) -> int:
        """A descriptor that is readable while events wait."""

    def poll_events(self, limit: int = 256) -> list[PublishAsked | PublishEnded]:
        """Take events, oldest first."""

    def accept(self, connection: int, fd: int) -> None:
        """Let a stream in; it leaves as FLV by the descriptor (copied). Without effect on one that has gone."""

    def close_connection(self, connection: int, code: str, description: str) -> None:
        """Refuse or end a stream and tell its encoder why, in the words of NetStream's status codes."""

    def counters(self) -> RtmpCounters:
        """What happened, and what is."""

    def close(self) -> None:
        """End every stream so that its encoder comes back later; join the thread. Idempotent."""
