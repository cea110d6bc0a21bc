"""Links to files of recordings."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from polyroom.domain.errors import NotFound
from polyroom.domain.recording import AssetKind, RecordingAsset
from polyroom.site import Recorded
from polyroom.wire.asset_links import link_url

NOW = datetime(2026, 1, 2, tzinfo=UTC)
CONTENT = bytes(range(256)) * 8
ASSET = RecordingAsset(
    id=UUID(int=7),
    hms_id="7" * 24,
    account_id=UUID(int=1),
    room_id=UUID(int=2),
    session_id=UUID(int=3),
    recording_id=UUID(int=4),
    kind=AssetKind.COMPOSITE,
    path="a/b.mp4",
    bytes=len(CONTENT),
    milliseconds=1000,
    width=1280,
    height=720,
    sha256="f" * 64,
    created_at=NOW,
)


class Shelf:
    """Stands for the service, and for the clock."""

    def __init__(self) -> None:
        self.at = NOW
        self.there = True

    async def asset(self, asset_id: UUID) -> RecordingAsset:
        if asset_id != ASSET.id or not self.there:
            raise NotFound("asset")
        return ASSET

    def now(self) -> datetime:
        return self.at


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "a").mkdir()
    (tmp_path / ASSET.path).write_bytes(CONTENT)
    return Shelf()


KEY = b"k" * 32


def made(asset_id: UUID = ASSET.id, key: bytes = KEY) -> str:
    return link_url("https://rooms.example", asset_id, int(NOW.timestamp()) + 60, key)


def recorded(shelf: Any, folder: Path) -> Recorded:
    return Recorded(shelf, folder, shelf, key=KEY)


async def fetch(site: Recorded, link: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=site.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="https://rooms.example") as client:
        return await client.get(link, headers=headers)


async def test_a_link_brings_the_file_whole_or_in_part(shelf: Shelf, tmp_path: Path) -> None:
    site = recorded(shelf, tmp_path)
    link = made()
    assert link.startswith("https://rooms.example/recorded/")
    whole = await fetch(site, link)
    assert (whole.status_code, whole.content) == (200, CONTENT)
    assert whole.headers["content-type"] == "video/mp4" and whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["access-control-allow-origin"] == "*"
    part = await fetch(site, link, Range="bytes=10-19")
    assert (part.status_code, part.content) == (206, CONTENT[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(CONTENT)}"
    assert (await fetch(site, link, Range="bytes=99999-")).status_code == 416


async def test_a_link_ends_with_its_time(shelf: Shelf, tmp_path: Path) -> None:
    site = recorded(shelf, tmp_path)
    link = made()
    shelf.at += timedelta(seconds=59)
    assert (await fetch(site, link)).status_code == 200
    shelf.at += timedelta(seconds=1)
    assert (await fetch(site, link)).status_code == 403


async def test_nothing_of_a_link_can_be_changed(shelf: Shelf, tmp_path: Path) -> None:
    site = recorded(shelf, tmp_path)
    link = made()
    other = made(UUID(int=8))
    query = urlsplit(link).query
    stolen = f"{other.partition('?')[0]}?{query}"
    later = link.replace("expires=", "expires=1")
    foreign = made(key=b"x" * 32)
    odd = [link.partition("?")[0], link[:-1], f"{link}0", link.replace("expires=", "expires=%C2%B2"), link + "%C3%BC"]
    for bad in (stolen, later, foreign, *odd, "/recorded/..%2Fa%2Fb.mp4?" + query, "/recorded/x?" + query):
        assert (await fetch(site, bad)).status_code in {403, 404}, bad


async def test_a_file_that_is_gone_is_said_to_be_gone(shelf: Shelf, tmp_path: Path) -> None:
    site = recorded(shelf, tmp_path)
    link = made()
    (tmp_path / ASSET.path).unlink()
    assert (await fetch(site, link)).status_code == 404
    shelf.there = False
    assert (await fetch(site, link)).status_code == 404
