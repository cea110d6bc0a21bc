"""Role templates: made, found by their ids, listed page by page, changed."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.roles import DEFAULT_ROLES, Role, RoleClass, Template
from polyroom.domain.room import Room
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.remembered import Remembered
from polyroom.services.room_changes import without_nulls

Edit = Callable[[Template], tuple[Template, Mapping[str, Any]]]
"""Makes of a template what it is to be, with the secrets that change; None takes one away. Must be pure."""

_TRIES = 3
_MOST_BYTES = 128 * 1024
_EVERY_DOORS = frozenset({RoleClass.MODERATOR, RoleClass.PARTICIPANT})


class TemplateService:
    """Use cases of templates. NotFound names "template", for another account's as well.

    What changes holds for whoever comes in from then on. Changes raise Invalid: ("roles", "empty") when no role is
    left, ("roles", "default") when the default template has no longer what people of every dialect stand on,
    ("roles", "too_long"), ("name", "taken"), and whatever the edit raises.
    """

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._known: Remembered[UUID, Template] = Remembered(clock)

    async def put(self, account_id: UUID, name: str | None, edit: Edit) -> Template:
        """Make a template, or edit the one that has the name; without a name it is called by its id."""

        def unit(tx: Transaction) -> Template:
            found = tx.templates.by_name(account_id, name) if name else None
            if found is not None:
                return self._edit(tx, found, edit)
            at, hms_id = self._clock.now(), self._ids.hex24()
            blank = Template(self._ids.uuid(), account_id, hms_id, name or hms_id, DEFAULT_ROLES, False, at, at)
            made, secrets = edit(blank)
            _check(made)
            tx.templates.add(made)
            _keep(tx, made, secrets)
            return made

        for attempt in range(1, _TRIES + 1):
            try:
                made = await self._store.write(unit)
                self._known.clear()
                return made
            except Invalid as refusal:  # the name is another's since the look
                if (refusal.field, refusal.rule) != ("name", "taken") or attempt == _TRIES:
                    raise
        raise AssertionError

    async def change(self, account_id: UUID, any_id: str, edit: Edit) -> Template:
        """Edit a template."""

        def unit(tx: Transaction) -> Template:
            found = find_template(tx, account_id, any_id)
            if found is None:
                raise NotFound("template")
            return self._edit(tx, found, edit)

        changed = await self._store.write(unit)
        self._known.clear()
        return changed

    async def get(self, account_id: UUID, any_id: str) -> Template:
        """One template by its 24-hex id or its UUID."""

        def unit(tx: Transaction) -> Template:
            found = find_template(tx, account_id, any_id)
            if found is None:
                raise NotFound("template")
            return found

        return await self._store.read(unit)

    async def page(self, account_id: UUID, start: str | None, limit: int) -> Sequence[Template]:
        """So many of the account's templates, latest first, behind the one `start` names.

        Raises Invalid for a start that is no template.
        """

        def unit(tx: Transaction) -> Sequence[Template]:
            last = None
            if start is not None:
                last = find_template(tx, account_id, start)
                if last is None:
                    raise Invalid("start", "unknown")
            return tx.templates.page(account_id, last.id if last else None, limit)

        return await self._store.read(unit)

    async def several(self, ids: Iterable[UUID]) -> Mapping[UUID, Template]:
        """Templates by our ids, such as those of a page of rooms; remembered for a moment."""
        wanted = {template_id: self._known.get(template_id) for template_id in ids}
        missing = [template_id for template_id, known in wanted.items() if known is None]
        if missing:
            for template in await self._store.read(lambda tx: tx.templates.several(missing)):
                wanted[template.id] = template
                self._known.put(template.id, template)
        return {template_id: template for template_id, template in wanted.items() if template is not None}

    def _edit(self, tx: Transaction, found: Template, edit: Edit) -> Template:
        old = tx.templates.get(found.id, lock=True)
        if old is None:
            raise NotFound("template")
        new, secrets = edit(old)
        _check(new)
        new = replace(new, updated_at=self._clock.now())
        tx.templates.update(new)
        _keep(tx, new, secrets)
        return new


def _check(template: Template) -> None:
    if not template.roles:
        raise Invalid("roles", "empty")
    if template.is_default and not {role.role_class for role in template.roles} >= _EVERY_DOORS:
        raise Invalid("roles", "default")
    told = [(role.name, role.subscribe_to, role.hms) for role in template.roles]
    if len(json.dumps([told, template.hms], default=dict)) > _MOST_BYTES:
        raise Invalid("roles", "too_long")


def _keep(tx: Transaction, template: Template, secrets: Mapping[str, Any]) -> None:
    if secrets:
        tx.templates.set_secrets(template.id, without_nulls({**tx.templates.secrets(template.id), **secrets}))


def find_template(tx: Transaction, account_id: UUID, any_id: str) -> Template | None:
    """The account's template behind either form of id."""
    own = uuid_of_text(any_id)
    found = tx.templates.get(own) if own else tx.templates.by_hms_id(account_id, any_id.lower())
    return found if found is not None and found.account_id == account_id else None


def find_role(tx: Transaction, room: Room, name: str) -> Role | None:
    """The role of that name in the room's template."""
    template = tx.templates.get(room.template_id)
    return template.role(name) if template is not None else None
