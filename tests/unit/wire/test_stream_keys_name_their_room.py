"""Stream keys: which room they are of, and that nobody can make one."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyroom.wire import base62, stream_keys

KEY, OTHER = b"k" * 32, b"o" * 32
ROOM = UUID("018ce0df-5c9f-7000-8d3c-2b4c4f1a9b10")


@given(st.uuids())
def test_a_stream_key_is_104_letters_and_digits_that_lead_to_its_room(room_id: UUID) -> None:
    text = stream_keys.make(KEY, room_id)
    assert re.fullmatch("[0-9A-Za-z]{104}", text)
    assert stream_keys.read(KEY, text) == room_id
    assert stream_keys.read(OTHER, text) is None
    assert stream_keys.make(KEY, room_id) == text


def test_a_changed_character_anywhere_makes_it_none() -> None:
    text = stream_keys.make(KEY, ROOM)
    for place, char in enumerate(text):
        other = "A" if char != "A" else "B"
        assert stream_keys.read(KEY, text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize(
    "text", ["", "x", "z" * 104, "!" * 104, "é" * 104, "\0" * 104, "0" * 103, "0" * 105, "0" * 104, "0" * 100_000]
)
def test_what_is_no_stream_key_names_no_room(text: str) -> None:
    assert stream_keys.read(KEY, text) is None


@given(st.integers(0, 62**8 - 1))
def test_numbers_come_back_from_base_62_and_keep_their_order(number: int) -> None:
    text = base62.encode(number, 8)
    assert base62.decode(text) == number
    if number:
        assert base62.encode(number - 1, 8) < text


def test_a_number_that_does_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError):
        base62.encode(62**3, 3)
    assert base62.decode("a-b") is None
