"""Makes videos ready on this machine: one worker process each."""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from polyroom.domain.video import Video
from polyroom.ingest.video_files import MAKING, READY, SOURCE, LocalVideoFiles
from polyroom.services.ports.videos import MadeVideo, NoSpace, NotPlayable

_WORKER = "polyroom.ingest.transcoding"
_ENDS_WITHIN = 5.0


class LocalTranscoder:
    """Starts workers over the folder of `files`. `ffmpeg` is the program to use, None for the one at hand."""

    def __init__(self, files: LocalVideoFiles, ffmpeg: str | None = None) -> None:
        self._files, self._ffmpeg = files, ffmpeg

    async def make(self, video: Video, progress: Callable[[float], None]) -> MadeVideo:
        folder = self._files.path(video)
        work = {
            "source": str(folder / SOURCE),
            "folder": str(folder / MAKING),
            "sha256": video.sha256,
            "ffmpeg": self._ffmpeg,
        }
        made = _outcome(await self._work(work, progress))
        await asyncio.to_thread(_put_in_place, folder / MAKING, folder / READY)
        return made

    async def _work(self, work: dict[str, Any], progress: Callable[[float], None]) -> dict[str, Any]:
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(sys.executable, "-m", _WORKER, stdin=pipe, stdout=pipe)
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(work).encode() + b"\n")
            news: dict[str, Any] = {"is": "died"}
            async for line in process.stdout:
                news = json.loads(line)
                if news["is"] == "progress":
                    progress(news["done"])
            await process.wait()
            return news
        finally:
            await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    assert process.stdin is not None
    process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _outcome(news: dict[str, Any]) -> MadeVideo:
    what = news.pop("is")
    match what:
        case "made":
            return MadeVideo(**news)
        case "refused":
            raise NotPlayable(news["why"])
        case "full":
            raise NoSpace
        case "broken":
            raise OSError(news["why"])
        case _:
            raise NotPlayable("The video could not be converted: it is damaged, or too large to be worked on here.")


def _put_in_place(made: Path, ready: Path) -> None:
    shutil.rmtree(ready, ignore_errors=True)
    made.rename(ready)
