"""HLS: every playlist parsed; what is waited for, and what is refused."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as Xml

import m3u8
import pytest
from tests.support.live_house import DASH, NAMES, PATIENCE, House, housed, media, tags
from tests.support.packages import STREAM as BEGAN

from polyroom.wire.live_index import segment_name


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


async def test_after_a_long_outage_a_delta_update_skips_no_more_than_before(house: House) -> None:
    """A player that knows the stream's end must find it there: hls.js fails where all it knows is skipped."""
    house.begin()
    house.grow(9.0)
    assert house.package is not None
    house.package.writer.close()
    house.at = 60.0
    house.begin()
    house.grow(0.4)
    assert "EXT-X-SKIP" not in await house.text("live-720.m3u8?_HLS_skip=YES")
    house.grow(5.0)
    (skip,) = tags(await house.text("live-720.m3u8?_HLS_skip=YES"), "EXT-X-SKIP")
    assert skip == "SKIPPED-SEGMENTS=1"
