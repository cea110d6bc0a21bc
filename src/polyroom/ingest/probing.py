"""What is in a file that somebody sent: looked at in a process of its own, within bounds.

The file is read through an open handle; nothing in it leads to another file or to the network.
"""

import math
from typing import Any, BinaryIO

import av
from av.error import FFmpegError

from polyroom.ffmpeg import FORMATS
from polyroom.ingest.ladder import LEAST_SIDE, LONGEST, MOST_PIXELS, MOST_SIDE, Source

MOST_STREAMS = 32
_MOST_SHAPE = 8.0
_LOOK_AT_MOST = 300
"""Packets looked through for the first whole picture."""


class Refused(Exception):
    """The file is no video we take. The text is a plain sentence."""


def probe(file: BinaryIO) -> Source:
    """What is in the file. Raises Refused."""
    file.seek(0)
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "none", "max_streams": str(4 * MOST_STREAMS)}
    try:
        with av.open(file, options=options) as container:
            return _source(container)
    except (FFmpegError, ValueError, EOFError) as error:
        raise Refused("The file is no video, or it is damaged.") from error


def _source(container: Any) -> Source:
    if len(container.streams) > MOST_STREAMS:
        raise Refused(f"The file has more than {MOST_STREAMS} streams.")
    pictures = [one for one in container.streams.video if not _is_cover(one)]
    if not pictures:
        raise Refused("The file has no moving picture.")
    picture = pictures[0]
    _check_size(picture.codec_context.width, picture.codec_context.height)
    width, height = _shown_size(container, picture)
    _check_size(width, height)
    seconds = _seconds(container, picture)
    if seconds > LONGEST:
        raise Refused(f"The video is longer than {LONGEST // 3600} hours.")
    # A sound that cannot be decoded has no rate; the picture is shown without it.
    sounds = [one for one in container.streams.audio if one.codec_context is not None and one.codec_context.rate]
    return Source(seconds, width, height, picture.index, sounds[0].index if sounds else None)


def _is_cover(stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _check_size(width: int, height: int) -> None:
    if max(width, height) > MOST_SIDE or width * height > MOST_PIXELS:
        raise Refused(f"The picture is larger than can be taken: {width}x{height}, at most {MOST_SIDE}x2304.")
    if min(width, height) < LEAST_SIDE:
        raise Refused(
            f"The picture is smaller than can be taken: {width}x{height}, at least {LEAST_SIDE}x{LEAST_SIDE}."
        )


def _shown_size(container: Any, picture: Any) -> tuple[int, int]:
    """The size as it is meant to be seen: pixels made square, turned as a phone held it."""
    context = picture.codec_context
    if context is None:
        raise Refused("The kind of picture in the file is not known.")
    context.options = {"max_pixels": str(MOST_PIXELS)}
    frame = _first_frame(container, picture)
    _check_size(frame.width, frame.height)
    width, height = float(frame.width), float(frame.height)
    shape = picture.sample_aspect_ratio
    if shape and 1 / _MOST_SHAPE <= shape <= _MOST_SHAPE:
        width *= float(shape)
    if frame.rotation % 180:
        width, height = height, width
    return round(width), round(height)


def _first_frame(container: Any, picture: Any) -> Any:
    for number, packet in enumerate(container.demux(picture)):
        if number > _LOOK_AT_MOST:
            break
        try:
            frames = packet.decode()
        except FFmpegError:
            continue
        if frames:
            return frames[0]
    raise Refused("No picture in the file can be decoded.")


def _seconds(container: Any, picture: Any) -> float:
    """As the file says, 0 where it does not."""
    said = container.duration / av.time_base if container.duration else 0.0
    if picture.duration and picture.time_base:
        said = max(said, float(picture.duration * picture.time_base))
    return said if math.isfinite(said) and said > 0 else 0.0
