"""A dialect's application whose OpenAPI document is whole: bodies are read by hand, and yet described."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

Document = dict[str, Any]
_REF = "#/components/schemas/{model}"


def takes(model: type[BaseModel], example: Document, *, required: bool = True) -> Document:
    """The request body of an operation, for `openapi_extra`."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def parameter(name: str, kind: str, text: str, example: Any) -> Document:
    """One query parameter of an operation."""
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}, "example": example}


class DialectApp(FastAPI):
    """The application of one dialect.

    Args:
        bodies: models of the request bodies.
        security: OpenAPI security schemes by name; an operation needs any one of them.
    """

    def __init__(self, *, bodies: Sequence[type[BaseModel]], security: Mapping[str, Document], **more: Any) -> None:
        super().__init__(docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False, **more)
        self._bodies = bodies
        self._security = security

    def openapi(self) -> Document:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            _, bodies = models_json_schema([(one, "validation") for one in self._bodies], ref_template=_REF)
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            _drop_fastapis_refusals(document["paths"], schemas)
            for name, schema in bodies.get("$defs", {}).items():
                schemas.setdefault(name, schema)
            components["securitySchemes"] = dict(self._security)
            document["security"] = [{name: []} for name in self._security]
            self.openapi_schema = document
        return self.openapi_schema


def _drop_fastapis_refusals(paths: Document, schemas: Document) -> None:
    """FastAPI describes a 422 of its own wherever there is a parameter; no dialect answers it."""
    for item in paths.values():
        for operation in item.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
