"""Composes recordings of single people on this machine: a process for each composition, at the lowest priority."""

import asyncio
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from polyroom.domain.recording import AssetKind, Recording
from polyroom.egress.jobs import Job
from polyroom.egress.workers import Workers
from polyroom.services.ports.buckets import Bucket
from polyroom.services.ports.compositions import Plan, Source
from polyroom.services.ports.recordings import MadeFile

_WORKER = "polyroom.egress.composing"
_LONGEST_LINE = 1 << 20
_DAY = 86_400


class LocalComposer:
    """Files are below `folder`, as recordings' are, or read from a bucket; `workers` have the budget."""

    def __init__(self, folder: Path, workers: Workers, bucket: Bucket | None = None) -> None:
        self._folder, self._workers, self._bucket = folder, workers, bucket

    def admit(self, recording: Recording) -> None:
        self._workers.reserve(recording.id, Job(width=recording.width, height=recording.height))

    async def compose(self, recording: Recording, plan: Plan, progress: Callable[[float], None]) -> MadeFile | None:
        path = self._folder / recording.account_id.hex / f"{recording.id.hex}.mp4"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", _WORKER, stdin=pipe, stdout=pipe, limit=_LONGEST_LINE
            )
            try:
                assert process.stdin is not None
                process.stdin.write(await self._order(plan, path))
                found = await self._listen(process, progress)
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        finally:
            self._workers.release(recording.id)
        if found is None:
            raise OSError(f"{path} cannot be composed")
        if not found["bytes"]:
            return None
        began = datetime.fromtimestamp(found["began"] / 1e6, UTC)
        name, kind = str(path.relative_to(self._folder)), AssetKind.COMPOSITION
        size = (found["width"], found["height"])
        return MadeFile(kind, name, found["seconds"], found["bytes"], found["sha256"], *size, began)

    def drop(self, made: MadeFile) -> None:
        (self._folder / made.path).unlink(missing_ok=True)

    async def _place(self, one: Source) -> str:
        """Where a file is read from, for as long as it may take."""
        if one.in_bucket and self._bucket is not None:
            return await self._bucket.link(one.path, _DAY)
        return str(self._folder / one.path)

    async def _order(self, plan: Plan, path: Path) -> bytes:
        sources = [
            {
                "id": str(one.recording_id),
                "path": await self._place(one),
                "began": round(one.began.timestamp() * 1e6),
                "seconds": one.seconds,
                "pictures": one.pictures,
            }
            for one in plan.sources
        ]
        regions = [asdict(one) for one in plan.regions]
        size = {"width": plan.width, "height": plan.height}
        return json.dumps({"path": str(path), "regions": regions, "sources": sources, **size}).encode() + b"\n"

    async def _listen(
        self, process: asyncio.subprocess.Process, progress: Callable[[float], None]
    ) -> dict[str, Any] | None:
        """What was made, when it is."""
        assert process.stdout is not None
        async for line in process.stdout:
            news: dict[str, Any] = json.loads(line)
            if news["is"] == "made":
                return news
            progress(news["done"])
        return None
