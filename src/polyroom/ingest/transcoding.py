"""Makes an uploaded file ready for players: `python -m polyroom.ingest.transcoding`.

One JSON line on standard input says what (`Work`); lines on standard output tell how far it is and how it ended. The
process ends when its standard input does: with the server, or with the job.
"""

import hashlib
import json
import os
import resource
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from polyroom.ffmpeg import FfmpegFailed, Limits, NoFfmpeg, find_ffmpeg, transcode
from polyroom.ingest.ladder import LONGEST, MOST_PIXELS, Plan, Source, arguments, most_bytes, plan, thumbnail_track
from polyroom.ingest.probing import Refused, probe

_CHUNK = 1 << 20
_MEMORY = 4 << 30
_CPU_SECONDS_LEAST = 600
_CPU_PER_SECOND = 40
"""CPU seconds allowed for each second of video: far above what any costs."""
_SPARE_BYTES = 256 << 20
_CRASHED = "The video could not be converted: it is damaged."
_DAMAGED = "The file that arrived is not the one that was sent: its checksum differs."
MASTER, SPRITE, POSTER, TRACK = "master.m3u8", "sprite.jpg", "poster.jpg", "thumbnails.vtt"


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done. `sha256` is what the source must hash to, "" where its sender did not say."""

    source: str
    folder: str
    sha256: str = ""
    ffmpeg: str | None = None


class Full(Exception):
    """There is no room on the disk."""


def make(work: Work, tell: Callable[..., None]) -> dict[str, Any]:
    """Make all files in a new folder. Raises Refused, Full, FfmpegFailed, NoFfmpeg, OSError."""
    folder = Path(work.folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    with Path(work.source).open("rb") as file:
        digest = _digest(file)
        if work.sha256 and digest != work.sha256:
            raise Refused(_DAMAGED)
        source = probe(file)
        wanted = plan(source)
        if shutil.disk_usage(folder).free < most_bytes(source.seconds, wanted) + _SPARE_BYTES:
            raise Full
        _transcode(work, file, source, wanted, tell)
    seconds = _length(folder / wanted.renditions[0].name / "list.m3u8")
    details = _details(folder, seconds, wanted)
    _sync(folder)
    return {
        "milliseconds": round(seconds * 1000),
        "width": wanted.renditions[0].width,
        "height": wanted.renditions[0].height,
        "sha256": digest,
        "details": details,
    }


def _transcode(work: Work, file: BinaryIO, source: Source, wanted: Plan, tell: Callable[..., None]) -> None:
    limits = Limits(
        cpu_seconds=_CPU_SECONDS_LEAST + round(_CPU_PER_SECOND * (source.seconds or LONGEST / 10)), memory=_MEMORY
    )

    def progress(done: float) -> None:
        if source.seconds:
            tell("progress", done=round(min(1.0, done / source.seconds), 3))

    before = ["-threads", "2", "-max_pixels", str(MOST_PIXELS), "-t", str(LONGEST)]
    outputs = arguments(source, wanted)
    transcode(
        find_ffmpeg(work.ffmpeg),
        file,
        outputs,
        folder=Path(work.folder),
        limits=limits,
        before=before,
        progress=progress,
    )


def _length(playlist: Path) -> float:
    try:
        lines = playlist.read_text().splitlines()
    except FileNotFoundError:
        raise Refused(_CRASHED) from None
    seconds = sum(float(line[8:].partition(",")[0]) for line in lines if line.startswith("#EXTINF:"))
    if not seconds:
        raise Refused(_CRASHED)
    return seconds


def _details(folder: Path, seconds: float, wanted: Plan) -> dict[str, Any]:
    found: dict[str, Any] = {"renditions": [asdict(one) for one in wanted.renditions]}
    if (folder / SPRITE).is_file():
        (folder / TRACK).write_text(thumbnail_track(seconds, wanted.thumbnails))
        found["thumbnails"] = TRACK
    if (folder / POSTER).is_file():
        found["poster"] = POSTER
    found["bytes"] = sum(one.stat().st_size for one in folder.rglob("*") if one.is_file())
    return found


def _digest(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def _sync(folder: Path) -> None:
    for path in [*folder.rglob("*"), folder, folder.parent]:
        number = os.open(path, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _end_with_the_server(stdin: BinaryIO) -> None:
    while stdin.read(1024):
        pass
    # ffmpeg ends with its parent.
    os._exit(3)


def main() -> None:
    """Exit code 0 once the outcome was told, whatever it is."""
    out = sys.stdout.buffer

    def tell(what: str, **more: Any) -> None:
        out.write(json.dumps({"is": what, **more}).encode() + b"\n")
        out.flush()

    work = Work(**json.loads(sys.stdin.buffer.readline()))
    threading.Thread(target=_end_with_the_server, args=(sys.stdin.buffer,), daemon=True).start()
    os.nice(5)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        tell("made", **make(work, tell))
    except Refused as error:
        tell("refused", why=str(error))
    except MemoryError:
        tell("refused", why="The file takes more memory than a video may.")
    except Full:
        tell("full")
    except NoFfmpeg as error:
        tell("broken", why=str(error))
    except FfmpegFailed as error:
        sys.stderr.write(f"{work.source}: {error}\n")
        tell("refused", why=_CRASHED)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
