"""What a Phenix stream key is worth. Source: Room API document, "streamKey"; the vendor's "RTMP ingest" page.

Behind the key may stand `;capabilities=hd,multi-bitrate` and `;tags=a,b`, with `;` or `|` between, not both.
"""

from collections.abc import Mapping
from typing import Any

from polyroom.dialects.phenix.attributes import with_capabilities, with_tags
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.room import Room
from polyroom.domain.session import ParticipantKind
from polyroom.services.ports.publishing import Publication
from polyroom.services.ports.store import Transaction
from polyroom.wire import stream_keys

_DEFAULT = ("hd", "multi-bitrate")
_LONGEST_NAME = 128


class PhenixStreamKeys:
    """The StreamKeyVerifier of this dialect."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def dialect(self) -> Dialect:
        return Dialect.PHENIX

    def find(self, tx: Transaction, name: str) -> Publication | None:
        """The room whose key it is; what stands behind it comes before the room's own `ingestOptions`."""
        key, given = _parted(name)
        room_id = stream_keys.read(self._secret, key)
        room = tx.rooms.get(room_id) if room_id is not None else None
        if room is None:
            return None
        options = _options_of(room)
        capabilities = given.get("capabilities") or _texts(options, "capabilities") or _DEFAULT
        grant = Grant(
            dialect=Dialect.PHENIX,
            label="Presenter",
            room_id=room.id,
            attributes={**with_capabilities(capabilities), **with_tags(given.get("tags") or _texts(options, "tags"))},
            kind=ParticipantKind.INGRESS,
        )
        shown = options.get("screenName")
        name = shown[:_LONGEST_NAME] if isinstance(shown, str) and shown else "RTMP"
        return Publication(room, grant, "phenix-stream-key", name)


def _parted(name: str) -> tuple[str, dict[str, list[str]]]:
    name = name.partition("?")[0]
    separator = ";" if ";" in name else "|"
    key, *more = name.split(separator)
    found: dict[str, list[str]] = {}
    for one in more:
        word, _, values = one.partition("=")
        found[word.strip()] = [value.strip() for value in values.split(",") if value.strip()]
    return key, found


def _options_of(room: Room) -> Mapping[str, Any]:
    options = room.phenix.get("ingestOptions")
    return options if isinstance(options, Mapping) else {}


def _texts(options: Mapping[str, Any], field: str) -> list[str]:
    values = options.get(field)
    return [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
