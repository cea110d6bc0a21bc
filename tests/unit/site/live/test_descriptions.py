"""DASH: the description, its segments, and what is told to players at a time."""

import asyncio
import base64
import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

from tests.support.live_house import DASH, NAMES, PATIENCE, House, media, tags
from tests.support.live_station import STREAM
from tests.support.packages import STREAM as BEGAN

from polyroom.wire.live_index import Metadata, segment_name


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


async def test_a_camera_that_is_off_does_not_stop_those_who_hear(house: House) -> None:
    house.begin()
    house.grow(5.0)
    assert house.package is not None
    house.package.pictures, pictures = [], house.package.pictures
    house.grow(6.0)
    assert (await house.get("live-720-p0-3.m4s")).content[4:8] == b"styp"
    assert (await house.get("live-ahi-p0-3.m4s")).content[4:8] == b"prft"
    house.package.pictures = pictures
    house.grow(4.0)
    assert (await house.get("live-720-p0-6.m4s")).content[4:8] == b"prft"
