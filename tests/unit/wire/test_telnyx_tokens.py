"""Telnyx' client tokens: what is signed is read back, and nothing else is."""

import json
from base64 import b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from polyroom.wire.keypairs import make_keypair
from polyroom.wire.telnyx_tokens import LONGEST, ClientToken, Use, key_of, read, sign

PUBLIC, PRIVATE = make_keypair()
NOW = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN = ClientToken(Use.ACCESS, UUID(int=1), "me", "key", UUID(int=2), NOW, NOW + timedelta(seconds=600))
PARTY = "telnyx_access_token"


def claims_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = jwt.decode(text, options={"verify_signature": False})
    return found


def signed(claims: Any, **header: Any) -> str:
    key = Ed25519PrivateKey.from_private_bytes(b64decode(PRIVATE))
    return jwt.encode(claims, key, "EdDSA", {"kid": "key", **header})


@pytest.mark.parametrize("use", Use)
def test_what_is_signed_is_read_back(use: Use) -> None:
    token = replace(TOKEN, use=use)
    text = sign(token, PRIVATE)
    assert key_of(text) == "key"
    assert read(text, PUBLIC) == token
    assert read(signed(claims_of(text)), PUBLIC) == token


def test_claims_are_the_vendors() -> None:
    claims = claims_of(sign(TOKEN, PRIVATE))
    assert claims == {
        "aud": PARTY,
        "iss": PARTY,
        "exp": 1767226200,
        "iat": 1767225600,
        "nbf": 1767225599,
        "jti": str(UUID(int=2)),
        "sub": "me",
        "typ": "access",
        "grants": [
            {
                "actions": ["join"],
                "resources": [f"telnyx:video:rooms:{UUID(int=1)}"],
                "subjects": ["telnyx:users:me"],
            }
        ],
        "grants_version": "1.0.0",
    }


def test_a_token_whose_time_is_over_is_still_read() -> None:
    old = replace(TOKEN, issued_at=NOW - timedelta(days=999), expires_at=NOW - timedelta(days=998))
    assert read(sign(old, PRIVATE), PUBLIC) == old


def test_another_keys_signature_is_none() -> None:
    assert read(sign(TOKEN, make_keypair()[1]), PUBLIC) is None
    assert read(sign(TOKEN, PRIVATE), "") is None


def test_every_changed_byte_spoils_it() -> None:
    head, body, signature = sign(TOKEN, PRIVATE).split(".")
    for number in range(0, len(body), 7):
        other = "A" if body[number] != "A" else "B"
        assert read(f"{head}.{body[:number]}{other}{body[number + 1 :]}.{signature}", PUBLIC) is None


GRANT = claims_of(sign(TOKEN, PRIVATE))["grants"][0]


@pytest.mark.parametrize(
    "change",
    [
        *({name: None} for name in ("aud", "iss", "exp", "iat", "jti", "sub", "typ", "grants")),
        *({"typ": value} for value in ("", "ACCESS", 1, ["access"])),
        *({"grants": value} for value in ([], {}, 1, [1], [GRANT, GRANT], [{}])),
        {"grants": [{**GRANT, "actions": []}]},
        {"grants": [{**GRANT, "resources": ["telnyx:video:rooms:x"]}]},
        {"grants": [{**GRANT, "resources": [str(UUID(int=1))]}]},
        {"grants": [{**GRANT, "resources": GRANT["resources"] * 2}]},
        {"grants": [{**GRANT, "resources": [7]}]},
        {"exp": 10**30},
        {"iat": -(10**30)},
        {"jti": "x"},
        {"aud": "another"},
        {"iss": "another"},
    ],
    ids=str,
)
def test_well_signed_claims_of_another_form_are_none(change: dict[str, Any]) -> None:
    claims = {**claims_of(sign(TOKEN, PRIVATE)), **change}
    assert read(signed({name: value for name, value in claims.items() if value is not None}), PUBLIC) is None


def test_only_this_algorithm_with_a_named_key_is_looked_at() -> None:
    claims = claims_of(sign(TOKEN, PRIVATE))
    for text in (
        jwt.encode(claims, "x" * 64, "HS256", {"kid": "key"}),
        jwt.encode(claims, None, "none", {"kid": "key"}),
        jwt.encode(claims, Ed25519PrivateKey.from_private_bytes(b64decode(PRIVATE)), "EdDSA"),
        f"{part({'alg': 'EdDSA', 'kid': 5})}.{part(claims)}.x",
        f"{part({'alg': 'EdDSA', 'kid': 'key'})}.{part(claims)}.{'x' * LONGEST}",
    ):
        assert key_of(text) is None and read(text, PUBLIC) is None


def part(value: Any) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@given(st.text(st.characters(), max_size=60) | st.lists(st.text(max_size=20), min_size=3, max_size=3).map(".".join))
def test_any_other_text_is_none(text: str) -> None:
    assert key_of(text) is None
    assert read(text, PUBLIC) is None


@given(st.binary(max_size=80), st.binary(max_size=80))
def test_any_other_bytes_in_its_parts_are_none(head: bytes, body: bytes) -> None:
    encoded = [urlsafe_b64encode(one).decode().rstrip("=") for one in (head, body, b"x" * 64)]
    assert read(".".join(encoded), PUBLIC) is None
    nested = urlsafe_b64encode(b"[" * 2000).decode()
    assert read(f"{nested}.{encoded[1]}.{encoded[2]}", PUBLIC) is None
