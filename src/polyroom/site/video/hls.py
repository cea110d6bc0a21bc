"""HLS playlists with low-latency parts (RFC 8216 and draft-pantos-hls-rfc8216bis).

A playlist is made once for all who ask until there is more. Where an address is, `QUERY` stands behind it and is
replaced by the token of whoever asks.
"""

import base64
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from polyroom.site.video import names
from polyroom.site.video.model import RenditionModel, Segment, StreamModel
from polyroom.wire.live_index import PART, SECOND, Metadata, Part, Run

QUERY = "\0"
TARGET = 2
_PART_TARGET = PART / SECOND
_HOLD_BACK = 1.0
"""Seconds behind the last part that players stay; three parts are too few on a busy machine."""
_APART = 0.05
_SOUND = "Sound"
"""The name of each: they are the same but for how well they sound (4.4.6.1.1)."""
_SMALL = 360
"""Height up to which pictures go with the smaller sound, as in Phenix' manifest."""
_DATE_EVERY = 10
_WITH_PARTS = 3
"""Target durations at the end in which parts are listed (4.4.4.9)."""
_SKIP = 6
"""Target durations at the end that a delta update keeps (4.4.3.8)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def master(model: StreamModel) -> str:
    """All qualities, named and ordered as in Phenix' manifest; sound apart from pictures."""
    renditions = list(model.listed())
    sounds = [one for one in renditions if one.run.kind == "audio"]
    lines = ["#EXTM3U", "#EXT-X-VERSION:9"]
    for sound in sounds:
        lines.append(
            f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="{sound.name}",NAME="{_SOUND}",DEFAULT=YES,'
            f'AUTOSELECT=YES,CHANNELS="2",URI="{names.media_playlist(sound.name)}{QUERY}"'
        )
    for one in renditions:
        lines += [_variant(one.run, _sound_of(one.run, sounds)), f"{names.media_playlist(one.name)}{QUERY}"]
    return "\n".join(lines) + "\n"


def _sound_of(run: Run, sounds: Sequence[RenditionModel]) -> RenditionModel | None:
    """Small pictures go with the smaller sound."""
    if run.kind == "audio" or not sounds:
        return None
    return sounds[-1] if 0 < run.height <= _SMALL else sounds[0]


def _variant(run: Run, sound: RenditionModel | None) -> str:
    bandwidth = run.bitrate + (sound.run.bitrate if sound else 0)
    codecs = ",".join([run.codecs] + ([sound.run.codecs] if sound else []))
    fields = [f"BANDWIDTH={bandwidth}", f"AVERAGE-BANDWIDTH={bandwidth}", f'CODECS="{codecs}"']
    if run.height:
        fields.append(f"RESOLUTION={run.width}x{run.height}")
    if run.rate:
        fields.append(f"FRAME-RATE={run.rate:.3f}")
    if sound:
        fields.append(f'AUDIO="{sound.name}"')
    return "#EXT-X-STREAM-INF:" + ",".join(fields)


@dataclass(frozen=True, slots=True)
class _Shape:
    """What the header says."""

    target: int
    part_target: float
    hold_back: float
    skip: int


def media(model: StreamModel, rendition: RenditionModel, *, skip: bool) -> str:
    """A rendition's playlist, or only what is new in it (a delta update) when `skip`."""
    over = model.stream.over
    segments = rendition.segments
    shape = _shape(rendition)
    lines = _header(rendition, shape, over=over)
    lines += map(_date_range, model.metadata)
    skipped = _skipped(segments, shape.skip) if skip and not over else 0
    if skipped:
        lines.append(f"#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}")
    elif segments:
        lines.append(_map(rendition, segments[0].run))
    lines += _segments(model, rendition, skipped)
    if over:
        lines.append("#EXT-X-ENDLIST")
    elif segments:
        number, part = rendition.next_part()
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="{names.part(rendition.name, number, part)}{QUERY}"')
        lines += _reports(model, rendition)
    return "\n".join(lines) + "\n"


def target_of(rendition: RenditionModel) -> int:
    """The target duration of a rendition: two seconds, more where whole pictures came late."""
    return _shape(rendition).target


def _shape(rendition: RenditionModel) -> _Shape:
    last = rendition.open
    longest = max(rendition.longest, last.seconds if last else 0.0)
    target = max(TARGET, int(longest + 0.5))
    recent = [part.duration / one.run.scale for one in rendition.segments[-_WITH_PARTS - 1 :] for part in one.parts]
    part_target = math.ceil(round(max([_PART_TARGET, *recent]) * 1000, 3)) / 1000
    return _Shape(target, part_target, max(_HOLD_BACK, 3 * part_target), _SKIP * target)


def _header(rendition: RenditionModel, shape: _Shape, *, over: bool) -> list[str]:
    lines = ["#EXTM3U", "#EXT-X-VERSION:9", f"#EXT-X-TARGETDURATION:{shape.target}"]
    if not over:
        lines += [
            f"#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL={shape.skip:.1f},"
            f"HOLD-BACK={3 * shape.target:.1f},PART-HOLD-BACK={shape.hold_back:.3f}",
            f"#EXT-X-PART-INF:PART-TARGET={shape.part_target:.3f}",
        ]
    if rendition.independent:
        lines.append("#EXT-X-INDEPENDENT-SEGMENTS")
    run = rendition.segments[0].run.number if rendition.segments else 0
    return [*lines, f"#EXT-X-MEDIA-SEQUENCE:{rendition.first}", f"#EXT-X-DISCONTINUITY-SEQUENCE:{run}"]


def _skipped(segments: Sequence[Segment], skip: int) -> int:
    """How many segments end before the skip boundary. It is counted in what is listed: outages are not (4.4.3.8)."""
    after = 0.0
    for index in range(len(segments) - 1, 0, -1):
        after += segments[index].seconds
        if after >= skip:
            return index
    return 0


def _segments(model: StreamModel, rendition: RenditionModel, skipped: int) -> Iterator[str]:
    segments, over = rendition.segments, model.stream.over
    plain = len(segments) if over else max(len(segments) - 1 - _WITH_PARTS, 0)
    if not skipped and plain:
        yield _old(model, rendition, plain)
    for index in range(max(skipped, 0 if skipped else plain), len(segments)):
        one = segments[index]
        yield from _lead(model, rendition, index, first=index == skipped)
        if index >= plain:
            yield from (_part(rendition, one, number, part) for number, part in enumerate(one.parts))
        if over or index < len(segments) - 1:
            yield _whole(rendition, one)


def _old(model: StreamModel, rendition: RenditionModel, count: int) -> str:
    """The lines of the first segments; each is made once. Only of the first one they change, when it becomes that."""
    number, lines = rendition.old
    gone = rendition.first - number
    lines = lines[gone:] if 0 <= gone <= len(lines) else []
    del lines[count:]
    for index in range(len(lines), count):
        told = [*_lead(model, rendition, index, first=False), _whole(rendition, rendition.segments[index])]
        lines.append("\n".join(told))
    rendition.old = (rendition.first, lines)
    first = [*_lead(model, rendition, 0, first=True), _whole(rendition, rendition.segments[0])]
    return "\n".join([*first, *lines[1:]])


def _lead(model: StreamModel, rendition: RenditionModel, index: int, *, first: bool) -> Iterator[str]:
    """What stands before a segment: that it was encoded anew, and its date."""
    one = rendition.segments[index]
    before = rendition.segments[index - 1] if index else None
    anew = before is not None and before.run is not one.run
    if before is not None and anew:
        yield from ["#EXT-X-DISCONTINUITY"] * (one.run.number - before.run.number)
        yield _map(rendition, one.run)
    apart = before is not None and abs(one.time - before.time - before.duration) > _APART * one.run.scale
    if first or anew or apart or one.number % _DATE_EVERY == 0:
        yield f"#EXT-X-PROGRAM-DATE-TIME:{_date(model.head.began + one.microseconds)}"


def _whole(rendition: RenditionModel, one: Segment) -> str:
    return f"#EXTINF:{one.seconds:.5f},\n{names.segment(rendition.name, one.number)}{QUERY}"


def _part(rendition: RenditionModel, one: Segment, number: int, part: Part) -> str:
    independent = ",INDEPENDENT=YES" if part.key else ""
    address = f"{names.part(rendition.name, one.number, number)}{QUERY}"
    return f'#EXT-X-PART:DURATION={part.duration / one.run.scale:.5f},URI="{address}"{independent}'


def _map(rendition: RenditionModel, run: Run) -> str:
    return f'#EXT-X-MAP:URI="{names.head(rendition.name, run.number)}{QUERY}"'


def _reports(model: StreamModel, rendition: RenditionModel) -> Iterator[str]:
    for other in model.listed():
        last = other.open
        if other is not rendition and last is not None:
            address = f"{names.media_playlist(other.name)}{QUERY}"
            part = max(len(last.parts) - 1, 0)
            yield f'#EXT-X-RENDITION-REPORT:URI="{address}",LAST-MSN={last.number},LAST-PART={part}'


def _date_range(entry: Metadata) -> str:
    """As 100ms writes timed metadata; its player reads the payload and both times out of the attribute."""
    start, end = (_date(at * 1000) for at in (entry.at, entry.at + entry.duration))
    told = {"payload": entry.payload, "start_date": start, "end_date": end, "version": "1"}
    payload = base64.b64encode(json.dumps(told).encode()).decode()
    return (
        f'#EXT-X-DATERANGE:ID="{_quoted(entry.id)}",START-DATE="{start}",DURATION={entry.duration / 1000:.3f},'
        f'X-100MSLIVE-PAYLOAD="{payload}"'
    )


def _date(microseconds: int) -> str:
    moment = _EPOCH + timedelta(microseconds=microseconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _quoted(text: str) -> str:
    """Without what a quoted string of a playlist may not hold (4.2)."""
    return "".join(one for one in text if one.isprintable() and one != '"')
