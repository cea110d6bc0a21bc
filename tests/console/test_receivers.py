"""Webhooks at the console: receivers, what was told to them, trying them and telling again."""

from typing import Any

from tests.console.conftest import NOBODYS, World, all_of, refused, shown

URL = "https://app.example.com/hook"


async def added(client: Any, kind: str = "polyroom") -> Any:
    answer = await client.post("/webhooks", json={"format": kind, "url": URL})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_receiver_is_added_shown_without_its_secret_and_removed(world: World) -> None:
    client = await world.mine()
    own, vendors = await added(client), await added(client, "100ms")
    assert len(own["secret"]) == 43 and vendors["secret"] is None
    answer = await client.get("/webhooks")
    assert own["secret"] not in answer.text
    assert [(one["format"], one["url"]) for one in answer.json()["items"]] == [("polyroom", URL), ("100ms", URL)]
    assert (await client.delete(f"/webhooks/{own['id']}")).status_code == 200
    refused(await client.delete(f"/webhooks/{own['id']}"), 404, "not_found")
    assert [one["id"] for one in (await shown(client, "/webhooks"))["items"]] == [vendors["id"]]


NO_RECEIVERS: list[tuple[Any, str]] = [
    ({"format": "polyroom"}, "url"),
    ({"format": "polyroom", "url": "ftp://x"}, "url"),
    ({"format": "polyroom", "url": "https://user:pass@x"}, "url"),
    ({"format": "polyroom", "url": "https://ä.example"}, "url"),
    ({"format": "polyroom", "url": "x" * 3000}, "url"),
    ({"format": "polyroom", "url": 5}, "url"),
    ({"format": "sip", "url": URL}, "format"),
    ({"url": URL}, "format"),
]


async def test_a_receiver_that_cannot_be_is_refused_by_name(world: World) -> None:
    client = await world.mine()
    for body, field in NO_RECEIVERS:
        refused(await client.post("/webhooks", json=body), 422, "invalid", field)


async def test_an_account_has_few_receivers(world: World) -> None:
    client = await world.mine()
    for _ in range(20):
        await added(client)
    refused(await client.post("/webhooks", json={"format": "polyroom", "url": URL}), 422, "invalid", "webhooks")


async def test_a_receiver_is_tried_out(world: World) -> None:
    client = await world.mine()
    receiver = await added(client)
    answer = await client.post(f"/webhooks/{receiver['id']}/test", json={})
    assert answer.json() == {"status": 204, "milliseconds": 7, "answer": "thanks", "error": ""}
    assert [str(one.id) for one in world.tried] == [receiver["id"]]


async def test_deliveries_are_shown_with_every_attempt(world: World) -> None:
    client = await world.mine()
    await added(client)
    session = await world.met(await world.room(), "Ada")
    tried = await world.try_all()
    await world.room("Another")
    found = await all_of(client, "/deliveries", limit=2)
    assert [one["state"] for one in found] == ["waiting", *["delivered"] * len(tried)]
    assert found[0]["last"] is None
    assert [one["event_type"] for one in found[1:]][:2] == ["session.closed", "participant.left"]
    one = await shown(client, f"/deliveries/{found[1]['id']}")
    (attempt,) = one["attempts"]
    assert (attempt["status"], attempt["milliseconds"], attempt["answer"]) == (200, 12, "später ☃")
    assert attempt == one["last"]
    assert session


async def test_what_fails_is_found_and_what_waits_is_counted(world: World) -> None:
    client = await world.mine()
    await added(client)
    room = await world.room()
    await world.try_all(503)
    found = (await shown(client, "/deliveries", failing="true"))["items"]
    assert [(one["state"], one["last"]["status"]) for one in found] == [("waiting", 503)]
    (queue,) = (await shown(client, "/webhooks"))["queues"]
    assert (queue["room_id"], queue["waiting"], queue["target"]) == (str(room.id), 1, "https://app.example.com")
    await world.try_all()
    assert (await shown(client, "/deliveries", failing="true"))["items"] == []
    assert len((await shown(client, "/deliveries", room=str(room.id)))["items"]) == 1
    assert (await shown(client, "/deliveries", room=NOBODYS))["items"] == []


async def test_events_are_told_again(world: World) -> None:
    client = await world.mine()
    await added(client)
    session = await world.met(await world.room(), "Ada")
    await world.try_all()
    before = (await shown(client, "/deliveries"))["items"]
    answer = await client.post("/replay", json={"events": [before[0]["event_id"]]})
    assert answer.json() == {"queued": 1}
    assert (await shown(client, "/deliveries"))["items"][0]["is_replay"] is True
    assert (await client.post("/replay", json={"session": str(session)})).json() == {"queued": 4}
    assert (await client.post("/replay", json={"events": [NOBODYS]})).json() == {"queued": 0}


NO_REPLAYS: list[tuple[Any, str]] = [
    ({}, "events"),
    ({"events": []}, "events"),
    ({"events": ["x"]}, "events"),
    ({"events": "x"}, "events"),
    ({"events": [5]}, "events"),
    ({"events": [NOBODYS] * 201}, "events"),
    ({"events": [NOBODYS], "session": NOBODYS}, "events"),
    ({"session": 5}, "session"),
]


async def test_a_replay_of_nothing_in_particular_is_refused(world: World) -> None:
    client = await world.mine()
    for body, field in NO_REPLAYS:
        refused(await client.post("/replay", json=body), 422, "invalid", field)
