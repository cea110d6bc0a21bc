"""`POST /meet/lobby` and `POST /meet/join` against the contract with the page."""

import json
from dataclasses import replace

import pytest

from polyroom.domain import errors
from polyroom.domain.roles import DEFAULT_ROLES, EVERY_RIGHT, Right, Role, Source
from polyroom.services.ports.admission import Credential

ROOM = {"id": "abcdEFGH12345678", "name": "Team", "description": None, "type": "meet", "welcome_message": "Hello"}
ROLE = {
    "label": "moderator",
    "can_publish": True,
    "can_publish_sources": ["camera", "microphone", "screen_share"],
    "can_subscribe": True,
    "can_publish_data": True,
}


async def test_lobby(client, site):
    answer = await client.post("/meet/lobby", json={"room": "r1", "token": "t1"})
    assert answer.status_code == 200
    assert answer.json() == {
        "room": ROOM,
        "role": ROLE,
        "needs_access_code": True,
        "name": "",
        "name_is_fixed": False,
    }
    assert site.entrance.asked == [("r1", Credential(token="t1"), "192.0.2.9")]


@pytest.mark.parametrize(("rights", "fixed"), [(EVERY_RIGHT, False), (EVERY_RIGHT - {Right.CHANGE_SELF}, True)])
async def test_a_name_in_the_credential_is_offered_and_fixed_where_its_holder_may_not_change_it(
    client, site, rights, fixed
):
    site.entrance.grant = replace(site.entrance.grant, name="Ada", rights=rights)
    shown = (await client.post("/meet/lobby", json={"room": "r1", "token": "t1"})).json()
    assert (shown["name"], shown["name_is_fixed"]) == ("Ada", fixed)


async def test_rights_besides_publishing_are_said(client, site):
    site.entrance.grant = replace(site.entrance.grant, label="viewer", rights=frozenset())
    shown = (await client.post("/meet/join", json={"room": "r1", "name": "Ada"})).json()["role"]
    assert (shown["label"], shown["can_subscribe"], shown["can_publish_data"]) == ("viewer", False, False)


async def test_a_token_may_be_as_long_as_tokens_get_and_hold_any_of_their_characters(client, site):
    for token in ("DIGEST:eyJ+/aZ09==", "x" * 12_000):
        assert (await client.post("/meet/lobby", json={"room": "r1", "token": token})).status_code == 200
        assert site.entrance.asked[-1][1] == Credential(token=token)


async def test_join(client, site):
    body = {"room": "eu#a#b.c", "code": "c1", "access_code": "1234", "name": "  Ada Ĺ 🎈 "}
    answer = await client.post("/meet/join", json=body)
    assert answer.status_code == 201
    assert answer.json() == {
        "server_url": "ws://testserver",
        "ticket": "signed",
        "identity": "identity",
        "name": "Ada Ĺ 🎈",
        "role": ROLE,
        "room": ROOM,
    }
    assert site.entrance.asked == [("eu#a#b.c", Credential(code="c1"), "1234", "Ada Ĺ 🎈", "192.0.2.9")]


async def test_empty_texts_are_like_absent_ones(client, site):
    await client.post("/meet/lobby", json={"room": "r", "token": "", "code": None})
    assert site.entrance.asked[0][1] == Credential()


@pytest.mark.parametrize(
    ("role", "sources"),
    [
        (DEFAULT_ROLES[2], []),
        (Role("audio", 1, frozenset({Source.AUDIO})), ["microphone"]),
        (Role("both", 1, frozenset({Source.AUDIO, Source.VIDEO})), ["camera", "microphone"]),
    ],
)
async def test_roles_say_what_may_be_sent(client, site, role, sources):
    site.entrance.role = role
    shown = (await client.post("/meet/lobby", json={"room": "r"})).json()["role"]
    assert (shown["can_publish_sources"], shown["can_publish"]) == (sources, bool(sources))


@pytest.mark.parametrize(
    ("refusal", "status", "code"),
    [
        (errors.NotFound("room"), 404, "room_not_found"),
        (errors.RoomDisabled(), 403, "room_inactive"),
        (errors.RoomFull(), 403, "room_full"),
        (errors.RoleFull(), 403, "role_full"),
        (errors.AdmissionExpired(), 410, "admission_expired"),
        (errors.AdmissionRefused(), 403, "admission_refused"),
        (errors.AccessCodeRequired(), 403, "access_code_required"),
        (errors.AccessCodeRejected(), 403, "access_code_wrong"),
        (errors.TooManyAttempts(7), 429, "too_many_attempts"),
        (errors.Invalid("name", "odd"), 422, "invalid_request"),
        (RuntimeError("secret inside"), 500, "internal_error"),
    ],
)
@pytest.mark.parametrize("path", ["/meet/lobby", "/meet/join"])
async def test_refusals(client, site, path, refusal, status, code):
    site.entrance.refusal = refusal
    answer = await client.post(path, json={"room": "r", "name": "Ada"})
    assert answer.status_code == status
    error = answer.json()["error"]
    assert error["code"] == code
    assert error["message"].endswith(".")
    assert "secret" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers.get("retry-after") == ("7" if status == 429 else None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"", 400),
        (b"[]", 400),
        (b"\xff\xfe", 400),
        (b'{"room":1,', 400),
        (b"[" * 10_000, 400),
        (b"{}", 422),
        (b'{"room":1}', 422),
        (b'{"room":["r"]}', 422),
        (b'{"room":""}', 422),
        (b'{"room":"r\\u0000"}', 422),
        (b'{"room":"r","token":"\\ud800"}', 422),
        (b'{"room":"r","token":true}', 422),
        (b'{"room":"' + b"r" * 1025 + b'"}', 422),
        (b'{"room":"r","token":"' + b"t" * 12_289 + b'"}', 422),
        (b'{"room":"' + b"r" * 20_000 + b'"}', 413),
    ],
)
async def test_bad_bodies_never_reach_the_desk(client, site, body, status):
    answer = await client.post("/meet/lobby", content=body)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == "invalid_request"
    assert site.entrance.asked == []


@pytest.mark.parametrize("name", [None, "", "   ", "a\nb", "\x7f", "x" * 257, 5, "a\u0000"])
async def test_bad_names(client, site, name):
    answer = await client.post("/meet/join", json={"room": "r", "name": name})
    assert answer.status_code == 422
    assert "name" in answer.json()["error"]["message"]
    assert site.entrance.asked == []


async def test_a_body_without_a_length_is_cut_off_at_the_limit(client, site):
    sent = 0

    async def endless():
        nonlocal sent
        while True:
            sent += 4096
            yield b" " * 4096

    answer = await client.post("/meet/lobby", content=endless())
    assert answer.status_code == 413
    assert sent < 64 * 1024


async def test_other_origins_may_ask(client):
    preflight = await client.options("/meet/join", headers={"origin": "https://app.example.com"})
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "content-type" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers


async def test_other_methods_are_told_which_one_works(client):
    answer = await client.get("/meet/lobby")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("public_url", "host", "headers", "expected"),
    [
        (None, "127.0.0.1:7880", {}, "ws://127.0.0.1:7880"),
        (None, "rooms.local:7880", {}, "ws://rooms.local:7880"),
        (None, "[::1]:7880", {}, "ws://[::1]:7880"),
        ("https://rooms.example.com", "localhost:7880", {}, "ws://localhost:7880"),
        (
            "https://rooms.example.com/video",
            "10.0.0.5:7880",
            {"origin": "https://rooms.example.com"},
            "wss://rooms.example.com/video",
        ),
        ("https://rooms.example.com", "x", {"host": 'evil"/@x'}, "wss://rooms.example.com"),
    ],
)
async def test_the_socket_is_where_the_caller_came_from(site, public_url, host, headers, expected):
    site.public_url = public_url
    async with site.client(host) as client:
        answer = await client.post("/meet/join", json={"room": "r", "name": "Ada"}, headers=headers)
    assert json.loads(answer.content)["server_url"] == expected
