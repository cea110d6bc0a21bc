"""A message as it is sent. Source: Room API document, "Message Object" and "User Object"; limits: its status codes.

What is too large is 413 and not 400; the limits count UTF-8 bytes.
"""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictInt, StrictStr, StringConstraints

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.phenix.errors import ApiError
from polyroom.dialects.phenix.schemas import MemberRole, refusal

TEXT_BYTES = 1024
TAGS_BYTES = 512
WORD_BYTES = 128
_MOST_TAGS = 512
_LATEST = 2**53
_ROLES = ", ".join(MemberRole)


def _role(value: object) -> object:
    if not isinstance(value, str) or value not in set(MemberRole):
        raise refusal(f"must be one of {_ROLES}")
    return value


Word = Annotated[StrictStr, StringConstraints(min_length=1)]


class MessageUser(RequestBody):
    """Who a message is from."""

    session_id: StrictStr | None = Field(None, alias="sessionId", examples=["eu#01VpWqTz3mK8sYd0Rb5Nc7"])
    screen_name: Word = Field(alias="screenName", examples=["Ada"], description=f"At most {WORD_BYTES} bytes.")
    role: Annotated[MemberRole, BeforeValidator(_role)]
    last_update: Annotated[StrictInt, Field(ge=0, le=_LATEST)] = Field(alias="lastUpdate", examples=[1596089235915])


class MessageInput(RequestBody):
    """A message to be sent."""

    sender: MessageUser = Field(alias="from")
    mime_type: Word = Field(alias="mimeType", examples=["text/plain"], description=f"At most {WORD_BYTES} bytes.")
    message: StrictStr = Field(examples=["My message"], description=f"At most {TEXT_BYTES} bytes.")
    tags: list[StrictStr] = Field(examples=[["my-tag"]], description=f"At most {TAGS_BYTES} bytes together.")


def _within_limits(given: MessageInput) -> MessageInput:
    sizes = {
        "message.message": (_bytes(given.message), TEXT_BYTES),
        "message.tags": (max(sum(map(_bytes, given.tags)), len(given.tags)), min(TAGS_BYTES, _MOST_TAGS)),
        "message.mimeType": (_bytes(given.mime_type), WORD_BYTES),
        "message.from.screenName": (_bytes(given.sender.screen_name), WORD_BYTES),
        "message.from.sessionId": (_bytes(given.sender.session_id or ""), WORD_BYTES),
    }
    wrong = {name: f"must not have more than {most} bytes" for name, (size, most) in sizes.items() if size > most}
    if wrong:
        raise ApiError(413, "payload-too-large", wrong)
    return given


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


class MessageCreate(RequestBody):
    """The body that sends a message."""

    message: Annotated[MessageInput, AfterValidator(_within_limits)]
