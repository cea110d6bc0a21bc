"""`POST /meet/mute`, `/meet/unmute`, `/meet/remove`: what becomes of whom that concerns."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.dialects.people_inside import Inside, open_inside
from tests.support.stores import copy_test_store

from polyroom.domain.errors import KeptOut
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.feed import Deed, ParticipantLeft, Told, TrackHeld
from polyroom.services.room_changes import NewRoom
from polyroom.services.tracks import TrackService


@pytest.fixture
async def inside(tmp_path: Path, first_day: Path) -> AsyncIterator[Inside]:
    copy_test_store(first_day, tmp_path / "data")
    async with open_inside(tmp_path / "data") as opened:
        yield opened


async def test_muting_once_is_lifted_by_the_publisher_and_muting_to_stay_is_not(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    microphone = await inside.house.publish(ada.joined, TrackKind.AUDIO)
    await inside.house.publish(ada.joined, TrackKind.VIDEO)
    house = inside.house
    async with TrackService(house.store, house.clock, house.ids, house.departures.feed, house.engine) as tracks:
        assert await inside.done(host, "mute", person=ada.identity) == {"muted": 1}
        assert await inside.done(host, "mute", person=ada.identity) == {"muted": 0}
        await tracks.let_pass(microphone)
        await tracks.let_pass(microphone)
        assert await inside.done(host, "mute", person=ada.identity, stay=True) == {"muted": 1}
        await tracks.let_pass(microphone)
    assert house.engine.muted == [(microphone.id, True), (microphone.id, False), (microphone.id, True)]
    kinds = [one.type for one in await inside.events()]
    assert kinds[-4:] == [
        EventType.TRACK_MUTED,
        EventType.TRACK_UNMUTED,
        EventType.PARTICIPANT_MUTED,
        EventType.TRACK_MUTED,
    ]
    assert (await inside.done(host, "standing"))["people"][1]["held"] is True
    assert [one.deed for one in inside.heard if isinstance(one, Told)] == [Deed.MUTED, Deed.HELD]


async def test_muting_all_spares_who_asks_and_what_is_muted_already(inside: Inside) -> None:
    host = await inside.enter("moderator", "Host")
    people = [await inside.enter("attendee", name) for name in ("Ada", "Bo", "Cy")]
    await inside.house.publish(host.joined, TrackKind.AUDIO)
    ada, bo = [await inside.house.publish(one.joined, TrackKind.AUDIO) for one in people[:2]]
    await inside.house.publish(people[2].joined, TrackKind.AUDIO, muted=True)
    assert await inside.done(host, "mute") == {"muted": 2}
    assert inside.house.engine.muted == [(ada.id, True), (bo.id, True)]
    assert await inside.done(host, "mute", stay=True) == {"muted": 3}


async def test_nobody_but_its_owner_turns_a_microphone_on(inside: Inside) -> None:
    host, ada, cy = [await inside.enter(label, label) for label in ("moderator", "attendee", "attendee")]
    microphone = await inside.house.publish(ada.joined, TrackKind.AUDIO, muted=True)
    await inside.done(host, "mute", person=ada.identity, stay=True)
    inside.heard.clear()
    await inside.done(host, "unmute", person=ada.identity)
    assert [one.deed for one in inside.heard if isinstance(one, Told)] == [Deed.RELEASED, Deed.ASKED_TO_UNMUTE]
    assert [one.resumes for one in inside.heard if isinstance(one, TrackHeld)] == [False]
    assert inside.house.engine.muted[-1] == (microphone.id, False)
    inside.heard.clear()
    await inside.done(host, "unmute", person=cy.identity)
    assert [one.deed for one in inside.heard if isinstance(one, Told)] == [Deed.ASKED_TO_UNMUTE]
    await inside.done(host, "role", person=cy.identity, role="viewer")
    assert await inside.refused(host, "unmute", person=cy.identity) == (409, "may_not_speak")


async def test_who_is_removed_is_told_by_whom_and_may_come_back(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    await inside.done(host, "remove", person=ada.identity)
    (left,) = [one for one in inside.heard if isinstance(one, ParticipantLeft)]
    assert (left.participant.identity, left.reason, left.by) == (ada.identity, LeaveReason.REMOVED, "Host")
    event = (await inside.events())[-1]
    by = str(host.joined.participant.id)
    assert (event.type, dict(event.data)) == (EventType.PARTICIPANT_LEFT, {"reason": "removed", "by": by})
    await inside.house.people.join(ada.ticket)
    assert await inside.present() == {"Host", "Ada"}


async def test_who_is_kept_out_comes_back_neither_with_the_ticket_nor_with_the_link_until_the_session_ends(
    inside: Inside,
) -> None:
    host = await inside.enter("moderator", "Host")
    link = await inside.admission("attendee")
    ada, bo = [await inside.enter("", name, token=link) for name in ("Ada", "Bo")]
    await inside.done(host, "remove", person=ada.identity, keep_out=True)
    with pytest.raises(KeptOut):
        await inside.house.people.join(ada.ticket)
    with pytest.raises(KeptOut):
        await inside.enter("", "Ada again", token=link)
    with pytest.raises(KeptOut):
        await inside.house.entrance.lobby(str(inside.room.id), Credential(token=link), "here")
    # Whoever came with that link and is inside stays, and comes back after an outage.
    back = inside.house.people.way_back(bo.ticket, bo.joined.participant.id)
    await inside.house.people.join(back)
    assert await inside.present() == {"Host", "Bo"}
    await inside.done(host, "end")
    await inside.enter("", "Ada", token=link)


async def test_who_has_an_id_of_their_own_is_kept_out_by_it_alone(inside: Inside) -> None:
    host = await inside.enter("moderator", "Host")
    await inside.livekit("troll")
    await inside.done(host, "remove", person="troll", keep_out=True)
    with pytest.raises(KeptOut):
        await inside.livekit("troll")
    await inside.livekit("other")


async def test_who_came_in_with_what_anybody_may_use_is_not_kept_out(inside: Inside) -> None:
    house = inside.house
    inside.room = (await house.rooms.create(house.mine.id, NewRoom(title="Open", is_public=True))).room
    host = await inside.enter("moderator", "Host")
    guest = await house.enter(str(inside.room.id), name="Guest")
    refused = await inside.refused(host, "remove", person=guest.participant.identity, keep_out=True)
    assert refused == (409, "cannot_keep_out")
    assert await inside.present() == {"Host", "Guest"}
    await inside.done(host, "remove", person=guest.participant.identity)
    assert await inside.present() == {"Host"}
