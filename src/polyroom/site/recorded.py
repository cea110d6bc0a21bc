"""Files of recordings by signed links: `GET /recorded/{asset}?expires=…&signature=…`, whole or in byte ranges."""

from pathlib import Path
from uuid import UUID

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from polyroom.domain.errors import NotFound
from polyroom.domain.recording import RecordingAsset
from polyroom.services.ports.buckets import Bucket, BucketUnavailable
from polyroom.services.ports.clock import Clock
from polyroom.services.recordings import RecordingService
from polyroom.wire.asset_links import AssetLink, is_good

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Cache-Control": "private, max-age=3600, immutable",
    "X-Content-Type-Options": "nosniff",
}
_BUCKET_LINK_SECONDS = 3600
_TYPES = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".jpg": "image/jpeg",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".srt": "text/plain; charset=utf-8",
    ".json": "application/json",
}


class Recorded:
    """Answers links to files below `folder`."""

    def __init__(
        self, recordings: RecordingService, folder: Path, clock: Clock, *, key: bytes, bucket: Bucket | None = None
    ) -> None:
        self._recordings, self._folder, self._clock = recordings, folder, clock
        self._key, self._bucket = key, bucket

    def routes(self) -> list[Route]:
        """The one route."""
        return [Route("/recorded/{asset_id}", self._fetch, methods=["GET"], include_in_schema=False)]

    async def _fetch(self, request: Request) -> Response:
        link = _read(request)
        if link is None or not is_good(link, self._clock.now().timestamp(), self._key):
            return PlainTextResponse("This link is not good, or no longer.\n", 403, _HEADERS)
        try:
            asset = await self._recordings.asset(link.asset_id)
        except NotFound:
            return PlainTextResponse("The file is gone.\n", 404, _HEADERS)
        if asset.in_bucket:
            return await self._elsewhere(asset)
        path = self._folder / asset.path
        if not path.is_file():
            return PlainTextResponse("The file is gone.\n", 404, _HEADERS)
        kind = _TYPES.get(path.suffix, "application/octet-stream")
        headers = _HEADERS | {"ETag": f'"{asset.sha256}"'}
        name = f"{asset.hms_id}{path.suffix}"
        return FileResponse(path, headers=headers, media_type=kind, filename=name, content_disposition_type="inline")

    async def _elsewhere(self, asset: RecordingAsset) -> Response:
        if self._bucket is None:
            return PlainTextResponse("The file is in a bucket this server is not told of.\n", 404, _HEADERS)
        try:
            address = await self._bucket.link(asset.path, _BUCKET_LINK_SECONDS)
        except BucketUnavailable:
            return PlainTextResponse("The file is out of reach, try again.\n", 503, _HEADERS | {"Retry-After": "5"})
        return Response(status_code=307, headers=_HEADERS | {"Location": address, "Cache-Control": "no-store"})


def _read(request: Request) -> AssetLink | None:
    query = request.query_params
    expires = query.get("expires", "")
    if not (expires.isascii() and expires.isdigit() and len(expires) < 12):
        return None
    try:
        return AssetLink(UUID(request.path_params["asset_id"]), int(expires), query.get("signature", ""))
    except ValueError:
        return None
