"""Who publishes in one room is seen and heard in another, by livekit's own clients; held back there, only there."""

from typing import Any

import httpx
from tests.support.browser import eventually
from tests.support.listening import heard, silent
from tests.support.livekit_client import Participant, livekit_participant
from tests.support.server import ServerProcess
from tests.support.vendors import in_path, vendors

PATIENCE = 30.0


async def test_a_forked_publisher_is_seen_and_heard_in_the_other_room(server: ServerProcess) -> None:
    with vendors(server) as apis:
        source, into = apis.make("phenix", "Source"), apis.make("phenix", "Elsewhere")
        publishing, watching = [apis.way("phenix", source, role)["token"] for role in ("Participant", "Audience")]
        elsewhere = apis.way("phenix", into, "Audience")["token"]
        async with (
            livekit_participant(server.url, source, publishing, "Ada") as ada,
            livekit_participant(server.url, source, watching, "Bo") as bo,
            livekit_participant(server.url, into, elsewhere, "Cy") as cy,
        ):
            await ada.publish_video()
            await ada.publish_audio()
            await _seen(bo)
            answer = apis.phenix.put(f"/room/{in_path(into)}/fork/{in_path(source)}", json={})
            assert [one["screenName"] for one in answer.json()["members"]] == ["Ada"], answer.text
            await _seen(cy)
            await heard(cy)

            session, ada_there = _found(apis.telnyx, apis.uuid(into), "Ada")
            for action, there in (("mute", silent), ("unmute", heard)):
                muted = apis.telnyx.post(
                    f"/room_sessions/{session}/actions/{action}", json={"participants": [ada_there]}
                )
                assert muted.status_code == 200, muted.text
                await there(cy)
                await heard(bo)

            await ada.close()

            async def gone() -> bool:
                return not cy.room.remote_participants

            await eventually(gone, PATIENCE)
            assert [one["screenName"] for one in _members(apis.phenix, into)] == ["Cy"]


async def _seen(someone: Participant) -> None:
    async def moving() -> bool:
        return any(len(one.digests) > 10 and one.brightness > 30 for one in someone.received.values())

    await eventually(moving, PATIENCE)


def _found(telnyx: httpx.Client, room: str, name: str) -> tuple[str, str]:
    """The running session of a room, and somebody in it."""
    (session,) = telnyx.get(f"/rooms/{room}/sessions", params={"filter[active]": "true"}).json()["data"]
    people = telnyx.get(f"/room_sessions/{session['id']}/participants").json()["data"]
    (one,) = [person["id"] for person in people if person["context"] == name]
    return session["id"], one


def _members(phenix: httpx.Client, room: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = phenix.get(f"/room/{in_path(room)}/members").json()["members"]
    return found
