"""What a 100ms role lets through, seen by LiveKit's own clients; a change reaches those inside at once."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from livekit import rtc
from livekit.protocol import models
from livekit.protocol import rtc as protocol
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, connected, ticket
from tests.support.server import ServerProcess
from tests.support.signals import signals
from tests.support.vendors import Vendors, vendors

ROLES = {
    "host": {"priority": 1},
    "guest": {"priority": 2},
    "viewer": {"publishParams": {"allowed": []}, "subscribeParams": {"subscribeToRoles": ["host"]}},
    "talker": {"publishParams": {"allowed": ["audio"]}, "permissions": {"sendMessage": False}},
    "chair": {"maxPeerCount": 1},
}


@dataclass
class Stage:
    """A room whose template has these roles."""

    server: ServerProcess
    vendors: Vendors
    room: str

    def code(self, role: str) -> str:
        return self.vendors.way("hms", self.room, role)["code"]

    @asynccontextmanager
    async def person(self, role: str) -> AsyncIterator[Participant]:
        """Somebody in that role, called like it."""
        place = await ticket(self.server.url, self.room, None, role, code=self.code(role))
        async with connected(place["server_url"], place["ticket"]) as someone:
            yield someone

    async def change(self, name: str, role: str) -> httpx.Response:
        """Give the person of that name another role."""
        return await asyncio.to_thread(self._change, name, role)

    def _change(self, name: str, role: str) -> httpx.Response:
        peers = self.vendors.hms.get(f"/active-rooms/{self.room}/peers").json()
        (peer,) = [one["id"] for one in peers.values() if one["name"] == name]
        return self.vendors.hms.post(f"/active-rooms/{self.room}/peers/{peer}", json={"role": role})


@pytest.fixture
def stage(server: ServerProcess) -> Iterator[Stage]:
    with vendors(server) as clients:
        template = clients.hms.post("/templates", json={"name": "stage", "roles": ROLES}).json()
        room = clients.hms.post("/rooms", json={"template_id": template["id"]}).json()
        yield Stage(server, clients, room["id"])


def publications(of: str, at: Participant) -> list[Any]:
    """What someone is told of another's tracks."""
    found = [one for one in at.room.remote_participants.values() if one.name == of]
    return [track for one in found for track in one.track_publications.values()]


def subscribed(of: str, at: Participant) -> list[Any]:
    return [one for one in publications(of, at) if one.subscribed and one.track is not None]


async def test_a_viewer_gets_the_tracks_of_the_roles_it_subscribes_to_and_no_others(stage: Stage) -> None:
    async with stage.person("host") as host, stage.person("guest") as guest, stage.person("viewer") as viewer:
        await guest.publish_video()
        await host.publish_video()

        async def flowing() -> bool:
            return host.total("frames") > 5 and viewer.total("frames") > 5 and guest.total("frames") > 5

        await eventually(flowing, 20)
        assert len(subscribed("host", viewer)) == 1
        assert subscribed("guest", viewer) == []
        assert (await stage.change("guest", "host")).status_code == 200

        async def appears() -> bool:
            return len(subscribed("guest", viewer)) == 1

        await eventually(appears, 15)
        assert (await stage.change("host", "guest")).status_code == 200

        (lost,) = publications("host", viewer)

        async def stops() -> bool:
            before = viewer.received[lost.sid].frames
            others = [one.total("frames") for one in (host, guest)]
            await asyncio.sleep(0.5)
            flow_on = [one.total("frames") for one in (host, guest)] > others
            return viewer.received[lost.sid].frames == before and flow_on

        await eventually(stops, 15)


async def test_a_guest_made_a_viewer_loses_its_tracks_at_once_and_made_a_guest_again_publishes_again(
    stage: Stage,
) -> None:
    async with stage.person("host") as host, stage.person("guest") as guest, stage.person("talker") as talker:
        await guest.publish_video()

        async def flowing() -> bool:
            return host.total("frames") > 5 and talker.total("frames") > 5

        await eventually(flowing, 20)
        assert (await stage.change("guest", "viewer")).status_code == 200

        async def gone() -> bool:
            return publications("guest", host) == [] and publications("guest", talker) == []

        await eventually(gone, 15)
        with pytest.raises(rtc.participant.PublishTrackError):
            await guest.publish_video()
        assert (await stage.change("guest", "guest")).status_code == 200
        before = host.total("frames")
        await guest.publish_video()

        async def again() -> bool:
            return host.total("frames") > before + 5

        await eventually(again, 20)


async def test_a_client_is_told_what_it_may_do_from_now_on(stage: Stage) -> None:
    place = await ticket(stage.server.url, stage.room, None, "Ada", code=stage.code("guest"))
    async with signals(stage.server.url, place["ticket"]) as ada:
        assert ada.join.participant.permission.can_publish
        assert (await stage.change("Ada", "talker")).status_code == 200
        while True:
            told = (await ada.until("update")).update.participants[0].permission
            if not told.can_publish_data:
                break
        assert list(told.can_publish_sources) == [models.TrackSource.MICROPHONE]
        assert not await ada.may_publish("video")
        assert await ada.may_publish("audio")


async def test_whoever_comes_back_is_in_the_role_it_was_given(stage: Stage) -> None:
    place = await ticket(stage.server.url, stage.room, None, "Ada", code=stage.code("guest"))
    async with signals(stage.server.url, place["ticket"]) as ada:
        await ada.say(ping_req=protocol.Ping(timestamp=1))
        fresh = (await ada.until("refresh_token")).refresh_token
        assert (await stage.change("Ada", "talker")).status_code == 200
    async with signals(stage.server.url, fresh) as back:
        assert list(back.join.participant.permission.can_publish_sources) == [models.TrackSource.MICROPHONE]


async def test_as_many_come_in_with_a_role_as_it_says(stage: Stage) -> None:
    async with stage.person("chair"), stage.person("guest"):
        answer = httpx.post(
            f"{stage.server.url}/meet/join", json={"room": stage.room, "code": stage.code("chair"), "name": "Bo"}
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "role_full")
        refused = await stage.change("guest", "chair")
        assert (refused.status_code, refused.json()["message"]) == (400, "role limit reached")
