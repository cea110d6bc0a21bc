"""What one client wants to receive of the others' tracks."""

from collections.abc import Iterable
from uuid import UUID

from polyroom.domain.session import Track
from polyroom.services.ports.webrtc import MediaConnection
from polyroom.signalling.livekit.sids import stream_label, track_sid

WISHES_AT_MOST = 4096


class Subscriptions:
    """Follows the room's tracks for one client: all of them, or those it asked for.

    A wish for a track that has not started yet is remembered.
    """

    def __init__(self, media: MediaConnection, *, automatic: bool) -> None:
        self._media = media
        self._automatic = automatic
        self._wanted: set[UUID] = set()
        self._unwanted: set[UUID] = set()
        self._live: dict[UUID, Track] = {}
        self._subscribed: set[UUID] = set()

    def start(self, tracks: Iterable[Track]) -> None:
        """Subscribe to what is there and let the first offer leave at once."""
        self._live.update((track.id, track) for track in tracks)
        self._subscribe(track for track in self._live.values() if self._wants(track.id))
        self._media.negotiate()

    def added(self, track: Track) -> None:
        """Someone's track started."""
        self._live[track.id] = track
        if self._wants(track.id):
            self._subscribe([track])

    def withheld(self, track: Track) -> None:
        """Its publisher no longer lets this client have it; the wish is kept."""
        self._unsubscribe([track])
        self._live.pop(track.id, None)

    def removed(self, track: Track) -> None:
        """Someone's track is gone: ended by its publisher, or by the server though its publisher sends on."""
        self._unsubscribe([track])
        self._forget(track)

    def left(self, participant_id: UUID) -> None:
        """Someone is out, and all they published with them; the engine takes the lines out itself."""
        for track in [one for one in self._live.values() if one.participant_id == participant_id]:
            self._forget(track)

    def ask(self, track_ids: Iterable[UUID], subscribe: bool) -> None:
        """The client's own choice; each track counts once however often it is named."""
        for track_id in dict.fromkeys(track_ids):
            (self._wanted if subscribe else self._unwanted).add(track_id)
            (self._unwanted if subscribe else self._wanted).discard(track_id)
            while len(self._wanted) + len(self._unwanted) > WISHES_AT_MOST:
                (self._unwanted or self._wanted).pop()
        named = [self._live[one] for one in dict.fromkeys(track_ids) if one in self._live]
        if subscribe:
            self._subscribe(named)
        else:
            self._unsubscribe(named)

    def pause(self, track_ids: Iterable[UUID], paused: bool) -> None:
        """Hold tracks back without giving them up."""
        for track_id in track_ids:
            if track_id in self._subscribed:
                self._media.set_paused(track_id, paused)

    def has(self, track_id: UUID) -> bool:
        """Whether the track is live."""
        return track_id in self._live

    def _forget(self, track: Track) -> None:
        self._live.pop(track.id, None)
        self._subscribed.discard(track.id)
        self._wanted.discard(track.id)
        self._unwanted.discard(track.id)

    def _wants(self, track_id: UUID) -> bool:
        return track_id in self._wanted or (self._automatic and track_id not in self._unwanted)

    def _subscribe(self, tracks: Iterable[Track]) -> None:
        fresh = [track for track in tracks if track.id not in self._subscribed]
        if fresh:
            self._subscribed.update(track.id for track in fresh)
            self._media.subscribe(
                [(one.id, stream_label(one.participant_id, one.id), track_sid(one.id)) for one in fresh]
            )

    def _unsubscribe(self, tracks: Iterable[Track]) -> None:
        given_up = [track.id for track in tracks if track.id in self._subscribed]
        if given_up:
            self._subscribed.difference_update(given_up)
            self._media.unsubscribe(given_up)
