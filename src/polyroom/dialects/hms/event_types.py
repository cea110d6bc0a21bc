"""Names of events as filters: the document's and the vendor's, also of what does not happen here yet."""

from collections.abc import Iterable, Mapping

from starlette.requests import Request

from polyroom.dialects.hms.errors import wrong_query
from polyroom.dialects.hms.events import NAMES, SUCCESS, TRACK_NAMES, name_of_event
from polyroom.dialects.hms.external_stream_events import DOCUMENTED_EXTERNAL, EXTERNAL_NAMES
from polyroom.dialects.hms.ingest_events import INGEST_NAMES
from polyroom.dialects.hms.live_stream_events import ALONG_NAMES, LIVE_NAMES
from polyroom.dialects.hms.recording_events import BEAM_NAMES, SFU_NAMES
from polyroom.dialects.hms.track_recording_events import STREAM_RECORDING_NAMES, TRACK_RECORDING_NAMES
from polyroom.domain.events import Event, EventType

MOST_NAMES = 100
_LONGEST = 128
_FAMILIES = frozenset(
    {
        "session",
        "peer",
        "room",
        "role",
        "track",
        "beam",
        "hls",
        "rtmp",
        "recording",
        "stream",
        "transcription",
        "ingest",
        "client",
    }
)
"""First words of the vendor's names. A name of these that nothing here has is a filter nothing fulfils."""

_TABLES = (
    INGEST_NAMES,
    NAMES,
    TRACK_NAMES,
    BEAM_NAMES,
    SFU_NAMES,
    TRACK_RECORDING_NAMES,
    STREAM_RECORDING_NAMES,
    EXTERNAL_NAMES,
    DOCUMENTED_EXTERNAL,
    LIVE_NAMES,
    ALONG_NAMES,
)
_ALL = tuple(pair for names in _TABLES for pair in names.items())
_KNOWN: Mapping[str, frozenset[EventType]] = {
    name.removesuffix(SUCCESS): frozenset(kind for kind, own in _ALL if own == name) for _, name in _ALL
}


def asked_names(request: Request, parameter: str) -> list[str]:
    """The names a query has, each in a parameter of its own or several with commas between. Raises ApiError 400."""
    given = request.query_params.getlist(parameter)
    names = [name for text in given for name in text.split(",") if name]
    if not are_names(names):
        raise wrong_query(f"{parameter} is no event type")
    return names


def are_names(names: Iterable[str]) -> bool:
    """Whether all are names of events the vendor has, and not too many."""
    names = list(names)
    return len(names) <= MOST_NAMES and all(map(_is_name, names))


def kinds_of(names: Iterable[str]) -> frozenset[EventType]:
    """The events of these names that happen here."""
    nothing: frozenset[EventType] = frozenset()
    return nothing.union(*(_KNOWN.get(name.removesuffix(SUCCESS), nothing) for name in names))


def is_called(names: Iterable[str], event: Event) -> bool:
    """Whether an event has one of these names: some events of one kind have different ones."""
    own = {name_of_event(event, sdk=sdk).removesuffix(SUCCESS) for sdk in (True, False)}
    return not own.isdisjoint(name.removesuffix(SUCCESS) for name in names)


def _is_name(name: str) -> bool:
    family, dot, _ = name.partition(".")
    return bool(dot) and family in _FAMILIES and len(name) <= _LONGEST and name.isascii() and name.isprintable()
