"""Chat between PyPI's livekit, the vendors' APIs and whoever comes later."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from livekit import rtc
from tests.support.browser import eventually
from tests.support.hms_sdk import hms_sdk
from tests.support.livekit_client import Participant, connected, livekit_participant
from tests.support.livekit_tokens import access_token
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.vendors import Vendors, in_path, vendors

from polyroom.domain.message import TEXT_BYTES
from polyroom.signalling.livekit.chat_reading import BURST, PER_SECOND

Json = dict[str, Any]
CHAT = "lk.chat"


@dataclass
class Line:
    """One text that came on a topic."""

    identity: str
    text: str
    attributes: dict[str, str]
    at: int


@dataclass
class Listener:
    """Somebody in the room, and what they heard."""

    someone: Participant
    lines: list[Line] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def listen(self, topic: str = CHAT) -> None:
        def begin(reader: rtc.TextStreamReader, identity: str) -> None:
            task = asyncio.create_task(self._read(reader, identity))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

        self.someone.room.register_text_stream_handler(topic, begin)

    async def _read(self, reader: rtc.TextStreamReader, identity: str) -> None:
        text = await reader.read_all()
        self.lines.append(Line(identity, text, dict(reader.info.attributes or {}), reader.info.timestamp))

    async def hears(self, *texts: str) -> None:
        """Wait for exactly these; the library reads streams side by side, so that a busy machine mixes their order."""

        async def heard() -> bool:
            return sorted(line.text for line in self.lines) == sorted(texts)

        await eventually(heard, 10, self._told)

    async def _told(self) -> str:
        return str([(line.identity, line.text[:40]) for line in self.lines])

    async def say(self, text: str, topic: str = CHAT, **more: Any) -> None:
        await self.someone.room.local_participant.send_text(text, topic=topic, **more)

    @property
    def identity(self) -> str:
        return str(self.someone.room.local_participant.identity)


@dataclass
class Meeting:
    room: Json
    doors: Vendors
    ada: Listener
    bo: Listener
    server: ServerProcess

    @property
    def phenix(self) -> str:
        shown = self.doors.phenix.get(f"/room/{in_path(self.room['id'])}").json()["room"]["roomId"]
        return f"/room/{in_path(shown)}"

    def kept(self) -> list[Json]:
        found: list[Json] = self.doors.phenix.get(f"{self.phenix}/messages").json()["messages"]
        return found


@pytest.fixture
async def meeting(server: ServerProcess) -> AsyncIterator[Meeting]:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        tokens = [make_token(doors.streamwise, room)["token"] for _ in range(2)]
        async with (
            livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
            livekit_participant(server.url, room["id"], tokens[1], "Bo") as bo,
        ):
            found = Meeting(room, doors, Listener(ada), Listener(bo), server)
            found.ada.listen()
            found.bo.listen()
            yield found


async def test_what_is_said_reaches_the_others_and_is_kept_in_order(meeting: Meeting) -> None:
    long = "x" * 9000 + "ü" * 1000
    for text in ("Hello 🎉", long, "Bye"):
        await meeting.ada.say(text)
    await meeting.bo.hears("Hello 🎉", long, "Bye")
    assert {line.identity for line in meeting.bo.lines} == {meeting.ada.identity}
    assert meeting.ada.lines == []
    kept = meeting.kept()
    assert [one["message"] for one in kept] == ["Hello 🎉", long, "Bye"]
    assert [int(one["messageId"][-10:]) for one in kept] == [1, 2, 3]
    assert {one["from"]["screenName"] for one in kept} == {"Ada"}


async def test_an_older_clients_packets_are_kept_too(meeting: Meeting) -> None:
    line = b'{"id": "old-1", "message": "An old line", "timestamp": 1}'
    twin = b'{"id": "old-2", "message": "Also a stream", "timestamp": 1, "ignoreLegacy": true}'
    await meeting.ada.someone.room.local_participant.publish_data(twin, topic="lk-chat-topic")
    await meeting.ada.someone.room.local_participant.publish_data(line, topic="lk-chat-topic")

    async def came() -> bool:
        return [payload for _, payload, _ in meeting.bo.someone.data] == [twin, line]

    await eventually(came, 10)
    assert [one["message"] for one in meeting.kept()] == ["An old line"]


async def test_what_is_too_long_goes_nowhere_and_what_follows_goes_on(meeting: Meeting) -> None:
    await meeting.ada.say("y" * (TEXT_BYTES + 1))
    await meeting.ada.say("fine")
    await meeting.bo.hears("fine")
    assert [one["message"] for one in meeting.kept()] == ["fine"]


async def test_who_talks_without_end_is_not_heard_without_end(meeting: Meeting) -> None:
    begin = time.monotonic()
    for number in range(60):
        await meeting.ada.say(f"{number}")
    await meeting.bo.say("I am heard")
    await meeting.ada.hears("I am heard")
    allowed = BURST + PER_SECOND * (time.monotonic() - begin)

    async def settled() -> bool:
        return BURST <= len(meeting.bo.lines) == len(meeting.kept()) - 1

    await eventually(settled, 10)
    assert len(meeting.bo.lines) <= allowed + 1


async def test_a_private_message_is_for_those_it_names_and_for_the_application(meeting: Meeting) -> None:
    token = make_token(meeting.doors.streamwise, meeting.room)["token"]
    async with livekit_participant(meeting.server.url, meeting.room["id"], token, "Cy") as someone:
        cy = Listener(someone)
        cy.listen()
        await meeting.ada.say("psst", destination_identities=[meeting.bo.identity])
        await meeting.ada.say("all")
        await meeting.bo.hears("psst", "all")
        await cy.hears("all")
    attributes = {line.text: line.attributes for line in meeting.bo.lines}
    assert attributes == {"psst": {"polyroom.audience": "people"}, "all": {}}
    assert [one["message"] for one in meeting.kept()] == ["psst", "all"]


async def test_an_applications_messages_reach_live_clients_with_the_name_it_gives(meeting: Meeting) -> None:
    said = {"from": {"screenName": "The News", "role": "Presenter", "lastUpdate": 0}, "tags": []}
    for mime_type, text in (("application/json", "{}"), ("text/plain", "x" * 1024)):
        body = {"message": {**said, "mimeType": mime_type, "message": text}}
        assert meeting.doors.phenix.put(f"{meeting.phenix}/message", json=body).status_code == 200
    await meeting.bo.hears("x" * 1024)
    (line,) = meeting.bo.lines
    assert (line.identity, line.attributes) == ("", {"polyroom.name": "The News"})
    assert line.at == meeting.kept()[1]["timestamp"]


async def test_100ms_reaches_all_a_role_and_one_peer(meeting: Meeting) -> None:
    hms = meeting.doors.hms
    path = f"/active-rooms/{meeting.room['id']}"
    peers = hms.get(f"{path}/peers").json()
    peers = peers.get("peers", peers)
    (bo,) = [peer for peer in peers.values() if peer["name"] == "Bo"]
    meeting.bo.listen("PIN")
    sent = [
        {"message": "all"},
        {"message": "nobody has it", "role": "viewer"},
        {"message": "role", "role": bo["role"]},
        {"message": "one", "peerId": bo["id"]},
        {"message": "for programs", "type": "PIN", "peer_id": bo["id"], "role": "viewer"},
    ]
    for body in sent:
        assert hms.post(f"{path}/send-message", json=body).status_code == 200
    await meeting.bo.hears("all", "role", "one", "for programs")
    await meeting.ada.hears("all", "role")
    role = {"polyroom.audience": "role", "polyroom.role": bo["role"]}
    assert {line.text: line.attributes for line in meeting.ada.lines} == {"all": {}, "role": role}
    assert len(meeting.kept()) == len(sent)


async def test_what_100ms_own_sdk_sends_to_one_peer_stays_private(meeting: Meeting) -> None:
    with hms_sdk(meeting.server) as sdk:
        peers = await asyncio.to_thread(sdk.call, "activeRooms.retrieveActivePeers", meeting.room["id"])
        (bo,) = [peer["id"] for peer in peers.values() if peer["name"] == "Bo"]
        for params in ({"message": "psst", "peerId": bo}, {"message": "all"}):
            await asyncio.to_thread(sdk.call, "activeRooms.sendMessage", meeting.room["id"], params)
    await meeting.bo.hears("psst", "all")
    await meeting.ada.hears("all")


async def test_who_may_not_send_says_nothing(meeting: Meeting) -> None:
    credentials = meeting.server.credentials()
    token = access_token(credentials, "muted", meeting.room["id"], can_publish_data=False)
    url = meeting.server.url.replace("http", "ws")
    async with connected(url, token) as someone:
        muted = Listener(someone)
        muted.listen()
        await muted.say("nobody hears this")
        await meeting.ada.say("heard")
        await meeting.bo.hears("heard")
        await muted.hears("heard")
    assert [one["message"] for one in meeting.kept()] == ["heard"]


async def test_whoever_comes_later_is_told_what_they_may_see(meeting: Meeting) -> None:
    await meeting.ada.say("to all")
    await meeting.ada.say("psst", destination_identities=[meeting.bo.identity])
    await meeting.bo.hears("to all", "psst")
    token = access_token(meeting.server.credentials(), "later", meeting.room["id"])
    async with connected(meeting.server.url.replace("http", "ws"), token), httpx.AsyncClient() as http:
        answer = await http.post(f"{meeting.server.url}/meet/messages", json={"ticket": token})
        (line,) = answer.json()["messages"]
        assert (line["text"], line["name"], line["identity"]) == ("to all", "Ada", meeting.ada.identity)
        assert line["at"] == meeting.kept()[0]["timestamp"]
    async with httpx.AsyncClient() as http:
        gone = await http.post(f"{meeting.server.url}/meet/messages", json={"ticket": token})
    assert gone.status_code == 403
