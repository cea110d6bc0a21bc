"""What belongs to another account answers as if it did not exist, and is in no list."""

from collections.abc import Mapping
from typing import Any

import httpx
from tests.console.conftest import NOBODYS, World, refused, shown
from tests.console.test_receivers import added

from polyroom.domain.account import Dialect
from polyroom.domain.session import TrackKind
from polyroom.services.recordings import RecordingWish

ONES: Mapping[str, list[tuple[str, Any]]] = {
    "/rooms/{room}": [("GET", None)],
    "/rooms/{room}/messages": [("GET", None)],
    "/rooms/{room}/recordings": [("GET", None)],
    "/rooms/{room}/broadcast": [("GET", None)],
    "/rooms/{room}/broadcast/stop": [("POST", {})],
    "/recordings/{recording}": [("DELETE", None)],
    "/recordings/{recording}/stop": [("POST", {})],
    "/sessions/{session}": [("GET", None)],
    "/sessions/{session}/people": [("GET", None)],
    "/sessions/{session}/events": [("GET", None)],
    "/sessions/{session}/end": [("POST", {})],
    "/sessions/{session}/people/{person}/remove": [("POST", {})],
    "/sessions/{session}/people/{person}/quality": [("GET", None)],
    "/webhooks/{webhook}": [("DELETE", None)],
    "/webhooks/{webhook}/test": [("POST", {})],
    "/deliveries/{delivery}": [("GET", None)],
    "/keys/telnyx/{key}": [("DELETE", None)],
}
LISTS = ("/rooms", "/sessions", "/deliveries", "/webhooks")


async def something(world: World) -> dict[str, str]:
    """The other account's ids of everything."""
    client = await world.theirs()
    webhook = (await added(client))["id"]
    joined = await world.enter(await world.room("Secret", world.house.theirs), "Eve")
    await world.house.publish(joined, TrackKind.AUDIO)
    recording = await world.recordings.start(joined.participant.account_id, joined.participant.room_id, RecordingWish())
    return {
        "recording": str(recording.id),
        "room": str(joined.participant.room_id),
        "session": str(joined.participant.session_id),
        "person": str(joined.participant.id),
        "webhook": webhook,
        "delivery": (await shown(client, "/deliveries"))["items"][0]["id"],
        "event": (await shown(client, "/deliveries"))["items"][0]["event_id"],
        "key": (await world.house.key(Dialect.TELNYX, world.house.theirs)).public_id,
    }


def without_ids(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.text


async def test_another_accounts_things_answer_as_if_they_were_none(world: World) -> None:
    ids = await something(world)
    mine, theirs, operator = await world.mine(), await world.theirs(), await world.signed_in()
    nothing = dict.fromkeys(ids, NOBODYS)
    for path, calls in ONES.items():
        for method, body in calls:
            for client in (mine, operator):
                got = await client.request(method, path.format(**ids), json=body)
                none = await client.request(method, path.format(**nothing), json=body)
                refused(got, 404, "not_found")
                assert without_ids(got) == without_ids(none), path
    assert (await mine.post("/replay", json={"session": ids["session"]})).status_code == 404
    assert (await mine.post("/replay", json={"events": [ids["event"]]})).json() == {"queued": 0}
    for path, name in (("/sessions", "session"), ("/deliveries", "delivery"), ("/rooms", "room")):
        for cursor in (ids[name], NOBODYS):
            refused(await mine.get(path, params={"after": cursor}), 422, "invalid", "after")
    # Nothing of it was touched.
    assert (await shown(theirs, f"/sessions/{ids['session']}"))["present"] == 1
    assert [one["id"] for one in (await shown(theirs, "/webhooks"))["items"]] == [ids["webhook"]]
    assert world.tried == []


async def test_lists_hold_ones_own_only(world: World) -> None:
    ids = await something(world)
    mine, operator = await world.mine(), await world.signed_in()
    for path in LISTS:
        for query in ({}, {"room": ids["room"]}):
            assert (await shown(mine, path, **query))["items"] == [], path
            assert (await shown(operator, path, **query))["items"] == [], path
    assert await shown(mine, "/now") == {"rooms": 0, "people": 0}
    keys = {one["public_id"] for one in (await shown(mine, "/keys"))["items"]}
    assert ids["key"] not in keys


async def test_naming_another_account_is_for_the_operator(world: World) -> None:
    ids = await something(world)
    theirs = {"account": str(world.house.theirs.id)}
    mine, operator = await world.mine(), await world.signed_in()
    refused(await mine.get("/rooms", params=theirs), 404, "not_found")
    refused(await mine.post("/keys", params=theirs, json={"dialect": "livekit"}), 404, "not_found")
    refused(await mine.delete(f"/keys/telnyx/{ids['key']}", params=theirs), 404, "not_found")
    assert (await shown(mine, "/rooms", account=str(world.house.mine.id)))["items"] == []
    assert (await shown(operator, f"/sessions/{ids['session']}", **theirs))["present"] == 1
    assert await shown(operator, "/now", **theirs) == {"rooms": 1, "people": 1}


async def test_an_account_that_is_none_is_not_found(world: World) -> None:
    for client in (await world.mine(), await world.signed_in()):
        for account in ("", "x", NOBODYS, "0" * 300, "\0"):
            refused(await client.get("/rooms", params={"account": account}), 404, "not_found")
