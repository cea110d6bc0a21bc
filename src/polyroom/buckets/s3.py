"""A bucket by the S3 protocol, Amazon's or any server's. Transfers run outside the interpreter's lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from polyroom.services.ports.buckets import BucketUnavailable

_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".csv": "text/csv; charset=utf-8",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".txt": "text/plain; charset=utf-8",
}
_PART_BYTES = 8 * 1024 * 1024
_PARTS_AT_ONCE = 2


@dataclass(frozen=True, slots=True, repr=False)
class S3Place:
    """Where a bucket is and what opens it; without keys those of the environment count (AWS_…). Never shown whole."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = None

    def __repr__(self) -> str:
        return f"S3Place({self.bucket!r}, {self.prefix!r}, {self.endpoint!r})"


class S3Bucket:
    """One bucket, opened with the first request."""

    def __init__(self, place: S3Place) -> None:
        self._place = place
        more: dict[str, Any] = {"region": place.region or "us-east-1"}
        if place.endpoint is not None:
            more |= {"endpoint": place.endpoint, "virtual_hosted_style_request": False}
        if place.access_key is not None and place.secret_key is not None:
            more |= {"access_key_id": place.access_key, "secret_access_key": place.secret_key}
        plain = (place.endpoint or "").startswith("http://")
        options: Any = {"allow_http": plain, "timeout": timedelta(minutes=10)}
        retry: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
        self._store = S3Store(
            place.bucket, prefix=place.prefix or None, client_options=options, retry_config=retry, **more
        )

    async def upload(self, path: Path, name: str) -> None:
        attributes: Any = {"Content-Type": _TYPES.get(path.suffix, "application/octet-stream")}
        with self._told():
            await obstore.put_async(
                self._store,
                name,
                path,
                attributes=attributes,
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    async def delete(self, name: str) -> None:
        with self._told():
            try:
                await obstore.delete_async(self._store, name)
            except FileNotFoundError:
                return

    async def link(self, name: str, seconds: int) -> str:
        with self._told():
            return await obstore.sign_async(self._store, "GET", name, timedelta(seconds=seconds))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the library hold whole requests: only their first line, without what is signed, is for others."""
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            first = str(error).partition("\n")[0].partition("?")[0][:200]
            raise BucketUnavailable(f"bucket {self._place.bucket}: {first}") from None
