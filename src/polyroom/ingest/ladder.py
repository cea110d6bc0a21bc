"""What is made of an uploaded video: its sizes, its thumbnails, and how ffmpeg is asked for them.

HLS on demand in fragmented mp4 (RFC 8216): one playlist per size, sound on its own, segments of four seconds.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from polyroom.domain.video import Rendition

RUNGS = {1080: 5_000_000, 720: 2_800_000, 480: 1_400_000, 360: 800_000}
"""The shorter side of each size, and what its picture takes at most, in bits per second."""

SOUND_BITRATE = 128_000
SEGMENT_SECONDS = 4
LONGEST = 12 * 3600
"""Seconds a video may last."""
MOST_PIXELS = 4096 * 2304
MOST_SIDE = 4096
LEAST_SIDE = 16

_RATE = 60
_THUMB_COLUMNS, _THUMB_ROWS = 10, 10
_THUMB_SIDE = 160
_THUMB_EVERY = 2.0
_POSTER_SIDE = 1280


@dataclass(frozen=True, slots=True)
class Source:
    """What is in an uploaded file. The picture's size is as it is meant to be seen; `seconds` 0 is not known.

    `picture` and `sound` are the numbers of the streams that are used, `sound` None where there is none.
    """

    seconds: float
    width: int
    height: int
    picture: int
    sound: int | None


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """One picture with many small ones in it, row by row, each for `every` seconds."""

    every: float
    columns: int
    rows: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is made of one source, best size first."""

    renditions: Sequence[Rendition]
    thumbnails: Thumbnails
    poster: tuple[int, int]
    poster_at: float


def plan(source: Source) -> Plan:
    """Sizes up to the source's own; a source smaller than all of them keeps its size."""
    short = min(source.width, source.height)
    sizes = [(rung, rate) for rung, rate in RUNGS.items() if rung <= short]
    if not sizes:
        sizes = [(short, round(RUNGS[360] * max(0.25, short / 360)))]
    sound = SOUND_BITRATE if source.sound is not None else 0
    renditions = []
    for rung, rate in sizes:
        width, height = fitted(source, rung)
        renditions.append(Rendition(f"{min(width, height)}p", width, height, rate + sound))
    every = max(_THUMB_EVERY, math.ceil(source.seconds / (_THUMB_COLUMNS * _THUMB_ROWS)))
    rows = max(1, min(_THUMB_ROWS, math.ceil((source.seconds or every) / every / _THUMB_COLUMNS)))
    thumb, poster = _within(source, _THUMB_SIDE), _within(source, _POSTER_SIDE)
    return Plan(renditions, Thumbnails(every, _THUMB_COLUMNS, rows, *thumb), poster, source.seconds / 10)


def fitted(source: Source, short: int) -> tuple[int, int]:
    """The size whose shorter side is `short`, in even numbers as H264 wants them."""
    scale = short / min(source.width, source.height)
    return _even(source.width * scale), _even(source.height * scale)


def arguments(source: Source, wanted: Plan) -> list[str]:
    """The outputs of one run of ffmpeg: playlists and segments, sprite.jpg, poster.jpg."""
    return [
        *("-filter_complex_threads", "2", "-filter_complex", _filters(source, wanted)),
        *_pictures(wanted),
        *_sound(source),
        *_hls(source, wanted),
        *("-map", "[sprite]", "-frames:v", "1", "-q:v", "5", "-update", "1", "sprite.jpg"),
        *("-map", "[poster]", "-frames:v", "1", "-q:v", "3", "-update", "1", "poster.jpg"),
    ]


def most_bytes(seconds: float, wanted: Plan) -> int:
    """More than the files of a video of that length can take."""
    rate = sum(one.bitrate for one in wanted.renditions) + SOUND_BITRATE
    return int(rate / 8 * max(seconds, 60) * 1.2)


def thumbnail_track(seconds: float, thumbnails: Thumbnails, image: str = "sprite.jpg") -> str:
    """A WebVTT track: which part of the picture stands for which time."""
    lines = ["WEBVTT", ""]
    count = min(thumbnails.columns * thumbnails.rows, max(1, math.ceil(seconds / thumbnails.every)))
    for number in range(count):
        began, ended = number * thumbnails.every, min(seconds, (number + 1) * thumbnails.every)
        row, column = divmod(number, thumbnails.columns)
        x, y = column * thumbnails.width, row * thumbnails.height
        lines += [
            f"{_clock(began)} --> {_clock(ended)}",
            f"{image}#xywh={x},{y},{thumbnails.width},{thumbnails.height}",
            "",
        ]
    return "\n".join(lines)


def _filters(source: Source, wanted: Plan) -> str:
    sizes = wanted.renditions
    # Frames are left out where there are too many, and never doubled: a gap in the times must not become work.
    names = "".join(f"[s{number}]" for number in range(len(sizes))) + "[st][sp]"
    parts = [
        f"[0:{source.picture}]select='isnan(prev_selected_t)+gte(t-prev_selected_t,1/{_RATE + 1})',"
        f"split={len(sizes) + 2}{names}"
    ]
    parts += [f"[s{number}]{_box(one.width, one.height)}[v{number}]" for number, one in enumerate(sizes)]
    small = wanted.thumbnails
    tiles = f"{_box(small.width, small.height)},tile={small.columns}x{small.rows}"
    parts.append(f"[st]fps=1/{small.every:g}:round=up,{tiles}[sprite]")
    parts.append(f"[sp]select='gte(t,{wanted.poster_at:.3f})',{_box(*wanted.poster)}[poster]")
    return ";".join(parts)


def _box(width: int, height: int) -> str:
    """Into a fixed size, whatever the size of the frames becomes on the way."""
    inside = f"scale={width}:{height}:force_original_aspect_ratio=decrease:reset_sar=1"
    return f"{inside},pad={width}:{height}:-1:-1,setsar=1,format=yuv420p"


def _pictures(wanted: Plan) -> list[str]:
    found = []
    for number, one in enumerate(wanted.renditions):
        rate = one.bitrate
        found += ["-map", f"[v{number}]", f"-maxrate:v:{number}", str(rate), f"-bufsize:v:{number}", str(2 * rate)]
    return [
        *found,
        *("-c:v", "libx264", "-preset", "veryfast", "-crf", "22", "-profile:v", "high", "-fps_mode", "vfr"),
        *("-sc_threshold", "0", "-force_key_frames", f"expr:gte(t,n_forced*{SEGMENT_SECONDS})", "-threads:v", "2"),
    ]


def _sound(source: Source) -> list[str]:
    if source.sound is None:
        return []
    return [
        *("-map", f"0:{source.sound}", "-c:a", "aac", "-b:a", str(SOUND_BITRATE), "-ac", "2", "-ar", "48000"),
        *("-af", "aresample=async=1:first_pts=0"),
    ]


def _hls(source: Source, wanted: Plan) -> list[str]:
    group = ",agroup:sound" if source.sound is not None else ""
    streams = [f"v:{number}{group},name:{one.name}" for number, one in enumerate(wanted.renditions)]
    if group:
        streams.append(f"a:0{group},default:yes,name:sound")
    return [
        *("-map_metadata", "-1", "-map_chapters", "-1", "-f", "hls", "-hls_time", str(SEGMENT_SECONDS)),
        *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"),
        *("-hls_fmp4_init_filename", "init.mp4", "-hls_segment_filename", "%v/%05d.m4s"),
        *("-master_pl_name", "master.m3u8", "-var_stream_map", " ".join(streams), "%v/list.m3u8"),
    ]


def _within(source: Source, side: int) -> tuple[int, int]:
    scale = min(1.0, side / max(source.width, source.height))
    return _even(source.width * scale), _even(source.height * scale)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:06.3f}"
