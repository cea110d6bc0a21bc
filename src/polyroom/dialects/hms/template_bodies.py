"""Bodies of templates. Source: Create template; Update template."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StringConstraints, ValidationInfo, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.parts import Part, RoleName
from polyroom.dialects.hms.role_bodies import MOST_ROLES, RoleBody
from polyroom.dialects.hms.template_settings import Destinations, Settings
from polyroom.dialects.hms.values import is_sdk, refusal

_NAME = re.compile(r"[a-zA-Z0-9 .\-:_]+")


def _template_name(value: str, info: ValidationInfo) -> str:
    if is_sdk(info) and not _NAME.fullmatch(value):
        raise refusal("may only have the characters a-z, A-Z, 0-9, space, and . - : _")
    return value


TemplateName = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=255), AfterValidator(_template_name)
]


class TemplateBody(Part, RequestBody):
    """A template. Roles, settings and destinations that are given replace those that were there."""

    name: TemplateName | None = None
    roles: Annotated[dict[RoleName, RoleBody], Field(max_length=MOST_ROLES)] | None = None
    settings: Settings | None = None
    destinations: Destinations | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_roles(cls, values: Any) -> Any:
        """A role that is null has the defaults, as an empty one."""
        roles = values.get("roles") if isinstance(values, dict) else None
        if not isinstance(roles, Mapping):
            return values
        return {**values, "roles": {name: {} if role is None else role for name, role in roles.items()}}


TEMPLATE_BODIES: tuple[type[RequestBody], ...] = (TemplateBody, RoleBody, Settings, Destinations)
