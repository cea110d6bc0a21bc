"""What a store says when it cannot do its work. Refusals of the domain are not here: units raise those themselves."""

from polyroom.domain.errors import Overloaded


class StoreError(Exception):
    """Base of the store's own failures."""


class StoreBusy(StoreError, Overloaded):
    """Too much waits for the store, or another process keeps its write lock: try again in a moment."""


class DatabaseUnreachable(StoreError, Overloaded):
    """The database server does not answer, or lets nobody in: it may in a moment."""


class StoreClosed(StoreError):
    """The store was not opened, or is closed already."""


class CommitFailed(StoreError):
    """The unit ran but could not be made durable; nothing of it is kept."""


class DatabaseTooNew(StoreError):
    """A newer polyroom has worked on this database.

    `found` is the database's revision, `newest` the last one this program knows.
    """

    def __init__(self, where: str, found: str, newest: str) -> None:
        super().__init__(
            f"{where} is at revision {found}; this polyroom knows none after {newest}. "
            "Run the newer polyroom, or go back to a copy or a backup made before the upgrade."
        )
        self.found = found
        self.newest = newest


class DatabaseUnfit(StoreError):
    """The database cannot hold what polyroom keeps: too old, the wrong encoding, no rights, or tables of others."""


class KeyFileDamaged(StoreError):
    """The key file is not one, or what is in the database was sealed under another."""
