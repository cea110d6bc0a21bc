"""What people inside let out of their meeting: `POST /meet/broadcast…` by their tickets, or LiveKit's tokens.

    broadcast         {"ticket"}               -> {"recorded", "live", "restreamed", "may", "watch", "targets"}
    broadcast/record  {"ticket", "on"}         -> {}
    broadcast/live    {"ticket", "on"}         -> {}
    broadcast/send    {"ticket", "url"?}       -> {}: to an RTMP server; without an address all that is sent ends

`may` says what the asker may switch, `watch` is the address of the live stream where all may watch it; `targets` are
the servers it is sent to, without keys, for those who may send. Clients hear on the topic `polyroom.on_air` that
something changed.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from polyroom.domain.errors import DomainError, Invalid, NotAllowed, NotFound, Overloaded
from polyroom.services.broadcasting import Broadcast, BroadcastService
from polyroom.services.external_streams import WantedTarget
from polyroom.services.ports.admission import Ticket
from polyroom.site.asking import flag_of, text_of
from polyroom.site.json_post import Handler, JsonPost
from polyroom.site.refusals import Refusal, refusal_of
from polyroom.site.tickets import NOT_INSIDE, TicketDesk
from polyroom.wire.rtmp_urls import read_rtmp_url

Act = Callable[[Ticket, Mapping[str, Any]], Awaitable[dict[str, Any]]]
Watch = Callable[[str, UUID], str]
"""The address of a live stream, by the Phenix application of its account and its own id."""

_NO = Refusal(403, "not_allowed", "Your role does not let you do this.")
_FULL = Refusal(503, "no_capacity", "This server has no room for that beside what runs. Try again later.")
_BAD_URL = Refusal(422, "invalid_request", "This is no address of an RTMP server with a stream key.")
_INVALID: Mapping[tuple[str, str], Refusal] = {
    ("recording", "running"): Refusal(409, "recorded_already", "This meeting is recorded already."),
    ("live", "running"): Refusal(409, "live_already", "This meeting is live already."),
    ("url", "unusable"): _BAD_URL,
    ("targets", "taken"): Refusal(409, "sent_already", "This meeting goes there already."),
}


class Broadcasting:
    """The requests about what leaves a meeting."""

    def __init__(self, broadcasts: BroadcastService, tickets: TicketDesk, watch: Watch) -> None:
        self._broadcasts, self._tickets, self._watch = broadcasts, tickets, watch

    def routes(self) -> list[Route]:
        """Their routes."""
        handlers = {"": self._look, "/record": self._record, "/live": self._live, "/send": self._send}
        return [
            Route(f"/meet/broadcast{path}", JsonPost(self._guarded(handler)), include_in_schema=False)
            for path, handler in handlers.items()
        ]

    def _guarded(self, handler: Act) -> Handler:
        async def handle(request: Request, body: Mapping[str, Any]) -> JSONResponse:
            ticket = await self._tickets.read(request, body)
            try:
                return JSONResponse(await handler(ticket, body))
            except DomainError as error:
                return _refusal(error).response()

        return handle

    async def _look(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._shown(await self._broadcasts.look(ticket))

    async def _record(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._broadcasts.record(ticket, flag_of(body, "on"))
        return {}

    async def _live(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._broadcasts.stream(ticket, flag_of(body, "on"))
        return {}

    async def _send(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        text = text_of(body, "url")
        if text is None:
            await self._broadcasts.send(ticket, None)
            return {}
        found = read_rtmp_url(text.strip())
        if found is None:
            raise Invalid("url", "unusable")
        await self._broadcasts.send(ticket, WantedTarget(text.strip(), found.masked))
        return {}

    def _shown(self, found: Broadcast) -> dict[str, Any]:
        return {
            **asdict(found.on_air),
            "may": {"record": found.may_record, "live": found.may_stream, "send": found.may_send},
            "watch": None if found.watch is None else self._watch(*found.watch),
            "targets": [{"to": to, "state": state, "why": why} for to, state, why in found.targets],
        }


def _refusal(error: DomainError) -> Refusal:
    match error:
        case NotAllowed():
            return _NO
        case Overloaded():
            return _FULL
        case NotFound("participant" | "session"):
            return NOT_INSIDE
        case Invalid(field, rule) if (field, rule) in _INVALID:
            return _INVALID[field, rule]
    return refusal_of(error)
