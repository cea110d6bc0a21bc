"""JSON as bytes: of values, and of lists that are written as they are read."""

import json
from collections.abc import AsyncIterator, Sequence
from typing import Any


def to_bytes(value: Any) -> bytes:
    """Compact JSON in UTF-8; half of a surrogate pair becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


async def list_in_parts(head: bytes, parts: AsyncIterator[Sequence[Any]], tail: bytes) -> AsyncIterator[bytes]:
    """The pieces of one body: a JSON array of all items of all parts between `head` and `tail`."""
    before = head + b"["
    async for part in parts:
        if part:
            yield before + to_bytes(part)[1:-1]
            before = b","
    yield (b"" if before == b"," else before) + b"]" + tail
