"""`/room_compositions`: ordered, made when the session's recordings are there, fetched, deleted."""

import asyncio
from typing import Any

import pytest
from tests.dialects.telnyx.recorded import VIDEO, record, session_with
from tests.dialects.telnyx.world import Json, World, data_of, errors_of

from polyroom.domain.composition import Region

NOBODYS = "00000000-0000-7000-8000-000000000000"
PATIENCE = 30.0


async def until(world: World, composition: Json, status: str) -> Json:
    async with asyncio.timeout(PATIENCE):
        while (found := data_of(await world.api.get(f"/room_compositions/{composition['id']}")))["status"] != status:
            await asyncio.sleep(0.02)
    return found


async def ordered(world: World, **body: Any) -> Json:
    return data_of(await world.api.post("/room_compositions", json=body), 202)


async def test_a_composition_from_order_to_file(world: World) -> None:
    room = await world.room()
    session, made = await session_with(world, room, "Ada", "Bob")
    layout = {
        "all": {"x_pos": 0, "y_pos": 0, "z_pos": -1, "width": 640, "height": 480, "max_columns": 2},
        "on top": {"x_pos": 320, "z_pos": 99, "width": 64, "height": 48, "video_sources": [str(made[3].id).upper()]},
    }
    asked = {
        "format": "mp4",
        "resolution": "641x480",
        "session_id": session,
        "video_layout": layout,
        "webhook_event_url": "https://example.com/a",
        "webhook_timeout_secs": 5,
    }
    order = await ordered(world, **asked)
    assert order == {
        "id": order["id"],
        "completed_at": None,
        "created_at": order["created_at"],
        "download_url": None,
        "duration_secs": 0,
        "ended_at": None,
        "format": "mp4",
        "record_type": "composition",
        "resolution": "641x480",
        "room_id": room["id"],
        "session_id": session,
        "size_mb": 0.0,
        "started_at": None,
        "status": "enqueued",
        "updated_at": order["updated_at"],
        "user_id": str(world.house.mine.id),
        "video_layout": {
            "all": {**layout["all"], "video_sources": ["*"]},
            "on top": {**layout["on top"], "y_pos": 0, "video_sources": [str(made[3].id)]},
        },
        "webhook_event_failover_url": "",
        "webhook_event_url": "https://example.com/a",
        "webhook_timeout_secs": 5,
    }
    assert data_of(await world.api.get(f"/room_compositions/{order['id']}")) == order
    async with world.compositions:
        done = await until(world, order, "completed")
    (asset,) = await world.recordings.assets_of(made[0].id)
    assert (done["duration_secs"], done["size_mb"]) == (84, 6.0)
    assert done["download_url"].startswith("https://files.example/") and done["completed_at"]
    assert done["started_at"] and done["ended_at"] > done["started_at"]
    (plan,) = world.composer.plans
    assert (plan.width, plan.height) == (640, 480)
    assert plan.regions == [
        Region(0, 0, 640, 480, -1, 2, None, ("*",)),
        Region(320, 0, 64, 48, 99, None, None, (str(made[3].id),)),
    ]
    assert [(one.recording_id, one.pictures) for one in plan.sources] == [(one.id, one.kind is VIDEO) for one in made]
    assert plan.sources[0].path == asset.path


async def test_what_is_left_out_is_the_whole_picture_of_everybody_with_sound(world: World) -> None:
    session, _ = await session_with(world, await world.room(), "Ada")
    nulls = dict.fromkeys(("format", "resolution", "video_layout", "webhook_event_url", "webhook_timeout_secs"))
    silent = await ordered(world, session_id=session, audio_sources=None, **nulls)
    plain = await ordered(world, session_id=session)
    shown = {"first": {"x_pos": 0, "y_pos": 0, "z_pos": 0, "width": 1280, "height": 720, "video_sources": ["*"]}}
    assert plain["video_layout"] == silent["video_layout"] == shown
    assert (plain["resolution"], plain["format"]) == ("1280x720", "mp4")
    async with world.compositions:
        await until(world, silent, "completed")
        await until(world, plain, "completed")
    sounds = [[one.pictures for one in plan.sources] for plan in world.composer.plans]
    assert sounds == [[True], [False, True]]


async def test_it_waits_for_the_session_to_be_over_and_for_a_place(world: World) -> None:
    room = await world.room()
    ada = await world.enter(room)
    made = await record(world, ada, VIDEO)
    order = await ordered(world, session_id=str(ada.participant.session_id))
    world.composer.full = True
    async with world.compositions:
        await world.recordings.stop(made.account_id, made.id)
        await world.recordings.finished(made.id)
        assert data_of(await world.api.get(f"/room_compositions/{order['id']}"))["status"] == "enqueued"
        await world.house.leave(ada)
        assert not world.composer.plans
        world.composer.full = False
        world.composer.slow = asyncio.Event()
        await until(world, order, "processing")
        world.composer.slow.set()
        await until(world, order, "completed")


async def test_one_that_a_server_left_undone_is_made_by_the_next(world: World) -> None:
    session, _ = await session_with(world, await world.room(), "Ada")
    order = await ordered(world, session_id=session)
    world.composer.slow = asyncio.Event()
    async with world.compositions:
        await until(world, order, "processing")
    assert world.composer.cancelled == 1
    assert data_of(await world.api.get(f"/room_compositions/{order['id']}"))["status"] == "processing"
    world.composer.slow = None
    async with world.compositions:
        await until(world, order, "completed")


@pytest.mark.parametrize("trouble", ["broken", "nothing"])
async def test_one_without_a_file_has_failed(world: World, trouble: str) -> None:
    room = await world.room()
    if trouble == "broken":
        session, _ = await session_with(world, room, "Ada")
        world.composer.broken = True
    else:
        ada = await world.enter(room)
        await world.house.leave(ada)
        session = str(ada.participant.session_id)
    order = await ordered(world, session_id=session)
    async with world.compositions:
        failed = await until(world, order, "failed")
    assert failed["download_url"] is None and failed["completed_at"] is None


async def test_lists_are_filtered_and_paged(world: World) -> None:
    sessions = [(await session_with(world, await world.room(), "Ada"))[0] for _ in range(2)]
    made = [await ordered(world, session_id=sessions[number % 2]) for number in range(5)]
    ids = [one["id"] for one in reversed(made)]
    answer = (await world.api.get("/room_compositions?page[size]=2&page[number]=2")).json()
    assert [one["id"] for one in answer["data"]] == ids[2:4]
    assert answer["meta"] == {"page_number": 2, "page_size": 2, "total_pages": 3, "total_results": 5}
    for query, found in (
        (f"filter[session_id]={sessions[1]}", [ids[1], ids[3]]),
        ("filter[status]=enqueued", ids),
        ("filter[status]=completed", []),
        (f"filter[date_created_at][eq]={made[0]['created_at'][:10]}", ids),
        ("filter[date_created_at][lte]=2021-01-01", []),
    ):
        assert [one["id"] for one in (await world.api.get(f"/room_compositions?{query}")).json()["data"]] == found
    for name in ("session_id", "status", "date_created_at][gte"):
        ((_, place),) = errors_of(await world.api.get(f"/room_compositions?filter[{name}]=odd"))
        assert place == f"filter[{name}]"
    assert (await world.other.get("/room_compositions")).json()["data"] == []
    assert (await world.api.get("/room_recordings?filter[session_id]=" + sessions[0])).json()["meta"][
        "total_results"
    ] == 2, "compositions are no recordings of participants"


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, {"/session_id"}),
        ({"session_id": None}, {"/session_id"}),
        ({"session_id": "x", "format": "webm"}, {"/session_id", "/format"}),
        *(
            ({"resolution": odd}, {"/resolution"})
            for odd in ("1281x720", "8x8", "1280*720", "1280x721", "16x15", "x", 5, "٣x٣", "64x64\n", "064x0064x")
        ),
        ({"video_layout": []}, {"/video_layout"}),
        ({"video_layout": {name: {} for name in "abc"}}, {"/video_layout"}),
        ({"video_layout": {"a": 5}}, {"/video_layout/a"}),
        ({"video_layout": {"": {}}}, {"/video_layout"}),
        (
            {"video_layout": {"a/b": {"width": 15, "height": 1281}}},
            {"/video_layout/a~1b/width", "/video_layout/a~1b/height"},
        ),
        ({"video_layout": {"a": {"x_pos": -1, "y_pos": 1.5}}}, {"/video_layout/a/x_pos", "/video_layout/a/y_pos"}),
        ({"video_layout": {"a": {"z_pos": 100, "max_rows": 0}}}, {"/video_layout/a/z_pos", "/video_layout/a/max_rows"}),
        ({"video_layout": {"a": {"max_columns": True}}}, {"/video_layout/a/max_columns"}),
        ({"video_layout": {"a": {"video_sources": "*"}}}, {"/video_layout/a/video_sources"}),
        ({"video_layout": {"a": {"video_sources": ["*", "x", 5]}}}, {"/video_layout/a/video_sources"}),
        ({"video_layout": {"a": {"video_sources": [NOBODYS]}}}, {"/video_layout"}),
        ({"audio_sources": ["x"]}, {"/audio_sources"}),
        ({"audio_sources": "*"}, {"/audio_sources"}),
        (
            {"webhook_event_url": "example.com", "webhook_timeout_secs": 31},
            {"/webhook_event_url", "/webhook_timeout_secs"},
        ),
    ],
)
async def test_every_wrong_field_is_named(world: World, body: Json, places: set[str]) -> None:
    session, _ = await session_with(world, await world.room(), "Ada")
    whole = {"session_id": session, **body} if body and "session_id" not in places else body
    answer = await world.api.post("/room_compositions", json=body if "/session_id" in places else whole)
    assert {place for _, place in errors_of(answer)} == places
    assert (await world.api.get("/room_compositions")).json()["data"] == []


async def test_sessions_of_nobody_and_of_others_are_not_there(world: World) -> None:
    session, made = await session_with(world, await world.room(), "Ada")
    body = {"session_id": session}
    for caller, wanted in ((world.api, {"session_id": NOBODYS}), (world.other, body)):
        assert errors_of(await caller.post("/room_compositions", json=wanted), 404) == [("10005", "room_session_id")]
    order = await ordered(world, **body)
    for method in ("GET", "DELETE"):
        errors_of(await world.other.request(method, f"/room_compositions/{order['id']}"), 404)
        for odd in (NOBODYS, "x", "%00", str(made[0].id)):
            errors_of(await world.api.request(method, f"/room_compositions/{odd}"), 404)
    errors_of(await world.api.get(f"/room_recordings/{order['id']}"), 404)
    errors_of(await world.nobody.post("/room_compositions", json=body), 401)


async def test_whatever_state_it_is_in_it_can_be_deleted(world: World) -> None:
    session, _ = await session_with(world, await world.room(), "Ada")
    waiting, going, last = [await ordered(world, session_id=session) for _ in range(3)]
    assert (await world.api.delete(f"/room_compositions/{waiting['id']}")).status_code == 204
    world.composer.slow = asyncio.Event()
    async with world.compositions:
        await until(world, going, "processing")
        assert (await world.api.delete(f"/room_compositions/{going['id']}")).status_code == 204
        errors_of(await world.api.get(f"/room_compositions/{going['id']}"), 404)
        async with asyncio.timeout(PATIENCE):
            while not world.composer.cancelled:
                await asyncio.sleep(0.02)
        world.composer.slow.set()
        await until(world, last, "completed")
    assert (await world.api.delete(f"/room_compositions/{last['id']}")).status_code == 204
    assert [
        path for path in await world.house.store.read(lambda tx: tx.recordings.discarded()) if path.startswith("x/")
    ]
    assert (await world.api.get("/room_compositions")).json()["data"] == []


async def test_not_more_wait_than_may(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polyroom.services.compositions.MOST_WAITING", 1)
    session, _ = await session_with(world, await world.room(), "Ada")
    await ordered(world, session_id=session)
    answer = await world.api.post("/room_compositions", json={"session_id": session})
    errors_of(answer, 429)
    assert answer.headers["retry-after"]
