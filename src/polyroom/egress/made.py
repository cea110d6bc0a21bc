"""Has the file of a recording that is over made, by a process of its own."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

_FINISHER = "polyroom.egress.finishing"


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file. `began` is when time 0 of it is, in microseconds since 1970, 0 where that is not known."""

    seconds: float
    bytes: int
    sha256: str
    width: int
    height: int
    began: int = 0


async def finish(fragments: Path, target: Path) -> Made:
    """Make the file, also of a recording whose server was killed. Raises OSError where the fragments cannot be read."""
    return await made_by(_FINISHER, str(fragments), str(target))


async def made_by(program: str, *words: str) -> Made:
    """What a process that makes files says it made. Raises OSError where it failed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", program, *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise OSError(f"{words[0]} cannot be finished")
    found: dict[str, object] = json.loads(out)
    return Made(**found)  # type: ignore[arg-type]
