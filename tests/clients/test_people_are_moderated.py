"""What an application does to people inside, as LiveKit's clients live through it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from livekit import rtc
from telnyx import Telnyx
from tests.support.browser import eventually
from tests.support.listening import heard, silent
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.server import ServerProcess
from tests.support.vendors import Vendors, in_path, vendors


@pytest.fixture(scope="module")
def apis(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as opened:
        yield opened


@pytest.fixture
def telnyx(server: ServerProcess) -> Telnyx:
    key = server.credentials()["telnyx"]
    return Telnyx(api_key=key["api_key"], base_url=f"{server.url}{key['base']}")


@dataclass
class Meeting:
    """Ada publishes, Bo and Cy listen; all came through Telnyx' door."""

    room: str
    session: str
    ids: dict[str, str]
    ada: Participant
    bo: Participant
    cy: Participant
    microphone: rtc.LocalTrackPublication


@pytest.fixture
async def meeting(server: ServerProcess, apis: Vendors, telnyx: Telnyx) -> AsyncIterator[Meeting]:
    room = apis.make("telnyx", secrets.token_hex(4))
    token = apis.way("telnyx", room, "")["token"]
    async with (
        livekit_participant(server.url, room, token, "Ada") as ada,
        livekit_participant(server.url, room, token, "Bo") as bo,
        livekit_participant(server.url, room, token, "Cy") as cy,
    ):
        microphone = await ada.publish_audio()
        await ada.publish_video()
        await asyncio.gather(heard(bo), heard(cy))
        (session,) = telnyx.rooms.sessions.list_0(filter={"room_id": room, "active": True}, include_participants=True)
        ids = {one.context or "": one.id or "" for one in session.participants or []}
        yield Meeting(room, session.id or "", ids, ada, bo, cy, microphone)


async def seen(one: Participant, name: str, count: int = 1) -> None:
    async def came() -> bool:
        return sum(event[0] == name for event in one.events) >= count

    await eventually(came, 15)


def reason(one: Participant) -> "rtc.DisconnectReason.ValueType":
    (told,) = [event[1] for event in one.events if event[0] == "disconnected"]
    found: rtc.DisconnectReason.ValueType = told
    return found


async def frames_go_on(one: Participant) -> None:
    before = one.total("frames")

    async def more() -> bool:
        return one.total("frames") > before + 5

    await eventually(more, 10)


async def test_a_muted_person_is_not_heard_and_comes_back_on_unmute(telnyx: Telnyx, meeting: Meeting) -> None:
    actions, room, ada = telnyx.rooms.sessions.actions, meeting.session, meeting.ids["Ada"]
    assert actions.mute(room, participants=[ada]).data.result == "ok"
    await asyncio.gather(silent(meeting.bo), silent(meeting.cy))
    for one in (meeting.bo, meeting.cy, meeting.ada):
        await seen(one, "track_muted")
    await frames_go_on(meeting.bo)
    assert actions.unmute(room, participants="all").data.result == "ok"
    await asyncio.gather(heard(meeting.bo), heard(meeting.cy))
    for one in (meeting.bo, meeting.cy, meeting.ada):
        await seen(one, "track_unmuted")


async def test_a_muted_person_cannot_unmute_and_stays_muted_for_latecomers(
    server: ServerProcess, apis: Vendors, telnyx: Telnyx, meeting: Meeting
) -> None:
    telnyx.rooms.sessions.actions.mute(meeting.session, participants=[meeting.ids["Ada"]])
    await silent(meeting.bo)
    await seen(meeting.ada, "track_muted")
    assert isinstance(meeting.microphone.track, rtc.LocalAudioTrack)
    loud = meeting.bo.total("loud_samples")
    meeting.microphone.track.unmute()
    await seen(meeting.ada, "track_muted", 2)
    token = apis.way("telnyx", meeting.room, "")["token"]
    async with livekit_participant(server.url, meeting.room, token, "Di") as di:
        await frames_go_on(di)
        published = [track for one in di.room.remote_participants.values() for track in one.track_publications.values()]
        assert {track.source: track.muted for track in published} == {
            rtc.TrackSource.SOURCE_CAMERA: False,
            rtc.TrackSource.SOURCE_MICROPHONE: True,
        }
        assert di.total("loud_samples") == 0
    assert meeting.bo.total("loud_samples") == loud
    assert not meeting.bo.saw("track_unmuted")


async def test_whoever_muted_themselves_is_not_unmuted_by_a_moderator(telnyx: Telnyx, meeting: Meeting) -> None:
    assert isinstance(meeting.microphone.track, rtc.LocalAudioTrack)
    meeting.microphone.track.mute()
    await seen(meeting.bo, "track_muted")
    telnyx.rooms.sessions.actions.mute(meeting.session, participants="all")
    telnyx.rooms.sessions.actions.unmute(meeting.session, participants="all")
    await silent(meeting.bo)
    assert not meeting.bo.saw("track_unmuted")
    meeting.microphone.track.unmute()
    await heard(meeting.bo)


async def test_the_record_names_everyone(telnyx: Telnyx, meeting: Meeting) -> None:
    people = telnyx.room_participants.list(filter={"session_id": meeting.session})
    assert [one.context for one in people] == ["Cy", "Bo", "Ada"]
    (ada,) = telnyx.room_participants.list(filter={"session_id": meeting.session, "context": "Ada"}, page_size=1)
    assert telnyx.room_participants.retrieve(meeting.ids["Ada"]).data == ada
    assert ada.left_at is None and ada.session_id == meeting.session


async def test_whoever_is_excluded_is_heard_on(telnyx: Telnyx, meeting: Meeting) -> None:
    telnyx.rooms.sessions.actions.mute(meeting.session, participants="all", exclude=[meeting.ids["Ada"]])
    await heard(meeting.bo)
    assert not meeting.bo.saw("track_muted")


async def test_what_a_muted_person_publishes_is_muted_too(telnyx: Telnyx, meeting: Meeting) -> None:
    telnyx.rooms.sessions.actions.mute(meeting.session, participants=[meeting.ids["Cy"]])
    published = await meeting.cy.publish_audio()

    async def subscribed() -> bool:
        return published.sid in meeting.bo.received

    await eventually(subscribed, 10)
    await seen(meeting.cy, "track_muted")
    got = meeting.bo.received[published.sid]
    await asyncio.sleep(0.5)
    assert got.loud_samples == 0
    telnyx.rooms.sessions.actions.unmute(meeting.session, participants=[meeting.ids["Cy"]])

    async def louder() -> bool:
        return got.loud_samples > 10_000

    await eventually(louder, 10)


async def test_whoever_is_kicked_is_told_so_and_the_others_go_on(telnyx: Telnyx, meeting: Meeting) -> None:
    actions = telnyx.rooms.sessions.actions
    assert actions.kick(meeting.session, participants=[meeting.ids["Cy"]]).data.result == "ok"
    await seen(meeting.cy, "disconnected")
    assert reason(meeting.cy) == rtc.DisconnectReason.PARTICIPANT_REMOVED
    await seen(meeting.bo, "participant_disconnected")
    await asyncio.gather(heard(meeting.bo), frames_go_on(meeting.bo))
    actions.kick(meeting.session, participants="all", exclude=[meeting.ids["Bo"]])
    await seen(meeting.ada, "disconnected")
    assert meeting.bo.room.isconnected()
    people = {one.context: one.left_at for one in telnyx.rooms.sessions.retrieve_participants(meeting.session)}
    assert [people["Ada"] is None, people["Bo"] is None, people["Cy"] is None] == [False, True, False]


async def test_an_ended_session_puts_everyone_out_and_the_next_is_another(
    server: ServerProcess, apis: Vendors, telnyx: Telnyx, meeting: Meeting
) -> None:
    assert telnyx.rooms.sessions.actions.end(meeting.session).data.result == "ok"
    for one in (meeting.ada, meeting.bo, meeting.cy):
        await seen(one, "disconnected")
        assert reason(one) == rtc.DisconnectReason.ROOM_CLOSED
    ended = telnyx.rooms.sessions.retrieve(meeting.session, include_participants=True).data
    assert ended is not None and ended.active is False and ended.ended_at is not None
    assert all(one.left_at for one in ended.participants or [])
    token = apis.way("telnyx", meeting.room, "")["token"]
    async with livekit_participant(server.url, meeting.room, token, "Di") as di:
        assert di.room.isconnected()
        (running,) = telnyx.rooms.sessions.list_0(filter={"room_id": meeting.room, "active": True})
        assert running.id != meeting.session


async def test_a_changed_peer_is_seen_changed(apis: Vendors, meeting: Meeting) -> None:
    path = f"/active-rooms/{in_path(meeting.room)}/peers/{meeting.ids['Ada']}"
    answer = apis.hms.post(path, json={"name": "Zoë", "metadata": '{"seat": 7}'})
    assert answer.status_code == 200, answer.text
    for name in ("participant_name_changed", "participant_metadata_changed"):
        await seen(meeting.bo, name)
    (ada,) = [one for one in meeting.bo.room.remote_participants.values() if one.name == "Zoë"]
    assert ada.metadata == '{"seat": 7}'
    assert len(answer.json()["tracks"]) == 2


@pytest.mark.parametrize("options", [[], ["keep-streams"]])
async def test_a_killed_room_keeps_its_audience(apis: Vendors, meeting: Meeting, options: list[str]) -> None:
    room = apis.phenix.get(f"/room/{meeting.room}").json()["room"]["roomId"]
    answer = apis.phenix.put(f"/room/{in_path(room)}/kill", json={"reason": "over", "options": options})
    assert [one["screenName"] for one in answer.json()["killedMembers"]] == ["Ada"]
    await seen(meeting.ada, "disconnected")
    assert reason(meeting.ada) == rtc.DisconnectReason.PARTICIPANT_REMOVED
    await seen(meeting.bo, "participant_disconnected")
    assert meeting.bo.room.isconnected() and meeting.cy.room.isconnected()
    members = apis.phenix.get(f"/room/{in_path(room)}/members").json()["members"]
    assert [one["screenName"] for one in members] == ["Bo", "Cy"]
