"""Recording and going live from within, as the role lets one; everybody inside is told by LiveKit's word and ours."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, connected, ticket
from tests.support.server import ServerProcess
from tests.support.vendors import Vendors, vendors

PATIENCE = 40.0
TOPIC = "polyroom.on_air"


@pytest.fixture(scope="module")
def apis(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as opened:
        yield opened


async def test_a_recording_is_begun_and_ended_from_within(server: ServerProcess, apis: Vendors) -> None:
    room = apis.make("hms", "recorded-from-within")
    places = [await ticket(server.url, room, name=name, **apis.way("hms", room, "host")) for name in ("Ada", "Bo")]
    async with (
        connected(places[0]["server_url"], places[0]["ticket"]) as ada,
        connected(places[1]["server_url"], places[1]["ticket"]) as bo,
        httpx.AsyncClient(base_url=server.url, timeout=20) as http,
    ):
        await ada.publish_audio()

        async def ask(path: str = "", **more: Any) -> httpx.Response:
            return await http.post(f"/meet/broadcast{path}", json={"ticket": places[0]["ticket"], **more})

        shown = (await ask()).json()
        nothing = {"recorded": False, "live": False, "restreamed": False}
        assert shown == nothing | {
            "may": {"record": True, "live": True, "send": True},
            "watch": None,
            "targets": [],
        }
        assert (await ask("/record", on=True)).status_code == 200
        await eventually(lambda: _told(bo, "recorded"), PATIENCE)
        assert bo.room.is_recording
        again = await ask("/record", on=True)
        assert (again.status_code, again.json()["error"]["code"]) == (409, "recorded_already")
        late = await ticket(server.url, room, name="Cy", **apis.way("hms", room, "host"))
        async with connected(late["server_url"], late["ticket"]) as cy:
            assert cy.room.is_recording, "whoever comes later knows it at once"
        (running,) = apis.hms.get("/recordings?status=running").json()["data"]
        assert running["room_id"] == room

        assert (await ask("/record", on=False)).status_code == 200
        await eventually(lambda: _told(bo, None), PATIENCE)
        assert not bo.room.is_recording
        assert (await ask()).json()["recorded"] is False


async def test_a_meeting_goes_live_from_within_and_is_watched_by_its_address(
    server: ServerProcess, apis: Vendors
) -> None:
    room = apis.make("hms", "live-from-within")
    place = await ticket(server.url, room, name="Ada", **apis.way("hms", room, "host"))
    async with (
        connected(place["server_url"], place["ticket"]) as ada,
        httpx.AsyncClient(base_url=server.url, timeout=20) as http,
    ):
        await ada.publish_audio()
        await ada.publish_video()

        async def ask(path: str = "", **more: Any) -> httpx.Response:
            return await http.post(f"/meet/broadcast{path}", json={"ticket": place["ticket"], **more})

        assert (await ask("/live", on=True)).status_code == 200
        await eventually(lambda: _told(ada, "live"), PATIENCE)
        watch = (await ask()).json()["watch"]

        async def plays() -> bool:
            playlist = await http.get(watch)
            return playlist.status_code == 200 and "#EXTM3U" in playlist.text

        await eventually(plays, PATIENCE)
        assert (await ask("/live", on=False)).status_code == 200
        await eventually(lambda: _told(ada, None), PATIENCE)
        bad = await ask("/send", url="http://somewhere.example/live/key")
        assert (bad.status_code, bad.json()["error"]["code"]) == (422, "invalid_request")


async def test_a_role_without_the_permission_may_not(server: ServerProcess, apis: Vendors) -> None:
    template = apis.hms.post("/templates", json={"name": "no-recording", "roles": _ROLES}).json()
    made = apis.hms.post("/rooms", json={"name": "not-to-be-recorded", "template_id": template["id"]}).json()
    place = await ticket(server.url, made["id"], name="Ada", **apis.way("hms", made["id"], "speaker"))
    async with (
        connected(place["server_url"], place["ticket"]),
        httpx.AsyncClient(base_url=server.url, timeout=20) as http,
    ):
        for path in ("record", "live", "send"):
            answer = await http.post(f"/meet/broadcast/{path}", json={"ticket": place["ticket"], "on": True})
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_allowed")


_ROLES = {
    "speaker": {
        "name": "speaker",
        "publishParams": {"allowed": ["audio", "video"]},
        "permissions": {"browserRecording": False, "hlsStreaming": False, "rtmpStreaming": False},
    }
}


async def _told(someone: Participant, what: str | None) -> bool:
    """Whether the last word on what leaves the room names that, or nothing."""
    told = [json.loads(payload) for _, payload, topic in someone.data if topic == TOPIC]
    return bool(told) and (told[-1][what] if what else not any(told[-1].values()))
