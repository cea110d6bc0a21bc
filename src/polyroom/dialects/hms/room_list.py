"""Which rooms a list shows. Source: List rooms, "Allowed filters"."""

from collections.abc import Sequence
from dataclasses import replace

from polyroom.dialects.hms.desk import Desk
from polyroom.dialects.hms.query import Asked
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.room import Namespace, Room
from polyroom.services.ports.store import ALWAYS, RoomSearch
from polyroom.services.rooms import RoomDetails


async def found_rooms(desk: Desk, account: Account, asked: Asked, limit: int) -> Sequence[RoomDetails]:
    """The page of rooms that fulfil every filter, latest first. Raises ApiError, Invalid for the start."""
    name, start, template = asked.text("name"), asked.text("start"), asked.text("template_id")
    search = _search(asked, limit)
    if template is not None:
        try:
            found = await desk.templates.get(account.id, template)
        except NotFound:
            return []
        search = replace(search, template_id=found.id)
    if name is None:
        return (await desk.rooms.search(account.id, search, names=True, start=start)).items
    one = await _named(desk, account, name) if start is None else None
    return [one] if one is not None and _fulfils(one.room, search) else []


def _search(asked: Asked, limit: int) -> RoomSearch:
    created = asked.span("after", "before")
    return RoomSearch(
        # Ids grow with time, and every filter has an index that ends in them; a span of time is found by the times.
        order_by="uuid" if created == ALWAYS else "created_at",
        descending=True,
        limit=limit,
        enabled=asked.flag("enabled"),
        created=created,
        count=False,
    )


async def _named(desk: Desk, account: Account, name: str) -> RoomDetails | None:
    """The room of that name; one without a name is called by its UUID."""
    found = await desk.rooms.by_name(account.id, Namespace.HMS_NAME, name)
    if found is not None or uuid_of_text(name) is None:
        return found
    try:
        found = await desk.rooms.get(account.id, name, names=True)
    except NotFound:
        return None
    return None if Namespace.HMS_NAME in found.names else found


def _fulfils(room: Room, search: RoomSearch) -> bool:
    return (
        search.enabled in {None, room.enabled}
        and search.template_id in {None, room.template_id}
        and room.created_at in search.created
    )
