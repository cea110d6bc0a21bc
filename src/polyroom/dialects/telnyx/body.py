"""A request's JSON body as a model, refused in the vendor's words."""

from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from polyroom.dialects.common.body import BodyTooLarge, NotJson, NotText, parse_json, read_bytes
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.telnyx.errors import BAD_REQUEST, MEDIA_TYPE, ApiError, from_validation, simple, wrong_field

B = TypeVar("B", bound=RequestBody)

_EMPTY = b" \t\r\n"


async def read_body(request: Request, model: type[B], *, needed: bool = True) -> B:
    """The body as `model`; one that is not `needed` may be absent.

    Raises ApiError: 400 for what is no JSON object, 413 when too large, 415 for another type, 422 for the fields.
    """
    try:
        raw = await read_bytes(request)
        if not raw.strip(_EMPTY):
            value = _absent(needed)
        else:
            _check_type(request)
            value = parse_json(raw)
    except BodyTooLarge:
        raise simple(413, BAD_REQUEST, "The body is larger than 1 MiB.") from None
    except NotJson:
        raise simple(400, BAD_REQUEST, "The body is not valid JSON.") from None
    except NotText as error:
        raise ApiError(422, wrong_field(error.field)) from None
    if not isinstance(value, dict):
        raise simple(400, BAD_REQUEST, "The body must be a JSON object.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(error) from None


def _absent(needed: bool) -> dict[str, object]:
    if needed:
        raise simple(400, BAD_REQUEST, "The body must be a JSON object.")
    return {}


def _check_type(request: Request) -> None:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind and kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise simple(415, MEDIA_TYPE, "The body must be application/json.")
