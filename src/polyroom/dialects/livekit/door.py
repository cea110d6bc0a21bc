"""An access token straight at the socket: which room it means, and the ticket it is worth.

As on LiveKit's own server, a room nobody has made yet is made by the first who may join it.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from polyroom.dialects.livekit.grants import check_usable, grant_of
from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionRefused, HandleTaken, NotFound
from polyroom.domain.room import Namespace, Room
from polyroom.services.accounts import AccountService
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock
from polyroom.services.room_changes import NewRoom
from polyroom.services.rooms import RoomService
from polyroom.wire import tickets
from polyroom.wire.jwts import BadToken
from polyroom.wire.livekit_tokens import AccessToken, access_token, issuer_of, verified

_TITLE_AT_MOST = 255


class LiveKitDoor:
    """The TicketReader of this dialect."""

    def __init__(self, accounts: AccountService, rooms: RoomService, clock: Clock, attempts: AttemptLimiter) -> None:
        self._accounts = accounts
        self._rooms = rooms
        self._clock = clock
        self._attempts = attempts

    async def read(self, token: str, address: str) -> Ticket | None:
        """The ticket a token is worth. Raises TooManyAttempts, AdmissionRefused, AdmissionExpired, NotFound("room")."""
        issuer = issuer_of(token)
        if issuer in {"", tickets.ISSUER}:
            return None
        guesser = (address, Dialect.LIVEKIT)
        self._attempts.check(guesser)
        try:
            key = await self._accounts.by_public_id(Dialect.LIVEKIT, issuer)
            if key is None:
                raise AdmissionRefused("invalid API key")
            claims = verified(token, key.secret)
        except (AdmissionRefused, BadToken) as reason:
            self._attempts.failed(guesser)
            raise AdmissionRefused(f"invalid token: {reason}") from None
        access = _access(claims)
        check_usable(access, self._clock.now())
        room = await self._room(key.account_id, access.video.room)
        return Ticket(grant_of(access, room.id), None, access.identity, access.name, access.video.room)

    async def _room(self, account_id: UUID, name: str) -> Room:
        found = await self._found(account_id, name)
        if found is not None:
            return found
        if await self._rooms.was_deleted(account_id, name):
            raise NotFound("room")
        new = NewRoom(title=name[:_TITLE_AT_MOST], names={Namespace.LIVEKIT_NAME: name})
        try:
            return (await self._rooms.create(account_id, new)).room
        except HandleTaken:  # somebody else came first
            found = await self._found(account_id, name)
            if found is None:
                raise NotFound("room") from None
            return found

    async def _found(self, account_id: UUID, name: str) -> Room | None:
        by_name = await self._rooms.by_name(account_id, Namespace.LIVEKIT_NAME, name)
        if by_name is not None:
            return by_name.room
        try:
            return (await self._rooms.get(account_id, name)).room
        except NotFound:
            return None


def _access(claims: Mapping[str, Any]) -> AccessToken:
    try:
        return access_token(claims)
    except BadToken as reason:
        raise AdmissionRefused(f"invalid token: {reason}") from None
