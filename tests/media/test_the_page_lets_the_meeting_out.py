"""A host records the meeting and goes live from the page; a guest sees that, and has no button for it."""

from pathlib import Path

import httpx
from playwright.async_api import Browser, expect
from tests.support.browser import visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess

PATIENCE = 40_000


async def test_a_host_records_and_goes_live_and_a_guest_sees_it(
    server: ServerProcess, browser: Browser, tmp_path: Path
) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        links = [make_token(api, room, role)["url"] for role in ("moderator", "attendee")]
    async with visitor(browser) as ada, visitor(browser) as bo:
        await ada.join(links[0], "Ada")
        await bo.join(links[1], "Bo")
        await ada.sees_moving_pictures(2)
        badges = [one.page.get_by_role("list", name="What leaves this meeting") for one in (ada, bo)]
        await ada.page.get_by_role("button", name="Record", exact=True).click(timeout=PATIENCE)
        await ada.page.get_by_role("button", name="Start recording").click()
        await bo.says("This meeting is being recorded.", 40)
        await ada.page.get_by_role("button", name="Go live").click()
        for one in badges:
            await expect(one.get_by_role("listitem")).to_have_text(["Recording", "Live"], timeout=PATIENCE)
        address = await ada.page.get_by_label("Address for players (HLS)").input_value(timeout=PATIENCE)
        playlist = httpx.get(address, timeout=20)
        assert (playlist.status_code, playlist.text[:7]) == (200, "#EXTM3U")
        await expect(bo.page.get_by_role("button", name="Record", exact=True)).to_have_count(0)
        await ada.page.screenshot(path=tmp_path / "host.png")
        await ada.page.get_by_role("button", name="Stop recording").click()
        await ada.page.get_by_role("button", name="Stop live stream").click()
        for one in badges:
            await expect(one.get_by_role("listitem")).to_have_count(0, timeout=PATIENCE)
        assert ada.errors == bo.errors == []
