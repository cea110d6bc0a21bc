"""Domain objects as the vendor shows them. Source: Room API document, "Room fields", "Room Member Object", "Room Stream
Object".
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from polyroom.dialects.common.times import in_microseconds
from polyroom.dialects.phenix.attributes import capabilities_of
from polyroom.dialects.phenix.ids import Of, region_of, shown_id
from polyroom.domain.account import Account, Dialect
from polyroom.domain.roles import RoleClass
from polyroom.domain.room import Namespace
from polyroom.domain.session import Participant, Track, TrackKind
from polyroom.services.room_names import generated_alias
from polyroom.services.rooms import RoomDetails
from polyroom.services.sessions import Attendant, LiveRoom

Fields = dict[str, Any]

_ROLES = frozenset({"Participant", "Moderator", "Presenter", "Audience"})
ROLE_OF_CLASS = {
    RoleClass.MODERATOR: "Moderator",
    RoleClass.PARTICIPANT: "Participant",
    RoleClass.VIEWER: "Audience",
}
"""What people of other dialects are shown as."""
_PRESENTED = frozenset({"screen_share", "screen_share_audio"})


def room_fields(details: RoomDetails, account: Account, stream_key: Callable[[UUID], str], size: int | None) -> Fields:
    """A room; lists give no size."""
    room = details.room
    fields: Fields = {
        "roomId": room.phenix_id,
        "alias": details.names.get(Namespace.PHENIX_ALIAS) or generated_alias(room),
        "applicationId": account.phenix_application_id,
        "name": room.title,
        "description": room.description,
        "type": room.phenix_type.value,
        "streamKey": stream_key(room.id),
        "created": _nanoseconds(room.created_at),
        "lastUpdate": _nanoseconds(room.updated_at),
        "estimatedSize": size,
        "options": list(room.phenix.get("options", ())),
    }
    if "ingestOptions" in room.phenix:
        fields["ingestOptions"] = room.phenix["ingestOptions"]
    return fields


def member_fields(live: LiveRoom, attendant: Attendant) -> Fields:
    """Somebody in a room."""
    one, region = attendant.participant, region_of(live.room.phenix_id)
    changed = max([one.changed_at, *(track.started_at for track in attendant.tracks)])
    return {
        "sessionId": shown_id(region, one.origin, Of.SESSION),
        "screenName": one.name,
        "role": _role(one),
        "streams": [_stream(region, one, of, tracks) for of, tracks in streams_of(attendant).items()],
        "state": "Passive",
        "lastUpdate": in_milliseconds(changed),
    }


def streams_of(attendant: Attendant) -> dict[Of, list[Track]]:
    """What somebody publishes: camera and microphone are one stream, a shared screen with its sound another."""
    found: dict[Of, list[Track]] = {}
    for track in attendant.tracks:
        found.setdefault(stream_of(track), []).append(track)
    return found


def stream_of(track: Track) -> Of:
    """Which of its member's streams a track belongs to."""
    return Of.PRESENTATION_STREAM if track.source in _PRESENTED else Of.USER_STREAM


def _stream(region: str, one: Participant, of: Of, tracks: list[Track]) -> Fields:
    audio = [track for track in tracks if track.kind is TrackKind.AUDIO]
    video = [track for track in tracks if track.kind is TrackKind.VIDEO]
    kind = "User" if video else "Audio"
    capabilities = capabilities_of(one.attributes) or ["real-time"]
    if not (audio and video):
        capabilities.append("video-only" if video else "audio-only")
    listed = quote(",".join(dict.fromkeys(capabilities)), safe="")
    return {
        "type": "Presentation" if of is Of.PRESENTATION_STREAM else kind,
        "uri": f"pcast://phenixrts.com/{shown_id(region, one.id, of)}?capabilities={listed}",
        "audioState": _state(audio),
        "videoState": _state(video),
    }


def _state(tracks: Iterable[Track]) -> str:
    muted = [track.silent for track in tracks]
    if not muted:
        return "TrackEnded"
    return "TrackDisabled" if all(muted) else "TrackEnabled"


def _role(one: Participant) -> str:
    own = one.dialect is Dialect.PHENIX and one.label in _ROLES
    return one.label if own else ROLE_OF_CLASS[one.role_class]


def _nanoseconds(at: datetime) -> str:
    return in_microseconds(at).removesuffix("Z") + "000Z"


def in_milliseconds(at: datetime) -> int:
    """Since 1970, as members and messages have it."""
    return int(at.timestamp() * 1000)
