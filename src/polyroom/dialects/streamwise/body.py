"""A request's JSON body as a model, refused in the vendor's words."""

from typing import TypeVar

from pydantic import ValidationError
from starlette.requests import Request

from polyroom.dialects.common.body import BodyTooLarge, NotJson, NotText, parse_json, read_bytes
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.streamwise.errors import ApiError, from_validation, invalid

B = TypeVar("B", bound=RequestBody)


async def read_body(request: Request, model: type[B]) -> B:
    """The body as `model`. Raises ApiError: 400 for what is no JSON object, 413 when too large, 422 for the fields."""
    try:
        value = parse_json(await read_bytes(request))
    except BodyTooLarge:
        raise ApiError(413, "The request body is too large.") from None
    except NotJson:
        raise ApiError(400, "The request body is not valid JSON.") from None
    except NotText as error:
        raise invalid(error.field, "The {} must be valid text.") from None
    if not isinstance(value, dict):
        raise ApiError(400, "The request body must be a JSON object.")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise from_validation(error) from None
