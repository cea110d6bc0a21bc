"""What a recording has beside its file where that is wished: the chat, thumbnails.

Wishes are in the recording's settings, under the names here, whichever dialect wrote them.
"""

import csv
import io
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from polyroom.domain.message import CHAT as CHAT_KIND
from polyroom.domain.message import Audience, Message
from polyroom.domain.recording import AssetKind, Recording
from polyroom.services.ports.messages import Stretch
from polyroom.services.ports.recordings import ExtrasMaker, MadeFile, ThumbnailWish
from polyroom.services.ports.store import Store, Transaction
from polyroom.services.recording_moves import OF_A_ROOM

log = logging.getLogger(__name__)

CHAT, THUMBNAILS, PRESIGN = "chat", "thumbnails", "presign"
"""Whether the chat is kept; how thumbnails are made; how many seconds links in webhooks are good for."""

MOST_MESSAGES = 100_000
"""Messages of one recording; the latest are kept."""

_STEP = 500
_COLUMNS = ("sent_at", "peer_id", "user", "name", "role", "message")
_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
_TALLEST = 1920
_MOST_THUMBNAILS = 100


class RecordingExtras:
    """Makes them. What fails is logged and left out: the recording itself is there."""

    def __init__(self, store: Store, maker: ExtrasMaker) -> None:
        self._store, self._maker = store, maker

    async def beside(self, recording: Recording, files: Sequence[MadeFile]) -> Sequence[MadeFile]:
        """The further files of a recording whose own are made."""
        found: list[MadeFile] = []
        if recording.kind not in OF_A_ROOM:
            return found
        if recording.settings.get(CHAT):
            try:
                found += await self._chat(recording)
            except Exception:
                log.exception("the chat of recording %s could not be kept", recording.id)
        pictures = [one for one in files if one.width]
        if recording.settings.get(THUMBNAILS) and pictures:
            try:
                found += await self._maker.thumbnails(recording, pictures[0], thumbnails_of(recording))
            except Exception:
                log.exception("recording %s has no thumbnails", recording.id)
        return found

    async def _chat(self, recording: Recording) -> Sequence[MadeFile]:
        messages = await self._store.read(lambda tx: said_during(tx, recording))
        if not messages:
            return []
        return [await self._maker.keep(recording, AssetKind.CHAT, "csv", as_csv(messages))]


def said_during(tx: Transaction, recording: Recording) -> Sequence[Message]:
    """What was said to everybody while a room was recorded, first said first."""
    since, until = recording.started_at or recording.created_at, recording.stopped_at
    found: list[Message] = []
    before: int | None = None
    while len(found) < MOST_MESSAGES:
        page = tx.messages.last(recording.room_id, Stretch(before=before), _STEP)
        found += [one for one in reversed(page) if _belongs(one, since, until)]
        if len(page) < _STEP or page[0].sent_at < since:
            break
        before = page[0].number
    return list(reversed(found))


def as_csv(messages: Iterable[Message]) -> bytes:
    """RFC 4180, in UTF-8. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(_COLUMNS)
    for one in messages:
        who = "" if one.sender_id is None else str(one.sender_id)
        cells = (who, one.sender_identity, one.sender_name, one.sender_role, one.text)
        table.writerow([one.sent_at.isoformat(timespec="milliseconds"), *map(_plain, cells)])
    return text.getvalue().encode("utf-8", "replace")


def thumbnails_of(recording: Recording) -> ThumbnailWish:
    """How a recording's thumbnails are wished: of the size asked for, else 320 pixels wide."""
    wish = recording.settings[THUMBNAILS]
    width, height = wish.get("width") or 320, wish.get("height") or 0
    if not height:
        height = max(round(width * recording.height / recording.width), 2)
    offsets = sorted(set(wish.get("offsets") or [2]))[:_MOST_THUMBNAILS]
    return ThumbnailWish(min(width, _TALLEST), min(height, _TALLEST), tuple(map(float, offsets)))


def _belongs(one: Message, since: datetime, until: datetime | None) -> bool:
    during = since <= one.sent_at and (until is None or one.sent_at <= until)
    return during and one.kind == CHAT_KIND and one.audience is Audience.EVERYONE


def _plain(cell: str) -> str:
    text = cell.replace("\0", "")
    return f"'{text}" if text[:1] in _FORMULA else text
