"""A client's own tracks: announced, started by the first packet, muted, taken back."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from livekit.protocol import models, rtc

from polyroom.domain.session import Participant, Track, TrackKind
from polyroom.signalling.livekit import views
from polyroom.signalling.livekit.sids import track_sid

TRACKS_AT_MOST = 32
NAME_AT_MOST = 256


class PublishRefused(Exception):
    """The client may not publish that. `reason` is LiveKit's code."""

    def __init__(self, reason: "rtc.RequestResponse.Reason", message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(slots=True)
class Announced:
    """A track the client said it will send; `track` is set once its first packet came.

    `told` says that the client muted it because this server said so.
    """

    track_id: UUID
    info: models.TrackInfo
    track: Track | None = None
    told: bool = False

    def hold(self, track: Track, resumes: bool = True) -> bool | None:
        """Take in that it is held back, or no longer; what the client is to be told, None for nothing.

        What the client muted because it was told to goes on where it `resumes`.
        """
        if self.track is not None:
            self.track = replace(self.track, held=track.held)
        if track.held and not self.info.muted:
            self.told = True
            return True
        if not track.held and self.told:
            self.told = False
            return False if resumes else None
        return None

    def let_pass(self, muted: bool, owner_held: bool) -> Track | None:
        """The track, where a moderator muted it once and this word of the client unmutes it."""
        if muted or owner_held or self.track is None or not self.track.held:
            return None
        self.told = False
        self.track = replace(self.track, held=False)
        return self.track

    def mute(self, muted: bool) -> bool | None:
        """Take in the client's own word on it; what it is to be told against that, None for nothing."""
        self.info.muted = muted
        return self.hold(self.track) if self.track is not None and self.track.held else None


class Publications:
    """What one client announced, by its own track id (cid) and by ours."""

    def __init__(self, participant: Participant) -> None:
        self.participant = participant
        self._by_cid: dict[str, Announced] = {}
        self._by_id: dict[UUID, Announced] = {}

    def announce(self, request: rtc.AddTrackRequest, track_id: UUID) -> models.TrackInfo:
        """Take an announcement in; raises PublishRefused. Saying it twice gives the first answer again."""
        known = self._by_cid.get(request.cid)
        if known is not None and known.track is None:
            return known.info
        if len(self._by_id) >= TRACKS_AT_MOST:
            raise PublishRefused(rtc.RequestResponse.LIMIT_EXCEEDED, f"at most {TRACKS_AT_MOST} tracks")
        if not request.cid or len(request.cid) > NAME_AT_MOST or len(request.name) > NAME_AT_MOST:
            raise PublishRefused(rtc.RequestResponse.INVALID_REQUEST, "cid or name missing or too long")
        kind = _kind(request.type)
        if kind is None:
            raise PublishRefused(rtc.RequestResponse.UNSUPPORTED_TYPE, "neither audio nor video")
        source = views.SOURCE_NAMES.get(request.source, "unknown")
        if not self.participant.may_publish(source, kind):
            raise PublishRefused(rtc.RequestResponse.NOT_ALLOWED, f"this role may not publish {source}")
        announced = Announced(track_id, _info(request, track_id))
        self._by_cid[request.cid] = announced
        self._by_id[track_id] = announced
        return announced.info

    def start(self, kind: TrackKind, cid: str, mid: str, mime: str, at: datetime) -> Announced | None:
        """The first packet came: the announced track as a fact, or None when nobody announced it or it is not allowed.

        A client that publishes the same track again may send another id than it announced; then it is the first
        one of that kind still awaited.
        """
        announced = self._by_cid.get(cid) or self._awaited(kind)
        if announced is None or announced.track is not None or _kind(announced.info.type) is not kind:
            return None
        info = announced.info
        source = views.SOURCE_NAMES.get(info.source, "unknown")
        if not self.participant.may_publish(source, kind):
            return None
        info.mid = mid
        info.mime_type = mime
        del info.codecs[:]
        info.codecs.add(mime_type=mime, mid=mid, cid=cid)
        one = self.participant
        announced.track = Track(
            id=announced.track_id,
            account_id=one.account_id,
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            kind=kind,
            source=source,
            name=info.name,
            mime=mime,
            muted=info.muted,
            started_at=at,
        )
        return announced

    def _awaited(self, kind: TrackKind) -> Announced | None:
        waiting = (one for one in self._by_id.values() if one.track is None)
        return next((one for one in waiting if _kind(one.info.type) is kind), None)

    def find(self, track_id: UUID) -> Announced | None:
        """An announced or started track by our id."""
        return self._by_id.get(track_id)

    def end(self, track_id: UUID) -> Announced | None:
        """Forget a track."""
        announced = self._by_id.pop(track_id, None)
        if announced is not None:
            self._by_cid = {cid: one for cid, one in self._by_cid.items() if one is not announced}
        return announced


def _kind(number: int) -> TrackKind | None:
    if number == models.TrackType.AUDIO:
        return TrackKind.AUDIO
    return TrackKind.VIDEO if number == models.TrackType.VIDEO else None


def _info(request: rtc.AddTrackRequest, track_id: UUID) -> models.TrackInfo:
    return models.TrackInfo(
        sid=track_sid(track_id),
        type=request.type,
        name=request.name,
        muted=request.muted,
        source=request.source,
        width=min(request.width, 16_384),
        height=min(request.height, 16_384),
        disable_dtx=request.disable_dtx,
        stereo=request.stereo,
        disable_red=True,
        encryption=request.encryption,
        stream=request.stream[:NAME_AT_MOST],
        audio_features=request.audio_features,
    )
