"""Makes of a recording's fragments the file people get: `python -m polyroom.egress.finishing FRAGMENTS FILE`.

Nothing is encoded again; the index goes to the front, so that a player starts at once and can seek. Prints a JSON line.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import av
from av.error import FFmpegError

from polyroom.egress.mp4 import hold, mend

_CHUNK = 1 << 20


def finish(fragments: Path, target: Path) -> dict[str, object]:
    """Cut half a fragment off, write the file, say what it is. An empty recording leaves no file."""
    # A worker whose server was killed finishes what it has; both may be here at the same time.
    with fragments.open("rb") as file:
        hold(file)
        return _finish(fragments, target)


def _finish(fragments: Path, target: Path) -> dict[str, object]:
    mended = mend(fragments)
    if not mended.fragments:
        return {"seconds": 0.0, "bytes": 0, "sha256": "", "width": 0, "height": 0}
    part = target.with_name(f"{target.name}.new")
    size = (0, 0)
    with av.open(str(fragments)) as source, av.open(str(part), "w", "mp4", options={"movflags": "faststart"}) as made:
        streams = {stream.index: made.add_stream_from_template(stream) for stream in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
        if source.streams.video:
            size = (source.streams.video[0].width, source.streams.video[0].height)
    with part.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
        os.fsync(file.fileno())
    part.replace(target)
    return {
        "seconds": round(mended.seconds, 3),
        "bytes": target.stat().st_size,
        "sha256": digest.hexdigest(),
        "width": size[0],
        "height": size[1],
    }


def main() -> None:
    """Exit code 1 when the fragments cannot be read; they are kept then."""
    fragments, target = map(Path, sys.argv[1:3])
    try:
        found = finish(fragments, target)
    except (FFmpegError, OSError) as error:
        raise SystemExit(f"{fragments}: {error}") from error
    fragments.unlink()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
