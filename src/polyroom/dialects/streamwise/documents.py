"""What the OpenAPI document says of every operation."""

from typing import Any

from pydantic import BaseModel

from polyroom.dialects.common.documents import Document, parameter
from polyroom.dialects.streamwise.schemas import Error, ValidationFailure

_BODILESS = {
    400: {"model": Error, "description": "The body is no JSON object"},
    413: {"model": Error, "description": "The body is larger than 1 MiB"},
}


_UPLOADING = {
    400: {"model": Error, "description": "A header is missing or wrong"},
    403: {"model": Error, "description": "A room token of another role than moderator, or the room is inactive"},
    408: {"model": Error, "description": "Nothing came for half a minute"},
    409: {"model": Error, "description": "The upload goes on elsewhere: Upload-Offset says where"},
    412: {"model": Error, "description": "Another version of tus"},
    413: {"model": Error, "description": "The file is larger than Tus-Max-Size, or than was announced"},
    415: {"model": Error, "description": "The body is no piece of a file"},
    423: {"model": Error, "description": "Somebody sends to it at this moment"},
    429: {"model": Error, "description": "The room has ten unfinished uploads, or too many wrong tokens were tried"},
    460: {"model": Error, "description": "The checksum differs"},
    507: {"model": Error, "description": "There is not enough room on the disk"},
}


def answers(
    status: int, model: type[BaseModel] | None, text: str, *, body: bool = False, upload: bool = False
) -> dict[int | str, Any]:
    """The `responses` of an operation."""
    found: dict[int | str, Any] = {status: {"description": text} | ({"model": model} if model else {})}
    return found | {
        401: {"model": Error, "description": "No valid bearer token"},
        404: {"model": Error, "description": "Not there, or another account's"},
        422: {"model": ValidationFailure, "description": "Fields that are wrong, each with its reasons"},
        **(_BODILESS if body else {}),
        **(_UPLOADING if upload else {}),
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


def _header(name: str, text: str, example: Any, *, required: bool = True) -> Document:
    schema = {"type": "string"}
    return {"name": name, "in": "header", "description": text, "schema": schema, "example": example} | {
        "required": required
    }


_BINARY = {"content": {"application/offset+octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
_CHECKSUM = _header(
    "Upload-Checksum",
    "Algorithm and Base64 of the body's hash.",
    "sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
    required=False,
)
_VERSION = _header("Tus-Resumable", "The version of tus.", "1.0.0")
TUS_VERSION = [_VERSION]
TUS_CREATION: Document = {
    "parameters": [
        _VERSION,
        _header("Upload-Length", "Bytes of the whole file.", "104857600"),
        _header("Upload-Metadata", "filename and sha256, each in Base64.", "filename dGFsay5tcDQ=", required=False),
        _CHECKSUM,
    ],
    "requestBody": {"required": False, **_BINARY},
}
TUS_PIECE: Document = {
    "parameters": [_VERSION, _header("Upload-Offset", "Where the piece begins.", "0"), _CHECKSUM],
    "requestBody": {"required": True, **_BINARY},
}
