"""What people inside may do to the others and to the meeting: `POST /meet/…` by their tickets, or LiveKit's tokens.

    standing  {"ticket"}                        -> {"identity", "role", "permissions", "chat", "people", "roles", …}
    mute      {"ticket", "person"?, "stay"?}    -> {"muted"}: how many; everybody else without `person`
    unmute    {"ticket", "person"}              -> {}
    remove    {"ticket", "person", "keep_out"?} -> {}
    role      {"ticket", "person", "role"}      -> {}
    end       {"ticket", "lock"?}               -> {}

`person` is an identity. Each is judged by the role its asker has at that moment: 403 `not_allowed`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from polyroom.domain.errors import DomainError, Invalid, NotAllowed, NotFound, SessionOver
from polyroom.domain.roles import Role, Source
from polyroom.domain.session import Participant
from polyroom.services.hosting import HostService, Standing
from polyroom.services.ports.admission import Ticket
from polyroom.site.asking import flag_of, needed_text_of, text_of
from polyroom.site.json_post import Handler, JsonPost
from polyroom.site.meet import sources_of
from polyroom.site.refusals import Refusal, refusal_of
from polyroom.site.tickets import NOT_INSIDE, TicketDesk

Act = Callable[[Ticket, Mapping[str, Any]], Awaitable[dict[str, Any]]]

_NOT_FOUND: Mapping[str, Refusal] = {
    "participant": NOT_INSIDE,
    "person": Refusal(404, "person_not_found", "This person is not here."),
    "role": Refusal(404, "role_not_found", "This room has no such role."),
}
_INVALID: Mapping[tuple[str, str], Refusal] = {
    ("keep_out", "impossible"): Refusal(
        409, "cannot_keep_out", "This person came in with what anybody may use, so they cannot be kept out."
    ),
    ("person", "may_not_speak"): Refusal(409, "may_not_speak", "The role of this person does not let them speak."),
}
_NO = Refusal(403, "not_allowed", "Your role does not let you do this.")


class Hosting:
    """The requests of those in charge."""

    def __init__(self, hosts: HostService, tickets: TicketDesk) -> None:
        self._hosts = hosts
        self._tickets = tickets

    def routes(self) -> list[Route]:
        """Their routes."""
        handlers = {
            "standing": self._standing,
            "mute": self._mute,
            "unmute": self._unmute,
            "remove": self._remove,
            "role": self._role,
            "end": self._end,
        }
        return [
            Route(f"/meet/{name}", JsonPost(self._guarded(handler)), include_in_schema=False)
            for name, handler in handlers.items()
        ]

    def _guarded(self, handler: Act) -> Handler:
        async def handle(request: Request, body: Mapping[str, Any]) -> JSONResponse:
            ticket = await self._tickets.read(request, body)
            try:
                return JSONResponse(await handler(ticket, body))
            except DomainError as error:
                return _refusal(error).response()

        return handle

    async def _standing(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        return _shown(await self._hosts.standing(ticket))

    async def _mute(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        return {"muted": await self._hosts.mute(ticket, text_of(body, "person"), stay=flag_of(body, "stay"))}

    async def _unmute(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._hosts.unmute(ticket, needed_text_of(body, "person"))
        return {}

    async def _remove(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._hosts.remove(ticket, needed_text_of(body, "person"), keep_out=flag_of(body, "keep_out"))
        return {}

    async def _role(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._hosts.change_role(ticket, needed_text_of(body, "person"), needed_text_of(body, "role"))
        return {}

    async def _end(self, ticket: Ticket, body: Mapping[str, Any]) -> dict[str, Any]:
        await self._hosts.end(ticket, lock=flag_of(body, "lock"))
        return {}


def _shown(found: Standing) -> dict[str, Any]:
    one, chat = found.participant, found.chat
    return {
        "identity": one.identity,
        "role": one.role,
        "held": one.held,
        "can_publish_sources": sources_of(one.publish),
        "permissions": asdict(one.permissions),
        "chat": {
            "public": one.may_send_data and chat.public,
            "private": one.may_send_data and chat.private,
        },
        "people": [_person(each) for each in found.people],
        "roles": [_role(each) for each in found.roles],
    }


def _person(one: Participant) -> dict[str, Any]:
    return {"identity": one.identity, "role": one.role, "held": one.held, "may_speak": Source.AUDIO in one.publish}


def _role(role: Role) -> dict[str, Any]:
    return {"name": role.name, "class": role.role_class.value}


def _refusal(error: DomainError) -> Refusal:
    match error:
        case NotAllowed():
            return _NO
        case SessionOver():
            return NOT_INSIDE
        case NotFound(noun) if noun in _NOT_FOUND:
            return _NOT_FOUND[noun]
        case Invalid(field, rule) if (field, rule) in _INVALID:
            return _INVALID[field, rule]
    return refusal_of(error)
