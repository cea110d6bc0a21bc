"""`/analytics/peer-quality` and `/analytics/peer-stats`: what is shown of whom, and what is refused."""

from dataclasses import dataclass

import pytest
from sqlalchemy import text
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.quality import Figures, Source
from polyroom.domain.session import Track, TrackKind
from polyroom.services.participants import Joined
from polyroom.services.ports.media import Reading

NOBODY = "1169b4b7-68c2-4d39-8568-5618433958ac"
NEVER = "6977b3f3cdd1e423f8b2c1aa"
VIDEO = Figures(100, 990, 1_250_000, 10, 300, nacks=4, streams=1, rtt=45, jitter=31, width=1280, height=720)
AUDIO = Figures(100, packets=500, bytes=40_000, rtt=None, jitter=21)
SEEN = Figures(100, packets=1000, bytes=1_300_000, frames=299, plis=2, rtt=30)
HEARD = Figures(100, packets=499, bytes=41_000, lost=1, rtt=30)


@dataclass
class Meeting:
    """A room in which one publishes and one is hidden."""

    room: Json
    session_id: str
    ada: Joined
    ghost: Joined
    camera: Track
    microphone: Track


@pytest.fixture
async def meeting(world: World) -> Meeting:
    room = await world.room(name="class")
    token = app_token(world.key, room, "guest")
    ada = await world.enter(room, token, name="Ada")
    ghost = await world.enter(room, token, name="Ghost")
    camera, microphone = [await world.house.publish(ada, kind) for kind in (TrackKind.VIDEO, TrackKind.AUDIO)]
    one = ada.participant.id
    world.house.quality.take(
        [
            Reading(Source(one, camera.id, TrackKind.VIDEO), VIDEO),
            Reading(Source(one, microphone.id, TrackKind.AUDIO), AUDIO),
            Reading(Source(one, None, TrackKind.VIDEO), SEEN),
            Reading(Source(one, None, TrackKind.AUDIO), HEARD),
            Reading(Source(ghost.participant.id, None, TrackKind.AUDIO), HEARD),
        ]
    )
    (running,) = done(await world.api.get(f"/sessions?room_id={room['id']}"))["data"]
    hidden = text("UPDATE participant SET hidden = true WHERE name = 'Ghost'")
    await world.house.store.write(lambda tx: tx.sessions._connection.execute(hidden))  # type: ignore[attr-defined]
    return Meeting(room, running["id"], ada, ghost, camera, microphone)


def of_ada(meeting: Meeting) -> Json:
    return {
        "peer_id": str(meeting.ada.participant.id),
        "session_id": meeting.session_id,
        "room_id": meeting.room["id"],
        "publisher": {
            "video": [
                {
                    "track_id": str(meeting.camera.id),
                    "type": "regular",
                    "rid": None,
                    "time_series": {
                        "bitrate": [1_000_000],
                        "fps": [30.0],
                        "packet_loss_percent": [1.0],
                        "rtt_ms": [45],
                    },
                }
            ],
            "audio": [
                {
                    "track_id": str(meeting.microphone.id),
                    "time_series": {
                        "bitrate": [32_000],
                        "packet_loss_percent": [0.0],
                        "rtt_ms": [None],
                        "jitter_ms": [2.1],
                    },
                }
            ],
        },
        "subscriber": {
            "video": [
                {
                    "track_id": None,
                    "type": "regular",
                    "time_series": {"bitrate": [1_040_000], "fps": [29.9], "freeze_count": [2]},
                }
            ],
            "audio": [
                {
                    "track_id": None,
                    "time_series": {
                        "bitrate": [32_800],
                        "concealed_samples": [960],
                        "packet_loss_percent": [0.2],
                    },
                }
            ],
        },
    }


def timeless(peer: Json) -> Json:
    """Without the timestamps, after a look at them."""
    for way in ("publisher", "subscriber"):
        for entry in (*peer[way]["video"], *peer[way]["audio"]):
            times = entry["time_series"].pop("timestamps")
            assert times == sorted(times) and all(isinstance(at, int) and at > 1_700_000_000_000 for at in times)
            assert all(len(column) == len(times) for column in entry["time_series"].values())
    return peer


async def test_a_peer_has_a_series_of_each_track_and_of_what_it_received(world: World, meeting: Meeting) -> None:
    peer = meeting.ada.participant.id
    whole = f"peer_id={peer}&session_id={meeting.session_id}"
    for client in (world.api, world.sdk):
        for query in (whole, whole.upper().replace("PEER_ID", "peer_id").replace("SESSION_ID", "session_id")):
            assert timeless(done(await client.get(f"/analytics/peer-stats?{query}"))) == of_ada(meeting)
        for query in (whole, f"peer_id={peer}", f"peer_id={peer}&session_id={meeting.ada.participant.session_id}"):
            assert timeless(done(await client.get(f"/analytics/peer-quality?{query}"))) == of_ada(meeting)


async def test_a_session_has_everyone_who_is_not_hidden(world: World, meeting: Meeting) -> None:
    bo = await world.enter(meeting.room, app_token(world.key, meeting.room, "host"), name="Bo")
    whole = done(await world.api.get(f"/analytics/peer-quality?session_id={meeting.session_id}"))
    assert (whole["session_id"], whole["room_id"]) == (meeting.session_id, meeting.room["id"])
    ada, other = whole["peers"]
    assert timeless(ada) == of_ada(meeting)
    nothing = {"video": [], "audio": []}
    assert other["peer_id"] == str(bo.participant.id)
    assert (other["publisher"], other["subscriber"]) == (nothing, nothing)


async def test_it_is_still_there_when_session_and_room_are_gone(world: World, meeting: Meeting) -> None:
    for one in (meeting.ada, meeting.ghost):
        await world.house.leave(one)
    await world.house.rooms.delete(world.house.mine.id, meeting.room["id"])
    query = f"peer_id={meeting.ada.participant.id}&session_id={meeting.session_id}"
    assert timeless(done(await world.api.get(f"/analytics/peer-stats?{query}"))) == of_ada(meeting)


async def test_what_is_missing_or_not_there_is_said(world: World, meeting: Meeting) -> None:
    room = await world.room()
    await world.enter(room, app_token(world.key, room, "guest"), name="Elsewhere")
    (elsewhere,) = done(await world.api.get(f"/sessions?room_id={room['id']}"))["data"]
    ada, ghost = meeting.ada.participant.id, meeting.ghost.participant.id
    for client in (world.api, world.sdk):
        stats, quality = "/analytics/peer-stats", "/analytics/peer-quality"
        missing = refused(await client.get(stats), 400)
        assert missing["details"] == ["peer_id is required", "session_id is required"]
        assert refused(await client.get(f"{stats}?peer_id={ada}&session_id="), 400)["details"] == [
            missing["details"][1]
        ]
        assert "session_id or peer_id is required" in refused(await client.get(quality), 400)["message"]
        for query, words in {
            f"peer_id={NOBODY}&session_id={meeting.session_id}": "peer not found",
            f"peer_id=x%00&session_id={meeting.session_id}": "peer not found",
            f"peer_id={ghost}&session_id={meeting.session_id}": "peer not found",
            f"peer_id={ada}&session_id={elsewhere['id']}": "peer not found",
            f"peer_id={ada}&session_id={NEVER}": "session not found",
            f"peer_id={ada}&session_id=%00": "session not found",
        }.items():
            assert refused(await client.get(f"{stats}?{query}"), 404)["message"] == words, query
            assert refused(await client.get(f"{quality}?{query}"), 404)["message"] == words, query
        assert refused(await client.get(f"{quality}?session_id={NEVER}"), 404)["message"] == "session not found"
