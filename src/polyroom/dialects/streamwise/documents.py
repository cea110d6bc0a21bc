"""What the OpenAPI document says of every operation."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from polyroom.dialects.streamwise.schemas import REQUEST_BODIES, Error, RequestBody, ValidationFailure

Document = dict[str, Any]
_REF = "#/components/schemas/{model}"
_BODILESS = {
    400: {"model": Error, "description": "The body is no JSON object"},
    413: {"model": Error, "description": "The body is larger than 1 MiB"},
}


def answers(status: int, model: type[BaseModel] | None, text: str, *, body: bool = False) -> dict[int | str, Any]:
    """The `responses` of an operation."""
    found: dict[int | str, Any] = {status: {"description": text} | ({"model": model} if model else {})}
    return found | {
        401: {"model": Error, "description": "No valid bearer token"},
        404: {"model": Error, "description": "Not there, or another account's"},
        422: {"model": ValidationFailure, "description": "Fields that are wrong, each with its reasons"},
        **(_BODILESS if body else {}),
    }


def takes(model: type[RequestBody], example: Document) -> Document:
    """The request body of an operation."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema, "example": example}}}}


def _parameter(name: str, kind: str, text: str, example: Any) -> Document:
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}, "example": example}


INCLUDE = _parameter("include", "string", "What to show besides: tokens, access_codes.", "tokens")
FILTER = _parameter("filter", "string", "Show these fields only, also in what is included.", "id,room_name")
PAGING = [
    _parameter("page", "integer", "The page, from 1.", 1),
    _parameter("limit", "integer", "Items on a page; 0 lists everything.", 10),
    _parameter("orderBy", "string", "The field to sort by.", "created_at"),
    _parameter("sortedBy", "string", "asc or desc.", "asc"),
]
SEARCH = _parameter(
    "search", "string", "A word, or field:text pairs separated by semicolons, any of which may match.", "room_name:Talk"
)


class StreamwiseApp(FastAPI):
    """The dialect's application; its document is completed with bodies and the security scheme."""

    def openapi(self) -> Document:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            _, bodies = models_json_schema([(one, "validation") for one in REQUEST_BODIES], ref_template=_REF)
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            for name, schema in bodies.get("$defs", {}).items():
                schemas.setdefault(name, schema)
            components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
            document["security"] = [{"bearer": []}]
            self.openapi_schema = document
        return self.openapi_schema
