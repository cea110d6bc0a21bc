"""Pictures of a finished file: `python -m polyroom.egress.thumbnails VIDEO WIDTH HEIGHT SECONDS=FILE…`.

They are JPEGs that fit the size asked for. Prints a JSON line: the files with their sizes, in the order asked.
"""

import json
import os
import sys
from pathlib import Path

import av
from av import VideoFrame
from av.container import InputContainer
from av.error import FFmpegError
from PIL import Image

_QUALITY = 85
_NEAR_THE_END = 1.0


def make(video: Path, width: int, height: int, wanted: list[tuple[float, Path]]) -> list[dict[str, object]]:
    """Write them; what lies behind the end is of the last picture."""
    made: list[dict[str, object]] = []
    with av.open(str(video)) as source:
        for seconds, path in wanted:
            frame = _frame_at(source, seconds)
            if frame is None:
                break
            picture = _fitting(frame, width, height)
            part = path.with_name(f"{path.name}.new")
            with part.open("wb") as file:
                picture.save(file, "JPEG", quality=_QUALITY)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            made.append({"name": path.name, "at": seconds, "width": picture.width, "height": picture.height})
    return made


def _frame_at(source: InputContainer, seconds: float) -> VideoFrame | None:
    stream = source.streams.video[0]
    assert stream.time_base is not None
    end = float(stream.duration * stream.time_base) if stream.duration else seconds
    wanted = min(seconds, max(end - _NEAR_THE_END, 0.0))
    source.seek(int(wanted / stream.time_base), stream=stream)
    last = None
    for frame in source.decode(stream):
        last = frame
        if frame.time is not None and frame.time >= min(seconds, end):
            break
    return last


def _fitting(frame: VideoFrame, width: int, height: int) -> Image.Image:
    scale = min(width / frame.width, height / frame.height, 1.0)
    size = max(round(frame.width * scale), 1), max(round(frame.height * scale), 1)
    picture = Image.fromarray(frame.to_ndarray(format="rgb24"))
    return picture.resize(size)


def main() -> None:
    """Exit code 1 where the file cannot be read."""
    video, width, height = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    wanted = []
    for word in sys.argv[4:]:
        seconds, _, path = word.partition("=")
        wanted.append((float(seconds), Path(path)))
    try:
        made = make(video, width, height, wanted)
    except (FFmpegError, OSError, IndexError) as error:
        raise SystemExit(f"{video}: {error}") from error
    sys.stdout.write(json.dumps(made) + "\n")


if __name__ == "__main__":
    main()
