"""What is and was let out of a room: recordings with their files, the live stream, servers it is sent to."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from polyroom.domain.external_stream import Target
from polyroom.domain.recording import Recording, RecordingAsset, RecordingKind
from polyroom.services.broadcasting import BroadcastService, RoomBroadcast
from polyroom.services.external_streams import ExternalStreamService
from polyroom.services.live_streams import LiveStreamService
from polyroom.services.ports.recordings import RecordingSearch
from polyroom.services.recording_deletion import RecordingDeletion
from polyroom.services.recording_records import RecordedRecording, RecordingFilter, RecordingRecords
from polyroom.services.recordings import RecordingService
from polyroom.site.console.asking import after_of, limit_of, path_id
from polyroom.site.console.endpoint import Call
from polyroom.site.console.views import at

_EVERY_KIND = frozenset(RecordingKind)
_LINK_SECONDS = 3600


class Broadcasts:
    """The handlers of what leaves rooms.

    Args:
        link: the address of a file, good for so many seconds.
        watch: the address of a live stream.
        viewers: how many watch one now.
    """

    def __init__(
        self,
        *,
        broadcasts: BroadcastService,
        recorded: RecordingRecords,
        recordings: RecordingService,
        deletion: RecordingDeletion,
        live_streams: LiveStreamService,
        restreams: ExternalStreamService,
        link: Callable[[RecordingAsset, int], str],
        watch: Callable[[str, UUID], str],
        viewers: Callable[[UUID], int],
    ) -> None:
        self._broadcasts, self._recorded, self._recordings = broadcasts, recorded, recordings
        self._deletion, self._live_streams, self._restreams = deletion, live_streams, restreams
        self._link, self._watch, self._viewers = link, watch, viewers

    async def now(self, call: Call) -> Any:
        """The live stream of a room and the servers it is sent to, without keys."""
        room_id = path_id(call.request, "room_id", "room")
        return self._now(await self._broadcasts.of_room(call.account.id, str(room_id)))

    async def stop(self, call: Call) -> Any:
        """End the live stream of a room, and all it is sent to."""
        room_id = path_id(call.request, "room_id", "room")
        await call.body()
        await self._broadcasts.of_room(call.account.id, str(room_id))
        await self._live_streams.stop_all(call.account.id, room_id)
        await self._restreams.stop_all(call.account.id, room_id)
        return {"stopped": True}

    async def recordings(self, call: Call) -> Any:
        """Recordings of a room, latest first, with their files."""
        room_id = path_id(call.request, "room_id", "room")
        await self._broadcasts.of_room(call.account.id, str(room_id))
        limit, after = limit_of(call.request), after_of(call.request)
        search = RecordingSearch(call.account.id, room_id=room_id)
        wanted = RecordingFilter(search, start=None if after is None else str(after))
        found = await self._recorded.page(wanted, limit + 1)
        more = str(found[limit - 1].recording.id) if len(found) > limit else None
        return {"items": [self._recording(one) for one in found[:limit]], "next": more}

    async def stop_recording(self, call: Call) -> Any:
        """End one that runs."""
        recording_id = path_id(call.request, "recording_id", "recording")
        await call.body()
        await self._recordings.stop(call.account.id, recording_id)
        return {"stopped": True}

    async def delete_recording(self, call: Call) -> Any:
        """Delete one that is over, with its files."""
        recording_id = path_id(call.request, "recording_id", "recording")
        await self._deletion.delete(call.account.id, recording_id, _EVERY_KIND)
        return {"deleted": True}

    def _now(self, found: RoomBroadcast) -> Any:
        live = found.live
        stream = live and {
            "id": str(live.id),
            "state": live.state.value,
            "started_at": at(live.started_at),
            "renditions": list(live.renditions),
            "protected": live.protected,
            "watch": self._watch(found.application, live.id),
            "viewers": self._viewers(live.id),
        }
        return {"live": stream, "targets": [_target(one) for one in found.targets]}

    def _recording(self, one: RecordedRecording) -> Any:
        return _recording(one.recording) | {"files": [self._file(each) for each in one.assets]}

    def _file(self, one: RecordingAsset) -> Any:
        return {
            "id": str(one.id),
            "kind": one.kind.value,
            "bytes": one.bytes,
            "milliseconds": one.milliseconds,
            "width": one.width,
            "height": one.height,
            "link": self._link(one, _LINK_SECONDS),
        }


def _recording(one: Recording) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": one.kind.value,
        "state": one.state.value,
        "started_at": at(one.started_at),
        "stopped_at": at(one.stopped_at),
        "failure": one.failure,
    }


def _target(one: Target) -> dict[str, Any]:
    return {
        "to": one.shown,
        "name": one.name,
        "state": one.state.value,
        "why": one.why,
        "since": at(one.since),
        "bytes": one.bytes,
    }
