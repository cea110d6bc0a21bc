"""`POST /meet/…` of people inside: whoever came in through any door may do what their role lets them, and no more."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dialects.people_inside import Inside, Json, open_inside
from tests.support.stores import copy_test_store

from polyroom.domain.errors import NotAllowed, NotFound
from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.message_parts import Words
from polyroom.services.ports.feed import Deed, ParticipantLeft, Told
from polyroom.services.room_changes import NewRoom

ACTIONS: dict[str, Json] = {
    "mute": {"person": "?"},
    "unmute": {"person": "?"},
    "remove": {"person": "?"},
    "role": {"person": "?", "role": "viewer"},
    "end": {},
}


@pytest.fixture
async def inside(tmp_path: Path, first_day: Path) -> AsyncIterator[Inside]:
    copy_test_store(first_day, tmp_path / "data")
    async with open_inside(tmp_path / "data") as opened:
        yield opened


async def test_everything_is_refused_to_who_may_do_nothing(inside: Inside) -> None:
    bo, ada = await inside.enter("attendee", "Bo"), await inside.enter("attendee")
    for what, body in ACTIONS.items():
        shown = {**body, **({"person": ada.identity} if "person" in body else {})}
        assert await inside.refused(bo, what, **shown) == (403, "not_allowed"), what
    assert await inside.refused(bo, "mute") == (403, "not_allowed")
    assert await inside.present() == {"Ada", "Bo"}
    told = await inside.done(bo, "standing")
    assert (told["identity"], told["role"], told["people"], told["roles"]) == (bo.identity, "guest", [], [])
    assert not any(told["permissions"][name] for name in ("mute", "unmute", "remove_others", "change_role", "end_room"))


async def test_a_host_sees_what_there_is_to_do(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    told = await inside.done(host, "standing")
    assert all(told["permissions"][name] for name in ("mute", "unmute", "remove_others", "change_role", "end_room"))
    assert told["chat"] == {"public": True, "private": True}
    assert told["can_publish_sources"] == ["camera", "microphone", "screen_share"]
    assert told["roles"] == [
        {"name": "host", "class": "moderator"},
        {"name": "guest", "class": "participant"},
        {"name": "viewer", "class": "viewer"},
    ]
    mine, other = told["people"]
    assert (mine["identity"], mine["role"]) == (host.identity, "host")
    assert other == {"identity": ada.identity, "role": "guest", "held": False, "may_speak": True}


async def test_livekits_room_admin_is_in_charge_and_its_token_is_ticket_enough(inside: Inside) -> None:
    admin, ada = await inside.livekit("boss", room_admin=True), await inside.enter("attendee")
    microphone = await inside.house.publish(ada.joined, TrackKind.AUDIO)
    assert await inside.done(admin, "mute", person=ada.identity) == {"muted": 1}
    assert inside.house.engine.muted == [(microphone.id, True)]
    plain = await inside.livekit("plain")
    assert await inside.refused(plain, "mute", person=ada.identity) == (403, "not_allowed")
    await inside.done(admin, "remove", person="plain")
    assert await inside.refused(plain, "standing") == (403, "not_inside")


async def test_a_demoted_host_loses_everything_at_once(inside: Inside) -> None:
    first, second = await inside.enter("moderator", "First"), await inside.enter("moderator", "Second")
    await inside.done(first, "role", person=second.identity, role="guest")
    assert await inside.refused(second, "remove", person=first.identity) == (403, "not_allowed")
    assert await inside.refused(second, "end") == (403, "not_allowed")
    (change,) = [one for one in await inside.events() if one.type is EventType.PARTICIPANT_ROLE_CHANGED]
    by = str(first.joined.participant.id)
    assert dict(change.data) == {"previous_role": "host", "role": "guest", "by": by}
    (told,) = [one for one in inside.heard if isinstance(one, Told)]
    assert (told.deed, told.participant.identity, told.by and told.by.name) == (
        Deed.ROLE_CHANGED,
        second.identity,
        "First",
    )
    await inside.done(first, "role", person=first.identity, role="viewer")
    assert await inside.refused(first, "role", person=first.identity, role="host") == (403, "not_allowed")


async def test_whoever_is_out_replaced_or_without_a_good_ticket_is_nobody(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    await inside.house.leave(host.joined)
    assert await inside.refused(host, "mute", person=ada.identity) == (403, "not_inside")
    again = await inside.house.people.join(host.ticket)
    assert (await inside.done(host, "standing"))["role"] == "host"
    admission = again.participant.admission_id
    assert admission is not None
    for token, status in (("forged", 401), (host.token[:-4] + "AAAA", 401), ("", 422), (7, 422), ("x" * 15_000, 422)):
        answer = await inside.api.post("/meet/end", json={"ticket": token})
        assert answer.status_code == status, token
    # Another place in the room under the same name is not this one.
    other = replace(host.ticket, grant=replace(host.ticket.grant, admission_id=inside.house.ids.uuid()))
    assert await inside.refused(replace(host, token=inside.signer.sign(other)), "end") == (403, "admission_refused")


async def test_a_revoked_admission_is_refused_even_while_its_holder_is_on_the_way_out(inside: Inside) -> None:
    host, ada = await inside.enter("moderator", "Host"), await inside.enter("attendee")
    admission = host.joined.participant.admission_id
    assert admission is not None
    await inside.house.store.write(lambda tx: tx.admissions.delete(admission))
    assert await inside.refused(host, "remove", person=ada.identity) == (403, "admission_refused")
    assert "Ada" in await inside.present()


async def test_an_admission_whose_time_is_over_puts_nobody_out_of_charge(inside: Inside) -> None:
    host = await inside.enter("moderator", "Host")
    over = inside.house.clock.now() - timedelta(seconds=1)
    ticket = replace(host.ticket, grant=replace(host.ticket.grant, expires_at=over))
    assert (await inside.done(replace(host, token=inside.signer.sign(ticket)), "standing"))["role"] == "host"


async def test_people_of_other_rooms_and_hidden_ones_are_unknown(inside: Inside) -> None:
    host = await inside.enter("moderator", "Host")
    ghost = await inside.livekit("ghost", hidden=True)
    elsewhere = (await inside.house.rooms.create(inside.house.mine.id, NewRoom(title="Else", is_public=True))).room
    far = await inside.house.enter(str(elsewhere.id), name="Far")
    for person in (far.participant.identity, "nobody", ghost.identity):
        for what, body in ACTIONS.items():
            if "person" in body:
                assert await inside.refused(host, what, **{**body, "person": person}) == (404, "person_not_found")
    for what in ("mute", "unmute", "remove"):
        assert await inside.refused(host, what, person=host.identity) == (404, "person_not_found")
    assert await inside.refused(host, "role", person=host.identity, role="emperor") == (404, "role_not_found")
    assert far.participant.left_at is None
    assert [one["identity"] for one in (await inside.done(host, "standing"))["people"]] == [host.identity]


@pytest.mark.parametrize("lock", [False, True])
async def test_the_meeting_ends_for_all_and_with_lock_the_room_is_closed(inside: Inside, lock: bool) -> None:
    host = await inside.enter("moderator", "Host")
    await inside.enter("attendee")
    await inside.livekit("ghost", hidden=True)
    await inside.done(host, "end", lock=lock)
    assert await inside.present() == set()
    assert {(one.reason, one.by) for one in inside.heard if isinstance(one, ParticipantLeft)} == {
        (LeaveReason.SESSION_ENDED, "Host")
    }
    (ended,) = [one for one in await inside.events() if one.type is EventType.SESSION_ENDED]
    assert dict(ended.data) == {"lock": lock, "by": str(host.joined.participant.id)}
    assert (await inside.house.rooms.get(inside.house.mine.id, str(inside.room.id))).room.enabled is not lock
    assert await inside.refused(host, "end") == (403, "not_inside")


@pytest.mark.parametrize(
    ("features", "to_all", "to_one"),
    [({}, True, True), ({"public_chat": False}, False, True), ({"private_chat": False}, True, False)],
)
async def test_chat_is_what_the_subscription_allows(inside: Inside, features: Json, to_all: bool, to_one: bool) -> None:
    house = inside.house
    old = await house.store.read(lambda tx: tx.accounts.subscription(inside.room.subscription_id))
    assert old is not None
    other = replace(old, id=house.ids.uuid(), streamwise_id=house.ids.base62(16), is_default=False)
    other = replace(other, features={**old.features, **features})
    await house.store.write(lambda tx: tx.accounts.add_subscription(other))
    new = NewRoom(title="Quiet", subscription=other.streamwise_id)
    inside.room = (await house.rooms.create(house.mine.id, new)).room
    ada, bo = await inside.enter("attendee"), await inside.enter("attendee", "Bo")
    assert (await inside.done(ada, "standing"))["chat"] == {"public": to_all, "private": to_one}
    for allowed, identities in ((to_all, []), (to_one, [bo.identity])):
        said = house.messages.say(ada.joined.participant.id, house.ids.uuid(), Words("Hi"), identities)
        if allowed:
            await said
        else:
            with pytest.raises(NotAllowed):
                await said


async def test_a_room_that_is_gone_has_nobody_in_charge(inside: Inside) -> None:
    host = await inside.enter("moderator", "Host")
    await inside.house.rooms.delete(inside.house.mine.id, str(inside.room.id))
    assert await inside.refused(host, "end") == (404, "room_not_found")
    with pytest.raises(NotFound):
        await inside.house.people.join(host.ticket)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    what=st.sampled_from(["standing", *ACTIONS]),
    body=st.dictionaries(st.sampled_from(["person", "role", "stay", "lock", "keep_out"]), _JSON),
    raw=st.none() | st.binary(max_size=40),
)
async def test_any_input_is_answered(inside: Inside, what: str, body: Json, raw: bytes | None) -> None:
    host = await inside.enter("moderator", "Host")
    content = json.dumps({"ticket": host.token, **body}) if raw is None else raw
    answer = await inside.api.post(f"/meet/{what}", content=content)
    assert answer.status_code in {200, 400, 401, 403, 404, 409, 422}, answer.text
    assert answer.status_code == 200 or answer.json()["error"]["message"]
