"""Reads what lies at an address and hands it on as an encoder would send it, in FLV, as fast as it is taken.

H264 is copied; sound that is not AAC becomes AAC. What else there is is left out. The libraries open nothing by
themselves: each file, a playlist's segments too, goes through `reaching`.
"""

import json
import os
import resource
import socket
import sys
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import urlsplit

import av
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from av.video.stream import VideoStream

from polyroom.ingest.reaching import Remote, Unreachable, judged

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,hls,mpegts,flv,live_flv,matroska,webm,aac,mp3,ogg"
_RATE = 44_100
_NICE = 5
_MEMORY = 2 << 30
_PATIENCE = (15.0, 30.0)


class Sink:
    """The worker's socket as a file that is only written."""

    def __init__(self, media: socket.socket) -> None:
        self._media = media

    def write(self, data: bytes) -> int:
        """All of it, as soon as there is room."""
        self._media.sendall(data)
        return len(data)


def open_source(uri: str, *, allow_private: bool) -> InputContainer:
    """What lies there. Raises Unreachable, av.FFmpegError."""
    parts = urlsplit(uri)
    options = {"format_whitelist": _FORMATS, "protocol_whitelist": "http,https,tcp,rtmp"}
    if parts.scheme == "rtmp":
        host, port = parts.hostname or "", parts.port or 1935
        address = judged(host, port, allow_private=allow_private)
        named = f"[{address}]" if ":" in address else address
        told = f"rtmp://{parts.netloc}{parts.path.rpartition('/')[0]}"
        place = parts._replace(netloc=f"{named}:{port}").geturl()
        return av.open(place, container_options={**options, "rtmp_tcurl": told, "rtmp_live": "live"}, timeout=_PATIENCE)

    def reach(url: str, flags: int, options: Mapping[str, str]) -> Remote:
        return Remote(url, allow_private=allow_private)

    # A playlist's reader would take connections for its own that it opened nothing of.
    options |= {"http_persistent": "0", "http_multiple": "0"}
    return av.open(uri, container_options=options, io_open=reach)


class Sounds:
    """Sound as AAC."""

    def __init__(self, target: OutputContainer, source: AudioStream) -> None:
        self._target, self._source = target, source
        self._stream: AudioStream = target.add_stream("aac", rate=_RATE, layout="stereo")
        self._resampler = AudioResampler("fltp", "stereo", _RATE, frame_size=1024)

    def take(self, packet: "av.Packet[AudioStream]") -> None:
        """One packet; what cannot be decoded is left out."""
        try:
            frames = packet.decode()
        except av.FFmpegError:
            return
        for frame in frames:
            for even in self._resampler.resample(frame):
                self._target.mux(self._stream.encode(even))


def copy(source: InputContainer, sink: Sink) -> None:
    """Everything, until it ends. Raises Unreachable where there is nothing to take, OSError once nobody reads."""
    pictures = next((one for one in source.streams.video if one.codec_context.name == "h264"), None)
    sounds = next(iter(source.streams.audio), None)
    if pictures is None and sounds is None:
        raise Unreachable("there is neither H264 nor sound in it")
    options = {"flvflags": "no_duration_filesize", "flush_packets": "1"}
    with av.open(sink, "w", format="flv", container_options=options) as target:
        copied: dict[int, VideoStream | AudioStream] = {}
        encoded: Sounds | None = None
        if pictures is not None:
            copied[pictures.index] = target.add_stream_from_template(pictures)
        if sounds is not None and sounds.codec_context.name == "aac":
            copied[sounds.index] = target.add_stream_from_template(sounds)
        elif sounds is not None:
            encoded = Sounds(target, sounds)
        for packet in source.demux([one for one in (pictures, sounds) if one is not None]):
            if packet.dts is None:
                continue
            if packet.stream_index in copied:
                packet.stream = copied[packet.stream_index]
                target.mux(packet)
            elif encoded is not None:
                encoded.take(cast("av.Packet[AudioStream]", packet))


def main() -> None:
    """`python -m polyroom.ingest.puller MEDIA`: the socket is inherited; the address comes by standard input."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    with socket.socket(fileno=int(sys.argv[1])) as media:
        try:
            with open_source(order["uri"], allow_private=order["allow_private"]) as source:
                copy(source, Sink(media))
        except Unreachable as why:
            _refuse(str(why))
        except av.FFmpegError as error:
            _refuse(f"it cannot be read: {error.strerror}")
        except MemoryError:
            _refuse("it takes too much memory")
        except BrokenPipeError:
            return


def _refuse(why: str) -> None:
    sys.stdout.write(json.dumps({"is": "refused", "why": why}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
