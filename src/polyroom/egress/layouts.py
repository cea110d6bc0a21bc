"""Where everybody's tile is."""

from dataclasses import dataclass
from math import ceil

from polyroom.domain.recording import Layout

GAP = 8
_SHAPE = 16 / 9


@dataclass(frozen=True, slots=True)
class Rect:
    """A place on the canvas; all four are even, as chroma planes need it."""

    x: int
    y: int
    width: int
    height: int


def place(layout: Layout, count: int, width: int, height: int, most: int = 25) -> list[Rect]:
    """The places of up to `most` tiles, the first of which stands for whoever matters most."""
    count = min(count, most)
    if count == 0:
        return []
    whole = Rect(0, 0, width, height)
    if layout is Layout.SINGLE or count == 1:
        return [whole]
    if layout is Layout.GRID:
        return _grid(whole, count)
    return _with_strip(whole, count, below=layout is Layout.SPEAKER)


def _grid(area: Rect, count: int) -> list[Rect]:
    columns = max(range(1, count + 1), key=lambda n: _tile_width(area, n, ceil(count / n)))
    rows = ceil(count / columns)
    width = _tile_width(area, columns, rows)
    height = width / _SHAPE
    top = area.y + (area.height - rows * height - (rows - 1) * GAP) / 2
    places = []
    for index in range(count):
        row, column = divmod(index, columns)
        in_row = min(columns, count - row * columns)
        left = area.x + (area.width - in_row * width - (in_row - 1) * GAP) / 2
        places.append(_even(left + column * (width + GAP), top + row * (height + GAP), width, height))
    return places


def _tile_width(area: Rect, columns: int, rows: int) -> float:
    across = (area.width - (columns - 1) * GAP) / columns
    down = (area.height - (rows - 1) * GAP) / rows
    return min(across, down * _SHAPE)


def _with_strip(area: Rect, count: int, *, below: bool) -> list[Rect]:
    """One large tile and a strip of the others, at most five of them seen."""
    shown = min(count - 1, 5)
    gaps = (shown - 1) * GAP
    if below:
        wide = min(area.height / 5 * _SHAPE, (area.width - gaps) / shown)
        tall = wide / _SHAPE
        large = _even(area.x, area.y, area.width, area.height - tall - GAP)
        left = area.x + (area.width - shown * wide - gaps) / 2
        strip = [_even(left + i * (wide + GAP), area.y + area.height - tall, wide, tall) for i in range(shown)]
    else:
        tall = min(area.width / 5 / _SHAPE, (area.height - gaps) / shown)
        wide = tall * _SHAPE
        large = _even(area.x, area.y, area.width - wide - GAP, area.height)
        top = area.y + (area.height - shown * tall - gaps) / 2
        strip = [_even(area.x + area.width - wide, top + i * (tall + GAP), wide, tall) for i in range(shown)]
    return [large, *strip]


def _even(x: float, y: float, width: float, height: float) -> Rect:
    return Rect(int(x) & ~1, int(y) & ~1, max(int(width) & ~1, 2), max(int(height) & ~1, 2))
