"""Tickets: what is signed comes back whole, and nothing else does."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.roles import EVERY_RIGHT, Right, Source
from polyroom.domain.session import ParticipantKind
from polyroom.services.ports.admission import Ticket
from polyroom.system import SystemClock
from polyroom.tickets import JwtTickets

ROOM = UUID(int=7)
SIGNER = JwtTickets(b"k" * 32, SystemClock())
WHOLE = Grant(
    dialect=Dialect.LIVEKIT,
    label="participant",
    room_id=ROOM,
    admission_id=UUID(int=8),
    key="APIkey",
    expires_at=datetime(2030, 1, 2, 3, 4, 5, 500000, tzinfo=UTC),
    user_id="user-1",
    metadata='{"x": "ß"}',
    attributes={"hand": "up"},
    sources=frozenset({Source.AUDIO}),
    rights=frozenset({Right.SUBSCRIBE}),
    hidden=True,
    kind=ParticipantKind.EGRESS,
)


@pytest.mark.parametrize(
    "grant",
    [
        WHOLE,
        replace(WHOLE, sources=frozenset(), rights=frozenset()),
        Grant(Dialect.STREAMWISE, "guest", ROOM, admission_id=UUID(int=1)),
        Grant(Dialect.HMS, "größe", ROOM, rights=EVERY_RIGHT - {Right.SEND_DATA}),
    ],
)
def test_a_ticket_comes_back_as_it_was_signed(grant: Grant) -> None:
    for code in (None, UUID(int=9)):
        ticket = Ticket(grant, code, "identity", "Zoë 👩‍🚀")
        assert SIGNER.read(SIGNER.sign(ticket)) == ticket


def test_metadata_too_large_for_an_address_stays_out_of_the_ticket() -> None:
    ticket = Ticket(replace(WHOLE, metadata="x" * 60_000), None, "identity", "Ada")
    signed = SIGNER.sign(ticket)
    assert len(signed) < 2048
    read = SIGNER.read(signed)
    assert read is not None
    assert (read.grant.metadata, read.grant.rights) == ("", WHOLE.rights)


def test_a_ticket_of_another_key_or_changed_on_the_way_is_none() -> None:
    signed = SIGNER.sign(Ticket(WHOLE, None, "identity", "Ada"))
    assert JwtTickets(b"o" * 32, SystemClock()).read(signed) is None
    head, body, signature = signed.split(".")
    for place in range(0, len(body), 7):
        other = "A" if body[place] != "A" else "B"
        assert SIGNER.read(".".join((head, body[:place] + other + body[place + 1 :], signature))) is None
    for text in ("", ".", "a.b.c", "x" * 5000, signed[:-1]):
        assert SIGNER.read(text) is None
