"""An origin with one stream, in memory, and what its tests look for in answers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import m3u8
from starlette.applications import Starlette

from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site.video import Origin
from tests.support.live_station import APPLICATION, STREAM, Lookup
from tests.support.packages import Package, package

NAMES = ("720", "480", "360", "240", "144", "ahi", "alo")
DASH = "{urn:mpeg:dash:schema:mpd:2011}"
PATIENCE = 30.0


class House:
    """An origin with one stream, asked over HTTP; `grow` writes and tells of it."""

    def __init__(self, folder: Path, client: httpx.AsyncClient, origin: Origin, lookup: Lookup) -> None:
        self.folder, self.client, self.origin, self.lookup = folder, client, origin, lookup
        self.package: Package | None = None
        self.at = 0.0

    def begin(self, names: tuple[str, ...] = ("720", "ahi"), **more: object) -> None:
        self.package = package(self.folder, names=names, **more)  # type: ignore[arg-type]

    def grow(self, seconds: float) -> None:
        assert self.package is not None
        self.package.write(self.at, seconds)
        self.at += seconds
        for one in (*self.package.pictures, *self.package.sounds):
            self.tell(one.name)

    def tell(self, rendition: str) -> None:
        self.origin.heard(STREAM, {"is": "part", "rendition": rendition})

    def change(self, **more: bool) -> None:
        self.lookup.streams[STREAM] = replace(self.lookup.streams[STREAM], **more)
        self.origin.heard(STREAM, {"is": "changed"})

    async def get(self, file: str, status: int = 200, **more: object) -> httpx.Response:
        found = await self.client.get(f"/video/{APPLICATION}/{STREAM}/{file}", **more)  # type: ignore[arg-type]
        assert found.status_code == status, found.text
        assert found.headers["access-control-allow-origin"] == "*"
        return found

    async def text(self, file: str, **more: object) -> str:
        return (await self.get(file, **more)).text  # type: ignore[arg-type]


@asynccontextmanager
async def housed(folder: Path, **more: object) -> AsyncIterator[House]:
    lookup = Lookup({STREAM: WatchedStream(STREAM, APPLICATION, folder)})
    origin = Origin(lookup, base_url="http://origin.test", **more)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(Starlette(routes=origin.routes()))
    async with httpx.AsyncClient(transport=transport, base_url="http://origin.test") as client:
        house = House(folder, client, origin, lookup)
        try:
            yield house
        finally:
            if house.package is not None:
                house.package.writer.close()


def tags(text: str, tag: str) -> list[str]:
    return [line.partition(":")[2] for line in text.splitlines() if line.startswith(f"#{tag}:")]


def media(text: str) -> m3u8.M3U8:
    found = m3u8.loads(text)
    assert not found.is_variant and text.startswith("#EXTM3U\n")
    return found
