"""The picture everybody is on. Only what changed since the last picture is drawn anew."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from av import VideoFrame
from av.video.reformatter import VideoReformatter

from polyroom.egress.layouts import Rect
from polyroom.egress.painting import Overlay, Plane, absent, label, planes_of

_DARK, _GREY = 24, 128
_MOST_CUT = 0.3
"""The share of a picture that may be cut off for it to fill its tile; beyond that it is shown whole."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One person. `turns` are clockwise quarters; `key` tells apart the tiles and `serial` its pictures."""

    key: Hashable
    name: str
    muted: bool
    frame: VideoFrame | None
    serial: int = 0
    turns: int = 0
    whole: bool = False


class Canvas:
    """A yuv420p picture of a fixed size; `labels` are people's names on their tiles."""

    def __init__(self, width: int, height: int, *, labels: bool = True) -> None:
        self.width, self.height, self._labels = width, height, labels
        self._buffer = np.empty((height * 3 // 2, width), np.uint8)
        chroma = (height // 2, width // 2)
        half = chroma[0] * chroma[1]
        flat = self._buffer.reshape(-1)
        self._planes = (
            self._buffer[:height],
            flat[height * width : height * width + half].reshape(chroma),
            flat[height * width + half :].reshape(chroma),
        )
        self._drawn: dict[Rect, tuple[Hashable, ...]] = {}
        self._scalers: dict[Hashable, VideoReformatter] = {}
        self._clear()

    def draw(self, tiles: Sequence[Tile], places: Sequence[Rect]) -> None:
        """Put each tile in its place."""
        wanted = {place: _state(tile) for tile, place in zip(tiles, places, strict=False)}
        if self._drawn.keys() != wanted.keys():
            self._clear()
        present = {tile.key for tile in tiles}
        self._scalers = {key: scaler for key, scaler in self._scalers.items() if key in present}
        for tile, place in zip(tiles, places, strict=False):
            if self._drawn.get(place) != wanted[place]:
                self._draw(tile, place)
                self._drawn[place] = wanted[place]

    def forget(self) -> None:
        """Draw everything anew next time: tiles that lie on others need it."""
        self._drawn.clear()

    def frame(self) -> VideoFrame:
        """A copy of the picture as it is."""
        return VideoFrame.from_ndarray(self._buffer, format="yuv420p")

    def _clear(self) -> None:
        self._drawn.clear()
        for plane, value in zip(self._planes, (_DARK, _GREY, _GREY), strict=True):
            plane[:] = value

    def _draw(self, tile: Tile, place: Rect) -> None:
        if tile.frame is None:
            self._paste(absent(tile.name, place.width, place.height), place)
        else:
            self._paste_picture(tile, tile.frame, place)
        if not self._labels:
            return
        strip = max(min(place.height // 9, 40), 14)
        drawn = label(tile.name, strip & ~1, tile.muted)
        self._blend(drawn, place, margin=max(strip // 4, 2) & ~1)

    def _paste_picture(self, tile: Tile, frame: VideoFrame, place: Rect) -> None:
        turned = tile.turns % 2 == 1
        across, down = (frame.height, frame.width) if turned else (frame.width, frame.height)
        fill, fit = (pick(place.width / across, place.height / down) for pick in (max, min))
        scale = fit if tile.whole or 1 - fit / fill > _MOST_CUT else fill
        size = [max(round(side * scale / 2) * 2, 2) for side in (across, down)]
        width, height = (size[1], size[0]) if turned else size
        scaler = self._scalers.setdefault(tile.key, VideoReformatter())
        scaled = scaler.reformat(frame, width, height, "yuv420p", interpolation="FAST_BILINEAR")
        planes = planes_of(scaled)
        if tile.turns:
            planes = tuple(np.rot90(plane, -tile.turns) for plane in planes)  # type: ignore[assignment]
        self._paste(planes, place)

    def _paste(self, planes: tuple[Plane, Plane, Plane], place: Rect) -> None:
        """In the middle of its place; what hangs over is cut, what is left free is dark."""
        for target, source, part, ground in zip(self._planes, planes, (1, 2, 2), (_DARK, _GREY, _GREY), strict=True):
            top, left = place.y // part, place.x // part
            area = target[top : top + place.height // part, left : left + place.width // part]
            rows, columns = (min(a, s) for a, s in zip(area.shape, source.shape, strict=True))
            (y, x), (sy, sx) = (
                [(shape[0] - rows) // 2, (shape[1] - columns) // 2] for shape in (area.shape, source.shape)
            )
            if (rows, columns) != area.shape:
                area[:] = ground
            area[y : y + rows, x : x + columns] = source[sy : sy + rows, sx : sx + columns]

    def _blend(self, drawn: Overlay, place: Rect, margin: int) -> None:
        """Onto the lower left corner of a place."""
        covers = (drawn.cover, drawn.chroma_cover, drawn.chroma_cover)
        rows = min(drawn.cover.shape[0], place.height - margin) & ~1
        columns = min(drawn.cover.shape[1], place.width - 2 * margin) & ~1
        if rows <= 0 or columns <= 0:
            return
        for target, source, cover, part in zip(self._planes, drawn.planes, covers, (1, 2, 2), strict=True):
            top, left = (place.y + place.height - margin - rows) // part, (place.x + margin) // part
            height, width = rows // part, columns // part
            area = target[top : top + height, left : left + width]
            below = area.astype(np.float32)
            area[:] = below + (source[:height, :width] - below) * cover[:height, :width]


def _state(tile: Tile) -> tuple[Hashable, ...]:
    return (tile.key, tile.name, tile.muted, tile.frame is None, tile.serial, tile.turns)
