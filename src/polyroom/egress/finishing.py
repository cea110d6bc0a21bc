"""Makes of a recording's fragments the file people get: `python -m polyroom.egress.finishing FRAGMENTS FILE`.

Nothing is encoded again; the index goes to the front, so that a player starts at once and can seek. Prints a JSON line.
"""

import json
import struct
import sys
from pathlib import Path

from polyroom.egress.mp4 import hold, mend
from polyroom.egress.progressive import make


def finish(fragments: Path, target: Path) -> dict[str, object]:
    """Cut half a fragment off, write the file, say what it is. An empty recording leaves no file."""
    # A worker whose server was killed finishes what it has; both may be here at the same time.
    with fragments.open("rb") as file:
        hold(file)
        return _finish(fragments, target)


def _finish(fragments: Path, target: Path) -> dict[str, object]:
    mended = mend(fragments)
    if not mended.fragments:
        return {"seconds": 0.0, "bytes": 0, "sha256": "", "width": 0, "height": 0, "began": 0}
    part = target.with_name(f"{target.name}.new")
    with fragments.open("rb") as source:
        written = make(source, part)
    part.replace(target)
    return {
        "seconds": round(mended.seconds, 3),
        "bytes": target.stat().st_size,
        "sha256": written.sha256,
        "width": written.size[0],
        "height": written.size[1],
        "began": written.began,
    }


def main() -> None:
    """Exit code 1 when the fragments cannot be read; they are kept then."""
    fragments, target = map(Path, sys.argv[1:3])
    try:
        found = finish(fragments, target)
    except (OSError, LookupError, struct.error) as error:
        raise SystemExit(f"{fragments}: {error}") from error
    fragments.unlink()
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
