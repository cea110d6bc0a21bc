"""A page of the caller's own, opened by a real browser and recorded; the file is decoded, and no browser stays."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.support.showing import Shown, processes_naming, seen, shown_page

from polyroom.egress.made import Made, made_by
from polyroom.egress.page.recorder import Page, PageTake, parts_of, profile_of

FINISHER = "polyroom.egress.page.finishing"
PATIENCE = 60.0


@pytest.fixture(scope="module")
def page() -> Iterator[Shown]:
    with shown_page() as shown:
        yield shown


async def until(what: str, done: Callable[[], bool]) -> None:
    try:
        async with asyncio.timeout(PATIENCE):
            while not done():
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"not in time: {what}") from None


@asynccontextmanager
async def recording(url: str, path: Path, *, private: bool = True) -> AsyncIterator[tuple[PageTake, list[bool]]]:
    lost: list[bool] = []
    take = PageTake(Page(url, 320, 180, path), lambda: lost.append(True), private=private)
    take.start()
    try:
        yield take, lost
    finally:
        await take.stop()
        await until("no browser stays", lambda: not processes_naming(str(path)))
        shutil.rmtree(profile_of(path), ignore_errors=True)


async def grown(take: PageTake, pieces: int) -> None:
    """Wait for so many pieces of about a second each."""
    for _ in range(pieces):
        known = take.written
        await until("more is written", lambda known=known: take.written > known)


async def finished(parts: Sequence[Path], target: Path, kind: str = "pictures") -> Made:
    """Make a file of copies of parts, which are used up by it."""
    copies = [Path(shutil.copy(part, target.with_name(f"{target.name}.{part.name}"))) for part in parts]
    made = await made_by(FINISHER, str(target), kind, *map(str, copies))
    assert not any(copy.exists() for copy in copies)
    return made


async def test_a_page_is_recorded_with_its_sound_though_its_worker_is_killed(page: Shown, tmp_path: Path) -> None:
    path = tmp_path / "page.fragments"
    async with recording(f"{page.url}/shown", path) as (take, _):
        await grown(take, 3)
        assert take.pid is not None
        os.kill(take.pid, signal.SIGKILL)
        await until("another part", lambda: len(parts_of(path)) == 2)
        await grown(take, 2)
        take.pause(True)
        await asyncio.sleep(2)
        take.pause(False)
        await grown(take, 1)
    assert "/other" not in page.asked, "no further windows"
    parts, target = parts_of(path), tmp_path / "page.mp4"
    made = await finished(parts, target)
    assert made.bytes == target.stat().st_size and len(made.sha256) == 64
    watched = await asyncio.to_thread(seen, target)
    assert watched.size == (made.width, made.height) == (320, 180)
    assert abs(watched.seconds - made.seconds) < 0.5 and made.seconds > 3
    assert len(watched.flashes) >= 2 and len(watched.beeps) >= 2
    # Starved, a browser draws late.
    apart = sorted(min(abs(flash - beep) for beep in watched.beeps) for flash in watched.flashes)
    assert apart[len(apart) // 2] < 0.3, apart
    head = target.read_bytes()[:8192]
    assert b"moov" in head and b"mdat" not in head[: head.index(b"moov")], "the index is in front"

    sound = await finished(parts, tmp_path / "page.m4a", "sound")
    assert (sound.width, sound.height) == (0, 0) and abs(sound.seconds - made.seconds) < 0.5
    parts[0].write_bytes(b"no video at all")
    parts[1].write_bytes(parts[1].read_bytes()[:-100])
    cut = await finished(parts, tmp_path / "cut.mp4")
    assert 0.3 < cut.seconds < made.seconds and (cut.width, cut.height) == (320, 180)


async def test_a_page_that_must_not_or_cannot_be_opened_is_given_up(page: Shown, tmp_path: Path) -> None:
    page.asked.clear()
    paths = [tmp_path / name for name in ("gone", "inner")]
    async with (
        recording(f"{page.url}/gone", paths[0]) as (_, gone),
        recording(f"{page.url}/inner", paths[1], private=False) as (_, inner),
    ):
        await until("given up", lambda: bool(gone) and bool(inner))
    assert ("/gone" in page.asked, "/inner" in page.asked) == (True, False)
    for path in paths:
        made = await finished(parts_of(path), tmp_path / "page.mp4")
        assert made.bytes == 0 and not (tmp_path / "page.mp4").exists()
