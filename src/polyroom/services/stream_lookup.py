"""What the origin of live streams asks: whose a stream is, where it lies, who may watch it."""

from collections.abc import Callable
from uuid import UUID

from polyroom.domain.live_stream import LiveState
from polyroom.domain.room import Room
from polyroom.services.ports.broadcasts import Broadcaster
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.stream_origin import WatchedStream

Judge = Callable[[Transaction, Room, UUID, str], bool]
"""Whether a token lets its holder watch a stream of a room now."""


class LiveStreamLookup:
    """A `StreamLookup`. Streams of a closed account or of a deleted room are not there."""

    def __init__(self, store: Store, broadcaster: Broadcaster, judge: Judge) -> None:
        self._store, self._broadcaster, self._judge = store, broadcaster, judge

    async def find(self, application: str, stream_id: UUID) -> WatchedStream | None:
        """The stream of an application."""

        def unit(tx: Transaction) -> WatchedStream | None:
            stream = tx.live_streams.get(stream_id)
            account = tx.accounts.get(stream.account_id) if stream is not None else None
            if stream is None or account is None or account.closed_at is not None:
                return None
            if account.phenix_application_id != application or tx.rooms.get(stream.room_id) is None:
                return None
            ending = stream.state is LiveState.STOPPING and not self._broadcaster.runs(stream_id)
            folder = self._broadcaster.folder(stream_id)
            return WatchedStream(stream_id, application, folder, stream.protected, stream.over or ending)

        return await self._store.read(unit, quick=True)

    async def admits(self, stream: WatchedStream, token: str) -> bool:
        """Whether this token is good for watching the stream now."""

        def unit(tx: Transaction) -> bool:
            known = tx.live_streams.get(stream.id)
            room = tx.rooms.get(known.room_id) if known is not None else None
            return room is not None and self._judge(tx, room, stream.id, token)

        return await self._store.read(unit, quick=True)
