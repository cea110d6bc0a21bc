"""Client tokens: made, exchanged, refused, and what they are worth at the door."""

import json
import re
from base64 import b64decode, urlsafe_b64decode
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from tests.dialects.telnyx.world import World, data_of, errors_of

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused
from polyroom.services.participants import Joined
from polyroom.wire.keypairs import make_keypair
from polyroom.wire.telnyx_tokens import ClientToken, Use, read, sign

NONE = "00000000-0000-7000-8000-000000000000"


def moment(text: str) -> datetime:
    """A moment that has whole seconds."""
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)


def near(text: str, seconds: int) -> bool:
    return abs((moment(text) - datetime.now(UTC)).total_seconds() - seconds) < 10


async def test_a_pair_of_tokens_is_made_for_ten_minutes_and_an_hour(world: World) -> None:  # (18)
    room = await world.room()
    path = f"/rooms/{room['id']}/actions/generate_join_client_token"
    answers = [await world.api.post(path, json={}), await world.api.post(path)]
    answers.append(await world.api.post(path, json={"token_ttl_secs": None, "refresh_token_ttl_secs": None}))
    for answer in answers:
        made = data_of(answer, 201)
        assert set(made) == {"token", "token_expires_at", "refresh_token", "refresh_token_expires_at"}
        assert near(made["token_expires_at"], 600) and near(made["refresh_token_expires_at"], 3600)


@pytest.mark.parametrize(("access", "refresh"), [(10, 60), (3600, 86400)])
async def test_tokens_last_as_long_as_they_are_asked_to(world: World, access: int, refresh: int) -> None:  # (18)
    made = await world.tokens(await world.room(), token_ttl_secs=access, refresh_token_ttl_secs=refresh)
    assert near(made["token_expires_at"], access) and near(made["refresh_token_expires_at"], refresh)


async def test_a_wrong_lifetime_is_refused(world: World) -> None:  # (18)
    room = await world.room()
    path = f"/rooms/{room['id']}/actions/generate_join_client_token"
    for field, values in (("token_ttl_secs", (9, 3601)), ("refresh_token_ttl_secs", (59, 86401))):
        for value in (*values, "600", 600.0, True, [], 10**40):
            assert errors_of(await world.api.post(path, json={field: value})) == [("10015", f"/{field}")]
    refresh = (await world.tokens(room))["refresh_token"]
    answer = await world.refresh(room, {"refresh_token": refresh, "token_ttl_secs": 9})
    assert errors_of(answer) == [("10015", "/token_ttl_secs")]


async def test_a_token_is_signed_with_the_accounts_key_and_says_what_it_is_for(world: World) -> None:
    room = await world.room()
    made = await world.tokens(room)
    key = await world.key()
    public = Ed25519PublicKey.from_public_bytes(b64decode(key.extra["public_key"]))
    for name, use in (("token", "access"), ("refresh_token", "refresh")):
        claims = jwt.decode(made[name], public, algorithms=["EdDSA"], audience="telnyx_access_token")
        assert claims["typ"] == use
        assert claims["exp"] == moment(made[f"{name}_expires_at"]).timestamp()
        assert claims["nbf"] == claims["iat"] - 1
        (grant,) = claims["grants"]
        assert grant["actions"] == ["join"]
        assert grant["resources"] == [f"telnyx:video:rooms:{room['id']}"]
        assert grant["subjects"] == [f"telnyx:users:{claims['sub']}"]
        assert jwt.get_unverified_header(made[name]) == {"alg": "EdDSA", "typ": "JWT", "kid": key.public_id}
        for secret in (key.secret, key.extra["private_key"]):
            assert secret not in json.dumps([claims, made])


async def test_no_two_tokens_are_the_same(world: World) -> None:
    room = await world.room()
    made = [await world.tokens(room) for _ in range(3)]
    assert len({one[name] for one in made for name in ("token", "refresh_token")}) == 6


async def test_tokens_of_no_room_or_another_accounts_are_not_made(world: World) -> None:  # (18)
    room = await world.room()
    for client, room_id in ((world.api, NONE), (world.api, "not-a-uuid"), (world.other, room["id"])):
        answer = await client.post(f"/rooms/{room_id}/actions/generate_join_client_token", json={})
        assert errors_of(answer, 404) == [("10005", "room_id")]


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic x"])
async def test_a_refresh_token_alone_makes_a_new_access_token(
    world: World, authorization: str | None
) -> None:  # (7, 19)
    room = await world.room()
    refresh = (await world.tokens(room))["refresh_token"]
    headers = {} if authorization is None else {"Authorization": authorization}
    for ttl, more in ((600, {}), (600, {"token_ttl_secs": None}), (30, {"token_ttl_secs": 30})):
        made = data_of(await world.refresh(room, {"refresh_token": refresh, **more}, **headers), 201)
        assert set(made) == {"token", "token_expires_at"}
        assert near(made["token_expires_at"], ttl)
        await world.house.enter(room["id"], made["token"])


@pytest.mark.parametrize("body", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 5}])
async def test_without_a_refresh_token_there_is_nothing_to_exchange(world: World, body: dict[str, Any]) -> None:  # (19)
    code = "10015" if body else "10004"
    assert errors_of(await world.refresh(await world.room(), body)) == [(code, "/refresh_token")]


async def test_a_refresh_without_a_body_is_a_bad_request(world: World) -> None:
    path = f"/rooms/{(await world.room())['id']}/actions/refresh_client_token"
    assert errors_of(await world.nobody.post(path), 400) == [("10015", None)]


async def bad_tokens(world: World, room: dict[str, Any]) -> dict[str, str]:
    """Refresh tokens that are none, by what is wrong with them."""
    key, made = await world.key(), await world.tokens(room)
    theirs = await world.house.key(Dialect.TELNYX, world.house.theirs)
    good = read(made["refresh_token"], key.extra["public_key"])
    assert good is not None
    head, body, signature = made["refresh_token"].split(".")
    private = key.extra["private_key"]
    claims = json.loads(urlsafe_b64decode(body + "=="))
    return {
        "nonsense": "x",
        "dots": "..",
        "signed with another key": sign(good, make_keypair()[1]),
        "signed with another account's key": sign(ClientToken(**{**fields(good), "key": theirs.public_id}), private),
        "another account's": sign(
            ClientToken(**{**fields(good), "key": theirs.public_id}), theirs.extra["private_key"]
        ),
        "of no key": sign(ClientToken(**{**fields(good), "key": "nobody"}), private),
        "changed": f"{head}.{body[:-2]}AA.{signature}",
        "without a signature": f"{head}.{body}.",
        "unsigned": jwt.encode(claims, None, "none", {"kid": key.public_id}),
        "signed with the public key": jwt.encode(
            claims, b64decode(key.extra["public_key"]), "HS256", {"kid": key.public_id}
        ),
        "signed with a short key id": jwt.encode({}, "x" * 32, "HS256", {"kid": key.public_id}),
        "an access token": made["token"],
        "another room's": (await world.tokens(await world.room()))["refresh_token"],
    }


def fields(token: ClientToken) -> dict[str, Any]:
    return {name: getattr(token, name) for name in ClientToken.__slots__}


async def test_what_is_no_refresh_token_of_the_room_is_refused(world: World) -> None:  # (19)
    room = await world.room()
    for what, token in (await bad_tokens(world, room)).items():
        world.clock.ahead += timedelta(minutes=1)
        answer = await world.refresh(room, {"refresh_token": token})
        status = 404 if what == "another account's" else 403
        code = ("10005", "room_id") if status == 404 else ("10010", None)
        assert errors_of(answer, status) == [code], what
        assert token not in answer.text or len(token) < 3


async def test_a_refresh_token_is_good_until_its_last_second(world: World) -> None:  # (19)
    room = await world.room()
    refresh = (await world.tokens(room, refresh_token_ttl_secs=60))["refresh_token"]
    world.clock.ahead = timedelta(seconds=55)
    assert (await world.refresh(room, {"refresh_token": refresh})).status_code == 201
    world.clock.ahead = timedelta(seconds=61)
    assert errors_of(await world.refresh(room, {"refresh_token": refresh}), 403) == [("10010", None)]


async def test_a_room_that_is_not_there_refreshes_nothing(world: World) -> None:
    refresh = (await world.tokens(await world.room()))["refresh_token"]
    for room_id in (NONE, "not-a-uuid"):
        for token in (refresh, "x"):
            answer = await world.refresh({"id": room_id}, {"refresh_token": token})
            assert errors_of(answer, 404) == [("10005", "room_id")]


async def test_guessing_refresh_tokens_is_slowed_for_the_address_and_room(world: World) -> None:
    room, another = await world.room(), await world.room()
    refresh = (await world.tokens(room))["refresh_token"]
    for _ in range(10):
        assert (await world.refresh(room, {"refresh_token": "guess"})).status_code == 403
    slowed = await world.refresh(room, {"refresh_token": refresh})
    assert errors_of(slowed, 429) == [("10011", None)]
    assert 1 <= int(slowed.headers["retry-after"]) <= 60
    other = (await world.tokens(another))["refresh_token"]
    assert (await world.refresh(another, {"refresh_token": other})).status_code == 201
    world.clock.ahead = timedelta(minutes=1)
    assert (await world.refresh(room, {"refresh_token": refresh})).status_code == 201


async def test_an_expired_token_is_no_guess(world: World) -> None:
    room = await world.room()
    old = (await world.tokens(room, refresh_token_ttl_secs=60))["refresh_token"]
    world.clock.ahead = timedelta(seconds=61)
    for _ in range(20):
        assert (await world.refresh(room, {"refresh_token": old})).status_code == 403


async def enter(world: World, room: dict[str, Any], token: str) -> Joined:
    return await world.house.enter(room["id"], token)


async def test_an_access_token_lets_a_participant_in_until_it_expires(world: World) -> None:
    room = await world.room()
    joined = await enter(world, room, (await world.tokens(room))["token"])
    assert (joined.participant.dialect, joined.participant.label) == (Dialect.TELNYX, "participant")
    assert joined.participant.role == "guest"
    world.clock.ahead = timedelta(hours=-1)
    old = (await world.tokens(room))["token"]
    with pytest.raises(AdmissionExpired):
        await enter(world, room, old)


async def test_no_other_token_lets_anybody_in(world: World) -> None:
    room = await world.room()
    bad = await bad_tokens(world, room)
    bad["a refresh token"] = (await world.tokens(room))["refresh_token"]
    bad["another room's access token"] = (await world.tokens(await world.room()))["token"]
    bad["longer than any"] = "x" * 5000 + ".y.z"
    bad["not ASCII"] = "💥.\udc80.\0"
    del bad["an access token"]
    for what, token in bad.items():
        with pytest.raises(AdmissionRefused):
            pytest.fail(f"{what}: {await enter(world, room, token)}")


async def test_a_revoked_key_takes_its_tokens_along(world: World) -> None:
    room = await world.room()
    made, key = await world.tokens(room), await world.key()
    joined = await enter(world, room, made["token"])
    second = await world.house.accounts.create_key(world.house.mine.id, Dialect.TELNYX)
    await world.house.accounts.revoke_key(Dialect.TELNYX, key.public_id)
    with pytest.raises(AdmissionRefused):
        await enter(world, room, made["token"])
    assert errors_of(await world.refresh(room, {"refresh_token": made["refresh_token"]}), 403) == [("10010", None)]
    assert errors_of(await world.api.get("/rooms"), 401) == [("10009", None)]
    world.api.headers["Authorization"] = f"Bearer {second.secret}"
    assert (await enter(world, room, (await world.tokens(room))["token"])).room == joined.room


async def test_each_key_signs_its_own_tokens(world: World) -> None:
    room = await world.room()
    second = await world.house.accounts.create_key(world.house.mine.id, Dialect.TELNYX)
    made = (await world.tokens(room))["token"]
    assert read(made, second.extra["public_key"]) is None
    found = read(made, (await world.key()).extra["public_key"])
    assert found is not None and (str(found.room_id), found.use) == (room["id"], Use.ACCESS)
