"""`POST /token`, as the vendor's web client asks for it: research/100ms.md B.5 and C.4."""

import base64
import json
import time
from typing import Any

import httpx
import jwt
import pytest
from tests.dialects.hms.world import World, done, refused

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionRefused, RoomDisabled

ORIGIN = {"origin": "https://elsewhere.example"}


def anybody(world: World) -> httpx.AsyncClient:
    """A page that has no management token."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.app), base_url="http://server", headers=ORIGIN)


async def ask(world: World, body: Any, content_type: str = "text/plain;charset=UTF-8") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    async with anybody(world) as page:
        answer = await page.post("/100ms/v2/token", content=content, headers={"content-type": content_type})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    return answer


async def test_a_code_becomes_the_vendors_app_token(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["guest"]
    before = int(time.time())
    answer = done(await ask(world, {"code": code, "user_id": "u1"}))
    assert set(answer) == {"token", "expires_at"}
    claims = jwt.decode(answer["token"], world.key.secret, algorithms=["HS256"])
    assert jwt.get_unverified_header(answer["token"]) == {"alg": "HS256", "typ": "JWT"}
    assert set(claims) == {
        "access_key",
        "type",
        "version",
        "room_id",
        "role",
        "user_id",
        "iat",
        "nbf",
        "exp",
        "jti",
        "polyroom_code",
    }
    assert (claims["access_key"], claims["type"], claims["version"]) == (world.key.public_id, "app", 2)
    assert (claims["room_id"], claims["role"], claims["user_id"]) == (room["id"], "guest", "u1")
    assert before <= claims["iat"] == claims["nbf"] <= time.time()
    assert claims["exp"] == claims["iat"] + 86400
    assert code not in json.dumps(claims)
    joined = await world.enter(room, answer["token"])
    assert (joined.participant.role, joined.participant.user_id) == ("guest", "u1")


async def test_without_a_user_the_token_names_none(world: World) -> None:
    code = (await world.codes(await world.room()))["host"]
    for body in ({"code": code}, {"code": code, "user_id": None}, {"code": code, "user_id": ""}):
        token = done(await ask(world, body))["token"]
        assert "user_id" not in jwt.decode(token, world.key.secret, algorithms=["HS256"])


@pytest.mark.parametrize("user_id", ["ünïcödé", "💥", "a>b?c~d\x7f", "~~~~????>>>>", "\\u003e", 'quo"te', "x" * 256])
async def test_the_web_client_can_read_every_token(world: World, user_id: str) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    for prefix in ("", "a", "ab"):
        token = done(await ask(world, {"code": code, "user_id": (prefix + user_id)[:256]}))["token"]
        body = token.split(".")[1]
        assert "-" not in body and "_" not in body
        text = base64.b64decode(body + "=" * (-len(body) % 4))
        assert text.isascii()
        assert json.loads(text)["user_id"] == (prefix + user_id)[:256]
        joined = await world.enter(room, token)
        assert joined.participant.user_id == (prefix + user_id)[:256]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "application/x-www-form-urlencoded", "?"])
async def test_the_content_type_does_not_matter(world: World, content_type: str) -> None:
    code = (await world.codes(await world.room()))["host"]
    done(await ask(world, {"code": code}, content_type))


@pytest.mark.parametrize("base", ["/100ms/v2", "/100ms/sdk/v2"])
async def test_browsers_are_told_that_any_page_may_ask(world: World, base: str) -> None:
    asking = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    async with anybody(world) as page:
        answer = await page.options(f"{base}/token", headers=asking)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (204, "*")
        assert "POST" in answer.headers["access-control-allow-methods"]
        assert answer.headers["access-control-allow-headers"] == "*"
        for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
            wrong = await page.request(method, f"{base}/token")
            assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST, OPTIONS")
            assert wrong.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff", 400),
        (b"[" * 10_000, 400),
        ([], 400),
        (None, 400),
        ({}, 400),
        ({"code": None}, 400),
        ({"code": 5}, 400),
        ({"code": "x" * 65}, 400),
        ({"code": "a\0"}, 400),
        (b'{"code": "\\ud800"}', 400),
        ({"code": "abc-defg-hij", "user_id": 5}, 400),
        ({"code": "abc-defg-hij", "user_id": "x" * 257}, 400),
        (b" " * 20_000, 413),
        ({"code": "abc-defg-hij"}, 404),
        ({"code": ""}, 404),
    ],
)
async def test_a_refusal_carries_its_code_in_the_body(world: World, body: Any, status: int) -> None:
    refused(await ask(world, body), status)


async def test_a_disabled_room_or_code_is_403(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": False}))
    refused(await ask(world, {"code": code}), 403)
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": True}))
    done(await world.api.post(f"/room-codes/code/{code}", json={"enabled": False}))
    refused(await ask(world, {"code": code}), 403)
    done(await world.api.post(f"/room-codes/code/{code}", json={"enabled": True}))
    done(await ask(world, {"code": code}))


async def test_without_a_key_to_sign_with_nothing_is_given(world: World) -> None:
    code = (await world.codes(await world.room()))["host"]
    await world.house.accounts.revoke_key(Dialect.HMS, world.key.public_id)
    refused(await ask(world, {"code": code}), 403)
    further = await world.house.accounts.create_key(world.house.mine.id, Dialect.HMS)
    token = done(await ask(world, {"code": code}))["token"]
    assert jwt.decode(token, further.secret, algorithms=["HS256"])["access_key"] == further.public_id


async def test_a_deleted_rooms_code_is_404(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    await world.house.rooms.delete(world.house.mine.id, room["id"])
    refused(await ask(world, {"code": code}), 404)


async def test_guessing_is_slowed_and_says_for_how_long(world: World) -> None:
    code = (await world.codes(await world.room()))["host"]
    for number in range(10):
        refused(await ask(world, {"code": f"abc-defg-{number}"}), 404)
    answer = await ask(world, {"code": code})
    refused(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "retry-after" in answer.headers["access-control-expose-headers"].lower()


async def test_using_codes_is_not_slowed(world: World) -> None:
    code = (await world.codes(await world.room()))["host"]
    for _ in range(30):
        done(await ask(world, {"code": code}))


async def test_a_token_dies_with_its_code(world: World) -> None:
    room = await world.room()
    code = (await world.codes(room))["host"]
    token = done(await ask(world, {"code": code}))["token"]
    done(await world.api.post(f"/room-codes/code/{code}", json={"enabled": False}))
    for credential in (token, code):
        with pytest.raises(AdmissionRefused):
            await world.enter(room, credential)
    done(await world.api.post(f"/room-codes/code/{code}", json={"enabled": True}))
    assert await world.enter(room, token)
    done(await world.api.post(f"/rooms/{room['id']}", json={"enabled": False}))
    with pytest.raises(RoomDisabled):
        await world.enter(room, token)
