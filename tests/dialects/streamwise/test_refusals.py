"""What is refused before any use case runs, and that accounts do not see one another."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.dialects.streamwise.world import World, errors_of

OPERATIONS = [
    ("GET", "/rooms/{room}"),
    ("PATCH", "/rooms/{room}"),
    ("GET", "/rooms/{room}/status"),
    ("GET", "/rooms/{room}/tokens"),
    ("POST", "/rooms/{room}/tokens"),
    ("PATCH", "/rooms/{room}/tokens/{token}"),
    ("DELETE", "/rooms/{room}/tokens/{token}"),
    ("GET", "/rooms/{room}/access-codes"),
    ("POST", "/rooms/{room}/access-codes"),
    ("PATCH", "/rooms/{room}/access-codes/{code}"),
    ("DELETE", "/rooms/{room}/access-codes/{code}"),
    ("POST", "/rooms/{room}/uploads"),
    ("GET", "/rooms/{room}/uploads/{video}"),
    ("PATCH", "/rooms/{room}/uploads/{video}"),
    ("DELETE", "/rooms/{room}/uploads/{video}"),
    ("GET", "/rooms/{room}/videos"),
    ("GET", "/rooms/{room}/videos/{video}"),
    ("DELETE", "/rooms/{room}/videos/{video}"),
    ("DELETE", "/rooms/{room}"),
]
TUS = {"Tus-Resumable": "1.0.0", "Upload-Length": "5", "Upload-Offset": "0"}


async def test_another_accounts_things_are_not_there(world: World) -> None:
    room = await world.room(room_type="video")
    token, code, video = await world.token(room), await world.code(room), await world.upload(room, 5)
    body = {"role": "guest", "room_name": "stolen"}
    for method, path in OPERATIONS:
        target = path.format(room=room["id"], token=token["id"], code=code["id"], video=video["id"])
        headers, sent = {}, {"json": body}
        if "/uploads" in path:
            headers, sent = {**TUS, "Content-Type": "application/offset+octet-stream"}, {"content": b"hello"}
        answer = await world.other.request(
            method, target, headers=headers, **({} if method in {"GET", "DELETE"} else sent)
        )
        assert (answer.status_code, answer.json()) == (404, {"message": "The requested resource was not found."}), (
            target
        )
    assert (await world.other.get("/rooms?limit=0&include=tokens")).json()["data"] == []
    assert (await world.api.get(f"/rooms/{room['id']}")).json() == room


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Bearer wrong", "Basic x", "Bearer \xff", "Bearer " + "x" * 9999]
)
async def test_without_a_valid_token_nothing_is_answered(world: World, header: str | None) -> None:  # (26)
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app), base_url="http://server/streamwise", headers=headers
    ) as stranger:
        for method, path in [("GET", "/rooms"), ("POST", "/rooms"), *OPERATIONS]:
            answer = await stranger.request(method, path)
            assert (answer.status_code, answer.json()) == (401, {"message": "Unauthenticated."})
            assert answer.headers["www-authenticate"] == "Bearer"


async def test_other_methods_are_refused_with_those_that_are_not(world: World) -> None:  # (27)
    room = await world.room()
    for path, allowed in {
        f"/rooms/{room['id']}": "GET, HEAD, PATCH, DELETE",
        f"/v1/rooms/{room['id']}": "GET, HEAD, PATCH, DELETE",
        "/rooms": "GET, HEAD, POST",
        f"/rooms/{room['id']}/tokens": "GET, HEAD, POST",
        f"/rooms/{room['id']}/tokens/x": "PATCH, DELETE",
    }.items():
        answer = await world.api.put(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        text = f"The PUT method is not supported for this route. Supported methods: {allowed}."
        assert answer.json() == {"message": text}
        options = await world.api.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)


async def test_head_is_get_without_its_body(world: World) -> None:
    await world.room()
    head, get = await world.api.head("/rooms"), await world.api.get("/rooms")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert (await world.api.head("/rooms/x/tokens/y")).status_code == 405


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/rooms/unknown", "/rooms/%00", "/rooms/a%2Fb", "/rooms/..%2f", "/rooms/💥"]
)
async def test_what_is_not_there_is_404(world: World, path: str) -> None:  # (27)
    answer = await world.api.get(path)
    assert (answer.status_code, answer.json()) == (404, {"message": "The requested resource was not found."})


BROKEN = [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5000, b'{"room_name": NaN}', b'{"room_name": Infinity}']
BROKEN += [b'{"room_metadata": {"a": ' + b"9" * 5000 + b"}}", '{"room_name": "x"}'.encode("utf-16")]
BROKEN += [b"null", b"[]", b'"x"', b"1", b'\xef\xbb\xbf{"room_name": "x"}', b'{"a\\u0000": 1}', b"room_name=x"]


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:24]))
async def test_a_write_without_a_json_object_is_a_bad_request(world: World, body: bytes) -> None:
    room = await world.room()
    token = await world.token(room)
    for method, path in (
        ("POST", "/rooms"),
        ("PATCH", f"/rooms/{room['id']}"),
        ("POST", f"/rooms/{room['id']}/tokens"),
        ("PATCH", f"/rooms/{room['id']}/tokens/{token['id']}"),
        ("POST", f"/rooms/{room['id']}/access-codes"),
    ):
        answer = await world.api.request(method, path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400, answer.text
        assert set(answer.json()) == {"message"}
    assert (await world.api.get(f"/rooms/{room['id']}")).json() == room


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"room_name": "a\\u0000b"}', "room_name"),
        (b'{"room_name": "\\ud800"}', "room_name"),
        (b'{"room_name": "x", "room_metadata": {"a": {"\\udfff": 1}}}', "room_metadata"),
        (b'{"room_name": "x", "room_settings": {"a": ["\\u0000"]}}', "room_settings"),
        (b'{"room_name": "x", "room_metadata": {"a": 1e999}}', "room_metadata.a"),
        (b'{"room_name": "x", "room_metadata": {"a": [-1e999]}}', "room_metadata.a.0"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_the_field_named(world: World, body: bytes, field: str) -> None:
    assert list(errors_of(await world.api.post("/rooms", content=body))) == [field]


async def test_a_pair_of_surrogates_is_one_character(world: World) -> None:
    answer = await world.api.post("/rooms", content=b'{"room_name": "\\ud83d\\ude00", "room_name": "\\ud83d\\ude00!"}')
    assert answer.json()["room_name"] == "😀!"


async def test_a_body_that_is_too_large_is_not_read_to_its_end(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65536

    answer = await world.api.post("/rooms", content=endless())
    assert (answer.status_code, answer.json()) == (413, {"message": "The request body is too large."})
    assert sent <= 18
    declared = await world.api.post("/rooms", content=b"{}", headers={"Content-Length": "10485760"})
    assert declared.status_code == 413
