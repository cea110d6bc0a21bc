"""Who may call: research/100ms.md A.2."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from tests.dialects.hms.world import World, done, management_token, refused, signed

from polyroom.domain.account import Dialect

DAY = timedelta(days=1)


def seconds(count: int) -> timedelta:
    return timedelta(seconds=count)


async def call(world: World, token: str | None, path: str = "/100ms/v2/rooms") -> httpx.Response:
    headers = {} if token is None else {"Authorization": f"Bearer {token}".encode()}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url="http://server") as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"iat": None},
        {"nbf": None},
        {"iat": None, "nbf": None, "jti": None},
        {"exp": seconds(-30)},
        {"nbf": seconds(30), "iat": seconds(30)},
        {"exp": 4102444800.5},
        {"anything": {"else": [1]}},
    ],
)
async def test_a_token_may_lack_its_start_and_clocks_may_differ_a_minute(world: World, changes: Any) -> None:
    done(await call(world, management_token(world.key, **changes)))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": seconds(-90)}, "it has expired"),
        ({"exp": None}, "exp is missing"),
        ({"exp": "tomorrow"}, "exp has a wrong type"),
        ({"exp": True}, "exp has a wrong type"),
        ({"exp": 1e300}, "exp is out of range"),
        ({"exp": -1}, "exp is out of range"),
        ({"nbf": seconds(90)}, "it is not valid yet"),
        ({"iat": seconds(90)}, "it is not valid yet"),
        ({"nbf": "soon"}, "nbf has a wrong type"),
        ({"type": "app"}, "it is no management token"),
        ({"type": None}, "it is no management token"),
        ({"version": 1}, "its version is not 2"),
        ({"version": None}, "its version is not 2"),
        ({"access_key": "nobody"}, "access key not found"),
        ({"access_key": None}, "access key not found"),
        ({"access_key": 5}, "access key not found"),
        ({"access_key": "a\0"}, "access key not found"),
        ({"access_key": "x" * 1000}, "access key not found"),
    ],
)
async def test_claims_that_are_wrong_are_401_with_the_reason(world: World, changes: Any, reason: str) -> None:
    body = refused(await call(world, management_token(world.key, **changes)), 401)
    assert (body["message"], body["details"]) == ("Token validation error", [reason])


async def test_the_signature_and_its_algorithm_are_checked(world: World) -> None:
    claims = {"access_key": world.key.public_id, "type": "management", "version": 2, "exp": DAY}
    theirs = await world.house.key(Dialect.HMS, world.house.theirs)
    for token in (
        signed(claims, "x" * 43),
        signed(claims, theirs.secret),
        signed(claims, world.key.secret * 2, "HS512"),
        signed(claims, "", "none"),
    ):
        refused(await call(world, token), 401)


@pytest.mark.parametrize(
    "token", [None, "", "x", "a.b.c", "..", "e30.e30.", "💥.💥.💥", "a." + "W10" + ".c", "x" * 5000, "a.bnVsbA.c"]
)
async def test_what_is_no_token_is_401(world: World, token: str | None) -> None:
    answer = await call(world, token)
    assert answer.headers["www-authenticate"] == "Bearer"
    refused(answer, 401)


async def test_a_revoked_key_is_worthless(world: World) -> None:
    further = await world.house.accounts.create_key(world.house.mine.id, Dialect.HMS)
    token = management_token(further)
    done(await call(world, token))
    await world.house.accounts.revoke_key(Dialect.HMS, further.public_id)
    refused(await call(world, token), 401)
