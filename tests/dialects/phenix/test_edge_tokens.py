"""Edge tokens at the door, made by the vendor's own library. Numbers are the conformance cases."""

import json
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from edgeauth.token_builder import TokenBuilder
from tests.dialects.phenix.world import World, in_path

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionExpired, AdmissionRefused, NotFound
from polyroom.domain.roles import EVERY_RIGHT, Right
from polyroom.domain.session import Participant
from polyroom.services.ports.admission import Credential
from polyroom.services.room_changes import NewRoom

Change = Callable[[TokenBuilder], TokenBuilder]


async def entered(world: World, room: dict[str, Any], token: TokenBuilder | str) -> Participant:
    return (await world.enter(room, token)).participant


async def refuses(world: World, room: dict[str, Any], token: TokenBuilder | str) -> None:
    with pytest.raises(AdmissionRefused):
        await world.enter(room, token)


@pytest.mark.parametrize("kind", ["MultiPartyChat", "DirectChat", "TownHall", "ModeratedChat"])
async def test_what_a_token_is_worth_follows_its_type(world: World, kind: str) -> None:
    room = await world.room(type=kind)
    viewing = [await entered(world, room, one) for one in (world.token(room), world.token(room).for_streaming_only())]
    for one in viewing:
        assert (one.dialect, one.label, one.publish, one.rights) == (
            Dialect.PHENIX,
            "Audience",
            frozenset(),
            EVERY_RIGHT,
        )
    one = await entered(world, room, world.token(room).for_publishing_only())
    assert one.label == ("Presenter" if kind in {"TownHall", "ModeratedChat"} else "Participant")
    assert one.publish
    assert Right.SUBSCRIBE not in one.rights  # (20)
    await refuses(world, room, world.token(room).for_authenticate_only())


async def test_tokens_shown_together_are_worth_what_each_is_worth(world: World) -> None:
    room, other = await world.room(), await world.room(name="Other")
    view, publish = world.token(room).build(), world.token(room).for_publishing_only().with_capability("hd").build()
    session = world.token(room).for_authenticate_only().build()
    for both in (f"{view},{publish}", f"{publish},{view}", f"{session},{view},{publish}"):
        one = await entered(world, room, both)
        assert (one.label, one.rights, bool(one.publish)) == ("Participant", EVERY_RIGHT, True)
    one = await entered(world, room, f"{session},{publish}")
    assert Right.SUBSCRIBE not in one.rights
    assert (await entered(world, room, f"{session},{view}")).label == "Audience"
    elsewhere = world.token(other).build()
    second = await world.house.accounts.create_key(world.house.mine.id, Dialect.PHENIX)
    for wrong in (
        f"{view},",
        f",{view}",
        f"{view}, {publish}",
        f"{view},{publish[:-1]}",
        f"{view},x",
        f"{publish},{elsewhere}",
        f"{publish},{world.token(room, second).build()}",
        f"{session},{session}",
        ",".join([view] * 4),
    ):
        await refuses(world, room, wrong)


async def test_tokens_shown_together_end_with_the_first_of_them(world: World) -> None:
    room = await world.room()
    view, publish = world.token(room), world.token(room).for_publishing_only()
    ended = world.token(room).for_publishing_only().expires_in_seconds(-1).build()
    with pytest.raises(AdmissionExpired):
        await world.enter(room, f"{view.build()},{ended}")
    both = Credential(token=f"{view.expires_in_seconds(60).build()},{publish.expires_in_seconds(30).build()}")
    ticketed = await world.house.entrance.ticket(room["roomId"], both, None, "Ada", "a")
    assert ticketed.ticket.grant.expires_at is not None
    assert ticketed.ticket.grant.expires_at.timestamp() * 1000 == publish.token["expires"]


async def test_a_type_nobody_knows_opens_nothing(world: World) -> None:
    room = await world.room()
    token = world.token(room)
    token.token["type"] = "Stream"
    await refuses(world, room, token)


@pytest.mark.parametrize("by", ["for_room", "for_channel"])
async def test_a_token_names_its_room_by_id(world: World, by: str) -> None:
    room, other = await world.room(), await world.room(name="Other")
    token = getattr(world.token(), by)(room["roomId"])
    await entered(world, room, token)
    await refuses(world, other, token)


@pytest.mark.parametrize("by", ["for_room_alias", "for_channel_alias"])
async def test_a_token_names_its_room_by_alias(world: World, by: str) -> None:  # (20)
    room, generated = await world.room(alias="morningNews"), await world.room(name="Other")
    for one, other in ((room, generated), (generated, room)):
        token = getattr(world.token(), by)(one["alias"])
        await entered(world, one, token)
        await refuses(world, other, token)


async def test_the_alias_of_a_room_made_elsewhere_is_the_one_it_shows(world: World) -> None:
    room_id = await world.other_room()
    room = (await world.api.get(f"/room/{in_path(room_id)}")).json()["room"]
    await entered(world, room, world.token().for_room_alias(room["alias"]))


@pytest.mark.parametrize(
    "tag",
    [
        None,
        "",
        "roomId:",
        "roomId",
        "roomAlias:",
        "roomAlias:other",
        "roomId:morningNews",
        "roomAlias:{roomId}",
        "roomid:{roomId}",
        "ROOMID:{roomId}",
        " roomId:{roomId}",
        "roomId:{roomId} ",
        "roomId: {roomId}",
        "{roomId}",
        "morningNews",
        "roomAlias:MORNINGNEWS",
        "streamId:x",
        "my-tag",
        ":",
    ],
)
async def test_a_token_that_names_no_room_or_another_opens_none(world: World, tag: str | None) -> None:  # (20)
    room = await world.room(alias="morningNews")
    token = world.token()
    await refuses(world, room, token.for_tag(tag.format(**room)) if tag is not None else token)


async def test_a_free_alias_names_the_room_that_has_it_now(world: World) -> None:
    first = await world.room(alias="morningNews")
    token = world.token().for_room_alias("morningNews").build()
    await entered(world, first, token)
    await world.api.delete(f"/room/{in_path(first)}")
    with pytest.raises(NotFound):
        await world.enter(first, token)
    await entered(world, await world.room(alias="morningNews"), token)


async def test_another_application_opens_nothing_here(world: World) -> None:  # (20)
    room = await world.room(alias="morningNews")
    theirs = await world.house.key(Dialect.PHENIX, world.house.theirs)
    for by in (world.token(room, theirs), world.token(key=theirs).for_room_alias("morningNews")):
        await refuses(world, room, by)
    forged = [
        replace(world.key, secret=theirs.secret),
        replace(world.key, secret=world.key.secret[:-1]),
        replace(world.key, public_id=theirs.public_id),
        replace(world.key, public_id="nobody"),
        # the same bytes in the key, cut elsewhere
        replace(world.key, public_id=world.key.public_id + world.key.secret[0], secret=world.key.secret[1:]),
    ]
    for key in forged:
        await refuses(world, room, world.token(room, key))
    streamwise = await world.house.key(Dialect.STREAMWISE)
    await refuses(world, room, world.token(room, streamwise))


async def test_an_expired_token_is_refused_although_its_digest_is_right(world: World) -> None:  # (20)
    room = await world.room()
    for expires in (1000, 0, -5, 1.5, world.house.clock.now().timestamp() * 1000 - 1):
        token = world.token(room)
        token.token["expires"] = expires
        with pytest.raises(AdmissionExpired):
            await world.enter(room, token)


@pytest.mark.parametrize("expires", [4e12, 4_000_000_000_000, 10**15, 10**300, 1e300])
async def test_expiry_is_in_milliseconds_and_may_be_far_away(world: World, expires: float) -> None:
    room = await world.room()
    token = world.token(room)
    token.token["expires"] = expires
    await entered(world, room, token)


async def test_every_form_of_the_builder_is_read(world: World) -> None:
    room = await world.room(alias="news")
    forms: list[Change] = [
        lambda made: made.with_uri("https://pcast.example.com"),
        lambda made: made.with_capability("hd").with_capability("multi-bitrate").with_capability("hd"),
        lambda made: made.apply_tag("a").apply_tag("customer: é💥"),
        lambda made: made.expires_in_seconds(1),
        lambda made: made.expires_at(world.house.clock.now() + timedelta(days=365)),
        lambda made: made.for_streaming_only(),
        lambda made: made.for_publishing_only(),
        lambda made: made.for_remote_address("127.0.0.1").for_room_alias("news"),
        lambda made: made.for_channel(room["roomId"]).with_uri("https://x.example").apply_tag("b"),
    ]
    for form in forms:
        text = form(world.token(room)).build()
        ticket = await world.house.entrance.ticket(room["roomId"], Credential(token=text), None, "Ada", "127.0.0.1")
        await world.house.people.join(ticket.ticket)
    assert len(await world.members(room)) == len(forms)


@pytest.mark.parametrize(
    ("bound", "address", "opens"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("2001:DB8::0:1", "2001:db8::1", True),
        ("2001:db8::1", "2001:db8::2", False),
        ("", "", False),
        ("anywhere", "anywhere", False),
        ("192.0.2.0/24", "192.0.2.1", False),
        ("192.0.2.1", "", False),
    ],
)
async def test_a_token_for_an_address_opens_from_that_address_only(
    world: World, bound: str, address: str, opens: bool
) -> None:
    room = await world.room()
    credential = Credential(token=world.token(room).for_remote_address(bound).build())
    knock = world.house.entrance.lobby(room["roomId"], credential, address)
    if opens:
        assert (await knock).grant.label == "Audience"
    else:
        with pytest.raises(AdmissionRefused):
            await knock


async def test_what_cannot_be_told_at_the_door_is_not_assumed(world: World) -> None:
    room = await world.room()
    await refuses(world, room, world.token(room).for_session("eu#x"))
    await refuses(world, room, world.token(room).for_origin_stream("eu#x"))


async def test_a_revoked_key_lets_nobody_in_any_more(world: World) -> None:
    room = await world.room()
    text = world.token(room).build()
    ticket = await world.house.entrance.ticket(room["roomId"], Credential(token=text), None, "Ada", "a")
    await world.house.accounts.revoke_key(Dialect.PHENIX, world.key.public_id)
    await refuses(world, room, text)
    with pytest.raises(AdmissionRefused):
        await world.house.people.join(ticket.ticket)


async def test_a_ticket_ends_with_its_token(world: World) -> None:
    room = await world.room()
    text = world.token(room).build()
    ticketed = await world.house.entrance.ticket(room["roomId"], Credential(token=text), None, "Ada", "a")
    claims = json.loads(json.loads(b64decode(text.removeprefix("DIGEST:")))["token"])
    assert ticketed.ticket.grant.expires_at is not None
    assert ticketed.ticket.grant.expires_at.timestamp() * 1000 == claims["expires"]
    assert ticketed.ticket.grant.key == world.key.public_id


async def test_an_edge_token_opens_a_room_of_any_door(world: World) -> None:
    made = await world.house.rooms.create(world.house.mine.id, NewRoom(title="StreamWise"))
    token = world.token().for_room(made.room.phenix_id)
    joined = await world.enter(made.room.streamwise_id, token)
    assert joined.participant.label == "Audience"


async def test_a_second_key_of_the_account_signs_too(world: World) -> None:
    room = await world.room()
    key = await world.house.accounts.create_key(world.house.mine.id, Dialect.PHENIX)
    await entered(world, room, world.token(room, key))
