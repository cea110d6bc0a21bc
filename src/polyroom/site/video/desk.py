"""Answers for the files of one stream: playlists made once for everybody, segments and parts as they come."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from starlette.types import Send

from polyroom.site.video import dash, hls, replies
from polyroom.site.video.files import CHUNK, Files, Piece, span_of
from polyroom.site.video.model import RenditionModel, StreamModel
from polyroom.site.video.names import Kind, Wanted
from polyroom.site.video.replies import FOREVER, Asked, Reply, refusal
from polyroom.site.video.streams import Waiting
from polyroom.wire.live_index import SEGMENT, head_name, segment_name

_NUMBER_DIGITS = 10
_SKIPS = ("YES", "v2")
_EMPTY = b"\0\0\0\x18stypmsdh\0\0\0\0msdhcmfs"
"""What stands for a cell in which nothing was written."""
_MISSING = refusal(404, "There is no such file, or no longer.")


@dataclass(frozen=True, slots=True)
class Viewing:
    """Somebody asks for a file of a stream. `suffix` carries their token on, `clock` is where they learn the time."""

    send: Send
    asked: Asked
    model: StreamModel
    wanted: Wanted
    suffix: bytes
    clock: str

    async def answer(self, reply: Reply) -> None:
        """The whole answer."""
        await replies.answer(self.send, self.asked, reply)


class Desk:
    """Everything about files, once it is known that somebody may have them."""

    def __init__(self, now: Callable[[], datetime], waiting: Waiting, patience: float) -> None:
        self._now, self._waiting, self._patience = now, waiting, patience
        self._files = Files()

    async def serve(self, viewing: Viewing) -> None:
        """Answer. Raises Busy."""
        kind = viewing.wanted.kind
        if kind in (Kind.MASTER, Kind.MPD):
            await self._describe(viewing)
            return
        rendition = viewing.model.renditions.get(viewing.wanted.rendition)
        if rendition is None or not rendition.runs:
            await viewing.answer(_MISSING)
        elif kind is Kind.MEDIA:
            await self._media(viewing, rendition)
        elif kind is Kind.HEAD:
            await self._head(viewing, rendition)
        elif kind is Kind.PART:
            await self._part(viewing, rendition)
        elif kind is Kind.SEGMENT:
            await self._segment(viewing, rendition)
        else:
            await self._cell(viewing, rendition)

    async def _describe(self, viewing: Viewing) -> None:
        """A stream that just began is waited for."""
        model = viewing.model
        if not model.is_ready and not model.stream.over:
            await self._waiting.until(model, lambda: model.is_ready or model.stream.over, self._patience * hls.TARGET)
        if not model.is_ready:
            await viewing.answer(refusal(404, "Nothing of this stream is there yet."))
            return
        if viewing.wanted.kind is Kind.MASTER:
            body, kind = hls.master(model), replies.PLAYLIST
        else:
            body, kind = dash.description(model, now=self._now(), clock=viewing.clock), replies.MPD
        await viewing.answer(_text(viewing, body.encode(), kind, 1))

    async def _media(self, viewing: Viewing, rendition: RenditionModel) -> None:
        directives = _directives(viewing.asked.query)
        if directives is None:
            await viewing.answer(refusal(400, "_HLS_msn, _HLS_part or _HLS_skip is not as it should be."))
            return
        segment, part, skip = directives
        model = viewing.model
        last = rendition.open
        if segment is not None and not model.stream.over:
            if last is None or segment > last.number + 2:
                await viewing.answer(refusal(400, "_HLS_msn is too far ahead."))
                return
            patience = self._patience * hls.target_of(rendition)
            come = await self._waiting.until(
                rendition, lambda: model.stream.over or rendition.has(segment, part), patience
            )
            if not come:
                more = [(b"retry-after", b"1")]
                await viewing.answer(refusal(503, "Nothing more has come in time.", seconds=0, more=more))
                return
        key = (rendition.version, len(model.metadata), model.metadata[-1:], model.stream.over)
        made = rendition.made.get(skip)
        if made is None or made[0] != key:
            body = hls.media(model, rendition, skip=skip).encode()
            made = rendition.made[skip] = (key, body, hashlib.blake2b(body, digest_size=9).hexdigest())
        # What was asked for by number never changes in what matters (RFC 8216bis, appendix B.1).
        seconds = 6 * hls.TARGET if segment is not None or model.stream.over else 1
        await viewing.answer(_text(viewing, made[1], replies.PLAYLIST, seconds, made[2]))

    async def _head(self, viewing: Viewing, rendition: RenditionModel) -> None:
        run = next((one for one in rendition.runs if one.number == viewing.wanted.number), None)
        if run is None:
            await viewing.answer(_MISSING)
            return
        path = viewing.model.stream.folder / head_name(rendition.name, run.number)
        try:
            size = path.stat().st_size
        except OSError:
            await viewing.answer(_MISSING)
            return
        await self._pieces(viewing, [Piece(path, 0, size)], _kind(rendition))

    async def _part(self, viewing: Viewing, rendition: RenditionModel) -> None:
        number, index = viewing.wanted.number, viewing.wanted.other
        model = viewing.model
        last = rendition.open
        expected = [] if last is None else [(last.number, len(last.parts)), (last.number + 1, 0)]
        if (number, index) in expected:
            # A hint of the last playlist (6.2.6): it comes, or another one does instead.
            await self._waiting.until(
                rendition, lambda: model.stream.over or rendition.has(number, index), self._patience * hls.TARGET
            )
        found = rendition.get(number)
        if found is None or index >= len(found.parts):
            await viewing.answer(_MISSING)
            return
        part = found.parts[index]
        path = model.stream.folder / segment_name(rendition.name, number)
        await self._pieces(viewing, [Piece(path, part.offset, part.size)], _kind(rendition))

    async def _segment(self, viewing: Viewing, rendition: RenditionModel) -> None:
        number = viewing.wanted.number
        found = rendition.get(number)
        if found is None:
            await viewing.answer(_MISSING)
            return
        path = viewing.model.stream.folder / segment_name(rendition.name, number)

        def there() -> list[Piece]:
            known = rendition.get(number)
            return [Piece(path, 0, known.size)] if known else []

        def whole() -> bool:
            return viewing.model.stream.over or rendition.has(number, None)

        await self._growing(viewing, rendition, there, whole)

    async def _cell(self, viewing: Viewing, rendition: RenditionModel) -> None:
        """A segment of DASH: what of it is there at once, the rest as it comes."""
        model, wanted = viewing.model, viewing.wanted
        folder = model.stream.folder

        def there() -> list[Piece]:
            parts = dash.cell_parts(model, rendition, wanted.other, wanted.number)
            return [Piece(folder / segment_name(rendition.name, number), at, size) for number, at, size in parts]

        def whole() -> bool:
            return model.stream.over or dash.end_of(rendition) >= (wanted.number + 1) * SEGMENT

        newest = max(map(dash.end_of, model.listed()), default=0)
        if wanted.number > newest // SEGMENT + 2 or not dash.is_in(model, rendition, wanted.other):
            await viewing.answer(_MISSING)
            return
        await self._waiting.until(rendition, lambda: bool(there()) or whole(), self._patience * hls.TARGET)
        if there():
            await self._growing(viewing, rendition, there, whole)
        elif not model.stream.over and (whole() or _is_left_behind(model, wanted.number)):
            await viewing.answer(Reply(200, _kind(rendition), _EMPTY, 1))
        else:
            await viewing.answer(_MISSING)

    async def _growing(
        self,
        viewing: Viewing,
        rendition: RenditionModel,
        there: Callable[[], list[Piece]],
        whole: Callable[[], bool],
    ) -> None:
        """What is whole with its length, in ranges if asked; what is not, in chunks."""
        if whole():
            await self._pieces(viewing, there(), _kind(rendition))
            return

        async def grow() -> AsyncIterator[bytes]:
            sent = 0
            while True:
                over, pieces = whole(), there()
                size = sum(one.size for one in pieces)
                async for chunk in self._files.chunks(span_of(pieces, sent, size)):
                    yield chunk
                sent = max(size, sent)
                if over:
                    return
                more = partial(_has_more, viewing.model, rendition, rendition.version)
                moved = await self._waiting.until(rendition, more, self._patience * hls.TARGET)
                if not moved:
                    return

        reply = Reply(200, _kind(rendition), b"", 1, private=bool(viewing.suffix))
        await replies.stream(viewing.send, viewing.asked, reply, grow(), None)

    async def _pieces(self, viewing: Viewing, pieces: Sequence[Piece], kind: bytes) -> None:
        """Bytes that never change."""
        asked, wanted = viewing.asked, viewing.wanted
        size = sum(one.size for one in pieces)
        stream_id = viewing.model.stream.id.hex
        etag = f'"{stream_id}-{wanted.rendition}-{wanted.kind.value}-{wanted.number}.{wanted.other}"'
        reply = Reply(200, kind, b"", FOREVER, etag, bool(viewing.suffix))
        try:
            if size <= CHUNK:
                body = b"".join([await self._files.read(one) for one in pieces])
                await viewing.answer(Reply(200, kind, body, FOREVER, etag, bool(viewing.suffix)))
                return
        except OSError:
            await viewing.answer(_MISSING)
            return
        if etag in asked.none_match:
            await viewing.answer(reply)
            return
        span = replies.span_of(asked.range, size) if asked.range and asked.if_range in ("", etag) else None
        if span is not None and span[0] == span[1]:
            content = (b"content-range", f"bytes */{size}".encode())
            await viewing.answer(refusal(416, "There is no such range.", more=[content]))
            return
        begin, end = span or (0, size)
        if span is not None:
            more = [(b"content-range", f"bytes {begin}-{end - 1}/{size}".encode())]
            reply = Reply(206, kind, b"", FOREVER, etag, bool(viewing.suffix), more)
        chunks = self._files.chunks(span_of(pieces, begin, end))
        await replies.stream(viewing.send, asked, reply, chunks, end - begin)


def _is_left_behind(model: StreamModel, cell: int) -> bool:
    """Whether other renditions are well past a cell, so that a player is to go on without this one: a camera is off."""
    return any(dash.end_of(one) >= (cell + 2) * SEGMENT for one in model.listed())


def _has_more(model: StreamModel, rendition: RenditionModel, version: int) -> bool:
    return model.stream.over or rendition.version != version


def _directives(query: Mapping[str, str]) -> tuple[int | None, int | None, bool] | None:
    """Segment, part, and whether a delta update is wanted (6.2.5); None when they make no sense."""
    numbers: list[int | None] = []
    for name in ("_HLS_msn", "_HLS_part"):
        text = query.get(name)
        if text is None:
            numbers.append(None)
        elif text.isascii() and text.isdigit() and len(text) <= _NUMBER_DIGITS:
            numbers.append(int(text))
        else:
            return None
    skip = query.get("_HLS_skip")
    if (numbers[0] is None and numbers[1] is not None) or (skip is not None and skip not in _SKIPS):
        return None
    return numbers[0], numbers[1], skip is not None


def _text(viewing: Viewing, body: bytes, kind: bytes, seconds: int, digest: str = "") -> Reply:
    """A playlist with the viewer's token behind every address."""
    etag = f'"{digest or hashlib.blake2b(body, digest_size=9).hexdigest()}"'
    body = body.replace(hls.QUERY.encode(), viewing.suffix)
    return Reply(200, kind, body, seconds, etag, bool(viewing.suffix))


def _kind(rendition: RenditionModel) -> bytes:
    return replies.VIDEO if rendition.run.kind == "video" else replies.SOUND
