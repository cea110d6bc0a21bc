"""`/rooms/{room_id}/tokens`. Numbers in brackets are the cases of research/streamwise.md section 6."""

import pytest
from tests.dialects.streamwise.world import World, errors_of

from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, NotFound
from polyroom.domain.session import LeaveReason


async def test_the_documents_example_makes_a_token_that_has_expired(world: World) -> None:  # (7)
    room = await world.room()
    token = await world.token(room, "moderator", expires_at="2021-01-01")
    assert token["expires_at"] == "2021-01-01T00:00:00Z"
    assert token["last_usage"] is None
    assert token["url"] == f"{room['url']}?token={token['token']}"
    assert set(token["data"]) == {"object", "id", "token", "role", "url", "expires_at", "last_usage"}
    with pytest.raises(AdmissionExpired):
        await world.enter(room, token)


@pytest.mark.parametrize("fields", [{}, {"expires_at": None}, {"expires_at": "2999-01-01"}])
async def test_without_an_expiry_or_before_it_a_token_lets_in(
    world: World, fields: dict[str, str | None]
) -> None:  # (8)
    room = await world.room()
    assert await world.enter(room, await world.token(room, "guest", **fields))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("2030-01-01T02:00:00+02:00", "2030-01-01T00:00:00Z"),
        ("2030-01-01T02:00:00.999Z", "2030-01-01T02:00:00Z"),
        ("2030-01-01 02:30", "2030-01-01T02:30:00Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
async def test_an_expiry_is_shown_in_utc_without_a_fraction(world: World, given: str, kept: str) -> None:  # (9)
    room = await world.room()
    token = await world.token(room, expires_at=given)
    assert token["expires_at"] == kept
    assert (await world.list(f"/rooms/{room['id']}/tokens"))[0]["expires_at"] == kept


@pytest.mark.parametrize(
    "given",
    [
        "soon",
        "",
        "2030-02-30",
        "2030-13-01",
        "10000-01-01",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
        "2030-01-01T25:00",
        "٢٠٣٠-٠١-٠١",
        1893456000,
        True,
        ["2030-01-01"],
        {},
    ],
)
async def test_what_is_no_date_is_refused(world: World, given: object) -> None:  # (9)
    room = await world.room()
    answer = await world.api.post(f"/rooms/{room['id']}/tokens", json={"role": "guest", "expires_at": given})
    assert errors_of(answer) == {"expires_at": ["The expires at is not a valid date."]}


@pytest.mark.parametrize("role", ["admin", "Moderator", "", 1, ["guest"], {"a": 1}])
async def test_there_are_three_roles(world: World, role: object) -> None:  # (9)
    room = await world.room()
    answer = await world.api.post(f"/rooms/{room['id']}/tokens", json={"role": role})
    assert errors_of(answer) == {"role": ["The selected role is invalid."]}
    missing = await world.api.post(f"/rooms/{room['id']}/tokens", json={})
    assert errors_of(missing) == {"role": ["The role field is required."]}


async def test_the_token_and_its_usage_are_the_platforms(world: World) -> None:  # (10)
    room = await world.room()
    token = await world.token(room, "guest", token="mine", last_usage="2020-01-01")
    assert token["token"] != "mine"
    assert token["last_usage"] is None
    path = f"/rooms/{room['id']}/tokens/{token['id']}"
    changed = (await world.api.patch(path, json={"token": "mine", "last_usage": "2020-01-01"})).json()
    assert changed == token


async def test_only_entering_moves_the_last_usage(world: World) -> None:  # (11)
    room = await world.room(room_features={"max_participants": 2})
    token = await world.token(room)

    async def usage() -> str | None:
        (listed,) = await world.list(f"/rooms/{room['id']}/tokens")
        found: str | None = listed["last_usage"]
        return found

    assert await usage() is None
    await world.enter(room, token)
    first = await usage()
    assert first is not None
    assert await usage() == first
    await world.enter(room, token)
    assert (await usage() or "") >= first
    with pytest.raises(AdmissionRefused):
        await world.enter(room, "wrong")
    assert len(await world.list(f"/rooms/{room['id']}/tokens")) == 1


async def test_tokens_are_in_the_room_only_when_included(world: World) -> None:  # (12)
    room = await world.room()
    token, code = await world.token(room), await world.code(room)
    path = f"/rooms/{room['id']}"
    assert "tokens" not in (await world.api.get(path)).json()
    for url, pick in ((path, lambda body: body["data"]), ("/rooms", lambda body: body["data"][0])):
        found = pick((await world.api.get(url, params={"include": "tokens,nonsense"})).json())
        assert found["tokens"] == [token["data"]]
        assert "access_codes" not in found
        both = pick((await world.api.get(url, params={"include": "tokens,accessCodes"})).json())
        assert both["access_codes"] == [code["data"]]


async def test_a_token_is_reached_through_its_own_room_only(world: World) -> None:  # (13)
    room, another = await world.room(), await world.room()
    token = await world.token(room)
    wrong = f"/rooms/{another['id']}/tokens/{token['id']}"
    assert (await world.api.patch(wrong, json={"role": "guest"})).status_code == 404
    assert (await world.api.delete(wrong)).status_code == 404
    assert (await world.list(f"/rooms/{room['id']}/tokens")) == [token["data"]]


async def test_a_revoked_token_is_worthless_at_once(world: World) -> None:  # (13)
    room = await world.room()
    token = await world.token(room)
    joined = await world.enter(room, token)
    path = f"/rooms/{room['id']}/tokens/{token['id']}"
    assert (await world.api.delete(path)).status_code == 204
    assert (await world.api.delete(path)).status_code == 404
    assert world.engine.evicted == [(joined.participant.id, LeaveReason.ADMISSION_REVOKED)]
    with pytest.raises(AdmissionRefused):
        await world.enter(room, token)


async def test_role_and_expiry_can_change_and_absent_fields_stay(world: World) -> None:
    room = await world.room()
    token = await world.token(room, "guest", expires_at="2030-01-01")
    path = f"/rooms/{room['id']}/tokens/{token['id']}"
    changed = (await world.api.patch(path, json={"role": "moderator"})).json()
    assert (changed["role"], changed["expires_at"]) == ("moderator", "2030-01-01T00:00:00Z")
    cleared = (await world.api.patch(path, json={"expires_at": None})).json()
    assert (cleared["role"], cleared["expires_at"]) == ("moderator", None)


async def test_a_token_opens_its_own_room_only(world: World) -> None:
    room, another = await world.room(), await world.room(is_public=True)
    with pytest.raises(AdmissionRefused):
        await world.enter(another, await world.token(room))


async def test_a_private_room_lets_nobody_in_without_a_token(world: World) -> None:  # (14)
    room = await world.room()
    with pytest.raises(AdmissionRefused):
        await world.enter(room)
    assert await world.list(f"/rooms/{room['id']}/tokens") == []


async def test_a_public_room_has_one_stored_guest_token(world: World) -> None:  # (14)
    room = await world.room()
    await world.api.patch(f"/rooms/{room['id']}", json={"is_public": True})
    await world.api.patch(f"/rooms/{room['id']}", json={"is_public": True})
    for _ in range(2):
        assert (await world.enter(room)).participant.label == "guest"
    (token,) = await world.list(f"/rooms/{room['id']}/tokens")
    assert (token["role"], token["expires_at"]) == ("guest", None)
    assert token["last_usage"] is not None
    with pytest.raises(AdmissionRefused):
        await world.enter(room, "wrong")


async def test_a_room_turned_private_keeps_its_guest_token(world: World) -> None:  # (15)
    room = await world.room(is_public=True)
    (token,) = await world.list(f"/rooms/{room['id']}/tokens")
    await world.api.patch(f"/rooms/{room['id']}", json={"is_public": False})
    with pytest.raises(AdmissionRefused):
        await world.enter(room)
    assert await world.enter(room, token)


async def test_the_tokens_of_a_deleted_room_lead_nowhere(world: World) -> None:  # (28)
    room = await world.room()
    token = await world.token(room)
    await world.api.delete(f"/rooms/{room['id']}")
    with pytest.raises(NotFound):
        await world.enter(room, token)
