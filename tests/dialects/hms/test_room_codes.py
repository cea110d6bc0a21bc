"""`/room-codes`. Source: research/100ms.md B.4."""

import asyncio
import re
from typing import Any

import pytest
from tests.dialects.hms.world import Json, World, done, refused

from polyroom.domain.roles import Role, Source

HOST, GUEST = Role("host", 1, frozenset(Source)), Role("guest", 2, frozenset())


async def listed(world: World, room: Json, query: str = "") -> list[Json]:
    codes: list[Json] = done(await world.sdk.get(f"/room-codes/room/{room['id']}{query}"))["data"]
    return codes


async def test_every_role_gets_one_code_that_stays(world: World) -> None:
    room = await world.room()
    path = f"/room-codes/room/{room['id']}"
    made = done(await world.api.post(path))
    assert [one["role"] for one in made["data"]] == ["host", "guest", "viewer"]
    for one in made["data"]:
        assert set(one) == {"code", "room_id", "role", "enabled", "created_at"}
        assert re.fullmatch(r"[a-z]{3}-[a-z]{4}-[a-z]{3}", one["code"])
        assert (one["room_id"], one["enabled"]) == (room["id"], True)
    assert len({one["code"] for one in made["data"]}) == 3
    for body in (b"", b"{}", b" ", b'{"anything": [1]}'):
        assert done(await world.api.post(path, content=body)) == made
    assert done(await world.api.get(path)) == made


async def test_many_who_ask_at_once_get_the_same_codes(world: World) -> None:
    room = await world.room()
    made = await asyncio.gather(*(world.codes(room) for _ in range(10)))
    assert all(codes == made[0] for codes in made)
    assert len(await listed(world, room)) == 3


async def test_the_vendors_edition_shows_when_a_code_changed(world: World) -> None:
    room = await world.room()
    (first, *_) = done(await world.sdk.post(f"/room-codes/room/{room['id']}"))["data"]
    assert first["updated_at"] == first["created_at"]
    changed = done(await world.sdk.post("/room-codes/code", json={"code": first["code"], "enabled": False}))
    assert changed == {**first, "enabled": False, "updated_at": changed["updated_at"]}
    assert changed["updated_at"] >= first["updated_at"]


async def test_new_roles_get_codes_and_those_of_roles_that_are_gone_are_switched_off(world: World) -> None:
    room = await world.room()
    old = await world.codes(room)
    template = await world.template(Role("teacher", 2, frozenset(Source)), HOST)
    done(await world.api.post(f"/rooms/{room['id']}", json={"template_id": template.hms_id}))
    new = await world.codes(room)
    assert list(new) == ["host", "teacher"]
    assert new["host"] == old["host"]
    enabled = {one["code"]: one["enabled"] for one in await listed(world, room)}
    assert enabled == {old["host"]: True, old["guest"]: False, old["viewer"]: False, new["teacher"]: True}
    body = refused(await world.api.post(f"/room-codes/code/{old['guest']}", json={"enabled": True}), 403)
    assert body["message"] == "Code can not be enabled: its role does not exist"
    done(await world.api.post(f"/room-codes/code/{old['guest']}", json={"enabled": False}))


async def test_a_role_whose_codes_are_all_switched_off_gets_a_fresh_one(world: World) -> None:
    room = await world.room()
    old = await world.codes(room)
    done(await world.api.post(f"/room-codes/code/{old['host']}", json={"enabled": False}))
    new = await world.codes(room)
    assert new["host"] != old["host"]
    assert (new["guest"], new["viewer"]) == (old["guest"], old["viewer"])
    assert await world.codes(room) == new


async def test_a_role_can_have_a_hundred_codes(world: World) -> None:
    room = await world.room(template_id=(await world.template(HOST, GUEST)).hms_id)
    path = f"/room-codes/room/{room['id']}/role/guest"
    made = [done(await world.sdk.post(path))["code"] for _ in range(100)]
    assert len(set(made)) == 100
    assert "room codes" in refused(await world.sdk.post(path), 400)["message"]
    assert (await world.codes(room))["guest"] == made[0]
    assert len(done(await world.api.get(f"/room-codes/room/{room['id']}"))["data"]) == 101


async def test_codes_are_listed_by_filters_and_pages(world: World) -> None:
    room = await world.room()
    codes = await world.codes(room)
    for _ in range(19):
        done(await world.sdk.post(f"/room-codes/room/{room['id']}/role/host"))
    done(await world.sdk.post("/room-codes/code", json={"code": codes["host"], "enabled": False}))
    path = f"/room-codes/room/{room['id']}"
    first = done(await world.sdk.get(path))
    assert (first["limit"], len(first["data"]), first["last"]) == (20, 20, first["data"][-1]["code"])
    rest = done(await world.sdk.get(f"{path}?start={first['last']}"))
    assert (len(rest["data"]), rest["last"]) == (2, "")
    exactly = done(await world.sdk.get(f"{path}?role=host&limit=20"))
    assert (len(exactly["data"]), exactly["last"]) == (20, exactly["data"][-1]["code"])
    assert done(await world.sdk.get(f"{path}?role=host&limit=20&start={exactly['last']}"))["data"] == []
    assert len(await listed(world, room, "?role=host&enabled=true&limit=100")) == 19
    assert [one["code"] for one in await listed(world, room, "?enabled=false")] == [codes["host"]]
    assert len(done(await world.api.get(path))["data"]) == 22
    assert len(done(await world.api.get(f"{path}?limit=5&role=host"))["data"]) == 5


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "enabled=2", "start=abc-defg-hij", "start=%00"])
async def test_a_wrong_parameter_is_named(world: World, query: str) -> None:
    room = await world.room()
    body = refused(await world.sdk.get(f"/room-codes/room/{room['id']}?{query}"), 400)
    assert body["message"].startswith(f"Invalid query param: {query.partition('=')[0]} ")


async def test_a_disabled_rooms_codes_are_forbidden(world: World) -> None:
    room = await world.room()
    codes = await world.codes(room)
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": False}))
    path = f"/room-codes/room/{room['id']}"
    for client in (world.api, world.sdk):
        for answer in (await client.post(path), await client.get(path), await client.post(f"{path}/role/host")):
            assert refused(answer, 403)["message"] == "Room is disabled"
    done(await world.api.post(f"/room-codes/code/{codes['host']}", json={"enabled": False}))


@pytest.mark.parametrize("body", [{}, {"enabled": None}, {"enabled": "true"}, {"enabled": 1}])
async def test_the_switch_takes_true_or_false(world: World, body: Any) -> None:
    code = (await world.codes(await world.room()))["host"]
    for path, more in ((f"/room-codes/code/{code}", {}), ("/room-codes/code", {"code": code})):
        found = refused(await world.api.post(path, json={**more, **body}), 400)
        assert found["details"][0].startswith("enabled ")


async def test_the_vendors_path_takes_nothing_but_its_two_fields(world: World) -> None:
    code = (await world.codes(await world.room()))["host"]
    body = refused(await world.sdk.post("/room-codes/code", json={"code": code, "enabled": True, "role": "x"}), 400)
    assert body["details"] == ["role is not allowed here"]
    refused(await world.sdk.post("/room-codes/code", json={"enabled": True}), 400)


async def test_what_is_not_there_is_404(world: World) -> None:
    room = await world.room()
    codes = await world.codes(room)
    for path in ("/room-codes/room/nothing", f"/room-codes/room/{room['id']}/role/nobody"):
        refused(await world.api.post(path), 404)
    refused(await world.api.get(f"/room-codes/room/{room['id']}?role=nobody"), 404)
    for code in ("nothing", "abc-defg-hij", "%00", "💥", codes["host"].upper()):
        refused(await world.api.post(f"/room-codes/code/{code}", json={"enabled": True}), 404)
    await world.house.rooms.delete(world.house.mine.id, room["id"])
    refused(await world.api.post(f"/room-codes/code/{codes['host']}", json={"enabled": True}), 404)


async def test_another_accounts_codes_are_not_there(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    refused(await world.other.post(f"/room-codes/code/{code}", json={"enabled": False}), 404)
    refused(await world.other.post("/room-codes/code", json={"code": code, "enabled": False}), 404)
    refused(await world.other.get(f"/room-codes/room/{room['id']}"), 404)
    refused(await world.other.post(f"/room-codes/room/{room['id']}"), 404)
    assert all(one["enabled"] for one in await listed(world, room))
