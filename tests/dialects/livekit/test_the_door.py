"""Access tokens at the door: which room they mean, what they are worth there, and when they are worth nothing."""

import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from livekit.api import AccessToken, VideoGrants
from tests.dialects.livekit.conftest import World

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, NotFound, TooManyAttempts
from polyroom.domain.ids import ulid_of
from polyroom.domain.roles import EVERY_RIGHT, Right, RoleClass, Source
from polyroom.domain.room import Namespace, Room
from polyroom.domain.session import ParticipantKind
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.store import RoomSearch
from polyroom.services.room_changes import NewRoom


async def ticket_of(world: World, token: str, address: str = "") -> Ticket:
    found = await world.door.read(token, address or secrets.token_hex(4))
    assert found is not None
    return found


async def new_room(world: World, name: str, account: str = "mine") -> Room:
    owner = world.house.mine if account == "mine" else world.house.theirs
    return (await world.house.rooms.create(owner.id, NewRoom(title=name))).room


async def rooms_of(world: World) -> list[Room]:
    return [one.room for one in (await world.house.rooms.search(world.house.mine.id, RoomSearch(limit=None))).items]


async def test_concurrent_joins_of_a_new_name_make_one_room(world: World) -> None:
    token = await world.token("stand-up")
    tickets = await asyncio.gather(*(ticket_of(world, token) for _ in range(20)))
    (room,) = await rooms_of(world)
    assert {one.grant.room_id for one in tickets} == {room.id}
    assert (room.title, room.capacity) == ("stand-up", None)
    details = await world.house.rooms.by_name(world.house.mine.id, Namespace.LIVEKIT_NAME, "stand-up")
    assert details is not None
    assert details.room == room


async def test_a_name_comes_before_an_id_and_every_form_of_an_id_works(world: World) -> None:
    room = await new_room(world, "Team")
    for form in (str(room.id), ulid_of(room.id), room.hms_id, room.phenix_id, room.streamwise_id):
        ticket = await ticket_of(world, await world.token(form))
        assert (ticket.grant.room_id, ticket.room_name) == (room.id, form)
    named = NewRoom(title="Named", names={Namespace.LIVEKIT_NAME: room.streamwise_id})
    other = (await world.house.rooms.create(world.house.mine.id, named)).room
    assert (await ticket_of(world, await world.token(room.streamwise_id))).grant.room_id == other.id
    assert len(await rooms_of(world)) == 2


async def test_another_accounts_room_is_a_name_like_any_other(world: World) -> None:
    theirs = await new_room(world, "Theirs", "theirs")
    ticket = await ticket_of(world, await world.token(theirs.streamwise_id))
    assert ticket.grant.room_id != theirs.id
    (mine,) = await rooms_of(world)
    assert mine.title == theirs.streamwise_id


async def test_the_id_of_a_deleted_room_makes_no_room_and_its_name_makes_a_new_one(world: World) -> None:
    account = world.house.mine.id
    first = await ticket_of(world, await world.token("again"))
    await world.house.rooms.delete(account, str(first.grant.room_id))
    with pytest.raises(NotFound):
        await world.door.read(await world.token(str(first.grant.room_id)), "a")
    with pytest.raises(NotFound):
        await world.house.people.join(first)
    second = await ticket_of(world, await world.token("again"))
    assert second.grant.room_id != first.grant.room_id


async def test_a_name_longer_than_a_title_and_one_of_odd_characters(world: World) -> None:
    for name in ("n" * 256, "☀ 'x\" %_ \u202e", " "):
        ticket = await ticket_of(world, await world.token(name))
        assert ticket.room_name == name
        assert (await ticket_of(world, await world.token(name))).grant.room_id == ticket.grant.room_id
    assert max(len(room.title) for room in await rooms_of(world)) == 255


@pytest.mark.parametrize(
    ("grants", "label", "role_class", "publish", "rights"),
    [
        ({}, "participant", RoleClass.PARTICIPANT, set(Source), EVERY_RIGHT - {Right.CHANGE_SELF}),
        ({"can_update_own_metadata": True}, "participant", RoleClass.PARTICIPANT, set(Source), EVERY_RIGHT),
        ({"room_admin": True}, "admin", RoleClass.MODERATOR, set(Source), EVERY_RIGHT - {Right.CHANGE_SELF}),
        ({"can_publish": False}, "viewer", RoleClass.VIEWER, set(), {Right.SUBSCRIBE, Right.SEND_DATA}),
        ({"can_publish": False, "room_admin": True}, "admin", RoleClass.MODERATOR, set(), None),
        (
            {"can_publish_sources": ["microphone", "screen_share", "screen_share_audio"]},
            "participant",
            RoleClass.PARTICIPANT,
            {Source.AUDIO, Source.SCREEN},
            None,
        ),
        ({"can_publish_sources": ["screen_share_audio"]}, "viewer", RoleClass.VIEWER, set(), None),
        ({"can_subscribe": False, "can_publish_data": False}, "participant", RoleClass.PARTICIPANT, set(Source), set()),
    ],
)
async def test_what_grants_are_worth(
    world: World, grants: dict[str, object], label: str, role_class: RoleClass, publish: set[Source], rights: object
) -> None:
    joined = await world.house.people.join(await ticket_of(world, await world.token("worth", **grants)))
    one = joined.participant
    assert (one.dialect, one.label, one.publish) == (Dialect.LIVEKIT, label, publish)
    assert (one.identity, one.user_id, one.name) == ("ada", "ada", "Ada")
    assert one.role_class is role_class
    if rights is not None:
        assert one.rights == rights


@pytest.mark.parametrize(
    ("said", "grants", "kind"),
    [
        ("", {}, ParticipantKind.STANDARD),
        ("standard", {}, ParticipantKind.STANDARD),
        ("agent", {}, ParticipantKind.AGENT),
        ("egress", {"recorder": True}, ParticipantKind.EGRESS),
        ("sip", {}, ParticipantKind.SIP),
        ("ingress", {}, ParticipantKind.INGRESS),
        ("hologram", {}, ParticipantKind.STANDARD),
        ("", {"agent": True}, ParticipantKind.AGENT),
        ("", {"recorder": True, "hidden": True}, ParticipantKind.EGRESS),
    ],
)
async def test_a_token_says_what_its_holder_is(
    world: World, said: str, grants: dict[str, object], kind: ParticipantKind
) -> None:
    key = world.key
    token = AccessToken(key.public_id, key.secret).with_identity("one")
    token.claims.kind = said
    token.with_grants(VideoGrants(**{"room_join": True, **grants}, room="kinds"))  # type: ignore[arg-type]
    joined = await world.house.people.join(await ticket_of(world, token.to_jwt()))
    kept = await world.house.store.read(lambda tx: tx.sessions.participant(joined.participant.id))
    assert kept is not None
    assert kept.kind is kind


async def test_a_key_that_is_revoked_takes_its_tokens_and_tickets_along(world: World) -> None:
    token = await world.token("locked")
    ticket = await ticket_of(world, token)
    await world.house.accounts.revoke_key(Dialect.LIVEKIT, world.key.public_id)
    with pytest.raises(AdmissionRefused):
        await world.door.read(token, "a")
    with pytest.raises(AdmissionRefused):
        await world.house.people.join(ticket)


async def test_a_ticket_ends_with_its_token_and_the_way_back_of_somebody_inside_does_not(world: World) -> None:
    ticket = await ticket_of(world, await world.token("short", can_update_own_metadata=True))
    joined = await world.house.people.join(ticket)
    await world.house.people.change(joined.participant.id, name="Ada II", metadata="m", attributes={"hand": "up"})
    over = replace(ticket, grant=replace(ticket.grant, expires_at=world.house.clock.now()))
    with pytest.raises(AdmissionExpired):
        await world.house.people.join(over)
    back = world.house.people.way_back(over, joined.participant.id)
    again = (await world.house.people.join(back)).participant
    assert (again.name, again.metadata, again.attributes) == ("Ada II", "m", {"hand": "up"})
    assert (again.label, again.rights) == ("participant", EVERY_RIGHT)
    await world.house.accounts.revoke_key(Dialect.LIVEKIT, world.key.public_id)
    with pytest.raises(AdmissionRefused):
        await world.house.people.join(back)


async def test_guessing_is_slowed_for_the_address_that_guesses(world: World) -> None:
    good = await world.token("slow")
    forged = jwt.encode({"iss": world.key.public_id, "exp": 4_000_000_000}, "x" * 43, algorithm="HS256")
    for _ in range(10):
        with pytest.raises(AdmissionRefused):
            await world.door.read(forged, "192.0.2.1")
    with pytest.raises(TooManyAttempts):
        await world.door.read(good, "192.0.2.1")
    assert await world.door.read(good, "192.0.2.2") is not None


async def test_what_is_no_token_of_this_door_is_left_to_others(world: World) -> None:
    for text in ("", "x", "a.b.c", jwt.encode({"iss": "polyroom"}, "x" * 43), jwt.encode({"sub": "x"}, "x" * 43)):
        assert await world.door.read(text, "a") is None


async def test_at_the_page_a_token_opens_the_one_room_it_names(world: World) -> None:
    made = await ticket_of(world, await world.token("named"))
    other, theirs = await new_room(world, "Other"), await new_room(world, "Theirs", "theirs")
    token = await world.token("named")
    joined = await world.house.enter(str(made.grant.room_id), token, name="Somebody else")
    assert (joined.room_name, joined.participant.name, joined.participant.identity) == ("named", "Ada", "ada")
    free = await world.token(other.phenix_id, can_update_own_metadata=True)
    assert (await world.house.enter(other.streamwise_id, free, name="Bo")).participant.name == "Bo"
    for room, shown in ((other, token), (theirs, token), (theirs, await world.token(theirs.streamwise_id))):
        with pytest.raises(AdmissionRefused):
            await world.house.enter(str(room.id), shown)
    with pytest.raises(AdmissionExpired):
        await world.house.enter(str(made.grant.room_id), await world.token("named", lives=timedelta(seconds=-1)))
    no_join = await world.token("named", room_join=False)
    with pytest.raises(AdmissionRefused):
        await world.house.enter(str(made.grant.room_id), no_join)
