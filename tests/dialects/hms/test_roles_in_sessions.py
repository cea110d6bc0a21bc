"""A role changed in a session: what is recorded of it, what ends with it, and how long it lasts."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from tests.dialects.hms.world import World, done

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.events import Event, EventType
from polyroom.domain.roles import Source
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.ports.feed import Notice, RoleChanged, Told, TrackRemoved
from polyroom.services.session_ends import SessionEnds
from polyroom.services.tracks import TrackService

ROLES = {
    "host": {},
    "speaker": {"publishParams": {"allowed": ["audio"]}, "subscribeParams": {"subscribeToRoles": ["host"]}},
}


async def stage(world: World) -> tuple[dict[str, str], dict[str, str]]:
    template = done(await world.api.post("/templates", json={"name": "stage", "roles": ROLES}))
    room = await world.room(template_id=template["id"])
    return room, await world.codes(room)


async def events_of(world: World, room_id: UUID) -> list[Event]:
    return list(await world.house.store.read(lambda tx: tx.events.of_room(room_id)))


async def test_a_change_is_one_event_and_ends_what_the_role_does_not_allow(world: World) -> None:
    room, codes = await stage(world)
    house, heard = world.house, list[Notice]()
    joined = await world.enter(room, codes["host"])
    ada = joined.participant
    camera = await house.publish(joined, TrackKind.VIDEO)
    microphone = await house.publish(joined, TrackKind.AUDIO)
    house.departures.feed.listen(heard.append)  # type: ignore[attr-defined]
    changed = await house.people.change_role(house.mine.id, room["id"], ada.id, "speaker")
    assert (changed.role, changed.publish, changed.subscribe_to) == ("speaker", {Source.AUDIO}, ("host",))
    live = await house.store.read(lambda tx: tx.sessions.live_tracks([ada.id]))
    assert [one.id for one in live] == [microphone.id]
    first, second = (await events_of(world, ada.room_id))[-2:]
    assert (first.type, dict(first.data)) == (
        EventType.PARTICIPANT_ROLE_CHANGED,
        {"previous_role": "host", "role": "speaker", "by": ""},
    )
    assert (second.type, second.track_id) == (EventType.TRACK_REMOVED, camera.id)
    assert [type(one) for one in heard] == [TrackRemoved, RoleChanged, Told]
    before = len(await events_of(world, ada.room_id))
    assert await house.people.change_role(house.mine.id, room["id"], ada.id, "speaker") == changed
    assert len(await events_of(world, ada.room_id)) == before


async def test_what_is_not_there_is_not_found(world: World) -> None:
    room, codes = await stage(world)
    house = world.house
    ada = (await world.enter(room, codes["host"])).participant
    other = await world.room()
    for account, where, who, role, noun in (
        (house.theirs.id, room["id"], ada.id, "speaker", "room"),
        (house.mine.id, other["id"], ada.id, "speaker", "participant"),
        (house.mine.id, room["id"], house.ids.uuid(), "speaker", "participant"),
        (house.mine.id, room["id"], ada.id, "nobody", "role"),
    ):
        with pytest.raises(NotFound) as refusal:
            await house.people.change_role(account, where, who, role)
        assert refusal.value.noun == noun
    await house.people.leave(ada.id, LeaveReason.LEFT)
    with pytest.raises(NotFound):
        await house.people.change_role(house.mine.id, room["id"], ada.id, "speaker")


async def test_a_track_that_starts_while_the_role_changes_is_not_published(world: World) -> None:
    room, codes = await stage(world)
    house = world.house
    joined = await world.enter(room, codes["host"])
    camera = await house.publish(joined, TrackKind.VIDEO)
    await house.people.change_role(house.mine.id, room["id"], joined.participant.id, "speaker")
    tracks = TrackService(house.store, house.clock, house.ids, house.departures.feed, house.engine)
    with pytest.raises(Invalid):
        await tracks.add(replace(camera, id=house.ids.uuid()))


async def test_a_role_that_was_changed_holds_for_people_inside_only_when_given_anew(world: World) -> None:
    room, codes = await stage(world)
    house = world.house
    ada = (await world.enter(room, codes["speaker"])).participant
    path = f"/templates/{room['template_id']}/roles/speaker"
    done(await world.api.post(path, json={"subscribeParams": {"subscribeToRoles": []}}))
    still = await house.store.read(lambda tx: tx.sessions.participant(ada.id))
    assert still is not None and still.subscribe_to == ("host",)
    anew = await house.people.change_role(house.mine.id, room["id"], ada.id, "speaker")
    assert anew.subscribe_to == ()
    assert (await world.enter(room, codes["speaker"])).participant.subscribe_to == ()


async def test_a_session_that_only_the_servers_end_cut_off_has_no_more_time_than_was_left(world: World) -> None:
    room, codes = await stage(world)
    house = world.house
    done(await world.api.post(f"/rooms/{room['id']}", json={"max_duration_seconds": 600}))
    first = (await world.enter(room, codes["host"])).opened
    assert first is not None and first.ends_by == first.started_at + timedelta(seconds=600)
    for reason, goes_on in (
        (LeaveReason.SERVER_CRASHED, True),
        (LeaveReason.SERVER_STOPPED, True),
        (LeaveReason.LEFT, False),
    ):
        present = await house.store.read(lambda tx: tx.sessions.present(first.room_id))
        await house.people.leave(present[0].id, reason)
        opened = (await world.enter(room, codes["host"])).opened
        assert opened is not None
        assert (opened.ends_by == first.ends_by) is goes_on


async def test_a_session_of_a_streamwise_room_lasts_as_long_as_its_features_say(world: World) -> None:
    room, codes = await stage(world)
    opened = (await world.enter(room, codes["host"])).opened
    assert opened is not None and opened.ends_by == opened.started_at + timedelta(minutes=1440)
    ends = SessionEnds(world.house.store, world.house.clock, world.house.departures)
    await ends.end_due()
    assert (await world.house.store.read(lambda tx: tx.sessions.get(opened.id))).ended_at is None  # type: ignore[union-attr]
    await world.house.store.write(lambda tx: tx.sessions.set_end(opened.id, opened.started_at))
    await ends.end_due()
    closed = await world.house.store.read(lambda tx: tx.sessions.get(opened.id))
    assert closed is not None and closed.end_reason is LeaveReason.MAX_DURATION
    kinds = [one.type for one in await events_of(world, opened.room_id)]
    assert kinds[-2:] == [EventType.PARTICIPANT_LEFT, EventType.SESSION_CLOSED]
