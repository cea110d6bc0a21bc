"""Erasing a person takes the words of their removal out of the log, and nothing else."""

from tests.contract.store_making import Tenant, make_event, make_participant, make_session

from polyroom.domain.events import Event, EventType
from polyroom.services.ports.store import Store, Transaction


async def test_the_words_somebody_was_put_out_with_go(store: Store, tenant: Tenant) -> None:
    room = tenant.room("Room")
    session = make_session(room)
    ada, bob = make_participant(session, identity="ada"), make_participant(session, identity="bob")
    data = {"reason": "removed", "by": "1", "said": "Ada was rude"}

    def left(one_id: object) -> Event:
        ids = {"session_id": session.id, "participant_id": one_id}
        return make_event(room, EventType.PARTICIPANT_LEFT, data=data, **ids)

    def begin(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.sessions.open(session)
        for one in (ada, bob):
            tx.sessions.add_participant(one)
        tx.events.append([left(ada.id), left(bob.id)])

    await store.write(begin)
    assert await store.write(lambda tx: tx.erasure.words(session.id, ada.id)) == 1
    assert await store.write(lambda tx: tx.erasure.words(session.id, ada.id)) == 0
    kept = await store.read(lambda tx: [dict(one.data) for one in tx.events.of_room(room.id)])
    assert kept == [{"reason": "removed", "by": "1"}, data]
