"""One client's WebSocket: frames in and out, bounded both ways, one function per message."""

import asyncio
import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from google.protobuf.message import DecodeError
from livekit.protocol import rtc
from starlette.websockets import WebSocket, WebSocketDisconnect

from polyroom.domain.errors import DomainError
from polyroom.domain.session import LeaveReason, Participant, Track, TrackKind
from polyroom.services.participants import Joined, ParticipantService
from polyroom.services.ports.admission import Ticket, TicketReader, TicketSigner
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.webrtc import MediaConnections
from polyroom.services.tracks import TrackService
from polyroom.signalling.livekit import views
from polyroom.signalling.livekit.chat import Chat
from polyroom.signalling.livekit.chat_reading import ChatReader
from polyroom.signalling.livekit.data import is_reserved, read_packet, receivers_of, stamped
from polyroom.signalling.livekit.farewells import Farewells
from polyroom.signalling.livekit.hub import Hub
from polyroom.signalling.livekit.outbox import Outbox
from polyroom.signalling.livekit.permissions import Allows, everyone
from polyroom.signalling.livekit.publishing import Publications
from polyroom.signalling.livekit.requests import HANDLERS
from polyroom.signalling.livekit.sids import track_sid
from polyroom.signalling.livekit.subscribing import Subscriptions

log = logging.getLogger(__name__)

PING_EVERY = 5
PING_TIMEOUT = 15
WORK_AT_MOST = 256
GARBAGE_AT_MOST = 10


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
    reader: TicketReader
    chat: Chat


class ClientSocket:
    """A participant's connection from accepted upgrade to last frame."""

    def __init__(
        self, desk: Desk, websocket: WebSocket, joined: Joined, ticket: Ticket, *, auto_subscribe: bool
    ) -> None:
        self.desk = desk
        self._websocket = websocket
        self._joined = joined
        self.ticket = ticket
        self.participant = joined.participant
        self.outbox = Outbox(websocket)
        self._work: asyncio.Queue[Callable[[], Any]] = asyncio.Queue(WORK_AT_MOST)
        self._garbage = 0
        self.allows: Allows = everyone
        self.out: LeaveReason | None = None
        self.renewed = -math.inf
        self.publications = Publications(joined.participant)
        self._chat = ChatReader(lambda: desk.clock.now().timestamp())
        self.media = desk.media.connect(joined.participant.id, self)
        self.subscriptions = Subscriptions(self.media, automatic=auto_subscribe)

    @property
    def participant_id(self) -> UUID:
        """Whose connection this is."""
        return self.participant.id

    @property
    def room_name(self) -> str:
        """What this client calls the room."""
        return self._joined.room_name

    # The hub's side.

    def send_encoded(self, message: bytes) -> None:
        """Queue a frame."""
        self.outbox.send(message)

    def offer_track(self, track: Track) -> None:
        if self.desk.hub.allowed(self.participant, track):
            self.subscriptions.added(track)

    def withhold_track(self, track: Track) -> None:
        self.subscriptions.withheld(track)

    def changed(self, participant: Participant) -> None:
        """What holds of the participant from now on, its rights included."""
        self.participant = participant
        self.publications.participant = participant

    def take_back(self, track: Track) -> None:
        """The server ended a track of this client's own: it is told, unless it ended it itself."""
        if self.publications.end(track.id) is not None:
            self.send(track_unpublished=rtc.TrackUnpublishedResponse(track_sid=track_sid(track.id)))

    def hold_track(self, track: Track, resumes: bool) -> None:
        """The client mutes what it is told is muted, and unmutes what was not its own doing."""
        announced = self.publications.find(track.id)
        muted = announced.hold(track, resumes) if announced is not None else None
        if muted is not None:
            self.send(mute=rtc.MuteTrackRequest(sid=track_sid(track.id), muted=muted))

    def forget_track(self, track: Track) -> None:
        self.subscriptions.removed(track)

    def forget_participant(self, participant_id: UUID) -> None:
        self.subscriptions.left(participant_id)

    def put_out(self, reason: LeaveReason, by: str = "") -> None:
        """The participation has ended: say why and close."""
        if self.out is None:
            self.out = reason
            self.send_encoded(views.update([views.last_word(self.participant, reason, by)]))
            self.send(leave=views.leave_request(reason))
            self.outbox.close()

    # The media engine's side.

    def answered(self, offer_id: int, sdp: str) -> None:
        self.send(answer=rtc.SessionDescription(type="answer", sdp=sdp, id=offer_id))

    def offered(self, offer_id: int, sdp: str, tracks: Sequence[tuple[str, str]]) -> None:
        self.send(offer=rtc.SessionDescription(type="offer", sdp=sdp, id=offer_id, mid_to_track_id=dict(tracks)))

    def rejected(self, offer_id: int, message: str) -> None:
        log.info("a description of room %s was refused: %s", self.participant.room_id, message[:200])

    def track_started(self, track: int, kind: TrackKind, cid: str, mid: str, mime: str) -> None:
        announced = self.publications.start(kind, cid, mid, mime, self.desk.clock.now())
        if announced is None or announced.track is None:
            return
        started = announced.track
        self.media.publish(track, started.id)
        self.desk.hub.describe(started, announced.info)
        self.later(lambda: self.desk.tracks.add(started))

    def track_ended(self, track_id: UUID) -> None:
        announced = self.publications.end(track_id)
        if announced is not None and announced.track is not None:
            ended = announced.track
            self.later(lambda: self.desk.tracks.remove(ended))

    def data_received(self, reliable: bool, payload: bytes) -> None:
        if not self.participant.may_send_data:
            return
        packet = read_packet(payload)
        if packet is None:
            return
        if is_reserved(packet):
            return
        is_chat, draft = self._chat.read(packet) if reliable else (False, None)
        if draft is not None:
            self.later(partial(self.desk.chat.say, self.participant, draft))
        if is_chat:
            return
        receivers = receivers_of(packet, self.participant, self.desk.hub.members(self.participant.room_id).values())
        if receivers:
            self.media.send_data(receivers, reliable, stamped(packet, reliable, self.participant))

    # The client's side.

    async def run(self) -> None:
        """Serve the client until it leaves, is put out, or its socket breaks."""
        hub, one = self.desk.hub, self.participant
        async with self.outbox:
            hub.add(one.room_id, self)
            worker = asyncio.create_task(self._do_work(), name="socket-worker")
            try:
                self._greet()
                await self._read()
            finally:
                worker.cancel()
                hub.remove(one.room_id, self)
                if self.out is None:
                    self.desk.farewells.expect(one.id)

    def _greet(self) -> None:
        hub, one = self.desk.hub, self.participant
        own = hub.members(one.room_id).get(one.id)
        if own is None:
            self.put_out(LeaveReason.REMOVED)
            return
        seen = hub.visible(one.room_id)
        others = [member for member in seen if member.participant.id != one.id]
        self.send(
            join=rtc.JoinResponse(
                room=hub.room(self._joined.room, self.room_name),
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
        tracks = [track for member in others for track in member.tracks.values()]
        self.subscriptions.start(track for track in tracks if hub.allowed(one, track))

    async def _read(self) -> None:
        while self.out is None:
            try:
                frame = await self._websocket.receive()
            except (WebSocketDisconnect, RuntimeError):
                return
            if frame["type"] == "websocket.disconnect" or self.out is not None:
                return
            request = self._decoded(frame.get("bytes"))
            if request is None:
                if self._garbage > GARBAGE_AT_MOST:
                    return
                continue
            name = request.WhichOneof("message")
            handler = HANDLERS.get(name or "")
            if handler is not None:
                handler(self, getattr(request, name or ""))

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
                log.info("%s in room %s", type(refusal).__name__, self.participant.room_id)
            except Exception:
                log.exception("a client's request failed")

    def send(self, **message: Any) -> None:
        self.send_encoded(rtc.SignalResponse(**message).SerializeToString())

    def later(self, step: Callable[[], Any]) -> None:
        """Do something that waits for the store, in the order asked."""
        try:
            self._work.put_nowait(step)
        except asyncio.QueueFull:
            log.info("a client of room %s asks for too much at once", self.participant.room_id)
            self.outbox.close()
