"""Recordings that are still being made, looked at on the disk: tests wait for what is in them, not for time."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from av.error import FFmpegError

from tests.support.tapped import Watched


def growing(assets: Path) -> list[Watched]:
    """What each recording that runs has on the disk by now."""
    found = []
    with TemporaryDirectory() as folder:
        for path in sorted(assets.glob("*/*.fragments")):
            copy = shutil.copy(path, Path(folder) / path.name)
            try:
                found.append(Watched(Path(copy)))
            except (FFmpegError, ValueError):
                # Nothing whole is in it yet.
                continue
    return found


def have(found: Sequence[Watched], *wanted: Callable[[Watched], bool]) -> bool:
    """Whether each of these holds for one of them."""
    return all(any(holds(one) for one in found) for holds in wanted)
