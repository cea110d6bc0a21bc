"""What is refused before any use case runs, and that accounts do not see one another."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.dialects.hms.world import World, done, refused

OPERATIONS = [
    ("GET", "/rooms/{room}"),
    ("POST", "/rooms/{room}"),
    ("POST", "/rooms/{room}/enabled"),
    ("GET", "/active-rooms/{room}"),
    ("GET", "/active-rooms/{room}/peers"),
    ("GET", "/active-rooms/{room}/peers/{peer}"),
    ("POST", "/active-rooms/{room}/send-message"),
    ("POST", "/active-rooms/{room}/peers/{peer}"),
    ("POST", "/active-rooms/{room}/remove-peers"),
    ("POST", "/active-rooms/{room}/end-room"),
    ("GET", "/sessions/{session}"),
    ("GET", "/analytics/peer-quality?peer_id={peer}"),
    ("GET", "/analytics/peer-quality?session_id={session}"),
    ("GET", "/analytics/peer-stats?peer_id={peer}&session_id={session}"),
    ("POST", "/analytics/events/replay?session={session}"),
    ("GET", "/templates/{template}"),
    ("POST", "/templates/{template}"),
    ("GET", "/templates/{template}/roles/host"),
    ("POST", "/templates/{template}/roles/host"),
    ("DELETE", "/templates/{template}/roles/viewer"),
    ("GET", "/templates/{template}/settings"),
    ("POST", "/templates/{template}/settings"),
    ("GET", "/templates/{template}/destinations"),
    ("POST", "/templates/{template}/destinations"),
    ("GET", "/templates/{template}/recordings"),
    ("POST", "/room-codes/room/{room}"),
    ("GET", "/room-codes/room/{room}"),
    ("POST", "/room-codes/room/{room}/role/host"),
    ("POST", "/room-codes/code/{code}"),
    ("POST", "/room-codes/code"),
    ("POST", "/stream-keys/room/{room}"),
    ("GET", "/stream-keys/room/{room}"),
    ("POST", "/stream-keys/room/{room}/disable"),
    ("DELETE", "/stream-keys/room/{room}"),
    ("GET", "/recordings/{recording}"),
    ("POST", "/recordings/{recording}/stop"),
    ("POST", "/recordings/room/{room}/start"),
    ("POST", "/recordings/room/{room}/pause"),
    ("POST", "/recordings/room/{room}/resume"),
    ("POST", "/recordings/room/{room}/stop"),
    ("POST", "/live-streams/room/{room}/start"),
    ("GET", "/live-streams/{live}"),
    ("POST", "/live-streams/{live}/pause-recording"),
    ("POST", "/live-streams/{live}/resume-recording"),
    ("POST", "/live-streams/{live}/timed-metadata"),
    ("POST", "/live-streams/{live}/stop"),
    ("POST", "/live-streams/room/{room}/stop"),
    ("POST", "/external-streams/room/{room}/start"),
    ("GET", "/external-streams/{external}"),
    ("POST", "/external-streams/{external}/stop"),
    ("POST", "/external-streams/room/{room}/stop"),
    ("GET", "/recording-assets/{asset}"),
    ("GET", "/recording-assets/{asset}/presigned-url"),
    ("GET", "/polls/{poll}"),
    ("POST", "/polls/{poll}"),
    ("POST", "/polls/room/{room}/link"),
    ("POST", "/polls/{poll}/questions/1"),
    ("DELETE", "/polls/{poll}/questions/2"),
    ("POST", "/polls/{poll}/questions/1/options/1"),
    ("DELETE", "/polls/{poll}/questions/1/options/2"),
    ("GET", "/polls/{poll}/sessions"),
    ("GET", "/polls/{poll}/sessions/{session}"),
    ("GET", "/polls/{poll}/responses"),
    ("GET", "/polls/{poll}/responses/x"),
    ("GET", "/polls/{poll}/results"),
    ("GET", "/polls/{poll}/results/x"),
    ("GET", "/polls/{poll}/leaderboard"),
]
LISTS = [
    ("GET", "/rooms"),
    ("POST", "/rooms"),
    ("GET", "/sessions"),
    ("GET", "/templates"),
    ("POST", "/templates"),
    ("GET", "/recordings"),
    ("GET", "/recording-assets"),
    ("GET", "/live-streams"),
    ("GET", "/external-streams"),
    ("GET", "/analytics/events"),
    ("GET", "/analytics/track-events"),
    ("GET", "/analytics/recording-events"),
    ("GET", "/analytics/error-events"),
    ("GET", "/analytics/webhooks"),
    ("POST", "/polls"),
    ("POST", "/analytics/webhooks/replay"),
]


async def targets(world: World) -> dict[str, str]:
    """A thing of every kind."""
    room = await world.room(name="mine")
    code = (await world.codes(room))["host"]
    joined = await world.enter(room, code)
    recordings = [done(await world.api.post(f"/recordings/room/{room['id']}/start")) for _ in range(2)]
    done(await world.api.post(f"/recordings/{recordings[1]['id']}/stop"))
    await world.recordings.finished(world.recorder.started[1].id)
    (asset,) = done(await world.api.get("/recording-assets"))["data"]
    questions = [{"text": text, "options": [{"text": "a"}, {"text": "b"}]} for text in ("One?", "Two?")]
    poll = done(await world.api.post("/polls", json={"questions": questions}))
    live = done(await world.api.post(f"/live-streams/room/{room['id']}/start", json={"recording": {"hls_vod": True}}))
    out = {"rtmp_urls": ["rtmp://a.example/live/key"]}
    external = done(await world.api.post(f"/external-streams/room/{room['id']}/start", json=out))
    return {
        "live": live["id"],
        "external": external["id"],
        "recording": recordings[0]["id"],
        "asset": asset["id"],
        "poll": poll["id"],
        "room": room["id"],
        "code": code,
        "peer": str(joined.participant.id),
        "session": str(joined.participant.session_id),
        "template": room["template_id"],
    }


async def test_another_accounts_things_are_not_there(world: World) -> None:
    ids = await targets(world)
    before = done(await world.api.get(f"/rooms/{ids['room']}"))
    body = {"code": ids["code"], "enabled": False, "description": "stolen", "role": "host", "message": "x"}
    body |= {"session_id": ids["session"], "poll_ids": [ids["poll"]], "text": "Stolen?", "payload": "Stolen?"}
    body |= {"rtmp_urls": ["rtmp://a.example/live/stolen"]}
    for method, path in OPERATIONS:
        sent = {"code": ids["code"], "enabled": False} if path == "/room-codes/code" else body
        answer = await world.other.request(method, path.format(**ids), json=sent if method == "POST" else None)
        refused(answer, 404)
    assert done(await world.other.get("/rooms"))["data"] == []
    assert done(await world.api.get(f"/rooms/{ids['room']}")) == before


async def test_without_a_valid_token_nothing_is_answered(world: World) -> None:
    ids = await targets(world)
    for headers in ({}, {"Authorization": "Basic x"}, {"Authorization": "Bearer wrong"}):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(world.app), base_url="http://server/100ms/v2", headers=headers
        ) as stranger:
            for method, path in [*LISTS, *OPERATIONS]:
                answer = await stranger.request(method, path.format(**ids), content=b"{")
                assert refused(answer, 401)["message"] == "Token validation error"


@pytest.mark.parametrize(
    "path",
    ["/", "/nothing", "/rooms/unknown", "/rooms/%00", "/rooms/a%2Fb", "/rooms/💥", "/recordings/x", "/polls/x"],
)
async def test_what_is_not_there_is_404(world: World, path: str) -> None:
    for client in (world.api, world.sdk):
        refused(await client.get(path), 404)


async def test_other_methods_are_refused_with_those_that_are_not(world: World) -> None:
    for path, allowed in {
        "/rooms": "GET, HEAD, POST",
        "/rooms/x": "GET, HEAD, POST",
        "/rooms/x/enabled": "POST",
        "/active-rooms/x": "GET, HEAD",
        "/templates/x": "GET, HEAD, POST",
        "/room-codes/code": "POST",
    }.items():
        answer = await world.api.delete(path)
        refused(answer, 405)
        assert answer.headers["allow"] == allowed
        options = await world.api.options(path)
        assert (options.status_code, options.headers["allow"]) == (204, allowed)
        assert "access-control-allow-origin" not in options.headers


async def test_head_is_get_without_its_body(world: World) -> None:
    await world.room()
    head, get = await world.api.head("/rooms"), await world.api.get("/rooms")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]


BROKEN = [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'{"a":' * 5000, b'{"name": NaN}', b'{"size": ' + b"9" * 5000 + b"}"]
BROKEN += ['{"name": "x"}'.encode("utf-16"), b"null", b"[]", b'"x"', b"1", b'\xef\xbb\xbf{"name": "x"}']
BROKEN += [b'{"a\\u0000": 1}', b"name=x"]


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:24]))
async def test_a_write_without_a_json_object_is_a_bad_request(world: World, body: bytes) -> None:
    ids = await targets(world)
    before = done(await world.api.get(f"/rooms/{ids['room']}"))
    for path in ("/rooms", "/rooms/{room}", "/rooms/{room}/enabled", "/room-codes/code/{code}", "/room-codes/code"):
        found = refused(await world.api.post(path.format(**ids), content=body), 400)
        assert found["message"].startswith("Invalid body: ")
    if body:
        refused(await world.api.post(f"/room-codes/room/{ids['room']}", content=body), 400)
    assert done(await world.api.get(f"/rooms/{ids['room']}")) == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"name": "a\\u0000b"}', "name"),
        (b'{"description": "\\ud800"}', "description"),
        (b'{"webhook": {"url": "https://x.example", "headers": {"a": "\\udfff"}}}', "webhook"),
        (b'{"recording_info": {"upload_info": {"prefix": "\\u0000"}}}', "recording_info"),
    ],
)
async def test_what_cannot_be_kept_is_refused_with_the_field_named(world: World, body: bytes, field: str) -> None:
    assert refused(await world.api.post("/rooms", content=body), 400)["details"] == [f"{field} must be valid text"]


async def test_a_body_that_is_too_large_is_not_read_to_its_end(world: World) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(160):
            sent += 1
            yield b"x" * 65536

    refused(await world.api.post("/rooms", content=endless()), 413)
    assert sent <= 18


async def test_what_fails_in_here_is_the_vendors_500(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("polyroom.services.room_codes.RoomCodeService.exchange", fail)
    answer = await world.api.post("/token", json={"code": "abc-defg-hij"})
    assert refused(answer, 500)["message"] == "Internal server error"
    assert answer.headers["access-control-allow-origin"] == "*"
