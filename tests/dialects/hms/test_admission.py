"""What codes and app tokens are worth at the door."""

from datetime import timedelta
from typing import Any

import pytest
from tests.dialects.hms.world import World, app_token, done, management_token, signed

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused
from polyroom.domain.roles import Source


async def test_a_code_lets_in_with_its_role(world: World) -> None:
    room = await world.room()
    codes = await world.codes(room)
    for role, code in codes.items():
        joined = await world.enter(room, code)
        assert (joined.participant.role, joined.participant.label, joined.participant.dialect) == (role, role, "hms")
        assert joined.participant.publish == (frozenset() if role == "viewer" else frozenset(Source))


async def test_a_code_opens_its_own_room_only(world: World) -> None:
    room, another = await world.room(), await world.room()
    code = (await world.codes(room))["host"]
    for wrong in (code.upper(), "abc-defg-hij"):
        with pytest.raises(AdmissionRefused):
            await world.enter(room, wrong)
    with pytest.raises(AdmissionRefused):
        await world.enter(another, code)


async def test_a_token_of_an_applications_own_making_lets_in(world: World) -> None:
    room = await world.room()
    joined = await world.enter(room, app_token(world.key, room, "guest", user_id="student-7"))
    one = joined.participant
    assert (one.role, one.user_id, one.dialect, one.admission_id) == ("guest", "student-7", "hms", None)


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": None, "nbf": None, "jti": None},
        {"user_id": None},
        {"nbf": timedelta(seconds=30)},
        {"anything": [1]},
    ],
)
async def test_claims_nobody_needs_may_lack(world: World, changes: Any) -> None:
    room = await world.room()
    assert await world.enter(room, app_token(world.key, room, **changes))


@pytest.mark.parametrize("form", ["id", "uuid", "ulid", "streamwise"])
async def test_the_room_may_be_named_by_any_form_of_its_id(world: World, form: str) -> None:
    room = await world.room()
    own = (await world.house.rooms.get(world.house.mine.id, room["id"])).room
    named = {"id": room["id"].upper(), "uuid": str(own.id), "ulid": own.streamwise_id, "streamwise": own.streamwise_id}
    assert await world.enter(room, app_token(world.key, room, room_id=named[form]))


WRONG: list[dict[str, Any]] = [
    {"type": "management"},
    {"version": 1},
    {"room_id": None},
    {"room_id": 5},
    {"room_id": "x" * 300},
    {"role": "nobody"},
    {"role": None},
    {"role": ["host"]},
    {"role": "x" * 129},
    {"user_id": "x" * 257},
    {"user_id": "a\0"},
    {"user_id": {"a": 1}},
    {"exp": None},
    {"exp": "x"},
    {"nbf": timedelta(seconds=90)},
    {"access_key": "nobody"},
    {"polyroom_code": "nothing"},
    {"polyroom_code": 5},
    {"polyroom_code": "00000000-0000-7000-8000-000000000000"},
]


@pytest.mark.parametrize("changes", WRONG)
async def test_a_token_with_wrong_claims_is_refused(world: World, changes: Any) -> None:
    room = await world.room()
    with pytest.raises(AdmissionRefused):
        await world.enter(room, app_token(world.key, room, **changes))


async def test_an_expired_token_says_so(world: World) -> None:
    room = await world.room()
    with pytest.raises(AdmissionExpired):
        await world.enter(room, app_token(world.key, room, exp=timedelta(seconds=-1)))


async def test_only_the_rooms_own_account_signs_for_it(world: World) -> None:
    room, another = await world.room(), await world.room()
    theirs = await world.house.key(Dialect.HMS, world.house.theirs)
    claims = {"access_key": world.key.public_id, "type": "app", "version": 2, "exp": timedelta(hours=1)}
    for token in (
        app_token(theirs, room),
        app_token(world.key, another),
        management_token(world.key, room_id=room["id"], role="host"),
        signed({**claims, "room_id": room["id"], "role": "host"}, "x" * 43),
        signed({**claims, "room_id": room["id"], "role": "host"}, "", "none"),
        "a.b.c",
    ):
        with pytest.raises(AdmissionRefused):
            await world.enter(room, token)


async def test_a_token_dies_with_its_key(world: World) -> None:
    room = await world.room()
    further = await world.house.accounts.create_key(world.house.mine.id, Dialect.HMS)
    token = app_token(further, room)
    assert await world.enter(room, token)
    await world.house.accounts.revoke_key(Dialect.HMS, further.public_id)
    with pytest.raises(AdmissionRefused):
        await world.enter(room, token)


async def test_a_code_that_is_not_the_rooms_does_not_carry_a_token(world: World) -> None:
    room, another = await world.room(), await world.room()
    exchanged = await world.exchange((await world.codes(another))["host"])
    with pytest.raises(AdmissionRefused):
        await world.enter(room, exchanged)
    (code, *_) = done(await world.sdk.get(f"/room-codes/room/{another['id']}"))["data"]
    stored = await world.house.store.read(lambda tx: tx.admissions.by_token(Dialect.HMS, code["code"]))
    assert stored is not None
    with pytest.raises(AdmissionRefused):
        await world.enter(room, app_token(world.key, room, polyroom_code=str(stored.id)))


async def test_a_room_nobody_brings_anything_to_stays_closed(world: World) -> None:
    room = await world.room()
    with pytest.raises(AdmissionRefused):
        await world.house.enter(room["id"])
