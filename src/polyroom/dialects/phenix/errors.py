"""Refusals as the vendor writes them: `{"status": …}`. Source: Room API document, the tables of status codes.

Of a bad request the vendor says only that its body varies: here it is `bad-request` and says what is wrong with which
field. Statuses are written with a hyphen.
"""

import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.documents import Handler
from polyroom.dialects.common.json_text import to_bytes
from polyroom.domain.errors import (
    AdmissionRefused,
    DomainError,
    HandleTaken,
    Invalid,
    NotFound,
    Overloaded,
    RoleFull,
    RoomFull,
    TooManyAttempts,
)

log = logging.getLogger(__name__)

JSON = "application/json; charset=utf-8"

_NAMES = {"title": "room.name", "description": "room.description", "phenix": "room"}
_WORDS = {
    "missing": "is required",
    "string_type": "must be a string",
    "list_type": "must be an array",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "string_too_short": "must not be empty",
    "too_long": "has too many items",
}


class ApiError(Exception):
    """A refusal: the HTTP code, its status word, and what is wrong with which field."""

    def __init__(
        self,
        code: int,
        status: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status)
        self.code = code
        self.status = status
        self.fields = fields
        self.headers = headers

    def response(self) -> Response:
        """As the vendor writes it."""
        body: dict[str, Any] = {"status": self.status}
        if self.fields:
            body["fields"] = dict(self.fields)
        return Response(to_bytes(body), self.code, {**(self.headers or {}), "Content-Type": JSON})


def not_found() -> ApiError:
    """What is not there, or another application's."""
    return ApiError(404, "not-found")


def unauthorized() -> ApiError:
    """No credentials, or wrong ones."""
    return ApiError(401, "unauthorized", headers={"WWW-Authenticate": 'Basic realm="pcast", charset="UTF-8"'})


def bad_request(field: str, text: str) -> ApiError:
    """One field is wrong; "" stands for the body as a whole."""
    return ApiError(400, "bad-request", {field or "body": text})


def from_validation(error: ValidationError) -> ApiError:
    """Every field that is wrong."""
    fields: dict[str, str] = {}
    for one in error.errors(include_url=False, include_input=False):
        name = ".".join(map(str, one["loc"])) or "body"
        text = one["msg"] if one["type"] == "phenix" else _WORDS.get(one["type"], "is invalid")
        fields.setdefault(name, text)
    return ApiError(400, "bad-request", fields)


def from_domain(error: DomainError) -> ApiError:
    """A refusal of the services."""
    match error:
        case NotFound():
            refusal = not_found()
        case HandleTaken():
            refusal = ApiError(409, "already-exists")
        case Invalid(field=field):
            refusal = bad_request(_NAMES.get(field, field), "is invalid")
        case Overloaded() | RoomFull() | RoleFull():
            refusal = ApiError(503, "capacity", headers={"Retry-After": "1"})
        case AdmissionRefused():
            refusal = ApiError(403, "forbidden")
        case TooManyAttempts(retry_after=seconds):
            refusal = ApiError(504, "rate-limited", headers={"Retry-After": str(seconds)})
        case _:
            log.error("a refusal without words: %r", error)
            refusal = ApiError(500, "server-error")
    return refusal


async def on_api_error(request: Request, error: Exception) -> Response:
    """Handler of ApiError."""
    assert isinstance(error, ApiError)
    return error.response()


async def on_domain_error(request: Request, error: Exception) -> Response:
    """Handler of DomainError."""
    assert isinstance(error, DomainError)
    return from_domain(error).response()


async def on_failure(request: Request, error: Exception) -> Response:
    """Handler of everything else; the server logs the traceback."""
    return ApiError(500, "server-error").response()


REFUSALS: dict[type[Exception], Handler] = {
    ApiError: on_api_error,
    DomainError: on_domain_error,
    Exception: on_failure,
}
