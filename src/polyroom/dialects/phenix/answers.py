"""Answers: every JSON object has a `status`. Source: Room API document."""

from collections.abc import AsyncIterator, Sequence

from starlette.responses import Response, StreamingResponse

from polyroom.dialects.common.json_text import list_in_parts, to_bytes
from polyroom.dialects.phenix.errors import JSON
from polyroom.dialects.phenix.views import Fields

_JSON = {"Content-Type": JSON}


def ok(**parts: object) -> Response:
    """Success, with what was asked for behind the status."""
    return Response(to_bytes({"status": "ok", **parts}), headers=_JSON)


def ok_in_parts(name: str, parts: AsyncIterator[Sequence[Fields]]) -> Response:
    """Success with a list that is written as it is read."""
    head = b'{"status":"ok",' + to_bytes(name) + b":"
    return StreamingResponse(list_in_parts(head, parts, b"}"), headers=_JSON)


def number(value: int) -> Response:
    """A bare number."""
    return Response(str(value), headers=_JSON)


def too_few() -> Response:
    """412, which alone has no status and no body."""
    return Response(status_code=412)
