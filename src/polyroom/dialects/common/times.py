"""Moments as most vendors write them: ISO 8601 in UTC with a Z."""

from datetime import UTC, datetime


def in_microseconds(at: datetime) -> str:
    """With six digits behind the second."""
    return _plain(at).isoformat(timespec="microseconds") + "Z"


def in_seconds(at: datetime) -> str:
    """Without a fraction."""
    return _plain(at).isoformat(timespec="seconds") + "Z"


def _plain(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(tzinfo=None)
