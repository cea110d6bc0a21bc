"""`/members`: who is in, what they publish, under which ids."""

import re
from dataclasses import replace
from typing import Any

import pytest
from tests.dialects.phenix.world import NOT_FOUND, World, refused

from polyroom.dialects.phenix.ids import Of, read_id, shown_id
from polyroom.domain.account import Dialect
from polyroom.domain.session import Track, TrackKind
from polyroom.services.participants import Joined

SAMPLE = re.compile(r"pcast://phenixrts\.com/eu#[0-9A-Za-z]{22}\?capabilities=[A-Za-z0-9%=.-]+")


async def publish(world: World, joined: Joined, *sources: str, muted: bool = False) -> list[Track]:
    kinds = {"microphone": TrackKind.AUDIO, "screen_share_audio": TrackKind.AUDIO}
    tracks = []
    for source in sources:
        one = joined.participant
        track = Track(
            id=world.house.ids.uuid(),
            account_id=one.account_id,
            room_id=one.room_id,
            session_id=one.session_id,
            participant_id=one.id,
            kind=kinds.get(source, TrackKind.VIDEO),
            source=source,
            name="",
            mime="",
            muted=muted,
            started_at=world.house.clock.now(),
        )
        await world.house.store.write(lambda tx, track=track: tx.sessions.add_track(track))  # type: ignore[misc]
        tracks.append(track)
    return tracks


async def end(world: World, track: Track) -> None:
    await world.house.store.write(lambda tx: tx.sessions.end_track(track.id, world.house.clock.now()))


async def test_an_empty_room_has_no_members(world: World) -> None:  # (7)
    assert await world.members(await world.room()) == []
    assert refused(await world.api.get("/room/eu%23a%23b/members")) == (404, NOT_FOUND)


async def test_a_member_has_every_field_of_the_document(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only(), name="Primary")
    await publish(world, joined, "camera", "microphone")
    (member,) = await world.members(room)
    assert list(member) == ["sessionId", "screenName", "role", "streams", "state", "lastUpdate"]
    (stream,) = member["streams"]
    assert list(stream) == ["type", "uri", "audioState", "videoState"]
    assert (member["screenName"], member["role"], member["state"]) == ("Primary", "Participant", "Passive")
    assert isinstance(member["lastUpdate"], int)
    assert len(str(member["lastUpdate"])) == 13  # (7)
    assert re.fullmatch(r"eu#[0-9A-Za-z]{22}", member["sessionId"])
    assert SAMPLE.fullmatch(stream["uri"])


async def test_members_stand_in_the_order_they_came(world: World) -> None:
    room = await world.room()
    for name in "abc":
        await world.enter(room, world.token(room), name=name)
    assert [one["screenName"] for one in await world.members(room)] == ["a", "b", "c"]


async def test_who_leaves_is_no_member_and_comes_back_as_a_new_session(world: World) -> None:  # (24)
    room = await world.room()
    first = await world.enter(room, world.token(room))
    (before,) = await world.members(room)
    await world.house.leave(first)
    assert await world.members(room) == []
    await world.enter(room, world.token(room))
    (after,) = await world.members(room)
    assert before["sessionId"] != after["sessionId"]


@pytest.mark.parametrize(
    ("sources", "streams"),
    [
        (["camera", "microphone"], [("User", "TrackEnabled", "TrackEnabled")]),
        (["camera"], [("User", "TrackEnded", "TrackEnabled")]),
        (["microphone"], [("Audio", "TrackEnabled", "TrackEnded")]),
        (["screen_share"], [("Presentation", "TrackEnded", "TrackEnabled")]),
        (["screen_share", "screen_share_audio"], [("Presentation", "TrackEnabled", "TrackEnabled")]),
        (["unknown"], [("User", "TrackEnded", "TrackEnabled")]),
        (
            ["microphone", "screen_share", "camera"],
            [("User", "TrackEnabled", "TrackEnabled"), ("Presentation", "TrackEnded", "TrackEnabled")],
        ),
    ],
)
async def test_camera_and_microphone_are_one_stream_a_shared_screen_another(
    world: World, sources: list[str], streams: list[tuple[str, str, str]]
) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only())
    tracks = await publish(world, joined, *sources)
    (member,) = await world.members(room)
    assert [(one["type"], one["audioState"], one["videoState"]) for one in member["streams"]] == streams
    assert len({one["uri"] for one in member["streams"]}) == len(streams)
    for track in tracks:
        await end(world, track)
    (member,) = await world.members(room)
    assert member["streams"] == []


async def test_a_muted_track_is_disabled(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only())
    (camera,) = await publish(world, joined, "camera", muted=True)
    await publish(world, joined, "microphone")
    (member,) = await world.members(room)
    (stream,) = member["streams"]
    assert (stream["audioState"], stream["videoState"]) == ("TrackEnabled", "TrackDisabled")
    await world.house.store.write(lambda tx: tx.sessions.update_track(replace(camera, muted=False)))
    (member,) = await world.members(room)
    assert member["streams"][0]["videoState"] == "TrackEnabled"


async def test_a_stream_keeps_its_id_and_is_found_by_it(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only())
    (camera,) = await publish(world, joined, "camera")
    before = await world.members(room)
    await end(world, camera)
    await publish(world, joined, "camera", "screen_share")
    (member,) = await world.members(room)
    user, presentation = (one["uri"].removeprefix("pcast://phenixrts.com/") for one in member["streams"])
    assert before[0]["streams"][0]["uri"].endswith(user)
    ids = [member["sessionId"], user.partition("?")[0], presentation.partition("?")[0]]
    assert [read_id(one) for one in ids] == [(joined.participant.id, of) for of in Of]


@pytest.mark.parametrize("text", ["", "eu", "eu#", "eu#" + "0" * 21, "eu#" + "z" * 22, "eu#" + "!" * 22, "0" * 22])
def test_what_is_no_id_of_a_member_is_nobodys(text: str) -> None:
    assert read_id(text) is None


async def test_the_capabilities_of_the_token_are_those_of_the_streams(world: World) -> None:  # (7)
    room = await world.room()
    token = world.token(room).for_publishing_only().with_capability("multi-bitrate").with_capability("fhd")
    await publish(world, await world.enter(room, token), "camera", "microphone")
    await publish(world, await world.enter(room, world.token(room).for_publishing_only()), "microphone")
    shown = [one["streams"][0]["uri"].partition("?")[2] for one in await world.members(room)]
    assert shown == ["capabilities=fhd%2Cmulti-bitrate", "capabilities=real-time%2Caudio-only"]


async def test_last_update_moves_with_what_others_see(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only())

    async def last() -> Any:
        return (await world.members(room))[0]["lastUpdate"]

    entered = await last()
    assert entered == int(joined.participant.joined_at.timestamp() * 1000)
    (track,) = await publish(world, joined, "camera")
    assert await last() == int(track.started_at.timestamp() * 1000)
    changed = await world.house.people.change(joined.participant.id, name="Bo")
    assert await last() == int(changed.changed_at.timestamp() * 1000)
    assert (await world.members(room))[0]["screenName"] == "Bo"


@pytest.mark.parametrize(
    ("dialect", "label", "role"),
    [
        (Dialect.STREAMWISE, "moderator", "Moderator"),
        (Dialect.STREAMWISE, "attendee", "Participant"),
        (Dialect.HMS, "viewer", "Audience"),
        (Dialect.LIVEKIT, "admin", "Moderator"),
        (Dialect.PHENIX, "Presenter", "Presenter"),
        (Dialect.PHENIX, "Moderator", "Moderator"),
        (Dialect.PHENIX, "Audience", "Audience"),
    ],
)
async def test_people_of_every_door_have_a_role(world: World, dialect: Dialect, label: str, role: str) -> None:
    from polyroom.domain.admission import Grant
    from polyroom.services.ports.admission import Ticket

    room = await world.room()
    grant = Grant(dialect, label, await world.house.room_id(room["roomId"]))
    await world.house.people.join(Ticket(grant, None, "someone", "Someone"))
    assert [one["role"] for one in await world.members(room)] == [role]


async def test_who_is_hidden_is_no_member(world: World) -> None:
    from polyroom.domain.admission import Grant
    from polyroom.services.ports.admission import Ticket

    room = await world.room()
    grant = Grant(Dialect.LIVEKIT, "viewer", await world.house.room_id(room["roomId"]), hidden=True)
    await world.house.people.join(Ticket(grant, None, "someone", "Someone"))
    assert await world.members(room) == []


def test_ids_are_made_of_the_whole_participant_id() -> None:
    from uuid import UUID

    for number in (0, 1, 2**128 - 1, 0x0192_0000_7000_8000 << 64):
        for of in Of:
            assert read_id(shown_id("eu", UUID(int=number), of)) == (UUID(int=number), of)
