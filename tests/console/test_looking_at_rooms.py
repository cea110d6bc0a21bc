"""Rooms, sessions, people, events, messages and quality as the console shows them; ending and removing."""

import pytest
from tests.console.conftest import NOBODYS, World, all_of, refused, shown

from polyroom.domain.quality import Figures
from polyroom.domain.quality import Source as QualitySource
from polyroom.domain.session import LeaveReason, TrackKind
from polyroom.services.message_parts import Sender, Words
from polyroom.services.ports.media import Reading


async def test_rooms_are_listed_with_their_latest_session(world: World) -> None:
    client = await world.mine()
    empty, live, past = [await world.room(title) for title in ("Empty", "Live ☃", "Past")]
    await world.enter(live)
    await world.enter(live, "Bo")
    await world.met(past, "Cy")
    found = (await shown(client, "/rooms"))["items"]
    assert [one["title"] for one in found] == ["Past", "Live ☃", "Empty"]
    states = {one["id"]: one["latest"] for one in found}
    assert states[str(empty.id)] is None
    assert (states[str(live.id)]["present"], states[str(live.id)]["ended_at"]) == (2, None)
    assert (states[str(past.id)]["present"], states[str(past.id)]["people"]) == (0, 1)
    assert states[str(past.id)]["ended_at"] > 0
    assert await shown(client, "/now") == {"rooms": 1, "people": 2}


async def test_rooms_are_found_by_their_title(world: World) -> None:
    client = await world.mine()
    for title in ("Übergabe früh", "ÜBERGABE spät", "50% off_"):
        await world.room(title)
    assert len((await shown(client, "/rooms", search=" übergabe "))["items"]) == 2
    assert len((await shown(client, "/rooms", search="50%"))["items"]) == 1
    assert (await shown(client, "/rooms", search="nothing"))["items"] == []


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_lists_are_walked_by_their_cursors(world: World, limit: int) -> None:
    client = await world.mine()
    rooms = [await world.room(f"Room {number}") for number in range(4)]
    for _ in range(3):
        session = await world.met(rooms[0], "Ada", "Bo", "Cy")
    found = await all_of(client, "/rooms", limit=limit)
    assert [one["title"] for one in found] == ["Room 3", "Room 2", "Room 1", "Room 0"]
    sessions = await all_of(client, "/sessions", limit=limit)
    assert [one["started_at"] for one in sessions] == sorted((one["started_at"] for one in sessions), reverse=True)
    assert len({one["id"] for one in sessions}) == 3
    people = await all_of(client, f"/sessions/{session}/people", limit=limit)
    assert [one["name"] for one in people] == ["Ada", "Bo", "Cy"]
    events = await all_of(client, f"/sessions/{session}/events", limit=limit)
    assert [one["type"] for one in reversed(events)] == [
        "session.opened",
        *["participant.joined"] * 3,
        *["participant.left"] * 3,
        "session.closed",
    ]
    assert [one["name"] for one in events[1:4]] == ["Cy", "Bo", "Ada"]


async def test_sessions_are_narrowed_to_a_room_and_to_running_ones(world: World) -> None:
    client = await world.mine()
    one, other = await world.room("One"), await world.room("Other")
    past = await world.met(one, "Ada")
    running = (await world.enter(other)).participant.session_id
    assert [each["id"] for each in (await shown(client, "/sessions", active="true"))["items"]] == [str(running)]
    assert [each["id"] for each in (await shown(client, "/sessions", active="false"))["items"]] == [str(past)]
    assert [each["id"] for each in (await shown(client, "/sessions", room=str(one.id)))["items"]] == [str(past)]


async def test_a_room_shows_who_is_in_and_what_they_publish(world: World) -> None:
    client = await world.mine()
    room = await world.room()
    joined = await world.enter(room, "Ada <b>")
    await world.house.publish(joined, TrackKind.AUDIO, muted=True)
    await world.house.publish(joined, TrackKind.VIDEO)
    found = await shown(client, f"/rooms/{room.id}")
    assert found["ids"]["streamwise"] == room.streamwise_id
    assert found["session"]["id"] == str(joined.participant.session_id)
    (person,) = found["present"]
    assert (person["name"], person["role"], person["dialect"]) == ("Ada <b>", "host", "streamwise")
    assert [(one["source"], one["muted"]) for one in person["tracks"]] == [("microphone", True), ("camera", False)]
    await world.house.leave(joined)
    found = await shown(client, f"/rooms/{room.id}")
    assert (found["session"], found["present"]) == (None, [])
    (person,) = (await shown(client, f"/sessions/{joined.participant.session_id}/people"))["items"]
    assert (len(person["tracks"]), person["leave_reason"]) == (2, "left")


async def test_a_session_outlives_its_room(world: World) -> None:
    client = await world.mine()
    room = await world.room("Gone")
    session = await world.met(room, "Ada")
    await world.house.rooms.delete(world.house.mine.id, str(room.id))
    refused(await client.get(f"/rooms/{room.id}"), 404, "not_found")
    found = await shown(client, f"/sessions/{session}")
    assert (found["room"]["title"], found["people"]) == ("Gone", 1)
    assert found["room"]["deleted_at"] is not None
    assert len((await shown(client, f"/sessions/{session}/events"))["items"]) == 4


async def test_who_is_hidden_is_not_shown(world: World) -> None:
    client = await world.mine()
    room = await world.room()
    seen, hidden = await world.enter(room), await world.enter(room, "Watcher")

    def hide(tx) -> None:
        connection = tx.history._connection
        table = __import__("polyroom.store.tables", fromlist=["participant"]).participant
        connection.execute(table.update().where(table.c.id == hidden.participant.id).values(hidden=True))

    await world.house.store.write(hide)
    session = seen.participant.session_id
    assert [one["name"] for one in (await shown(client, f"/sessions/{session}/people"))["items"]] == ["Ada"]
    assert (await shown(client, f"/sessions/{session}"))["people"] == 1
    assert [one["name"] for one in (await shown(client, f"/rooms/{room.id}"))["present"]] == ["Ada"]
    assert {one["name"] for one in (await shown(client, f"/sessions/{session}/events"))["items"]} == {None, "Ada"}
    answer = await client.get(f"/sessions/{session}/people/{hidden.participant.id}/quality")
    refused(answer, 404, "not_found")


async def test_messages_come_newest_first_by_pages(world: World) -> None:
    client = await world.mine()
    room = await world.room()
    for number in range(5):
        await world.house.messages.post(
            world.house.mine.id, str(room.id), Words(f"Line {number} ☃\nmore"), Sender(name="News")
        )
    found = await all_of(client, f"/rooms/{room.id}/messages", cursor="before", limit=2)
    assert [one["text"] for one in found] == [f"Line {number} ☃\nmore" for number in (4, 3, 2, 1, 0)]
    assert [one["number"] for one in found] == [5, 4, 3, 2, 1]
    assert {(one["name"], one["from_application"], one["audience"]) for one in found} == {("News", True, "everyone")}


async def test_quality_is_rows_of_few_numbers(world: World) -> None:
    client = await world.mine()
    joined = await world.enter(await world.room())
    track = await world.house.publish(joined, TrackKind.VIDEO)
    source = QualitySource(joined.participant.id, track.id, TrackKind.VIDEO)
    for _ in range(300):
        world.house.quality.take([Reading(source, Figures(tenths=10, packets=9, lost=1, bytes=1000, frames=15, rtt=8))])
    path = f"/sessions/{joined.participant.session_id}/people/{joined.participant.id}/quality"
    found = await shown(client, path)
    (series,) = found["series"]
    assert (series["source"], series["track_id"], series["kind"]) == ("camera", str(track.id), "video")
    assert 0 < len(series["rows"]) <= 240
    row = dict(zip(found["columns"], series["rows"][0], strict=True))
    assert (row["bitrate"], row["frame_rate"], row["loss"], row["rtt"], row["jitter"]) == (8000, 15.0, 10.0, 8, 0)
    assert abs(row["at"] / 1000 - world.clock.now().timestamp()) < 600


async def test_a_session_is_ended(world: World) -> None:
    client = await world.mine()
    room = await world.room()
    session = (await world.enter(room)).participant.session_id
    assert (await client.post(f"/sessions/{session}/end", json={})).status_code == 200
    found = await shown(client, f"/sessions/{session}")
    assert (found["present"], found["end_reason"]) == (0, "session_ended")
    assert (await shown(client, f"/rooms/{room.id}"))["enabled"] is True
    refused(await client.post(f"/sessions/{session}/end", json={}), 409, "session_over")
    again = (await world.enter(room)).participant.session_id
    refused(await client.post(f"/sessions/{again}/end", json={"lock": "yes"}), 422, "invalid", "lock")
    assert (await client.post(f"/sessions/{again}/end", json={"lock": True})).status_code == 200
    assert (await shown(client, f"/rooms/{room.id}"))["enabled"] is False


async def test_somebody_is_put_out(world: World) -> None:
    client = await world.mine()
    room = await world.room()
    ada, bo = await world.enter(room), await world.enter(room, "Bo")
    path = f"/sessions/{ada.participant.session_id}/people/{bo.participant.id}/remove"
    answer = await client.post(path, json={})
    assert [one["name"] for one in answer.json()["removed"]] == ["Bo"]
    assert [one["name"] for one in (await shown(client, f"/rooms/{room.id}"))["present"]] == ["Ada"]
    refused(await client.post(path, json={}), 404, "not_found")
    left = await world.house.store.read(lambda tx: tx.sessions.participant(bo.participant.id))
    assert left is not None and left.leave_reason is LeaveReason.REMOVED


UNANSWERABLE = [
    ("/rooms", {"limit": "0"}, "limit"),
    ("/rooms", {"limit": "201"}, "limit"),
    ("/rooms", {"limit": "-1"}, "limit"),
    ("/rooms", {"limit": "9" * 30}, "limit"),
    ("/rooms", {"limit": "²"}, "limit"),
    ("/rooms", {"after": "x"}, "after"),
    ("/rooms", {"search": "x" * 201}, "search"),
    ("/rooms", {"search": "a\0b"}, "search"),
    ("/sessions", {"after": NOBODYS}, "after"),
    ("/sessions", {"room": "x"}, "room"),
    ("/sessions", {"active": "maybe"}, "active"),
    ("/deliveries", {"failing": "1"}, "failing"),
    ("/keys", {"limit": "x"}, "limit"),
]


async def test_a_question_that_cannot_be_answered_is_refused_by_name(world: World) -> None:
    client = await world.mine()
    for path, query, field in UNANSWERABLE:
        refused(await client.get(path, params=query), 422, "invalid", field)
