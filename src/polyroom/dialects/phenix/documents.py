"""What the OpenAPI document says of every operation."""

from typing import Any

from pydantic import BaseModel

from polyroom.dialects.common.documents import parameter
from polyroom.dialects.phenix.schemas import TYPES_IN_WORDS, BadRequest, Refusal

_TEXTS = {
    401: "unauthorized: no application id and secret, or wrong ones",
    403: "forbidden: the room's template has no role for a presenter",
    404: "not-found: not there, or another application's",
    409: "already-exists: alias or name is taken",
    412: "Fewer publishers than required; no body",
    413: "payload-too-large: the body is larger than 1 MiB, or a field than it may be; limit-too-large",
    503: "capacity: too much at once, try again",
    415: "unsupported-media-type: nobody in the room publishes with the capability `streaming`",
    504: "rate-limited: too many failures from this address, try again later",
}

TYPE = parameter("type", "string", f"One of {TYPES_IN_WORDS}.", "MultiPartyChat")


def answers(model: type[BaseModel], text: str, *also: int) -> dict[int | str, Any]:
    """The `responses` of an operation, and the refusals it has besides those of all."""
    found: dict[int | str, Any] = {200: {"model": model, "description": text}}
    found[400] = {"model": BadRequest, "description": "bad-request: says which field is wrong"}
    for code in sorted({*also, 503, 504}):
        found[code] = {"description": _TEXTS[code]} | ({} if code == 412 else {"model": Refusal})
    return found
