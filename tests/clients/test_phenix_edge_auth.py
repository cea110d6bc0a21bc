"""Phenix' own EdgeAuth libraries, PyPI's and npm's, and media behind the tokens they make."""

import json
import subprocess
from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from edgeauth.token_builder import TokenBuilder
from tests.support.browser import eventually
from tests.support.livekit_client import livekit_participant, ticket
from tests.support.server import ServerProcess, running_server

SDKS = Path(__file__).parent.parent / "sdks"
REFUSED = {
    "authentication",
    "session",
    "originStream",
    "elsewhere",
    "expired",
    "otherRoom",
    "otherAlias",
    "otherTag",
    "untagged",
    "otherSecret",
    "otherApplication",
}


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> Iterator[httpx.Client]:
    key = server.credentials()["phenix"]
    credentials = (key["application_id"], key["secret"])
    with httpx.Client(base_url=f"{server.url}{key['base']}", auth=credentials, timeout=20) as opened:
        yield opened


def make_room(api: httpx.Client, name: str, **fields: Any) -> dict[str, Any]:
    room = {"alias": "", "name": name, "description": "", "options": [], **fields}
    answer = api.put("/room", json={"room": room})
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["room"]
    return made


def builder(server: ServerProcess) -> TokenBuilder:
    key = server.credentials()["phenix"]
    made = TokenBuilder().with_application_id(key["application_id"]).with_secret(key["secret"])
    return made.expires_in_seconds(600)


def lobby(server: ServerProcess, room: dict[str, Any], token: str) -> httpx.Response:
    return httpx.post(f"{server.url}/meet/lobby", json={"room": room["roomId"], "token": token})


def python_tokens(server: ServerProcess, room: dict[str, Any]) -> dict[str, str]:
    def made() -> TokenBuilder:
        return builder(server).for_room(room["roomId"])

    day = datetime.now().astimezone() + timedelta(days=1)
    secret = server.credentials()["phenix"]["secret"]
    forms = {
        "room": made(),
        "roomAlias": builder(server).for_room_alias(room["alias"]),
        "channel": builder(server).for_channel(room["roomId"]),
        "channelAlias": builder(server).for_channel_alias(room["alias"]),
        "uri": made().with_uri(server.url),
        "streaming": made().for_streaming_only(),
        "publishing": made().for_publishing_only().with_capability("multi-bitrate").with_capability("fhd"),
        "tagged": made().apply_tag("billing: 7").apply_tag("é💥"),
        "address": made().for_remote_address("127.0.0.1"),
        "date": made().expires_at(day),
        "authentication": made().for_authenticate_only(),
        "session": made().for_session("eu#session"),
        "originStream": made().for_origin_stream("eu#stream"),
        "elsewhere": made().for_remote_address("192.0.2.1"),
        "expired": made().expires_in_seconds(-1),
        "otherRoom": builder(server).for_room(room["roomId"] + "x"),
        "otherAlias": builder(server).for_room_alias(room["alias"] + "x"),
        "otherTag": builder(server).for_tag("my-tag"),
        "untagged": builder(server),
        "otherSecret": made().with_secret(secret + "x"),
        "otherApplication": made().with_application_id("somebody-else"),
    }
    return {form: one.build() for form, one in forms.items()}


def node_tokens(server: ServerProcess, room: dict[str, Any]) -> dict[str, str]:
    key = server.credentials()["phenix"]
    command = ["node", "phenix.mjs", key["application_id"], key["secret"], room["roomId"], room["alias"]]
    out = subprocess.run(command, cwd=SDKS, check=True, capture_output=True, text=True, timeout=60).stdout
    found: dict[str, str] = json.loads(out)
    return found


@pytest.mark.parametrize("library", [python_tokens, node_tokens], ids=["PyPI", "npm"])
def test_what_the_libraries_make_is_worth_what_it_says(server: ServerProcess, api: httpx.Client, library: Any) -> None:
    room = make_room(api, f"Tokens of {library.__name__}", alias=f"news é💥 {library.__name__}")
    tokens = library(server, room)
    assert set(tokens) > REFUSED
    for form, token in tokens.items():
        answer = lobby(server, room, token)
        assert (answer.status_code == 200) is (form not in REFUSED), (form, answer.text)
        if form not in REFUSED:
            assert answer.json()["role"]["label"] == ("Participant" if form == "publishing" else "Audience")


def test_one_changed_bit_of_digest_or_token_is_refused(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Changed")
    token = python_tokens(server, room)["room"]
    assert lobby(server, room, token).status_code == 200
    envelope = json.loads(b64decode(token.removeprefix("DIGEST:")))
    for number, (part, step) in enumerate((("digest", 11), ("token", 23))):
        value = envelope[part].encode()
        for place in range(number, len(value), step):
            other = value[:place] + bytes([value[place] ^ 1 << place % 7]) + value[place + 1 :]
            forged = json.dumps({**envelope, part: other.decode()}).encode()
            answer = lobby(server, make_room(api, f"{part} {place}"), "DIGEST:" + b64encode(forged).decode())
            assert answer.status_code == 403, answer.text
            # and where it would be good, were it not changed
            assert lobby(server, room, token).status_code == 200


async def test_who_enters_and_publishes_is_a_member_with_streams(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Media", type="TownHall", alias="media")
    path = f"/room/{quote(room['roomId'], safe='')}"
    tokens = node_tokens(server, room)

    def count(query: str = "") -> httpx.Response:
        return httpx.get(f"{server.url}/pcast{path}/publishers/count{query}")

    def members() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = api.get(f"{path}/members").json()["members"]
        return found

    assert (members(), count().text) == ([], "0")
    assert count("?failIfLess=1").status_code == 412
    async with (
        livekit_participant(server.url, room["roomId"], tokens["publishing"], "Ada B") as ada,
        livekit_participant(server.url, room["roomId"], tokens["streaming"], "Bo") as bo,
    ):
        await ada.publish_audio()

        async def heard() -> bool:
            return bo.total("loud_samples") > 9600

        await eventually(heard, 20)
        publisher, viewer = members()
        assert (publisher["screenName"], publisher["role"], publisher["state"]) == ("Ada B", "Presenter", "Passive")
        assert (viewer["screenName"], viewer["role"], viewer["streams"]) == ("Bo", "Audience", [])
        (stream,) = publisher["streams"]
        assert (stream["type"], stream["audioState"], stream["videoState"]) == ("Audio", "TrackEnabled", "TrackEnded")
        assert stream["uri"].endswith("?capabilities=multi-bitrate%2Cfhd%2Caudio-only")
        publication = await ada.publish_video()

        async def seen() -> bool:
            return bo.total("frames") > 5

        await eventually(seen, 20)
        (stream,) = members()[0]["streams"]
        assert (stream["type"], stream["audioState"], stream["videoState"]) == ("User", "TrackEnabled", "TrackEnabled")
        assert [count(query).text for query in ("", "?withStreams=2", "?withScreenName=Ada%20B")] == ["1", "0", "1"]
        assert count("?failIfLess=1").status_code == 200
        assert api.get(path).json()["room"]["estimatedSize"] == 2
        publication.track.mute()

        async def muted() -> bool:
            return bool(members()[0]["streams"][0]["videoState"] == "TrackDisabled")

        await eventually(muted, 15)
        await ada.room.disconnect()

        async def gone() -> bool:
            return [one["screenName"] for one in members()] == ["Bo"]

        await eventually(gone, 15)
        assert count().text == "0"


async def test_a_publishing_token_is_not_good_for_viewing(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Both publish")
    token = node_tokens(server, room)["publishing"]
    viewing = node_tokens(server, room)["room"]
    async with (
        livekit_participant(server.url, room["roomId"], token, "Ada") as ada,
        livekit_participant(server.url, room["roomId"], token, "Bo") as bo,
        livekit_participant(server.url, room["roomId"], viewing, "Cy") as cy,
    ):
        await ada.publish_video()

        async def cy_sees() -> bool:
            return cy.total("frames") > 5

        await eventually(cy_sees, 20)
        assert bo.total("frames") == 0
        assert bo.received == {}


async def test_a_viewing_and_a_publishing_token_together_do_both(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Chat")
    tokens = node_tokens(server, room)
    both = f"{tokens['room']},{tokens['publishing']}"
    async with (
        livekit_participant(server.url, room["roomId"], both, "Ada") as ada,
        livekit_participant(server.url, room["roomId"], both, "Bo") as bo,
    ):
        await ada.publish_audio()
        await bo.publish_audio()

        async def both_hear() -> bool:
            return ada.total("loud_samples") > 9600 and bo.total("loud_samples") > 9600

        await eventually(both_hear, 20)


async def test_the_room_is_deleted_from_under_its_members(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Deleted", type="DirectChat")
    token = node_tokens(server, room)["room"]
    path = f"/room/{quote(room['roomId'], safe='')}"
    async with livekit_participant(server.url, room["roomId"], token, "Ada") as ada:
        assert api.delete(f"{path}?type=DirectChat").content == b'{"status":"ok"}'

        async def out() -> bool:
            return ada.saw("disconnected")

        await eventually(out, 15)
    assert lobby(server, room, token).status_code == 404
    assert api.get(path).json() == {"status": "not-found"}


async def test_ids_in_paths_are_decoded_once(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Paths")
    once = quote(room["roomId"], safe="")
    assert api.get(f"/room/{once}").json()["room"] == room
    for path in (quote(once, safe=""), once + "%2Fmembers", once + "%2fmembers", once + "%00", once + "%0A", "%ff"):
        answer = api.get(f"/room/{path}")
        assert (answer.status_code, answer.json()) == (404, {"status": "not-found"}), path
    # spelt out though it need not be
    whole = "".join(f"%{byte:02x}" for byte in room["roomId"].encode())
    assert api.get(f"/room/{whole}/members").json() == {"status": "ok", "members": []}


def test_the_vendors_host_name_is_enough_to_move_here(tmp_path: Path) -> None:
    config = tmp_path / "polyroom.toml"
    config.write_text('[hosts]\nphenix = ["pcast.phenixrts.com"]\n')
    with running_server(tmp_path / "data", "--config", str(config)) as moved:
        key = moved.credentials()["phenix"]
        answer = httpx.get(
            f"{moved.url}/pcast/rooms",
            headers={"Host": "pcast.phenixrts.com"},
            auth=(key["application_id"], key["secret"]),
        )
        assert answer.status_code == 200
        assert answer.json()["status"] == "ok"
        assert "publishers/count" in httpx.get(f"{moved.url}/docs/phenix").text


async def test_who_comes_in_with_a_viewing_token_may_not_publish(server: ServerProcess, api: httpx.Client) -> None:
    room = make_room(api, "Watching")
    place = await ticket(server.url, room["roomId"], node_tokens(server, room)["room"], "Ada")
    assert place["role"]["label"] == "Audience"
    assert place["role"]["can_publish"] is False
