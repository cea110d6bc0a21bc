"""Refusals in the vendor's words.

The rooms document shows one error as the whole body, the vendor's other documents and its own applications a list under
`errors`. A body here is both: the first error's fields, and all of them in the list. A repeated unique name is 422: the
vendor's SDKs would send a 409 twice more.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Handler
from polyroom.dialects.telnyx.schemas import REQUIREMENTS, URL_FIELDS
from polyroom.domain.errors import (
    DomainError,
    HandleTaken,
    Invalid,
    NotFound,
    Overloaded,
    SessionOver,
    TooManyAttempts,
    WrongState,
)

log = logging.getLogger(__name__)

_MEANING = "https://developers.telnyx.com/docs/overview/errors/"

INVALID_URL = "10003"
MISSING = "10004"
NOT_FOUND = "10005"
UNEXPECTED = "10007"
UNAUTHENTICATED = "10009"
FORBIDDEN = "10010"
TOO_MANY = "10011"
DUPLICATE = "10012"
MEDIA_TYPE = "10014"
BAD_REQUEST = "10015"

_TITLES = {
    INVALID_URL: "Invalid URL",
    MISSING: "Missing required parameter",
    NOT_FOUND: "Resource not found",
    UNEXPECTED: "Unexpected error",
    UNAUTHENTICATED: "Authentication failed",
    FORBIDDEN: "Authorization failed",
    TOO_MANY: "Too many requests",
    DUPLICATE: "Duplicate resource",
    MEDIA_TYPE: "Unsupported media type",
    BAD_REQUEST: "Bad request",
}


_IDS = {"session": "room_session_id", "participant": "room_participant_id", "recording": "room_recording_id"}
_NESTED = frozenset({"video_layout"})
"""Fields whose own fields are named by a refusal."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where: `pointer` into the body, or the `parameter` of query or path."""

    code: str
    detail: str
    pointer: str | None = None
    parameter: str | None = None

    def fields(self) -> dict[str, Any]:
        """As the vendor writes it."""
        source = {"parameter": self.parameter, "pointer": self.pointer}
        shown = {name: value for name, value in source.items() if value is not None}
        return {
            "code": self.code,
            "title": _TITLES[self.code],
            "detail": self.detail,
            "meta": {"url": f"{_MEANING}{self.code}"},
            **({"source": shown} if shown else {}),
        }


class ApiError(Exception):
    """A refusal with its status, and everything that is wrong."""

    def __init__(self, status: int, *problems: Problem, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, *problems)
        self.status = status
        self.problems = problems
        self.headers = headers

    def response(self) -> Response:
        """As the vendor writes it, in both of its ways."""
        listed = [problem.fields() for problem in self.problems]
        return JSONResponse({**listed[0], "errors": listed}, self.status, dict(self.headers) if self.headers else None)


def simple(status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> ApiError:
    """A refusal of the whole request."""
    return ApiError(status, Problem(code, detail), headers=headers)


def not_found(parameter: str | None = None) -> ApiError:
    """404."""
    text = "The requested resource or URL could not be found."
    return ApiError(404, Problem(NOT_FOUND, text, parameter=parameter))


def unauthenticated() -> ApiError:
    """401."""
    text = "The API key is missing, unknown or revoked."
    return simple(401, UNAUTHENTICATED, text, {"WWW-Authenticate": "Bearer"})


def wrong_field(*path: str, missing: bool = False) -> Problem:
    """A field of the body that is not what it has to be; its names from the outermost."""
    pointer = "".join("/" + name.replace("~", "~0").replace("/", "~1") for name in path)
    field = path[-1]
    if len(path) == 2:
        return Problem(BAD_REQUEST, "A region must be an object, with a name of 1 to 64 characters.", pointer)
    if missing:
        return Problem(MISSING, f"{field} is required.", pointer)
    code = INVALID_URL if field in URL_FIELDS else BAD_REQUEST
    return Problem(code, f"{field or 'The body'} must be {REQUIREMENTS.get(field, 'valid text')}.", pointer)


def from_validation(error: ValidationError) -> ApiError:
    """422 with every field that is wrong."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    wrong = {_path(one["loc"]): one["type"] == "missing" for one in found}
    return ApiError(422, *(wrong_field(*path, missing=missing) for path, missing in wrong.items()))


def _path(place: Sequence[str | int]) -> tuple[str, ...]:
    """The names down to the field that is wrong: of a region in a layout too, but not of its parts."""
    names = tuple(str(one) for one in place)
    # After the name of a region, pydantic says whether it is about that name.
    depth = 3 if names[0] in _NESTED and "[key]" not in names else 1
    return names[:depth]


def from_domain(error: DomainError) -> ApiError:
    """A refusal of the services."""
    match error:
        case NotFound(noun=noun):
            refusal = not_found(_IDS.get(noun, f"{noun}_id"))
        case Invalid("video_sources"):
            text = "video_sources must be ids of video recordings of the session."
            refusal = ApiError(422, Problem(BAD_REQUEST, text, "/video_layout"))
        case Invalid("compositions"):
            refusal = simple(429, TOO_MANY, "Too many compositions wait for their turn.", {"Retry-After": "60"})
        case WrongState("recording"):
            refusal = simple(422, BAD_REQUEST, "The recording is under way: it can be deleted when it is over.")
        case HandleTaken():
            refusal = ApiError(422, Problem(DUPLICATE, "Another room has that unique_name.", "/unique_name"))
        case Invalid(field=field):
            refusal = ApiError(422, wrong_field(field))
        case SessionOver():
            refusal = simple(422, BAD_REQUEST, "No private_ip for room")
        case TooManyAttempts(retry_after=seconds):
            text = f"There were too many failed attempts. Try again in {seconds} s."
            refusal = simple(429, TOO_MANY, text, {"Retry-After": str(seconds)})
        case Overloaded():
            text = "The server is busy. Try again in a moment."
            refusal = simple(503, UNEXPECTED, text, {"Retry-After": "1"})
        case _:
            log.error("a refusal without words: %r", error)
            refusal = failure()
    return refusal


def failure() -> ApiError:
    """500."""
    return simple(500, UNEXPECTED, "An unexpected error occurred.")


def from_status(status: int, headers: Mapping[str, str] | None = None) -> ApiError:
    """A refusal of the framework."""
    if status == 404:
        return not_found()
    if status == 405:
        return simple(405, BAD_REQUEST, "The URL does not take this method.", headers)
    return simple(status, BAD_REQUEST if status < 500 else UNEXPECTED, "The request cannot be served.", headers)


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
    return failure().response()


def refuse(problems: Sequence[Problem]) -> None:
    """Raise 422 for these, if there are any."""
    if problems:
        raise ApiError(422, *problems)


REFUSALS: dict[type[Exception], Handler] = {
    ApiError: on_api_error,
    DomainError: on_domain_error,
    Exception: on_failure,
}
