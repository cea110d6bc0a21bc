"""The origin: names, tokens, ranges, viewers, and the streams it remembers."""

import asyncio
import json
import re
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
from tests.support.live_house import DASH, PATIENCE, House, housed, media
from tests.support.live_station import APPLICATION, STREAM, TOKEN, Lookup
from tests.support.packages import package

from polyroom.services.ports.stream_origin import WatchedStream
from polyroom.site import AccessLog, Metrics
from polyroom.site.video import Origin
from polyroom.wire.live_index import segment_name


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
