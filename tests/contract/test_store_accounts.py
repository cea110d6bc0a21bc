"""Accounts, keys, subscriptions and templates."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError
from tests.contract.store_making import (
    NOW,
    Tenant,
    data_of,
    later,
    make_account,
    make_key,
    make_subscription,
    make_template,
    make_tenant,
    uuid,
)
from tests.support.stores import Kind, content_of

from polyroom.domain.account import Dialect
from polyroom.domain.room import RoomKind
from polyroom.services.ports.store import Store


async def test_an_account_comes_back_as_it_was(store: Store) -> None:
    account = make_account()
    await store.write(lambda tx: tx.accounts.add(account))
    assert await store.read(lambda tx: tx.accounts.get(account.id)) == account
    assert await store.read(lambda tx: tx.accounts.get(uuid())) is None


async def test_there_is_one_default_account_at_most(store: Store) -> None:
    assert await store.read(lambda tx: tx.accounts.default()) is None
    first = make_account(is_default=True)
    await store.write(lambda tx: tx.accounts.add(first))
    with pytest.raises(IntegrityError):
        await store.write(lambda tx: tx.accounts.add(make_account(is_default=True)))
    assert await store.read(lambda tx: tx.accounts.default()) == first


async def test_the_list_has_living_accounts_oldest_first(store: Store) -> None:
    young, old, closed = (make_account(created_at=later(seconds)) for seconds in (2, 1, 0))
    for account in (young, old, closed):
        await store.write(lambda tx, account=account: tx.accounts.add(account))
    await store.write(lambda tx: tx.accounts.close(closed.id, later(9)))
    assert await store.read(lambda tx: tx.accounts.list()) == [old, young]
    assert await store.read(lambda tx: tx.accounts.get(closed.id)) == replace(closed, closed_at=later(9))


async def test_a_key_is_found_by_secret_and_by_public_id_of_its_dialect_only(store: Store, tenant: Tenant) -> None:
    key = make_key(tenant.account, Dialect.TELNYX)
    await store.write(lambda tx: tx.accounts.add_key(key))
    assert await store.read(lambda tx: tx.accounts.key_by_secret(Dialect.TELNYX, key.secret)) == key
    assert await store.read(lambda tx: tx.accounts.key_by_public_id(Dialect.TELNYX, key.public_id)) == key
    for secret in (key.secret[:-1], key.secret.swapcase(), "", "\0", "\ud800"):
        assert await store.read(lambda tx, secret=secret: tx.accounts.key_by_secret(Dialect.TELNYX, secret)) is None
        assert await store.read(lambda tx, it=secret: tx.accounts.key_by_public_id(Dialect.TELNYX, it)) is None
    assert await store.read(lambda tx: tx.accounts.key_by_secret(Dialect.HMS, key.secret)) is None


async def test_a_revoked_key_is_nobodys_and_is_revoked_once(store: Store, tenant: Tenant) -> None:
    key, kept = (make_key(tenant.account, Dialect.PHENIX, created_at=later(seconds)) for seconds in (0, 1))
    await store.write(lambda tx: (tx.accounts.add_key(kept), tx.accounts.add_key(key)))
    assert await store.read(lambda tx: tx.accounts.keys()) == [key, kept]
    assert await store.write(lambda tx: tx.accounts.revoke_key(Dialect.PHENIX, key.public_id, NOW))
    assert not await store.write(lambda tx: tx.accounts.revoke_key(Dialect.PHENIX, key.public_id, NOW))
    assert not await store.write(lambda tx: tx.accounts.revoke_key(Dialect.PHENIX, "\0", NOW))
    assert await store.read(lambda tx: tx.accounts.key_by_secret(Dialect.PHENIX, key.secret)) is None
    assert await store.read(lambda tx: tx.accounts.keys(tenant.id, Dialect.PHENIX)) == [kept]
    assert await store.read(lambda tx: tx.accounts.keys(tenant.id, Dialect.HMS)) == []
    assert await store.read(lambda tx: tx.accounts.keys(uuid())) == []


async def test_keys_of_a_closed_account_are_worthless(store: Store, tenant: Tenant) -> None:
    key = make_key(tenant.account, Dialect.STREAMWISE)
    await store.write(lambda tx: tx.accounts.add_key(key))
    await store.write(lambda tx: tx.accounts.close(tenant.id, NOW))
    assert await store.read(lambda tx: tx.accounts.key_by_secret(Dialect.STREAMWISE, key.secret)) is None
    assert await store.read(lambda tx: tx.accounts.key_by_public_id(Dialect.STREAMWISE, key.public_id)) is None
    assert await store.read(lambda tx: tx.accounts.keys()) == []


async def test_secrets_do_not_lie_in_the_database_in_the_open(
    store: Store, tenant: Tenant, tmp_path: Path, kind: Kind
) -> None:
    key = make_key(tenant.account, Dialect.TELNYX, extra={"private_key": "verysecretprivatekey"})
    await store.write(lambda tx: tx.accounts.add_key(key))
    content = content_of(data_of(tmp_path), kind)
    assert key.public_id.encode() in content
    assert key.secret.encode() not in content
    assert b"verysecretprivatekey" not in content


async def test_a_failing_statement_names_no_secret(store: Store, tenant: Tenant) -> None:
    key = make_key(tenant.account, Dialect.TELNYX)
    await store.write(lambda tx: tx.accounts.add_key(key))
    with pytest.raises(IntegrityError) as caught:
        await store.write(lambda tx: tx.accounts.add_key(key))
    assert key.secret not in str(caught.value)
    assert key.public_id not in str(caught.value)


async def test_subscriptions_are_found_by_every_way(store: Store, tenant: Tenant) -> None:
    meet, live = tenant.subscription, make_subscription(tenant.account, RoomKind.LIVE)
    other = make_subscription(tenant.account, RoomKind.LIVE, is_default=False)
    await store.write(lambda tx: (tx.accounts.add_subscription(live), tx.accounts.add_subscription(other)))
    assert await store.read(lambda tx: tx.accounts.subscription(live.id)) == live
    assert await store.read(lambda tx: tx.accounts.default_subscription(tenant.id, RoomKind.LIVE)) == live
    assert await store.read(lambda tx: tx.accounts.default_subscription(tenant.id, RoomKind.VIDEO)) is None
    by_id = await store.read(lambda tx: tx.accounts.subscription_by_streamwise_id(tenant.id, other.streamwise_id))
    assert by_id == other
    stranger = await make_tenant(store)
    for account_id, shown in ((stranger.id, other.streamwise_id), (tenant.id, "\0")):
        nothing = await store.read(
            lambda tx, a=account_id, s=shown: tx.accounts.subscription_by_streamwise_id(a, s),
        )
        assert nothing is None
    several = await store.read(lambda tx: tx.accounts.subscriptions([meet.id, live.id, uuid(), live.id]))
    assert {one.id: one for one in several} == {meet.id: meet, live.id: live}
    assert await store.read(lambda tx: tx.accounts.subscriptions([])) == []


async def test_a_template_keeps_its_roles(store: Store, tenant: Tenant) -> None:
    extra = make_template(tenant.account, name="extra", is_default=False)
    await store.write(lambda tx: tx.templates.add(extra))
    assert await store.read(lambda tx: tx.templates.get(extra.id)) == extra
    assert await store.read(lambda tx: tx.templates.default(tenant.id)) == tenant.template
    assert await store.read(lambda tx: tx.templates.default(uuid())) is None
