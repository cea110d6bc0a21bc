"""`polyroom erase person`: texts go, ids and the order of what happened stay."""

import asyncio
import json

import pytest
from click.testing import CliRunner
from tests.contract.store_making import make_account, make_participant, make_session, make_tenant
from tests.support.past import TRACES, leave, make_past, tenant_of
from tests.support.stores import content_of, database_of, open_test_store, rows_of

from polyroom.cli import main
from polyroom.cli.lock import serving
from polyroom.domain.session import LeaveReason
from polyroom.services import erasure
from polyroom.services.ports.messages import Stretch

NOTHING = {
    "stays": 0,
    "rooms": 0,
    "track_names": 0,
    "messages": 0,
    "messages_to": 0,
    "receivers_answers": 0,
    "words": 0,
    "poll_responses": 0,
    "recordings": 0,
    "recorded_texts": 0,
    "shared_recordings": 0,
}
EVERYTHING = {
    "stays": 1,
    "rooms": 1,
    "track_names": 1,
    "messages": 2,
    "messages_to": 1,
    "receivers_answers": 1,
    "words": 0,
    "poll_responses": 0,
    "recordings": 0,
    "recorded_texts": 0,
    "shared_recordings": 0,
}


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def run(data):
    environment = {"POLYROOM_DATA": str(data), "POLYROOM_DATABASE": database_of(data) or ""}

    def call(*words, code=0):
        done = CliRunner().invoke(main, list(words), env=environment)
        assert done.exit_code == code, done.output
        assert "Traceback" not in done.output
        return done.output

    call("credentials")
    return call


@pytest.fixture
def numbers(run):
    return lambda *words: json.loads(run("erase", "person", "--json", *words))


@pytest.fixture
def on_store(data):
    """Do something on the folder's store."""

    def call(work):
        async def opened():
            async with open_test_store(data) as store:
                return await work(store)

        return asyncio.run(opened())

    return call


@pytest.fixture
def past(run, on_store):
    async def made(store):
        return await make_past(store, await tenant_of(store))

    return on_store(made)


def test_nothing_holds_a_trace_of_an_erased_person(numbers, past, data):
    before = content_of(data)
    assert all(trace.encode() in before for trace in TRACES)
    assert numbers("--user-id", "user-ada") == EVERYTHING
    after = content_of(data)
    assert [trace for trace in TRACES if trace.encode() in after] == []
    assert b"Bob" in after


def test_what_happened_stays_in_order_and_others_keep_their_data(numbers, past, on_store):
    numbers("--identity", "ada-in-room")

    async def look(store):
        def unit(tx):
            return (
                tx.events.of_room(past.room.id),
                tx.sessions.participants_of([past.session.id]),
                tx.messages.first(past.room.id, Stretch(), 10),
                tx.quality.of_participant(past.ada.id, 10),
            )

        return await store.read(unit)

    events, (ada, bob), messages, quality = on_store(look)
    assert [one.sequence for one in events] == [1, 2]
    assert events[1].participant_id == past.ada.id
    own = str(past.ada.id)
    assert (ada.identity, ada.user_id, ada.name, ada.metadata, ada.attributes) == (own, own, "", "", {})
    assert (ada.joined_at, ada.left_at is None, ada.role) == (past.ada.joined_at, False, past.ada.role)
    assert (bob.identity, bob.user_id, bob.name) == ("bob", "user-bob", "Bob")
    assert [(one.number, one.text, one.recipients) for one in messages] == [
        (2, "hello", ()),
        (3, "to two", ("eve",)),
        (4, "sent by the application", ()),
    ]
    assert len(quality) == 1


def test_a_dry_run_finds_all_and_changes_nothing(numbers, run, past, data):
    before = content_of(data, None)
    assert numbers("--user-id", "user-ada", "--dry-run") == EVERYTHING
    assert "would erase:" in run("erase", "person", "--user-id", "user-ada", "--dry-run")
    rows = rows_of(data, "SELECT count(*) FROM participant WHERE user_id = 'user-ada'")
    assert rows == [(1,)]
    assert all(trace.encode() in before for trace in TRACES)
    assert numbers("--user-id", "user-ada") == EVERYTHING


def test_a_second_time_there_is_nothing_left(numbers, past):
    assert numbers("--participant", str(past.ada.id))["stays"] == 1
    assert numbers("--participant", str(past.ada.id)) == NOTHING
    assert numbers("--user-id", "user-ada") == NOTHING | {"messages": 1}
    assert numbers("--user-id", "user-ada") == NOTHING


def test_after_a_crash_in_the_middle_the_rest_is_found(numbers, past, monkeypatch, data):
    async def crash(self, stays):
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(erasure._Run, "people", crash)
        with pytest.raises(AssertionError):
            numbers("--user-id", "user-ada")
    assert numbers("--user-id", "user-ada") == EVERYTHING | {"messages": 0, "messages_to": 0}
    assert not any(trace.encode() in content_of(data) for trace in TRACES)


def test_who_is_inside_is_refused_until_they_have_left(run, numbers, on_store, data):
    async def made(store):
        return await make_past(store, await tenant_of(store), ada_left=False)

    past = on_store(made)
    before = content_of(data)
    told = run("erase", "person", "--user-id", "user-ada", code=1)
    assert f"room {past.room.id} as participant {past.ada.id}" in told
    assert "put them out first" in told
    assert all(trace.encode() in before for trace in TRACES)
    on_store(lambda store: leave(store, past.ada.id))
    assert numbers("--user-id", "user-ada") == EVERYTHING


def test_it_works_beside_a_server(numbers, past, data):
    with serving(data):
        assert numbers("--user-id", "user-ada") == EVERYTHING


def test_other_accounts_keep_theirs(run, numbers, on_store):
    async def made(store):
        other = await make_tenant(store)
        return other, await make_past(store, other)

    other, past = on_store(made)
    assert numbers("--user-id", "user-ada") == NOTHING
    assert numbers("--participant", str(past.ada.id)) == NOTHING
    assert numbers("--user-id", "user-ada", "--account", str(other.id)) == EVERYTHING
    nobody = make_account().id
    assert "no such account" in run("erase", "person", "--identity", "x", "--account", str(nobody), code=1)


def test_many_stays_go_in_small_steps(numbers, on_store, past, monkeypatch):
    monkeypatch.setattr(erasure, "PAGE", 3)
    monkeypatch.setattr(erasure, "STEP", 2)

    async def more(store):
        for hidden in (True, False) * 4:
            session = make_session(past.room, ended_at=past.session.started_at)
            one = make_participant(session, user_id="user-ada", hidden=hidden, left_at=session.started_at)
            await store.write(
                lambda tx, one=one, session=session: (tx.sessions.open(session), tx.sessions.add_participant(one))
            )

    on_store(more)
    assert numbers("--user-id", "user-ada") == EVERYTHING | {"stays": 9}


def test_an_erased_person_who_was_kept_out_opens_the_door_to_nobody_else(numbers, on_store, run):
    async def made(store):
        past = await make_past(store, await tenant_of(store), ada_left=False)
        await store.write(lambda tx: tx.sessions.leave(past.ada.id, past.session.started_at, LeaveReason.KEPT_OUT))
        return past

    past = on_store(made)
    numbers("--user-id", "user-ada")

    async def kept_out(store):
        return await store.read(
            lambda tx: tx.sessions.is_kept_out(past.session.id, identity="x", user_id="", admission_id=None)
        )

    assert not on_store(kept_out)


def test_who_is_meant_must_be_plain(run):
    for words in ((), ("--user-id", ""), ("--user-id", "a", "--identity", "b"), ("--participant", "x")):
        assert "Error: " in run("erase", "person", *words, code=2)
