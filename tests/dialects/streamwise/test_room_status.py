"""`/rooms/{room_id}/status`. Numbers in brackets are the cases of research/streamwise.md section 6."""

from dataclasses import replace
from typing import Any

import pytest
from tests.dialects.streamwise.world import World

from polyroom.domain.account import Dialect
from polyroom.domain.errors import RoomDisabled
from polyroom.domain.roles import RoleClass
from polyroom.domain.session import LeaveReason


async def status_of(world: World, room: dict[str, Any]) -> dict[str, Any]:
    answer = await world.api.get(f"/rooms/{room['id']}/status")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()["data"]
    return found


def counts(status: dict[str, Any]) -> tuple[int, ...]:
    return tuple(status[name] for name in ("participants", "moderators", "attendees", "guests"))


async def test_an_active_room_with_nobody_in_has_an_inactive_status(world: World) -> None:  # (19)
    room = await world.room()
    status = await status_of(world, room)
    assert (room["status"], status["status"], counts(status)) == ("active", "inactive", (0, 0, 0, 0))
    assert status["started_at"] is None


async def test_the_status_counts_people_by_role_as_they_come_and_go(world: World) -> None:  # (19)
    room = await world.room()
    moderator, guest = await world.token(room, "moderator"), await world.token(room, "guest")
    await world.enter(room, moderator)
    await world.enter(room, guest)
    last = await world.enter(room, guest)
    status = await status_of(world, room)
    assert (status["status"], counts(status)) == ("active", (3, 1, 0, 2))
    assert status["started_at"].endswith("Z")
    await world.enter(room, await world.token(room, "attendee"))
    await world.leave(last)
    assert counts(await status_of(world, room)) == (3, 1, 1, 1)


async def test_people_of_other_dialects_count_by_what_they_may_do(world: World) -> None:
    room = await world.room()
    joined = (await world.enter(room, await world.token(room, "moderator"))).participant
    for kind in (RoleClass.PARTICIPANT, RoleClass.VIEWER):
        stranger = replace(
            joined,
            id=world.rooms._ids.uuid(),
            identity=kind.value,
            dialect=Dialect.HMS,
            label="anything",
            role_class=kind,
        )
        await world.store.write(lambda tx, one=stranger: tx.sessions.add_participant(one))
    assert counts(await status_of(world, room)) == (3, 1, 1, 1)


@pytest.mark.parametrize(
    ("kind", "extra"),
    [
        ("live", {"viewers": 1, "broadcasters": 1}),
        ("video", {"viewers": 1, "views": 0, "comments": 0, "likes": 0}),
        ("simulcast", {"destinations": 0}),
    ],
)
async def test_each_type_of_room_has_its_own_counts(world: World, kind: str, extra: dict[str, int]) -> None:
    room = await world.room(room_type=kind)
    for role in ("moderator", "guest"):
        await world.enter(room, await world.token(room, role))
    status = await status_of(world, room)
    assert extra.items() <= status.items()
    assert counts(status) == (2, 1, 0, 1)


async def test_an_inactive_room_is_readable_and_lets_nobody_in(world: World) -> None:  # (18)
    room = await world.room()
    token = await world.token(room)
    joined = await world.enter(room, token)
    path = f"/rooms/{room['id']}"
    assert (await world.api.patch(path, json={"status": "inactive"})).json()["status"] == "inactive"
    assert world.engine.evicted == [(joined.participant.id, LeaveReason.ROOM_DISABLED)]
    with pytest.raises(RoomDisabled):
        await world.enter(room, token)
    assert (await world.api.get(path)).json()["status"] == "inactive"
    assert (await status_of(world, room))["status"] == "inactive"
    await world.api.patch(path, json={"status": "active"})
    assert await world.enter(room, token)
