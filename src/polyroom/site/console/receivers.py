"""Who is told of what happens outside, what was told, and telling it again."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

from starlette.responses import JSONResponse

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.webhook import Webhook, WebhookFormat
from polyroom.services.ports.webhooks import DeliverySearch, ToldDelivery
from polyroom.services.record import RecordService, Slice
from polyroom.services.webhooks import Replay, WebhookService, is_usable
from polyroom.site.console import views
from polyroom.site.console.asking import (
    after_of,
    flag_query,
    id_field,
    id_query,
    ids_field,
    limit_of,
    path_id,
    text_field,
)
from polyroom.site.console.endpoint import Call
from polyroom.site.console.errors import invalid

_QUEUES = 50
_LONGEST_URL = 2048


class Tried(Protocol):
    """How one try went."""

    @property
    def status(self) -> int | None: ...
    @property
    def milliseconds(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def error(self) -> str: ...


TryOut = Callable[[Webhook], Awaitable[Tried]]
"""Sends a made-up event to a receiver, once."""


class Receivers:
    """The handlers of webhooks."""

    def __init__(self, webhooks: WebhookService, record: RecordService, try_out: TryOut) -> None:
        self._webhooks = webhooks
        self._record = record
        self._try_out = try_out

    async def list(self, call: Call) -> Any:
        """An account's receivers, and where something waits: an account has few of the first, the rest is cut off."""
        found = await self._webhooks.list(call.account.id)
        queues = await self._webhooks.queues(call.account.id, _QUEUES)
        return {"items": [views.webhook(one) for one in found], "queues": [views.queue(one) for one in queues]}

    async def add(self, call: Call) -> Any:
        """One more receiver. Its secret is shown this once."""
        body = await call.body()
        url = text_field(body, "url", _LONGEST_URL)
        if not is_usable(url):
            raise invalid("url", "The address must begin with http:// or https:// and hold no password.")
        made = await self._webhooks.add(call.account.id, _format_of(text_field(body, "format")), url)
        secret = made.secret if made.format is WebhookFormat.POLYROOM else None
        return JSONResponse(views.webhook(made) | {"secret": secret}, 201)

    async def remove(self, call: Call) -> Any:
        """Tell it nothing more."""
        await self._webhooks.remove((await self._own(call)).id)
        return {"removed": True}

    async def try_out(self, call: Call) -> Any:
        """Send a made-up event now, and show what came back."""
        await call.body()
        tried = await self._try_out(await self._own(call))
        return {
            "status": tried.status,
            "milliseconds": tried.milliseconds,
            "answer": tried.text,
            "error": tried.error,
        }

    async def deliveries(self, call: Call) -> Any:
        """What was told and what waits, latest first."""
        limit, after = limit_of(call.request), after_of(call.request)
        if after is not None and await self._one(call, after) is None:
            raise Invalid("after", "unknown")
        search = DeliverySearch(
            room_id=id_query(call.request, "room"),
            failing=bool(flag_query(call.request, "failing")),
            after=after,
            limit=limit + 1,
        )
        found = list(await self._webhooks.search(call.account.id, search))
        more = found[limit - 1].delivery.id if len(found) > limit else None
        return views.page(Slice(found[:limit], more), views.delivery)

    async def delivery(self, call: Call) -> Any:
        """One delivery with every attempt."""
        wanted = path_id(call.request, "delivery_id", "delivery")
        found = await self._one(call, wanted)
        if found is None:
            raise NotFound("delivery")
        tries = await self._webhooks.attempts([wanted])
        return views.delivery(found) | {"attempts": [views.attempt(one) for one in tries]}

    async def replay(self, call: Call) -> Any:
        """Tell events again, by their ids or all of a session, to whoever hears them now."""
        body = await call.body()
        event_ids, session_id = ids_field(body, "events"), id_field(body, "session")
        if bool(event_ids) == (session_id is not None):
            raise invalid("events", "Say which events, or of which session.")
        if session_id is not None:
            await self._record.session(call.account.id, session_id)
        queued = await self._webhooks.replay(call.account.id, Replay(event_ids, session_id=session_id))
        return {"queued": queued}

    async def _one(self, call: Call, delivery_id: UUID) -> ToldDelivery | None:
        found = await self._webhooks.search(call.account.id, DeliverySearch(delivery_id=delivery_id, limit=1))
        return found[0] if found else None

    async def _own(self, call: Call) -> Webhook:
        webhook_id: UUID = path_id(call.request, "webhook_id", "webhook")
        found = await self._webhooks.get(webhook_id)
        if found.account_id != call.account.id:
            raise NotFound("webhook")
        return found


def _format_of(name: str) -> WebhookFormat:
    if name not in views.FORMATS:
        raise invalid("format", f"format must be one of {', '.join(views.FORMATS)}.")
    return views.FORMATS[name]
