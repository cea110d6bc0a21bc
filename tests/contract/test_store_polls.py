"""Polls: what they ask is kept, a vote counts once, counts and places follow every response."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from tests.contract.store_making import IDS, NOW, Tenant, make_session, uuid

from polyroom.domain.polls import RIGHT, SKIPPED, TOTAL, Key, Option, Poll, PollRun, Question, Response, Sheet
from polyroom.services.ports.polls import ResponseSearch
from polyroom.services.ports.store import Store, Transaction

SHEET = Sheet(
    title="Quiz 🎯",
    vote_roles=("guest",),
    questions=(
        Question("One?", options=(Option("a"), Option("b", 2)), key=Key((2,)), attachments=({"url": "u"},)),
        Question("Two?", options=(Option("a"), Option("b"))),
    ),
)


async def make_run(store: Store, tenant: Tenant) -> PollRun:
    room = tenant.room()
    session = make_session(room)
    poll = Poll(uuid(), IDS.hex24(), tenant.id, room.id, SHEET, NOW, NOW)
    ends_at = NOW + timedelta(seconds=60)
    run = PollRun(
        uuid(), IDS.hex24(), tenant.id, poll.id, poll.hms_id, room.id, session.id, SHEET, "salt", NOW, ends_at
    )

    def unit(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.polls.add(poll)
        assert tx.polls.add_run(run)
        assert not tx.polls.add_run(replace(run, id=uuid(), hms_id=IDS.hex24()))

    await store.write(unit)
    assert await store.read(lambda tx: tx.polls.by_hms_id(tenant.id, poll.hms_id)) == poll
    assert await store.read(lambda tx: tx.polls.by_hms_id(uuid(), poll.hms_id)) is None
    assert await store.read(lambda tx: tx.polls.of_room(room.id, 5)) == [poll]
    return run


def make_response(run: PollRun, voter: str, option: int, **more: object) -> Response:
    right = option == 2
    fields: dict[str, object] = {
        "id": uuid(),
        "hms_id": IDS.hex24(),
        "run_id": run.id,
        "poll_id": run.poll_id,
        "question": 1,
        "voter": voter,
        "participant_id": UUID(int=7),
        "user_id": voter,
        "options": (option,),
        "text": "",
        "skipped": False,
        "correct": right,
        "score": 5 if right else 0,
        "duration": 1000,
        "sent_at": NOW,
    }
    return Response(**fields | more)  # type: ignore[arg-type]


async def test_a_run_ends_once_and_its_salt_goes(store: Store, tenant: Tenant) -> None:
    run = await make_run(store, tenant)
    assert await store.read(lambda tx: tx.polls.next_due()) == run.ends_at
    assert await store.read(lambda tx: tx.polls.due(NOW, 5)) == []
    later = NOW + timedelta(seconds=61)
    assert await store.read(lambda tx: tx.polls.due(later, 5)) == [run]
    assert await store.read(lambda tx: tx.polls.runs_of_session(run.session_id, 5, running=True)) == [run]
    assert await store.write(lambda tx: tx.polls.stop_run(run.id, later))
    assert not await store.write(lambda tx: tx.polls.stop_run(run.id, NOW))
    stopped = replace(run, stopped_at=later, salt="")
    assert await store.read(lambda tx: tx.polls.run(run.id)) == stopped
    assert await store.read(lambda tx: tx.polls.runs_of_session(run.session_id, 5, running=True)) == []
    assert await store.read(lambda tx: tx.polls.runs(run.poll_id, None, 5)) == [stopped]
    assert await store.read(lambda tx: tx.polls.runs(run.poll_id, run.id, 5)) == []
    assert await store.read(lambda tx: tx.polls.runs_of_room(run.room_id, None, 5)) == [stopped]


async def test_a_vote_counts_once_and_another_takes_its_place(store: Store, tenant: Tenant) -> None:
    run = await make_run(store, tenant)
    first, again = make_response(run, "ada", 1), make_response(run, "ada", 2)
    assert await store.write(lambda tx: tx.polls.respond(first, None))
    assert not await store.write(lambda tx: tx.polls.respond(again, None))
    assert await store.read(lambda tx: tx.polls.counts([run.id])) == {run.id: {(1, TOTAL): 1, (1, 1): 1}}
    update = replace(again, id=uuid(), hms_id=IDS.hex24(), original_id=first.hms_id, retries=1)
    assert await store.write(lambda tx: tx.polls.respond(update, first))
    stale = replace(first, is_current=True)
    assert not await store.write(lambda tx: tx.polls.respond(make_response(run, "ada", 1), stale))
    skipped = make_response(run, "bo", 1, options=(), skipped=True, correct=False)
    assert await store.write(lambda tx: tx.polls.respond(skipped, None))
    counts = await store.read(lambda tx: tx.polls.counts([run.id]))
    assert counts[run.id] == {(1, TOTAL): 2, (1, 1): 0, (1, 2): 1, (1, RIGHT): 1, (1, SKIPPED): 1}
    assert await store.read(lambda tx: tx.polls.voters([run.id])) == {run.id: 2}
    assert await store.read(lambda tx: tx.polls.current(run.id, "ada")) == [update]
    every = await store.read(lambda tx: tx.polls.responses(run.poll_id, ResponseSearch(replaced=True)))
    assert every == [replace(first, is_current=False), update, skipped]
    search = ResponseSearch(question=1, run_id=run.id, after=update.id)
    assert await store.read(lambda tx: tx.polls.responses(run.poll_id, search)) == [skipped]
    assert await store.read(lambda tx: tx.polls.response(run.poll_id, update.hms_id)) == update


async def test_the_best_are_those_with_more_points_then_less_time(store: Store, tenant: Tenant) -> None:
    run = await make_run(store, tenant)
    for voter, option, duration in (("slow", 2, 9000), ("wrong", 1, 10), ("quick", 2, 500)):
        response = make_response(run, voter, option, duration=duration)
        assert await store.write(lambda tx, response=response: tx.polls.respond(response, None))  # type: ignore[misc]
    first = await store.read(lambda tx: tx.polls.leaders(run.id, None, 2))
    assert [(one.voter, one.score, one.correct) for one in first] == [("quick", 5, 1), ("slow", 5, 1)]
    assert await store.read(lambda tx: tx.polls.standing(run.id, first[1].id)) == first[1]
    rest = await store.read(lambda tx: tx.polls.leaders(run.id, first[1], 2))
    assert [one.voter for one in rest] == ["wrong"]


async def test_people_are_forgotten_and_old_runs_go(store: Store, tenant: Tenant) -> None:
    run = await make_run(store, tenant)
    response = make_response(run, "ada", 2, text="my name is Ada")
    assert await store.write(lambda tx: tx.polls.respond(response, None))
    assert await store.write(lambda tx: tx.polls.forget([UUID(int=7)])) == 1
    (left,) = await store.read(lambda tx: tx.polls.responses(run.poll_id, ResponseSearch()))
    assert left == replace(response, text="", user_id="", voter=str(UUID(int=7)))
    (standing,) = await store.read(lambda tx: tx.polls.leaders(run.id, None, 5))
    assert (standing.voter, standing.user_id, standing.score) == (str(UUID(int=7)), "", 5)
    await store.write(lambda tx: tx.polls.stop_run(run.id, NOW))
    assert await store.write(lambda tx: tx.polls.expire(NOW, 5)) == 0
    assert await store.write(lambda tx: tx.polls.expire(NOW + timedelta(days=1), 5)) == 1
    assert await store.read(lambda tx: tx.polls.run(run.id)) is None
    assert await store.read(lambda tx: tx.polls.responses(run.poll_id, ResponseSearch())) == []
