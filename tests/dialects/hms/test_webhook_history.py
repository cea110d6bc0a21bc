"""`/analytics/webhooks`: what receivers were told, in the vendor's form, and telling them again."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.dialects.hms.world import Json, World, app_token, done, refused

from polyroom.dialects.hms.times import in_milliseconds
from polyroom.domain.webhook import Attempt, DeliveryState
from polyroom.services.ports.store import Transaction
from polyroom.services.ports.webhooks import Outcome

PATH, REPLAY = "/analytics/webhooks", "/analytics/webhooks/replay"
HOOK = "https://example.com/hook"
NEVER = "6977b3f3cdd1e423f8b2c1aa"


@dataclass
class Told:
    """A session's five events: the first was taken, the second given up, the third is tried again, the rest waits."""

    room: Json
    peer: str


@pytest.fixture
async def told(world: World) -> Told:
    room = await world.room(name="class", webhook={"url": HOOK})
    token = app_token(world.key, room, "host")
    ada, bo = await world.enter(room, token, name="Ada"), await world.enter(room, token, name="Bo")
    await world.house.leave(bo)
    now = world.house.clock.now()
    ids = world.house.ids

    def unit(tx: Transaction) -> None:
        (lane,) = tx.outbox.lease(now, now, 1)
        waiting = tx.outbox.first_of(lane.id, 3)
        ends = (
            (DeliveryState.DELIVERED, 200, ""),
            (DeliveryState.FAILED, 503, "status"),
            (DeliveryState.WAITING, None, "timeout"),
        )
        outcomes = [
            Outcome(one.id, state, now, Attempt(ids.uuid(), one.id, 1, now, HOOK, status, 5, "", word))
            for one, (state, status, word) in zip(waiting, ends, strict=True)
        ]
        tx.outbox.settle(lane, outcomes, now + timedelta(hours=1), 1)

    await world.house.store.write(unit)
    return Told(room, str(ada.participant.id))


async def test_each_delivery_says_what_was_told_where_to_and_why_it_failed(world: World, told: Told) -> None:
    for client in (world.api, world.sdk):
        page = done(await client.get(PATH))
        assert page["pagination"] == {
            "current_page": 1,
            "page_size": 50,
            "total_pages": 1,
            "total_items": 3,
            "has_next": False,
            "has_prev": False,
        }
        assert page["summary"] == {"total_events": 3}
        retried, given_up, taken = page["events"]
        assert set(taken) == {"event_id", "event_name", "room_id", "event_timestamp", "payload"}
        assert {one["room_id"] for one in page["events"]} == {told.room["id"]}
        assert taken["event_name"] == "reporter.webhook.delivery.success"
        assert set(taken["payload"]) == {"event_data", "webhook_url", "original_event_name"}
        assert (taken["payload"]["webhook_url"], taken["payload"]["original_event_name"]) == (
            HOOK,
            "session.open.success",
        )
        assert {one["event_name"] for one in (retried, given_up)} == {"reporter.webhook.delivery.failed"}
        assert [one["payload"]["error_reason"] for one in (retried, given_up)] == ["timeout", "status"]
        assert given_up["payload"]["original_event_name"] == "peer.join.success"
        assert given_up["payload"]["event_data"]["peer_id"] == told.peer


async def test_filters_and_pages(world: World, told: Told) -> None:
    now = world.house.clock.now()
    past = in_milliseconds(now - timedelta(days=3))
    for query, count in (
        ("status=success", 1),
        ("status=failed", 2),
        ("status=all", 3),
        ("event_names=peer.join.success", 2),
        ("event_names=peer.join&event_names=session.open.success", 3),
        ("event_names=recording.success", 0),
        (f"room_id={told.room['id']}", 3),
        (f"room_id={NEVER}", 0),
        (f"start_time={past}", 3),
        (f"start_time={past}&end_time={in_milliseconds(now - timedelta(days=2))}", 0),
    ):
        assert done(await world.api.get(f"{PATH}?{query}"))["summary"]["total_events"] == count, query
    second = done(await world.api.get(f"{PATH}?limit=2&page=2"))
    assert len(second["events"]) == 1
    assert second["pagination"] == {
        "current_page": 2,
        "page_size": 2,
        "total_pages": 2,
        "total_items": 3,
        "has_next": False,
        "has_prev": True,
    }
    assert done(await world.api.get(f"{PATH}?limit=2"))["pagination"]["has_next"] is True
    assert done(await world.api.get(f"{PATH}?page=999999"))["events"] == []


async def test_what_cannot_be_used_is_named(world: World) -> None:
    now = world.house.clock.now()
    old, early, late = (in_milliseconds(now - timedelta(days=days)) for days in (31, 20, 1))
    tomorrow = in_milliseconds(now + timedelta(days=1))
    for query, words in (
        ("status=maybe", "Invalid query param: status must be one of all, failed, success"),
        ("limit=101", "Invalid query param: limit must be from 1 to 100"),
        ("page=0", "Invalid query param: page must be a whole number from 1, of at most 6 digits"),
        ("event_names=x", "Invalid query param: event_names is no event type"),
        ("start_time=x", "Invalid query param: start_time must be written YYYY-MM-DDTHH:mm:ss.sssZ"),
        (f"start_time={old}", "start_time must be within the last 30 days"),
        (f"start_time={tomorrow}", "start_time must be within the last 30 days"),
        (f"start_time={early}&end_time={late}", "end_time must be within 14 days after start_time"),
        (f"start_time={late}&end_time={early}", "end_time must be within 14 days after start_time"),
    ):
        assert refused(await world.api.get(f"{PATH}?{query}"), 400)["message"] == words
    for body in (
        {"status": "maybe"},
        {"limit": 0},
        {"limit": 50_001},
        {"limit": "1"},
        {"offset": -1},
        {"event_names": ["x"]},
        {"event_names": "peer.join"},
        {"start_time": "x"},
        {"start_time": 1},
        {"start_time": old},
        [],
    ):
        refused(await world.api.post(REPLAY, json=body), 400)


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (None, 1),
        ({"status": None, "limit": None}, 1),
        ({"status": "failed"}, 1),
        ({"status": "success"}, 1),
        ({"status": "all"}, 2),
        ({"status": "all", "limit": 1}, 1),
        ({"status": "all", "offset": 1}, 1),
        ({"status": "all", "offset": 2}, 0),
        ({"status": "all", "event_names": ["peer.join.success"]}, 1),
        ({"status": "all", "event_names": ["recording.success"]}, 0),
        ({"status": "all", "room_id": NEVER}, 0),
    ],
)
async def test_deliveries_are_made_again(world: World, told: Told, body: Json | None, count: int) -> None:
    before = await waiting(world)
    answer = done(await world.api.post(REPLAY, json=body) if body is not None else await world.api.post(REPLAY))
    assert await waiting(world) == before + count
    assert answer["status"] == "started"
    assert answer["workflow_id"].startswith(f"webhook-replay-{told.room['customer_id']}-")
    asked = body or {}
    filters = answer["filters"]
    assert (filters["room_id"], filters["event_types"]) == (asked.get("room_id", ""), asked.get("event_names", []))
    assert filters["start_time"] < filters["end_time"]
    assert done(await world.other.get(PATH))["events"] == []


async def waiting(world: World) -> int:
    """Deliveries that wait for the receiver."""
    return sum(one.waiting for one in await world.house.webhooks.queues(world.house.mine.id))
