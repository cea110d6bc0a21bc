"""Templates, page by page and several at once; rooms by an id that was ever theirs."""

from dataclasses import replace

import pytest
from tests.contract.store_making import Tenant, add, later, make_template, make_tenant, uuid

from polyroom.domain.errors import Invalid
from polyroom.domain.ids import ulid_of
from polyroom.domain.roles import Permissions, Role, Source
from polyroom.services.ports.store import Store


async def test_templates_are_paged_latest_first(store: Store, tenant: Tenant) -> None:
    moments = [later(1), later(1), later(2)]
    made = [
        make_template(tenant.account, is_default=False, created_at=at, name=f"t{number}")
        for number, at in enumerate(moments)
    ]
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


async def test_a_template_is_kept_whole_and_its_name_is_its_accounts_only(store: Store, tenant: Tenant) -> None:
    role = Role(
        "stage",
        3,
        frozenset({Source.SCREEN}),
        Permissions(mute=True, hls_streaming=False, send_message=False),
        ("stage", "høst"),
        -1,
        900,
        {"publishParams": {"audio": {"bitRate": 32}}},
    )
    made = make_template(
        tenant.account, is_default=False, name="class", roles=(role,), hms={"settings": {"region": "eu"}}
    )
    await store.write(lambda tx: tx.templates.add(made))
    assert await store.read(lambda tx: tx.templates.by_name(tenant.id, "class")) == made
    assert await store.read(lambda tx: tx.templates.by_name(uuid(), "class")) is None
    assert await store.read(lambda tx: tx.templates.by_name(tenant.id, "a\0")) is None
    new = replace(made, name="other", roles=(replace(role, subscribe_to=None),), hms={}, updated_at=later(1))
    await store.write(lambda tx: tx.templates.update(new))
    assert await store.write(lambda tx: tx.templates.get(made.id, lock=True)) == new
    taken = replace(new, name=tenant.template.name)
    for change in (
        lambda tx: tx.templates.update(taken),
        lambda tx: tx.templates.add(make_template(tenant.account, is_default=False, name="other")),
    ):
        with pytest.raises(Invalid) as refusal:
            await store.write(change)
        assert (refusal.value.field, refusal.value.rule) == ("name", "taken")


async def test_a_templates_secrets_are_its_own(store: Store, tenant: Tenant) -> None:
    assert await store.read(lambda tx: tx.templates.secrets(tenant.template.id)) == {}
    for secrets in ({"key": "ü"}, {"key": "b", "more": 1}, {}):
        await store.write(lambda tx, kept=secrets: tx.templates.set_secrets(tenant.template.id, kept))
        assert await store.read(lambda tx: tx.templates.secrets(tenant.template.id)) == secrets
    assert await store.read(lambda tx: tx.templates.secrets(uuid())) == {}
