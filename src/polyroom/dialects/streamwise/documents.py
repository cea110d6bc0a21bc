"""What the OpenAPI document says of every operation."""

from typing import Any

from pydantic import BaseModel

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.streamwise.schemas import Error, ValidationFailure

_BODILESS = {
    400: {"model": Error, "description": "The body is no JSON object"},
    413: {"model": Error, "description": "The body is larger than 1 MiB"},
}


def answers(status: int, model: type[BaseModel] | None, text: str, *, body: bool = False) -> dict[int | str, Any]:
    """The `responses` of an operation."""
    found: dict[int | str, Any] = {status: {"description": text} | ({"model": model} if model else {})}
    return found | {
        401: {"model": Error, "description": "No valid bearer token"},
        404: {"model": Error, "description": "Not there, or another account's"},
        422: {"model": ValidationFailure, "description": "Fields that are wrong, each with its reasons"},
        **(_BODILESS if body else {}),
    }


INCLUDE = parameter("include", "string", "What to show besides: tokens, access_codes.", "tokens")
FILTER = parameter("filter", "string", "Show these fields only, also in what is included.", "id,room_name")
PAGING = [
    parameter("page", "integer", "The page, from 1.", 1),
    parameter("limit", "integer", "Items on a page; 0 lists everything.", 10),
    parameter("orderBy", "string", "The field to sort by.", "created_at"),
    parameter("sortedBy", "string", "asc or desc.", "asc"),
]
SEARCH = parameter(
    "search", "string", "A word, or field:text pairs separated by semicolons, any of which may match.", "room_name:Talk"
)
