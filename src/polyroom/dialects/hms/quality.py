"""`/analytics/peer-quality` of the document, `/analytics/peer-stats` of the vendor's "Peer Quality Stats"."""

from collections.abc import Iterable, Sequence

from fastapi import Request, Response
from starlette.responses import JSONResponse

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.common.routing import resource
from polyroom.dialects.hms.answers import answers, filters
from polyroom.dialects.hms.desk import desk_of
from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.quality_answers import PeerQuality, SessionQuality
from polyroom.dialects.hms.query import Asked
from polyroom.dialects.hms.views import Fields, screen_or_regular
from polyroom.domain.errors import NotFound
from polyroom.domain.quality import Sample, Series, thinned
from polyroom.domain.session import TrackKind
from polyroom.services.quality import PersonQuality
from polyroom.services.quality import SessionQuality as Found

router = resource("Analytics")

POINTS, POINTS_OF_MANY = 1440, 60
"""Points in a series at most: of one peer, and of each of a session's peers."""
# 20 ms of Opus, which every packet of these clients has, at its 48 kHz.
_SAMPLES_PER_LOST_PACKET = 960

_PEER = parameter("peer_id", "string", "Somebody who is or was in a session.", "1169b4b7-68c2-4d39-8568-5618433958ac")
_SESSION = parameter("session_id", "string", "The session.", "6977b3f3cdd1e423f8b2c1aa")


@router.get(
    "/analytics/peer-quality",
    operation_id="getPeerQualityStats",
    summary="Get peer quality stats",
    response_class=Response,
    responses=answers(PeerQuality | SessionQuality, "One peer's quality, or everyone's in a session", 400, 404),
    openapi_extra=filters(_SESSION, _PEER),
)
async def get_peer_quality(request: Request) -> Response:
    """What one peer sent and got, or, with a session alone, everyone who was in it with fewer points each."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    asked = Asked(request)
    peer, session = asked.text("peer_id"), asked.text("session_id")
    if peer is not None:
        return JSONResponse(await _one(request, peer, session))
    if session is None:
        raise wrong_query("session_id or peer_id is required")
    found = await desk.quality.session(account.id, session)
    return JSONResponse(_place(found) | {"peers": [_peer(found, one, POINTS_OF_MANY) for one in found.people]})


@router.get(
    "/analytics/peer-stats",
    operation_id="getPeerStats",
    summary="Get peer quality stats by peer and session",
    response_class=Response,
    responses=answers(PeerQuality, "What the peer sent and got", 400, 404),
    openapi_extra=filters(_PEER, _SESSION),
)
async def get_peer_stats(request: Request) -> Response:
    """The vendor's own form; unlike there, a session that is running has its numbers too."""
    await desk_of(request).callers.of(request)
    asked = Asked(request)
    peer, session = asked.text("peer_id"), asked.text("session_id")
    missing = [f"{name} is required" for name, value in (("peer_id", peer), ("session_id", session)) if value is None]
    if peer is None or session is None:
        raise wrong_query(*missing)
    return JSONResponse(await _one(request, peer, session))


async def _one(request: Request, peer: str, session: str | None) -> Fields:
    desk = desk_of(request)
    account = await desk.callers.of(request)
    try:
        found = await desk.quality.person(account.id, peer, session)
    except NotFound as missing:
        raise NotFound("peer" if missing.noun == "participant" else missing.noun) from None
    return _peer(found, found.people[0], POINTS)


def _place(found: Found) -> Fields:
    return {"session_id": found.session.hms_id, "room_id": found.room.hms_id}


def _peer(found: Found, person: PersonQuality, most: int) -> Fields:
    """The vendor has an entry for each track that is received; here one stands for all of a kind, without a track."""
    published = [one for one in person.series if one.source.track_id is not None]
    received = [one for one in person.series if one.source.track_id is None]
    return {
        "peer_id": str(person.participant.id),
        **_place(found),
        "publisher": {
            "video": [_sent_video(found, one, most) for one in _of(TrackKind.VIDEO, published)],
            "audio": [_sent_audio(one, most) for one in _of(TrackKind.AUDIO, published)],
        },
        "subscriber": {
            "video": [_got_video(one, most) for one in _of(TrackKind.VIDEO, received)],
            "audio": [_got_audio(one, most) for one in _of(TrackKind.AUDIO, received)],
        },
    }


def _of(kind: TrackKind, series: Iterable[Series]) -> Iterable[Series]:
    return (one for one in series if one.source.kind is kind)


def _sent_video(found: Found, series: Series, most: int) -> Fields:
    samples = thinned(series.samples, most)
    track = found.tracks.get(series.source.track_id) if series.source.track_id else None
    times = _common(samples) | {
        "fps": [one.figures.frame_rate for one in samples],
        "packet_loss_percent": [one.figures.loss_percent for one in samples],
        "rtt_ms": [one.figures.rtt for one in samples],
    }
    return {
        "track_id": str(series.source.track_id),
        "type": screen_or_regular(track) if track else "regular",
        "rid": None,
        "time_series": times,
    }


def _sent_audio(series: Series, most: int) -> Fields:
    samples = thinned(series.samples, most)
    times = _common(samples) | {
        "packet_loss_percent": [one.figures.loss_percent for one in samples],
        "rtt_ms": [one.figures.rtt for one in samples],
        "jitter_ms": [one.figures.jitter_ms for one in samples],
    }
    return {"track_id": str(series.source.track_id), "time_series": times}


def _got_video(series: Series, most: int) -> Fields:
    samples = thinned(series.samples, most)
    times = _common(samples) | {
        "fps": [one.figures.frame_rate for one in samples],
        # A decoder that asks for a whole picture cannot go on with the one it shows.
        "freeze_count": [one.figures.plis for one in samples],
    }
    return {"track_id": None, "type": "regular", "time_series": times}


def _got_audio(series: Series, most: int) -> Fields:
    samples = thinned(series.samples, most)
    times = _common(samples) | {
        "concealed_samples": [one.figures.lost * _SAMPLES_PER_LOST_PACKET for one in samples],
        "packet_loss_percent": [one.figures.loss_percent for one in samples],
    }
    return {"track_id": None, "time_series": times}


def _common(samples: Sequence[Sample]) -> Fields:
    return {
        "timestamps": [int(one.at.timestamp() * 1000) for one in samples],
        "bitrate": [one.figures.bitrate for one in samples],
    }
