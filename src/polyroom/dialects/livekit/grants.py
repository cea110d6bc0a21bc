"""What an access token's claims are worth in one room."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused
from polyroom.domain.roles import Right, Source
from polyroom.domain.session import ParticipantKind
from polyroom.wire.livekit_tokens import AccessToken, VideoGrant

EARLY_AT_MOST = timedelta(minutes=1)
"""How far ahead of this server's clock the one of the token's maker may be."""

# A shared screen's sound comes with its picture; alone it is nothing the other doors could say.
_SOURCES = {"microphone": Source.AUDIO, "camera": Source.VIDEO, "screen_share": Source.SCREEN}


def check_usable(token: AccessToken, now: datetime) -> None:
    """Raise AdmissionExpired, or AdmissionRefused for what nobody can come in with anywhere."""
    if now.timestamp() >= token.expires_at:
        raise AdmissionExpired("invalid token: it has expired")
    if token.not_before is not None and (now + EARLY_AT_MOST).timestamp() < token.not_before:
        raise AdmissionRefused("invalid token: it is not valid yet")
    if not token.video.room_join or not token.video.room:
        raise AdmissionRefused("permissions denied: the token lets nobody join a room")
    if not token.identity:
        raise AdmissionRefused("invalid token: it names no identity")


def grant_of(token: AccessToken, room_id: UUID) -> Grant:
    """The grant behind a usable token. Its identity is the application's own id of the person."""
    video = token.video
    sources = _sources(video)
    return Grant(
        dialect=Dialect.LIVEKIT,
        label=_label(video, sources),
        room_id=room_id,
        key=token.api_key,
        expires_at=datetime.fromtimestamp(token.expires_at, UTC),
        identity=token.identity,
        name=token.name or None,
        user_id=token.identity,
        metadata=token.metadata,
        attributes=token.attributes,
        sources=sources,
        rights=_rights(video),
        hidden=video.hidden,
        kind=_kind(token),
    )


def _kind(token: AccessToken) -> ParticipantKind:
    """What the token says it is; older ones say it among their grants."""
    if token.kind in {kind.value for kind in ParticipantKind}:
        return ParticipantKind(token.kind)
    if token.video.agent:
        return ParticipantKind.AGENT
    return ParticipantKind.EGRESS if token.video.recorder else ParticipantKind.STANDARD


def _label(video: VideoGrant, sources: frozenset[Source] | None) -> str:
    if video.room_admin:
        return "admin"
    return "viewer" if sources == frozenset() else "participant"


def _sources(video: VideoGrant) -> frozenset[Source] | None:
    if not video.can_publish:
        return frozenset()
    if video.can_publish_sources is None:
        return None
    return frozenset(_SOURCES[name] for name in video.can_publish_sources if name in _SOURCES)


def _rights(video: VideoGrant) -> frozenset[Right]:
    granted = {
        Right.SUBSCRIBE: video.can_subscribe,
        Right.SEND_DATA: video.can_publish_data,
        Right.CHANGE_SELF: video.can_update_own_metadata,
    }
    return frozenset(right for right, given in granted.items() if given)
