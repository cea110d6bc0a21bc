"""Makes recordings on this machine: one worker each, files in the folder of assets."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from polyroom.domain.recording import AssetKind, Recording, RecordingKind
from polyroom.domain.session import TrackKind
from polyroom.egress.jobs import Job
from polyroom.egress.made import finish, made_by
from polyroom.egress.page.recorder import Page, PageRecorder
from polyroom.egress.subjects import Subject
from polyroom.egress.workers import Workers
from polyroom.services.ports.recordings import MadeFile

_FRAGMENTS = ".fragments"
_DESCRIBER = "polyroom.egress.describing"


class LocalRecorder:
    """A recording that is made along with a live stream has its fragments from there, at `fragments`."""

    def __init__(self, folder: Path, workers: Workers, pages: PageRecorder) -> None:
        self.folder, self._workers, self._pages = folder, workers, pages
        self._given_up: Callable[[UUID], None] = lambda _: None

    def watch(self, given_up: Callable[[UUID], None]) -> None:
        self._given_up = given_up

    def start(self, recording: Recording) -> None:
        path, subject = self.fragments(recording), Subject.of(recording)
        if recording.kind is RecordingKind.PAGE:
            page = Page(recording.settings["meeting_url"], recording.width, recording.height, path)
            self._pages.start(recording.id, page, lambda: self._given_up(recording.id))
            return
        kinds = self._workers.kinds_of(recording.room_id, subject)
        job = Job(
            str(path),
            recording.layout,
            recording.width,
            recording.height,
            pictures=TrackKind.VIDEO in kinds,
            sounds=TrackKind.AUDIO in kinds,
            labels=not subject.is_single,
            handed_on=self._workers.has_only_h264(recording.room_id, subject),
        )

        def heard(news: Mapping[str, Any]) -> None:
            if news["is"] == "lost":
                self._given_up(recording.id)

        self._workers.start(recording.id, recording.room_id, job, heard, subject=subject)

    def pause(self, recording_id: UUID, paused: bool) -> None:
        self._pages.pause(recording_id, paused)
        take = self._workers.get(recording_id)
        if take is not None:
            take.pause(paused)

    async def finish(self, recording: Recording) -> Sequence[MadeFile]:
        path, fragments = self._path(recording), self.fragments(recording)
        if recording.kind is RecordingKind.PAGE:
            pictures = not recording.settings.get("audio_only")
            made = await self._pages.finish(recording.id, fragments, path, pictures=pictures)
        else:
            await self._workers.stop(recording.id)
            made = await finish(fragments, path) if fragments.exists() else None
        if made is None and path.exists():
            # Its server was killed after the file was made, and before that was written down.
            made = await made_by(_DESCRIBER, str(path))
        if made is None or not made.bytes:
            return []
        name = str(path.relative_to(self.folder))
        kind = AssetKind(recording.kind.value)
        began = datetime.fromtimestamp(made.began / 1e6, UTC) if made.began else None
        return [MadeFile(kind, name, made.seconds, made.bytes, made.sha256, made.width, made.height, began)]

    def fragments(self, recording: Recording) -> Path:
        """What is on the disk while it runs; the folder is there."""
        path = self._path(recording)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return path.with_suffix(_FRAGMENTS)

    def _path(self, recording: Recording) -> Path:
        """A file of one track may have pictures; players go by what is in it."""
        is_heard = recording.kind is RecordingKind.PAGE and recording.settings.get("audio_only")
        suffix = ".mp4" if TrackKind.VIDEO in Subject.of(recording).kinds and not is_heard else ".m4a"
        return self.folder / recording.account_id.hex / f"{recording.id.hex}{suffix}"
