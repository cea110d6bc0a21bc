"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is, as the mark in front of the line."""

    GOOD = "✓"
    DOUBTFUL = "!"
    BAD = "✗"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at and how it is. `remedy` says what to do where it is not good."""

    level: Level
    text: str
    remedy: str = ""


def good(text: str) -> Finding:
    """All is well."""
    return Finding(Level.GOOD, text)


def doubtful(text: str, remedy: str) -> Finding:
    """It works, though perhaps not as meant."""
    return Finding(Level.DOUBTFUL, text, remedy)


def bad(text: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(Level.BAD, text, remedy)
