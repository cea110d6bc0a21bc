"""Where files lie that are not to stay on this machine."""

from pathlib import Path
from typing import Protocol


class BucketUnavailable(Exception):
    """The bucket did not take or give something; worth another try. Says why, without secrets."""


class Bucket(Protocol):
    """A store of objects by name. Everything raises BucketUnavailable."""

    async def upload(self, path: Path, name: str) -> None:
        """Keep a file's content under a name; once this returns it is there whole."""
        ...

    async def delete(self, name: str) -> None:
        """Remove an object; one that is not there is gone already."""
        ...

    async def link(self, name: str, seconds: int) -> str:
        """An address that gives the object to whoever has it, in byte ranges too, for so long."""
        ...
