"""`/application/{id}/callback`: where notifications go. Source: "Notification API", "Register a Callback"."""

import re
from typing import Annotated, Literal

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field, StrictInt, StrictStr

from polyroom.dialects.common.documents import takes
from polyroom.dialects.common.routing import resource
from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.phenix import answers
from polyroom.dialects.phenix.body import read_body
from polyroom.dialects.phenix.desk import desk_of
from polyroom.dialects.phenix.documents import answers as described
from polyroom.dialects.phenix.errors import bad_request, not_found
from polyroom.dialects.phenix.schemas import refusal
from polyroom.domain.webhook import WebhookFormat
from polyroom.services.webhooks import is_usable

router = resource("Notifications")

_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?|\[?[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*\]?")
_LONGEST_HOST = 253
_PORTS = {"http": 80, "https": 443}


def _host(text: str) -> str:
    if len(text) > _LONGEST_HOST or not _HOST.fullmatch(text):
        raise refusal("must be the name or the address of a host")
    bare = text.strip("[]")
    return f"[{bare}]" if ":" in bare else bare


def _path(text: str) -> str:
    if text and (not text.startswith("/") or "?" in text or not _is_plain(text)):
        raise refusal("must begin with / and be as it stands in an address")
    return text


def _query(text: str) -> str:
    if not _is_plain(text):
        raise refusal("must be as it stands in an address")
    return text.removeprefix("?")


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable() and not set(text) & {" ", "#"}


class Callback(RequestBody):
    """Where notifications are sent; null is like absent."""

    protocol: Literal["http", "https"] | None = Field(None, description="http when left out.")
    host: Annotated[StrictStr, AfterValidator(_host)] = Field(examples=["app.example.com"])
    port: Annotated[StrictInt, Field(ge=1, le=65535)] | None = Field(
        None, description="80 or 443 when left out, by the protocol."
    )
    method: Literal["POST", "GET", "PUT"] | None = Field(None, description="POST when left out.")
    path: Annotated[StrictStr, AfterValidator(_path)] | None = Field(None, examples=["/notifications"])
    query: Annotated[StrictStr, AfterValidator(_query)] | None = Field(None, examples=["from=phenix"])

    @property
    def url(self) -> str:
        """The whole address, port included."""
        protocol = self.protocol or "http"
        port = self.port or _PORTS[protocol]
        query = f"?{self.query}" if self.query else ""
        return f"{protocol}://{self.host}:{port}{self.path or '/'}{query}"


class CallbackPut(RequestBody):
    """The application's callback, as a whole."""

    callback: Callback


class Endpoint(BaseModel):
    """What notifications are sent with, and where to."""

    status: str = Field(examples=["ok"])
    endpoint: str = Field(examples=["POST https://app.example.com:443/notifications"])


@router.put(
    "/application/{application_id}/callback",
    operation_id="putCallback",
    summary="Register the application's callback",
    response_class=Response,
    responses=described(Endpoint, "Where notifications go from now on", 401, 404, 413),
    openapi_extra=takes(
        CallbackPut, {"callback": {"protocol": "https", "host": "app.example.com", "path": "/notifications"}}
    ),
)
async def put_callback(request: Request, application_id: str) -> Response:
    """One for the application, in place of the one before: what still waits for that one goes to the new one."""
    desk = desk_of(request)
    account = await desk.callers.of(request)
    if application_id != account.phenix_application_id:
        raise not_found()
    wanted = (await read_body(request, CallbackPut)).callback
    if not is_usable(wanted.url):
        raise bad_request("callback", "must make an address of at most 2048 characters")
    method = wanted.method or "POST"
    await desk.webhooks.add(account.id, WebhookFormat.PHENIX, wanted.url, method=method, alone=True)
    return answers.ok(endpoint=f"{method} {wanted.url}")
