"""The types of the vendor's fields. Source: Rooms document, "Room Attributes", "Room Metadata", "Expires At"."""

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints
from pydantic.functional_validators import AfterValidator
from pydantic_core import PydanticCustomError

MAP_BYTES = 64 * 1024
KEY_LENGTH = 128

_DATE = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(?:[Zz]|([+-]\d\d):?(\d\d))?)?", re.ASCII
)
_TEXT_SETTINGS = """
    description featured_image hero_image banner_text banner_color welcome_message moderator_only_message
    meeting_layout presentation_url presentation_description
"""
_FLAG_SETTINGS = """
    allow_start_stop_recording auto_start_recording webcams_only_for_moderator mute_on_start allow_mods_to_unmute_users
    allow_mods_to_eject_cameras disable_cam disable_mic camera_as_content external_videos hide_viewers_cursor
    hide_user_list end_when_no_moderator notify_recording_is_on
"""
_NUMBER_SETTINGS = "end_when_no_moderator_timeout user_camera_cap meeting_camera_cap"
_SETTING_TYPES: Mapping[str, type] = {
    name: kind
    for names, kind in ((_TEXT_SETTINGS, str), (_FLAG_SETTINGS, bool), (_NUMBER_SETTINGS, int))
    for name in names.split()
}
_WORDS: Mapping[type, str] = {
    str: "The {} must be a string.",
    bool: "The {} field must be true or false.",
    int: "The {} must be an integer.",
}


class TokenRole(StrEnum):
    """What a token or an access code makes of its bearer."""

    MODERATOR = "moderator"
    ATTENDEE = "attendee"
    GUEST = "guest"


class RoomState(StrEnum):
    """Whether a room can be used."""

    ACTIVE = "active"
    INACTIVE = "inactive"


def refusal(text: str, *path: str) -> PydanticCustomError:
    """A validation error with the vendor's sentence; `{}` stands for the field."""
    # pydantic would fill braces itself, so the sentence goes in as one of its values
    return PydanticCustomError("streamwise", "{text}", {"text": text, "path": list(path)})


def parse_moment(value: Any) -> datetime | None:
    """An ISO 8601 date or date-time in UTC; without an offset it is UTC already, fractions are dropped."""
    if value is None:
        return None
    match = _DATE.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise refusal("The {} is not a valid date.")
    year, month, day, hour, minute, second, offset_hours, offset_minutes = match.groups()
    offset = f"{offset_hours}:{offset_minutes}" if offset_hours else "+00:00"
    try:
        text = f"{year}-{month}-{day}T{hour or '00'}:{minute or '00'}:{second or '00'}{offset}"
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise refusal("The {} is not a valid date.") from None


def _as_map(value: Any) -> Any:
    return {} if value == [] and isinstance(value, list) else value


def _check_size(values: Mapping[str, Any]) -> None:
    for key in values:
        if len(key) > KEY_LENGTH:
            raise refusal(f"The {{}} may not have keys greater than {KEY_LENGTH} characters.")
    if len(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")) > MAP_BYTES:
        raise refusal("The {} is too large.")


def _check_scalar(value: Any, *path: str) -> None:
    if isinstance(value, dict | list):
        raise refusal("The {} must be a string, number, boolean or null.", *path)
    if isinstance(value, float) and not math.isfinite(value):
        raise refusal("The {} must be a finite number.", *path)


def _nested_once(values: dict[str, Any]) -> dict[str, Any]:
    for key, value in values.items():
        match value:
            case dict():
                for inner, deep in value.items():
                    if len(inner) > KEY_LENGTH:
                        raise refusal(f"The {{}} may not have keys greater than {KEY_LENGTH} characters.", key)
                    _check_scalar(deep, key, inner)
            case list():
                for index, deep in enumerate(value):
                    _check_scalar(deep, key, str(index))
            case _:
                _check_scalar(value, key)
    _check_size(values)
    return values


def _settings(values: dict[str, Any]) -> dict[str, Any]:
    for key, value in values.items():
        kind = _SETTING_TYPES.get(key)
        if kind is not None and value is not None and type(value) is not kind:
            raise refusal(_WORDS[kind], key)
    return _nested_once(values)


def _features(values: dict[str, Any]) -> dict[str, Any]:
    # a feature of a kind no subscription can have is ignored, not refused
    kept = {
        key: value
        for key, value in values.items()
        if not isinstance(value, dict | list) and not (isinstance(value, float) and not math.isfinite(value))
    }
    _check_size(kept)
    return kept


def _map_of(check: Callable[[dict[str, Any]], dict[str, Any]]) -> tuple[BeforeValidator, AfterValidator]:
    return BeforeValidator(_as_map), AfterValidator(check)


RoomName = Annotated[
    str, StringConstraints(strict=True, strip_whitespace=True, min_length=1, max_length=255), Field(examples=["Talk"])
]
Slug = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=255), Field(examples=["talk"])]
ShortId = Annotated[str, StringConstraints(strict=True, max_length=255)]
Code = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64), Field(examples=["1234567890"])]
Moment = Annotated[
    datetime | None, BeforeValidator(parse_moment), Field(examples=["2030-01-01T00:00:00Z", "2030-01-01"])
]
Metadata = Annotated[dict[str, Any], *_map_of(_nested_once), Field(examples=[{"external_crm_id": 456}])]
Settings = Annotated[dict[str, Any], *_map_of(_settings), Field(examples=[{"auto_start_recording": True}])]
Features = Annotated[dict[str, Any], *_map_of(_features), Field(examples=[{"max_participants": 50}])]
