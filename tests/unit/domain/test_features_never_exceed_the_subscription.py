"""StreamWise's example table and its edges."""

from typing import Any

import pytest

from polyroom.domain.features import ChatRules, chat_rules, effective_features, longest_session, seats

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


@pytest.mark.parametrize(
    ("granted", "overrides", "own", "seconds"),
    [
        (60, {}, None, 3600),
        (60, {}, 120, 120),
        (60, {}, 7200, 3600),
        (60, {"max_duration": 30}, None, 1800),
        (60, {"max_duration": 90}, None, 3600),
        (1.5, {}, None, 90),
        (None, {}, 5, 5),
        (None, {}, None, None),
        (True, {}, None, None),
        (0, {}, None, None),
        (10**30, {}, 2**31, None),
    ],
)
def test_a_session_may_last_as_long_as_the_lower_limit_says(
    granted: Any, overrides: dict[str, Any], own: int | None, seconds: float | None
) -> None:
    assert longest_session({"max_duration": granted}, overrides, own) == seconds


@pytest.mark.parametrize(
    ("granted", "overrides", "rules"),
    [
        ({}, {}, ChatRules()),
        ({}, {"public_chat": False}, ChatRules()),
        ({"public_chat": True}, {"public_chat": False}, ChatRules()),
        ({"public_chat": False}, {"public_chat": True}, ChatRules(public=False)),
        ({"private_chat": False}, {}, ChatRules(private=False)),
        ({"public_chat": None, "private_chat": 0}, {}, ChatRules()),
    ],
)
def test_chat_is_forbidden_only_by_the_subscription(
    granted: dict[str, Any], overrides: dict[str, Any], rules: ChatRules
) -> None:
    assert chat_rules(granted, overrides) == rules
