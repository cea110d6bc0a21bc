"""The store: units of work over repositories.

A unit is a plain function of a `Transaction`. It runs on a thread that may block, in a savepoint of its own: raising
undoes that unit alone. `write` returns only after the commit is durable; several units may share one commit.
A unit must be pure but for the transaction: it may run twice on a database that asks for a retry.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from polyroom.services.ports.accounts import Accounts
from polyroom.services.ports.erasure import Erasure
from polyroom.services.ports.event_log import Events
from polyroom.services.ports.expiry import Expiry
from polyroom.services.ports.external_streams import ExternalStreams
from polyroom.services.ports.history import History
from polyroom.services.ports.live_streams import LiveStreams
from polyroom.services.ports.messages import Messages
from polyroom.services.ports.paging import ALWAYS, Page, Span
from polyroom.services.ports.polls import Polls
from polyroom.services.ports.quality import Quality
from polyroom.services.ports.recordings import Recordings
from polyroom.services.ports.rooms import ROOM_FIELDS, Admissions, Rooms, RoomSearch, Templates
from polyroom.services.ports.sessions import Servers, Sessions, SessionSearch
from polyroom.services.ports.stream_keys import StreamKeys
from polyroom.services.ports.videos import Videos
from polyroom.services.ports.walks import Walks
from polyroom.services.ports.webhooks import Outbox, Webhooks

__all__ = [
    "ALWAYS",
    "ROOM_FIELDS",
    "Accounts",
    "Admissions",
    "Page",
    "RoomSearch",
    "Rooms",
    "Servers",
    "SessionSearch",
    "Sessions",
    "Span",
    "Store",
    "Templates",
    "Transaction",
]

T = TypeVar("T")


class Transaction(Protocol):
    """All repositories of one unit of work."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def templates(self) -> Templates: ...
    @property
    def rooms(self) -> Rooms: ...
    @property
    def admissions(self) -> Admissions: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def events(self) -> Events: ...
    @property
    def messages(self) -> Messages: ...
    @property
    def polls(self) -> Polls: ...
    @property
    def history(self) -> History: ...
    @property
    def quality(self) -> Quality: ...
    @property
    def recordings(self) -> Recordings: ...
    @property
    def live_streams(self) -> LiveStreams: ...
    @property
    def external_streams(self) -> ExternalStreams: ...
    @property
    def expiry(self) -> Expiry: ...
    @property
    def erasure(self) -> Erasure: ...
    @property
    def videos(self) -> Videos: ...
    @property
    def stream_keys(self) -> StreamKeys: ...
    @property
    def walks(self) -> Walks: ...
    @property
    def servers(self) -> Servers: ...
    @property
    def webhooks(self) -> Webhooks: ...
    @property
    def outbox(self) -> Outbox: ...


class Store(Protocol):
    """Runs units of work."""

    async def read(self, unit: Callable[[Transaction], T], *, quick: bool = False) -> T:
        """Run a unit that changes nothing, beside the writer.

        `quick` says that the unit looks up a few rows by index: a store without a network in between may then run it
        where it is called and spare the way to a thread and back.
        """
        ...

    async def write(self, unit: Callable[[Transaction], T]) -> T:
        """Run a unit and return once it is committed and on disk."""
        ...

    def when_queued(self, listener: Callable[[], None]) -> None:
        """Have the listener called, on the event loop, after every commit that queued something for receivers."""
        ...
