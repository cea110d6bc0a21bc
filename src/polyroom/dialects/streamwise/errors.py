"""Refusals in the vendor's words: Laravel-style bodies. Source: API Resources document, "Errors"."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from polyroom.dialects.common.documents import Handler
from polyroom.domain.errors import DomainError, HandleTaken, Invalid, JoinRefused, NotFound, Overloaded

log = logging.getLogger(__name__)

NOT_FOUND = "The requested resource was not found."
INVALID = "The given data was invalid."

_FIELD_NAMES = {
    "subscription": "subscription_id",
    "kind": "room_type",
    "title": "room_name",
    "settings": "room_settings",
    "feature_overrides": "room_features",
    "metadata": "room_metadata",
    "bytes": "upload_length",
}
_RULES = {
    "taken": "The {} has already been taken.",
    "fixed": "The {} cannot be changed.",
    "differs": "The {} does not match the subscription.",
    "unknown": "The selected {} is invalid.",
    "too_long": "The {} is too large.",
    "too_small": "The {} must be at least 1.",
    "no_video": "The {} must be video.",
}
_TYPES = {
    "missing": "The {} field is required.",
    "string_too_short": "The {} field is required.",
    "string_type": "The {} must be a string.",
    "string_too_long": "The {} may not be greater than {max_length} characters.",
    "string_unicode": "The {} must be valid text.",
    "bool_type": "The {} field must be true or false.",
    "dict_type": "The {} must be an array.",
}


class ApiError(Exception):
    """A refusal with its status and body."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: Mapping[str, Sequence[str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers

    def response(self) -> Response:
        """As the vendor writes it."""
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        return JSONResponse(body, self.status, dict(self.headers) if self.headers else None)


def attribute(field: str) -> str:
    """A field's name inside a sentence."""
    return field.replace("_", " ")


def invalid(field: str, text: str) -> ApiError:
    """422 for one field; `{}` in the text stands for the field's name."""
    return ApiError(422, INVALID, {field: [text.replace("{}", attribute(field))]})


def from_validation(error: ValidationError) -> ApiError:
    """422 with every field that is wrong."""
    errors: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_input=False):
        field, text = _described(one["loc"], one["type"], one["msg"], one.get("ctx", {}))
        errors.setdefault(field, []).append(text)
    return ApiError(422, INVALID, errors)


def _described(loc: Iterable[Any], kind: str, message: str, context: Mapping[str, Any]) -> tuple[str, str]:
    parts = [str(part) for part in loc]
    if kind == "streamwise":
        parts += context["path"]
        text = message
    else:
        text = _TYPES.get(kind, "The selected {} is invalid.")
    field = ".".join(parts)
    text = text.replace("{}", attribute(field))
    return field, text.replace("{max_length}", str(context.get("max_length")))


def from_domain(error: DomainError) -> ApiError:
    """A refusal of the services."""
    match error:
        case NotFound():
            return ApiError(404, NOT_FOUND)
        case Overloaded():
            return ApiError(503, "Service Unavailable", headers={"Retry-After": "1"})
        case Invalid(field=field, rule=rule):
            return invalid(_FIELD_NAMES.get(field, field), _RULES.get(rule, "The selected {} is invalid."))
        case HandleTaken():
            return invalid("room_name", _RULES["taken"])
        case JoinRefused():
            return ApiError(403, "This action is unauthorized.")
        case _:
            log.error("a refusal without words: %r", error)
            return ApiError(500, "Server Error")


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
    return ApiError(500, "Server Error").response()


REFUSALS: dict[type[Exception], Handler] = {
    ApiError: on_api_error,
    DomainError: on_domain_error,
    Exception: on_failure,
}
