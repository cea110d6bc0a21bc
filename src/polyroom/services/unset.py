"""Tells an absent field of an update from one set to null."""

from enum import Enum
from typing import Final, TypeVar

T = TypeVar("T")


class Unset(Enum):
    """The type of `UNSET`."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


def given(value: T | Unset, otherwise: T) -> T:
    """`value` when the caller gave one, else the old value."""
    return otherwise if isinstance(value, Unset) else value
