"""Who is in the room and what of them is seen and heard."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from polyroom.domain.recording import Layout
from polyroom.egress.cameras import Camera
from polyroom.egress.canvas import Tile
from polyroom.egress.frames import Frame
from polyroom.egress.jobs import Track
from polyroom.egress.sound import BLOCK, Sound, Voice

_SCREEN = "screen_share"
_SMOOTHING = 0.04
_LOUDER = 2.0
_QUIET = 0.003


@dataclass(slots=True)
class Someone:
    """One person; `level` is how loud they were lately."""

    name: str
    level: float = 0.0


@dataclass(slots=True)
class Scene:
    """People in the order they came in, and their tracks."""

    people: dict[str, Someone] = field(default_factory=dict)
    tracks: dict[int, Track] = field(default_factory=dict)
    cameras: dict[int, Camera] = field(default_factory=dict)
    voices: dict[int, Voice] = field(default_factory=dict)
    speaker: str = ""

    def name(self, participant: str, name: str) -> None:
        """Somebody came in, or is called otherwise now."""
        self.people.setdefault(participant, Someone(name)).name = name

    def leave(self, participant: str) -> None:
        """Somebody is out with all their tracks."""
        self.people.pop(participant, None)
        for track in [one.track for one in self.tracks.values() if one.participant == participant]:
            self.end(track)

    def change(self, track: Track) -> None:
        """A track began, or was muted or unmuted."""
        self.tracks[track.track] = track
        if track.kind == "video":
            camera = self.cameras.setdefault(track.track, Camera())
            if track.muted:
                camera.clear()
        else:
            self.voices.setdefault(track.track, Voice())

    def end(self, track: int) -> None:
        """A track is gone."""
        for kept in (self.tracks, self.cameras, self.voices):
            kept.pop(track, None)

    def hear(self, frame: Frame, position: int) -> None:
        """A packet of sound at a position of the recording."""
        voice = self.voices.get(frame.track)
        if voice is not None:
            voice.put(position, frame.data, frame.gap)

    def mix(self, position: int) -> Sound:
        """The block of everybody's sound at a position."""
        mixed = np.zeros((2, BLOCK), np.float32)
        levels = dict.fromkeys(self.people, 0.0)
        for number, voice in self.voices.items():
            block = voice.take(position)
            track = self.tracks.get(number)
            if block is None or track is None or track.muted:
                continue
            mixed += block
            if track.participant in levels:
                levels[track.participant] += float(np.abs(block).mean())
        for participant, level in levels.items():
            someone = self.people[participant]
            someone.level += (level - someone.level) * _SMOOTHING
        self._choose_speaker()
        return mixed

    def tiles(self, layout: Layout) -> list[Tile]:
        """Shared screens first, then people, whoever speaks first where the layout has a large place."""
        return [
            self._tile(self.people[participant], track, "" if is_screen else participant)
            for participant, track, is_screen in self._order(layout)
        ]

    def foremost(self, layout: Layout) -> int | None:
        """The track of the first tile; None where that has no picture."""
        _, track, _ = next(self._order(layout), ("", None, False))
        return None if track is None or track.muted else track.track

    def _order(self, layout: Layout) -> Iterator[tuple[str, Track | None, bool]]:
        for track in self.tracks.values():
            if track.source == _SCREEN and not track.muted and track.participant in self.people:
                yield track.participant, track, True
        names = list(self.people)
        if layout is not Layout.GRID:
            names.sort(key=lambda one: (one != self.speaker, not self._is_seen(one)))
        for participant in names:
            yield participant, next(self._tracks_of(participant, "video"), None), False

    def _is_seen(self, participant: str) -> bool:
        return any(not track.muted for track in self._tracks_of(participant, "video"))

    def _tile(self, someone: Someone, track: Track | None, participant: str = "") -> Tile:
        camera = self.cameras.get(track.track) if track else None
        key = participant or (track.track if track else 0)
        silent = bool(participant) and all(one.muted for one in self._tracks_of(participant, "audio"))
        if camera is None or camera.frame is None:
            return Tile(key, someone.name, silent, None)
        return Tile(key, someone.name, silent, camera.frame, camera.serial, camera.turns, not participant)

    def _tracks_of(self, participant: str, kind: str) -> Iterator[Track]:
        for track in self.tracks.values():
            if (track.participant, track.kind) == (participant, kind) and track.source != _SCREEN:
                yield track

    def _choose_speaker(self) -> None:
        loudest = max(self.people, key=lambda one: self.people[one].level, default="")
        if not loudest or self.people[loudest].level < _QUIET:
            return
        current = self.people.get(self.speaker)
        if current is None or self.people[loudest].level > current.level * _LOUDER:
            self.speaker = loudest
