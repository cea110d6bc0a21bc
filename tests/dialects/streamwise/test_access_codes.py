"""`/rooms/{room_id}/access-codes`. Numbers in brackets are the cases of research/streamwise.md section 6."""

import pytest
from tests.dialects.streamwise.world import World, errors_of

from polyroom.domain.errors import AccessCodeRejected, AccessCodeRequired


async def test_a_code_works_with_a_token_of_its_role_only(world: World) -> None:  # (20)
    room = await world.room()
    code = await world.code(room, "moderator", code="1234")
    assert set(code["data"]) == {"object", "id", "code", "role", "expires_at", "last_usage"}
    await world.code(room, "attendee", code="9999")
    attendee, moderator = await world.token(room, "attendee"), await world.token(room, "moderator")
    with pytest.raises(AccessCodeRejected):
        await world.enter(room, attendee, "1234")
    with pytest.raises(AccessCodeRequired):
        await world.enter(room, moderator)
    assert [one["last_usage"] for one in await world.list(f"/rooms/{room['id']}/access-codes")] == [None, None]
    assert await world.enter(room, moderator, "1234")
    used = {one["code"]: one["last_usage"] for one in await world.list(f"/rooms/{room['id']}/access-codes")}
    assert used["1234"] is not None
    assert used["9999"] is None
    usage = {one["role"]: one["last_usage"] for one in await world.list(f"/rooms/{room['id']}/tokens")}
    assert usage["moderator"] is not None
    assert usage["attendee"] is None


async def test_an_expired_code_is_rejected(world: World) -> None:  # (20)
    room = await world.room()
    code = await world.code(room, "moderator", code="1234", expires_at="2021-01-01")
    assert code["expires_at"] == "2021-01-01T00:00:00Z"
    with pytest.raises(AccessCodeRejected):
        await world.enter(room, await world.token(room), "1234")


async def test_roles_without_codes_need_none(world: World) -> None:
    room = await world.room()
    await world.code(room, "moderator")
    assert await world.enter(room, await world.token(room, "guest"))


async def test_a_code_is_unique_in_its_room(world: World) -> None:  # (21)
    room, another = await world.room(), await world.room()
    code = await world.code(room, code="1234")
    path = f"/rooms/{room['id']}/access-codes"
    taken = {"code": ["The code has already been taken."]}
    assert errors_of(await world.api.post(path, json={"role": "guest", "code": "1234"})) == taken
    assert (await world.code(another, code="1234"))["code"] == "1234"
    same = await world.api.patch(f"{path}/{code['id']}", json={"code": "1234"})
    assert (same.status_code, same.json()["code"]) == (200, "1234")
    second = await world.code(room, code="5678")
    assert errors_of(await world.api.patch(f"{path}/{second['id']}", json={"code": "1234"})) == taken


async def test_a_code_is_made_when_none_is_given(world: World) -> None:  # (21)
    room = await world.room()
    for fields in ({}, {"code": None}):
        code = await world.code(room, "guest", **fields)
        assert code["code"].isdigit()
        assert len(code["code"]) == 10


@pytest.mark.parametrize("code", ["", "x" * 65, 1234, ["1"], "a\0b"])
async def test_a_code_is_a_short_text(world: World, code: object) -> None:
    room = await world.room()
    answer = await world.api.post(f"/rooms/{room['id']}/access-codes", json={"role": "guest", "code": code})
    assert list(errors_of(answer)) == ["code"]


async def test_codes_are_edited_and_deleted_in_their_own_room(world: World) -> None:
    room, another = await world.room(), await world.room()
    code = await world.code(room, "guest", expires_at="2030-01-01")
    wrong = f"/rooms/{another['id']}/access-codes/{code['id']}"
    assert (await world.api.patch(wrong, json={"role": "guest"})).status_code == 404
    assert (await world.api.delete(wrong)).status_code == 404
    path = f"/rooms/{room['id']}/access-codes/{code['id']}"
    changed = (await world.api.patch(path, json={"role": "attendee", "code": "42"})).json()
    assert (changed["role"], changed["code"], changed["expires_at"]) == ("attendee", "42", "2030-01-01T00:00:00Z")
    assert (await world.api.delete(path)).status_code == 204
    assert (await world.api.delete(path)).status_code == 404
    assert await world.list(f"/rooms/{room['id']}/access-codes") == []
