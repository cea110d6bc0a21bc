"""What a latecomer is shown of the chat, and how long it is kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from tests.dialects.house import House, open_house
from tests.support.stores import copy_test_store

from polyroom.dialects.streamwise import StreamwiseVerifier
from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.message import TEXT_BYTES, Audience
from polyroom.domain.room import Room
from polyroom.domain.session import LeaveReason
from polyroom.services.message_parts import Sender, Words
from polyroom.services.messages import MOST_SHOWN
from polyroom.services.participants import Joined
from polyroom.services.ports.messages import Stretch
from polyroom.services.retention import STEP, Keeping, Retention
from polyroom.services.room_changes import NewRoom
from polyroom.store.tables import session


@pytest.fixture
async def house(tmp_path: Path, first_day: Path) -> AsyncIterator[House]:
    copy_test_store(first_day, tmp_path / "data")
    async with open_house(tmp_path / "data", [StreamwiseVerifier()]) as opened:
        yield opened


@pytest.fixture
async def room(house: House) -> Room:
    return (await house.rooms.create(house.mine.id, NewRoom(title="Team", is_public=True))).room


async def enter(house: House, room: Room, name: str = "Ada") -> Joined:
    return await house.enter(str(room.id), name=name)


async def say(house: House, one: Joined, text: str, *identities: str) -> None:
    await house.messages.say(one.participant.id, house.ids.uuid(), Words(text), identities)


async def post(house: House, room: Room, text: str, **more: Any) -> None:
    await house.messages.post(house.mine.id, str(room.id), Words(text, **more), Sender(name="News"))


async def shown(house: House, one: Joined) -> list[str]:
    return [m.text for m in await house.messages.so_far(one.participant.room_id, one.participant.identity)]


async def test_messages_of_the_session_and_those_sent_while_nobody_was_in_are_shown(house: House, room: Room) -> None:
    earlier = await enter(house, room)
    await say(house, earlier, "last week")
    await house.leave(earlier)
    await post(house, room, "while nobody was in")
    ada = await enter(house, room)
    await say(house, ada, "now")
    await post(house, room, "for programs", kind="PIN")
    assert await shown(house, await enter(house, room, "Bo")) == ["while nobody was in", "now"]


@pytest.mark.parametrize("reason", [LeaveReason.SERVER_CRASHED, LeaveReason.SERVER_STOPPED])
async def test_a_restart_does_not_end_what_is_shown(house: House, room: Room, reason: LeaveReason) -> None:
    first = await enter(house, room)
    await say(house, first, "another day")
    await house.leave(first)
    for text in ("before", "between"):
        ada = await enter(house, room)
        await say(house, ada, text)
        await house.people.leave(ada.participant.id, reason)
    assert await shown(house, await enter(house, room)) == ["before", "between"]


async def test_a_session_that_ended_long_before_is_over_even_if_a_restart_ended_it(house: House, room: Room) -> None:
    ada = await enter(house, room)
    await say(house, ada, "yesterday")
    one = ada.participant
    old = house.clock.now() - timedelta(days=1)
    await house.people.leave(ada.participant.id, LeaveReason.SERVER_STOPPED)

    def move(tx: Any) -> None:
        moved = update(session).where(session.c.id == one.session_id).values(started_at=old, ended_at=old)
        tx.sessions._connection.execute(moved)

    await house.store.write(move)
    assert await shown(house, await enter(house, room)) == []


async def test_private_words_are_shown_to_both_ends_and_to_nobody_else(house: House, room: Room) -> None:
    ada, bo, cy = [await enter(house, room, name) for name in ("Ada", "Bo", "Cy")]
    await say(house, ada, "psst", bo.participant.identity)
    assert [await shown(house, one) for one in (ada, bo, cy)] == [["psst"], ["psst"], []]
    await house.messages.post_to_session(house.mine.id, str(room.id), Words("guests"), role=cy.participant.role)
    await house.messages.post_to_session(house.mine.id, str(room.id), Words("viewers"), role="viewer")
    await house.messages.post_to_session(
        house.mine.id, str(room.id), Words("for Cy"), participant_id=cy.participant.id, role="viewer"
    )
    assert [await shown(house, one) for one in (bo, cy)] == [["psst", "guests"], ["guests", "for Cy"]]


async def test_no_more_than_a_hundred_are_shown_and_the_last_ones(house: House, room: Room) -> None:
    ada = await enter(house, room)
    for number in range(MOST_SHOWN + 5):
        await say(house, ada, f"private {number}", "nobody")
        await say(house, ada, f"{number}")
    bo = await enter(house, room, "Bo")
    assert await shown(house, bo) == [f"{number}" for number in range(5, MOST_SHOWN + 5)]


async def test_only_who_is_inside_is_shown_anything_or_says_anything(house: House, room: Room) -> None:
    ada = await enter(house, room)
    await house.leave(ada)
    with pytest.raises(NotFound):
        await shown(house, ada)
    with pytest.raises(NotFound):
        await say(house, ada, "gone")
    bo = await enter(house, room, "Bo")
    silent = replace(bo.participant, rights=frozenset())
    await house.store.write(lambda tx: tx.sessions.update_participant(silent))
    with pytest.raises(NotFound):
        await say(house, bo, "silent")


async def test_what_is_too_long_or_no_text_is_refused_and_takes_no_number(house: House, room: Room) -> None:
    ada = await enter(house, room)
    for text in ("x" * (TEXT_BYTES + 1), "a\0b"):
        with pytest.raises(Invalid):
            await say(house, ada, text)
    await say(house, ada, "fine")
    (kept,) = await house.store.read(lambda tx: tx.messages.last(room.id, Stretch(), 10))
    assert (kept.number, kept.text, kept.audience) == (1, "fine", Audience.EVERYONE)


async def test_retention_deletes_what_is_too_old_in_steps_and_keeps_the_rest(house: House, room: Room) -> None:
    def old_ones(tx: Any) -> None:
        (one,) = tx.messages.last(room.id, Stretch(), 1)
        for _ in range(STEP + 10):
            tx.messages.add(replace(one, id=house.ids.uuid(), sent_at=one.sent_at - timedelta(days=91)))

    await post(house, room, "young")
    await house.store.write(old_ones)
    keeping = Keeping("messages", timedelta(days=90), lambda tx, before, most: tx.messages.expire(before, most))
    retention = Retention(house.store, house.clock, [keeping])
    assert await retention.clean() == STEP + 10
    assert await retention.clean() == 0
    (left,) = await house.store.read(lambda tx: tx.messages.last(room.id, Stretch(), 10))
    assert left.text == "young"
