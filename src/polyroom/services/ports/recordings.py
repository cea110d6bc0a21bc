"""What is kept of recordings, and whoever makes them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from polyroom.domain.errors import Overloaded
from polyroom.domain.recording import AssetKind, Recording, RecordingAsset, RecordingKind, RecordingState
from polyroom.services.ports.paging import ALWAYS, Page, Span


@dataclass(frozen=True, slots=True)
class RecordingSearch:
    """Recordings or assets of an account, latest first, those after the id `after`.

    `states` are of recordings only, `holding` of assets: what is in them.
    """

    account_id: UUID
    room_id: UUID | None = None
    session_id: UUID | None = None
    made: Span = ALWAYS
    states: frozenset[RecordingState] | None = None
    after: UUID | None = None
    holding: frozenset[AssetKind] | None = None


@dataclass(frozen=True, slots=True)
class RecordingListing:
    """A page by its number of an account's recordings of those kinds, latest first.

    `seconds` is how long the file is at least: those without a file have none of a length.
    """

    account_id: UUID
    kinds: frozenset[RecordingKind]
    room_id: UUID | None = None
    session_id: UUID | None = None
    participant_id: UUID | None = None
    states: frozenset[RecordingState] | None = None
    made: Span = ALWAYS
    started: Span = ALWAYS
    ended: Span = ALWAYS
    seconds: int = 0
    offset: int = 0
    limit: int = 20


class Recordings(Protocol):
    """Recordings and their assets."""

    def add(self, recording: Recording) -> None:
        """Keep a new one."""
        ...

    def update(self, recording: Recording) -> None:
        """Keep what changed of one."""
        ...

    def get(self, recording_id: UUID, *, lock: bool = False) -> Recording | None:
        """One by its id; with `lock` nobody else changes it until the unit ends."""
        ...

    def by_hms_id(self, account_id: UUID, hms_id: str) -> Recording | None:
        """One by 100ms' id."""
        ...

    def unfinished(self, room_id: UUID | None = None) -> Sequence[Recording]:
        """Those that are not over, of one room or of all."""
        ...

    def search(self, search: RecordingSearch, limit: int) -> Sequence[Recording]:
        """A page."""
        ...

    def listed(self, listing: RecordingListing) -> Page[Recording]:
        """A page by its number, and how many match."""
        ...

    def delete(self, recording_ids: Iterable[UUID], at: datetime) -> None:
        """Forget some with their files, which are `discarded` from now on."""
        ...

    def expire(self, before: datetime, limit: int) -> int:
        """Delete so many of those that are over and were made before a moment; how many that was."""
        ...

    def discarded(self) -> Sequence[str]:
        """Paths of files whose recordings are deleted, and that may lie on the disk still."""
        ...

    def off_the_disk(self, paths: Iterable[str]) -> None:
        """Those discarded files are really gone."""
        ...

    def add_asset(self, asset: RecordingAsset) -> None:
        """Keep a new file."""
        ...

    def local_assets(self, after: UUID | None, limit: int) -> Sequence[RecordingAsset]:
        """Those that lie in the folder, first made first."""
        ...

    def in_bucket(self, asset_id: UUID) -> bool:
        """A file lies in the bucket from now on; False where it is known no more."""
        ...

    def asset(self, asset_id: UUID) -> RecordingAsset | None:
        """One by its id."""
        ...

    def asset_by_hms_id(self, account_id: UUID, hms_id: str) -> RecordingAsset | None:
        """One by 100ms' id."""
        ...

    def assets_of(self, recording_id: UUID) -> Sequence[RecordingAsset]:
        """Those of a recording, first made first."""
        ...

    def search_assets(self, search: RecordingSearch, limit: int) -> Sequence[RecordingAsset]:
        """A page."""
        ...


@dataclass(frozen=True, slots=True)
class MadeFile:
    """A finished file, by its path below the assets' folder. `began` is as `RecordingAsset.began_at`."""

    kind: AssetKind
    path: str
    seconds: float
    bytes: int
    sha256: str
    width: int
    height: int
    began: datetime | None = None


class NoCapacity(Overloaded):
    """What is asked for does not fit beside what runs."""


class NoBrowser(NoCapacity):
    """A page is to be recorded, and there is no browser on this machine that could show it."""


class Recorder(Protocol):
    """Makes the files. Everything is about one recording, which it keeps in memory while it runs."""

    def start(self, recording: Recording) -> None:
        """Begin. Raises NoCapacity."""
        ...

    def pause(self, recording_id: UUID, paused: bool) -> None:
        """Leave out what follows, or go on."""
        ...

    def watch(self, given_up: Callable[[UUID], None]) -> None:
        """Who is told of recordings whose makers die again and again; they are to be finished then."""
        ...

    async def finish(self, recording: Recording) -> Sequence[MadeFile]:
        """End it and make its files, also of one that a former server began. Raises OSError."""
        ...


@dataclass(frozen=True, slots=True)
class ThumbnailWish:
    """Pictures of a recording, no larger than that; `offsets` are seconds of it."""

    width: int
    height: int
    offsets: Sequence[float]


class ExtrasMaker(Protocol):
    """Makes the files that lie beside those of a recording."""

    async def keep(self, recording: Recording, kind: AssetKind, suffix: str, data: bytes) -> MadeFile:
        """A file with these bytes. Raises OSError."""
        ...

    async def thumbnails(self, recording: Recording, video: MadeFile, wish: ThumbnailWish) -> Sequence[MadeFile]:
        """Pictures of a file; where it is shorter than an offset, of its end. Raises OSError."""
        ...
