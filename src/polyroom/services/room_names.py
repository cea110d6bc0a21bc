"""A room's unique names: at most one per namespace, claimed and given up inside a unit of work."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from polyroom.domain.errors import HandleTaken
from polyroom.domain.room import Handle, Namespace, Room, unique_form
from polyroom.services.ports.store import Transaction


def names_of(tx: Transaction, room_ids: Iterable[UUID]) -> Mapping[UUID, Mapping[Namespace, str]]:
    """The unique names of several rooms as their makers wrote them; every room has an entry."""
    found: dict[UUID, dict[Namespace, str]] = {room_id: {} for room_id in room_ids}
    for handle in tx.rooms.handles(found):
        found[handle.room_id][handle.namespace] = handle.shown
    return found


def claim_names(tx: Transaction, room: Room, names: Mapping[Namespace, str | None]) -> None:
    """Give the room these names in place of those it has there; None gives one up. Raises HandleTaken."""
    if not names:
        return
    held = {handle.namespace: handle for handle in tx.rooms.handles([room.id])}
    for namespace, shown in sorted(names.items()):
        old = held.get(namespace)
        if old is not None and old.shown == shown:
            continue
        if old is not None:
            tx.rooms.release(room.account_id, namespace, old.value)
        if shown is not None:
            if namespace is Namespace.PHENIX_ALIAS:
                _check_generated_alias(tx, room, shown)
            tx.rooms.claim(Handle(room.account_id, namespace, unique_form(namespace, shown), room.id, shown))


def release_stale_name(tx: Transaction, room: Room, renewed: Mapping[Namespace, str | None]) -> None:
    """Phenix' unique name is what it shows as the title: a title given by another door frees it."""
    if Namespace.PHENIX_NAME in renewed:
        return
    for handle in tx.rooms.handles([room.id]):
        if handle.namespace is Namespace.PHENIX_NAME and handle.shown != room.title:
            tx.rooms.release(room.account_id, handle.namespace, handle.value)


def generated_alias(room: Room) -> str:
    """The Phenix alias of a room that was given none."""
    return room.phenix_id.rpartition("#")[2]


def _check_generated_alias(tx: Transaction, room: Room, alias: str) -> None:
    """An alias must not be the one another room was generated."""
    other = tx.rooms.find(room.account_id, f"{room.phenix_id.rpartition('#')[0]}#{alias}")
    if other is not None and other.id != room.id:
        raise HandleTaken(Namespace.PHENIX_ALIAS, alias)
