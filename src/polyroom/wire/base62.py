"""Whole numbers as letters and digits; texts of one length sort as their numbers do."""

import string

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_VALUES = {char: value for value, char in enumerate(ALPHABET)}


def encode(number: int, length: int) -> str:
    """The number in exactly `length` characters; raises OverflowError for one that needs more."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    if number:
        raise OverflowError
    return "".join(reversed(digits))


def decode(text: str) -> int | None:
    """The number behind a text, or None; give it a text of a known length, for it reads all of it."""
    number = 0
    for char in text:
        value = _VALUES.get(char)
        if value is None:
            return None
        number = number * 62 + value
    return number
