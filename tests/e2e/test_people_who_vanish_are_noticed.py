"""A client that dies without a word, and a server that is stopped in good order."""

import asyncio
from pathlib import Path

from tests.support.browser import eventually
from tests.support.doomed import doomed
from tests.support.livekit_client import livekit_participant, ticket
from tests.support.rooms import make_room, make_token, status_of
from tests.support.server import ServerProcess, running_server


async def test_a_client_killed_without_a_word_is_out_after_half_a_minute(server: ServerProcess) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        tokens = [make_token(api, room)["token"] for _ in range(2)]
    async with livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada:
        place = await ticket(server.url, room["id"], tokens[1], "Doomed")
        async with doomed(place["server_url"], place["ticket"]):
            pass
        with server.streamwise() as api:
            assert status_of(api, room)["participants"] == 2

        async def noticed() -> bool:
            return ada.saw("participant_disconnected")

        await eventually(noticed, 45)
        with server.streamwise() as api:
            assert status_of(api, room)["participants"] == 1


async def test_a_stop_tells_clients_to_come_back_and_closes_the_sessions(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        with server.streamwise() as api:
            room = make_room(api)
            token = make_token(api, room)["token"]
        async with livekit_participant(server.url, room["id"], token, "Ada") as ada:
            await ada.publish_audio()
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)

            async def back() -> bool:
                with server.streamwise() as api:
                    return bool(status_of(api, room)["participants"] == 1)

            await eventually(back, 15)
        assert "Traceback" not in server.log()


async def test_media_flows_over_ipv6(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", "--media-host", "::1") as server:
        with server.streamwise() as api:
            room = make_room(api)
            tokens = [make_token(api, room)["token"] for _ in range(2)]
        async with (
            livekit_participant(server.url, room["id"], tokens[0], "Ada") as ada,
            livekit_participant(server.url, room["id"], tokens[1], "Bo") as bo,
        ):
            await ada.publish_audio()

            async def hears() -> bool:
                return bo.total("samples") > 24_000

            await eventually(hears, 15)
