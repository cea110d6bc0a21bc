"""What the OpenAPI document says of every operation."""

from typing import Any

from pydantic import BaseModel

from polyroom.dialects.common.documents import Document, parameter
from polyroom.dialects.telnyx.schemas import Error

_BODILESS = {
    400: {"model": Error, "description": "The body is no JSON object"},
    413: {"model": Error, "description": "The body is larger than 1 MiB"},
    415: {"model": Error, "description": "The body is not application/json"},
}
_OPERATORS = {"eq": "on that day", "gte": "on that day or later", "lte": "on that day or earlier"}


def answers(status: int, model: type[BaseModel] | None, text: str, *, body: bool = False) -> dict[int | str, Any]:
    """The `responses` of an operation."""
    found: dict[int | str, Any] = {status: {"description": text} | ({"model": model} if model else {})}
    return found | {
        401: {"model": Error, "description": "No valid API key"},
        404: {"model": Error, "description": "Not there, or another account's"},
        422: {"model": Error, "description": "Fields or parameters that are wrong, one error each"},
        **(_BODILESS if body else {}),
    }


def days(field: str, what: str) -> list[Document]:
    """The parameters of a filter by days."""
    return [
        parameter(f"filter[{field}][{operator}]", "string", f"{what} {when}, in UTC.", "2021-04-25")
        for operator, when in _OPERATORS.items()
    ]


PAGING = [
    parameter("page[size]", "integer", "Items on a page, 1 to 250; 20 unless given.", 25),
    parameter("page[number]", "integer", "The page, from 1.", 1),
]
INCLUDE_SESSIONS = parameter(
    "include_sessions", "boolean", "Whether to show each room's latest sessions, 20 at most.", True
)
INCLUDE_PARTICIPANTS = parameter(
    "include_participants", "boolean", "Whether to show everyone who was in each session.", True
)
