"""What the parts of larger bodies have in common.

Fields may be written as the vendor's document does or with underscores; null is like absent.
"""

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic.alias_generators import to_camel

from polyroom.dialects.hms.errors import wrong_field
from polyroom.dialects.hms.values import MOST, is_sdk, refusal


def _role_name(value: str) -> str:
    if "/" in value or not value.isprintable():
        raise refusal("has a character that no role's name can have")
    return value


def check_role_name(name: str) -> str:
    """A role's name from a path; raises ApiError 400."""
    try:
        return _ROLE_NAME.validate_python(name)
    except ValidationError:
        raise wrong_field("role_name cannot be a role's name") from None


def within(lowest: int, highest: int) -> AfterValidator:
    """Limits of the vendor's own documentation; they hold in its edition."""

    def check(value: int, info: ValidationInfo) -> int:
        if is_sdk(info) and value < lowest:
            raise refusal(f"less than {lowest}")
        if is_sdk(info) and value > highest:
            raise refusal(f"greater than {highest}")
        return value

    return AfterValidator(check)


Whole = Annotated[int, Field(strict=True, ge=0, le=MOST)]
RoleName = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=64), AfterValidator(_role_name)]
_ROLE_NAME: TypeAdapter[str] = TypeAdapter(RoleName)


class Part(BaseModel):
    """A part of a body; fields it does not know are ignored."""

    model_config = ConfigDict(extra="ignore", alias_generator=to_camel, validate_by_name=True, validate_by_alias=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, values: Any) -> Any:
        if not isinstance(values, dict):
            return values
        return {name: value for name, value in values.items() if value is not None}
