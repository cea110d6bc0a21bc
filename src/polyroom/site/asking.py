"""Reads what comes to the page's door: small JSON objects of texts."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from polyroom.services.ports.admission import Credential

BODY_LIMIT = 16 * 1024
NAME_LIMIT = 256
_TEXT_LIMIT = 1024
_TOKEN_LIMIT = 12 * 1024
"""Signed tokens carry what their makers put into them; this is what a body leaves for one beside the other fields."""


class BadRequest(Exception):
    """A body that cannot be used; `message` names the field."""

    def __init__(self, message: str, status: int = 422, code: str = "invalid_request") -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Knock:
    """What someone at the door says."""

    room: str
    credential: Credential
    access_code: str | None = None
    name: str = ""


async def read_json(request: Request) -> Mapping[str, Any]:
    """The body as a JSON object; raises BadRequest. Never reads more than the limit."""
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:12]) > BODY_LIMIT:
        raise BadRequest(f"The body is larger than {BODY_LIMIT} bytes.", 413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise BadRequest(f"The body is larger than {BODY_LIMIT} bytes.", 413)
    try:
        document = json.loads(bytes(body))
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON.", 400) from None
    if not isinstance(document, dict):
        raise BadRequest("The body is not a JSON object.", 400)
    return document


def parse_lobby(body: Mapping[str, Any]) -> Knock:
    """A question at the lobby."""
    room = needed_text_of(body, "room")
    return Knock(room, Credential(token=text_of(body, "token", _TOKEN_LIMIT), code=text_of(body, "code")))


def parse_join(body: Mapping[str, Any]) -> Knock:
    """A wish to come in under a name."""
    knock = parse_lobby(body)
    name = (text_of(body, "name") or "").strip()
    if not name:
        raise BadRequest("name is missing.")
    if len(name) > NAME_LIMIT:
        raise BadRequest(f"name is longer than {NAME_LIMIT} characters.")
    return Knock(knock.room, knock.credential, text_of(body, "access_code"), name)


def text_of(body: Mapping[str, Any], field: str, limit: int = _TEXT_LIMIT) -> str | None:
    """A text, None where it is absent or empty; raises BadRequest."""
    value = body.get(field)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadRequest(f"{field} must be a text.")
    if len(value) > limit:
        raise BadRequest(f"{field} is too long.")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in value):
        raise BadRequest(f"{field} contains a control character.")
    return value


def needed_text_of(body: Mapping[str, Any], field: str) -> str:
    """A text that has to be there; raises BadRequest."""
    text = text_of(body, field)
    if text is None:
        raise BadRequest(f"{field} is missing.")
    return text


def flag_of(body: Mapping[str, Any], field: str) -> bool:
    """True or false, false where it is absent; raises BadRequest."""
    value = body.get(field)
    if value is not None and not isinstance(value, bool):
        raise BadRequest(f"{field} must be true or false.")
    return bool(value)
