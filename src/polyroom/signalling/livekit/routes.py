"""`/rtc` and what clients try before it. Failures are plain HTTP answers to the upgrade, with CORS for browsers.

The single-connection form `/rtc/v1` is answered 404, on which clients fall back to `/rtc`.
"""

import logging
from dataclasses import dataclass

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from polyroom.domain.errors import (
    AccessCodeRejected,
    AccessCodeRequired,
    AdmissionExpired,
    AdmissionRefused,
    DomainError,
    KeptOut,
    NotFound,
    Overloaded,
    RoleFull,
    RoomDisabled,
    RoomFull,
    ServerStopping,
    TooManyAttempts,
)
from polyroom.domain.session import LeaveReason
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.media import MediaRefused
from polyroom.signalling.livekit import views
from polyroom.signalling.livekit.socket import ClientSocket, Desk

log = logging.getLogger(__name__)

CORS = {"Access-Control-Allow-Origin": "*"}
# livekit-client takes exactly this text for "you may not", not for "an old server, try something else".
_NO_ROOM = "requested room does not exist"


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    text: str
    retry_after: int | None = None

    def response(self) -> Response:
        wait = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return PlainTextResponse(self.text, self.status, headers=CORS | wait)


_REFUSALS: dict[type[DomainError], _Answer] = {
    NotFound: _Answer(404, _NO_ROOM),
    RoomFull: _Answer(403, "room is full"),
    RoleFull: _Answer(403, "role limit reached"),
    ServerStopping: _Answer(503, "the server is stopping"),
    RoomDisabled: _Answer(403, "room is inactive"),
    AdmissionExpired: _Answer(403, "admission has expired"),
    AdmissionRefused: _Answer(403, "admission was refused"),
    KeptOut: _Answer(403, "removed from this meeting"),
    AccessCodeRequired: _Answer(403, "access code required"),
    AccessCodeRejected: _Answer(403, "access code was refused"),
}


def livekit_routes(desk: Desk) -> list[BaseRoute]:
    """The routes of the protocol, for the root application."""

    async def rtc(websocket: WebSocket) -> None:
        await _serve(desk, websocket)

    async def validate(request: Request) -> Response:
        ticket = await _ticket(desk, request)
        if isinstance(ticket, _Answer):
            return ticket.response()
        try:
            await desk.participants.check(ticket)
        except DomainError as refusal:
            return _refusal(refusal).response()
        return PlainTextResponse("success", headers=CORS)

    async def later_form(request: Request) -> Response:
        return _Answer(404, "not found").response()

    async def later_form_socket(websocket: WebSocket) -> None:
        await websocket.send_denial_response(_Answer(404, "not found").response())

    return [
        WebSocketRoute("/rtc", rtc),
        Route("/rtc/validate", validate),
        WebSocketRoute("/rtc/v1", later_form_socket),
        Route("/rtc/v1", later_form),
        Route("/rtc/v1/validate", later_form),
    ]


async def _serve(desk: Desk, websocket: WebSocket) -> None:
    ticket = await _ticket(desk, websocket)
    if isinstance(ticket, _Answer):
        await websocket.send_denial_response(ticket.response())
        return
    if websocket.query_params.get("reconnect") in {"1", "true"}:
        await _send_back_to_the_door(websocket)
        return
    try:
        joined = await desk.participants.join(ticket)
    except MediaRefused:
        await websocket.send_denial_response(_Answer(503, "the server is full").response())
        return
    except DomainError as refusal:
        await websocket.send_denial_response(_refusal(refusal).response())
        return
    try:
        auto = websocket.query_params.get("auto_subscribe", "1") not in {"0", "false"}
        socket = ClientSocket(desk, websocket, joined, ticket, auto_subscribe=auto)
        await websocket.accept()
    except Exception:
        # Put out between entry and upgrade, or hung up during it.
        desk.farewells.leave(joined.participant.id, LeaveReason.VANISHED)
        log.debug("a client was gone before its socket was up", exc_info=True)
        return
    await socket.run()


async def _send_back_to_the_door(websocket: WebSocket) -> None:
    """A resumption cannot be granted: say so, and the client joins anew by itself."""
    await websocket.accept()
    await websocket.send_bytes(views.start_over())
    await websocket.close()


async def _ticket(desk: Desk, connection: HTTPConnection) -> Ticket | _Answer:
    bearer = connection.headers.get("authorization", "")
    token = bearer[7:] if bearer[:7].lower() == "bearer " else connection.query_params.get("access_token", "")
    ticket = desk.signer.read(token) if token else None
    if ticket is not None or not token:
        return ticket or _Answer(401, "no token")
    address = connection.client.host if connection.client else ""
    try:
        return await desk.reader.read(token, address) or _Answer(401, "invalid token")
    except (AdmissionRefused, AdmissionExpired) as refusal:
        return _Answer(401, str(refusal))
    except DomainError as refusal:
        return _refusal(refusal)


def _refusal(refusal: DomainError) -> _Answer:
    if isinstance(refusal, Overloaded):
        return _Answer(503, "the server is busy")
    if isinstance(refusal, TooManyAttempts):
        return _Answer(429, "too many attempts", refusal.retry_after)
    return _REFUSALS.get(type(refusal), _Answer(403, "not allowed"))
