"""The envelope. Single objects carry their fields and the same under `data`; lists are `{"data": […], "meta": {…}}`."""

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

from starlette.responses import Response, StreamingResponse

from polyroom.dialects.streamwise.views import Fields

JSON = "application/json"
ROOM_INCLUDES = ("tokens", "access_codes")
_SOME = 100


def one(fields: Fields, status: int = 200, includes: Iterable[str] = ()) -> Response:
    """One object."""
    inner, meta = _text(fields), _text({"include": list(includes), "custom": []})
    head = f"{inner[:-1]}," if fields else "{"
    body = f'{head}"data":{inner},"meta":{meta}}}'
    return Response(body.encode("utf-8", "replace"), status, media_type=JSON)


def many(items: list[Fields], includes: Iterable[str] = (), pagination: Fields | None = None) -> Response:
    """A list; a long one is streamed."""
    meta: Fields = {"include": list(includes), "custom": []}
    if pagination is not None:
        meta["pagination"] = pagination
    if len(items) > _SOME:
        return streamed(_in_parts(items), meta)
    return Response(_text({"data": items, "meta": meta}).encode("utf-8", "replace"), media_type=JSON)


def streamed(parts: AsyncIterator[list[Fields]], meta: Fields) -> Response:
    """A list that is written as it is read."""

    async def body() -> AsyncIterator[bytes]:
        comma = b'{"data":['
        async for part in parts:
            if part:
                yield comma + _text(part)[1:-1].encode("utf-8", "replace")
                comma = b","
        end = b'{"data":[' if comma != b"," else b""
        yield end + b'],"meta":' + _text(meta).encode() + b"}"

    return StreamingResponse(body(), media_type=JSON)


def nothing() -> Response:
    """Deleted."""
    return Response(status_code=204)


async def _in_parts(items: list[Fields]) -> AsyncIterator[list[Fields]]:
    for start in range(0, len(items), _SOME):
        yield items[start : start + _SOME]


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
