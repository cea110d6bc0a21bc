"""The meeting page with each door's admission: whatever its form, it opens the room and says what its holder may do."""

import time
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.async_api import Browser
from tests.support.browser import Visitor, eventually, visitor
from tests.support.livekit_client import livekit_participant
from tests.support.livekit_tokens import access_token
from tests.support.server import ServerProcess, running_server
from tests.support.vendors import Vendors, in_path, vendors

_COUNT_PROMPTS = """
(() => {
  const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);
  window.__prompts = 0;
  media.getUserMedia = wanted => { window.__prompts += 1; return ask(wanted); };
})();
"""


@pytest.fixture
async def person(browser: Browser) -> AsyncIterator[Visitor]:
    async with visitor(browser) as someone:
        await someone.context.add_init_script(_COUNT_PROMPTS)
        yield someone


@pytest.fixture
def apis(server: ServerProcess) -> Iterator[Vendors]:
    with vendors(server) as found:
        yield found


async def inside(person: Visitor, link: str, name: str) -> None:
    await person.join(link, name)
    await person.sees_moving_pictures(1)
    for secret in ("token=", "code="):
        assert secret not in person.page.url
    assert person.errors == []


async def test_a_room_code_of_100ms(server: ServerProcess, apis: Vendors, person: Visitor) -> None:
    room = apis.make("hms", "codes open")
    code = apis.way("hms", room, "host")["code"]
    await inside(person, f"{server.url}/rooms/{room}/x?code={code}", "Ada")


async def test_a_client_token_of_telnyx(server: ServerProcess, apis: Vendors, person: Visitor) -> None:
    room = apis.make("telnyx", "tokens open")
    token = apis.way("telnyx", room, "participant")["token"]
    await inside(person, f"{server.url}/rooms/{room}/x?token={token}", "Ada")


async def test_a_livekit_token_offers_its_name_and_fixes_it_unless_its_holder_may_change_it(
    server: ServerProcess, apis: Vendors, person: Visitor
) -> None:
    room = apis.make("streamwise", "names")
    long = "m" * 6000
    token = access_token(server.credentials(), "ada", room, name="Ada Lovelace", metadata=long)
    await person.open(f"{server.url}/rooms/{room}/x?token={token}")
    box = person.page.get_by_role("textbox").first
    await person.says("Your invitation says what you are called")
    assert (await box.input_value(), await box.is_editable()) == ("Ada Lovelace", False)
    await person.page.get_by_role("button", name="Join", exact=True).click()
    await person.sees_moving_pictures(1)
    free = access_token(server.credentials(), "bo", room, name="Bo", can_update_own_metadata=True)
    await person.open(f"{server.url}/rooms/{room}/y?token={free}")
    box = person.page.get_by_role("textbox").first
    assert (await box.input_value(), await box.is_editable()) == ("Bo", True)
    await box.fill("Bo Ærø")
    await person.page.get_by_role("button", name="Join", exact=True).click()
    await person.sees_moving_pictures(1)
    peers = apis.hms.get(f"/active-rooms/{room}/peers").json()
    assert sorted(one["name"] for one in peers.values())[-1] == "Bo Ærø"


@pytest.mark.parametrize("escaped", [True, False])
async def test_an_edge_token_of_phenix_in_a_path_with_its_own_id(
    server: ServerProcess, apis: Vendors, person: Visitor, escaped: bool
) -> None:
    room = apis.make("phenix", f"edges {escaped}")
    token = apis.edge_token(room, "Participant", tag="~~~~~~")
    assert "+" in token
    shown = quote(token, safe="") if escaped else token
    await person.open(f"{server.url}/rooms/{in_path(room)}/x?token={shown}")
    await person.says("You do not see or hear them")
    await inside(person, f"{server.url}/rooms/{in_path(room)}/x?token={shown}", "Ada")


async def test_whoever_only_looks_on_is_asked_for_no_device(
    server: ServerProcess, apis: Vendors, person: Visitor
) -> None:
    room = apis.make("phenix", "looking on")
    token = apis.way("phenix", room, "Audience")["token"]
    speaker = apis.way("streamwise", room, "attendee")["token"]
    async with livekit_participant(server.url, room, speaker, "Ada") as ada:
        await ada.publish_video()
        await person.join(f"{server.url}/rooms/{in_path(room)}/x?token={quote(token, safe='')}", "Vi")
        await person.says("Ada")

        async def sees() -> bool:
            return any(video["frames"] > 5 for video in await person.videos())

        await eventually(sees, 20, person.videos)
        await person.page.get_by_role("button", name="People").click()
        await person.says("looking on")
    assert await person.page.evaluate("window.__prompts") == 0
    assert person.errors == []


async def test_tokens_that_open_nothing_say_why(server: ServerProcess, apis: Vendors, person: Visitor) -> None:
    credentials = server.credentials()
    room, other = apis.make("telnyx", "refusals"), apis.make("telnyx", "another")
    stale = access_token(credentials, "ada", room, lives=timedelta(seconds=-5))
    elsewhere = access_token(credentials, "ada", other)
    stranger = access_token(server.another_account(), "eve", room)
    for token, words in {
        stale: "This link has expired",
        elsewhere: "This link does not let you in",
        stranger: "This link does not let you in",
        "DIGEST:bm8=": "This link does not let you in",
    }.items():
        await person.open(f"{server.url}/rooms/{room}/x?token={quote(token, safe='')}")
        await person.says(words)
    code = apis.way("hms", room, "guest")["code"]
    assert apis.hms.post(f"/room-codes/code/{code}", json={"enabled": False}).status_code == 200
    await person.open(f"{server.url}/rooms/{room}/x?code={code}")
    await person.says("This link does not let you in")
    assert apis.hms.post(f"/rooms/{room}", json={"enabled": False}).status_code == 200
    await person.open(f"{server.url}/rooms/{room}/x?token={elsewhere}")
    await person.says("This room is closed")


async def test_a_page_opened_with_a_token_for_seconds_comes_back_after_a_restart(
    tmp_path: Path, person: Visitor
) -> None:
    with running_server(tmp_path / "data") as server:
        over = time.time() + 12
        with vendors(server) as apis:
            room = apis.make("streamwise", "A long meeting")
        token = access_token(server.credentials(), "ada", room, lives=timedelta(seconds=12))
        await inside(person, f"{server.url}/rooms/{room}/x?token={token}", "Ada")
        await person.says("You are in the meeting")

        async def is_over() -> bool:
            return time.time() > over + 1

        await eventually(is_over, 15)
        server.kill()
        await person.says("Reconnecting")
        server.start()
        await person.says("You are back in the meeting", 30)
        await person.sees_moving_pictures(1)
