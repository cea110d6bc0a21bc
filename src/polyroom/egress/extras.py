"""Files beside recordings, in the folder of assets. Pictures are made by a process of their own."""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from polyroom.domain.recording import AssetKind, Recording
from polyroom.services.ports.recordings import MadeFile, ThumbnailWish

_PAINTER = "polyroom.egress.thumbnails"
_WITHIN = 30.0
"""Seconds thumbnails may take."""


class LocalExtras:
    """Makes them below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def keep(self, recording: Recording, kind: AssetKind, suffix: str, data: bytes) -> MadeFile:
        path = self._path(recording, f"{kind.value}.{suffix}")
        await asyncio.to_thread(_write, path, data)
        digest = hashlib.sha256(data).hexdigest()
        return MadeFile(kind, str(path.relative_to(self._folder)), 0.0, len(data), digest, 0, 0)

    async def thumbnails(self, recording: Recording, video: MadeFile, wish: ThumbnailWish) -> Sequence[MadeFile]:
        wanted = [
            f"{seconds}={self._path(recording, f'{number}.jpg')}" for number, seconds in enumerate(wish.offsets, 1)
        ]
        command = (sys.executable, "-m", _PAINTER, str(self._folder / video.path), str(wish.width), str(wish.height))
        process = await asyncio.create_subprocess_exec(*command, *wanted, stdout=asyncio.subprocess.PIPE)
        try:
            out, _ = await asyncio.wait_for(process.communicate(), _WITHIN)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            raise OSError(f"thumbnails of {video.path} cannot be made")
        return await asyncio.to_thread(self._measured, recording, json.loads(out))

    def _measured(self, recording: Recording, told: Sequence[Mapping[str, Any]]) -> Sequence[MadeFile]:
        made = []
        for one in told:
            path = self._path(recording, "").with_name(one["name"])
            data = path.read_bytes()
            digest, size = hashlib.sha256(data).hexdigest(), (one["width"], one["height"])
            name = str(path.relative_to(self._folder))
            made.append(MadeFile(AssetKind.THUMBNAIL, name, 0.0, len(data), digest, *size))
        return made

    def _path(self, recording: Recording, end: str) -> Path:
        return self._folder / recording.account_id.hex / f"{recording.id.hex}.{end}"


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.new")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
