"""Six clients meet; strict receivers get each event exactly described, in order, through outages and a kill -9."""

import asyncio
import hmac
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from livekit import rtc
from playwright.async_api import Browser
from telnyx import Telnyx
from tests.support.browser import visitor
from tests.support.doomed import doomed
from tests.support.livekit_tokens import access_token
from tests.support.meeting import Meeting, new_meeting
from tests.support.meeting_facts import HMS, OWN, PATHS, PHENIX, TELNYX, Person
from tests.support.receivers import Received
from tests.support.rooms import make_token
from tests.support.told import Chapter, Text, Uuid, check
from tests.support.vendors import in_path

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
async def meeting(tmp_path: Path) -> AsyncIterator[Meeting]:
    async with new_meeting(tmp_path) as made:
        yield made


async def test_six_meet_and_everybody_is_told(meeting: Meeting, browser: Browser, soak: bool) -> None:
    await _they_come(meeting, browser)
    await _they_talk_while_nobody_listens(meeting, 60 if soak else 0)
    await _an_application_interferes(meeting)
    await _they_vote(meeting)
    await _the_server_is_killed(meeting)
    await _it_ends(meeting)
    await meeting.all_told()
    received = [one for one in meeting.hook.received if one.path in PATHS]
    known = dict(meeting.ids)
    told = {path: _once(path, received) for path in (OWN, HMS, TELNYX, PHENIX)}
    for path, bodies in told.items():
        check(meeting.story, path, bodies, known, meeting.whenever)
    _judge_order(told)
    _judge_secrets(meeting, received)
    sessions = meeting.api.hms.get("/sessions", params={"room_id": meeting.ids["room at 100ms"]}).json()["data"]
    assert [one["id"] for one in sessions] == [known["session 2 at 100ms"], known["session 1 at 100ms"]]


async def _they_come(meeting: Meeting, browser: Browser) -> None:
    api, room, server = meeting.api, meeting.room, meeting.server
    ada, bo = Person("Ada ☃", "host", "hms"), Person("Bo", "guest", "telnyx")
    cy = Person("Cy", "guest", "phenix")
    di = Person("Di", "guest", "livekit", identity="di", user_id="di", metadata='{"seat": 4}')
    ed, fay = Person("Ed", "guest", "streamwise"), Person("Fay", "host", "streamwise")
    first = await meeting.comes(
        ada, await meeting.ticket(api.way("hms", meeting.uuid, "host"), ada.name), room.opened()
    )
    await first.publish_audio()
    await meeting.tell(room.track(ada, "microphone", "added", muted=False), room.stream_starts(ada))
    await meeting.comes(bo, await meeting.ticket(api.way("telnyx", meeting.uuid, ""), bo.name))
    cys = await meeting.comes(cy, await meeting.ticket(api.way("phenix", meeting.uuid, "Participant"), cy.name))
    await cys.publish_video()
    await meeting.tell(room.track(cy, "camera", "added", muted=False), room.stream_starts(cy))
    token = access_token(server.credentials(), "di", meeting.uuid, name="Di", metadata=di.metadata)
    await meeting.comes(di, token)
    place = await meeting.ticket(api.way("streamwise", meeting.uuid, "attendee"), ed.name)
    async with doomed(server.url.replace("http", "ws"), place):
        await meeting.tell(room.joined(ed))
    # It is noticed some time later, whatever else happens meanwhile.
    meeting.crashed = ed.name
    meeting.whenever.append(room.left(ed, "vanished"))
    page = await meeting.stack.enter_async_context(visitor(browser))
    link = make_token(api.streamwise, {"id": meeting.uuid}, "moderator")["url"]
    await page.join(link, fay.name)
    tracks = [room.track(fay, source, "added", muted=False) for source in ("microphone", "camera")]
    await meeting.in_order(room.joined(fay))
    await meeting.tell(*tracks, room.stream_starts(fay))
    await page.leave()
    removed = [room.track(fay, source, "removed", muted=False, reason="left") for source in ("microphone", "camera")]
    await meeting.tell(*removed, room.stream_ends(fay, "left"))
    await meeting.tell(room.left(fay, "left"))


async def _they_talk_while_nobody_listens(meeting: Meeting, seconds: float) -> None:
    """Every receiver is away, which nobody inside notices."""
    room = meeting.room
    (ada, adas), (cy, _), (di, dis) = (meeting.people[name] for name in ("Ada ☃", "Cy", "Di"))
    meeting.hook.stop()
    began = time.monotonic()
    microphone = next(iter(adas.room.local_participant.track_publications.values())).track
    assert isinstance(microphone, rtc.LocalAudioTrack)
    microphone.mute()
    await meeting.tell(room.track(ada, "microphone", "muted", muted=True))
    microphone.unmute()
    await meeting.tell(room.track(ada, "microphone", "unmuted", muted=False))
    await dis.room.local_participant.send_text("Good morning", topic="lk.chat")
    await meeting.tell(room.person(di, "message.sent", {"message": Uuid("first message")}))
    answer = meeting.api.hms.post(f"/active-rooms/{meeting.uuid}/peers/{meeting.peer(cy)}", json={"role": "viewer"})
    assert answer.status_code == 200, answer.text
    await meeting.in_order(room.new_role(cy, "viewer"), room.track(cy, "camera", "removed", muted=False))
    meeting.story.append(Chapter([room.stream_ends(cy)]))
    await asyncio.sleep(max(0.0, seconds - (time.monotonic() - began)))
    meeting.hook.start()


async def _an_application_interferes(meeting: Meeting) -> None:
    """Through every vendor's API, while receivers are told."""
    api, room = meeting.api, meeting.room
    (ada, _), (bo, _), (di, _) = (meeting.people[name] for name in ("Ada ☃", "Bo", "Di"))
    telnyx = Telnyx(api_key=api.credentials["telnyx"]["api_key"], base_url=f"{meeting.server.url}/telnyx/v2")
    (session,) = telnyx.rooms.sessions.list_0(filter={"room_id": meeting.uuid, "active": True})
    actions, who = telnyx.rooms.sessions.actions, {"participants": [meeting.peer(ada)]}
    assert actions.mute(session.id, **who).data.result == "ok"
    held = room.track(ada, "microphone", "muted", muted=True, held=True)
    await meeting.in_order(room.person(ada, "participant.muted"), held)
    # Her client mutes as it is told to, and takes that back when it is told so.
    await meeting.until("select count(*) from track where muted and held", 1)
    assert actions.unmute(session.id, **who).data.result == "ok"
    await meeting.in_order(
        room.person(ada, "participant.unmuted"), room.track(ada, "microphone", "unmuted", muted=False)
    )
    said = {"from": {"screenName": "News", "role": "Presenter", "lastUpdate": 0}, "mimeType": "text/plain", "tags": []}
    path = f"/room/{in_path(meeting.ids['room at Phenix'])}/message"
    assert api.phenix.put(path, json={"message": {**said, "message": "It rains"}}).status_code == 200
    await meeting.tell(room.fact("the news", "message.sent", {"message": Uuid("second message")}))
    # Bodies have names as they are when they are made.
    await meeting.all_told()
    peer = f"/active-rooms/{meeting.uuid}/peers/{meeting.peer(bo)}"
    bo.name = "Bo Ærø"
    assert api.hms.post(peer, json={"name": bo.name}).status_code == 200
    await meeting.tell(room.person(bo, "participant.changed"))
    await meeting.people["Bo"][1].close()
    await meeting.tell(room.left(bo, "left"))
    out = api.hms.post(
        f"/active-rooms/{meeting.uuid}/remove-peers", json={"peer_id": meeting.peer(di), "reason": "Dismissed ☂"}
    )
    assert out.status_code == 200, out.text
    await meeting.tell(room.left(di, "removed", "Dismissed ☂"))


async def _they_vote(meeting: Meeting) -> None:
    """In a poll that the host asks, starts and ends."""
    room, (ada, _), (cy, _) = meeting.room, meeting.people["Ada ☃"], meeting.people["Cy"]
    asked = {"questions": [{"text": "Tea?", "options": ["Yes", "No"]}]}
    poll = (await meeting.poll(ada, "create", poll=asked, start=True))["poll"]
    known = {"poll": Text("poll")}
    await meeting.tell(room.person(ada, "poll.started", known))
    await meeting.poll(cy, "vote", poll=poll, answers=[{"question": 1, "options": [1]}])
    await meeting.tell(room.person(cy, "poll.answered", {**known, "question": 1, "response": Text("response")}))
    await meeting.poll(ada, "stop", poll=poll)
    await meeting.tell(room.person(ada, "poll.stopped", {**known, "reason": "stopped"}))


async def _the_server_is_killed(meeting: Meeting) -> None:
    """With two people in; they come back by themselves, as they were."""
    room = meeting.room
    ada, cy = (meeting.people[name][0] for name in ("Ada ☃", "Cy"))
    await meeting.crash_noticed()
    await asyncio.to_thread(meeting.server.kill)
    await asyncio.to_thread(meeting.server.start)
    crashed = "server_crashed"
    lost = room.track(ada, "microphone", "removed", muted=False, reason=crashed)
    await meeting.tell(lost, *(room.left(one, crashed) for one in (ada, cy)), room.stream_ends(ada, crashed))
    await meeting.tell(room.closed(crashed))
    room.session += 1
    for one in (ada, cy):
        one.entry += 1
    again = room.track(ada, "microphone", "added", muted=False)
    await meeting.tell(room.opened())
    await meeting.tell(*(room.joined(one) for one in (ada, cy)), again, room.stream_starts(ada))


async def _it_ends(meeting: Meeting) -> None:
    """They are sent home, the room is locked and then deleted."""
    api, room = meeting.api, meeting.room
    ada, cy = (meeting.people[name][0] for name in ("Ada ☃", "Cy"))
    assert (
        api.hms.post(f"/active-rooms/{meeting.uuid}/end-room", json={"lock": True, "reason": "Over"}).status_code == 200
    )
    over = "session_ended"
    await meeting.in_order(room.ended("Over", lock=True), room.fact("locked", "room.updated", {}, session=False))
    lost = room.track(ada, "microphone", "removed", muted=False, reason=over)
    await meeting.tell(lost, *(room.left(one, over) for one in (ada, cy)), room.stream_ends(ada, over))
    await meeting.tell(room.closed(over))
    await meeting.all_told()
    assert api.telnyx.delete(f"/rooms/{meeting.uuid}").status_code == 204
    await meeting.tell(room.fact("deleted", "room.deleted", {}, session=False))


def _once(path: str, received: Sequence[Received]) -> list[Any]:
    """Each event as it came first; what comes again is the same but for the number of the try."""
    found: dict[str, Any] = {}
    for one in received:
        if one.path != path:
            continue
        body = one.json
        key = {TELNYX: lambda b: b["data"]["id"], PHENIX: lambda b: f"{b['data']} {b['what']}"}.get(
            path, lambda b: b["id"]
        )
        first = found.setdefault(key(body), body)
        assert _untried(body) == _untried(first)
    return [*found.values()]


def _untried(body: Any) -> Any:
    return {name: value for name, value in body.items() if name not in {"attempt", "meta"}}


def _judge_order(told: dict[str, Sequence[Any]]) -> None:
    """Numbers without a gap, and the same order everywhere, of what happened at once too."""
    own = [one["id"] for one in told[OWN]]
    assert [one["sequence"] for one in told[OWN]] == list(range(1, len(own) + 1))
    for ids in ([one["id"] for one in told[HMS]], [one["data"]["id"] for one in told[TELNYX]]):
        assert ids == [one for one in own if one in set(ids)]


def _judge_secrets(meeting: Meeting, received: Sequence[Received]) -> None:
    """Every request carries its vendor's proof of where it is from, and no other has such."""
    keys = meeting.api.credentials["telnyx"]
    telnyx = Telnyx(api_key=keys["api_key"], public_key=keys["public_key"])
    for one in received:
        assert one.headers["content-type"] == "application/json"
        assert one.method == ("PUT" if one.path == PHENIX else "POST")
        assert (one.headers.get("x-secret") == "opensesame") is (one.path == HMS)
        if one.path == TELNYX:
            telnyx.webhooks.unwrap(one.body.decode(), headers=dict(one.headers))
        if one.path == OWN:
            when, code = (part.partition("=")[2] for part in one.headers["polyroom-signature"].split(","))
            signed = hmac.digest(meeting.secret.encode(), when.encode() + b"." + one.body, "sha256")
            assert code == signed.hex()
