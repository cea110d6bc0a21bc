"""100ms' tokens: what is written can be read, also by the vendor's web client."""

import json
from base64 import b64decode
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyroom.wire.hms_tokens import AppToken, access_key_of, read_app, read_management, write_app
from polyroom.wire.jwts import BadToken

SECRET = "s" * 43
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)


@given(TEXT, TEXT, st.integers(0, 2**33))
def test_what_is_written_is_read_and_needs_no_url_safe_letters(role: str, user_id: str, at: int) -> None:
    token = AppToken("key", "room", role, user_id, at, at + 60, "id", not_before=at, code="code")
    text = write_app(token, SECRET)
    assert read_app(text, SECRET) == token
    body = text.split(".")[1]
    assert not set(body) & {"-", "_"}
    assert json.loads(b64decode(body + "=" * (-len(body) % 4)))["role"] == role
    assert access_key_of(text) == "key"


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text() | st.integers(), st.lists, max_leaves=4))
def test_a_claim_of_any_kind_is_read_or_refused(value: Any) -> None:
    good = {"access_key": "k", "type": "app", "version": 2, "exp": 1}
    for name in ("access_key", "type", "version", "exp", "nbf", "iat", "jti", "room_id", "role", "user_id"):
        try:
            token = jwt.encode({**good, name: value}, SECRET, "HS256")
        except (TypeError, ValueError, UnicodeEncodeError):
            continue
        access_key_of(token)
        for read in (read_app, read_management):
            try:
                read(token, SECRET)
            except BadToken as error:
                assert str(error)


@pytest.mark.parametrize("text", ["", ".", "..", "a.b", "a.b.c.d", "e30.W10.x", "e30.e30.", "\udfff.\udfff.x", "é.é.é"])
def test_what_is_no_token_names_no_key(text: str) -> None:
    assert access_key_of(text) is None
    with pytest.raises(BadToken):
        read_app(text, SECRET)


def test_a_token_too_long_to_be_one_is_not_read() -> None:
    token = jwt.encode({"access_key": "k", "x": "y" * 5000}, SECRET, "HS256")
    assert access_key_of(token) is None
    with pytest.raises(BadToken, match="too long"):
        read_app(token, SECRET)
