"""PyPI's livekit in a StreamWise room: media both ways, data, mute, attributes, unsubscribe, leave."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from livekit import rtc
from tests.support.browser import eventually
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.rooms import make_room, make_token, status_of
from tests.support.server import ServerProcess


@dataclass
class Meeting:
    room: dict[str, Any]
    ada: Participant
    bo: Participant


@pytest.fixture
async def meeting(server: ServerProcess) -> AsyncIterator[Meeting]:
    with server.streamwise() as api:
        room = make_room(api)
        tokens = [make_token(api, room)["token"] for _ in range(2)]
    async with (
        livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
        livekit_participant(server.url, room["id"], tokens[1], "Bo") as bo,
    ):
        yield Meeting(room, ada, bo)


async def test_video_and_audio_reach_the_other(meeting: Meeting) -> None:
    await meeting.ada.publish_video()
    await meeting.ada.publish_audio()

    async def arrived() -> bool:
        bo = meeting.bo
        moving = any(len(one.digests) > 10 and one.brightness > 30 for one in bo.received.values())
        return moving and bo.total("samples") > 48_000 and bo.total("loudness") > 2000

    await eventually(arrived, 20, lambda: _told(meeting.bo))


@pytest.mark.parametrize("codec", ["VP8", "VP9", "H264", "AV1"])
async def test_every_codec_is_forwarded_and_can_be_decoded(meeting: Meeting, codec: str) -> None:
    await meeting.ada.publish_video(rtc.VideoCodec.Value(codec))

    async def moves() -> bool:
        return any(len(one.digests) > 10 and one.brightness > 30 for one in meeting.bo.received.values())

    await eventually(moves, 25, lambda: _told(meeting.bo))
    other = meeting.bo.room.remote_participants[meeting.ada.room.local_participant.identity]
    assert [one.mime_type.lower() for one in other.track_publications.values()] == [f"video/{codec.lower()}"]


async def test_a_simulcasting_client_is_seen_in_its_best_layer(meeting: Meeting) -> None:
    source = rtc.VideoSource(1280, 720)
    track = rtc.LocalVideoTrack.create_video_track("camera", source)
    options = rtc.TrackPublishOptions(source=rtc.TrackSource.SOURCE_CAMERA, simulcast=True)
    await meeting.ada.room.local_participant.publish_track(track, options)
    picture = bytes(range(256)) * (1280 * 720 * 4 // 256)

    async def seen() -> bool:
        for _ in range(8):
            source.capture_frame(rtc.VideoFrame(1280, 720, rtc.VideoBufferType.RGBA, picture))
            await asyncio.sleep(1 / 15)
        return any(one.frames > 5 and one.width >= 640 for one in meeting.bo.received.values())

    await eventually(seen, 25, lambda: _told(meeting.bo))


async def test_a_late_comer_gets_what_is_already_published(meeting: Meeting, server: ServerProcess) -> None:
    await meeting.ada.publish_video()
    with server.streamwise() as api:
        token = make_token(api, meeting.room)["token"]
    async with livekit_participant(server.url, meeting.room["id"], token, "Cy") as cy:
        assert {one.name for one in cy.room.remote_participants.values()} == {"Ada", "Bo"}

        async def sees() -> bool:
            return cy.total("frames") > 10

        await eventually(sees, 15, lambda: _told(cy))


async def test_data_is_delivered_with_the_senders_true_identity(meeting: Meeting) -> None:
    ada, bo = meeting.ada, meeting.bo
    await ada.room.local_participant.publish_data("grüße", reliable=True, topic="talk")
    await ada.room.local_participant.publish_data(b"\x00\x01", reliable=False, topic="position")

    async def both() -> bool:
        return len(bo.data) >= 2

    await eventually(both, 10)
    assert (ada.room.local_participant.identity, "grüße".encode(), "talk") in bo.data
    assert (ada.room.local_participant.identity, b"\x00\x01", "position") in bo.data


async def test_data_for_one_person_reaches_only_that_person(meeting: Meeting, server: ServerProcess) -> None:
    with server.streamwise() as api:
        token = make_token(api, meeting.room)["token"]
    async with livekit_participant(server.url, meeting.room["id"], token, "Cy") as cy:
        target = cy.room.local_participant.identity
        await meeting.ada.room.local_participant.publish_data("psst", destination_identities=[target])
        await meeting.ada.room.local_participant.publish_data("all")

        async def heard() -> bool:
            return len(cy.data) == 2 and len(meeting.bo.data) == 1

        await eventually(heard, 10)
        assert meeting.bo.data[0][1] == b"all"


async def test_mute_is_told_and_unmute_brings_the_sound_back(meeting: Meeting) -> None:
    publication = await meeting.ada.publish_audio()

    async def hears() -> bool:
        return meeting.bo.total("samples") > 9600

    await eventually(hears, 15)
    publication.track.mute()

    async def muted() -> bool:
        return meeting.bo.saw("track_muted")

    await eventually(muted, 15)
    publication.track.unmute()

    async def unmuted() -> bool:
        return meeting.bo.saw("track_unmuted")

    await eventually(unmuted, 15)


async def test_attributes_metadata_and_name_are_seen_by_others(meeting: Meeting) -> None:
    me = meeting.ada.room.local_participant
    await me.set_attributes({"hand": "up", "mood": "☀"})
    await me.set_metadata("about me")
    await me.set_name("Ada Lovelace")

    async def seen() -> bool:
        other = meeting.bo.room.remote_participants[me.identity]
        return (
            dict(other.attributes) == {"hand": "up", "mood": "☀"}
            and other.metadata == "about me"
            and other.name == "Ada Lovelace"
        )

    await eventually(seen, 15)


async def test_unsubscribing_stops_and_subscribing_again_resumes(meeting: Meeting) -> None:
    await meeting.ada.publish_video()

    async def sees() -> bool:
        return meeting.bo.total("frames") > 5

    await eventually(sees, 15)
    other = meeting.bo.room.remote_participants[meeting.ada.room.local_participant.identity]
    publication = next(iter(other.track_publications.values()))
    for _ in range(2):
        meeting.bo.events.clear()
        publication.set_subscribed(False)

        async def stopped() -> bool:
            return meeting.bo.saw("track_unsubscribed")

        await eventually(stopped, 10)
        before = meeting.bo.total("frames")
        publication.set_subscribed(True)

        async def again(before: float = before) -> bool:
            return meeting.bo.total("frames") > before + 5

        await eventually(again, 15, lambda: _told(meeting.bo))


async def test_unpublishing_takes_the_track_away(meeting: Meeting) -> None:
    publication = await meeting.ada.publish_video()

    async def sees() -> bool:
        return meeting.bo.total("frames") > 5

    await eventually(sees, 15)
    await meeting.ada.room.local_participant.unpublish_track(publication.sid)

    async def gone() -> bool:
        other = meeting.bo.room.remote_participants[meeting.ada.room.local_participant.identity]
        return not other.track_publications

    await eventually(gone, 10)
    await meeting.ada.publish_video()
    before = meeting.bo.total("frames")

    async def back() -> bool:
        return meeting.bo.total("frames") > before + 5

    await eventually(back, 15)


async def test_leaving_is_told_at_once_and_counted(meeting: Meeting, server: ServerProcess) -> None:
    await meeting.bo.room.disconnect()

    async def told() -> bool:
        return meeting.ada.saw("participant_disconnected")

    await eventually(told, 15)
    with server.streamwise() as api:
        assert status_of(api, meeting.room)["participants"] == 1


async def test_deleting_the_room_disconnects_everyone(meeting: Meeting, server: ServerProcess) -> None:
    with server.streamwise() as api:
        assert api.delete(f"/rooms/{meeting.room['id']}").status_code == 204

    async def out() -> bool:
        return meeting.ada.saw("disconnected") and meeting.bo.saw("disconnected")

    await eventually(out, 15)


async def _told(someone: Participant) -> dict[str, Any]:
    return {sid: (one.frames, len(one.digests), one.samples, one.loudness) for sid, one in someone.received.items()}
