"""A video room end to end: an upload that is cut, a server that is killed, ffmpeg, and the real page in Chromium."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Page, expect
from tests.support.browser import eventually
from tests.support.rooms import make_room, make_token, status_of
from tests.support.server import ServerProcess
from tests.support.uploads import COLOURS, begin, cut_off, make_clip, offset_of, over, send

PATIENCE = 60_000.0
_ROOM = bytes(4 << 20)
_IN_FLIGHT = 512 << 10
"""What may be under way, or in the server's hands, when a connection breaks."""

_COLOUR = """
() => {
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const pen = canvas.getContext('2d');
  pen.drawImage(video, 0, 0, 8, 8);
  return [...pen.getImageData(4, 4, 1, 1).data].slice(0, 3);
}
"""
_SEEK = """
at => {
  const slider = document.querySelector('input[aria-label="Seek"]');
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, at);
  slider.dispatchEvent(new Event('input', {bubbles: true}));
}
"""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """With room in it, so that it takes more than one look to receive it."""
    film = make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4").read_bytes()
    return film + len(_ROOM).to_bytes(4, "big") + b"free" + _ROOM[8:]


@pytest.fixture(scope="module")
def api(server: ServerProcess) -> Iterator[httpx.Client]:
    with server.streamwise() as client:
        yield client


@pytest.fixture(scope="module")
def room(server: ServerProcess, api: httpx.Client, clip: bytes) -> dict[str, Any]:
    """A public room with the clip in it, whose upload went through everything that can happen to one."""
    made = make_room(api, "Colours", room_type="video", is_public=True)
    half, more = len(clip) // 2, len(clip) // 4
    upload = begin(api, made, len(clip))
    with cut_off(api, upload, clip, 0, half):
        _arrived(api, upload, half - _IN_FLIGHT)
    at = offset_of(api, upload)
    with cut_off(api, upload, clip, at, more):
        _arrived(api, upload, at + more - _IN_FLIGHT)
        server.kill()
    server.start()
    at = offset_of(api, upload)
    assert half + more - 2 * _IN_FLIGHT <= at < len(clip)
    assert send(api, upload, clip, at) == len(clip)
    found = over(api, made, upload)
    assert found["status"] == "ready", (found, server.log())
    assert found["size"] == found["received"] == len(clip)
    return made


def _arrived(api: httpx.Client, upload: str, least: int) -> None:
    """Wait until so much of it arrived."""
    path, at = upload.replace("/uploads/", "/videos/"), -1
    for _ in range(600):
        at = api.get(path).json()["received"]
        if at >= least:
            return
        time.sleep(0.1)
    raise AssertionError(at)


async def _is(page: Page, colour: str) -> None:
    async def so() -> bool:
        seen = await page.evaluate(_COLOUR)
        return all(abs(one - want) < 90 for one, want in zip(seen, COLOURS[colour], strict=True))

    await eventually(so, PATIENCE / 1000)


async def _video(page: Page, expression: str) -> None:
    """Wait until something is true of the page's `video`."""

    async def so() -> bool:
        return bool(await page.evaluate(f"(video => {expression})(document.querySelector('video'))"))

    await eventually(so, PATIENCE / 1000)


def test_the_video_is_what_was_sent(api: httpx.Client, room: dict[str, Any]) -> None:
    video = status_of(api, room)["video"]
    assert video["status"] == "ready" and video["progress"] == 100
    assert 5.8 <= video["duration"] <= 6.3
    assert (video["width"], video["height"]) == (320, 180)
    assert [one["name"] for one in video["renditions"]] == ["180p"]


def test_its_files_are_had_with_a_plays_token_only(server: ServerProcess, room: dict[str, Any]) -> None:
    found = httpx.post(f"{server.url}/watch/play", json={"room": room["id"]}, trust_env=False).json()
    base, play = server.url + found["video"]["master"].removesuffix("master.m3u8"), found["play"]
    with httpx.Client(trust_env=False) as anybody:
        whole = anybody.get(f"{base}180p/00000.m4s")
        part = anybody.get(f"{base}180p/00000.m4s", headers={"Range": "bytes=4-7"})
        assert (part.status_code, part.content) == (206, whole.content[4:8])
        assert whole.headers["access-control-allow-origin"] == "*" and "private" in whole.headers["cache-control"]
        for odd in ("..%2fsource", "180p%2f..%2f..%2fsource", "180p/%00.m4s", "180p", "", "x.m3u8", "source"):
            assert anybody.get(base + odd).status_code == 404, odd
        assert anybody.get(base.replace(play, play[:-4] + "AAAA") + "master.m3u8").status_code == 403
        assert anybody.get(base.replace(found["video"]["id"], "0" * 16) + "master.m3u8").status_code == 404
        assert anybody.post(f"{server.url}/watch/left", json={"play": play}).status_code == 200
    assert play not in server.log()


async def test_the_page_plays_it_with_seeking_and_the_view_counts(
    server: ServerProcess, api: httpx.Client, room: dict[str, Any], browser: Browser
) -> None:
    before = status_of(api, room)["views"]
    context = await browser.new_context(viewport={"width": 900, "height": 700})
    page = await context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    await page.goto(f"{server.url}/rooms/{room['id']}/colours")
    await page.get_by_role("button", name="Play").first.click(timeout=PATIENCE)
    await _video(page, "video.currentTime > 0.3")
    await page.evaluate("document.querySelector('video').pause()")
    await _is(page, "red")
    for at, colour in ((5.0, "blue"), (2.8, "lime"), (0.5, "red")):
        await page.evaluate(_SEEK, at)
        await _video(page, f"!video.seeking && video.currentTime === {at}")
        await _is(page, colour)
    status = status_of(api, room)
    assert (status["views"], status["viewers"], status["status"]) == (before + 1, 1, "active")
    await page.evaluate("document.querySelector('video').play()")
    await _video(page, "video.ended")
    assert status_of(api, room)["views"] == before + 1
    await page.goto("about:blank")

    async def gone() -> bool:
        return status_of(api, room)["viewers"] == 0

    await eventually(gone, PATIENCE / 1000)
    assert problems == []
    await context.close()


async def test_whoever_watches_is_put_out_when_the_room_closes(
    server: ServerProcess, api: httpx.Client, room: dict[str, Any], browser: Browser
) -> None:
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(f"{server.url}/rooms/{room['id']}/colours")
    await page.get_by_role("button", name="Play").first.wait_for(timeout=PATIENCE)
    assert api.patch(f"/rooms/{room['id']}", json={"status": "inactive"}).status_code == 200
    try:
        await expect(page.get_by_role("heading", name="This room is closed")).to_be_visible(timeout=PATIENCE)
        other = await context.new_page()
        await other.goto(f"{server.url}/rooms/{room['id']}/colours")
        await expect(other.get_by_role("heading", name="This room is closed")).to_be_visible(timeout=PATIENCE)
    finally:
        api.patch(f"/rooms/{room['id']}", json={"status": "active"})
        await context.close()


async def test_an_access_code_is_asked_for_and_a_page_without_a_video_says_so(
    server: ServerProcess, api: httpx.Client, browser: Browser
) -> None:
    made = make_room(api, "Later", room_type="video")
    token = make_token(api, made, "guest")
    code = api.post(f"/rooms/{made['id']}/access-codes", json={"role": "guest"}).json()["code"]
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(token["url"])
    await page.get_by_label("Access code").fill("wrong")
    await page.get_by_role("button", name="Watch").click()
    await expect(page.get_by_role("alert")).to_contain_text("not right", timeout=PATIENCE)
    await page.get_by_label("Access code").fill(code)
    await page.get_by_role("button", name="Watch").click()
    await expect(page.get_by_role("heading", name="There is no video here yet")).to_be_visible(timeout=PATIENCE)
    assert token["token"] not in page.url
    await context.close()
