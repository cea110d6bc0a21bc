"""What is refused before any use case runs, and that applications do not see one another."""

import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.dialects.phenix.world import ATTEMPTS, NOT_FOUND, World, client, fields_of, in_path, refused, room_of

from polyroom.domain.account import Dialect

MESSAGE = {
    "from": {"screenName": "a", "role": "Audience", "lastUpdate": 0},
    "mimeType": "a/b",
    "message": "",
    "tags": [],
}
ROOM = {"alias": "", "name": "Morning News", "description": "d", "options": []}
KEYED = [
    ("PUT", "/room"),
    ("GET", "/rooms"),
    ("GET", "/room/{room}"),
    ("GET", "/room/{room}/members"),
    ("PUT", "/room/{room}/message"),
    ("GET", "/room/{room}/messages"),
    ("DELETE", "/room/{room}/messages"),
    ("PUT", "/room/{room}/kill"),
    ("PUT", "/room/{room}/fork/{room}"),
    ("PUT", "/application/{room}/callback"),
    ("DELETE", "/room/{room}"),
]
OPERATIONS = [*KEYED, ("GET", "/room/{room}/publishers/count")]


def basic(text: str | bytes) -> str:
    return "Basic " + b64encode(text.encode() if isinstance(text, str) else text).decode()


async def test_another_applications_rooms_are_not_there(world: World) -> None:  # (5)
    room = await world.room()
    for method, path in KEYED[2:]:
        body = {"json": {"message": MESSAGE}} if method == "PUT" else {}
        answer = await world.other.request(method, path.format(room=in_path(room)), **body)
        assert refused(answer) == (404, NOT_FOUND)
    assert (await world.other.get("/rooms")).json()["rooms"] == []
    assert room_of(await world.api.get(f"/room/{in_path(room)}")) == room


HEADERS = ["", "Basic", "Basic ", "Basic !", "Basic a", "Bearer x", "Basic " + "A" * 9000, "Basic \xff"]
HEADERS += [basic(text) for text in ("", ":", "x", "x:", ":x", "x:y", "x:" + "y" * 300, b"\xff\xfe:x", "\0:\0")]


@pytest.mark.parametrize("header", HEADERS, ids=lambda text: text[:20])
async def test_a_wrong_header_is_unauthorized_whatever_the_body_says(world: World, header: str) -> None:  # (4)
    mine = {"applicationId": world.key.public_id, "secret": world.key.secret}
    for method, path in KEYED:
        answer = await world.nobody.request(
            method,
            path.format(room="x"),
            json={"room": ROOM, "credentials": mine, **mine},
            headers={"Authorization": header.encode("latin-1")},
        )
        assert refused(answer) == (401, {"status": "unauthorized"})
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert (await world.api.get("/rooms")).json()["rooms"] == []


async def test_a_wrong_secret_is_unauthorized_and_so_is_an_unknown_application(world: World) -> None:  # (4)
    theirs = await world.house.key(Dialect.PHENIX, world.house.theirs)
    streamwise = await world.house.key(Dialect.STREAMWISE)
    for pair in (
        (world.key.public_id, theirs.secret),
        (theirs.public_id, world.key.secret),
        (world.key.public_id, world.key.secret[:-1]),
        (world.key.public_id, world.key.secret + "x"),
        (world.key.public_id.lower(), world.key.secret),
        ("nobody", world.key.secret),
        (streamwise.public_id, streamwise.secret),
    ):
        async with client(world.app, pair) as stranger:
            assert refused(await stranger.get("/rooms")) == (401, {"status": "unauthorized"})


async def test_a_revoked_key_is_unauthorized(world: World) -> None:
    assert (await world.api.get("/rooms")).status_code == 200
    await world.house.accounts.revoke_key(Dialect.PHENIX, world.key.public_id)
    assert refused(await world.api.get("/rooms")) == (401, {"status": "unauthorized"})


async def test_a_secret_may_hold_colons(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # (4)
    from dataclasses import replace

    async def by_public_id(dialect: Dialect, public_id: str) -> Any:
        return replace(world.key, secret="a:b::c") if public_id == world.key.public_id else None

    monkeypatch.setattr(world.house.accounts, "by_public_id", by_public_id)
    for secret, status in (("a:b::c", 200), ("a", 401), ("a:b", 401)):
        async with client(world.app, (world.key.public_id, secret)) as caller:
            assert (await caller.get("/rooms")).status_code == status


async def test_the_scheme_is_alike_whatever_its_case(world: World) -> None:
    header = basic(f"{world.key.public_id}:{world.key.secret}").replace("Basic", "bAsIc")
    assert (await world.nobody.get("/rooms", headers={"Authorization": header})).status_code == 200


async def test_credentials_may_lie_in_the_body(world: World) -> None:  # (4)
    mine = {"applicationId": world.key.public_id, "secret": world.key.secret}
    bodies: list[dict[str, Any]] = [{"credentials": mine}, mine]
    for number, body in enumerate(bodies):
        made = await world.nobody.put("/room", json={"room": {**ROOM, "name": str(number)}, **body})
        room = room_of(made)
        path = f"/room/{in_path(room)}"
        assert room_of(await world.nobody.request("GET", path, json=body)) == room
        assert (await world.nobody.request("DELETE", path, json=body)).content == b'{"status":"ok"}'


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"credentials": None},
        {"credentials": []},
        {"credentials": {"applicationId": 1, "secret": 2}},
        {"credentials": {"applicationId": "a"}},
        {"credentials": {"applicationId": "a", "secret": ""}},
        {"applicationId": "a", "secret": ["b"]},
        {"applicationId": "a" * 300, "secret": "b"},
        {"applicationId": "a\x00", "secret": "b"},
        {"credentials": {"applicationId": "\ud800", "secret": "b"}},
        [],
        "x",
        None,
    ],
    ids=repr,
)
async def test_a_body_without_credentials_is_unauthorized(world: World, body: Any) -> None:  # (4)
    for method, path in KEYED:
        answer = await world.nobody.request(method, path.format(room="x"), content=json.dumps(body).encode())
        assert refused(answer) == (401, {"status": "unauthorized"})


async def test_a_body_that_is_no_json_has_no_credentials(world: World) -> None:
    for method, path in KEYED:
        answer = await world.nobody.request(method, path.format(room="x"), content=b"{")
        assert refused(answer) == (401, {"status": "unauthorized"})


async def test_nested_credentials_win_over_those_at_the_top(world: World) -> None:
    mine = {"applicationId": world.key.public_id, "secret": world.key.secret}
    answer = await world.nobody.request("GET", "/rooms", json={"credentials": {**mine, "secret": "x"}, **mine})
    assert refused(answer) == (401, {"status": "unauthorized"})


async def test_guessing_secrets_is_slowed_by_address_and_application(world: World) -> None:  # (25)
    mine = (world.key.public_id, world.key.secret)
    async with client(world.app, (world.key.public_id, "x"), "192.0.2.1") as guesser:
        for _ in range(ATTEMPTS):
            assert (await guesser.get("/rooms")).status_code == 401
        answer = await guesser.get("/rooms")
        assert refused(answer) == (504, {"status": "rate-limited"})
        assert 0 < int(answer.headers["retry-after"]) <= 60
    async with client(world.app, mine, "192.0.2.1") as same, client(world.app, mine, "192.0.2.2") as elsewhere:
        assert (await same.get("/rooms")).status_code == 504
        assert (await elsewhere.get("/rooms")).status_code == 200
    theirs = await world.house.key(Dialect.PHENIX, world.house.theirs)
    async with client(world.app, (theirs.public_id, theirs.secret), "192.0.2.1") as neighbour:
        assert (await neighbour.get("/rooms")).status_code == 200


async def test_an_overloaded_server_says_capacity(world: World, monkeypatch: pytest.MonkeyPatch) -> None:  # (25)
    from polyroom.domain.errors import Overloaded

    async def busy(*_: Any, **__: Any) -> None:
        raise Overloaded

    monkeypatch.setattr(world.house.store, "read", busy)
    for path in ("/room/x", "/rooms", "/room/x/publishers/count"):
        answer = await world.api.get(path)
        assert refused(answer) == (503, {"status": "capacity"})
        assert answer.headers["retry-after"] == "1"


async def test_a_failure_is_the_vendors_server_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx

    async def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(world.house.rooms, "get", broken)
    transport = httpx.ASGITransport(world.app, raise_app_exceptions=False)
    mine = (world.key.public_id, world.key.secret)
    async with httpx.AsyncClient(transport=transport, base_url="http://server/pcast", auth=mine) as caller:
        answer = await caller.get("/room/x")
        assert refused(answer) == (500, {"status": "server-error"})


async def test_other_methods_are_refused_with_those_that_are_not(world: World) -> None:
    for path, allowed in {
        "/room": "PUT",
        "/rooms": "GET, HEAD",
        "/room/x": "GET, HEAD, DELETE",
        "/room/x/members": "GET, HEAD",
        "/room/x/publishers/count": "GET, HEAD",
    }.items():
        answer = await world.api.post(path)
        assert refused(answer) == (405, {"status": "method-not-allowed"})
        assert answer.headers["allow"] == allowed
        options = await world.api.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)


async def test_head_is_get_without_its_body(world: World) -> None:
    path = f"/room/{in_path(await world.room())}"
    head, get = await world.api.head(path), await world.api.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


ELSEWHERE = [
    "/",
    "/nothing",
    "/room/",
    "/rooms/",
    "/room/unknown",
    "/room/%00",
    "/room/%ff",
    "/room/%0A",
    "/%0a",
    "/room/💥",
]
ELSEWHERE += [
    "/room/%0A",
    "/%0a",
    "/room/x/live.foo",
    "/room/a/b/c",
    "/room/x/publishers",
    "/room//members",
    "/room/" + "x" * 5000,
]


@pytest.mark.parametrize("path", ELSEWHERE, ids=lambda path: path[:20])
async def test_what_is_not_there_is_not_found(world: World, path: str) -> None:
    assert refused(await world.api.get(path)) == (404, NOT_FOUND)


BROKEN: list[tuple[bytes, dict[str, str]]] = [
    *((body, {"body": "must be JSON"}) for body in (b"", b"{", b"\xff\xfe", b"[" * 100_000, b"room=x")),
    *((body, {"body": "must be JSON"}) for body in (b'{"a":' * 5000, b'{"room": NaN}', b'{"a\\u0000": 1}')),
    *((body, {"body": "must be JSON"}) for body in (b'{"room": ' + b"9" * 5000 + b"}", '{"a": 1}'.encode("utf-16"))),
    *((body, {"body": "must be an object"}) for body in (b"null", b"[]", b'"x"', b"1")),
    (b"{}", {"room": "is required"}),
    *((body, {"room": "must be an object"}) for body in (b'{"room": null}', b'{"room": []}', b'{"room": "x"}')),
    (b'{"room": {"name": "\\ud800"}}', {"room": "must be valid text"}),
    (b'{"room": {"options": ["\\u0000"]}}', {"room": "must be valid text"}),
]


@pytest.mark.parametrize(("body", "fields"), BROKEN, ids=lambda value: repr(value)[:24])
async def test_a_room_that_cannot_be_read_is_a_bad_request(
    world: World, body: bytes, fields: dict[str, str]
) -> None:  # (3)
    for kind in ("application/json", "text/plain"):
        answer = await world.api.put("/room", content=body, headers={"Content-Type": kind})
        assert fields_of(answer) == fields
    assert (await world.api.get("/rooms")).json()["rooms"] == []


async def test_a_body_that_is_too_large_is_not_read_to_its_end(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65536

    for caller in (world.api, world.nobody):
        sent = 0
        answer = await caller.put("/room", content=endless())
        assert refused(answer) == (413, {"status": "payload-too-large"})
        assert sent <= 18
    declared = await world.api.put("/room", content=b"{}", headers={"Content-Length": "10485760"})
    assert refused(declared) == (413, {"status": "payload-too-large"})


async def test_secrets_are_in_no_answer(world: World) -> None:
    room = await world.room()
    for method, path in OPERATIONS:
        answer = await world.api.request(method, path.format(room=in_path(room)), json={"room": {"alias": 1}})
        assert world.key.secret not in answer.text
