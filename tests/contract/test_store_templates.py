"""Templates, page by page and several at once; rooms by an id that was ever theirs."""

from tests.contract.store_making import Tenant, add, later, make_template, make_tenant, uuid

from polyroom.domain.ids import ulid_of
from polyroom.services.ports.store import Store


async def test_templates_are_paged_latest_first(store: Store, tenant: Tenant) -> None:
    moments = [later(1), later(1), later(2)]
    made = [make_template(tenant.account, is_default=False, created_at=at) for at in moments]
    other = await make_tenant(store, is_default=False)
    for template in made:
        await store.write(lambda tx, one=template: tx.templates.add(one))
    expected = sorted([*made, tenant.template], key=lambda one: (one.created_at, one.id), reverse=True)
    for size in (1, 2, 3, 4, 10):
        walked, after = [], None
        while page := await store.read(lambda tx, at=after, most=size: tx.templates.page(tenant.id, at, most)):
            walked += page
            after = page[-1].id
        assert walked == expected
    assert await store.read(lambda tx: tx.templates.page(other.id, None, 10)) == [other.template]
    assert await store.read(lambda tx: tx.templates.page(uuid(), None, 10)) == []


async def test_several_templates_are_read_at_once(store: Store, tenant: Tenant) -> None:
    other = await make_tenant(store, is_default=False)
    wanted = [tenant.template.id, other.template.id, tenant.template.id, uuid()]
    found = await store.read(lambda tx: tx.templates.several(wanted))
    assert {one.id for one in found} == {tenant.template.id, other.template.id}
    assert await store.read(lambda tx: tx.templates.several([])) == []


async def test_a_rooms_ids_name_it_for_ever(store: Store, tenant: Tenant) -> None:
    room = tenant.room("gone")
    await store.write(add(room))
    forms = [room.hms_id, room.hms_id.upper(), str(room.id), ulid_of(room.id), room.streamwise_id, room.phenix_id]
    for deleted in (False, True):
        if deleted:
            await store.write(lambda tx: tx.rooms.delete(room.id, later(1)))
        for form in forms:
            assert await store.read(lambda tx, one=form: tx.rooms.ever(tenant.id, one)) == room.id
            assert await store.read(lambda tx, one=form: tx.rooms.ever(uuid(), one)) is None
    for nobody in ("", "x", "a\0", "\ud800", str(uuid())):
        assert await store.read(lambda tx, one=nobody: tx.rooms.ever(tenant.id, one)) is None
