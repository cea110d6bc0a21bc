"""What a body asks of a room, in our words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from polyroom.dialects.hms.bodies import RoomCreate, RoomUpdate
from polyroom.dialects.hms.desk import Desk
from polyroom.dialects.hms.errors import ApiError, wrong_field
from polyroom.dialects.hms.sealing import Fields, sealed_recording, sealed_webhook
from polyroom.dialects.hms.values import LARGE_ROOM, ORDINARY_ROOM
from polyroom.domain.account import Account
from polyroom.domain.errors import NotFound
from polyroom.domain.room import Namespace, Room
from polyroom.services.room_changes import NewRoom, RoomChange, without_nulls
from polyroom.services.unset import UNSET, Unset, given


@dataclass(frozen=True, slots=True)
class Wanted:
    """UNSET where the body says nothing. `hms` and `secrets` as in `RoomChange`."""

    name: str | Unset = UNSET
    description: str | Unset = UNSET
    template_id: UUID | Unset = UNSET
    enabled: bool | Unset = UNSET
    capacity: int | Unset | None = UNSET
    max_duration: int | Unset | None = UNSET
    hms: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)

    def new(self) -> NewRoom:
        """As a room that is made."""
        name = given(self.name, "")
        return NewRoom(
            title=name,
            description=given(self.description, ""),
            template_id=None if isinstance(self.template_id, Unset) else self.template_id,
            enabled=given(self.enabled, True),
            capacity=given(self.capacity, None),
            max_duration=given(self.max_duration, None),
            hms=self.hms,
            names={Namespace.HMS_NAME: name} if name else {},
            secrets=without_nulls(self.secrets),
        )

    def change(self, *, renaming: bool) -> RoomChange:
        """As a change of a room. A new name is its title too; a room made again under its own name keeps both."""
        name = self.name if renaming else UNSET
        return RoomChange(
            title=name,
            description=self.description,
            template_id=self.template_id,
            enabled=self.enabled,
            capacity=self.capacity,
            max_duration=self.max_duration,
            hms=self.hms,
            names={} if isinstance(name, Unset) else {Namespace.HMS_NAME: name},
            secrets=self.secrets,
        )


async def wanted(desk: Desk, account: Account, body: RoomCreate | RoomUpdate, old: Room | None) -> Wanted:
    """What the body asks of a new room, or of `old`. Raises ApiError 400."""
    known = old.hms if old is not None else {}
    hms: Fields = {name: body.given(name) for name in ("region", "large_room", *(("polls",) if desk.is_sdk else ()))}
    secrets: Fields = {}
    for name, seal in (("recording_info", sealed_recording), ("webhook", sealed_webhook)):
        value = body.given(name)
        if not isinstance(value, Unset):
            hms[name], sealed = seal(value, known)
            secrets |= sealed
    hms = {name: value for name, value in hms.items() if not isinstance(value, Unset)}
    _check_size(desk, body, old, hms)
    return Wanted(
        name=body.given("name") or UNSET,
        description=_or_empty(body.given("description")),
        template_id=await _template(desk, account, body.given("template_id")),
        enabled=body.given("enabled"),
        capacity=_or_none(body.given("size")),
        max_duration=_or_none(body.given("max_duration_seconds")),
        hms=hms,
        secrets=secrets,
    )


def _check_size(desk: Desk, body: RoomCreate | RoomUpdate, old: Room | None, hms: Fields) -> None:
    size = body.given("size")
    if not desk.is_sdk or (isinstance(size, Unset) and "large_room" not in hms):
        return
    wanted_size = given(size, old.capacity if old is not None else None) or 0
    large = hms["large_room"] if "large_room" in hms else (old.hms if old is not None else {}).get("large_room")
    most = LARGE_ROOM if large else ORDINARY_ROOM
    if wanted_size > most:
        raise wrong_field(f"size greater than {most}")


async def _template(desk: Desk, account: Account, shown: str | Unset) -> UUID | Unset:
    if isinstance(shown, Unset):
        return UNSET
    try:
        return (await desk.templates.get(account.id, shown)).id
    except NotFound:
        raise ApiError(400, "template not found", ["template_id names no template"]) from None


def _or_empty(text: str | Unset | None) -> str | Unset:
    return "" if text is None else text


def _or_none(number: int | Unset | None) -> int | Unset | None:
    return None if number == 0 else number
