"""The envelope. Single objects carry their fields and the same under `data`; lists are `{"data": […], "meta": {…}}`."""

from collections.abc import AsyncIterator, Iterable

from starlette.responses import Response, StreamingResponse

from polyroom.dialects.common.json_text import list_in_parts, to_bytes
from polyroom.dialects.streamwise.views import Fields

JSON = "application/json"
ROOM_INCLUDES = ("tokens", "access_codes")
_SOME = 100


def one(fields: Fields, status: int = 200, includes: Iterable[str] = ()) -> Response:
    """One object."""
    inner, meta = to_bytes(fields), to_bytes({"include": list(includes), "custom": []})
    head = inner[:-1] + b"," if fields else b"{"
    return Response(b'%b"data":%b,"meta":%b}' % (head, inner, meta), status, media_type=JSON)


def many(items: list[Fields], includes: Iterable[str] = (), pagination: Fields | None = None) -> Response:
    """A list; a long one is streamed."""
    meta: Fields = {"include": list(includes), "custom": []}
    if pagination is not None:
        meta["pagination"] = pagination
    if len(items) > _SOME:
        return streamed(_in_parts(items), meta)
    return Response(to_bytes({"data": items, "meta": meta}), media_type=JSON)


def streamed(parts: AsyncIterator[list[Fields]], meta: Fields) -> Response:
    """A list that is written as it is read."""
    return StreamingResponse(list_in_parts(b'{"data":', parts, b',"meta":' + to_bytes(meta) + b"}"), media_type=JSON)


def nothing() -> Response:
    """Deleted."""
    return Response(status_code=204)


async def _in_parts(items: list[Fields]) -> AsyncIterator[list[Fields]]:
    for start in range(0, len(items), _SOME):
        yield items[start : start + _SOME]
