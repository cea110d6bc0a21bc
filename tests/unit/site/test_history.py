"""`POST /meet/messages`: what was said so far, for whoever is inside."""

from typing import Any

import httpx
import pytest
from tests.unit.site.conftest import NOW, ROOM, Site

from polyroom.domain.errors import AdmissionExpired
from polyroom.domain.ids import Uuid7Factory
from polyroom.domain.message import Audience, Message

new_id = Uuid7Factory(lambda: 1, lambda bits: 0)


def message(**more: Any) -> Message:
    nothing = dict.fromkeys(("sender_identity", "sender_session", "sender_name", "sender_role", "client_id"), "")
    fields = {
        **nothing,
        "id": new_id(),
        "account_id": ROOM.account_id,
        "room_id": ROOM.id,
        "session_id": None,
        "sender_id": None,
        "sender_updated": 0,
        "kind": "chat",
        "mime_type": "text/plain",
        "text": "Hello",
        "tags": (),
        "audience": Audience.EVERYONE,
        "audience_role": "",
        "recipients": (),
        "sent_at": NOW,
    }
    return Message(**fields | more)


async def ask(site: Site, body: Any) -> httpx.Response:
    async with site.client() as client:
        return await client.post("/meet/messages", json=body)


@pytest.mark.parametrize("ticket", ["ticket-ada", "token-ada"])
async def test_a_ticket_or_token_of_somebody_inside_shows_the_chat_so_far(site: Site, ticket: str) -> None:
    said = message(
        client_id="mine", sender_identity="ben", sender_name="Ben", audience=Audience.ROLE, audience_role="x"
    )
    from_application = message()
    site.inside.messages = [said, from_application, message(mime_type="application/json")]
    answer = await ask(site, {"ticket": ticket})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    at = int(NOW.timestamp() * 1000)
    told = {"name": "Ben", "text": "Hello", "at": at, "audience": "role", "role": "x"}
    nobody = {"identity": "", "name": "", "text": "Hello", "at": at, "audience": "everyone", "role": ""}
    assert answer.json() == {
        "messages": [{"id": "mine", "identity": "ben", **told}, {"id": str(from_application.id), **nobody}]
    }


async def test_whoever_is_not_inside_sees_nothing(site: Site) -> None:
    site.inside.messages = [message()]
    answer = await ask(site, {"ticket": "ticket-ben"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_inside")


@pytest.mark.parametrize("body", [{}, {"ticket": None}, {"ticket": 5}, {"ticket": ""}, {"ticket": "x" * 15_000}])
async def test_a_body_without_a_ticket_is_refused(site: Site, body: Any) -> None:
    assert (await ask(site, body)).status_code == 422


async def test_a_ticket_that_is_none_is_refused(site: Site) -> None:
    assert (await ask(site, {"ticket": "forged"})).status_code == 401
    site.inside.reader.refusal = AdmissionExpired()
    assert (await ask(site, {"ticket": "token-ada"})).status_code == 401
