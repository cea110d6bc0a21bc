"""100ms' own server SDK of npm against a running server: research/100ms.md A.7, points 1 to 5."""

import json
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import httpx
import jwt
import pytest
from tests.support.browser import eventually
from tests.support.hms_sdk import HmsSdk, SdkRefusal, hms_sdk
from tests.support.livekit_client import Participant, connected, livekit_participant, ticket
from tests.support.server import ServerProcess, running_server

DAY = 86400


@pytest.fixture(scope="module")
def sdk(server: ServerProcess) -> Iterator[HmsSdk]:
    with hms_sdk(server) as started:
        yield started


def refusal(sdk: HmsSdk, name: str, *args: Any) -> SdkRefusal:
    with pytest.raises(SdkRefusal) as caught:
        sdk.call(name, *args)
    return caught.value


def test_both_its_tokens_are_what_the_server_reads(server: ServerProcess, sdk: HmsSdk) -> None:
    keys = server.credentials()["100ms"]
    management = sdk.call("auth.getManagementToken")["token"]
    app = sdk.call("auth.getAuthToken", {"roomId": "r", "role": "host", "userId": "u1"})["token"]
    for token, kind, more in ((management, "management", {}), (app, "app", {"room_id": "r", "role": "host"})):
        claims = jwt.decode(token, keys["secret"], algorithms=["HS256"])
        assert {"access_key": keys["access_key"], "type": kind, "version": 2, **more}.items() <= claims.items()
        assert claims["iat"] == claims["nbf"] == pytest.approx(time.time() - 10, abs=5)
        assert claims["exp"] == claims["nbf"] + DAY
        assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


def test_a_wrong_secret_is_401_after_one_more_try(server: ServerProcess) -> None:
    with hms_sdk(server, secret="x" * 43) as stranger:
        error = refusal(stranger, "rooms.list")
        assert (error.code, error.name, error.message) == (401, "Unauthorized", "Token validation error")
        assert stranger.requests == 2


def test_a_cached_token_that_is_refused_is_renewed_without_anyone_noticing(server: ServerProcess) -> None:
    with hms_sdk(server) as sdk:
        sdk.call("auth.getManagementToken", {"forceNew": True, "notValidBefore": int(time.time()) + 3600})
        assert sdk.call("api.get", "templates")["data"]
        assert sdk.requests == 2


def test_rooms_are_made_found_changed_and_switched(sdk: HmsSdk) -> None:
    config = {"name": "Lesson-1", "description": "d", "region": "eu", "recording_info": {"enabled": False}}
    room = sdk.call("rooms.create", config)
    assert config.items() <= room.items()
    assert re.fullmatch(r"[0-9a-f]{24}", room["id"])
    assert sdk.call("rooms.create", {"name": "lesson-1"})["id"] == room["id"]
    assert sdk.call("rooms.retrieveById", room["id"])["name"] == "Lesson-1"
    assert sdk.call("rooms.retrieveByName", "LESSON-1")["id"] == room["id"]
    assert sdk.call("rooms.update", room["id"], {"description": "e"})["description"] == "e"
    assert sdk.call("rooms.enableOrDisable", room["id"], False)["enabled"] is False
    assert [one["id"] for one in sdk.call("rooms.list", {"enabled": False})] == [room["id"]]
    assert sdk.call("rooms.enableOrDisable", room["id"], True)["enabled"] is True
    nameless = sdk.call("rooms.create")
    assert sdk.call("rooms.retrieveByName", nameless["name"])["id"] == nameless["id"]
    assert "No Room found" in refusal(sdk, "rooms.retrieveByName", "nobody").message


@pytest.mark.parametrize("count", [20, 55])
def test_lists_are_walked_to_their_end(tmp_path: Any, count: int) -> None:
    with running_server(tmp_path / "data") as server, hms_sdk(server) as sdk:
        (welcome,) = sdk.call("rooms.list")
        made = [welcome["id"]]
        made += [sdk.call("rooms.create", {"name": f"room-{number}"})["id"] for number in range(count - 1)]
        for filters, requests in (({}, count // 10 + 1), ({"limit": 5}, count // 5 + 1), ({"limit": 100}, 1)):
            walked = sdk.call("rooms.list", filters)
            assert [room["id"] for room in walked] == made[::-1]
            assert sdk.requests == requests


def test_room_codes_are_made_listed_and_switched(sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "codes"})
    codes = sdk.call("roomCodes.create", room["id"])
    assert [one["role"] for one in codes] == ["host", "guest", "viewer"]
    assert all(re.fullmatch(r"[a-z]{3}-[a-z]{4}-[a-z]{3}", one["code"]) for one in codes)
    assert sdk.call("roomCodes.create", room["id"]) == codes
    assert sdk.call("roomCodes.list", room["id"]) == codes
    assert sdk.call("roomCodes.list", room["id"], {"role": "guest"}) == [codes[1]]
    further = sdk.call("roomCodes.createForRole", room["id"], "guest")
    assert further["role"] == "guest" and further["code"] != codes[1]["code"]
    off = sdk.call("roomCodes.enableOrDisable", further["code"], False)
    assert off["enabled"] is False
    assert sdk.call("roomCodes.list", room["id"], {"enabled": False}) == [off]
    assert sdk.call("roomCodes.list", room["id"], {"limit": 2}) == [*codes, off]


def test_a_disabled_room_is_403_to_codes_tokens_and_the_door(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "shut"})
    code = sdk.call("roomCodes.create", room["id"])[0]["code"]
    token = sdk.call("auth.getAuthToken", {"roomId": room["id"], "role": "host"})["token"]
    sdk.call("rooms.enableOrDisable", room["id"], False)
    assert refusal(sdk, "roomCodes.create", room["id"]).code == 403
    assert httpx.post(f"{server.url}/100ms/v2/token", content=json.dumps({"code": code})).status_code == 403
    for credential in ({"code": code}, {"token": token}):
        asked = {"room": room["id"], "name": "Ada", **credential}
        assert httpx.post(f"{server.url}/meet/join", json=asked).status_code == 403


def test_refusals_reach_the_application(sdk: HmsSdk) -> None:
    error = refusal(sdk, "rooms.retrieveById", "631b2654f771854d9bf633df")
    assert (error.code, error.name, error.message) == (404, "Not Found", "room not found")
    error = refusal(sdk, "rooms.create", {"name": "two words"})
    assert (error.code, error.name) == (400, "Bad Request")
    assert "characters" in error.message
    assert refusal(sdk, "roomCodes.enableOrDisable", "abc-defg-hij", True).code == 404
    idle = sdk.call("rooms.create", {"name": "idle"})["id"]
    for name in ("activeRooms.retrieve", "activeRooms.retrieveActivePeers"):
        assert refusal(sdk, name, idle).code == 404


def test_templates_are_read_through_its_bare_calls(sdk: HmsSdk) -> None:
    (template,) = sdk.call("api.get", "templates")["data"]
    assert {"customerId", "createdAt", "appId", "default", "roles"} <= set(template)
    role = sdk.call("api.get", f"templates/{template['id']}/roles/host")
    assert role["publishParams"]["allowed"] == ["audio", "video", "screen"]


async def test_people_with_a_code_and_with_its_token_are_active_peers(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "live"})
    codes = {one["role"]: one["code"] for one in sdk.call("roomCodes.create", room["id"])}
    token = sdk.call("auth.getAuthToken", {"roomId": room["id"], "role": "guest", "userId": "student-7"})["token"]
    place = await ticket(server.url, room["id"], None, "Ada", code=codes["host"])
    assert place["role"]["label"] == "host"
    async with (
        connected(place["server_url"], place["ticket"]) as ada,
        livekit_participant(server.url, room["id"], token, "Bo") as bo,
    ):
        await ada.publish_video()
        await ada.publish_audio()

        async def received() -> bool:
            return bo.total("frames") > 5 and bo.total("samples") > 10_000

        await eventually(received, 20)
        peers = sdk.call("activeRooms.retrieveActivePeers", room["id"])
        assert {(one["name"], one["role"], one["user_id"]) for one in peers.values()} == {
            ("Ada", "host", ""),
            ("Bo", "guest", "student-7"),
        }
        active = sdk.call("activeRooms.retrieve", room["id"])
        assert set(active["session"]["peers"]) == set(peers)
        (host,) = [one["id"] for one in peers.values() if one["role"] == "host"]
        tracks = sdk.call("activeRooms.retrievePeerDetails", room["id"], host)["tracks"]
        assert {(one["type"], one["source"], one["mute"]) for one in tracks.values()} == {
            ("video", "regular", False),
            ("audio", "regular", False),
        }

    async def over() -> bool:
        return httpx.get(_active(server, room), headers=_management(sdk)).status_code == 404

    await eventually(over, 20)
    assert refusal(sdk, "activeRooms.retrieve", room["id"]).code == 404


async def test_peers_are_changed_and_removed_and_sessions_are_kept(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "kept"})["id"]
    tokens = [sdk.call("auth.getAuthToken", {"roomId": room, "role": role})["token"] for role in ("host", "guest")]
    async with (
        livekit_participant(server.url, room, tokens[0], "Ada") as ada,
        livekit_participant(server.url, room, tokens[1], "Bo") as bo,
    ):
        session = sdk.call("sessions.retrieveActiveByRoom", room)
        assert session["active"] is True
        peers = {one["name"]: one["id"] for one in session["peers"].values()}
        changed = sdk.call("activeRooms.updatePeer", room, peers["Bo"], {"name": "Bob", "role": "viewer"})
        assert (changed["name"], changed["role"], changed["tracks"]) == ("Bob", "viewer", {})
        sdk.call("activeRooms.removePeer", room, {"role": "viewer", "reason": "late"})
        await eventually(_was(bo, "disconnected"), 5)
        assert ada.room.isconnected()
        sdk.call("activeRooms.end", room, {"reason": "over", "lock": True})
        await eventually(_was(ada, "disconnected"), 5)
    assert sdk.call("rooms.retrieveById", room)["enabled"] is False
    assert "No active Session" in refusal(sdk, "sessions.retrieveActiveByRoom", room).message
    (over,) = sdk.call("sessions.list", {"room_id": room})
    assert over["peers"] == sdk.call("sessions.retrieveById", session["id"])["peers"]
    assert over["active"] is False
    assert {(one["name"], one["role"]) for one in over["peers"].values()} == {("Ada", "host"), ("Bob", "viewer")}
    assert all(one["left_at"] and one["session_id"] == session["id"] for one in over["peers"].values())


async def test_its_analytics_walk_all_events_of_tracks(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "watched"})["id"]
    token = sdk.call("auth.getAuthToken", {"roomId": room, "role": "host", "userId": "u-1"})["token"]
    asked = {"room_id": room, "type": ["track.add.success", "track.remove.success"]}
    async with livekit_participant(server.url, room, token, "Ada") as ada:
        await ada.publish_video()
        await ada.publish_audio()

        async def added() -> bool:
            return len(sdk.call("analytics.listTrackEvents", asked)) == 2

        await eventually(added, 30)

    async def removed() -> bool:
        return len(sdk.call("analytics.listTrackEvents", asked)) == 4

    await eventually(removed, 30)
    whole = sdk.call("analytics.listTrackEvents", asked)
    for limit, requests in ((1, 4), (2, 2), (3, 2), (4, 1)):
        assert sdk.call("analytics.listTrackEvents", {**asked, "limit": limit}) == whole
        assert sdk.requests == requests
    ends = ["track.remove.success"] * 2 + ["track.add.success"] * 2
    assert [one["type"] for one in whole] == ends
    assert {one["data"]["user_id"] for one in whole} == {"u-1"}
    assert {(one["data"]["type"], one["data"]["source"]) for one in whole} == {
        ("video", "regular"),
        ("audio", "regular"),
    }
    assert sdk.call("analytics.listTrackEvents", {**asked, "user_id": "u-2"}) == []
    assert sdk.call("analytics.listRecordingEvents", {"room_id": room, "type": "beam.recording.success"}) == []
    assert refusal(sdk, "analytics.listTrackEvents", {**asked, "type": ["weather"]}).code == 400


def _was(one: Participant, name: str) -> Callable[[], Awaitable[bool]]:
    async def came() -> bool:
        return one.saw(name)

    return came


def test_the_web_clients_token_lets_in_and_no_code_is_in_the_log(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "by-code"})
    code = sdk.call("roomCodes.create", room["id"])[0]["code"]
    for path in ("/100ms/v2/token", "/100ms/sdk/v2/token"):
        answer = httpx.post(f"{server.url}{path}", content=json.dumps({"code": code, "user_id": "u"})).json()
        asked = {"room": room["id"], "token": answer["token"], "name": "Ada"}
        assert httpx.post(f"{server.url}/meet/join", json=asked).status_code == 201
    switch = f"{server.url}/100ms/v2/room-codes/code/{code}"
    assert httpx.post(switch, json={"enabled": False}, headers=_management(sdk)).status_code == 200
    assert httpx.post(switch, json={"enabled": True}).status_code == 401
    assert httpx.head(switch).status_code == 405
    assert httpx.get(f"{switch}/").status_code == 404
    assert httpx.get(f"{server.url}/rooms/{room['id']}/lesson?code={code}").status_code == 200
    assert code not in server.log()
    assert "POST /100ms/v2/room-codes/code/\\u2026 200" in server.log()


def test_at_the_vendors_own_host_name_the_vendors_edition_answers(tmp_path: Any) -> None:
    with running_server(tmp_path / "data", "--hosts", "100ms=api.example.test") as server, hms_sdk(server) as sdk:
        room = sdk.call("rooms.create", {"name": "there"})
        code = sdk.call("roomCodes.create", room["id"])[0]["code"]
        host = {"host": "api.example.test"}
        answer = httpx.get(f"{server.url}/v2/rooms/{room['id']}", headers={**host, **_management(sdk)})
        assert answer.json()["recording_source_template"] is True
        token = httpx.post(f"{server.url}/v2/token", content=json.dumps({"code": code}), headers=host)
        assert token.status_code == 200 and token.headers["access-control-allow-origin"] == "*"


def _active(server: ServerProcess, room: dict[str, Any]) -> str:
    return f"{server.url}/100ms/sdk/v2/active-rooms/{room['id']}"


def _management(sdk: HmsSdk) -> dict[str, str]:
    return {"authorization": f"Bearer {sdk.call('auth.getManagementToken')['token']}"}


async def test_a_room_goes_live_and_is_watched_at_the_address_it_gives(server: ServerProcess, sdk: HmsSdk) -> None:
    room = sdk.call("rooms.create", {"name": "on-air"})["id"]
    token = sdk.call("auth.getAuthToken", {"roomId": room, "role": "host", "userId": "u1"})["token"]
    async with livekit_participant(server.url, room, token, "Ada"):
        asked = {"meeting_url": "https://example.com/meeting", "recording": {"hls_vod": True}}
        stream = sdk.call("liveStreams.start", room, asked)
        assert stream["status"] in {"starting", "running"} and stream["meeting_url"] == asked["meeting_url"]

        async def is_watched() -> bool:
            return httpx.get(stream["playback"]["url"]).status_code == 200

        await eventually(is_watched, 60)
        assert "#EXT-X-STREAM-INF" in httpx.get(stream["playback"]["url"]).text
        told = sdk.call("liveStreams.sendTimedMetadata", stream["id"], {"payload": "hello", "duration": 5})
        assert told["id"] == stream["id"]
        assert sdk.call("liveStreams.pauseRecording", stream["id"])["recording"]["hls_vod"] is True
        sdk.call("liveStreams.resumeRecording", stream["id"])
        assert [one["id"] for one in sdk.call("liveStreams.list", {"room_id": room})] == [stream["id"]]
        assert refusal(sdk, "liveStreams.start", room, asked).code == 400
        (stopped,) = sdk.call("liveStreams.stopAll", room)
        assert (stopped["id"], stopped["status"]) == (stream["id"], "stopping")

        async def is_over() -> bool:
            return sdk.call("liveStreams.retrieve", stream["id"])["status"] == "completed"

        await eventually(is_over, 60)
