"""UUIDv7, ULID and the short ids."""

import secrets
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from polyroom.domain.ids import Uuid7Factory, base62, hex24, ulid_of, uuid_of_text, uuid_of_ulid


def test_ids_of_one_millisecond_grow() -> None:
    make = Uuid7Factory(lambda: 1_764_000_000_000, secrets.randbits)
    ids = [make() for _ in range(10_000)]
    assert ids == sorted(set(ids))
    assert {one.version for one in ids} == {7}
    assert {one.variant for one in ids} == {"specified in RFC 4122"}


def test_a_clock_that_steps_back_does_not_unsort() -> None:
    times = iter([2000, 1000, 1000, 3000])
    make = Uuid7Factory(lambda: next(times), secrets.randbits)
    ids = [make() for _ in range(4)]
    assert ids == sorted(ids)
    assert ids[3].int >> 80 == 3000


def test_a_full_counter_borrows_the_next_millisecond() -> None:
    make = Uuid7Factory(lambda: 1000, lambda bits: (1 << bits) - 1)
    ids = [make()]
    make._counter = (1 << 42) - 1
    ids.append(make())
    assert ids[1] > ids[0]
    assert ids[1].int >> 80 == 1001


@given(st.uuids())
def test_ulid_is_the_same_number_and_sorts_alike(value: UUID) -> None:
    text = ulid_of(value)
    assert len(text) == 26
    assert uuid_of_ulid(text) == uuid_of_ulid(text.upper()) == value


@given(st.text(max_size=40))
def test_any_text_is_an_id_or_none(text: str) -> None:
    for read in (uuid_of_ulid, uuid_of_text):
        found = read(text)
        assert found is None or isinstance(found, UUID)


def test_a_ulid_beyond_128_bits_is_none() -> None:
    assert uuid_of_ulid("z" * 26) is None


def test_only_the_canonical_text_is_a_uuid() -> None:
    value = UUID(int=5)
    assert uuid_of_text(str(value)) == value
    assert uuid_of_text(value.hex) is None
    assert uuid_of_text("{" + str(value)[1:-1] + "}") is None


def test_short_ids() -> None:
    assert len(base62(16, secrets.randbelow)) == 16
    assert hex24(1, lambda bits: 2) == "00000001" + "0000000000000002"
