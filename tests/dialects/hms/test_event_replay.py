"""`/analytics/events/replay`: which events are told again, and what is refused as a whole."""

from uuid import uuid4

from tests.dialects.hms.world import World, app_token, done, refused

NEVER = "6977b3f3cdd1e423f8b2c1aa"


async def test_events_are_told_again_by_ids_room_and_session(world: World) -> None:
    made = await world.room(name="class", webhook={"url": "https://example.com/hook"})
    token = app_token(world.key, made, "host")
    people = [await world.enter(made, token, name=name) for name in ("Ada", "Bo", "Cy")]
    for one in people:
        await world.house.leave(one)
    events = done(await world.api.get("/analytics/events"))["data"]
    ids = [one["id"] for one in events]
    room, session = made["id"], events[0]["data"]["session_id"]
    assert await waiting(world) == 8
    for body, count in (
        ({"event_ids": ids[:2]}, 2),
        ({"event_ids": [ids[0].upper(), ids[0]], "room_id": None}, 1),
        ({"room_id": room}, 8),
        ({"session_id": session}, 8),
        ({"room_id": room, "session_id": session, "event_ids": ids[:3]}, 3),
    ):
        before = await waiting(world)
        assert done(await world.api.post("/analytics/events/replay", json=body)) == {}, body
        assert await waiting(world) == before + count, body
    assert done(await world.sdk.post("/analytics/events/replay", json={"room_id": room}))["message"]
    before = await waiting(world)
    for wrong, status in (
        ({"event_ids": [ids[0], str(uuid4())]}, 404),
        ({"event_ids": ["x"]}, 404),
        ({"event_ids": ids, "room_id": NEVER}, 404),
        ({"session_id": NEVER}, 404),
        ({}, 400),
        ({"event_ids": []}, 400),
        ({"event_ids": "x"}, 400),
        ({"event_ids": [1]}, 400),
        ({"event_ids": ["x"] * 1001}, 400),
        ([], 400),
    ):
        refused(await world.api.post("/analytics/events/replay", json=wrong), status)
    assert await waiting(world) == before


async def waiting(world: World) -> int:
    """Deliveries that wait for the receiver."""
    return sum(one.waiting for one in await world.house.webhooks.queues(world.house.mine.id))
