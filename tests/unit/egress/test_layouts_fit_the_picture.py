"""Places of tiles."""

import pytest

from polyroom.domain.recording import Layout
from polyroom.egress.layouts import Rect, place


def apart(a: Rect, b: Rect) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 7, 16, 60])
@pytest.mark.parametrize("size", [(1280, 720), (640, 360), (720, 1280), (320, 240)])
def test_tiles_lie_inside_apart_and_on_even_pixels(layout: Layout, count: int, size: tuple[int, int]) -> None:
    places = place(layout, count, *size)
    assert (len(places) > 0) == (count > 0) and len(places) <= min(count, 25)
    for one in places:
        assert one.x >= 0 and one.y >= 0 and one.x + one.width <= size[0] and one.y + one.height <= size[1]
        assert not any(side % 2 for side in (one.x, one.y, one.width, one.height))
    assert all(apart(a, b) for i, a in enumerate(places) for b in places[:i])


def test_four_share_the_picture_and_a_speaker_has_most_of_it() -> None:
    assert len({(one.width, one.height) for one in place(Layout.GRID, 4, 1280, 720)}) == 1
    for layout in (Layout.SPEAKER, Layout.SIDEBAR):
        large, *others = place(layout, 4, 1280, 720)
        assert all(large.width * large.height > 8 * one.width * one.height for one in others)
