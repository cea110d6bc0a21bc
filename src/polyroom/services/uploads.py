"""Uploads of videos: announced, sent in pieces, gone on with after any interruption, given up after a day."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from polyroom.domain.account import Dialect
from polyroom.domain.errors import AdmissionRefused, Invalid, NotAllowed, NotFound, Overloaded, RoomDisabled
from polyroom.domain.events import EventType
from polyroom.domain.room import Room, RoomKind
from polyroom.domain.video import Video, VideoState
from polyroom.services.attempts import AttemptLimiter
from polyroom.services.entrance import standing
from polyroom.services.facts import video_event
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.ports.videos import PATIENCE, Checksum, VideoFiles
from polyroom.services.rooms import find_room

KEPT = timedelta(days=1)
"""How long an upload waits for its next piece."""

MOST_IN_A_ROOM = 10
_MOST_LOOKED_AT = 1000
_MAY_UPLOAD = "moderator"


class TooManyUploads(Overloaded):
    """A room has as many unfinished uploads as it may."""


@dataclass(frozen=True, slots=True)
class UploadWish:
    """What a caller announces. `upload` is what the protocol wants kept of the request."""

    name: str
    bytes: int
    sha256: str = ""
    upload: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload and how much of it is there."""

    video: Video
    offset: int

    @property
    def complete(self) -> bool:
        """Whether everything arrived."""
        return self.offset == self.video.bytes


class UploadService:
    """Use cases of uploads. Every method raises NotFound for another account's room or upload.

    `queued` is called when a video is whole. `most_bytes` is the size of the largest file taken.
    """

    def __init__(
        self, store: Store, clock: Clock, ids: Ids, files: VideoFiles, *, queued: Callable[[], None], most_bytes: int
    ) -> None:
        self._store, self._clock, self._ids, self._files = store, clock, ids, files
        self._queued = queued
        self.most_bytes = most_bytes
        self._attempts = AttemptLimiter(clock)

    async def sender(self, any_room_id: str, token: str, address: str) -> UUID:
        """The account in whose name the bearer of a room token may upload into that room.

        Raises NotFound("room"), RoomDisabled, AdmissionRefused, AdmissionExpired, TooManyAttempts; NotAllowed for a
        token of another role.
        """
        key = (address, any_room_id)
        self._attempts.check(key)

        def unit(tx: Transaction) -> UUID:
            admission = tx.admissions.by_token(Dialect.STREAMWISE, token)
            if admission is None:
                raise AdmissionRefused
            room = find_room(tx, None, any_room_id)
            grant = standing(tx, room, admission.grant(), self._clock.now())
            if not room.enabled:
                raise RoomDisabled
            if grant.label != _MAY_UPLOAD:
                raise NotAllowed("upload")
            return room.account_id

        try:
            return await self._store.read(unit)
        except (AdmissionRefused, NotFound):
            self._attempts.failed(key)
            raise AdmissionRefused from None

    async def create(self, account_id: UUID, any_room_id: str, wish: UploadWish) -> Upload:
        """Announce a file. Raises Invalid, TooManyUploads, NoSpace."""
        if wish.bytes < 1:
            raise Invalid("bytes", "too_small")
        if wish.bytes > self.most_bytes:
            raise Invalid("bytes", "too_large")
        await self._store.read(lambda tx: _video_room(tx, account_id, any_room_id))
        await self._files.check_space(wish.bytes + await self._announced())
        at = self._clock.now()

        def unit(tx: Transaction) -> Video:
            room = _video_room(tx, account_id, any_room_id)
            videos = tx.videos.of_room(room.id, 2 * MOST_IN_A_ROOM)
            if sum(one.state is VideoState.UPLOADING for one in videos) >= MOST_IN_A_ROOM:
                raise TooManyUploads
            made = Video(
                id=self._ids.uuid(),
                short_id=self._ids.base62(16),
                account_id=room.account_id,
                room_id=room.id,
                name=wish.name,
                bytes=wish.bytes,
                upload=dict(wish.upload or {}),
                created_at=at,
                updated_at=at,
                expires_at=at + KEPT,
                sha256=wish.sha256,
            )
            tx.videos.add(made)
            return made

        return Upload(await self._store.write(unit), 0)

    async def get(self, account_id: UUID, any_room_id: str, upload_id: str) -> Upload:
        """One upload and how far it is, which is everything once it is whole. Raises NotFound("upload")."""
        found = await self._store.read(lambda tx: _upload(tx, account_id, any_room_id, upload_id), quick=True)
        if found.state is not VideoState.UPLOADING:
            return Upload(found, found.bytes)
        upload = Upload(found, await self._files.offset(found, patience=PATIENCE))
        return await self._completed(found) if upload.complete else upload

    async def receive(
        self,
        account_id: UUID,
        any_room_id: str,
        upload_id: str,
        *,
        offset: int,
        chunks: AsyncIterator[bytes],
        checksum: Checksum | None = None,
    ) -> Upload:
        """Take what is sent, from `offset` on; it is on the disk when this returns.

        Raises what VideoFiles.receive raises. With the last byte the video is queued.
        """

        def unit(tx: Transaction) -> Video:
            found = _upload(tx, account_id, any_room_id, upload_id)
            if found.state is VideoState.UPLOADING:
                at = self._clock.now()
                found = replace(found, updated_at=at, expires_at=at + KEPT)
                tx.videos.update(found)
            return found

        video = await self._store.write(unit)
        if video.state is not VideoState.UPLOADING:
            raise NotFound("upload")
        upload = Upload(video, await self._files.receive(video, offset, chunks, checksum))
        return await self._completed(video) if upload.complete else upload

    async def _completed(self, video: Video) -> Upload:
        at = self._clock.now()

        def unit(tx: Transaction) -> Video:
            known = tx.videos.get(video.id)
            if known is None:
                raise NotFound("upload")
            if known.state is VideoState.UPLOADING:
                known = known.moved(VideoState.QUEUED, at)
                tx.videos.update(known)
                tx.events.append([video_event(self._ids, EventType.VIDEO_UPLOADED, known, at)])
            return known

        done = await self._store.write(unit)
        self._queued()
        return Upload(done, done.bytes)

    async def _announced(self) -> int:
        """Bytes that are still to come of all uploads."""
        open_ones = await self._store.read(lambda tx: tx.videos.in_state(VideoState.UPLOADING, _MOST_LOOKED_AT))
        return sum([one.bytes - await self._files.offset(one) for one in open_ones])


def _video_room(tx: Transaction, account_id: UUID, any_room_id: str) -> Room:
    room = find_room(tx, account_id, any_room_id)
    if room.kind is not RoomKind.VIDEO:
        raise Invalid("kind", "no_video")
    return room


def _upload(tx: Transaction, account_id: UUID, any_room_id: str, upload_id: str) -> Video:
    room = find_room(tx, account_id, any_room_id)
    found = tx.videos.by_short_id(upload_id)
    if found is None or found.room_id != room.id:
        raise NotFound("upload")
    return found
