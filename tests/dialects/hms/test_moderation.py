"""`/active-rooms`, to act on: peers are changed and removed, rooms are ended."""

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.errors import RoomDisabled
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.participants import Joined
from polyroom.services.ports.admission import Credential

NONE = "00000000-0000-7000-8000-000000000000"


async def inside(world: World, *roles: str) -> tuple[Json, list[Joined]]:
    """A room with somebody of each role."""
    room = await world.room()
    return room, [await world.enter(room, app_token(world.key, room, role)) for role in roles]


async def peers(world: World, room: Json) -> list[str]:
    """The ids of who is in, none where the room is not active."""
    answer = await world.api.get(f"/active-rooms/{room['id']}/peers")
    return list(answer.json()) if answer.status_code == 200 else []


def ids(joined: list[Joined]) -> list[str]:
    return [str(one.participant.id) for one in joined]


async def test_a_peer_gets_another_name_role_and_metadata(world: World) -> None:
    room, (ada, _) = await inside(world, "host", "guest")
    audio = await world.house.publish(ada, TrackKind.AUDIO)
    path = f"/active-rooms/{room['id']}/peers/{ada.participant.id}"
    before = done(await world.api.get(path))
    changed = done(await world.api.post(path, json={"name": "Zoë 👩‍🚀", "metadata": '{"seat": 7}'}))
    assert changed == {**before, "name": "Zoë 👩‍🚀", "metadata": '{"seat": 7}'}
    assert list(changed["tracks"]) == [str(audio.id)]
    assert done(await world.sdk.post(path, json={"role": "guest"})) == {**changed, "role": "guest"}
    assert done(await world.sdk.post(path, json={"role": "viewer", "name": None, "metadata": ""})) == {
        **changed,
        "role": "viewer",
        "metadata": "",
        "tracks": {},
    }
    assert done(await world.api.post(path, json={})) == done(await world.api.get(path))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 257}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"role": "nobody"}, "role"),
        ({"role": ""}, "role"),
        ({"name": "new", "role": "nobody"}, "role"),
        ({"metadata": {}}, "metadata"),
        ({"metadata": "ß" * 32_769}, "metadata"),
    ],
)
async def test_a_wrong_change_changes_nothing(world: World, body: Json, field: str) -> None:
    room, (ada,) = await inside(world, "host")
    path = f"/active-rooms/{room['id']}/peers/{ada.participant.id}"
    before = done(await world.api.get(path))
    assert field in refused(await world.api.post(path, json=body), 400)["message"]
    refused(await world.api.post(path), 400)
    assert done(await world.api.get(path)) == before


async def test_one_peer_or_all_of_a_role_are_removed(world: World) -> None:
    room, joined = await inside(world, "host", "guest", "guest", "viewer")
    host, guest, other, viewer = ids(joined)
    path = f"/active-rooms/{room['id']}/remove-peers"
    assert done(await world.api.post(path, json={"peer_id": viewer.upper(), "role": "guest", "reason": "late"})) == {}
    assert await peers(world, room) == [host, guest, other]
    assert done(await world.sdk.post(path, json={"role": "guest"})) == {"message": "peer remove request submitted"}
    assert await peers(world, room) == [host]
    assert done(await world.api.post(path, json={"role": "guest", "peer_id": None})) == {}
    assert [(str(one), reason) for one, reason in world.house.engine.evicted] == [
        (one, LeaveReason.REMOVED) for one in (viewer, guest, other)
    ]
    assert done(await world.api.post(path, json={"role": "host"})) == {}
    refused(await world.api.post(path, json={"role": "host"}), 404)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (None, 400),
        ({}, 400),
        ({"peer_id": None}, 400),
        ({"peer_id": "", "role": ""}, 400),
        ({"reason": "all out"}, 400),
        ({"peer_id": 7}, 400),
        ({"role": ["guest"]}, 400),
        ({"role": "host", "reason": 7}, 400),
        ({"role": "host", "reason": "ß" * 513}, 400),
        ({"peer_id": NONE}, 404),
        ({"peer_id": NONE, "role": "host"}, 404),
        ({"peer_id": "x"}, 404),
    ],
)
async def test_nobody_is_removed_by_mistake(world: World, body: Json | None, status: int) -> None:
    room, joined = await inside(world, "host")
    refused(await world.api.post(f"/active-rooms/{room['id']}/remove-peers", json=body), status)
    assert await peers(world, room) == ids(joined)


@pytest.mark.parametrize("body", [None, {}, {"reason": "over", "lock": False}, {"lock": None}])
async def test_an_ended_room_is_empty_and_open(world: World, body: Json | None) -> None:
    room, joined = await inside(world, "host", "guest")
    path = f"/active-rooms/{room['id']}/end-room"
    assert done(await world.sdk.post(path, json=body)) == {"message": "session is ending"}
    assert await peers(world, room) == []
    refused(await world.api.post(path, json=body), 404)
    again = await world.enter(room, app_token(world.key, room, "host"))
    assert again.participant.session_id != joined[0].participant.session_id
    assert done(await world.api.post(path, json=body)) == {}
    listed = done(await world.api.get(f"/sessions?room_id={room['id']}"))["data"]
    assert [(one["active"], len(one["peers"])) for one in listed] == [(False, 1), (False, 2)]


async def test_a_locked_room_lets_nobody_in(world: World) -> None:
    room, _ = await inside(world, "host")
    path = f"/active-rooms/{room['id']}/end-room"
    assert done(await world.api.post(path, json={"lock": True})) == {}
    assert done(await world.api.get(f"/rooms/{room['id']}"))["enabled"] is False
    with pytest.raises(RoomDisabled):
        await world.enter(room, app_token(world.key, room, "host"))
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": True}))
    await world.enter(room, app_token(world.key, room, "host"))


@pytest.mark.parametrize("body", [{"lock": "yes"}, {"lock": 1}, {"reason": {}}, {"lock": True, "reason": "ß" * 513}])
async def test_a_wrong_end_ends_nothing(world: World, body: Json) -> None:
    room, joined = await inside(world, "host")
    refused(await world.api.post(f"/active-rooms/{room['id']}/end-room", json=body), 400)
    refused(await world.api.post(f"/active-rooms/{room['id']}/end-room", content=b"{"), 400)
    assert await peers(world, room) == ids(joined)
    assert done(await world.api.get(f"/rooms/{room['id']}"))["enabled"] is True


async def test_an_empty_room_is_neither_ended_nor_locked(world: World) -> None:
    room = await world.room()
    for path, body in (("end-room", {"lock": True}), ("remove-peers", {"role": "host"}), (f"peers/{NONE}", {})):
        refused(await world.api.post(f"/active-rooms/{room['id']}/{path}", json=body), 404)
    assert done(await world.api.get(f"/rooms/{room['id']}"))["enabled"] is True


async def test_the_reason_is_told_with_what_happened(world: World) -> None:
    room, joined = await inside(world, "host", "guest", "guest")
    host, guest, _ = ids(joined)
    path = f"/active-rooms/{room['id']}"
    done(await world.api.post(f"{path}/remove-peers", json={"role": "guest", "reason": "too late ☃"}))
    done(await world.api.post(f"{path}/end-room", json={"reason": "ß" * 512, "lock": True}))
    events = done(await world.sdk.get("/analytics/events?limit=20"))["events"][::-1]
    left = [one["data"] for one in events if one["type"] == "peer.leave.success"]
    assert [(one["role"], one["reason"], one["message"]) for one in left] == [
        ("guest", "peer kicked", "too late ☃"),
        ("guest", "peer kicked", "too late ☃"),
        ("host", "room ended", ""),
    ]
    assert (left[0]["peer_id"], left[-1]["peer_id"]) == (guest, host)
    (ended,) = [one["data"] for one in events if one["type"] == "room.end.success"]
    assert ended == {
        "room_id": room["id"],
        "room_name": room["name"],
        "session_id": left[0]["session_id"],
        "template_id": room["template_id"],
        "session_started_at": left[0]["session_started_at"],
        "peer_id": "",
        "role": "",
        "user_id": "",
        "user_name": "",
        "lock_room": True,
        "reason": "ß" * 512,
        "source": "api",
    }


async def test_who_ended_a_meeting_from_within_is_named(world: World) -> None:
    room, _ = await inside(world, "host", "guest")
    ticketed = await world.house.entrance.ticket(
        room["id"], Credential(token=app_token(world.key, room, "host")), None, "Ada", "more"
    )
    boss = await world.house.people.join(ticketed.ticket)
    standing = world.house.people.way_back(ticketed.ticket, boss.participant.id)
    await world.house.hosts.end(standing)
    events = done(await world.sdk.get("/analytics/events?type=room.end.success"))["events"]
    (ended,) = [one["data"] for one in events]
    assert (ended["peer_id"], ended["role"], ended["user_id"], ended["user_name"]) == (
        str(boss.participant.id),
        "host",
        "u1",
        "Ada",
    )
    assert (ended["source"], ended["reason"], ended["lock_room"]) == ("peer", "", False)
