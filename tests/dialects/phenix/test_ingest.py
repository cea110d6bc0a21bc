"""What a room's stream key is worth to an encoder. Source: research/phenix.md §3, "RTMP"."""

import pytest
from tests.dialects.house import STREAM_SECRET, encoders_door
from tests.dialects.phenix.world import World, in_path

from polyroom.dialects.phenix import PhenixStreamKeys
from polyroom.domain.errors import AdmissionRefused, RoomDisabled
from polyroom.domain.session import ParticipantKind
from polyroom.services.publishing import Publishing
from polyroom.services.room_changes import RoomChange


def door(world: World) -> Publishing:
    return encoders_door(world.house, PhenixStreamKeys(STREAM_SECRET))


async def test_the_key_lets_a_presenter_in(world: World) -> None:
    room = await world.room()
    found = await door(world).open(room["streamKey"], "192.0.2.1")
    assert (found.room.phenix_id, found.key) == (room["roomId"], None)
    assert (found.grant.label, found.grant.kind, found.name) == ("Presenter", ParticipantKind.INGRESS, "RTMP")
    assert found.grant.attributes == {"phenix.capabilities": "hd,multi-bitrate"}


@pytest.mark.parametrize(
    ("behind", "capabilities", "tags"),
    [
        (";capabilities=fhd,prefer-h264;tags=a,b", "fhd,prefer-h264", "a,b"),
        ("|capabilities=fhd|tags=a,b", "fhd", "a,b"),
        (";tags=a,,a, b", "hd,multi-bitrate", "a,b"),
        (";capabilities=;tags=", "hd,multi-bitrate", None),
        (";other=1;capabilities", "hd,multi-bitrate", None),
        (";tags=ü;tags=z?x=;y", "hd,multi-bitrate", "z"),
    ],
)
async def test_capabilities_and_tags_stand_behind_the_key(
    world: World, behind: str, capabilities: str, tags: str | None
) -> None:
    room = await world.room()
    found = await door(world).open(room["streamKey"] + behind, "192.0.2.1")
    attributes = dict(found.grant.attributes)
    assert attributes.pop("phenix.capabilities") == capabilities
    assert attributes == ({"phenix.tags": tags} if tags else {})


async def test_the_rooms_ingest_options_hold_where_the_address_says_nothing(world: World) -> None:
    options = {"capabilities": ["uhd"], "tags": ["studio"], "screenName": "Studio 1"}
    room = await world.room(ingestOptions=options)
    found = await door(world).open(room["streamKey"], "192.0.2.1")
    assert (found.grant.attributes, found.name) == (
        {"phenix.capabilities": "uhd", "phenix.tags": "studio"},
        "Studio 1",
    )
    found = await door(world).open(room["streamKey"] + ";tags=x", "192.0.2.1")
    assert found.grant.attributes == {"phenix.capabilities": "uhd", "phenix.tags": "x"}


async def test_too_many_words_are_cut_and_harm_nobody(world: World) -> None:
    room = await world.room()
    words = ",".join(f"tag{number}" for number in range(110))
    found = await door(world).open(f"{room['streamKey']};tags={words}", "192.0.2.1")
    assert len(found.grant.attributes["phenix.tags"]) <= 512
    with pytest.raises(AdmissionRefused):
        await door(world).open(f"{room['streamKey']};tags={words * 3}", "192.0.2.1")


async def test_other_separators_and_mixed_ones_open_nothing(world: World) -> None:
    room = await world.room()
    for behind in (",tags=a", "&tags=a", "|tags=a;capabilities=hd", " ", "\n"):
        with pytest.raises(AdmissionRefused):
            await door(world).open(room["streamKey"] + behind, "192.0.2.1")


async def test_a_room_that_is_gone_or_off_takes_no_encoder(world: World) -> None:
    room, gone = await world.room(), await world.room(name="Gone")
    assert (await world.api.delete(f"/room/{in_path(gone)}")).status_code == 200
    with pytest.raises(AdmissionRefused):
        await door(world).open(gone["streamKey"], "192.0.2.1")
    await world.house.rooms.update(world.house.mine.id, room["roomId"], RoomChange(enabled=False))
    with pytest.raises(RoomDisabled):
        await door(world).open(room["streamKey"], "192.0.2.1")
