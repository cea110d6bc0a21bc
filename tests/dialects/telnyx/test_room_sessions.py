"""Sessions of a room and who was in them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.dialects.telnyx.world import MICROSECONDS, World, errors_of

DAY = datetime(2021, 4, 25, tzinfo=UTC)
NONE = "00000000-0000-7000-8000-000000000000"


async def test_a_session_is_active_while_somebody_is_in(world: World) -> None:  # (17)
    room = await world.room()
    assert await world.sessions(room) == []
    joined = await world.enter(room)
    (session,) = await world.sessions(room)
    assert session == {
        "active": True,
        "created_at": session["created_at"],
        "id": str(joined.participant.session_id),
        "participants": [],
        "record_type": "room_session",
        "room_id": room["id"],
        "updated_at": session["updated_at"],
    }
    assert re.fullmatch(MICROSECONDS, session["created_at"])
    await world.house.leave(joined)
    (ended,) = await world.sessions(room)
    assert ended == {**session, "active": False, "ended_at": ended["ended_at"], "updated_at": ended["ended_at"]}
    await world.enter(room)
    following = await world.sessions(room)
    assert [one["active"] for one in following] == [True, False]
    assert following[1] == ended


async def test_participants_are_shown_when_they_are_asked_for(world: World) -> None:
    room = await world.room()
    ada, bo = await world.enter(room, "Ada"), await world.enter(room, "Bo")
    await world.house.people.change(bo.participant.id, metadata='{"seat": 7}')
    await world.house.leave(ada)
    (session,) = await world.sessions(room, "include_participants=true")
    first, second = session["participants"]
    assert first == {
        "context": "Ada",
        "id": str(ada.participant.id),
        "joined_at": first["joined_at"],
        "left_at": first["left_at"],
        "record_type": "room_participant",
        "session_id": session["id"],
        "updated_at": first["left_at"],
    }
    assert re.fullmatch(MICROSECONDS, first["left_at"]) and re.fullmatch(MICROSECONDS, first["joined_at"])
    assert (second["context"], second["left_at"]) == ('{"seat": 7}', None)
    assert second["updated_at"] > second["joined_at"]
    for query in ("", "include_participants=false"):
        assert (await world.sessions(room, query))[0]["participants"] == []


async def test_sessions_are_filtered_by_their_days(world: World) -> None:
    room = await world.room()
    for number in range(3):
        await world.past_session(room, DAY + timedelta(days=number), timedelta(days=10))
    await world.enter(room)

    async def days(query: str) -> list[str]:
        answer = (await world.api.get(f"/rooms/{room['id']}/sessions?{query}")).json()
        assert answer["meta"]["total_results"] == len(answer["data"])
        return [one["created_at"][:10] for one in answer["data"] if not one["active"]]

    for field, first in (("date_created_at", DAY), ("date_updated_at", DAY + timedelta(days=10))):
        middle = (first + timedelta(days=1)).date()
        assert await days(f"filter[{field}][eq]={middle}") == ["2021-04-26"]
        assert await days(f"filter[{field}][gte]={middle}") == ["2021-04-27", "2021-04-26"]
        assert await days(f"filter[{field}][lte]={middle}") == ["2021-04-26", "2021-04-25"]
    assert await days("filter[date_ended_at][eq]=2021-05-06") == ["2021-04-26"]
    assert await days("filter[date_ended_at][gte]=2021-05-06&filter[date_ended_at][lte]=2021-05-06") == ["2021-04-26"]
    assert await days("filter%5Bdate_created_at%5D%5Beq%5D=2021-04-25&filter[date_ended_at][eq]=2021-05-06") == []
    ended = (await world.api.get(f"/rooms/{room['id']}/sessions?filter[date_ended_at][gte]=2000-01-01")).json()["data"]
    assert [one["active"] for one in ended] == [False] * 3


async def test_sessions_are_filtered_by_whether_they_are_active(world: World) -> None:  # (17)
    room = await world.room()
    await world.past_session(room, DAY)
    await world.enter(room)
    (active,) = await world.sessions(room, "filter[active]=true&page[size]=100")
    assert active["active"] is True and "ended_at" not in active
    (over,) = await world.sessions(room, "filter[active]=false")
    assert over["active"] is False and over["ended_at"] == "2021-04-25T00:05:00.000000Z"


async def test_sessions_come_in_pages_latest_first(world: World) -> None:
    room = await world.room()
    made = [str((await world.past_session(room, DAY + timedelta(days=number))).id) for number in range(5)][::-1]
    for number, expected in ((1, made[:2]), (2, made[2:4]), (3, made[4:]), (4, [])):
        answer = (await world.api.get(f"/rooms/{room['id']}/sessions?page[size]=2&page[number]={number}")).json()
        assert [one["id"] for one in answer["data"]] == expected
        assert answer["meta"] == {"page_number": number, "page_size": 2, "total_pages": 3, "total_results": 5}


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("filter[active]=1", ["filter[active]"]),
        ("filter[date_ended_at][eq]=tomorrow", ["filter[date_ended_at][eq]"]),
        ("include_participants=&page[number]=0", ["include_participants", "page[number]"]),
    ],
)
async def test_wrong_parameters_are_named(world: World, query: str, wrong: list[str]) -> None:
    room = await world.room()
    answer = await world.api.get(f"/rooms/{room['id']}/sessions?{query}")
    assert errors_of(answer) == [("10015", name) for name in wrong]


async def test_sessions_of_no_room_or_another_accounts_are_not_there(world: World) -> None:  # (17)
    room = await world.room()
    await world.enter(room)
    for client, room_id in ((world.api, NONE), (world.api, "x"), (world.other, room["id"])):
        assert errors_of(await client.get(f"/rooms/{room_id}/sessions"), 404) == [("10005", "room_id")]
