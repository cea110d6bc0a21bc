"""Says what a finished file is: `python -m polyroom.egress.describing FILE`, a JSON line as the finishers print.

For a recording whose server was killed after its file was made and before that was written down.
"""

import hashlib
import json
import sys
from pathlib import Path

import av
from av.error import FFmpegError

_CHUNK = 1 << 20


def describe(path: Path) -> dict[str, object]:
    """Length, size and checksum. Raises FFmpegError, OSError."""
    with av.open(str(path)) as source:
        video = next(iter(source.streams.video), None)
        size = (video.width, video.height) if video is not None else (0, 0)
        seconds = (source.duration or 0) / av.time_base
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return {
        "seconds": round(seconds, 3),
        "bytes": path.stat().st_size,
        "sha256": digest.hexdigest(),
        "width": size[0],
        "height": size[1],
    }


def main() -> None:
    """Exit code 1 where it cannot be read."""
    path = Path(sys.argv[1])
    try:
        found = describe(path)
    except (FFmpegError, OSError) as error:
        raise SystemExit(f"{path}: {error}") from error
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
