"""Reads single configuration values: from a TOML document, an environment variable or the command line.

Each function takes what was written and returns the value, or raises ValueError with the rest of a sentence that
starts with the value's place. A leaf: it imports nothing of ours.
"""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

DIALECTS = ("100ms", "telnyx", "phenix", "streamwise", "livekit")
"""The doors by the names their vendors have."""

Parser = Callable[[Any], Any]

_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def a_text(raw: Any) -> str:
    """A text that is not empty."""
    if not isinstance(raw, str) or not raw.strip():
        raise ValueError("must be a text that is not empty")
    return raw.strip()


def a_word(raw: Any) -> str:
    """A name that can stand inside ids."""
    text = a_text(raw)
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", text):
        raise ValueError("must be 1 to 32 lower-case letters, digits and hyphens")
    return text


def a_port(raw: Any) -> int:
    """A port number; 0 means any free one."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,5}", raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= 65535:
        raise ValueError("must be a port number from 0 to 65535")
    return raw


def a_number_of_days(raw: Any) -> int:
    """Whole days; 0 means no end."""
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,5}", raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool) or not 0 <= raw <= 36_500:
        raise ValueError("must be a whole number of days from 0 to 36500")
    return raw


_SIZES = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}


def a_size(raw: Any) -> int:
    """Bytes; K, M, G and T stand for powers of 1024."""
    text = str(raw).strip().lower() if isinstance(raw, str | int) and not isinstance(raw, bool) else ""
    match = re.fullmatch(r"([0-9]{1,15}) ?([kmgt]?)(?:i?b)?", text)
    size = int(match[1]) * _SIZES[match[2]] if match else 0
    if not 0 < size < 2**50:
        raise ValueError("must be a size such as 500M or 10G")
    return size


def a_switch(raw: Any) -> bool:
    """True or false."""
    if isinstance(raw, str) and raw.strip().lower() in _SWITCHES:
        return _SWITCHES[raw.strip().lower()]
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw


def a_path(raw: Any) -> Path:
    """A file or folder; ~ is the home folder."""
    return Path(a_text(str(raw) if isinstance(raw, Path) else raw)).expanduser()


def list_of(raw: Any) -> tuple[str, ...]:
    """A list; in a text, commas separate."""
    if isinstance(raw, str):
        raw = raw.split(",")
    if not isinstance(raw, list | tuple) or not all(isinstance(one, str) for one in raw):
        raise ValueError("must be a list of texts")
    return tuple(part.strip() for one in raw for part in one.split(",") if part.strip())


def addresses_of(raw: Any) -> tuple[str, ...]:
    """IP addresses others can reach."""
    found = list_of(raw)
    for one in found:
        try:
            unusable = ip_address(one).is_unspecified
        except ValueError:
            unusable = True
        if unusable:
            raise ValueError(f"{one!r} is not an IP address that others can reach")
    return found


def networks_of(raw: Any) -> tuple[str, ...]:
    """IP addresses and networks."""
    found = list_of(raw)
    for one in found:
        try:
            ip_network(one, strict=False)
        except ValueError:
            raise ValueError(f"{one!r} is neither an IP address nor a network such as 10.0.0.0/8") from None
    return found


def a_url(raw: Any) -> str:
    """An http or https address that paths can be put behind."""
    text = a_text(raw).rstrip("/")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        raise ValueError("must be an http:// or https:// address without user, query and fragment")
    return text


class DatabaseUrl(str):
    """Where a database is and how to get in. Its repr, which may end in a log, leaves the password out."""

    __slots__ = ()

    @property
    def shown(self) -> str:
        """The address without password and options, for people."""
        parts = urlsplit(self)
        user, at, host = parts.netloc.rpartition("@")
        return f"{parts.scheme}://{user.partition(':')[0]}{at}{host}{parts.path}"

    def __repr__(self) -> str:
        return repr(self.shown)


def a_database(raw: Any) -> DatabaseUrl:
    """A PostgreSQL address with a database's name. No refusal repeats what was written: there is a password in it."""
    text = a_text(raw)
    try:
        parts = urlsplit(text)
        name = parts.path.removeprefix("/")
        usable = bool(name) and "/" not in name and parts.port != 0 and not parts.fragment
    except ValueError:
        usable = False
    if not usable or parts.scheme != "postgresql" or not text.startswith("postgresql://"):
        raise ValueError("must be written postgresql://user:password@host:port/name")
    return DatabaseUrl(text)


class Secret(str):
    """A text that shows itself to nobody."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


def a_secret(raw: Any) -> Secret:
    """A secret."""
    return Secret(a_text(raw))


def a_bucket(raw: Any) -> str:
    """A bucket's address, with where its server is where that is not Amazon."""
    text = a_text(raw)
    parts = urlsplit(text)
    known = parse_qs(parts.query, keep_blank_values=True, max_num_fields=8)
    endpoint = known.pop("endpoint", ["https://a"])[-1]
    known.pop("region", None)
    bucket = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", parts.netloc)
    if parts.scheme != "s3" or not bucket or known or not re.match(r"https?://[^/]", endpoint):
        raise ValueError("must be written s3://bucket/prefix?endpoint=https://…&region=…")
    return text


def a_choice(*allowed: str) -> Parser:
    """One of a few words."""

    def parse(raw: Any) -> str:
        text = a_text(raw).lower()
        if text not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text

    return parse


def hosts_of(raw: Any) -> dict[str, tuple[str, ...]]:
    """Host names by dialect: a table, or texts written DIALECT=NAME."""
    pairs: list[tuple[str, str]] = []
    if isinstance(raw, Mapping):
        pairs = [(dialect, name) for dialect, names in raw.items() for name in list_of(names)]
    else:
        for one in list_of(raw):
            dialect, equals, name = one.partition("=")
            if not equals or not name.strip():
                raise ValueError("must be written DIALECT=NAME")
            pairs.append((dialect.strip(), name.strip()))
    found: dict[str, tuple[str, ...]] = {}
    for dialect, name in pairs:
        if dialect not in DIALECTS:
            raise ValueError(f"{dialect!r} is none of {', '.join(DIALECTS)}")
        found[dialect] = (*found.get(dialect, ()), name.lower())
    names = [name for of_one in found.values() for name in of_one]
    if len(set(names)) < len(names):
        raise ValueError("lists the same name twice")
    return found
