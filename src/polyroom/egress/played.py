"""Recorded files, read as time goes by: never more of them in memory than the moment needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from av import AudioFrame, VideoFrame
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from polyroom.egress.sound import BLOCK, RATE, Sound

_LARGEST = 4096 * 2304


@dataclass(frozen=True, slots=True)
class Played:
    """A file and where it is on the common time, in seconds."""

    name: str
    path: str
    begin: float
    end: float


class PlayedPictures:
    """`at` gives the picture of a moment; moments only go forward. A file that cannot be read has none."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.serial = 0
        self.frame: VideoFrame | None = None
        self._frames = _decoded(played.path, "video")
        self._next: VideoFrame | None = None
        self._over = False

    def at(self, time: float) -> VideoFrame | None:
        """None before its beginning, after its end, and as long as nothing of it is seen."""
        if not self.played.begin <= time < self.played.end:
            return None
        while not self._over:
            if self._next is None:
                self._next = self._read()
            if self._next is None or self._next.time > time - self.played.begin + 1e-4:
                break
            self.frame, self._next = self._next, None
            self.serial += 1
        return self.frame

    def _read(self) -> VideoFrame | None:
        for frame in self._frames:
            if isinstance(frame, VideoFrame) and frame.time is not None:
                return frame
        self._over = True
        return None


class PlayedSound:
    """`take` gives the block at a position of the common time, in samples; positions only go forward."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self._shift = round(played.begin * RATE)
        self._frames = _decoded(played.path, "audio")
        self._resampler = AudioResampler(format="fltp", layout="stereo", rate=RATE)
        self._samples = np.zeros((2, 0), np.float32)
        self._start = 0
        self._over = False

    def take(self, position: int) -> Sound | None:
        """None where it has nothing."""
        position -= self._shift
        if position + BLOCK <= 0 or (self._over and not self._samples.shape[1]):
            return None
        while not self._over and self._start + self._samples.shape[1] < position + BLOCK:
            self._read()
        past = min(max(position - self._start, 0), self._samples.shape[1])
        self._samples, self._start = self._samples[:, past:], self._start + past
        block = np.zeros((2, BLOCK), np.float32)
        offset = max(self._start - position, 0)
        if offset < BLOCK:
            there = self._samples[:, : BLOCK - offset]
            block[:, offset : offset + there.shape[1]] = there
        return block

    def _read(self) -> None:
        for frame in self._frames:
            if isinstance(frame, AudioFrame) and frame.time is not None:
                self._add(frame)
                return
        self._over = True

    def _add(self, frame: AudioFrame) -> None:
        at = round((frame.time or 0.0) * RATE)
        made = [one.to_ndarray() for one in self._resampler.resample(frame)]
        gap = min(at - self._start - self._samples.shape[1], RATE * 60)
        if not self._samples.shape[1]:
            self._start = at
        elif gap > RATE // 20:
            made.insert(0, np.zeros((2, gap), np.float32))
        self._samples = np.concatenate([self._samples, *made], axis=1)


def _decoded(path: str, kind: str) -> Iterator[Any]:
    try:
        with av.open(path) as file:
            streams = [one for one in file.streams if one.type == kind][:1]
            for stream in streams:
                stream.codec_context.thread_count = 1
                stream.codec_context.options = {"max_pixels": str(_LARGEST)} if kind == "video" else {}
            if streams:
                yield from file.decode(*streams)
    except (FFmpegError, OSError, ValueError):
        return
