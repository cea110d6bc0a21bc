"""The origin over HTTP: playlists parsed, descriptions checked, names and ranges refused, viewers counted."""

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import UUID
from xml.etree import ElementTree as Xml

import httpx
import m3u8
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from tests.support.live_station import APPLICATION, STREAM, TOKEN, Lookup
from tests.support.packages import STREAM as BEGAN
from tests.support.packages import Package, package

from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site import AccessLog, Metrics
from polyroom.site.video import Origin
from polyroom.wire.live_index import Metadata, segment_name

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


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path / "stream", patience=0.1) as one:
        yield one


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[House]:
    async with housed(tmp_path / "stream", patience=PATIENCE) as one:
        yield one


def tags(text: str, tag: str) -> list[str]:
    return [line.partition(":")[2] for line in text.splitlines() if line.startswith(f"#{tag}:")]


def media(text: str) -> m3u8.M3U8:
    found = m3u8.loads(text)
    assert not found.is_variant and text.startswith("#EXTM3U\n")
    return found


async def test_qualities_are_named_and_ordered_as_in_phenix_manifest(house: House) -> None:
    house.begin(NAMES)
    house.grow(4.2)
    for name in ("master.m3u8", "live.m3u8"):
        found = await house.get(name)
        assert found.headers["content-type"] == "application/vnd.apple.mpegurl"
        parsed = m3u8.loads(found.text)
        assert [one.uri for one in parsed.playlists] == [f"live-{one}.m3u8" for one in NAMES]
        assert [one.stream_info.bandwidth for one in parsed.playlists][:2] == [1_568_000, 1_088_000]
        assert parsed.playlists[0].stream_info.codecs == "avc1.42c00d,mp4a.40.2"
        assert parsed.playlists[0].stream_info.resolution == (1280, 720)
        assert parsed.playlists[0].stream_info.frame_rate == 30
        assert parsed.playlists[6].stream_info.codecs == "mp4a.40.2"
        assert [one.stream_info.audio for one in parsed.playlists] == ["ahi"] * 2 + ["alo"] * 3 + [None] * 2
        assert [(one.type, one.group_id, one.uri) for one in parsed.media] == [
            ("AUDIO", "ahi", "live-ahi.m3u8"),
            ("AUDIO", "alo", "live-alo.m3u8"),
        ]


async def test_a_playlist_has_segments_parts_and_what_comes_next(house: House) -> None:
    house.begin()
    house.grow(12.6)
    text = await house.text("live-720.m3u8")
    parsed = media(text)
    assert parsed.target_duration == 2 and parsed.version == 9 and not parsed.is_endlist
    control = parsed.server_control
    assert control.can_block_reload == "YES"
    assert control.can_skip_until == 12.0 and control.hold_back == 6.0 and control.part_hold_back == 1.0
    assert parsed.part_inf.part_target == 0.2 and parsed.media_sequence == 0
    whole = [one for one in parsed.segments if one.uri]
    assert [one.uri for one in whole] == [f"live-720-{number}.m4s" for number in range(6)]
    assert all(abs(one.duration - 2) < 0.001 for one in whole)
    assert [len(one.parts) for one in parsed.segments] == [0, 0, 0, 10, 10, 10, 3]
    assert all(one.parts[0].independent == "YES" for one in parsed.segments[3:])
    assert text.count("INDEPENDENT=YES") == 4
    assert parsed.preload_hint.uri == "live-720-6.3.m4s" and parsed.preload_hint.hint_type == "PART"
    (report,) = parsed.rendition_reports
    assert (report.uri, report.last_msn) == ("live-ahi.m3u8", 6)
    began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=BEGAN)
    assert whole[0].program_date_time == began
    assert whole[0].init_section.uri == "live-720-0.mp4"
    for one in whole[3].parts:
        body = (await house.get(one.uri)).content
        assert body[4:8] == b"prft" and b"moof" in body and b"mdat" in body


async def test_parts_in_a_row_are_their_segment(house: House) -> None:
    house.begin()
    house.grow(6.2)
    for name, parts in (("720", 10), ("ahi", 11)):
        bodies = [(await house.get(f"live-{name}-2.{part}.m4s")).content for part in range(parts)]
        whole = await house.get(f"live-{name}-2.m4s")
        assert b"".join(bodies) == whole.content == (house.folder / segment_name(name, 2)).read_bytes()
        assert whole.headers["cache-control"] == "public, max-age=86400, immutable"
        assert whole.headers["content-type"] == ("video/mp4" if name == "720" else "audio/mp4")


async def test_at_a_segments_end_the_next_segments_part_is_expected(house: House) -> None:
    house.begin()
    house.grow(6.0)
    assert media(await house.text("live-720.m3u8")).preload_hint.uri == "live-720-3.0.m4s"
    house.grow(0.2)
    assert media(await house.text("live-720.m3u8")).preload_hint.uri == "live-720-3.1.m4s"


async def test_a_delta_update_and_what_was_before_make_the_playlist(house: House) -> None:
    house.begin()
    house.grow(40.2)
    before = await house.text("live-720.m3u8")
    house.grow(2.0)
    delta, full = await house.text("live-720.m3u8?_HLS_skip=YES"), await house.text("live-720.m3u8")
    (skip,) = tags(delta, "EXT-X-SKIP")
    count = int(skip.removeprefix("SKIPPED-SEGMENTS="))
    assert count == 21 - 6 and "EXT-X-MAP" not in delta
    uris = [line for line in full.splitlines() if line.startswith("live-720-") and line in before]
    shown = [line for line in delta.splitlines() if line.startswith("live-720-")]
    assert uris[:count] + shown == [f"live-720-{number}.m4s" for number in range(21)]
    assert delta.partition("#EXT-X-MEDIA-SEQUENCE")[0] == full.partition("#EXT-X-MEDIA-SEQUENCE")[0]
    assert len(delta) < len(full)
    assert await house.text("live-720.m3u8?_HLS_skip=v2") == delta
    short = await house.text("live-ahi.m3u8?_HLS_skip=YES")
    assert "EXT-X-SKIP" in short


async def test_nothing_is_skipped_of_a_short_stream(house: House) -> None:
    house.begin()
    house.grow(8.2)
    assert await house.text("live-720.m3u8?_HLS_skip=YES") == await house.text("live-720.m3u8")


async def test_a_playlist_is_waited_for_until_its_part_is_there(patient: House) -> None:
    patient.begin()
    patient.grow(6.4)
    there = await patient.text("live-720.m3u8?_HLS_msn=3&_HLS_part=1")
    assert "live-720-3.1.m4s" in there
    waiting = [
        asyncio.create_task(patient.text(f"live-720.m3u8?{query}"))
        for query in ("_HLS_msn=3&_HLS_part=2", "_HLS_msn=3&_HLS_part=2&_HLS_skip=YES", "_HLS_msn=3")
    ]
    async with asyncio.timeout(PATIENCE):
        while patient.origin.waiting < 3:
            await asyncio.sleep(0.01)
        patient.grow(0.2)
        first = await waiting[0]
        assert 'live-720-3.2.m4s"' in first and not waiting[2].done()
        await waiting[1]
        patient.grow(1.6)
        assert "\nlive-720-3.m4s" in await waiting[2]
    assert patient.origin.waiting == 0


async def test_a_hinted_part_is_waited_for(patient: House) -> None:
    patient.begin()
    patient.grow(6.4)
    part = asyncio.create_task(patient.get("live-720-3.2.m4s"))
    async with asyncio.timeout(PATIENCE):
        while not patient.origin.waiting:
            await asyncio.sleep(0.01)
        patient.grow(0.2)
        assert b"moof" in (await part).content
    await patient.get("live-720-3.9.m4s", 404)
    await patient.get("live-720-5.0.m4s", 404)


@pytest.mark.parametrize(
    "query",
    [
        "_HLS_part=1",
        "_HLS_msn=x",
        "_HLS_msn=-1",
        "_HLS_msn=1.0",
        "_HLS_msn=99999999999",
        "_HLS_msn=6",
        "_HLS_msn=2&_HLS_part=%E0%A5%A9",
        "_HLS_skip=no",
        "_HLS_msn=",
    ],
)
async def test_directives_that_make_no_sense_are_refused(house: House, query: str) -> None:
    house.begin()
    house.grow(6.4)
    await house.get(f"live-720.m3u8?{query}", 400)


async def test_who_waits_in_vain_is_told_so(house: House) -> None:
    house.begin()
    house.grow(6.4)
    found = await house.get("live-720.m3u8?_HLS_msn=4", 503)
    assert found.headers["cache-control"] == "no-store" and found.headers["retry-after"] == "1"
    await house.get("live-720-3.2.m4s", 404)
    await house.get("live-720.m3u8?_HLS_msn=5", 503)


async def test_only_so_many_wait(tmp_path: Path) -> None:
    async with housed(tmp_path / "stream", patience=PATIENCE, waiting=2) as house:
        house.begin()
        house.grow(6.4)
        waiting = [asyncio.create_task(house.get("live-720.m3u8?_HLS_msn=4", 503)) for _ in range(2)]
        async with asyncio.timeout(PATIENCE):
            while house.origin.waiting < 2:
                await asyncio.sleep(0.01)
            assert (await house.get("live-720.m3u8?_HLS_msn=4", 503)).headers["retry-after"] == "1"
            house.origin.close()
            await asyncio.gather(*waiting)


async def test_a_stream_that_just_begins_is_waited_for(patient: House) -> None:
    asked = asyncio.create_task(patient.text("live.m3u8"))
    async with asyncio.timeout(PATIENCE):
        while not patient.origin.waiting:
            await asyncio.sleep(0.01)
        patient.begin()
        patient.grow(2.2)
        assert "live-720.m3u8" in await asked


async def test_a_stream_of_which_there_is_nothing_is_not_there(house: House) -> None:
    for name in ("live.m3u8", "live.mpd", "live-720.m3u8", "live-720-0.m4s", "live-720-0.mp4"):
        await house.get(name, 404)


async def test_a_restarted_packager_is_a_discontinuity(house: House) -> None:
    house.begin()
    house.grow(5.0)
    assert house.package is not None
    house.package.writer.close()
    house.at = 7.4
    house.begin()
    house.grow(3.0)
    text = await house.text("live-720.m3u8")
    lines = [line for line in text.splitlines() if not line.startswith("#EXT-X-PART")]
    after = lines[lines.index("live-720-2.m4s") + 1 :]
    assert after[:2] == ["#EXT-X-DISCONTINUITY", '#EXT-X-MAP:URI="live-720-1.mp4"']
    date = datetime.fromisoformat(after[2].partition(":")[2])
    assert abs((date - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() - BEGAN / 1e6 - 7.4) < 0.7
    assert tags(text, "EXT-X-DISCONTINUITY-SEQUENCE") == ["0"]
    parsed = media(text)
    assert [one.discontinuity for one in parsed.segments] == [False, False, False, True, False]


async def test_the_window_moves_on(house: House) -> None:
    house.begin(window=20)
    house.grow(60.2)
    text = await house.text("live-720.m3u8")
    parsed = media(text)
    whole = [one for one in parsed.segments if one.uri]
    assert parsed.media_sequence == int(whole[0].uri.split("-")[2].removesuffix(".m4s")) == 19
    assert whole[0].program_date_time and whole[0].init_section
    await house.get("live-720-18.m4s", 404)
    await house.get(whole[0].uri)
    root = Xml.fromstring(await house.text("live.mpd"))
    assert root.get("timeShiftBufferDepth") == "PT16S"
    assert root.find(f"{DASH}Period").get("start") == "PT0S"  # type: ignore[union-attr]


async def test_many_playlists_later_all_is_as_if_made_anew(house: House) -> None:
    """What is kept from playlist to playlist never differs from the truth."""
    house.begin(window=16)
    for step in range(60):
        house.grow(0.6 if step % 7 else 2.0)
        shown = await house.text("live-720.m3u8")
        async with housed(house.folder) as other:
            assert await other.text("live-720.m3u8") == shown


async def test_what_is_over_says_so(house: House) -> None:
    house.begin()
    house.grow(5.0)
    waiting = asyncio.create_task(house.text("live-720.m3u8?_HLS_msn=3"))
    await asyncio.sleep(0)
    assert house.package is not None
    house.package.writer.close()
    house.change(over=True)
    text = await house.text("live-720.m3u8")
    parsed = media(text)
    assert parsed.is_endlist and [one.uri for one in parsed.segments] == [f"live-720-{one}.m4s" for one in range(3)]
    assert "EXT-X-PART" not in text and "PRELOAD" not in text and "SERVER-CONTROL" not in text
    root = Xml.fromstring(await house.text("live.mpd"))
    assert root.get("type") == "static" and root.get("mediaPresentationDuration") == "PT5.000S"
    assert root.find(f"{DASH}UTCTiming") is None
    await house.get("live-720-2.m4s")
    await asyncio.gather(waiting, return_exceptions=True)


async def test_the_description_of_dash_holds_all_that_its_segments_need(house: House) -> None:
    house.begin(NAMES)
    house.grow(7.0)
    found = await house.get("live.mpd")
    assert found.headers["content-type"] == "application/dash+xml"
    root = Xml.fromstring(found.text)
    assert root.get("type") == "dynamic" and root.get("minimumUpdatePeriod") == "PT2S"
    timing = [one.get("value") for one in root.findall(f"{DASH}UTCTiming")]
    assert timing[0] == "http://origin.test/video/time"
    told = datetime.fromisoformat((await house.client.get("/video/time")).text)
    assert abs((datetime.now(UTC) - told).total_seconds()) < PATIENCE
    (period,) = root.findall(f"{DASH}Period")
    video, audio = period.findall(f"{DASH}AdaptationSet")
    assert [one.get("id") for one in video.findall(f"{DASH}Representation")] == list(NAMES[:5])
    assert [one.get("id") for one in audio.findall(f"{DASH}Representation")] == list(NAMES[5:])
    for adaptation, name in ((video, "720"), (audio, "ahi")):
        template = adaptation.find(f"{DASH}SegmentTemplate")
        assert template is not None
        assert template.get("availabilityTimeOffset") == "1.8" and template.get("availabilityTimeComplete") == "false"
        init = (template.get("initialization") or "").replace("$RepresentationID$", name)
        assert (await house.get(init)).content[4:8] == b"ftyp"
        address = (template.get("media") or "").replace("$RepresentationID$", name)
        cells = [(await house.get(address.replace("$Number$", str(number)))).content for number in range(3)]
        written = b"".join((house.folder / segment_name(name, number)).read_bytes() for number in range(4))
        assert written.startswith(b"".join(cells)) and all(cells)
        await house.get(address.replace("$Number$", "9"), 404)


async def test_the_open_segment_of_dash_comes_as_it_grows(patient: House) -> None:
    patient.begin()
    patient.grow(4.4)
    asked = asyncio.create_task(patient.get("live-720-p0-2.m4s"))
    async with asyncio.timeout(PATIENCE):
        for _ in range(8):
            while not patient.origin.waiting:
                await asyncio.sleep(0.01)
            assert not asked.done()
            patient.grow(0.2)
        body = await asked
    assert "content-length" not in body.headers
    assert body.content == (patient.folder / segment_name("720", 2)).read_bytes()


async def test_cells_in_which_nothing_was_written_are_empty_but_there(house: House) -> None:
    house.begin()
    house.grow(5.0)
    assert house.package is not None
    house.package.writer.close()
    house.at = 12.0
    house.begin()
    house.grow(5.0)
    (period,) = Xml.fromstring(await house.text("live.mpd")).findall(f"{DASH}Period")
    assert period.get("start") == "PT0S", "the same encoder goes on in the same period"
    for cell, kind in ((2, b"prft"), (3, b"styp"), (4, b"styp"), (5, b"styp"), (6, b"prft")):
        assert (await house.get(f"live-720-p0-{cell}.m4s")).content[4:8] == kind, cell


async def test_another_encoder_is_another_period(house: House) -> None:
    house.begin()
    house.grow(5.0)
    assert house.package is not None
    house.package.writer.close()
    house.at = 7.4
    house.begin(("360", "ahi"))
    house.grow(5.0)
    first, second = Xml.fromstring(await house.text("live.mpd")).findall(f"{DASH}Period")
    assert (first.get("start"), second.get("start")) == ("PT0S", "PT8S")
    template = second.find(f"{DASH}AdaptationSet/{DASH}SegmentTemplate")
    assert template is not None
    assert (template.get("startNumber"), template.get("presentationTimeOffset")) == ("4", "720000")
    assert (await house.get("live-360-p1-4.m4s")).content[4:8] == b"prft"
    await house.get("live-720-p1-4.m4s", 404)


async def test_metadata_is_in_playlists_and_the_description(house: House) -> None:
    house.begin()
    house.grow(8.2)
    assert house.package is not None
    at = BEGAN // 1000 + 5000
    for entry in (Metadata('q"uote\n', at, 1500, 'pay"load\n\x00 ü 🦆 \ud800'), Metadata("b", at + 60_000, 0, "")):
        house.package.writer.metadata(entry)
    house.origin.heard(STREAM, {"is": "metadata"})
    text = await house.text("live-720.m3u8")
    first, second = tags(text, "EXT-X-DATERANGE")
    found = re.fullmatch(r'ID="(.*)",START-DATE="(.*)",DURATION=(.*),X-100MSLIVE-PAYLOAD="(.*)"', first)
    assert found is not None and found[1] == "quote" and found[3] == "1.500"
    told = json.loads(base64.b64decode(found[4]))
    assert told["payload"] == 'pay"load\n\x00 ü 🦆 \ud800' and told["start_date"] == found[2]
    began = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at)
    assert datetime.fromisoformat(found[2]) == began
    assert datetime.fromisoformat(told["end_date"]) == began + timedelta(seconds=1.5)
    assert len(media(text).segments) == 5 and second.startswith('ID="b"')
    events = Xml.fromstring(await house.text("live.mpd")).findall(f"{DASH}Period/{DASH}EventStream/{DASH}Event")
    assert [(one.get("presentationTime"), one.get("duration"), one.text) for one in events] == [
        ("5000", "1500", 'pay"load\n ü 🦆 '),
        ("65000", "0", None),
    ]


async def test_a_protected_stream_asks_for_its_token_and_carries_it_on(house: House) -> None:
    house.begin()
    house.grow(7.0)
    house.change(protected=True)
    files = ("master.m3u8", "live.mpd", "live-720.m3u8", "live-720-0.mp4", "live-720-0.m4s", "live-720-3.0.m4s")
    for file in files:
        refused = await house.get(file, 401)
        assert refused.headers["cache-control"] == "no-store"
        await house.get(f"{file}?token=wrong", 401)
        good = await house.get(f"{file}?streamToken={quote(TOKEN, safe='')}")
        assert "private" in good.headers["cache-control"]
    carried = f"?token={quote(TOKEN, safe='')}"
    master = m3u8.loads(await house.text(f"master.m3u8{carried}"))
    assert all(one.uri.endswith(carried) for one in (*master.playlists, *master.media))
    text = await house.text(f"live-720.m3u8{carried}")
    addresses = re.findall(r'URI="([^"]*)"', text) + [line for line in text.splitlines() if not line.startswith("#")]
    assert len(addresses) > 30 and all(one.endswith(carried) for one in addresses)
    await house.get(addresses[-1])
    description = await house.text(f"live.mpd{carried}")
    template = Xml.fromstring(description).find(f"{DASH}Period/{DASH}AdaptationSet/{DASH}SegmentTemplate")
    assert template is not None and (template.get("media") or "").endswith(carried)
    assert "\0" not in text + description


async def test_an_open_streams_addresses_carry_nothing_on(house: House) -> None:
    house.begin()
    house.grow(7.0)
    assert "secret" not in await house.text("live.m3u8?token=secret") + await house.text("live-720.m3u8?token=secret")


async def test_answers_can_be_asked_for_in_ranges_and_again(house: House) -> None:
    house.begin()
    house.grow(7.0)
    whole = await house.get("live-720-0.m4s")
    size, etag = len(whole.content), whole.headers["etag"]
    for asked, begin, end in (("0-9", 0, 10), ("10-", 10, size), ("-5", size - 5, size), (f"5-{size * 9}", 5, size)):
        part = await house.get("live-720-0.m4s", 206, headers={"range": f"bytes={asked}"})
        assert part.content == whole.content[begin:end]
        assert part.headers["content-range"] == f"bytes {begin}-{end - 1}/{size}"
    outside = await house.get("live-720-0.m4s", 416, headers={"range": f"bytes={size}-"})
    assert outside.headers["content-range"] == f"bytes */{size}"
    for unusual in ("bytes=5-2", "bytes=-", "lines=1-2", "bytes=0-1,3-4", "bytes=" + "9" * 40 + "-"):
        assert (await house.get("live-720-0.m4s", headers={"range": unusual})).content == whole.content
    other = {"range": "bytes=0-1", "if-range": '"other"'}
    assert (await house.get("live-720-0.m4s", headers=other)).content == whole.content
    for file in ("live-720-0.m4s", "live-720.m3u8", "live.m3u8"):
        tag = (await house.get(file)).headers["etag"]
        again = await house.get(file, 304, headers={"if-none-match": f'"x", {tag}'})
        assert not again.content
        head = await house.client.head(f"/video/{APPLICATION}/{STREAM}/{file}")
        assert head.status_code == 200 and not head.content and int(head.headers["content-length"]) > 100
    assert etag != (await house.get("live-720-0.0.m4s")).headers["etag"]


async def test_big_segments_are_sent_in_pieces(house: House) -> None:
    house.begin()
    house.grow(5.0)
    path = house.folder / segment_name("720", 0)
    content = bytes(range(256)) * 4096
    index = house.folder / "720.index"
    path.write_bytes(content)
    lines = index.read_text().splitlines()
    lines[1] = json.dumps(["part", 0, 0, len(content), 0, 180000, 1])
    index.write_text("\n".join([lines[0], lines[1], *lines[11:]]) + "\n")
    async with housed(house.folder) as other:
        assert (await other.get("live-720-0.m4s")).content == content
        part = await other.get("live-720-0.m4s", 206, headers={"range": "bytes=300000-900000"})
        assert part.content == content[300_000:900_001] and part.headers["content-length"] == "600001"
        await other.get("live-720-0.m4s", 416, headers={"range": "bytes=99999999-"})
        await other.get("live-720-0.m4s", 304, headers={"if-none-match": part.headers["etag"]})
        path.unlink()
        await other.get("live-720-1.m4s")


async def test_browsers_may_ask_from_anywhere_with_any_header(house: House) -> None:
    found = await house.client.options(f"/video/{APPLICATION}/{STREAM}/live.mpd", headers={"origin": "https://a.test"})
    assert found.status_code == 204 and found.headers["access-control-allow-headers"] == "*"
    refused = await house.client.post(f"/video/{APPLICATION}/{STREAM}/live.mpd")
    assert refused.status_code == 405 and refused.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    "path",
    [
        f"/video/{APPLICATION}/{STREAM}/../../secret",
        f"/video/{APPLICATION}/{STREAM}/%2e%2e/%2e%2e/secret",
        f"/video/{APPLICATION}/{STREAM}/%2e%2e%2fstream.json",
        f"/video/{APPLICATION}/{STREAM}/..%2f..%2f..%2fetc%2fpasswd",
        f"/video/{APPLICATION}/{STREAM}/%252e%252e%252fstream.json",
        f"/video/{APPLICATION}/{STREAM}/..%5cstream.json",
        f"/video/{APPLICATION}/{STREAM}/stream.json",
        f"/video/{APPLICATION}/{STREAM}/720.index",
        f"/video/{APPLICATION}/{STREAM}/720-0.m4s",
        f"/video/{APPLICATION}/{STREAM}/live-720-0.m4s%00",
        f"/video/{APPLICATION}/{STREAM}/live-720-00.m4s",
        f"/video/{APPLICATION}/{STREAM}/live-../../720-0.m4s",
        f"/video/{APPLICATION}/{STREAM}/live-720-%D9%A1.m4s",
        f"/video/{APPLICATION}/{STREAM}/live-720-99999999999.m4s",
        f"/video/{APPLICATION}/{STREAM}/live-metadata.m3u8",
        f"/video/{APPLICATION}/{STREAM}/",
        f"/video/{APPLICATION}/{STREAM}",
        f"/video/{APPLICATION}//live.m3u8",
        f"/video/other/{STREAM}/live.m3u8",
        f"/video/..%2f{APPLICATION}/{STREAM}/live.m3u8",
        f"/video/{APPLICATION}/01890000-0000-7000-8000-000000000002/live.m3u8",
        f"/video/{APPLICATION}/{str(STREAM).upper().replace('-', '+')}/live.m3u8",
        "/video/", "/video",
    ],
)  # fmt: skip
async def test_what_is_no_file_of_a_stream_is_refused(house: House, path: str) -> None:
    house.begin()
    house.grow(4.2)
    # As it is, whatever a client would make of it.
    url = httpx.URL("http://origin.test").copy_with(raw_path=path.encode())
    found = await house.client.send(httpx.Request("GET", url))
    assert found.status_code in (404, 307), found.text
    assert b"moof" not in found.content and b"root" not in found.content


async def test_any_path_and_query_is_answered(tmp_path: Path) -> None:
    pieces = st.sampled_from(
        ["..", ".", "%2e", "live", "-720", "-ahi", "-p0", "-0", ".1", ".m4s", ".m3u8", ".mpd", ".mp4", "master", "/",
         "%2f", "%00", "%ff", "é", "%F0%9F%A6%86", "9" * 12, "\\", ";", "%5c"]
    )  # fmt: skip
    files = st.sampled_from(["live.m3u8", "live.mpd", "live-720.m3u8", "live-ahi-1.m4s", "live-720-1.1.m4s"])
    names = files | st.lists(pieces | st.text(max_size=3), max_size=6).map("".join)
    keys = st.sampled_from(["_HLS_msn", "_HLS_part", "_HLS_skip", "token", "streamToken", "x"])
    values = st.sampled_from(["", "0", "1", "3", "4", "-1", "YES", "v2", "%00", "%FF", "1e3", "99999999999", "٣"])
    queries = st.lists(st.tuples(keys, values | st.text(max_size=4)), max_size=4)
    async with housed(tmp_path / "stream", patience=0.001) as house:
        house.begin()
        house.grow(6.6)
        loop = asyncio.get_running_loop()
        seen: set[int] = set()

        @settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
        @given(names, queries)
        def ask(name: str, query: list[tuple[str, str]]) -> None:
            path = quote(f"/video/{APPLICATION}/{STREAM}/{name}", safe="/%", errors="replace")
            asked = "&".join(f"{key}={quote(value, safe='%', errors='replace')}" for key, value in query)
            url = httpx.URL("http://origin.test").copy_with(raw_path=f"{path}?{asked}".encode())
            request = house.client.send(httpx.Request("GET", url))
            found = asyncio.run_coroutine_threadsafe(request, loop).result(PATIENCE)
            assert found.status_code in (200, 307, 400, 404, 503), found.text
            seen.add(found.status_code)

        await asyncio.to_thread(ask)
        assert {200, 404} <= seen


async def test_viewers_are_counted_once_and_forgotten(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr("polyroom.site.video.viewers.Viewers.__init__.__defaults__", (lambda: clock[0],))
    house.begin()
    house.grow(6.6)
    for agent in ("a", "b", "a", "a", "c"):
        await house.get("live-720.m3u8", headers={"user-agent": agent})
        await house.get("live-720-0.m4s", headers={"user-agent": "only segments"})
    found = house.origin.audience(STREAM)
    assert (found.now, found.most, found.total) == (3, 3, 3)
    clock[0] += 60
    await house.get("live-ahi.m3u8", headers={"user-agent": "d"})
    found = house.origin.audience(STREAM)
    assert (found.now, found.most, found.total) == (1, 3, 4)


async def test_a_stream_ended_long_ago_can_be_watched(house: House) -> None:
    house.begin()
    house.grow(9.0)
    assert house.package is not None
    house.package.writer.close()
    house.change(over=True)
    async with housed(house.folder) as later:
        later.change(over=True)
        assert media(await later.text("live-720.m3u8")).is_endlist
        assert "live-720.m3u8" in await later.text("live.m3u8")


async def test_a_stream_whose_news_do_not_come_is_looked_at_now_and_then(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polyroom.site.video.streams._READ_EVERY", 0.0)
    house.begin()
    house.grow(4.2)
    await house.get("live-720.m3u8")
    assert house.package is not None
    house.package.write(house.at, 2.0)
    assert "live-720-2.m4s" in await house.text("live-720.m3u8")


async def test_what_is_asked_many_times_a_second_is_counted_and_not_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    origin = Origin(Lookup(), base_url="http://origin.test")
    metrics = Metrics()
    transport = httpx.ASGITransport(AccessLog(Starlette(routes=origin.routes()), metrics))
    caplog.set_level("INFO")
    async with httpx.AsyncClient(transport=transport, base_url="http://origin.test") as client:
        await client.get(f"/video/{APPLICATION}/{STREAM}/live.m3u8?token=secret")
    assert "polyroom.access" not in {one.name for one in caplog.records}
    assert b"/video" in metrics.text()


async def test_streams_nobody_asks_for_are_forgotten_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polyroom.site.video.streams._SEGMENTS", 9)
    async with housed(tmp_path / "one") as house:
        house.begin()
        house.grow(6.2)
        other = UUID(int=7)
        house.lookup.streams[other] = WatchedStream(other, APPLICATION, tmp_path / "other")
        made = package(tmp_path / "other")
        made.write(0, 6.2)
        made.writer.close()
        for stream in (STREAM, other, STREAM, other):
            found = await house.client.get(f"/video/{APPLICATION}/{stream}/live-720.m3u8")
            assert found.status_code == 200
        assert house.origin.audience(STREAM).now == 0, "forgotten with all that is known of it"
        assert house.origin.audience(other).now == 1


async def test_a_deleted_stream_is_gone_and_another_applications_request_does_not_matter(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.begin()
    house.grow(6.2)
    await house.get("live.m3u8")
    house.origin.heard(STREAM, {"is": "changed"})
    assert (await house.client.get(f"/video/other/{STREAM}/live.m3u8")).status_code == 404
    await house.get("live.m3u8")
    del house.lookup.streams[STREAM]
    await house.get("live.m3u8")
    house.origin.heard(STREAM, {"is": "changed"})
    await house.get("live.m3u8", 404)


async def test_a_stream_is_looked_up_once_for_all_who_come(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.begin()
    house.grow(6.2)
    await house.get("live-720.m3u8")
    found, asked = house.lookup.find, []

    async def find(application: str, stream_id: UUID) -> WatchedStream | None:
        asked.append(stream_id)
        await asyncio.sleep(0)
        return await found(application, stream_id)

    monkeypatch.setattr(house.lookup, "find", find)
    house.origin.heard(STREAM, {"is": "changed"})
    await asyncio.gather(*(house.get("live-720.m3u8") for _ in range(20)))
    assert len(asked) == 1


async def test_sound_alone_is_a_stream_too(house: House) -> None:
    house.begin(("ahi", "alo"))
    house.grow(6.2)
    master = m3u8.loads(await house.text("live.m3u8"))
    assert [one.uri for one in master.playlists] == ["live-ahi.m3u8", "live-alo.m3u8"]
    assert {one.name for one in master.media} == {"Sound"}
    (audio,) = Xml.fromstring(await house.text("live.mpd")).findall(f"{DASH}Period/{DASH}AdaptationSet")
    assert audio.get("contentType") == "audio"


async def test_a_line_that_a_failing_disk_spoiled_costs_that_line_only(house: House) -> None:
    house.begin()
    house.grow(6.2)
    index = house.folder / "720.index"
    lines = index.read_bytes().splitlines()
    index.write_bytes(b"\n".join([*lines[:5], b"\0\0\xff{", b'["run",{}]', b'["part",1]', b"[]", *lines[5:], b""]))
    assert "live-720-2.m4s" in await house.text("live-720.m3u8")
