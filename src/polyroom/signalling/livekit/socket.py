"""One client's WebSocket: frames in and out, bounded both ways, one function per message."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError
from livekit.protocol import rtc
from starlette.websockets import WebSocket, WebSocketDisconnect

from polyroom.domain.errors import DomainError
from polyroom.domain.session import LeaveReason, Track
from polyroom.services.participants import Joined, ParticipantService
from polyroom.services.ports.admission import Ticket, TicketSigner
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.tracks import TrackService
from polyroom.signalling.livekit import metadata, views
from polyroom.signalling.livekit.data import readdress
from polyroom.signalling.livekit.farewells import Farewells
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.outbox import Outbox
from polyroom.signalling.livekit.publishing import Publications, PublishRefused
from polyroom.signalling.livekit.sids import uuid_of_sid
from polyroom.signalling.livekit.subscribing import Subscriptions
from polyroom.signalling.livekit.transport import MediaConnections

log = logging.getLogger(__name__)

PING_EVERY = 5
PING_TIMEOUT = 15
FRESH_TICKET_EVERY = timedelta(hours=1)
WORK_AT_MOST = 256
GARBAGE_AT_MOST = 10
SDP_AT_MOST = 128 * 1024


@dataclass(frozen=True, slots=True)
class Desk:
    """What every socket works with."""

    participants: ParticipantService
    tracks: TrackService
    hub: Hub
    media: MediaConnections
    signer: TicketSigner
    clock: Clock
    ids: Ids
    farewells: Farewells


class ClientSocket:
    """A participant's connection from accepted upgrade to last frame."""

    def __init__(
        self, desk: Desk, websocket: WebSocket, joined: Joined, ticket: Ticket, *, auto_subscribe: bool
    ) -> None:
        self._desk = desk
        self._websocket = websocket
        self._joined = joined
        self._ticket = ticket
        self._participant = joined.participant
        self._outbox = Outbox(websocket)
        self._work: asyncio.Queue[Callable[[], Any]] = asyncio.Queue(WORK_AT_MOST)
        self._garbage = 0
        self._out: LeaveReason | None = None
        self._renewed = time.monotonic()
        self._publications = Publications(joined.participant)
        self._media = desk.media.connect(joined.participant.id, self)
        self._subscriptions = Subscriptions(self._media, automatic=auto_subscribe)

    @property
    def participant_id(self) -> UUID:
        """Whose connection this is."""
        return self._participant.id

    # The hub's side.

    def send_encoded(self, message: bytes) -> None:
        """Queue a frame."""
        self._outbox.send(message)

    def offer_track(self, track: Track) -> None:
        self._subscriptions.added(track)

    def forget_track(self, track: Track) -> None:
        self._subscriptions.removed(track)

    def put_out(self, reason: LeaveReason) -> None:
        """The participation has ended: say why and close."""
        if self._out is None:
            self._out = reason
            self._send(leave=views.leave_request(reason))
            self._outbox.close()

    # The media engine's side.

    def answered(self, offer_id: int, sdp: str) -> None:
        self._send(answer=rtc.SessionDescription(type="answer", sdp=sdp, id=offer_id))

    def offered(self, offer_id: int, sdp: str, tracks: Sequence[tuple[str, str]]) -> None:
        self._send(offer=rtc.SessionDescription(type="offer", sdp=sdp, id=offer_id, mid_to_track_id=dict(tracks)))

    def rejected(self, offer_id: int, message: str) -> None:
        log.info("a description of room %s was refused: %s", self._participant.room_id, message[:200])

    def connected(self) -> None:
        """Nothing to do: others have known of the participant since it joined."""

    def track_started(self, track: int, cid: str, mid: str, mime: str) -> None:
        announced = self._publications.start(cid, mid, mime, self._desk.clock.now())
        if announced is None or announced.track is None:
            return
        started = announced.track
        self._media.publish(track, started.id)
        self._desk.hub.details[started.id] = announced.info
        self._later(lambda: self._desk.tracks.add(started))

    def track_ended(self, track_id: UUID) -> None:
        announced = self._publications.end(track_id)
        if announced is not None and announced.track is not None:
            ended = announced.track
            self._later(lambda: self._desk.tracks.remove(ended))

    def data_received(self, reliable: bool, payload: bytes) -> None:
        members = self._desk.hub.members(self._participant.room_id).values()
        sent = readdress(payload, reliable, self._participant, members)
        if sent is not None and sent[1]:
            self._media.send_data(sent[1], reliable, sent[0])

    # The client's side.

    async def run(self) -> None:
        """Serve the client until it leaves, is put out, or its socket breaks."""
        hub, one = self._desk.hub, self._participant
        async with self._outbox:
            hub.add(one.room_id, self)
            worker = asyncio.create_task(self._do_work(), name="socket-worker")
            try:
                self._greet()
                await self._read()
            finally:
                worker.cancel()
                hub.remove(one.room_id, self)
                if self._out is None:
                    self._desk.farewells.expect(one.id)

    def _greet(self) -> None:
        hub, one = self._desk.hub, self._participant
        members = hub.members(one.room_id)
        own = members.get(one.id)
        if own is None:
            self.put_out(LeaveReason.REMOVED)
            return
        others = [member for member in members.values() if member.participant.id != one.id]
        self._send(
            join=rtc.JoinResponse(
                room=views.room_info(self._joined.room, len(members), self._joined.room.capacity),
                participant=hub.info(own),
                other_participants=[hub.info(member) for member in others],
                server_version=views.SERVER_VERSION,
                server_info=views.server_info(one),
                subscriber_primary=True,
                ping_interval=PING_EVERY,
                ping_timeout=PING_TIMEOUT,
                enabled_publish_codecs=views.enabled_codecs(),
                fast_publish=True,
            )
        )
        self._subscriptions.start(others)

    async def _read(self) -> None:
        while self._out is None:
            try:
                frame = await self._websocket.receive()
            except (WebSocketDisconnect, RuntimeError):
                return
            if frame["type"] == "websocket.disconnect":
                return
            request = self._decoded(frame.get("bytes"))
            if request is None:
                if self._garbage > GARBAGE_AT_MOST:
                    return
                continue
            name = request.WhichOneof("message")
            handler = _HANDLERS.get(name or "")
            if handler is not None:
                handler(self, getattr(request, name))

    def _decoded(self, frame: bytes | None) -> rtc.SignalRequest | None:
        request = rtc.SignalRequest()
        try:
            if frame is None:
                raise DecodeError("text frame")
            request.ParseFromString(frame)
        except DecodeError:
            self._garbage += 1
            return None
        return request

    async def _do_work(self) -> None:
        while True:
            step = await self._work.get()
            try:
                await step()
            except DomainError as refusal:
                log.info("%s in room %s", type(refusal).__name__, self._participant.room_id)
            except Exception:
                log.exception("a client's request failed")

    def _send(self, **message: Any) -> None:
        self.send_encoded(rtc.SignalResponse(**message).SerializeToString())

    def _later(self, step: Callable[[], Any]) -> None:
        """Do something that waits for the store, in the order asked."""
        try:
            self._work.put_nowait(step)
        except asyncio.QueueFull:
            log.info("a client of room %s asks for too much at once", self._participant.room_id)
            self._outbox.close()

    # One function per message.

    def _on_offer(self, message: rtc.SessionDescription) -> None:
        if len(message.sdp) <= SDP_AT_MOST:
            self._media.offer(message.id, message.sdp)

    def _on_answer(self, message: rtc.SessionDescription) -> None:
        if len(message.sdp) <= SDP_AT_MOST:
            self._media.answer(message.id, message.sdp)

    def _on_add_track(self, message: rtc.AddTrackRequest) -> None:
        try:
            info = self._publications.announce(message, self._desk.ids.uuid())
        except PublishRefused as refusal:
            self._send(
                request_response=rtc.RequestResponse(reason=refusal.reason, message=str(refusal), add_track=message)
            )
            return
        self._send(track_published=rtc.TrackPublishedResponse(cid=message.cid, track=info))

    def _on_mute(self, message: rtc.MuteTrackRequest) -> None:
        track_id = uuid_of_sid(message.sid)
        announced = self._publications.find(track_id) if track_id else None
        if announced is None:
            return
        announced.info.muted = message.muted
        if announced.track is not None and announced.track.muted != message.muted:
            announced.track = self._desk.tracks.mute(announced.track, message.muted)

    def _on_subscription(self, message: rtc.UpdateSubscription) -> None:
        sids = [*message.track_sids, *(sid for tracks in message.participant_tracks for sid in tracks.track_sids)]
        self._subscriptions.ask(_ids(sids), message.subscribe)

    def _on_track_setting(self, message: rtc.UpdateTrackSettings) -> None:
        self._subscriptions.pause(_ids(message.track_sids), message.disabled)

    def _on_leave(self, message: rtc.LeaveRequest) -> None:
        self._out = LeaveReason.LEFT
        self._send(leave=views.leave_request(LeaveReason.LEFT))
        self._desk.farewells.leave(self._participant.id)

    def _on_update_metadata(self, message: rtc.UpdateParticipantMetadata) -> None:
        refusal = metadata.refusal(message)
        if refusal is not None:
            self._send(request_response=refusal)
            return

        async def change() -> None:
            await self._desk.participants.change(self._participant.id, **metadata.changes(message))
            self._send(request_response=rtc.RequestResponse(request_id=message.request_id, update_metadata=message))

        self._later(change)

    def _on_ping(self, message: int) -> None:
        self._send(pong=_now_ms())
        self._renew_ticket()

    def _on_ping_req(self, message: rtc.Ping) -> None:
        self._send(pong_resp=rtc.Pong(last_ping_timestamp=message.timestamp, timestamp=_now_ms()))
        self._renew_ticket()

    def _renew_ticket(self) -> None:
        if time.monotonic() - self._renewed > FRESH_TICKET_EVERY.total_seconds():
            self._renewed = time.monotonic()
            self._send(refresh_token=self._desk.signer.sign(self._ticket))


def _ids(sids: Sequence[str]) -> list[UUID]:
    found = (uuid_of_sid(sid) for sid in sids[:WORK_AT_MOST])
    return [one for one in found if one is not None]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


_HANDLERS: Mapping[str, Callable[[ClientSocket, Any], None]] = {
    "offer": ClientSocket._on_offer,
    "answer": ClientSocket._on_answer,
    "add_track": ClientSocket._on_add_track,
    "mute": ClientSocket._on_mute,
    "subscription": ClientSocket._on_subscription,
    "track_setting": ClientSocket._on_track_setting,
    "leave": ClientSocket._on_leave,
    "update_metadata": ClientSocket._on_update_metadata,
    "ping": ClientSocket._on_ping,
    "ping_req": ClientSocket._on_ping_req,
}
