"""Heartbeats."""

from uuid import UUID

from tests.contract.store_making import later

from polyroom.services.ports.store import Store


async def test_the_last_beat_counts(store: Store) -> None:
    one, other = UUID(int=1), UUID(int=2**128 - 1)
    assert await store.read(lambda tx: tx.servers.last_beat(one)) is None
    for server, at in ((one, 0), (other, 5), (one, 10)):
        await store.write(lambda tx, server=server, at=at: tx.servers.beat(server, later(at)))
    assert await store.read(lambda tx: tx.servers.last_beat(one)) == later(10)
    assert await store.read(lambda tx: tx.servers.living(later(5))) == [one, other]
    assert await store.read(lambda tx: tx.servers.living(later(6))) == [one]
    await store.write(lambda tx: tx.servers.forget(one))
    await store.write(lambda tx: tx.servers.forget(one))
    assert await store.read(lambda tx: tx.servers.last_beat(one)) is None
