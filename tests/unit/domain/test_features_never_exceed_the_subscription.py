"""StreamWise's example table and its edges."""

from typing import Any

import pytest

from polyroom.domain.features import effective_features, seats

GRANTED: dict[str, Any] = {"max_participants": 100, "max_duration": 60, "recording": True, "layout": "grid"}


@pytest.mark.parametrize(
    ("overrides", "feature", "used"),
    [
        ({"max_duration": 30}, "max_duration", 30),
        ({"max_duration": 60}, "max_duration", 60),
        ({"max_duration": 61}, "max_duration", 60),
        ({"max_duration": "30"}, "max_duration", 60),
        ({"max_duration": True}, "max_duration", 60),
        ({}, "recording", True),
        ({"recording": False}, "recording", True),
        ({"recording": 1}, "recording", True),
        ({"layout": "speaker"}, "layout", "grid"),
    ],
)
def test_only_equal_or_lower_values_count(overrides: dict[str, Any], feature: str, used: Any) -> None:
    found = effective_features(GRANTED, overrides, None)[feature]
    assert found == used
    assert type(found) is type(used)


def test_features_the_subscription_does_not_know_are_dropped() -> None:
    assert "foo" not in effective_features(GRANTED, {"foo": 1}, None)


@pytest.mark.parametrize(
    ("granted", "capacity", "expected"),
    [(100, 50, 50), (100, 500, 100), (100, None, 100), (None, 10, 10), (None, None, None), (True, None, None)],
)
def test_seats_are_the_lower_of_both(granted: Any, capacity: int | None, expected: int | None) -> None:
    assert seats({"max_participants": granted}, capacity) == expected
