"""What people in charge do to LiveKit's own clients, from within the meeting and with LiveKit's own tokens."""

import json
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from livekit import rtc
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, connected
from tests.support.livekit_tokens import access_token
from tests.support.server import ServerProcess

PATIENCE = 20


@dataclass
class Meeting:
    """Ada speaks, the boss listens and is in charge."""

    http: httpx.AsyncClient
    token: str
    ada: Participant
    boss: Participant
    microphone: rtc.LocalTrackPublication

    async def ask(self, what: str, **body: Any) -> Any:
        answer = await self.http.post(what, json={"ticket": self.token, **body})
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def heard(self) -> None:
        """Wait until Ada is heard from now on."""
        before = self.boss.total("loud_samples")

        async def louder() -> bool:
            return self.boss.total("loud_samples") > before + 10_000

        await eventually(louder, PATIENCE)

    async def told(self, one: Participant) -> list[str]:
        """What the server told somebody of people in charge."""
        packets = [(who, payload) for who, payload, topic in one.data if topic == "polyroom.moderation"]
        assert {who for who, _ in packets} <= {""}
        return [json.loads(payload)["event"] for _, payload in packets]


@pytest.fixture
async def meeting(server: ServerProcess) -> AsyncIterator[Meeting]:
    keys, room = server.credentials(), secrets.token_hex(4)
    boss_token = access_token(keys, "boss", room, name="The Boss", room_admin=True)
    async with (
        httpx.AsyncClient(base_url=f"{server.url}/meet/", timeout=20) as http,
        connected(server.url, access_token(keys, "ada", room, name="Ada")) as ada,
        connected(server.url, boss_token) as boss,
    ):
        microphone = await ada.publish_audio()
        found = Meeting(http, boss_token, ada, boss, microphone)
        await found.heard()
        yield found


async def test_muted_once_is_silent_until_its_owner_unmutes_and_held_back_until_let(meeting: Meeting) -> None:
    ada, track = meeting.ada, meeting.microphone.track
    assert track is not None

    async def muted() -> bool:
        return meeting.microphone.muted and ada.saw("track_muted")

    async def nothing_more() -> bool:
        loud = meeting.boss.total("loud_samples")
        samples = meeting.boss.total("samples")
        await eventually(lambda: _more(meeting.boss, samples), PATIENCE)
        return meeting.boss.total("loud_samples") == loud

    assert await meeting.ask("mute", person="ada") == {"muted": 1}
    await eventually(muted, PATIENCE)
    await eventually(nothing_more, PATIENCE)
    track.unmute()
    await meeting.heard()
    assert await meeting.ask("mute", stay=True) == {"muted": 1}
    await eventually(muted, PATIENCE)
    await eventually(nothing_more, PATIENCE)
    await meeting.ask("unmute", person="ada")
    # Let, and asked; but nobody's microphone goes on by itself.
    assert meeting.microphone.muted
    track.unmute()
    await meeting.heard()
    wanted = ["muted", "held", "released", "asked_to_unmute"]

    async def all_told() -> bool:
        return await meeting.told(ada) == wanted and await meeting.told(meeting.boss) == wanted

    await eventually(all_told, PATIENCE)


async def test_whoever_is_made_a_viewer_publishes_no_more_and_whoever_is_removed_is_out(meeting: Meeting) -> None:
    await meeting.ask("role", person="ada", role="viewer")

    async def gone() -> bool:
        return meeting.boss.saw("track_unsubscribed")

    await eventually(gone, PATIENCE)
    await meeting.ask("remove", person="ada")

    async def out() -> bool:
        return meeting.ada.saw("disconnected") and meeting.boss.saw("participant_disconnected")

    await eventually(out, PATIENCE)
    (reason,) = [event[1] for event in meeting.ada.events if event[0] == "disconnected"]
    assert reason == rtc.DisconnectReason.PARTICIPANT_REMOVED


async def _more(one: Participant, samples: float) -> bool:
    return one.total("samples") > samples + 4_800
