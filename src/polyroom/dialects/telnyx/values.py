"""The types of the vendor's fields. Source: Rooms API document; the tokens' are the SDKs'."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from polyroom.domain.ids import uuid_of_text

NAME_LENGTH = 255
URL_LENGTH = 2048
_PRINTABLE = re.compile(r"[^\x00-\x20\x7f]*")


def _url(text: str) -> str:
    """Empty, or an address with a scheme and a host."""
    if not text:
        return text
    parts = urlsplit(text)
    if parts.scheme.lower() not in {"http", "https"} or not parts.hostname or not _PRINTABLE.fullmatch(text):
        raise ValueError(text)
    # raises ValueError where it is no number that fits
    _ = parts.port
    return text


def _id(value: object) -> UUID:
    found = uuid_of_text(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("no uuid")
    return found


ParticipantId = Annotated[UUID, BeforeValidator(_id)]
ParticipantIds = Annotated[list[ParticipantId], Field(max_length=10_000)]
Participants = Literal["all"] | ParticipantIds
Name = Annotated[str, StringConstraints(strict=True, max_length=NAME_LENGTH)]
Url = Annotated[str, StringConstraints(strict=True, max_length=URL_LENGTH), AfterValidator(_url)]
Seats = Annotated[int, Field(strict=True, ge=2, le=50)]
Timeout = Annotated[int, Field(strict=True, ge=0, le=30)]
AccessSeconds = Annotated[int, Field(strict=True, ge=10, le=3600)]
RefreshSeconds = Annotated[int, Field(strict=True, ge=60, le=86400)]
TokenText = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=4096)]
