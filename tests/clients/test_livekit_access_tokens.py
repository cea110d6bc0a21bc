"""LiveKit's clients at `/rtc` with access tokens of LiveKit's own server SDK: entry, refusals, rights, rooms."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from livekit import rtc
from livekit.protocol import models
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, connected, livekit_participant
from tests.support.livekit_tokens import access_token
from tests.support.rooms import make_room, make_token, status_of
from tests.support.server import ServerProcess, running_server
from tests.support.signals import signals
from websockets.exceptions import InvalidStatus


def keys_of(server: ServerProcess) -> dict[str, str]:
    keys: dict[str, str] = server.credentials()["livekit"]
    return keys


def signed(server: ServerProcess, **claims: Any) -> str:
    """A token with claims the SDK would not make."""
    keys = keys_of(server)
    usual = {"iss": keys["api_key"], "sub": "eve", "exp": 4_000_000_000, "video": {"roomJoin": True, "room": "r"}}
    kept = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(kept, keys["api_secret"], algorithm="HS256")


def validate(server: ServerProcess, token: str) -> httpx.Response:
    return httpx.get(f"{server.url}/rtc/validate", params={"access_token": token})


async def test_people_with_tokens_see_each_other_in_a_room_of_that_name(server: ServerProcess) -> None:
    tokens = [access_token(server.credentials(), who, "stand-up ☀", name=who.title()) for who in ("ada", "bo")]
    async with connected(server.url, tokens[0]) as ada, connected(server.url, tokens[1]) as bo:
        assert ada.room.name == bo.room.name == "stand-up ☀"
        assert bo.room.remote_participants["ada"].name == "Ada"
        await ada.publish_video()
        await bo.publish_video()
        await bo.publish_audio()

        async def both() -> bool:
            return ada.total("frames") > 5 and bo.total("frames") > 5 and ada.total("loud_samples") > 9600

        await eventually(both, 20)


async def test_metadata_attributes_and_name_of_the_token_reach_the_others(server: ServerProcess) -> None:
    large = "m" * 9000
    credentials = server.credentials()
    ada = access_token(credentials, "ada", "about", name="Zoë", metadata=large, attributes={"team": "blå", "none": ""})
    async with (
        connected(server.url, access_token(credentials, "bo", "about")) as bo,
        connected(server.url, ada) as _,
    ):

        async def told() -> bool:
            return "ada" in bo.room.remote_participants

        await eventually(told, 15)
        other = bo.room.remote_participants["ada"]
        assert (other.name, other.metadata, dict(other.attributes)) == ("Zoë", large, {"team": "blå"})


async def test_an_unknown_room_is_made_once_and_there_for_every_door(server: ServerProcess) -> None:
    tokens = [access_token(server.credentials(), f"p{number}", "made by many") for number in range(8)]
    answers = await asyncio.gather(*(asyncio.to_thread(validate, server, token) for token in tokens))
    assert {answer.text for answer in answers} == {"success"}
    with server.streamwise() as api:
        found = [one for one in api.get("/rooms?limit=100").json()["data"] if one["room_name"] == "made by many"]
        assert len(found) == 1
        async with signals(server.url, tokens[0]) as one:
            assert one.join.room.name == "made by many"
            assert status_of(api, found[0])["participants"] == 1


async def test_a_token_may_name_a_room_by_any_of_its_ids_until_it_is_deleted(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        for form in (room["id"], room["uuid"], room["ulid"]):
            token = access_token(server.credentials(), "ada", form)
            async with signals(server.url, token) as one:
                assert one.join.room.name == form
                assert status_of(api, room)["participants"] == 1
        assert api.delete(f"/rooms/{room['id']}").status_code == 204
        answer = validate(server, token)
        assert (answer.status_code, answer.text) == (404, "requested room does not exist")
        assert room["ulid"] not in {one["room_name"] for one in api.get("/rooms?limit=100").json()["data"]}


async def test_two_accounts_with_the_same_room_name_have_two_rooms(server: ServerProcess) -> None:
    other = server.another_account()
    mine, theirs = (access_token(one, "ada", "ours") for one in (server.credentials(), other))
    async with signals(server.url, mine) as a, signals(server.url, theirs) as b:
        assert a.join.room.name == b.join.room.name == "ours"
        assert a.join.room.sid != b.join.room.sid
        assert not b.join.other_participants
        foreign = access_token(other, "eve", a.join.room.sid.removeprefix("RM_"))
        async with signals(server.url, foreign) as eve:
            assert eve.join.room.sid not in {a.join.room.sid, b.join.room.sid}


async def test_the_same_identity_again_takes_the_place(server: ServerProcess) -> None:
    token = access_token(server.credentials(), "ada", "one chair")
    async with signals(server.url, token) as first, signals(server.url, token) as second:
        leave = (await first.until("leave")).leave
        assert leave.reason == models.DisconnectReason.DUPLICATE_IDENTITY
        assert not second.join.other_participants


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"exp": 1_000_000_000}, "invalid token: it has expired"),
        ({"exp": None}, "invalid token: exp is missing"),
        ({"exp": "soon"}, "invalid token: exp has a wrong type"),
        ({"exp": 10**30}, "invalid token: exp is out of range"),
        ({"nbf": 3_999_999_999}, "invalid token: it is not valid yet"),
        ({"sub": None}, "invalid token: it names no identity"),
        ({"sub": ["eve"]}, "invalid token: sub has a wrong type"),
        ({"sub": "e\0ve"}, "invalid token: sub holds characters that cannot be kept"),
        ({"name": "x" * 257}, "invalid token: name is longer than 256 characters"),
        ({"video": {"room": "r"}}, "permissions denied: the token lets nobody join a room"),
        ({"video": {"roomJoin": True}}, "permissions denied: the token lets nobody join a room"),
        ({"video": None}, "permissions denied: the token lets nobody join a room"),
        ({"video": {"roomJoin": "yes", "room": "r"}}, "invalid token: roomJoin has a wrong type"),
        ({"video": {"roomJoin": True, "room": "r" * 257}}, "invalid token: room is longer than 256 characters"),
        ({"attributes": {"a": 1}}, "invalid token: attributes has a wrong type"),
    ],
)
def test_a_token_that_cannot_be_used_is_refused_in_words(
    server: ServerProcess, claims: dict[str, Any], words: str
) -> None:
    answer = validate(server, signed(server, **claims))
    assert (answer.status_code, answer.text) == (401, words)
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_a_refused_client_learns_it_from_the_upgrade(server: ServerProcess) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with signals(server.url, signed(server, exp=1_000_000_000)):
            pass
    assert (refusal.value.response.status_code, refusal.value.response.body) == (401, b"invalid token: it has expired")
    with pytest.raises(rtc.ConnectError, match="401"):
        await rtc.Room().connect(server.url, signed(server, sub=None))


def test_a_clock_a_little_ahead_keeps_nobody_out(server: ServerProcess) -> None:
    assert validate(server, signed(server, nbf=time.time() + 30)).text == "success"


def test_forged_tokens_are_refused_and_guessing_is_slowed(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        keys = keys_of(server)
        claims = {"iss": keys["api_key"], "sub": "eve", "exp": 4_000_000_000, "video": {"roomJoin": True, "room": "r"}}
        good = signed(server)
        head, body, signature = good.split(".")
        forged = {
            jwt.encode(claims, None, algorithm="none"): "invalid token: it is not signed with HS256",
            jwt.encode(claims, keys["api_secret"] + "x" * 30, algorithm="HS512"): "it is not signed with HS256",
            jwt.encode(claims, "x" * 43, algorithm="HS256"): "invalid token: its signature is wrong",
            jwt.encode(claims | {"iss": "APInobody"}, "x" * 43): "invalid token: invalid API key",
            f"{head}.{body}.{signature[:-4]}AAAA": "invalid token: its signature is wrong",
        }
        for token, words in forged.items():
            answer = validate(server, token)
            assert (answer.status_code, words in answer.text) == (401, True), answer.text
        for nothing in ("", "x", "a.b.c", "é.é.é", "." * 40, "x" * 7000):
            assert validate(server, nothing).status_code == 401
        assert validate(server, good).text == "success"
        for _ in range(5):
            validate(server, jwt.encode(claims, "x" * 43, algorithm="HS256"))
        slowed = validate(server, good)
        assert (slowed.status_code, slowed.text) == (429, "too many attempts")
        assert 0 < int(slowed.headers["retry-after"]) <= 60
        assert good not in server.log()


async def test_clients_come_back_by_themselves_after_a_restart_as_they_were(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path / "data")
    server.start()
    try:
        credentials = server.credentials()
        short = access_token(
            credentials,
            "ada",
            "lasting",
            metadata="m" * 5000,
            can_update_own_metadata=True,
            lives=timedelta(seconds=6),
        )
        async with (
            connected(server.url, short) as ada,
            connected(server.url, access_token(credentials, "bo", "lasting")) as bo,
        ):
            await ada.room.local_participant.set_attributes({"hand": "up"})
            await ada.publish_video()

            async def sees() -> bool:
                return bo.total("frames") > 5

            await eventually(sees, 20)

            async def renewed() -> bool:
                return ada.saw("token_refreshed")

            await eventually(renewed, 10)
            remaining = jwt.decode(short, options={"verify_signature": False})["exp"] - time.time()
            await asyncio.sleep(max(0, remaining + 0.5))
            server.kill()
            server.start()
            back = _watch(bo)

            async def sees_again() -> bool:
                return back() > 5

            await eventually(sees_again, 40)
            other = bo.room.remote_participants["ada"]
            assert (other.metadata, dict(other.attributes)) == ("m" * 5000, {"hand": "up"})
            assert bo.room.name == "lasting"
            with server.streamwise() as api:
                (room,) = [one for one in api.get("/rooms?limit=100").json()["data"] if one["room_name"] == "lasting"]
                assert status_of(api, room)["participants"] == 2
    finally:
        server.stop()


def _watch(someone: Participant) -> Callable[[], float]:
    before = someone.total("frames")
    return lambda: someone.total("frames") - before


async def test_one_room_takes_people_of_both_doors(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        link = make_token(api, room)["token"]
    async with (
        livekit_participant(server.url, room["id"], link, "Ada") as ada,
        connected(server.url, access_token(server.credentials(), "bo", room["id"], name="Bo")) as bo,
    ):
        await ada.publish_video()
        await bo.publish_audio()

        async def both() -> bool:
            return bo.total("frames") > 5 and ada.total("loud_samples") > 9600

        await eventually(both, 20)
        assert {one.name for one in ada.room.remote_participants.values()} == {"Bo"}
