"""Tickets as signed tokens: the services' port on the wire codec."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.roles import EVERY_RIGHT, Right, Source
from polyroom.domain.session import ParticipantKind
from polyroom.services.ports.admission import Ticket
from polyroom.services.ports.clock import Clock
from polyroom.wire import tickets

_METADATA_KEPT = 8 * 1024
"""Characters of metadata and attributes a ticket carries; longer ones are left out, since a ticket must fit into a
request's line. Whoever is inside comes back with a ticket that refers to them instead."""


class JwtTickets:
    """Signs tickets with one key of this installation; they are good for a day."""

    def __init__(self, key: bytes, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def sign(self, ticket: Ticket) -> str:
        return tickets.encode(_claims(ticket), self._key, lambda: self._clock.now().timestamp())

    def read(self, token: str) -> Ticket | None:
        claims = tickets.decode(token, self._key)
        if claims is None:
            return None
        try:
            return _ticket(claims)
        except (KeyError, ValueError, TypeError, AttributeError):
            return None


def _claims(ticket: Ticket) -> dict[str, Any]:
    grant = ticket.grant
    small = len(json.dumps([grant.metadata, dict(grant.attributes)])) <= _METADATA_KEPT
    return {
        "sub": ticket.identity,
        "name": ticket.name,
        "code": str(ticket.access_code_id) if ticket.access_code_id else None,
        "room": str(grant.room_id),
        "door": grant.dialect.value,
        "label": grant.label,
        "adm": str(grant.admission_id) if grant.admission_id else None,
        "key": grant.key,
        "end": grant.expires_at.timestamp() if grant.expires_at else None,
        "uid": grant.user_id,
        "meta": grant.metadata if small else None,
        "attrs": dict(grant.attributes) if small else None,
        "may": None if grant.sources is None else "+".join(sorted(grant.sources)) or "nothing",
        "rights": None if grant.rights == EVERY_RIGHT else "+".join(sorted(grant.rights)) or "none",
        "hidden": grant.hidden or None,
        "kind": None if grant.kind is ParticipantKind.STANDARD else grant.kind.value,
        "called": ticket.room_name,
        "last": str(ticket.continues) if ticket.continues else None,
    }


def _ticket(claims: dict[str, Any]) -> Ticket:
    may, rights, end = claims.get("may"), claims.get("rights"), claims.get("end")
    grant = Grant(
        dialect=Dialect(claims["door"]),
        label=str(claims["label"]),
        room_id=UUID(claims["room"]),
        admission_id=UUID(claims["adm"]) if "adm" in claims else None,
        key=claims.get("key"),
        expires_at=datetime.fromtimestamp(end, UTC) if end is not None else None,
        user_id=str(claims.get("uid", "")),
        metadata=str(claims.get("meta", "")),
        attributes=dict(claims.get("attrs", {})),
        sources=None if may is None else frozenset(map(Source, _words(may, "nothing"))),
        rights=EVERY_RIGHT if rights is None else frozenset(map(Right, _words(rights, "none"))),
        hidden=bool(claims.get("hidden")),
        kind=ParticipantKind(claims.get("kind", ParticipantKind.STANDARD)),
    )
    code, last = claims.get("code"), claims.get("last")
    return Ticket(
        grant,
        UUID(code) if code else None,
        identity=str(claims["sub"]),
        name=str(claims.get("name", "")),
        room_name=str(claims.get("called", "")),
        continues=UUID(last) if last else None,
    )


def _words(text: str, nothing: str) -> list[str]:
    return [] if text == nothing else text.split("+")
