"""Edge tokens no library makes: other spellings, wrong types, changed bits. Numbers are the conformance cases."""

import json
from base64 import b64decode, b64encode
from typing import Any

import pytest
from tests.dialects.phenix.test_edge_tokens import entered, refuses
from tests.dialects.phenix.world import World

from polyroom.domain.errors import AdmissionRefused
from polyroom.services.ports.admission import Credential
from polyroom.wire.edge_tokens import digest_of


def tag(room: dict[str, Any]) -> dict[str, str]:
    return {"requiredTag": f"roomId:{room['roomId']}"}


def signed(world: World, claims: Any, **spacing: Any) -> str:
    text = claims if isinstance(claims, str) else json.dumps(claims, **spacing)
    digest = digest_of(world.key.public_id, world.key.secret, text)
    return sealed({"applicationId": world.key.public_id, "digest": digest, "token": text}, **spacing)


def sealed(envelope: Any, **spacing: Any) -> str:
    return "DIGEST:" + b64encode(json.dumps(envelope, **spacing).encode()).decode()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("expires", value) for value in (None, "4000000000000", True, [], {})),
        *((name, value) for name in ("type", "requiredTag", "uri") for value in (1, [], {}, True, "x" * 1025)),
        *((name, value) for name in ("sessionId", "remoteAddress", "originStreamId") for value in (1, [], {})),
        *((name, value) for name in ("capabilities", "applyTags") for value in ("x", {}, [1], [None], ["x"] * 65)),
    ],
)
async def test_claims_of_a_wrong_type_open_nothing(world: World, name: str, value: Any) -> None:
    room = await world.room()
    await refuses(world, room, signed(world, {"expires": 4 * 10**12, **tag(room), name: value}))


async def test_claims_may_be_null_and_unknown_ones_are_ignored(world: World) -> None:
    room = await world.room()
    nothing = dict.fromkeys(("type", "uri", "sessionId", "remoteAddress", "originStreamId", "capabilities"))
    await entered(world, room, signed(world, {"expires": 4 * 10**12, **tag(room), **nothing, "other": {"a": [1]}}))


async def test_spaces_orders_and_escapes_are_the_signers_choice(world: World) -> None:  # (20)
    room = await world.room()
    claims = {"type": "stream", **tag(room), "applyTags": ["é💥"], "expires": 4 * 10**12}
    for spacing in ({}, {"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"sort_keys": True}):
        await entered(world, room, signed(world, claims, **spacing))


async def test_one_changed_bit_anywhere_opens_nothing(world: World) -> None:  # (20)
    room = await world.room()
    text = world.token(room).build()
    envelope = json.loads(b64decode(text.removeprefix("DIGEST:")))
    await entered(world, room, text)
    changed = []
    for part in ("digest", "token", "applicationId"):
        value = envelope[part].encode()
        for place in range(len(value)):
            other = value[:place] + bytes([value[place] ^ 1 << place % 7]) + value[place + 1 :]
            changed.append(sealed({**envelope, part: other.decode()}, separators=(",", ":")))
    raw = text.encode()
    for place in range(len(raw)):
        changed.append((raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]).decode("latin-1"))
    for number, one in enumerate(changed):
        with pytest.raises(AdmissionRefused):
            await world.house.entrance.lobby(room["roomId"], Credential(token=one), f"address {number}")


async def test_claims_cannot_be_changed_under_a_digest(world: World) -> None:
    room, other = await world.room(), await world.room(name="Other")
    envelope = json.loads(b64decode(world.token(room).build().removeprefix("DIGEST:")))
    stolen = envelope["token"].replace(room["roomId"], other["roomId"])
    await refuses(world, other, sealed({**envelope, "token": stolen}))
