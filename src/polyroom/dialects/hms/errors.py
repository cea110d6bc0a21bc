"""Refusals in the vendor's words. Source: its page "Make API calls", section "Errors"."""

import logging
from collections.abc import Mapping, Sequence
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Handler
from polyroom.domain.errors import (
    DomainError,
    HandleTaken,
    Invalid,
    JoinRefused,
    NotFound,
    Overloaded,
    RoleFull,
    RoomDisabled,
    TooManyAttempts,
    WrongState,
)
from polyroom.services.ports.recordings import NoBrowser
from polyroom.services.room_codes import CODES_PER_ROLE

log = logging.getLogger(__name__)

_FIELD_NAMES = {
    "title": "name",
    "template": "template_id",
    "capacity": "size",
    "max_duration": "max_duration_seconds",
    "hms": "recording_info",
}
_QUERY = frozenset({"start", "session_id"})
_INVALID: Mapping[tuple[str, str], tuple[int, str]] = {
    ("role", "gone"): (403, "Code can not be enabled: its role does not exist"),
    ("role", "too_many"): (400, f"Invalid param: role has {CODES_PER_ROLE} room codes, which is the most there can be"),
    ("role", "silent"): (400, "Invalid body param: role may not publish"),
    ("template", "unknown"): (400, "template not found"),
    ("roles", "empty"): (400, "Invalid body param: roles must leave at least one role"),
    ("roles", "default"): (
        400,
        "Invalid body param: roles of the default template must leave one that may remove others and one that "
        "publishes without that: people of every API stand on them",
    ),
}
_REFUSALS: Mapping[type[DomainError], tuple[int, str]] = {
    NoBrowser: (400, "Invalid body param: meeting_url cannot be recorded, since this server has no Chromium"),
    Overloaded: (503, "Server is busy"),
    RoomDisabled: (403, "Room is disabled"),
    RoleFull: (400, "role limit reached"),
    JoinRefused: (403, "Forbidden"),
}
_UNKNOWN = (500, "Internal server error")


class ApiError(Exception):
    """A refusal with its status and body."""

    def __init__(
        self, status: int, message: str, details: Sequence[str] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.details = details
        self.headers = headers

    def response(self, more: Mapping[str, str] | None = None) -> Response:
        """As the vendor writes it; `id` names this one answer."""
        body = {
            "code": self.status,
            "message": self.message,
            "details": list(self.details),
            "id": str(uuid4()),
        }
        return JSONResponse(body, self.status, {**(self.headers or {}), **(more or {})})


def wrong_field(*wrong: str) -> ApiError:
    """400 for fields of a body; each text begins with the field's name."""
    return ApiError(400, f"Invalid body param: {wrong[0]}", wrong)


def wrong_query(*wrong: str) -> ApiError:
    """400 for parameters of a query; each text begins with the parameter's name."""
    return ApiError(400, f"Invalid query param: {wrong[0]}", wrong)


def from_domain(error: DomainError) -> ApiError:
    """A refusal of the services."""
    match error:
        case NotFound(noun=noun):
            return ApiError(404, f"{noun} not found")
        case Invalid(field=field, rule=rule):
            return _from_invalid(field, rule)
        case HandleTaken():
            return wrong_field("name is taken by another room")
        case TooManyAttempts(retry_after=seconds):
            return ApiError(429, "Too many requests", headers={"Retry-After": str(seconds)})
        case WrongState(noun=noun, state=state):
            return ApiError(400, f"{noun} is {state}")
        case _:
            status, message = next((found for kind, found in _REFUSALS.items() if isinstance(error, kind)), _UNKNOWN)
    if status == 500:
        log.error("a refusal without words: %r", error)
    return ApiError(status, message, headers={"Retry-After": "1"} if status == 503 else None)


def _from_invalid(field: str, rule: str) -> ApiError:
    if (field, rule) in _INVALID:
        return ApiError(*_INVALID[field, rule])
    text = f"{_FIELD_NAMES.get(field, field)} is {rule.replace('_', ' ')}"
    return wrong_query(text) if field in _QUERY else wrong_field(text)


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
    return ApiError(500, "Internal server error").response()


REFUSALS: dict[type[Exception], Handler] = {
    ApiError: on_api_error,
    DomainError: on_domain_error,
    Exception: on_failure,
}
