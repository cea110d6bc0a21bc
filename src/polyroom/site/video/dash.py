"""DASH's description of the same segments (ISO/IEC 23009-1), with what its players need for a low delay.

A DASH segment is a *cell*: the parts that begin within two seconds of the stream's time, whichever HLS segment they lie
in. So segments have numbers that follow from the time, and the description need not list them.
"""

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as Xml

from polyroom.site.video import names
from polyroom.site.video.hls import QUERY
from polyroom.site.video.model import RenditionModel, StreamModel
from polyroom.wire.live_index import PART, SECOND, SEGMENT, Run

METADATA_SCHEME = "urn:polyroom:timed-metadata:2026"
_NAMESPACE = "urn:mpeg:dash:schema:mpd:2011"
_CELL = SEGMENT // SECOND
_EARLY = (SEGMENT - PART) / SECOND
_INTO = SEGMENT // 4
"""How much of its first cell a period may lack."""
_TARGET_MS = 1300
_CELLS_KNOWN = 16
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Runs of the packager whose init segments are the same. `number` is that of the first."""

    number: int
    first_cell: int
    runs: dict[str, Run] = field(default_factory=dict)
    """By rendition."""


def description(model: StreamModel, *, now: datetime, clock: str) -> str:
    """The MPD. `clock` is the address that tells the time here."""
    over = model.stream.over
    periods = periods_of(model)
    shift = periods[0].first_cell * _CELL if over and periods else 0
    root = Xml.Element("MPD", _head(model, now, shift))
    service = Xml.SubElement(root, "ServiceDescription", {"id": "0"})
    if not over:
        Xml.SubElement(service, "Latency", {"target": str(_TARGET_MS), "min": "800", "max": "6000"})
        Xml.SubElement(service, "PlaybackRate", {"min": "0.96", "max": "1.04"})
    for index, period in enumerate(periods):
        later = periods[index + 1].first_cell if index + 1 < len(periods) else None
        _period(root, model, period, shift, later)
    if not over:
        Xml.SubElement(root, "UTCTiming", {"schemeIdUri": "urn:mpeg:dash:utc:http-xsdate:2014", "value": clock})
        now_told = {"schemeIdUri": "urn:mpeg:dash:utc:direct:2014", "value": _date(now)}
        Xml.SubElement(root, "UTCTiming", now_told)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _head(model: StreamModel, now: datetime, shift: float) -> dict[str, str]:
    found = {
        "xmlns": _NAMESPACE,
        "profiles": "urn:mpeg:dash:profile:isoff-live:2011",
        "minBufferTime": "PT1S",
        "maxSegmentDuration": f"PT{_CELL}S",
    }
    if model.stream.over:
        length = max((end_of(one) for one in model.listed()), default=0) / SECOND - shift
        return found | {"type": "static", "mediaPresentationDuration": f"PT{max(length, 0):.3f}S"}
    found |= {
        "type": "dynamic",
        "availabilityStartTime": _date(_EPOCH + timedelta(microseconds=model.head.began + (model.head.behind or 0))),
        "publishTime": _date(now),
        "minimumUpdatePeriod": f"PT{_CELL}S",
        "suggestedPresentationDelay": f"PT{_TARGET_MS / 1000}S",
    }
    if any(one.below for one in model.listed()):
        begin = max(one.segments[0].microseconds for one in model.listed())
        depth = max(end_of(one) for one in model.listed()) - begin - 2 * SEGMENT
        found["timeShiftBufferDepth"] = f"PT{max(depth // SECOND, _CELL)}S"
    return found


def periods_of(model: StreamModel) -> list[Period]:
    """A period ends where an init segment changes; the next begins with its first cell that is nearly whole."""
    periods: list[Period] = []
    begun = [(one.name, run) for one in model.listed() for run in one.runs if run.first is not None]
    for number in sorted({run.number for _, run in begun}):
        runs = {name: run for name, run in begun if run.number == number}
        begins = [_at(run.first or 0, run) for run in runs.values()]
        if periods and _same(periods[-1].runs, runs):
            periods[-1].runs.update(runs)
            continue
        first = -(-(max(begins) - _INTO) // SEGMENT)
        if periods and periods[-1].first_cell >= first:
            periods.pop()
        periods.append(Period(number, max(first, 0), runs))
    return periods


def _same(before: dict[str, Run], after: dict[str, Run]) -> bool:
    """One that has not begun again yet, or never did, makes no difference."""
    return all(name in before and before[name].head == run.head for name, run in after.items())


def cell_parts(model: StreamModel, rendition: RenditionModel, period: int, cell: int) -> list[tuple[int, int, int]]:
    """The pieces of a cell that are there: the segment's number, where in it and how much.

    Found once for all who follow the stream.
    """
    version, known = rendition.cells.get((period, cell), (-1, []))
    if version == rendition.version:
        return known
    found = _find_parts(model, rendition, period, cell)
    if len(rendition.cells) >= _CELLS_KNOWN:
        rendition.cells.clear()
    rendition.cells[period, cell] = (rendition.version, found)
    return found


def is_in(model: StreamModel, rendition: RenditionModel, period: int) -> bool:
    """Whether a rendition belongs to a period."""
    periods = periods_of(model)
    chosen = _index(periods, period)
    return chosen is not None and rendition.name in periods[chosen].runs


def _index(periods: Sequence[Period], number: int) -> int | None:
    """One whose first run is forgotten meanwhile goes on under the number of the next."""
    return next((index for index, one in enumerate(periods) if one.number >= number), None)


def _find_parts(model: StreamModel, rendition: RenditionModel, period: int, cell: int) -> list[tuple[int, int, int]]:
    periods = periods_of(model)
    chosen = _index(periods, period)
    begin, until = cell * SEGMENT, (cell + 1) * SEGMENT
    last = periods[chosen + 1].number if chosen is not None and chosen + 1 < len(periods) else None
    found: list[tuple[int, int, int]] = []
    for segment in reversed(rendition.segments):
        if segment.microseconds + segment.duration * SECOND // segment.run.scale <= begin:
            break
        if segment.run.number < period or (last is not None and segment.run.number >= last):
            continue
        whole = replace(segment.first, size=segment.size)
        pieces = [one for one in segment.parts or [whole] if begin <= _at(one.time, segment.run) < until]
        found = [(segment.number, one.offset, one.size) for one in pieces] + found
    return found


def _period(root: Xml.Element, model: StreamModel, period: Period, shift: float, later: int | None) -> None:
    start = period.first_cell * _CELL
    fields = {"id": str(period.number), "start": f"PT{start - shift}S"}
    element = Xml.SubElement(root, "Period", fields)
    _events(element, model, start, None if later is None else later * _CELL)
    for number, kind in enumerate(("video", "audio")):
        chosen = [one for one in model.listed() if one.name in period.runs and period.runs[one.name].kind == kind]
        if chosen:
            _adaptation(element, model, period, (str(number), kind), chosen)


def _events(element: Xml.Element, model: StreamModel, start: float, end: float | None) -> None:
    began = model.head.began / 1000
    inside = [
        (round(one.at - began - start * 1000), one)
        for one in model.metadata
        if one.at - began >= start * 1000 and (end is None or one.at - began < end * 1000)
    ]
    if inside:
        stream = Xml.SubElement(element, "EventStream", {"schemeIdUri": METADATA_SCHEME, "timescale": "1000"})
        for time, entry in inside:
            number = zlib.crc32(entry.id.encode(errors="replace"))
            told = {"presentationTime": str(time), "duration": str(entry.duration), "id": str(number)}
            Xml.SubElement(stream, "Event", told).text = _printable(entry.payload)


def _adaptation(
    parent: Xml.Element,
    model: StreamModel,
    period: Period,
    numbered: tuple[str, str],
    chosen: Sequence[RenditionModel],
) -> None:
    number, kind = numbered
    fields = {"id": number, "contentType": kind, "mimeType": f"{kind}/mp4", "segmentAlignment": "true"}
    element = Xml.SubElement(parent, "AdaptationSet", fields)
    scale = period.runs[chosen[0].name].scale
    start = period.first_cell * SEGMENT
    Xml.SubElement(
        element,
        "ProducerReferenceTime",
        {
            "id": str(period.number),
            "inband": "true",
            "type": "captured",
            "wallClockTime": _date(_EPOCH + timedelta(microseconds=model.head.began + start)),
            "presentationTime": str(start * scale // SECOND),
        },
    )
    Xml.SubElement(element, "Role", {"schemeIdUri": "urn:mpeg:dash:role:2011", "value": "main"})
    template = {
        "timescale": str(scale),
        "duration": str(_CELL * scale),
        "startNumber": str(period.first_cell),
        "presentationTimeOffset": str(start * scale // SECOND),
        "initialization": f"live-$RepresentationID$-{period.number}.mp4{QUERY}",
        "media": f"{names.cells(period.number)}{QUERY}",
    }
    if not model.stream.over:
        template |= {"availabilityTimeOffset": f"{_EARLY:.1f}", "availabilityTimeComplete": "false"}
    Xml.SubElement(element, "SegmentTemplate", template)
    for one in chosen:
        _representation(element, one.name, period.runs[one.name])


def _representation(element: Xml.Element, name: str, run: Run) -> None:
    fields = {"id": name, "bandwidth": str(run.bitrate), "codecs": run.codecs}
    if run.kind == "video":
        fields |= {"width": str(run.width), "height": str(run.height)}
        if run.rate:
            fields["frameRate"] = str(round(run.rate))
    else:
        fields["audioSamplingRate"] = str(run.scale)
    made = Xml.SubElement(element, "Representation", fields)
    if run.kind == "audio":
        scheme = "urn:mpeg:dash:23003:3:audio_channel_configuration:2011"
        Xml.SubElement(made, "AudioChannelConfiguration", {"schemeIdUri": scheme, "value": "2"})


def end_of(rendition: RenditionModel) -> int:
    """Up to where it is there, in microseconds of the stream."""
    last = rendition.open
    return 0 if last is None else _at(last.last.time + last.last.duration, last.run)


def _at(time: int, run: Run) -> int:
    return time * SECOND // run.scale


def _date(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _printable(text: str) -> str:
    """Without what XML may not hold."""
    return _UNPRINTABLE.sub("", text)
