"""Moments as the vendor reads and writes them (RFC 3339)."""

import re
from datetime import UTC, datetime, timedelta

SKEW = timedelta(seconds=60)
"""How far the clocks of an application and of this server may be apart."""

MILLISECOND = timedelta(milliseconds=1)

_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt ](\d\d:\d\d(?::\d\d)?)(\.\d{1,9})?(?:[Zz]|([+-]\d\d):?(\d\d))?)?", re.ASCII
)


def in_milliseconds(at: datetime) -> str:
    """With three digits behind the second: rooms, templates, room codes."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def parse_moment(text: str) -> datetime | None:
    """The moment in UTC, to the millisecond; None for what is none. Without an offset it is UTC already."""
    match = _MOMENT.fullmatch(text)
    if match is None:
        return None
    day, time, fraction, hours, minutes = match.groups()
    offset = f"{hours}:{minutes}" if hours else "+00:00"
    try:
        whole = datetime.fromisoformat(f"{day}T{time or '00:00'}{offset}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return whole + MILLISECOND * int((fraction or ".0")[1:4].ljust(3, "0"))
