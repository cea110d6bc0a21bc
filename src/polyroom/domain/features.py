"""What a StreamWise subscription grants and what of it a room may lower.

Source: StreamWise rooms document, "Room Features": a feature unknown to the subscription, or higher than or different
from its value, is ignored; an unset one is inherited. A boolean cannot be lower, so only an equal one counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

Feature = bool | int | float | str | None
CAPACITY_FEATURE = "max_participants"
PUBLIC_CHAT_FEATURE = "public_chat"
PRIVATE_CHAT_FEATURE = "private_chat"
DURATION_FEATURE = "max_duration"


def effective_features(
    granted: Mapping[str, Feature], overrides: Mapping[str, object], capacity: int | None
) -> dict[str, Feature]:
    """The features a room really has, inherited ones included.

    `capacity` is the room's one limit on people, shown by StreamWise as `max_participants` among the overrides.
    """
    wanted = dict(overrides)
    if capacity is not None:
        wanted[CAPACITY_FEATURE] = capacity
    return {name: _used(value, wanted[name]) if name in wanted else value for name, value in granted.items()}


def _used(granted: Feature, wanted: object) -> Feature:
    if _is_number(granted) and _is_number(wanted):
        return wanted if wanted < granted else granted
    return granted


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def seats(granted: Mapping[str, Feature], capacity: int | None) -> int | None:
    """How many may be in at once: the lower of the subscription's limit and the room's own; None for no limit."""
    limit = granted.get(CAPACITY_FEATURE)
    limits = [capacity] if capacity is not None else []
    if isinstance(limit, int) and not isinstance(limit, bool):
        limits.append(limit)
    return min(limits, default=None)


def longest_session(
    granted: Mapping[str, Feature], overrides: Mapping[str, object], max_duration: int | None
) -> int | float | None:
    """How many seconds a session may last: the lower of the features' limit, in minutes, and the room's own."""
    minutes = effective_features(granted, overrides, None).get(DURATION_FEATURE)
    limits: list[int | float] = [max_duration] if max_duration is not None else []
    if _is_number(minutes) and 0 < minutes < _FOR_EVER:
        limits.append(minutes * 60)
    return min((limit for limit in limits if 0 < limit < _FOR_EVER), default=None)


@dataclass(frozen=True, slots=True)
class ChatRules:
    """Whether people may write to everybody, and whether to some."""

    public: bool = True
    private: bool = True


def chat_rules(granted: Mapping[str, Feature], overrides: Mapping[str, object]) -> ChatRules:
    """What a room's features say of chat; a subscription that does not speak of it forbids none."""
    found = effective_features(granted, overrides, None)
    return ChatRules(found.get(PUBLIC_CHAT_FEATURE) is not False, found.get(PRIVATE_CHAT_FEATURE) is not False)


_FOR_EVER = 2**31
