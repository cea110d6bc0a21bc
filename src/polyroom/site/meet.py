"""The way into a room for the meeting page: `POST /meet/lobby` and `POST /meet/join`.

    lobby  {"room", "token"?, "code"?}                         -> 200 {"room", "role", "needs_access_code", "name", …}
    join   {"room", "token"?, "code"?, "access_code"?, "name"} -> 201 {"server_url", "ticket", "identity", "name", …}

Any origin may ask; a refusal is `{"error": {"code", "message"}}` with a message made for people.
"""

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from polyroom.domain.admission import Grant
from polyroom.domain.roles import Right, Role, Source
from polyroom.domain.room import Room
from polyroom.services.entrance import Entrance, name_is_fixed
from polyroom.site.asking import Knock, parse_join, parse_lobby
from polyroom.site.json_post import JsonPost
from polyroom.site.urls import websocket_url

_SOURCES = {Source.VIDEO: "camera", Source.AUDIO: "microphone", Source.SCREEN: "screen_share"}
"""LiveKit's names of what may be published."""


class Desk:
    """The two use cases behind the page's door.

    `public_url` is the configured public address or None; `base_url` what links start with either way.
    """

    def __init__(self, entrance: Entrance, public_url: str | None, base_url: str) -> None:
        self._entrance = entrance
        self._public_url = public_url
        self._base_url = base_url

    def routes(self) -> list[Route]:
        """The routes of the way in."""
        return [
            Route("/meet/lobby", JsonPost(self._lobby), include_in_schema=False),
            Route("/meet/join", JsonPost(self._join), include_in_schema=False),
        ]

    async def _lobby(self, request: Request, body: Mapping[str, Any]) -> JSONResponse:
        knock = parse_lobby(body)
        lobby = await self._entrance.lobby(knock.room, knock.credential, _address(request))
        return JSONResponse(
            {
                "room": _room(lobby.room),
                "role": _role(lobby.role, lobby.grant),
                "needs_access_code": lobby.needs_access_code,
                "name": lobby.grant.name or "",
                "name_is_fixed": name_is_fixed(lobby.grant),
            }
        )

    async def _join(self, request: Request, body: Mapping[str, Any]) -> JSONResponse:
        knock: Knock = parse_join(body)
        entered = await self._entrance.ticket(
            knock.room, knock.credential, knock.access_code, knock.name, _address(request)
        )
        return JSONResponse(
            {
                "server_url": websocket_url(request, self._public_url, self._base_url),
                "ticket": entered.token,
                "identity": entered.ticket.identity,
                "name": entered.ticket.name,
                "role": _role(entered.role, entered.ticket.grant),
                "room": _room(entered.room),
            },
            201,
        )


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _room(room: Room) -> dict[str, str | None]:
    welcome = room.settings.get("welcome_message")
    return {
        "id": room.streamwise_id,
        "name": room.title,
        "description": room.description or None,
        "type": room.kind.value,
        "welcome_message": welcome if isinstance(welcome, str) and welcome else None,
    }


def sources_of(publish: frozenset[Source]) -> list[str]:
    """What may be published, in LiveKit's words."""
    return [name for source, name in _SOURCES.items() if source in publish]


def _role(role: Role, grant: Grant) -> dict[str, Any]:
    sources = sources_of(role.publish)
    return {
        "label": grant.label,
        "can_publish": bool(sources),
        "can_publish_sources": sources,
        "can_subscribe": Right.SUBSCRIBE in grant.rights,
        "can_publish_data": Right.SEND_DATA in grant.rights,
    }
