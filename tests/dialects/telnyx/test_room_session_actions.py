"""`/room_sessions/{id}/actions`: end, kick, mute, unmute."""

from collections.abc import Sequence

import httpx
import pytest
from tests.dialects.telnyx.world import Json, World, data_of, errors_of

from polyroom.domain.events import EventType
from polyroom.domain.session import LeaveReason, Track, TrackKind
from polyroom.services.participants import Joined

NONE = "00000000-0000-7000-8000-000000000000"
ACTIONS = ("end", "kick", "mute", "unmute")
OK = {"result": "ok"}


async def act(world: World, joined: Joined | str, action: str, body: object = None) -> httpx.Response:
    session = joined if isinstance(joined, str) else joined.participant.session_id
    return await world.api.post(f"/room_sessions/{session}/actions/{action}", json=body)


async def people(world: World, count: int = 3) -> list[Joined]:
    room = await world.room()
    return [await world.enter(room, f"{number}") for number in range(count)]


async def present(world: World, joined: Sequence[Joined]) -> list[bool]:
    """Who of them is still in."""
    session = joined[0].participant.session_id
    answer = await world.api.get(f"/room_sessions/{session}/participants?page[size]=250")
    left = {one["id"]: one["left_at"] for one in answer.json()["data"]}
    return [left[str(one.participant.id)] is None for one in joined]


async def track(world: World, made: Track) -> Track:
    found = await world.house.store.read(lambda tx: tx.sessions.track(made.id))
    assert found is not None
    return found


async def kinds(world: World, joined: Joined) -> list[EventType]:
    room = joined.participant.room_id
    return [one.type for one in await world.house.store.read(lambda tx: tx.events.of_room(room))]


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
async def test_an_ended_session_is_over_and_the_next_join_begins_another(  # (20)
    world: World, headers: dict[str, str]
) -> None:
    room = await world.room()
    joined = [await world.enter(room) for _ in range(2)]
    path = f"/room_sessions/{joined[0].participant.session_id}/actions/end"
    assert data_of(await world.api.post(path, headers={**headers, "Content-Length": "0"})) == OK
    assert await present(world, joined) == [False, False]
    (session,) = await world.sessions(room)
    assert session["active"] is False
    assert [reason for _, reason in world.house.engine.evicted] == [LeaveReason.SESSION_ENDED] * 2
    wrong = await world.api.post(path)
    assert errors_of(wrong) == [("10015", None)]
    assert wrong.json()["errors"][0]["detail"] == "No private_ip for room"
    again = await world.enter(room)
    assert again.participant.session_id != joined[0].participant.session_id
    assert (await kinds(world, again))[3:8] == [
        EventType.PARTICIPANT_JOINED,
        EventType.SESSION_ENDED,
        EventType.PARTICIPANT_LEFT,
        EventType.PARTICIPANT_LEFT,
        EventType.SESSION_CLOSED,
    ]
    assert data_of(await act(world, again, "end", {"anything": ["is", "ignored"]})) == OK


@pytest.mark.parametrize("action", ["kick", "mute", "unmute"])
async def test_nothing_can_be_done_in_a_session_that_is_over(world: World, action: str) -> None:
    joined = await people(world, 1)
    await world.house.leave(joined[0])
    assert errors_of(await act(world, joined[0], action, {"participants": "all"})) == [("10015", None)]


async def test_all_some_and_all_but_some_are_kicked(world: World) -> None:  # (21)
    joined = await people(world, 5)
    ids = [str(one.participant.id) for one in joined]
    assert data_of(await act(world, joined[0], "kick", {"participants": [ids[1].upper(), NONE]})) == OK
    assert await present(world, joined) == [True, False, True, True, True]
    named = {"participants": ids[:4], "exclude": [ids[0], ids[3], NONE]}
    assert data_of(await act(world, joined[0], "kick", named)) == OK
    assert await present(world, joined) == [True, False, False, True, True]
    assert data_of(await act(world, joined[0], "kick", {"participants": "all", "exclude": [ids[0]]})) == OK
    assert await present(world, joined) == [True, False, False, False, False]
    assert {reason for _, reason in world.house.engine.evicted} == {LeaveReason.REMOVED}
    assert data_of(await act(world, joined[0], "kick", {"participants": "all", "exclude": None})) == OK
    assert await present(world, joined) == [False] * 5
    errors_of(await act(world, joined[0], "kick", {"participants": "all"}))


async def test_sound_is_held_back_and_passes_again(world: World) -> None:  # (22)
    ada, bo = await people(world, 2)
    audio, video = [await world.house.publish(ada, kind) for kind in (TrackKind.AUDIO, TrackKind.VIDEO)]
    quiet = await world.house.publish(ada, TrackKind.AUDIO, muted=True)
    other = await world.house.publish(bo, TrackKind.AUDIO)
    ids = [str(ada.participant.id)]
    assert data_of(await act(world, ada, "mute", {"participants": ids})) == OK
    assert [(await track(world, one)).held for one in (audio, video, quiet, other)] == [True, False, True, False]
    assert set(world.house.engine.muted) == {(audio.id, True), (quiet.id, True)}
    assert await present(world, [ada, bo]) == [True, True]
    await act(world, ada, "mute", {"participants": "all", "exclude": [str(bo.participant.id)]})
    assert len(world.house.engine.muted) == 2, "who is held already is not held again"
    assert data_of(await act(world, ada, "unmute", {"participants": "all"})) == OK
    assert [(await track(world, one)).silent for one in (audio, video, quiet, other)] == [False, False, True, False]
    assert set(world.house.engine.muted[2:]) == {(audio.id, False), (quiet.id, False)}
    told = [one for one in await kinds(world, ada) if one.value.endswith("muted")]
    assert told == [
        EventType.PARTICIPANT_MUTED,
        EventType.TRACK_MUTED,
        EventType.PARTICIPANT_UNMUTED,
        EventType.TRACK_UNMUTED,
    ]


async def test_who_is_muted_stays_so_when_coming_back_into_the_session(world: World) -> None:
    room = await world.room()
    token = (await world.tokens(room))["token"]
    from polyroom.services.ports.admission import Credential

    ticketed = await world.house.entrance.ticket(room["id"], Credential(token=token), None, "Ada", "here")
    first = await world.house.people.join(ticketed.ticket)
    await act(world, first, "mute", {"participants": "all"})
    again = await world.house.people.join(ticketed.ticket)
    assert again.participant.session_id == first.participant.session_id
    assert again.participant.held
    other = await world.enter(room)
    assert not other.participant.held, "who comes later was not meant"
    for one in (again, other):
        await world.house.leave(one)
    assert not (await world.house.people.join(ticketed.ticket)).participant.held


@pytest.mark.parametrize("action", ["kick", "mute", "unmute"])
@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (None, [("10004", "/participants")]),
        ({}, [("10004", "/participants")]),
        ({"participants": None}, [("10015", "/participants")]),
        ({"participants": "some"}, [("10015", "/participants")]),
        ({"participants": ["all"]}, [("10015", "/participants")]),
        ({"participants": [NONE, 7]}, [("10015", "/participants")]),
        ({"participants": [NONE] * 10_001}, [("10015", "/participants")]),
        ({"participants": "all", "exclude": "all"}, [("10015", "/exclude")]),
        ({"participants": {}, "exclude": [[]]}, [("10015", "/participants"), ("10015", "/exclude")]),
    ],
)
async def test_wrong_bodies_change_nothing(
    world: World, action: str, body: Json | None, wrong: list[tuple[str, str]]
) -> None:
    joined = await people(world, 1)
    assert sorted(errors_of(await act(world, joined[0], action, body))) == sorted(wrong)
    assert await present(world, joined) == [True]
    assert world.house.engine.muted == []


@pytest.mark.parametrize("action", ACTIONS)
async def test_broken_json_is_400_and_nobody_is_out(world: World, action: str) -> None:
    joined = await people(world, 1)
    path = f"/room_sessions/{joined[0].participant.session_id}/actions/{action}"
    errors_of(await world.api.post(path, content=b"{"), 400)
    errors_of(await world.api.post(path, content=b"[]"), 400)
    errors_of(await world.api.post(path, content=b"{}", headers={"Content-Type": "text/plain"}), 415)
    assert await present(world, joined) == [True]


@pytest.mark.parametrize("action", ACTIONS)
async def test_only_the_accounts_own_key_may(world: World, action: str) -> None:
    joined = await people(world, 1)
    path = f"/room_sessions/{joined[0].participant.session_id}/actions/{action}"
    body = {"participants": "all"}
    errors_of(await world.nobody.post(path, json=body), 401)
    for client, session in ((world.other, None), (world.api, NONE), (world.api, "x")):
        answer = await client.post(path if session is None else f"/room_sessions/{session}/actions/{action}", json=body)
        assert errors_of(answer, 404) == [("10005", "room_session_id")]
    assert await present(world, joined) == [True]


async def test_who_is_hidden_is_neither_kicked_nor_muted_but_goes_with_the_session(world: World) -> None:
    ada, ghost = await people(world, 2)
    from dataclasses import replace

    hidden = replace(ghost.participant, hidden=True)
    await world.house.store.write(
        lambda tx: tx.sessions._connection.exec_driver_sql("UPDATE participant SET hidden = true WHERE name = '1'")  # type: ignore[attr-defined]
    )
    await act(world, ada, "mute", {"participants": "all"})
    await act(world, ada, "kick", {"participants": [str(hidden.id)]})
    assert world.house.engine.evicted == []
    await act(world, ada, "end")
    assert {one for one, _ in world.house.engine.evicted} == {ada.participant.id, hidden.id}
