"""Sound: each speaker's decoded into a place in time, and all of them mixed without clipping."""

import numpy as np
from av import AudioCodecContext, AudioFrame, Packet
from av.error import FFmpegError
from numpy.typing import NDArray

RATE = 48_000
BLOCK = 960
"""Samples mixed at a time: 20 ms."""

_OFF_AT_MOST = RATE * 40 // 1000
"""How far sound may be from its time before it is put there; within that it runs on without a seam."""
_KEPT = RATE * 5
_RECOVERY = 0.02
_PEAK = 0.89
"""One decibel below full scale: what an encoder makes of it swings a little further."""

Sound = NDArray[np.float32]


class Voice:
    """One track of sound. Positions count samples from the beginning of the recording."""

    def __init__(self) -> None:
        self._decoder = _decoder()
        self._samples = np.zeros((2, 0), np.float32)
        self._start = 0

    def put(self, position: int, packet: bytes, gap: bool) -> None:
        """Decode a packet that was taken at that position."""
        try:
            decoded = [_stereo(frame) for frame in self._decoder.decode(Packet(packet))]
        except (FFmpegError, ValueError):
            self._decoder = _decoder()
            return
        end = self._start + self._samples.shape[1]
        if gap or not self._samples.shape[1] or abs(position - end) > _OFF_AT_MOST:
            self._move(position)
        self._samples = np.concatenate([self._samples, *decoded], axis=1)[:, -_KEPT:]

    def take(self, position: int) -> Sound | None:
        """The block at a position; what is before it is forgotten. None where there is nothing."""
        past = min(max(position - self._start, 0), self._samples.shape[1])
        self._samples, self._start = self._samples[:, past:], self._start + past
        offset = self._start - position
        if offset >= BLOCK or not self._samples.shape[1]:
            return None
        block = np.zeros((2, BLOCK), np.float32)
        found = self._samples[:, : BLOCK - offset]
        block[:, offset : offset + found.shape[1]] = found
        return block

    def clear(self) -> None:
        """Forget what was not taken."""
        self._samples = self._samples[:, :0]

    def _move(self, position: int) -> None:
        """Go on at another position; what is there already stays, with silence between."""
        end = self._start + self._samples.shape[1]
        if not self._samples.shape[1]:
            self._start = position
        elif position > end:
            silence = np.zeros((2, min(position - end, _KEPT)), np.float32)
            self._samples = np.concatenate([self._samples, silence], axis=1)
        else:
            self._samples = self._samples[:, : max(position - self._start, 0)]
            self._start = min(self._start, position)


def _decoder() -> AudioCodecContext:
    decoder = AudioCodecContext.create("opus", "r")
    decoder.sample_rate = RATE
    decoder.layout = "stereo"
    return decoder


def _stereo(frame: AudioFrame) -> Sound:
    samples = frame.to_ndarray().astype(np.float32, copy=False)
    if samples.shape[0] == 1:
        channels = frame.layout.nb_channels
        samples = samples.reshape(-1, channels).T
    return samples[:2] if samples.shape[0] >= 2 else np.repeat(samples, 2, axis=0)


class Limiter:
    """Turns a sum down before it would clip. It looks one block ahead, and so is one block late."""

    def __init__(self) -> None:
        self._held = np.zeros((2, BLOCK), np.float32)
        self._held_gain = 1.0
        self._gain = 1.0

    @property
    def silence(self) -> Sound:
        """An empty block, which brings out the last."""
        return np.zeros((2, BLOCK), np.float32)

    def push(self, block: Sound) -> Sound:
        """Take a block and give the one before."""
        peak = float(np.abs(block).max(initial=0.0))
        needed = min(1.0, _PEAK / peak) if peak > 0 else 1.0
        end = min(self._held_gain, needed, self._gain + _RECOVERY)
        ramp = np.linspace(self._gain, end, BLOCK, dtype=np.float32)
        out = self._held * ramp
        self._held, self._held_gain, self._gain = block, needed, end
        return out
