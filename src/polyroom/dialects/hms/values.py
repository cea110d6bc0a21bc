"""The types of the vendor's fields. Source: Create room, "Main arguments" and "recording_info arguments".

Limits that only the vendor's own documentation states hold where the context says `sdk`.
"""

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, StringConstraints, ValidationInfo
from pydantic_core import PydanticCustomError

from polyroom.wire.hms_tokens import USER_ID_LONGEST

MOST = 2**31 - 1
LARGE_ROOM, ORDINARY_ROOM = 20_000, 2500
MASK = "********"
"""Stands for what is kept sealed: in answers, and in bodies for "as it was"."""

METADATA_BYTES = 64 * 1024
REASON_BYTES = 1024
_SHORTEST, _LONGEST = 120, 43_200
_NAME = re.compile(r"[a-zA-Z0-9.\-:_]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]{0,4096}")
_MOST_HEADERS = 20
_REGIONS = ("in", "us", "eu", "auto")
_UPLOADS = ("s3", "gs", "oss", "azure")


def refusal(text: str) -> PydanticCustomError:
    """A validation error; the field's name comes before the text."""
    # pydantic would fill braces itself, so the sentence goes in as one of its values
    return PydanticCustomError("hms", "{text}", {"text": text})


def is_sdk(info: ValidationInfo) -> bool:
    """Whether the limits of the vendor's own documentation hold."""
    return bool((info.context or {}).get("sdk"))


def _name(value: str, info: ValidationInfo) -> str:
    if is_sdk(info) and value and not _NAME.fullmatch(value):
        raise refusal("may only have the characters a-z, A-Z, 0-9, and . - : _")
    return value


def _region(value: str) -> str:
    if value not in _REGIONS:
        raise refusal("not supported")
    return value


def _duration(value: int, info: ValidationInfo) -> int:
    if is_sdk(info) and 0 < value < _SHORTEST:
        raise refusal(f"less than {_SHORTEST} seconds")
    if is_sdk(info) and value > _LONGEST:
        raise refusal(f"greater than {_LONGEST} seconds")
    return value


def _upload_type(value: str) -> str:
    if value not in _UPLOADS:
        raise refusal(f"must be one of {', '.join(_UPLOADS)}")
    return value


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        raise refusal("is not a valid URL") from None
    plain = value.isascii() and value.isprintable() and " " not in value
    if not plain or parts.scheme.lower() not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise refusal("is not a valid URL")
    return value


def _headers(values: dict[str, str]) -> dict[str, str]:
    if len(values) > _MOST_HEADERS:
        raise refusal(f"has more than {_MOST_HEADERS} entries")
    if len({name.lower() for name in values}) < len(values):
        raise refusal("has the same name twice")
    if not all(map(_HEADER_NAME.fullmatch, values)) or not all(map(_HEADER_VALUE.fullmatch, values.values())):
        raise refusal("has a name or a value that no header can have")
    return values


def _metadata(value: str) -> str:
    if len(value.encode()) > METADATA_BYTES:
        raise refusal(f"is longer than {METADATA_BYTES} bytes")
    return value


def _reason(value: str) -> str:
    if len(value.encode()) > REASON_BYTES:
        raise refusal(f"is longer than {REASON_BYTES} bytes")
    return value


def _whole(**bounds: Any) -> Any:
    return Field(strict=True, **bounds)


_NAME_EXAMPLE = Field(examples=["new-room-1662723668"])
NewName = Annotated[str, StringConstraints(strict=True, max_length=255), AfterValidator(_name), _NAME_EXAMPLE]
Name = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=255), AfterValidator(_name), _NAME_EXAMPLE
]
Description = Annotated[str, StringConstraints(strict=True, max_length=4096)]
UserId = Annotated[str, StringConstraints(strict=True, max_length=USER_ID_LONGEST)]
Id = Annotated[str, StringConstraints(strict=True, max_length=64), Field(examples=["63188115d11d6db790c73c60"])]
PeerName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=256), Field(examples=["Ada"])]
RoleName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=128), Field(examples=["guest"])]
Metadata = Annotated[str, StringConstraints(strict=True), AfterValidator(_metadata)]
Reason = Annotated[str, StringConstraints(strict=True), AfterValidator(_reason), Field(examples=["class dismissed"])]
Region = Annotated[
    str, StringConstraints(strict=True), AfterValidator(_region), Field(json_schema_extra={"enum": [*_REGIONS]})
]
Size = Annotated[int, _whole(ge=0, le=MOST)]
Duration = Annotated[int, _whole(ge=0, le=MOST), AfterValidator(_duration)]
Flag = StrictBool
UploadType = Annotated[
    str, StringConstraints(strict=True), AfterValidator(_upload_type), Field(json_schema_extra={"enum": [*_UPLOADS]})
]
Bucket = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255)]
Prefix = Annotated[str, StringConstraints(strict=True, max_length=1024)]
BucketRegion = Annotated[str, StringConstraints(strict=True, max_length=64)]
Secret = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=8192)]
Url = Annotated[str, StringConstraints(strict=True, max_length=2048), AfterValidator(_url)]
Headers = Annotated[
    dict[str, Annotated[str, StringConstraints(strict=True)]],
    AfterValidator(_headers),
    Field(examples=[{"x-secret": "…"}]),
]
Polls = Annotated[
    list[Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64)]], Field(max_length=100)
]
