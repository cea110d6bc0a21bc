"""Query parameters. Source: Room API document, "Request URI Parameters"."""

from starlette.requests import Request

from polyroom.dialects.phenix.errors import bad_request
from polyroom.dialects.phenix.schemas import TYPES_IN_WORDS, RoomType
from polyroom.domain.room import PhenixType

_MOST_DIGITS = 9


def room_type(request: Request) -> PhenixType:
    """The type asked for; MultiPartyChat when left out."""
    text = request.query_params.get("type") or RoomType.MULTI_PARTY_CHAT.value
    if text not in set(RoomType):
        raise bad_request("type", f"must be one of {TYPES_IN_WORDS}")
    return PhenixType(text)


def whole_number(request: Request, name: str, default: int) -> int:
    """A whole number, 0 or more."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise bad_request(name, f"must be a whole number of at most {_MOST_DIGITS} digits")
    return int(text)
