"""Reads what the console's page sends: cursors, limits, ids and texts, each refused with its name."""

import unicodedata
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from starlette.requests import Request

from polyroom.domain.ids import uuid_of_text
from polyroom.site.console.errors import invalid, not_found

MOST = 200
"""Items of one page."""

_USUAL = 25
_LONGEST_TEXT = 200


def limit_of(request: Request, usual: int = _USUAL) -> int:
    """How many are asked for."""
    text = request.query_params.get("limit", str(usual))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST):
        raise invalid("limit", f"limit must be a number from 1 to {MOST}.")
    return int(text)


def after_of(request: Request) -> UUID | None:
    """Behind which id the page begins."""
    return id_query(request, "after")


def id_query(request: Request, name: str) -> UUID | None:
    """An id among the query's parameters."""
    text = request.query_params.get(name)
    if text is None:
        return None
    found = uuid_of_text(text)
    if found is None:
        raise invalid(name, f"{name} must be an id.")
    return found


def number_query(request: Request, name: str) -> int | None:
    """A number from 0 on among the query's parameters."""
    text = request.query_params.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise invalid(name, f"{name} must be a number.")
    return int(text)


def flag_query(request: Request, name: str) -> bool | None:
    """True or false among the query's parameters."""
    text = request.query_params.get(name)
    if text not in {None, "true", "false"}:
        raise invalid(name, f"{name} must be true or false.")
    return None if text is None else text == "true"


def text_query(request: Request, name: str) -> str:
    """A text among the query's parameters, without space around it."""
    text = request.query_params.get(name, "").strip()
    if len(text) > _LONGEST_TEXT or "\0" in text:
        raise invalid(name, f"{name} must be at most {_LONGEST_TEXT} characters.")
    return text


def path_id(request: Request, name: str, noun: str) -> UUID:
    """An id in the path; what is none names nothing."""
    found = uuid_of_text(request.path_params[name])
    if found is None:
        raise not_found(noun)
    return found


def text_field(body: Mapping[str, Any], name: str, most: int = _LONGEST_TEXT) -> str:
    """A text of the body, without space around it."""
    value = body.get(name)
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise invalid(name, f"{name} is missing.")
    if len(text) > most:
        raise invalid(name, f"{name} must be at most {most} characters.")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in text):
        raise invalid(name, f"{name} must not contain control characters.")
    return text


def flag_field(body: Mapping[str, Any], name: str) -> bool:
    """True or false of the body; false where it is not there."""
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise invalid(name, f"{name} must be true or false.")
    return value


def id_field(body: Mapping[str, Any], name: str) -> UUID | None:
    """An id of the body, if it is there."""
    value = body.get(name)
    if value is None:
        return None
    found = uuid_of_text(value) if isinstance(value, str) else None
    if found is None:
        raise invalid(name, f"{name} must be an id.")
    return found


def ids_field(body: Mapping[str, Any], name: str, most: int = MOST) -> list[UUID]:
    """Ids of the body."""
    value = body.get(name, [])
    if not isinstance(value, list) or len(value) > most:
        raise invalid(name, f"{name} must be a list of at most {most} ids.")
    found = [uuid_of_text(one) if isinstance(one, str) else None for one in value]
    if None in found:
        raise invalid(name, f"{name} must be a list of ids.")
    return [one for one in found if one is not None]
