"""Role templates: found by their ids, listed page by page."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from polyroom.domain.errors import Invalid, NotFound
from polyroom.domain.ids import uuid_of_text
from polyroom.domain.roles import Role, Template
from polyroom.domain.room import Room
from polyroom.services.ports.clock import Clock
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.remembered import Remembered


class TemplateService:
    """Use cases of templates. NotFound names "template", for another account's as well."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._known: Remembered[UUID, Template] = Remembered(clock)

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


def find_template(tx: Transaction, account_id: UUID, any_id: str) -> Template | None:
    """The account's template behind either form of id."""
    own = uuid_of_text(any_id)
    found = tx.templates.get(own) if own else tx.templates.by_hms_id(account_id, any_id.lower())
    return found if found is not None and found.account_id == account_id else None


def find_role(tx: Transaction, room: Room, name: str) -> Role | None:
    """The role of that name in the room's template."""
    template = tx.templates.get(room.template_id)
    return template.role(name) if template is not None else None
