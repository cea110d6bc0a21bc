"""`/room_sessions` and `/room_participants`: everything that is on record, of all rooms."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.dialects.telnyx.world import MICROSECONDS, Json, World, data_of, errors_of

NONE = "00000000-0000-7000-8000-000000000000"


async def found(world: World, path: str) -> list[Json]:
    """The `data` of a list, after a look at its numbers."""
    answer = await world.api.get(path)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert set(body) == {"data", "meta"}
    assert body["meta"]["total_results"] >= len(body["data"])
    data: list[Json] = body["data"]
    return data


async def test_a_rooms_running_session_is_found_among_all(world: World) -> None:  # (17)
    here, there = await world.room(), await world.room()
    await world.house.leave(await world.enter(here))
    joined = await world.enter(here)
    await world.enter(there)
    assert len(await found(world, "/room_sessions")) == 3
    query = f"filter[room_id]={here['id']}&filter[active]=true&page[size]=100"
    (session,) = await found(world, f"/room_sessions?{query}")
    assert (session["id"], session["room_id"]) == (str(joined.participant.session_id), here["id"])
    assert "ended_at" not in session and session["participants"] == []
    both = await found(world, f"/room_sessions?filter[room_id]={here['id']}")
    assert [one["active"] for one in both] == [True, False]
    assert await found(world, f"/room_sessions?filter[room_id]={NONE}") == []
    shown = data_of(await world.api.get(f"/room_sessions/{session['id']}?include_participants=true"))
    (participant,) = shown["participants"]
    assert shown == {**session, "participants": [participant]}
    assert data_of(await world.api.get(f"/room_sessions/{session['id']}")) == session
    assert data_of(await world.api.get(f"/room_participants/{participant['id']}")) == participant


async def test_sessions_and_people_outlive_their_room(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room)
    session = str(joined.participant.session_id)
    assert (await world.api.delete(f"/rooms/{room['id']}")).status_code == 204
    shown = data_of(await world.api.get(f"/room_sessions/{session}"))
    assert (shown["active"], shown["room_id"]) == (False, room["id"])
    (participant,) = await found(world, f"/room_sessions/{session}/participants")
    assert participant["left_at"] == shown["ended_at"]
    assert [one["id"] for one in await found(world, f"/room_sessions?filter[room_id]={room['id']}")] == [session]
    assert (await world.api.get(f"/rooms/{room['id']}/sessions")).status_code == 404


async def test_people_are_listed_latest_first(world: World) -> None:
    room = await world.room()
    ada, bo = await world.enter(room, "Ada"), await world.enter(room, "Bo")
    await world.house.leave(ada)
    second, first = await found(world, "/room_participants")
    assert first == {
        "context": "Ada",
        "id": str(ada.participant.id),
        "joined_at": first["joined_at"],
        "left_at": first["left_at"],
        "record_type": "room_participant",
        "session_id": str(ada.participant.session_id),
        "updated_at": first["left_at"],
    }
    assert re.fullmatch(MICROSECONDS, first["left_at"])
    assert (second["id"], second["left_at"]) == (str(bo.participant.id), None)
    session = second["session_id"]
    assert await found(world, f"/room_sessions/{session}/participants") == [second, first]


async def test_people_are_filtered_by_session_and_context(world: World) -> None:  # (24)
    here, there = await world.room(), await world.room()
    joined = [await world.enter(room, name) for room, name in ((here, "Alice"), (here, "Bo"), (there, "Alice"))]
    await world.house.people.change(joined[1].participant.id, metadata="Alice")
    ids = [str(one.participant.id) for one in joined]
    session = joined[0].participant.session_id

    async def who(query: str) -> list[str]:
        return [one["id"] for one in await found(world, f"/room_participants?{query}")]

    assert await who("filter[context]=Alice") == ids[::-1]
    assert await who(f"filter[session_id]={session}") == [ids[1], ids[0]]
    assert await who(f"filter[session_id]={session}&filter[context]=Alice") == [ids[1], ids[0]]
    assert (
        await who("filter[context]=Bo") == await who("filter[context]=alice") == await who("filter[context]=%00") == []
    )
    assert await who(f"filter[session_id]={NONE}") == []


async def test_people_are_filtered_by_days(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room)
    today = datetime.now(UTC).date()
    paths = ("/room_participants", f"/room_sessions/{joined.participant.session_id}/participants")

    async def count(query: str) -> int:
        one, other = [len(await found(world, f"{path}?{query}")) for path in paths]
        assert one == other
        return one

    for present in (True, False):
        for what in ("joined", "updated", "left"):
            there = int(not present or what != "left")
            for condition, counts in (
                (f"[eq]={today}", True),
                (f"[gte]={today}", True),
                (f"[lte]={today}", True),
                (f"[lte]={today - timedelta(days=1)}", False),
                (f"[gte]={today + timedelta(days=1)}", False),
            ):
                assert await count(f"filter[date_{what}_at]{condition}") == there * counts
        if present:
            await world.house.leave(joined)


async def test_pages_of_people_are_cut_by_number(world: World) -> None:
    room = await world.room()
    ids = [str((await world.enter(room, f"{n}")).participant.id) for n in range(5)][::-1]
    (session,) = await found(world, "/room_sessions")
    for path in ("/room_participants", f"/room_sessions/{session['id']}/participants"):
        for number in (1, 2, 3, 4):
            answer = (await world.api.get(f"{path}?page[size]=2&page[number]={number}")).json()
            assert [one["id"] for one in answer["data"]] == ids[2 * number - 2 : 2 * number]
            assert answer["meta"] == {"page_number": number, "page_size": 2, "total_pages": 3, "total_results": 5}


@pytest.mark.parametrize("path", ["/room_sessions/{}", "/room_sessions/{}/participants", "/room_participants/{}"])
@pytest.mark.parametrize("named", [NONE, "x", "%00", "💥", NONE.replace("-", "")])
async def test_what_never_was_is_404(world: World, path: str, named: str) -> None:
    parameter = "room_participant_id" if "participants/" in path else "room_session_id"
    assert errors_of(await world.api.get(path.format(named)), 404) == [("10005", parameter)]


async def test_another_accounts_record_is_not_there(world: World) -> None:
    joined = await world.enter(await world.room())
    one = joined.participant
    for path in (f"/room_sessions/{one.session_id}", f"/room_participants/{one.id}"):
        assert (await world.api.get(path)).status_code == 200
        errors_of(await world.other.get(path), 404)
        errors_of(await world.nobody.get(path), 401)
    errors_of(await world.other.get(f"/room_sessions/{one.session_id}/participants"), 404)
    for path in (
        "/room_sessions",
        "/room_participants",
        f"/room_sessions?filter[room_id]={one.room_id}",
        f"/room_participants?filter[session_id]={one.session_id}",
    ):
        answer = (await world.other.get(path)).json()
        assert (answer["data"], answer["meta"]["total_results"]) == ([], 0)


@pytest.mark.parametrize(
    ("path", "query", "wrong"),
    [
        ("/room_sessions", "filter[room_id]=x&page[size]=0", ["filter[room_id]", "page[size]"]),
        ("/room_sessions", "include_participants=maybe", ["include_participants"]),
        ("/room_participants", "filter[session_id]=&filter[date_left_at][eq]=today", None),
        ("/room_participants", "page[number]=0&page[size]=251", ["page[number]", "page[size]"]),
    ],
)
async def test_wrong_parameters_are_refused_together(
    world: World, path: str, query: str, wrong: list[str] | None
) -> None:
    found = sorted(place or "" for _, place in errors_of(await world.api.get(f"{path}?{query}")))
    assert found == sorted(wrong or ["filter[session_id]", "filter[date_left_at][eq]"])
