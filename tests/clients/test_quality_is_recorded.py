"""Two of PyPI's livekit meet: how their media travelled is shown while they do, kept when they leave, and counted."""

import re
from typing import Any

import httpx
from tests.support.browser import eventually
from tests.support.livekit_client import FRAME_RATE, livekit_participant
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.vendors import vendors

Json = dict[str, Any]


async def test_quality_is_shown_at_once_and_kept(server: ServerProcess) -> None:
    with server.streamwise() as api, vendors(server) as doors:
        room = make_room(api)
        tokens = [make_token(api, room)["token"] for _ in range(2)]
        async with (
            livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
            livekit_participant(server.url, room["id"], tokens[1], "Bo"),
        ):
            await ada.publish_video()
            await ada.publish_audio()
            (session,) = doors.hms.get("/sessions?active=true").json()["data"]
            peers = {one["name"]: one["id"] for one in session["peers"]}
            ask = f"/analytics/peer-quality?session_id={session['id']}&peer_id="

            async def measured() -> bool:
                sent, got = [doors.hms.get(ask + peers[name]).json() for name in ("Ada", "Bo")]
                return all((*sent["publisher"].values(), *got["subscriber"].values()))

            await eventually(measured, 40, lambda: _said(doors.hms, ask, peers))
        running = {name: doors.hms.get(ask + peer).json() for name, peer in peers.items()}
        _looks_right(running["Ada"], running["Bo"])
        numbers = httpx.get(f"{server.url}/metrics").text

        server.stop()
        server.start()
        kept = {name: doors.hms.get(ask + peer).json() for name, peer in peers.items()}
        for name, before in running.items():
            assert [len(one["time_series"]["fps"]) for one in kept[name]["publisher"]["video"]] >= [
                len(one["time_series"]["fps"]) for one in before["publisher"]["video"]
            ]
        _looks_right(kept["Ada"], kept["Bo"])

    def number(name: str) -> float:
        found = re.search(rf"^polyroom_media_{name} (\S+)$", numbers, re.MULTILINE)
        assert found, numbers
        return float(found[1])

    assert number("uplink_packets_total") > 100 and number("downlink_packets_total") > 100
    assert number("uplink_bytes_total") > number("uplink_packets_total")
    assert number("round_trip_seconds_count") >= 1
    assert number("uplink_packets_lost_total") >= 0


async def _said(api: httpx.Client, ask: str, peers: dict[str, str]) -> list[Json]:
    return [api.get(ask + peer).json() for peer in peers.values()]


def _looks_right(ada: Json, bo: Json) -> None:
    """Loopback and a small moving picture, judged by the first ten seconds: what follows may be very short."""
    (camera,), (microphone,) = ada["publisher"]["video"], ada["publisher"]["audio"]
    (seen,), (heard,) = bo["subscriber"]["video"], bo["subscriber"]["audio"]
    for one in (camera, seen):
        times = one["time_series"]
        assert 1 < times["fps"][0] < FRAME_RATE * 2, times
        assert 1_000 < times["bitrate"][0] < 5_000_000, times
    for one in (microphone, heard):
        assert 2_000 < one["time_series"]["bitrate"][0] < 300_000, one
        assert one["time_series"]["packet_loss_percent"][0] < 50, one
    assert any(trip is not None and trip < 5000 for trip in camera["time_series"]["rtt_ms"])
    assert camera["type"] == "regular"
    assert ada["subscriber"] == {"video": [], "audio": []} == bo["publisher"]
