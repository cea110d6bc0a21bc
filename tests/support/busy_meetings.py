"""Load for a server that is killed: people come, speak, mute and get roles; what was answered is remembered."""

import asyncio
import itertools
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
from livekit import rtc
from livekit.protocol import rtc as signal
from websockets.exceptions import WebSocketException

from tests.support.livekit_client import connected, ticket
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.signals import signals
from tests.support.vendors import Vendors, in_path

VISITORS = 6
_GONE = (httpx.TransportError, WebSocketException, OSError, TimeoutError, EOFError)


@dataclass
class Told:
    """What the server has acknowledged: texts of messages, identities of who came in, ids of rooms, and how often."""

    messages: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    rooms: set[str] = field(default_factory=set)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.counts.total()


class BusyMeetings:
    """Some rooms with people in them. One has LiveKit clients that come back after each outage by themselves."""

    def __init__(self, server: ServerProcess, api: Vendors, rooms: int = 3) -> None:
        self.told = Told()
        self._server = server
        self._api = api
        self._rooms = [make_room(api.streamwise, f"Busy {number}") for number in range(rooms)]
        self._tokens = [make_token(api.streamwise, room)["token"] for room in self._rooms]
        shown = [api.phenix.get(f"/room/{room['id']}").json()["room"] for room in self._rooms]
        self._phenix = [f"/room/{in_path(room['roomId'])}/message" for room in shown]
        self._numbers = itertools.count()

    async def residents(self, over: asyncio.Event) -> None:
        """Two who stay: one publishes and mutes, the other writes. Whoever is given up by their client comes anew."""
        await asyncio.gather(self._resident("Ada", self._mutes, over), self._resident("Bo", self._writes, over))

    async def until_it_is_gone(self, gone: asyncio.Event) -> None:
        """Everything at once, again and again, until the server is gone."""
        acts = [*[self._visit] * VISITORS, self._say, self._make, self._give_roles]
        await asyncio.gather(*(self._again(act, gone) for act in acts))

    async def _again(self, act: Callable[[httpx.AsyncClient], Awaitable[None]], gone: asyncio.Event) -> None:
        async with httpx.AsyncClient(timeout=20) as http:
            while not gone.is_set():
                # A busy machine may be late, too; whoever waited too long tries again.
                with suppress(*_GONE):
                    await act(http)

    async def _visit(self, http: httpx.AsyncClient) -> None:
        number = next(self._numbers)
        room, token = self._rooms[number % len(self._rooms)], self._tokens[number % len(self._rooms)]
        body = {"room": room["id"], "token": token, "name": f"Visitor {number}"}
        answer = await http.post(f"{self._server.url}/meet/join", json=body)
        if answer.status_code != 201:
            return
        async with signals(self._server.url, answer.json()["ticket"]) as one:
            self._acknowledged("join", self.told.people, one.join.participant.identity)
            await one.heard()
            if number % 2:
                await one.say(leave=signal.LeaveRequest())

    async def _say(self, http: httpx.AsyncClient) -> None:
        number = next(self._numbers)
        sender = {"screenName": "News", "role": "Presenter", "lastUpdate": 0}
        message = {"from": sender, "mimeType": "text/plain", "message": f"line {number}", "tags": []}
        path = self._phenix[number % len(self._phenix)]
        answer = await self._ask(http, self._api.phenix, "PUT", path, {"message": message})
        if answer.status_code == 200:
            self._acknowledged("message", self.told.messages, f"line {number}")

    async def _make(self, http: httpx.AsyncClient) -> None:
        answer = await self._ask(http, self._api.streamwise, "POST", "/rooms", {"room_name": "Made"})
        if answer.status_code == 201:
            self._acknowledged("room", self.told.rooms, answer.json()["id"])
        await asyncio.sleep(0.02)

    async def _give_roles(self, http: httpx.AsyncClient) -> None:
        """To the residents: host and guest in turns, and every other time they are muted."""
        await asyncio.sleep(0.02)
        path = f"/active-rooms/{self._rooms[0]['id']}/peers"
        answer = await self._ask(http, self._api.hms, "GET", path)
        peers = answer.json().get("peers", answer.json()) if answer.status_code == 200 else {}
        for peer_id, peer in peers.items():
            role = "guest" if peer["role"] == "host" else "host"
            done = await self._ask(http, self._api.hms, "POST", f"{path}/{peer_id}", {"role": role})
            if done.status_code == 200:
                self.told.counts["role"] += 1

    async def _ask(
        self, http: httpx.AsyncClient, api: httpx.Client, method: str, path: str, body: Any = None
    ) -> httpx.Response:
        url = f"{str(api.base_url).rstrip('/')}{path}"
        return await http.request(method, url, json=body, headers=api.headers)

    def _acknowledged(self, kind: str, where: set[str], what: str) -> None:
        where.add(what)
        self.told.counts[kind] += 1

    async def _resident(
        self, name: str, act: Callable[[rtc.Room, Any, int], Awaitable[None]], over: asyncio.Event
    ) -> None:
        while not over.is_set():
            with suppress(*_GONE, rtc.ConnectError, AssertionError):
                place = await ticket(self._server.url, self._rooms[0]["id"], self._tokens[0], name)
                async with connected(place["server_url"], place["ticket"]) as someone:
                    track = (await someone.publish_audio()).track if act == self._mutes else None
                    number = 0
                    while not over.is_set() and not someone.saw("disconnected"):
                        number += 1
                        await act(someone.room, track, number)
                        await asyncio.sleep(0.1)
            await asyncio.sleep(0.1)

    @staticmethod
    async def _mutes(room: rtc.Room, track: rtc.LocalAudioTrack, number: int) -> None:
        (track.mute if number % 2 else track.unmute)()

    @staticmethod
    async def _writes(room: rtc.Room, _: Any, number: int) -> None:
        with suppress(Exception):
            async with asyncio.timeout(2):
                await room.local_participant.send_text(f"resident {number}", topic="lk.chat")
