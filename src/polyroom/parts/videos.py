"""What videos of video rooms need, put together. Part of the composition root."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from polyroom.config import Settings
from polyroom.ingest.transcoder import LocalTranscoder
from polyroom.ingest.video_files import READY, LocalVideoFiles
from polyroom.services.entrance import Entrance
from polyroom.services.ports.admission import TicketSigner
from polyroom.services.ports.clock import Clock, Ids
from polyroom.services.ports.store import Store
from polyroom.services.uploads import UploadService
from polyroom.services.video_queue import VideoQueue
from polyroom.services.videos import VideoService
from polyroom.services.watching import Watchers, WatchService
from polyroom.site import Watching

_CORES_EACH = 2


@dataclass(frozen=True, slots=True)
class VideoParts:
    """The files, the queue that makes them ready, and the use cases. `queue` and `videos` are entered by the server."""

    files: LocalVideoFiles
    queue: VideoQueue
    videos: VideoService
    uploads: UploadService
    watchers: Watchers


def make_video_parts(settings: Settings, store: Store, clock: Clock, ids: Ids) -> VideoParts:
    """One video is made ready at a time for each two cores."""
    files = LocalVideoFiles(settings.data / "videos")
    transcoder = LocalTranscoder(files, settings.ffmpeg)
    slots = max(1, (os.cpu_count() or 1) // _CORES_EACH)
    queue = VideoQueue(store, clock, ids, files=files, transcoder=transcoder, slots=slots)
    return VideoParts(
        files=files,
        queue=queue,
        videos=VideoService(store, clock, files, queue),
        uploads=UploadService(store, clock, ids, files, queued=queue.wake, most_bytes=settings.video_max_size),
        watchers=Watchers(clock),
    )


def watching_routes(
    parts: VideoParts, store: Store, clock: Clock, ids: Ids, *, entrance: Entrance, signer: TicketSigner
) -> Sequence[BaseRoute]:
    """What players ask for."""
    watch = WatchService(
        store, clock, ids, entrance=entrance, signer=signer, videos=parts.videos, watchers=parts.watchers
    )
    return Watching(watch, lambda video: parts.files.path(video) / READY).routes()
