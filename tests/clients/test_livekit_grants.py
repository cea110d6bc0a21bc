"""What LiveKit's grants take away is taken away where media flows, for LiveKit's own clients too."""

from livekit.protocol import models
from livekit.protocol import rtc as rtc_protocol
from tests.support.browser import eventually
from tests.support.livekit_client import connected
from tests.support.livekit_tokens import access_token
from tests.support.rooms import make_room, status_of
from tests.support.server import ServerProcess
from tests.support.signals import signals


async def test_whoever_may_not_publish_is_refused_by_the_server_and_whoever_may_publish_some_sends_only_those(
    server: ServerProcess,
) -> None:
    for grants, sources, shown in (
        ({"can_publish": False}, set(), []),
        ({"can_publish_sources": ["camera"]}, {"video"}, ["CAMERA"]),
        ({"can_publish_sources": ["microphone"]}, {"audio"}, ["MICROPHONE"]),
        ({"can_publish_sources": ["screen_share_audio", "hologram"]}, set(), []),
        ({"can_publish_sources": []}, {"audio", "video", "screen"}, []),
    ):
        token = access_token(server.credentials(), "ada", "some", **grants)
        async with signals(server.url, token) as one:
            permission = one.join.participant.permission
            assert permission.can_publish is bool(sources), grants
            assert [models.TrackSource.Name(number) for number in permission.can_publish_sources] == shown
            assert {source for source in ("audio", "video", "screen") if await one.may_publish(source)} == sources


async def test_an_audio_right_is_no_way_to_send_pictures(server: ServerProcess) -> None:
    token = access_token(server.credentials(), "ada", "trick", can_publish_sources=["microphone"])
    async with signals(server.url, token) as one:
        for kind, source in (
            (models.TrackType.VIDEO, models.TrackSource.MICROPHONE),
            (models.TrackType.VIDEO, models.TrackSource.UNKNOWN),
            (models.TrackType.AUDIO, models.TrackSource.SCREEN_SHARE_AUDIO),
        ):
            await one.say(add_track=rtc_protocol.AddTrackRequest(cid="x", type=kind, source=source))
            refused = (await one.until("request_response")).request_response
            assert refused.reason == rtc_protocol.RequestResponse.NOT_ALLOWED


async def test_whoever_may_not_subscribe_receives_no_track_whatever_it_asks_for(server: ServerProcess) -> None:
    credentials = server.credentials()
    deaf = access_token(credentials, "deaf", "deaf", can_subscribe=False)
    async with (
        connected(server.url, access_token(credentials, "ada", "deaf")) as ada,
        connected(server.url, access_token(credentials, "bo", "deaf")) as bo,
        connected(server.url, deaf) as late,
    ):
        await ada.publish_video()

        async def seen() -> bool:
            return bo.total("frames") > 5 and bool(late.room.remote_participants["ada"].track_publications)

        await eventually(seen, 20)
        for publication in late.room.remote_participants["ada"].track_publications.values():
            publication.set_subscribed(True)
        before = bo.total("frames")

        async def goes_on() -> bool:
            return bo.total("frames") > before + 10

        await eventually(goes_on, 20)
        assert late.received == {}
        await late.publish_video()

        async def may_still_send() -> bool:
            return ada.total("frames") > 5

        await eventually(may_still_send, 20)


async def test_data_of_whoever_may_not_send_it_reaches_nobody(server: ServerProcess) -> None:
    credentials = server.credentials()
    async with (
        connected(server.url, access_token(credentials, "mute", "data", can_publish_data=False)) as mute,
        connected(server.url, access_token(credentials, "ada", "data")) as ada,
        connected(server.url, access_token(credentials, "bo", "data")) as bo,
    ):
        await mute.room.local_participant.publish_data("not to be heard")
        await ada.room.local_participant.publish_data("heard")

        async def heard() -> bool:
            return bool(mute.data) and bool(bo.data)

        await eventually(heard, 10)
        await mute.room.local_participant.publish_data("nor this")
        await ada.room.local_participant.publish_data("last")

        async def last() -> bool:
            return len(bo.data) >= 2

        await eventually(last, 10)
        assert [payload for _, payload, _ in bo.data] == [b"heard", b"last"]


async def test_changing_oneself_needs_the_grant(server: ServerProcess) -> None:
    credentials = server.credentials()
    for may in (False, True):
        token = access_token(credentials, "ada", "self", can_update_own_metadata=may, metadata="first")
        async with signals(server.url, token) as one:
            assert one.join.participant.permission.can_update_metadata is may
            assert await one.may_change_self() is may


async def test_hidden_people_hear_all_and_are_told_of_by_nobody(server: ServerProcess) -> None:
    credentials = server.credentials()
    hidden = access_token(credentials, "ghost", "haunted", hidden=True)
    async with (
        connected(server.url, access_token(credentials, "ada", "haunted")) as ada,
        connected(server.url, hidden) as ghost,
        signals(server.url, access_token(credentials, "bo", "haunted")) as bo,
    ):
        assert [one.identity for one in bo.join.other_participants] == ["ada"]
        assert bo.join.room.num_participants == 2
        assert set(ghost.room.remote_participants) >= {"ada"}
        await ada.publish_video()
        await ghost.publish_video()
        await ghost.room.local_participant.publish_data("boo")

        async def sees() -> bool:
            return ghost.total("frames") > 5 and bool(ada.data)

        await eventually(sees, 20)
        assert ada.data[0][:2] == ("", b"boo")
        with server.streamwise() as api:
            room = next(one for one in api.get("/rooms?limit=100").json()["data"] if one["room_name"] == "haunted")
            assert status_of(api, room)["participants"] == 2
        await ghost.close()
        for response in await bo.heard():
            assert all(one.identity != "ghost" for one in response.update.participants)
        assert set(ada.room.remote_participants) == {"bo"}
        assert ada.received == {}


async def test_an_admin_counts_as_moderator_and_a_viewer_as_guest(server: ServerProcess) -> None:
    credentials = server.credentials()
    with server.streamwise() as api:
        room = make_room(api)
        async with (
            signals(server.url, access_token(credentials, "boss", room["id"], room_admin=True)),
            signals(server.url, access_token(credentials, "ada", room["id"])),
            signals(server.url, access_token(credentials, "vi", room["id"], can_publish=False)),
        ):
            status = status_of(api, room)
            assert (status["moderators"], status["attendees"], status["guests"]) == (1, 1, 1), status
