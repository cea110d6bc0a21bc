"""`/sessions`: the document's shapes and the vendor's, filters, pages, and what outlives a room."""

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.domain.session import TrackKind

NOBODYS = "631b2654f771854d9bf633df"


async def listed(world: World, query: str = "", *, sdk: bool = False) -> list[Json]:
    client = world.sdk if sdk else world.api
    found: list[Json] = done(await client.get(f"/sessions?{query}"))["data"]
    return found


async def meet(world: World, room: Json, *names: str) -> str:
    """A session that is over; its id."""
    joined = [await world.enter(room, app_token(world.key, room, "guest"), name=name) for name in names]
    (running,) = await listed(world, f"room_id={room['id']}&active=true")
    for one in joined:
        await world.house.leave(one)
    found: str = running["id"]
    return found


async def test_the_document_lists_peers_with_their_tracks(world: World) -> None:
    room = await world.room(name="class")
    ada = await world.enter(room, app_token(world.key, room, "guest", user_id="student-1"), name="Ada")
    bo = await world.enter(room, app_token(world.key, room, "host"), name="Bo")
    track = await world.house.publish(ada, TrackKind.VIDEO)
    await world.house.leave(ada)
    (session,) = await listed(world)
    first, second = session.pop("peers")
    assert session == {
        "id": session["id"],
        "room_id": room["id"],
        "room_name": "class",
        "active": True,
        "created_at": session["created_at"],
        "updated_at": session["updated_at"],
        "template_id": room["template_id"],
    }
    assert len(session["id"]) == 24
    assert session["updated_at"] == first["left_at"] > session["created_at"]
    assert {name: first[name] for name in ("id", "name", "user_id", "role", "metadata")} == {
        "id": str(ada.participant.id),
        "name": "Ada",
        "user_id": "student-1",
        "role": "guest",
        "metadata": "",
    }
    assert list(first["tracks"]) == [str(track.id)]
    assert (second["id"], second["tracks"], "left_at" in second) == (str(bo.participant.id), {}, False)
    for session_id in (session["id"], session["id"].upper(), str(ada.participant.session_id)):
        assert done(await world.api.get(f"/sessions/{session_id}")) == {**session, "peers": [first, second]}


async def test_the_vendors_packages_find_a_map_of_peers(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, app_token(world.key, room, "guest"), name="Ada")
    await world.house.leave(joined)
    (session,) = await listed(world, sdk=True)
    customer, peer_id = world.house.mine.hms_customer_id, str(joined.participant.id)
    peer = session["peers"][peer_id]
    assert session == {
        "id": session["id"],
        "room_id": room["id"],
        "customer_id": customer,
        "app_id": customer,
        "active": False,
        "peers": {peer_id: peer},
        "created_at": session["created_at"],
        "updated_at": peer["left_at"],
    }
    assert peer == {
        "id": peer_id,
        "session_id": session["id"],
        "name": "Ada",
        "role": "guest",
        "user_id": "u1",
        "joined_at": peer["joined_at"],
        "left_at": peer["left_at"],
    }
    assert done(await world.sdk.get(f"/sessions/{session['id']}")) == session


async def test_sessions_are_filtered_by_room_activity_and_time(world: World) -> None:
    here, there = await world.room(), await world.room()
    first = await meet(world, here, "Ada")
    second = await meet(world, there, "Ada")
    third = await meet(world, here, "Ada")
    await world.enter(here, app_token(world.key, here, "host"))
    running = (await listed(world))[0]

    async def ids(query: str) -> list[str]:
        both = [[one["id"] for one in await listed(world, query, sdk=sdk)] for sdk in (False, True)]
        assert both[0] == both[1]
        return both[0]

    assert await ids("") == [running["id"], third, second, first]
    assert await ids(f"room_id={here['id']}") == [running["id"], third, first]
    assert await ids(f"room_id={there['id']}&active=false") == [second]
    assert await ids("active=true") == [running["id"]]
    assert await ids(f"room_id={there['id']}&active=true") == []
    assert await ids(f"after={running['created_at']}") == [running["id"]]
    assert (await ids(f"before={running['created_at']}"))[-1] == first
    assert await ids("before=2020-01-01T00:00:00.000Z") == []
    assert await ids(f"room_id={NOBODYS}") == await ids("room_id=%00") == []


async def test_pages_are_walked_by_the_last_id(world: World) -> None:
    room = await world.room()
    made = [await meet(world, room, "Ada") for _ in range(5)][::-1]
    page = done(await world.api.get("/sessions?limit=2"))
    assert (page["limit"], page["last"]) == (2, made[1])
    walked = []
    while page["data"]:
        walked += [one["id"] for one in page["data"]]
        page = done(await world.api.get(f"/sessions?limit=2&start={page['last']}"))
    assert walked == made
    assert page == {"limit": 2, "data": [], "last": ""}
    narrowed = done(await world.api.get(f"/sessions?start={made[1]}&room_id={room['id']}&active=false"))
    assert [one["id"] for one in narrowed["data"]] == made[2:]


async def test_a_session_outlives_its_room(world: World) -> None:
    room = await world.room(name="class")
    session = await meet(world, room, "Ada", "Bo")
    await world.house.rooms.delete(world.house.mine.id, room["id"])
    shown = done(await world.api.get(f"/sessions/{session}"))
    assert (shown["room_id"], shown["room_name"], shown["template_id"]) == (room["id"], "class", room["template_id"])
    assert [one["name"] for one in shown["peers"]] == ["Ada", "Bo"]
    assert [one["id"] for one in await listed(world, f"room_id={room['id']}")] == [session]


async def test_who_is_hidden_is_in_no_session(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, app_token(world.key, room, "guest"))
    hidden = "UPDATE participant SET hidden = true"
    from sqlalchemy import text

    await world.house.store.write(lambda tx: tx.sessions._connection.execute(text(hidden)))  # type: ignore[attr-defined]
    assert [one["peers"] for one in await listed(world)] == [[]]
    await world.house.leave(joined)


@pytest.mark.parametrize("session", [NOBODYS, "x", "%00", "💥", "00000000-0000-7000-8000-000000000000"])
async def test_a_session_that_never_was_is_404(world: World, session: str) -> None:
    for client in (world.api, world.sdk):
        refused(await client.get(f"/sessions/{session}"), 404)


async def test_another_accounts_sessions_are_not_there(world: World) -> None:
    room = await world.room()
    session = await meet(world, room, "Ada")
    refused(await world.other.get(f"/sessions/{session}"), 404)
    assert done(await world.other.get(f"/sessions?room_id={room['id']}"))["data"] == []
    refused(await world.other.get(f"/sessions?start={session}"), 400)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "active=yes", "after=yesterday", "before=2026-13-01", f"start={NOBODYS}"],
)
async def test_a_wrong_query_is_400_and_named(world: World, query: str) -> None:
    body = refused(await world.api.get(f"/sessions?{query}"), 400)
    assert query.partition("=")[0] in body["message"]


async def test_the_end_of_time_is_no_error(world: World) -> None:
    room = await world.room()
    session = await meet(world, room, "Ada")
    far = "9999-12-31T23:59:59.999Z"
    assert [one["id"] for one in await listed(world, f"before={far}")] == [session]
    assert await listed(world, f"after={far}") == []
