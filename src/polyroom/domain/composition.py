"""Pictures composed afterwards: regions, and where the pictures in them are.

Source of the rules: Telnyx' "Create a room composition", video regions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Region:
    """A place on the canvas with a grid of pictures in it; higher `z` lie above. `sources` are ids of recordings, or
    all of them. A grid is as many columns and rows as it needs unless limited; what is beyond the limits is left out.
    """

    x: int
    y: int
    width: int
    height: int
    z: int = 0
    max_columns: int | None = None
    max_rows: int | None = None
    sources: Sequence[str] = (EVERY,)


@dataclass(frozen=True, slots=True)
class Cell:
    """Where one picture of a region is, in whole pixels that are even."""

    x: int
    y: int
    width: int
    height: int


def cells(region: Region, count: int) -> list[Cell]:
    """The places of so many pictures, row by row; fewer where the region's grid has not as many."""
    if count <= 0:
        return []
    columns, rows = _grid(region, count)
    width, height = region.width / columns, region.height / rows
    found = []
    for number in range(min(count, columns * rows)):
        row, column = divmod(number, columns)
        left, top = _even(region.x + column * width), _even(region.y + row * height)
        right, bottom = _even(region.x + (column + 1) * width), _even(region.y + (row + 1) * height)
        found.append(Cell(left, top, max(right - left, 2), max(bottom - top, 2)))
    return found


def _grid(region: Region, count: int) -> tuple[int, int]:
    """Columns and rows, as square as the limits let it be."""
    most_columns, most_rows = region.max_columns or count, region.max_rows or count
    columns = min(ceil(sqrt(count)), most_columns)
    rows = min(ceil(count / columns), most_rows)
    if columns * rows < count:
        columns = min(ceil(count / rows), most_columns)
        rows = min(ceil(count / columns), most_rows)
    return columns, rows


def _even(value: float) -> int:
    return round(value) & ~1
