"""A dialect's application whose OpenAPI document is whole: bodies are read by hand, and yet described."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from polyroom.dialects.common.methods import HeadAsGet, allowed_methods
from polyroom.dialects.common.routing import ByFirstWord

Document = dict[str, Any]
Handler = Callable[[Request, Exception], Awaitable[Response]]
_REF = "#/components/schemas/{model}"


def takes(model: type[BaseModel], example: Document, *, required: bool = True) -> Document:
    """The request body of an operation, for `openapi_extra`."""
    schema = {"$ref": _REF.format(model=model.__name__)}
    content = {"application/json": {"schema": schema, "example": example}}
    return {"requestBody": {"required": required, "content": content}}


def parameter(name: str, kind: str, text: str, example: Any) -> Document:
    """One query parameter of an operation."""
    return {"name": name, "in": "query", "description": text, "schema": {"type": kind}, "example": example}


class DialectApp(Starlette):
    """The application of one dialect: HEAD is answered as GET, OPTIONS and 405 say which methods there are.

    Args:
        routers: its operations.
        bodies: models of the request bodies.
        security: OpenAPI security schemes by name; an operation needs any one of them.
        refusals: what answers an error of each kind.
        on_status: what answers where no operation does: a path unknown, a method not allowed.
        about: title, version, description, servers of the document.
    """

    def __init__(
        self,
        *,
        routers: Sequence[APIRouter],
        bodies: Sequence[type[BaseModel]],
        security: Mapping[str, Document],
        refusals: Mapping[type[Exception], Handler],
        on_status: Callable[[Request, HTTPException], Response],
        **about: Any,
    ) -> None:
        super().__init__(
            routes=[ByFirstWord(routers)],
            exception_handlers={**refusals, HTTPException: self._on_http_error},
            middleware=[Middleware(HeadAsGet)],
        )
        self._routers = routers
        self._bodies = bodies
        self._security = security
        self._on_status = on_status
        self._about = about
        self._document: Document | None = None

    async def _on_http_error(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 405:
            headers = {"Allow": allowed_methods(request, self._routers)}
            if request.method == "OPTIONS":
                return Response(status_code=204, headers=headers)
            error = HTTPException(405, error.detail, headers)
        return self._on_status(request, error)

    def openapi(self) -> Document:
        """The OpenAPI document."""
        if self._document is None:
            described = FastAPI(**self._about)
            for router in self._routers:
                described.include_router(router)
            document = described.openapi()
            _, bodies = models_json_schema([(one, "validation") for one in self._bodies], ref_template=_REF)
            components = document.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            _drop_fastapis_refusals(document["paths"], schemas)
            for name, schema in bodies.get("$defs", {}).items():
                schemas.setdefault(name, schema)
            components["securitySchemes"] = dict(self._security)
            document["security"] = [{name: []} for name in self._security]
            self._document = document
        return self._document


def _drop_fastapis_refusals(paths: Document, schemas: Document) -> None:
    """FastAPI describes a 422 of its own wherever there is a parameter; no dialect answers it."""
    for item in paths.values():
        for operation in item.values():
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
