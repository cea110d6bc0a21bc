"""An operator at the console: a wrong key, a live room and its chat, its session afterwards, webhooks, signing out."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from tests.support.livekit_client import livekit_participant
from tests.support.receivers import HookServer, Received, Reply, hook_server
from tests.support.rooms import make_room, make_token
from tests.support.server import POLYROOM, ServerProcess
from tests.support.stores import database_options
from tests.support.vendors import in_path, vendors

PATIENCE = 30_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server that may tell this machine."""
    started = ServerProcess(tmp_path / "data", "--allow-private-targets")
    started.start()
    yield started
    started.stop()


@pytest.fixture
def hook() -> Iterator[HookServer]:
    with hook_server() as listening:
        listening.reply = lambda request: Reply(200, b"noted, thanks")
        yield listening


def operators_key(server: ServerProcess) -> str:
    """What `polyroom console` prints, while the server runs."""
    command = [str(POLYROOM), "console", "--data", str(server.data)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[1]


def tell(server: ServerProcess, url: str) -> None:
    """Add a receiver of polyroom's own format."""
    command = [str(POLYROOM), "webhooks", "add", "polyroom", url, "--data", str(server.data)]
    subprocess.run([*command, *database_options(server.data)], check=True, capture_output=True)


async def sign_in(page: Page, server: ServerProcess) -> None:
    await page.goto(f"{server.url}/console")
    await page.get_by_label("Key", exact=True).fill("a wrong key")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_have_text("This key does not open the console.")
    await page.get_by_label("Key", exact=True).fill(operators_key(server))
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()


async def to(page: Page, name: str) -> None:
    await page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    await expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


async def look_at_the_live_room(page: Page) -> None:
    row = page.get_by_role("row").filter(has_text="Team ☃ talk")
    await expect(row).to_contain_text("2 of 2")
    await expect(row).to_contain_text("Live")
    await to(page, "Rooms")
    await page.get_by_label("Search rooms by title").fill("☃")
    await page.get_by_role("link", name="Team ☃ talk").click()
    people = page.get_by_role("table").first
    await expect(people).to_contain_text("Ada")
    await expect(people.get_by_role("row").filter(has_text="Bo Ærø")).to_contain_text("Nothing")
    await expect(people.get_by_role("row").filter(has_text="Ada")).to_contain_text("microphone")
    await expect(page.get_by_text("It rains <b>here</b> 🌧")).to_be_visible()


async def look_at_the_session(page: Page) -> None:
    await page.get_by_role("link", name="Watch the session").click()
    await expect(page.locator(".timeline-row")).to_have_count(2)
    await page.locator(".timeline-name").filter(has_text="Ada").click()
    await expect(page.get_by_role("img", name="Bitrate")).to_be_visible(timeout=2 * PATIENCE)
    await page.get_by_role("button", name="Close", exact=True).click()


async def look_at_what_is_over(page: Page) -> None:
    await expect(page.locator(".summary")).to_contain_text("Ended")
    await expect(page.get_by_text("Ada left", exact=True)).to_be_visible()
    await expect(page.get_by_text("The session is over", exact=True)).to_be_visible()
    row = page.locator(".timeline-row").filter(has_text="Ada")
    await expect(row.locator("rect.lane.microphone")).not_to_have_count(0)
    width = await row.locator("rect.presence").get_attribute("width")
    assert width is not None and float(width.rstrip("%")) > 1
    await page.reload()
    await expect(page.locator(".timeline-row")).to_have_count(2)


async def replay_a_delivery(page: Page, hook: HookServer) -> None:
    await to(page, "Webhooks")
    delivery = page.locator(".delivery").filter(has_text="session.closed").first
    await expect(delivery).to_contain_text("Delivered")
    await delivery.get_by_role("button").first.click()
    await expect(delivery.get_by_role("listitem")).to_contain_text(re.compile("Try 1.*200.*noted, thanks", re.DOTALL))
    await delivery.get_by_role("button", name="Replay").click()

    def told_again(received: list[Received]) -> bool:
        return any(one.json["is_replay"] and one.json["type"] == "session.closed" for one in received)

    hook.wait(told_again)
    again = page.locator(".delivery").filter(has=page.get_by_text("replay", exact=True))
    await expect(again).to_contain_text("Delivered")


async def sign_out(page: Page, server: ServerProcess) -> None:
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_label("Key", exact=True)).to_be_visible()
    await page.goto(f"{server.url}/console/rooms")
    await expect(page.get_by_label("Key", exact=True)).to_be_visible()
    assert await page.context.cookies() == []


async def test_an_operator_sees_a_meeting_while_it_lasts_and_afterwards(
    server: ServerProcess, hook: HookServer, browser: Browser
) -> None:
    expect.set_options(timeout=PATIENCE)
    tell(server, f"{hook.url}/own")
    context = await browser.new_context()
    page = await context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with vendors(server) as doors:
        room = make_room(doors.streamwise, "Team ☃ talk")
        async with AsyncExitStack() as stack:
            for name in ("Bo Ærø", "Ada"):
                token = make_token(doors.streamwise, room)["token"]
                one = await stack.enter_async_context(livekit_participant(server.url, room["id"], token, name))
            await one.publish_audio()
            phenix = doors.phenix.get(f"/room/{in_path(room['id'])}").json()["room"]["roomId"]
            said = {
                "from": {"screenName": "News", "role": "Presenter", "lastUpdate": 0},
                "mimeType": "text/plain",
                "message": "It rains <b>here</b> 🌧",
                "tags": [],
            }
            answer = doors.phenix.put(f"/room/{in_path(phenix)}/message", json={"message": said})
            assert answer.status_code == 200
            await sign_in(page, server)
            await look_at_the_live_room(page)
            await look_at_the_session(page)
        await look_at_what_is_over(page)
        await replay_a_delivery(page, hook)
        await sign_out(page, server)
    assert errors == []
    await context.close()
