"""Our participants, tracks and rooms as LiveKit's protobufs."""

import itertools
from collections.abc import Iterable, Mapping
from uuid import UUID

from livekit.protocol import models, rtc

from polyroom.domain.ids import ulid_of
from polyroom.domain.roles import Right, Source
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason, Participant, ParticipantKind, Track, TrackKind
from polyroom.services.presence import Member
from polyroom.signalling.livekit.sids import participant_sid, room_sid, track_sid

# SDKs switch features by this; it is the release whose behaviour this server follows.
SERVER_VERSION = "1.13.5"
PROTOCOL_VERSION = 17

TRACK_SOURCES = {
    "camera": models.TrackSource.CAMERA,
    "microphone": models.TrackSource.MICROPHONE,
    "screen_share": models.TrackSource.SCREEN_SHARE,
    "screen_share_audio": models.TrackSource.SCREEN_SHARE_AUDIO,
    "unknown": models.TrackSource.UNKNOWN,
}
SOURCE_NAMES = {number: name for name, number in TRACK_SOURCES.items()}

_SOURCES_OF_RIGHT = {
    Source.AUDIO: ("microphone",),
    Source.VIDEO: ("camera",),
    Source.SCREEN: ("screen_share", "screen_share_audio"),
}

_DISCONNECT_REASONS = {
    LeaveReason.LEFT: models.DisconnectReason.CLIENT_INITIATED,
    LeaveReason.VANISHED: models.DisconnectReason.CONNECTION_TIMEOUT,
    LeaveReason.REPLACED: models.DisconnectReason.DUPLICATE_IDENTITY,
    LeaveReason.REMOVED: models.DisconnectReason.PARTICIPANT_REMOVED,
    LeaveReason.KEPT_OUT: models.DisconnectReason.PARTICIPANT_REMOVED,
    LeaveReason.ADMISSION_REVOKED: models.DisconnectReason.PARTICIPANT_REMOVED,
    LeaveReason.SESSION_ENDED: models.DisconnectReason.ROOM_CLOSED,
    LeaveReason.ROOM_DELETED: models.DisconnectReason.ROOM_DELETED,
    LeaveReason.ROOM_DISABLED: models.DisconnectReason.ROOM_CLOSED,
    LeaveReason.MAX_DURATION: models.DisconnectReason.ROOM_CLOSED,
    LeaveReason.SERVER_STOPPED: models.DisconnectReason.SERVER_SHUTDOWN,
    LeaveReason.SERVER_CRASHED: models.DisconnectReason.SERVER_SHUTDOWN,
    LeaveReason.MEDIA_REFUSED: models.DisconnectReason.MEDIA_FAILURE,
}

_KINDS = {
    ParticipantKind.STANDARD: models.ParticipantInfo.STANDARD,
    ParticipantKind.INGRESS: models.ParticipantInfo.INGRESS,
    ParticipantKind.EGRESS: models.ParticipantInfo.EGRESS,
    ParticipantKind.SIP: models.ParticipantInfo.SIP,
    ParticipantKind.AGENT: models.ParticipantInfo.AGENT,
}

_COME_BACK = {LeaveReason.VANISHED, LeaveReason.SERVER_STOPPED}

_versions = itertools.count(1)


def permission(participant: Participant) -> models.ParticipantPermission:
    """What the client may do, so that it does not try the rest. Sources are listed where not all are allowed."""
    may = participant.publish
    names = [name for right in Source if right in may for name in _SOURCES_OF_RIGHT[right]]
    return models.ParticipantPermission(
        can_subscribe=Right.SUBSCRIBE in participant.rights,
        can_publish=bool(may),
        can_publish_data=participant.may_send_data,
        can_publish_sources=[] if may == frozenset(Source) else [TRACK_SOURCES[name] for name in names],
        can_update_metadata=Right.CHANGE_SELF in participant.rights,
        hidden=participant.hidden,
        recorder=participant.kind is ParticipantKind.EGRESS,
        agent=participant.kind is ParticipantKind.AGENT,
    )


def track_info(track: Track, detail: models.TrackInfo | None) -> models.TrackInfo:
    """A track as others see it; `detail` is what its publisher said beyond our record."""
    info = models.TrackInfo()
    if detail is not None:
        info.CopyFrom(detail)
    info.sid = track_sid(track.id)
    info.type = models.TrackType.AUDIO if track.kind is TrackKind.AUDIO else models.TrackType.VIDEO
    info.name = track.name
    info.source = TRACK_SOURCES.get(track.source, models.TrackSource.UNKNOWN)
    info.muted = track.silent
    info.mime_type = track.mime
    return info


def participant_info(
    member: Member,
    details: Mapping[UUID, models.TrackInfo],
    state: models.ParticipantInfo.State = models.ParticipantInfo.ACTIVE,
) -> models.ParticipantInfo:
    """A participant with its live tracks; each call has a higher version than the one before."""
    one = member.participant
    return models.ParticipantInfo(
        sid=participant_sid(one.id),
        identity=one.identity,
        name=one.name,
        state=state,
        metadata=one.metadata,
        attributes=dict(one.attributes),
        joined_at=int(one.joined_at.timestamp()),
        joined_at_ms=int(one.joined_at.timestamp() * 1000),
        version=next(_versions),
        permission=permission(one),
        kind=_KINDS[one.kind],
        is_publisher=bool(member.tracks),
        tracks=[track_info(track, details.get(track.id)) for track in member.tracks.values()],
    )


def gone_info(participant: Participant, reason: LeaveReason) -> models.ParticipantInfo:
    """A participant who left."""
    info = participant_info(Member(participant), {}, models.ParticipantInfo.DISCONNECTED)
    info.disconnect_reason = _DISCONNECT_REASONS[reason]
    return info


def room_info(room: Room, name: str, members: Iterable[Member], *, recorded: bool) -> models.Room:
    """The room under the name its client knows; `members` are those who can be seen."""
    seen = list(members)
    return models.Room(
        sid=room_sid(room.id),
        name=name,
        max_participants=room.capacity or 0,
        creation_time=int(room.created_at.timestamp()),
        creation_time_ms=int(room.created_at.timestamp() * 1000),
        num_participants=len(seen),
        num_publishers=sum(bool(member.tracks) for member in seen),
        enabled_codecs=enabled_codecs(),
        active_recording=recorded,
    )


def server_info(participant: Participant) -> models.ServerInfo:
    """What clients are told of this server."""
    return models.ServerInfo(
        edition=models.ServerInfo.Standard,
        version=SERVER_VERSION,
        protocol=PROTOCOL_VERSION,
        node_id=f"ND_{ulid_of(participant.server_id)}",
    )


def start_over() -> bytes:
    """The answer to a resumption this server cannot grant: the client joins anew by itself."""
    leave = rtc.LeaveRequest(
        can_reconnect=True, reason=models.DisconnectReason.STATE_MISMATCH, action=rtc.LeaveRequest.RECONNECT
    )
    return rtc.SignalResponse(leave=leave).SerializeToString()


def enabled_codecs() -> list[models.Codec]:
    """What may be published."""
    mimes = ("audio/opus", "video/VP8", "video/H264", "video/VP9", "video/AV1", "video/rtx")
    return [models.Codec(mime=mime) for mime in mimes]


def last_word(participant: Participant, reason: LeaveReason, by: str) -> models.ParticipantInfo:
    """What a client is shown of itself as it is put out: exactly why, and by whom, since LiveKit's reasons are few."""
    info = participant_info(Member(participant), {})
    info.attributes["polyroom.left"] = reason.value
    if by:
        info.attributes["polyroom.left_by"] = by
    return info


def leave_request(reason: LeaveReason) -> rtc.LeaveRequest:
    """Tell a client it is out, and whether coming back makes sense."""
    back = reason in _COME_BACK
    return rtc.LeaveRequest(
        can_reconnect=back,
        reason=_DISCONNECT_REASONS[reason],
        action=rtc.LeaveRequest.RECONNECT if back else rtc.LeaveRequest.DISCONNECT,
    )


def update(infos: Iterable[models.ParticipantInfo]) -> bytes:
    """A participant update, encoded once for everyone who gets it."""
    return rtc.SignalResponse(update=rtc.ParticipantUpdate(participants=infos)).SerializeToString()
