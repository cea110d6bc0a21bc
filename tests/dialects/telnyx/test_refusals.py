"""What is refused before any use case runs, and that accounts do not see one another."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.dialects.telnyx.world import Json, World, errors_of

from polyroom.domain.account import Dialect

COLLECTION = [("GET", "/rooms"), ("POST", "/rooms"), ("GET", "/room_sessions"), ("GET", "/room_participants")]
OPERATIONS = [
    ("GET", "/rooms/{room}"),
    ("PATCH", "/rooms/{room}"),
    ("GET", "/rooms/{room}/sessions"),
    ("POST", "/rooms/{room}/actions/generate_join_client_token"),
    ("DELETE", "/rooms/{room}"),
]
REFRESH = "/rooms/{room}/actions/refresh_client_token"


async def test_another_accounts_rooms_are_not_there(world: World) -> None:
    room = await world.room(unique_name="mine")
    for method, path in OPERATIONS:
        body = None if method in {"GET", "DELETE"} else {"unique_name": "stolen"}
        answer = await world.other.request(method, path.format(room=room["id"]), json=body)
        assert errors_of(answer, 404) == [("10005", "room_id")], path
        assert (answer.json()["title"], answer.json()["errors"][0]["code"]) == ("Resource not found", "10005")
    assert await world.get(room) == room


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic x", "Bearer \xff", "Bearer " + "x" * 9999]
)
async def test_without_a_valid_key_nothing_is_answered(world: World, header: str | None) -> None:  # (7)
    room = await world.room()
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    for method, path in [*COLLECTION, *OPERATIONS]:
        answer = await world.nobody.request(method, path.format(room=room["id"]), headers=headers)
        assert errors_of(answer, 401) == [("10009", None)], path
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_other_doors_keys_open_nothing_here(world: World) -> None:
    for dialect in Dialect:
        if dialect is not Dialect.TELNYX:
            headers = {"Authorization": f"Bearer {(await world.house.key(dialect)).secret}"}
            assert (await world.nobody.get("/rooms", headers=headers)).status_code == 401


async def test_the_shorter_base_serves_the_same(world: World) -> None:
    room = await world.room()
    answer = await world.api.get(f"http://server/telnyx/rooms/{room['id']}")
    assert answer.json()["data"] == room


async def test_other_methods_are_refused_with_those_that_are_not(world: World) -> None:
    room = await world.room()
    for path, allowed in {
        "/rooms": "GET, HEAD, POST",
        f"/rooms/{room['id']}": "GET, HEAD, PATCH, DELETE",
        f"http://server/telnyx/rooms/{room['id']}": "GET, HEAD, PATCH, DELETE",
        f"/rooms/{room['id']}/sessions": "GET, HEAD",
        REFRESH.format(room=room["id"]): "POST",
    }.items():
        answer = await world.api.put(path)
        assert errors_of(answer, 405) == [("10015", None)]
        assert answer.headers["allow"] == allowed
        options = await world.api.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)


async def test_head_is_get_without_its_body(world: World) -> None:
    await world.room()
    head, get = await world.api.head("/rooms"), await world.api.get("/rooms")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize("path", ["/", "/nothing", "/rooms/", "/rooms/x/y", "/rooms/a%2Fb", "/room_recording", "/💥"])
async def test_what_is_not_there_is_404(world: World, path: str) -> None:
    assert errors_of(await world.api.get(path), 404) == [("10005", None)]


BROKEN = [b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5000, b'{"unique_name": NaN}', b'{"a": ' + b"9" * 5000 + b"}"]
BROKEN += [b"null", b"[]", b'"x"', b"1", b"\xef\xbb\xbf{}", b'{"a\\u0000": 1}', b"unique_name=x", "{}".encode("utf-16")]


async def writes(world: World, content: bytes | AsyncIterator[bytes], room: Json, kind: str) -> list[httpx.Response]:
    answers = []
    for method, path in [("POST", "/rooms"), ("PATCH", "/rooms/{room}"), OPERATIONS[3], ("POST", REFRESH)]:
        headers = {"Content-Type": kind}
        answers.append(await world.api.request(method, path.format(room=room["id"]), content=content, headers=headers))
    return answers


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:24]))
async def test_a_write_without_a_json_object_is_a_bad_request(world: World, body: bytes) -> None:
    room = await world.room()
    for answer in await writes(world, body, room, "application/json"):
        assert errors_of(answer, 400) == [("10015", None)]
    assert await world.get(room) == room


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "json"])
async def test_a_body_that_says_it_is_something_else_is_not_read(world: World, kind: str) -> None:
    room = await world.room()
    for answer in await writes(world, b"{}", room, kind):
        assert errors_of(answer, 415) == [("10014", None)]


@pytest.mark.parametrize("kind", ["Application/JSON; charset=utf-8", "application/merge-patch+json", ""])
async def test_a_body_that_says_it_is_json_is_read(world: World, kind: str) -> None:
    headers = {"Content-Type": kind}
    answer = await world.api.post("/rooms", content='{"unique_name": "grün"}'.encode(), headers=headers)
    assert answer.json()["data"]["unique_name"] == "grün"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        (b'{"unique_name": "a\\u0000b"}', "10015", "/unique_name"),
        (b'{"unique_name": "\\ud800"}', "10015", "/unique_name"),
        (b'{"webhook_event_url": "https://a/\\udfff"}', "10003", "/webhook_event_url"),
        (b'{"a/b~c": ["\\u0000"]}', "10015", "/a~1b~0c"),
        (b'"\\u0000"', "10015", "/"),
        (b'{"max_participants": 1e999}', "10015", "/max_participants"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_the_field_named(
    world: World, body: bytes, code: str, pointer: str
) -> None:
    assert errors_of(await world.api.post("/rooms", content=body)) == [(code, pointer)]


async def test_a_body_that_is_too_large_is_not_read_to_its_end(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65536

    assert errors_of(await world.api.post("/rooms", content=endless()), 413) == [("10015", None)]
    assert sent <= 18


async def test_a_failure_shows_nothing_of_its_cause(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from polyroom.domain.errors import Overloaded

    async def overloaded(*_: object) -> None:
        raise Overloaded

    async def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr(type(world.house.rooms), "create", overloaded)
    answer = await world.api.post("/rooms", json={})
    assert errors_of(answer, 503) == [("10007", None)]
    assert answer.headers["retry-after"] == "1"
    monkeypatch.setattr(type(world.house.rooms), "create", broken)
    transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://server", headers=world.api.headers) as client:
        answer = await client.post("/telnyx/v2/rooms", json={})
    assert errors_of(answer, 500) == [("10007", None)]
    assert "secret" not in answer.text
