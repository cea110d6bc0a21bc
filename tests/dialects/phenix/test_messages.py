"""Messages of a room. Numbers in brackets are the cases of the vendor's document this project counts."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.dialects.phenix.world import NOT_FOUND, Json, World, fields_of, in_path, refused

from polyroom.domain.events import EventType
from polyroom.services.message_parts import Sender, Words
from polyroom.services.rooms import find_room

SENDER = {"screenName": "Screen Name", "role": "Moderator", "lastUpdate": 0}
MESSAGE = {"from": SENDER, "mimeType": "text/plain", "message": "My message", "tags": ["my-tag", "my-other-tag"]}
SENDER_AS = Sender(name="Screen Name", role="Moderator")


async def put(world: World, room: Json, **fields: Any) -> httpx.Response:
    return await world.api.put(f"/room/{in_path(room)}/message", json={"message": {**MESSAGE, **fields}})


async def sent(world: World, room: Json, **fields: Any) -> Json:
    answer = await put(world, room, **fields)
    assert answer.status_code == 200, answer.text
    message: Json = answer.json()["message"]
    return message


async def get(world: World, room: Json, **query: Any) -> httpx.Response:
    return await world.api.get(f"/room/{in_path(room)}/messages", params=query)


async def page(world: World, room: Json, **query: Any) -> tuple[list[int], bool, bool]:
    """Numbers, and whether there is more before and behind."""
    answer = await get(world, room, **query)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["status", "messages", "hasMoreBefore", "hasMoreAfter"]
    return [int(one["messageId"][-10:]) for one in body["messages"]], body["hasMoreBefore"], body["hasMoreAfter"]


def message_id(room: Json, number: int) -> str:
    return f"{room['roomId']}|{number:010}"


async def many(world: World, room: Json, count: int) -> None:
    for number in range(count):
        await world.house.messages.post(world.house.mine.id, room["roomId"], Words(f"Message {number + 1}"), SENDER_AS)


async def test_a_message_is_answered_as_it_is_kept(world: World) -> None:  # (12)
    room = await world.room()
    before = int(datetime.now(UTC).timestamp() * 1000)
    first = await sent(world, room)
    assert before <= first.pop("timestamp") <= before + 60_000
    assert first == {
        "messageId": message_id(room, 1),
        "deletedTimestamp": 0,
        "from": {"sessionId": "api", **SENDER},
        "mimeType": "text/plain",
        "message": "My message",
        "tags": ["my-tag", "my-other-tag"],
    }
    second = await sent(world, room, **{"from": {**SENDER, "sessionId": "eu#x"}}, message="Ünïcode 🎉 𝒳\n", tags=[])
    assert second["messageId"] == message_id(room, 2)
    assert second["from"] == {**SENDER, "sessionId": "eu#x"}
    assert (await get(world, room)).json()["messages"][1] == second


async def test_limits_count_utf_8_bytes(world: World) -> None:  # (13)
    room = await world.room()
    fine = [{"message": "x" * 1024}, {"message": "€" * 341}, {"message": ""}, {"tags": ["a" * 256, "b" * 256]}]
    fine += [{"mimeType": "m" * 128}, {"from": {**SENDER, "screenName": "ü" * 64}}]
    for fields in fine:
        await sent(world, room, **fields)
    too_large: list[tuple[str, Json]] = [
        ("message.message", {"message": "x" * 1025}),
        ("message.message", {"message": "€" * 342}),
        ("message.tags", {"tags": ["a" * 256, "b" * 257]}),
        ("message.tags", {"tags": [""] * 513}),
        ("message.mimeType", {"mimeType": "m" * 129}),
        ("message.from.screenName", {"from": {**SENDER, "screenName": "ü" * 65}}),
        ("message.from.sessionId", {"from": {**SENDER, "sessionId": "s" * 129}}),
    ]
    for field, fields in too_large:
        code, body = refused(await put(world, room, **fields))
        assert (code, body["status"], list(body["fields"])) == (413, "payload-too-large", [field])
    assert (await page(world, room))[0] == list(range(1, len(fine) + 1))


WRONG: list[tuple[str, Any]] = [
    ("message.from", None),
    ("message.from", "Ada"),
    ("message.from.role", {**SENDER, "role": "King"}),
    ("message.from.role", {**SENDER, "role": ["Audience"]}),
    ("message.from.lastUpdate", {"screenName": "a", "role": "Audience"}),
    ("message.from.lastUpdate", {**SENDER, "lastUpdate": "0"}),
    ("message.from.lastUpdate", {**SENDER, "lastUpdate": -1}),
    ("message.from.lastUpdate", {**SENDER, "lastUpdate": 10**30}),
    ("message.from.lastUpdate", {**SENDER, "lastUpdate": True}),
    ("message.from.screenName", {**SENDER, "screenName": ""}),
    ("message.from.sessionId", {**SENDER, "sessionId": 1}),
    ("message.mimeType", ""),
    ("message.message", 5),
    ("message.message", None),
    ("message.tags", "tag"),
    ("message.tags.1", ["a", 1]),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
async def test_a_wrong_field_is_named_and_nothing_is_kept(world: World, field: str, value: Any) -> None:  # (13)
    room = await world.room()
    name = field.split(".")[1]
    assert list(fields_of(await put(world, room, **{name: value}))) == [field]
    assert await page(world, room) == ([], False, False)
    assert (await sent(world, room))["messageId"] == message_id(room, 1)


async def test_every_field_that_the_document_requires_is_required(world: World) -> None:  # (13)
    room = await world.room()
    for name in MESSAGE:
        body = {"message": {key: value for key, value in MESSAGE.items() if key != name}}
        fields = fields_of(await world.api.put(f"/room/{in_path(room)}/message", json=body))
        assert fields == {f"message.{name}": "is required"}
    for content in (b"", b"null", b"[]", b"{", b'{"message": null}', b'"x"', b"[" * 100_000):
        answer = await world.api.put(f"/room/{in_path(room)}/message", content=content)
        fields_of(answer)
    raw = b'{"message": {"from": %s, "mimeType": "a", "message": "a\\u0000", "tags": []}}'
    answer = await world.api.put(f"/room/{in_path(room)}/message", content=raw % b"{}")
    assert fields_of(answer) == {"message": "must be valid text"}


async def test_the_newest_hundred_come_first_and_in_order(world: World) -> None:  # (14)
    room = await world.room()
    await many(world, room, 150)
    assert await page(world, room) == (list(range(51, 151)), True, False)
    assert await page(world, room, limit=128) == (list(range(23, 151)), True, False)
    assert await page(world, room, limit="") == (list(range(51, 151)), True, False)
    assert await page(world, room, limit=1) == ([150], True, False)
    assert refused(await get(world, room, limit=129)) == (413, {"status": "limit-too-large"})
    for limit in ("0", "-1", "x", "1.5", "10" * 20):
        assert list(fields_of(await get(world, room, limit=limit))) == ["limit"]


async def test_bounds_are_left_out_and_more_is_told_truly(world: World) -> None:  # (15)
    room = await world.room()
    await many(world, room, 10)

    async def between(after: int | None = None, before: int | None = None, limit: int = 3) -> Any:
        bounds = {"afterMessageId": after, "beforeMessageId": before}
        asked = {name: message_id(room, number) for name, number in bounds.items() if number is not None}
        return await page(world, room, limit=limit, **asked)

    assert await between(before=5) == ([2, 3, 4], True, True)
    assert await between(before=1) == ([], False, True)
    assert await between(after=5) == ([6, 7, 8], True, True)
    assert await between(after=10) == ([], True, False)
    assert await between(after=0, limit=10) == (list(range(1, 11)), False, False)
    assert await between(after=2, before=9) == ([6, 7, 8], True, True)
    assert await between(after=2, before=5) == ([3, 4], True, True)
    assert await between(after=5, before=6) == ([], True, True)
    assert await between(after=8, before=3) == ([], True, True)
    assert await between(before=9_999_999_999) == ([8, 9, 10], True, False)


async def test_a_bound_is_the_id_of_a_message_of_that_room(world: World) -> None:  # (15)
    room, other = await world.room(), await world.room(name="Another")
    await many(world, room, 2)
    for text in ("x", "|", "0000000001", message_id(other, 1), f"{room['roomId']}|1", f"{room['roomId']}|000000000x"):
        for name in ("beforeMessageId", "afterMessageId"):
            assert list(fields_of(await get(world, room, **{name: text}))) == [name]
    assert await page(world, room, afterMessageId="") == ([1, 2], False, False)


async def test_the_filter_of_types_applies_to_the_page(world: World) -> None:  # (16)
    room = await world.room()
    for kind in ("application/json", "text/plain", "text/plain", "text/html"):
        await sent(world, room, mimeType=kind)
    assert await page(world, room, mimeTypes="application/json", limit=2) == ([], True, False)
    assert await page(world, room, mimeTypes="text/plain, TEXT/html") == ([2, 3, 4], False, False)
    assert await page(world, room, mimeTypes=",") == ([1, 2, 3, 4], False, False)


async def test_a_purge_deletes_all_and_the_counter_goes_on(world: World) -> None:  # (17)
    room, other = await world.room(), await world.room(name="Another")
    await many(world, room, 3)
    await many(world, other, 1)
    path = f"/room/{in_path(room)}/messages"
    assert (await world.api.delete(path)).json() == {"status": "ok", "deletedCount": 3}
    assert (await world.api.delete(path)).json() == {"status": "ok", "deletedCount": 0}
    assert await page(world, room) == ([], False, False)
    assert (await sent(world, room))["messageId"] == message_id(room, 4)
    assert (await page(world, other))[0] == [1]
    events = await world.house.store.read(
        lambda tx: tx.events.of_room(find_room(tx, world.house.mine.id, room["roomId"]).id)
    )
    said = EventType.MESSAGE_SENT
    assert [one.type for one in events[1:]] == [said, said, said, EventType.MESSAGES_PURGED, said]


async def test_a_purge_of_many_is_done_in_steps(world: World) -> None:  # (17)
    room = await world.room()
    await many(world, room, 501)
    assert (await world.api.delete(f"/room/{in_path(room)}/messages")).json()["deletedCount"] == 501


async def test_a_room_that_is_not_there_has_no_messages(world: World) -> None:
    room = await world.room()
    await world.api.delete(f"/room/{in_path(room)}")
    assert refused(await put(world, room)) == (404, NOT_FOUND)
    assert refused(await get(world, room)) == (404, NOT_FOUND)
    assert refused(await world.api.delete(f"/room/{in_path(room)}/messages")) == (404, NOT_FOUND)


async def test_what_people_say_shows_with_their_session_and_role(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, world.token(room).for_publishing_only(), name="Ada")
    one = joined.participant
    await world.house.messages.say(one.id, world.house.ids.uuid(), Words("Hello"), ["ben"])
    member = (await world.members(room))[0]
    shown = (await get(world, room)).json()["messages"][0]
    assert shown["message"] == "Hello"
    assert shown["from"] == {name: member[name] for name in ("sessionId", "screenName", "role", "lastUpdate")}


async def test_messages_go_when_their_time_is_over_and_no_number_comes_again(world: World) -> None:
    room = await world.room()
    await many(world, room, 3)
    later = world.house.clock.now() + timedelta(days=1)
    assert await world.house.store.write(lambda tx: tx.messages.expire(later, 2)) == 2
    assert await page(world, room) == ([3], False, False)
    assert (await sent(world, room))["messageId"] == message_id(room, 4)


async def test_an_event_of_a_message_carries_its_id_and_no_text(world: World) -> None:
    room = await world.room()
    await sent(world, room, message="a secret")
    events = await world.house.store.read(
        lambda tx: tx.events.of_room(find_room(tx, world.house.mine.id, room["roomId"]).id)
    )
    (event,) = [one for one in events if one.type is EventType.MESSAGE_SENT]
    assert list(event.data) == ["message"] and UUID(str(event.data["message"]))
