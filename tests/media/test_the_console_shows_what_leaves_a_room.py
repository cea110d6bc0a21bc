"""An account's owner sees in the console what leaves a room, stops it, and fetches the recorded file."""

from pathlib import Path

import httpx
from playwright.async_api import Browser, expect
from tests.support.livekit_client import livekit_participant
from tests.support.server import ServerProcess
from tests.support.vendors import vendors

PATIENCE = 40_000


async def test_a_recording_and_a_live_stream_are_seen_and_stopped(
    server: ServerProcess, browser: Browser, tmp_path: Path
) -> None:
    with vendors(server) as apis:
        room = apis.make("hms", "seen-in-the-console")
        token = apis.way("telnyx", room, "")["token"]
        async with livekit_participant(server.url, room, token, "Ada") as ada:
            await ada.publish_audio()
            await ada.publish_video()
            for job in ("recordings", "live-streams"):
                assert apis.hms.post(f"/{job}/room/{room}/start", json={}).status_code == 200
            page = await browser.new_page(base_url=server.url, viewport={"width": 1440, "height": 1000})
            await page.goto("/console")
            await page.get_by_label("Key", exact=True).fill(server.credentials()["telnyx"]["api_key"])
            await page.get_by_role("button", name="Sign in").click()
            await page.goto(f"/console/rooms/{apis.uuid(room)}")
            await expect(page.get_by_text("Everybody in one picture")).to_be_visible(timeout=PATIENCE)
            await expect(page.get_by_role("heading", name="Leaves the room now")).to_be_visible(timeout=PATIENCE)
            await page.wait_for_timeout(1500)
            await page.screenshot(path=tmp_path / "console.png", full_page=True)
            await page.get_by_role("button", name="Stop all").click()
            await page.get_by_role("dialog").get_by_role("button", name="Stop all").click()
            await expect(page.get_by_role("heading", name="Leaves the room now")).to_have_count(0, timeout=PATIENCE)
            await page.get_by_role("button", name="Stop", exact=True).click()
            await page.get_by_role("dialog").get_by_role("button", name="Stop recording").click()
            film = page.get_by_role("link", name="Film")
            await expect(film).to_be_visible(timeout=PATIENCE)
            got = httpx.get(str(await film.get_attribute("href")), timeout=20)
            assert (got.status_code, got.headers["content-type"]) == (200, "video/mp4")
            await page.close()
