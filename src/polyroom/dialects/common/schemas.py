"""What the models of request bodies have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict

from polyroom.services.unset import UNSET


def _without_defaults(schema: dict[str, Any]) -> None:
    for one in schema.get("properties", {}).values():
        one.pop("default", None)


class RequestBody(BaseModel):
    """A body that is read; fields it does not know are ignored."""

    model_config = ConfigDict(extra="ignore")

    def given(self, name: str) -> Any:
        """The field's value, or UNSET when the body does not have it."""
        return getattr(self, name) if name in self.model_fields_set else UNSET


class ChangeBody(RequestBody):
    """An update: what is absent stays as it is. The defaults are never used."""

    model_config = ConfigDict(extra="ignore", json_schema_extra=_without_defaults)
