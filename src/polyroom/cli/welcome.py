"""The room that is there from the start, so that the first look needs no API call."""

from typing import TYPE_CHECKING
from uuid import UUID

from polyroom.config import Settings
from polyroom.domain.account import Dialect
from polyroom.domain.room import Namespace, Room
from polyroom.services.ports.store import Transaction
from polyroom.services.room_changes import NewRoom

if TYPE_CHECKING:
    from polyroom.app import Core


async def welcome_link(core: "Core", settings: Settings) -> str:
    """A link that lets its holder into the welcome room as a moderator; made once, the same ever after."""
    account = await core.accounts.ensure_default()
    room = await _welcome_room(core, account.id)
    _, tokens = await core.admissions.of_room(account.id, room.streamwise_id, Dialect.STREAMWISE)
    found = next((one for one in tokens if one.label == "moderator" and one.expires_at is None), None)
    if found is None:
        _, found = await core.admissions.create(
            account.id, room.streamwise_id, Dialect.STREAMWISE, "moderator", expires_at=None
        )
    return f"{settings.base_url}/rooms/{room.streamwise_id}/{room.slug}?token={found.token}"


async def _welcome_room(core: "Core", account_id: UUID) -> Room:
    def unit(tx: Transaction) -> Room | None:
        return tx.rooms.by_handle(account_id, Namespace.WELCOME, "welcome")

    found = await core.store.read(unit)
    if found is not None:
        return found
    return (await core.rooms.create(account_id, NewRoom(title="Welcome", names={Namespace.WELCOME: "welcome"}))).room
