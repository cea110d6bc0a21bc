"""Every door's admissions against what their holders may do: said by the server, and held by it."""

import httpx
import pytest
from tests.support.livekit_client import ticket
from tests.support.server import ServerProcess
from tests.support.signals import signals
from tests.support.vendors import vendors

ALL = {"audio", "video", "screen"}
NOTHING: set[str] = set()


@pytest.mark.parametrize(
    ("vendor", "role", "kind", "publishes", "subscribes", "sends_data", "changes_self"),
    [
        ("streamwise", "moderator", "meet", ALL, True, True, True),
        ("streamwise", "attendee", "meet", ALL, True, True, True),
        ("streamwise", "guest", "meet", ALL, True, True, True),
        ("streamwise", "guest", "live", NOTHING, True, True, True),
        ("hms", "host", "meet", ALL, True, True, True),
        ("hms", "guest", "meet", ALL, True, True, True),
        ("hms", "viewer", "meet", NOTHING, True, True, True),
        ("telnyx", "participant", "meet", ALL, True, True, True),
        ("phenix", "Participant", "meet", ALL, False, True, True),
        ("phenix", "Audience", "meet", NOTHING, True, True, True),
        ("livekit", "admin", "meet", ALL, True, True, False),
        ("livekit", "participant", "meet", ALL, True, True, False),
        ("livekit", "viewer", "meet", NOTHING, True, True, False),
    ],
)
async def test_what_each_admission_may_do(
    server: ServerProcess,
    vendor: str,
    role: str,
    kind: str,
    publishes: set[str],
    subscribes: bool,
    sends_data: bool,
    changes_self: bool,
) -> None:
    with vendors(server) as apis:
        made = apis.streamwise.post("/rooms", json={"room_name": "Rights", "room_type": kind})
        room: str = made.json()["id"]
        place = await ticket(server.url, room, **apis.way(vendor, room, role))
    said = place["role"]
    assert (said["label"], said["can_publish"]) == (role, bool(publishes))
    assert (said["can_subscribe"], said["can_publish_data"]) == (subscribes, sends_data)
    async with signals(server.url, place["ticket"]) as one:
        permission = one.join.participant.permission
        assert permission.can_publish is bool(publishes)
        assert (permission.can_subscribe, permission.can_publish_data) == (subscribes, sends_data)
        assert permission.can_update_metadata is changes_self
        assert {source for source in sorted(ALL) if await one.may_publish(source)} == publishes
        assert await one.may_change_self() is changes_self


IN_CHARGE = {("streamwise", "moderator"), ("hms", "host"), ("livekit", "admin")}


@pytest.mark.parametrize(
    ("vendor", "role"),
    [
        ("streamwise", "moderator"),
        ("streamwise", "attendee"),
        ("streamwise", "guest"),
        ("hms", "host"),
        ("hms", "guest"),
        ("hms", "viewer"),
        ("telnyx", "participant"),
        ("phenix", "Participant"),
        ("phenix", "Audience"),
        ("livekit", "admin"),
        ("livekit", "participant"),
        ("livekit", "viewer"),
    ],
)
async def test_what_each_admission_may_do_to_others(server: ServerProcess, vendor: str, role: str) -> None:
    with vendors(server) as apis:
        room: str = apis.streamwise.post("/rooms", json={"room_name": "Others"}).json()["id"]
        place = await ticket(server.url, room, **apis.way(vendor, room, role))
        other = await ticket(server.url, room, name="Bo", **apis.way("streamwise", room, "attendee"))
    whom = {"person": other["identity"]}
    actions: list[tuple[str, dict[str, str]]] = [
        ("mute", whom),
        ("mute", {}),
        ("unmute", whom),
        ("role", {**whom, "role": "viewer"}),
        ("remove", whom),
        ("end", {}),
    ]
    async with (
        httpx.AsyncClient(base_url=f"{server.url}/meet/", timeout=20) as http,
        signals(server.url, other["ticket"]),
        signals(server.url, place["ticket"]),
    ):
        answers = [await http.post(what, json={"ticket": place["ticket"], **body}) for what, body in actions]
    wanted = 200 if (vendor, role) in IN_CHARGE else 403
    assert [answer.status_code for answer in answers] == [wanted] * len(actions), [one.text for one in answers]
