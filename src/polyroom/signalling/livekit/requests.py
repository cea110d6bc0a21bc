"""What a client asks for: one function per message, in one table. Unknown messages are ignored."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from livekit.protocol import rtc

from polyroom.domain.session import LeaveReason
from polyroom.signalling.livekit import metadata, views
from polyroom.signalling.livekit.permissions import rule
from polyroom.signalling.livekit.publishing import PublishRefused
from polyroom.signalling.livekit.sids import uuid_of_sid

if TYPE_CHECKING:
    from polyroom.signalling.livekit.socket import ClientSocket as Client

FRESH_TICKET_EVERY = timedelta(minutes=5)
SDP_AT_MOST = 128 * 1024
SIDS_AT_MOST = 256


def _on_offer(socket: "Client", message: rtc.SessionDescription) -> None:
    if len(message.sdp) <= SDP_AT_MOST:
        socket.media.offer(message.id, message.sdp)


def _on_answer(socket: "Client", message: rtc.SessionDescription) -> None:
    if len(message.sdp) <= SDP_AT_MOST:
        socket.media.answer(message.id, message.sdp)


def _on_add_track(socket: "Client", message: rtc.AddTrackRequest) -> None:
    try:
        info = socket.publications.announce(message, socket.desk.ids.uuid())
    except PublishRefused as refusal:
        socket.send(
            request_response=rtc.RequestResponse(reason=refusal.reason, message=str(refusal), add_track=message)
        )
        return
    socket.send(track_published=rtc.TrackPublishedResponse(cid=message.cid, track=info))


def _on_mute(socket: "Client", message: rtc.MuteTrackRequest) -> None:
    track_id = uuid_of_sid(message.sid)
    announced = socket.publications.find(track_id) if track_id else None
    if announced is None:
        return
    passing = announced.let_pass(message.muted, socket.participant.held)
    if passing is not None:
        socket.later(partial(socket.desk.tracks.let_pass, passing))
    against = announced.mute(message.muted)
    if against is not None:
        socket.send(mute=rtc.MuteTrackRequest(sid=message.sid, muted=against))
    if announced.track is not None and announced.track.muted != message.muted:
        announced.track = socket.desk.tracks.mute(announced.track, message.muted)


def _on_subscription(socket: "Client", message: rtc.UpdateSubscription) -> None:
    sids = [*message.track_sids, *(sid for tracks in message.participant_tracks for sid in tracks.track_sids)]
    socket.subscriptions.ask(_ids(sids), message.subscribe)


def _on_track_setting(socket: "Client", message: rtc.UpdateTrackSettings) -> None:
    socket.subscriptions.pause(_ids(message.track_sids), message.disabled)


def _on_subscription_permission(socket: "Client", message: rtc.SubscriptionPermission) -> None:
    socket.allows = rule(message)
    socket.desk.hub.permissions_changed(socket)


def _on_leave(socket: "Client", message: rtc.LeaveRequest) -> None:
    socket.out = LeaveReason.LEFT
    socket.send(leave=views.leave_request(LeaveReason.LEFT))
    socket.desk.farewells.leave(socket.participant.id)


def _on_update_metadata(socket: "Client", message: rtc.UpdateParticipantMetadata) -> None:
    refusal = metadata.refusal(message, socket.participant)
    if refusal is not None:
        socket.send(request_response=refusal)
        return

    async def change() -> None:
        await socket.desk.participants.change(socket.participant.id, **metadata.changes(message))
        socket.send(request_response=rtc.RequestResponse(request_id=message.request_id, update_metadata=message))

    socket.later(change)


def _on_ping(socket: "Client", message: int) -> None:
    socket.send(pong=_now_ms())
    _renew_ticket(socket)


def _on_ping_req(socket: "Client", message: rtc.Ping) -> None:
    socket.send(pong_resp=rtc.Pong(last_ping_timestamp=message.timestamp, timestamp=_now_ms()))
    _renew_ticket(socket)


def _renew_ticket(socket: "Client") -> None:
    if time.monotonic() - socket.renewed > FRESH_TICKET_EVERY.total_seconds():
        socket.renewed = time.monotonic()
        back = socket.desk.participants.way_back(socket.ticket, socket.participant.id)
        socket.send(refresh_token=socket.desk.signer.sign(back))


def _ids(sids: Sequence[str]) -> list[UUID]:
    found = (uuid_of_sid(sid) for sid in sids[:SIDS_AT_MOST])
    return [one for one in found if one is not None]


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


HANDLERS: Mapping[str, Callable[["Client", Any], None]] = {
    "offer": _on_offer,
    "answer": _on_answer,
    "add_track": _on_add_track,
    "mute": _on_mute,
    "subscription": _on_subscription,
    "track_setting": _on_track_setting,
    "subscription_permission": _on_subscription_permission,
    "leave": _on_leave,
    "update_metadata": _on_update_metadata,
    "ping": _on_ping,
    "ping_req": _on_ping_req,
}
