"""Domain objects as the vendor shows them. Source: Rooms document, "Room Attributes" and its siblings."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from polyroom.dialects.common.times import in_microseconds, in_seconds
from polyroom.domain.account import Account
from polyroom.domain.admission import AccessCode, Admission
from polyroom.domain.features import effective_features
from polyroom.domain.ids import ulid_of
from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.video import Video, VideoState
from polyroom.services.rooms import RoomDetails
from polyroom.services.sessions import RoomStatus
from polyroom.services.videos import RoomVideos

Fields = dict[str, Any]
_NOBODY: Mapping[str, int] = MappingProxyType({})


def room_fields(details: RoomDetails, account: Account, public_url: str, ingest: Fields | None) -> Fields:
    """A room; `ingest` is where encoders send, for rooms that take one."""
    room = details.room
    return {
        "object": "Room",
        "id": room.streamwise_id,
        "uuid": str(room.id),
        "ulid": ulid_of(room.id),
        "customer_id": account.streamwise_customer_id,
        "account_id": account.streamwise_account_id,
        "subscription_id": details.subscription.streamwise_id,
        "room_name": room.title,
        "status": "active" if room.enabled else "inactive",
        "is_public": room.is_public,
        "room_type": room.kind.value,
        "slug": room.slug,
        "url": room_url(room, public_url),
        "room_features": effective_features(details.subscription.features, room.feature_overrides, room.capacity),
        "room_settings": room.settings,
        "room_metadata": room.metadata,
        "created_at": in_microseconds(room.created_at),
        "updated_at": in_microseconds(room.updated_at),
        **({"ingest": ingest} if ingest else {}),
    }


def token_fields(room: Room, admission: Admission, public_url: str) -> Fields:
    """A room token."""
    return {
        "object": "RoomToken",
        "id": admission.short_id,
        "token": admission.token,
        "role": admission.label,
        "url": f"{room_url(room, public_url)}?token={admission.token}",
        "expires_at": moment(admission.expires_at),
        "last_usage": moment(admission.last_usage),
    }


def code_fields(code: AccessCode) -> Fields:
    """An access code."""
    return {
        "object": "RoomAccessCode",
        "id": code.short_id,
        "code": code.code,
        "role": code.label,
        "expires_at": moment(code.expires_at),
        "last_usage": moment(code.last_usage),
    }


def video_fields(video: Video, room_id: str, received: int, progress: float = 0.0) -> Fields:
    """A video of a video room, from the first byte of its upload on; `progress` is how much of it is ready, 0 to 1."""
    ready = video.state is VideoState.READY
    return {
        "object": "RoomVideo",
        "id": video.short_id,
        "room_id": room_id,
        "file_name": video.name or None,
        "size": video.bytes,
        "received": received,
        "sha256": video.sha256 or None,
        "status": video.state.value,
        "progress": 100 if ready else min(99, int(progress * 100)),
        "reason": video.failure or None,
        "duration": video.milliseconds / 1000 if ready else None,
        "width": video.width if ready else None,
        "height": video.height if ready else None,
        "renditions": [dict(one) for one in video.made.get("renditions", ())],
        "views": video.views,
        "created_at": in_microseconds(video.created_at),
        "updated_at": in_microseconds(video.updated_at),
        "expires_at": moment(video.expires_at),
    }


def status_fields(
    status: RoomStatus, watching: Mapping[str, int] = _NOBODY, videos: RoomVideos | None = None
) -> Fields:
    """What goes on in a room. People of other dialects count by what they may do; `watching` are those at a player of
    its video, by label.
    """
    kind, total = status.room.kind, status.participants + sum(watching.values())
    moderators, viewers = status.by_class.get(RoleClass.MODERATOR, 0), status.by_class.get(RoleClass.VIEWER, 0)
    moderators, guests = moderators + watching.get("moderator", 0), viewers + watching.get("guest", 0)
    viewers += sum(watching.values())
    if kind is RoomKind.MEET:
        guests += status.by_label.get(("streamwise", "guest"), 0)
    return {
        "object": "RoomStatus",
        "room_id": status.room.streamwise_id,
        "room_type": kind.value,
        "status": "active" if total else "inactive",
        "participants": total,
        "moderators": moderators,
        "attendees": max(0, total - moderators - guests),
        "guests": guests,
        **_of_kind(kind, total, viewers),
        **(_of_video(status.room, videos) if videos is not None else {}),
        "started_at": moment(status.since) if status.participants else None,
    }


def _of_video(room: Room, videos: RoomVideos) -> Fields:
    """The latest video of a room, and how often the one that is shown was viewed."""
    shown, coming = videos.shown, videos.coming
    latest = None
    if coming is not None:
        latest = video_fields(coming.video, room.streamwise_id, coming.offset, coming.progress)
    elif shown is not None:
        latest = video_fields(shown, room.streamwise_id, shown.bytes)
    return {"views": shown.views if shown is not None else 0, "video": latest}


def _of_kind(kind: RoomKind, total: int, viewers: int) -> Fields:
    # Nothing is commented on and liked on the page: those counts are truly zero.
    match kind:
        case RoomKind.LIVE:
            return {"viewers": viewers, "broadcasters": total - viewers}
        case RoomKind.VIDEO:
            return {"viewers": viewers, "views": 0, "comments": 0, "likes": 0}
        case _:
            return {}


def room_url(room: Room, public_url: str) -> str:
    """Where people enter."""
    return f"{public_url.rstrip('/')}/rooms/{room.streamwise_id}/{room.slug}"


def moment(at: datetime | None) -> str | None:
    """Without a fraction, as the vendor writes expiry and usage."""
    return None if at is None else in_seconds(at)
