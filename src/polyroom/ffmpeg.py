"""ffmpeg as a program of its own: where it is, and how it is run on files that others sent.

It is given an open file instead of a path and may open no other: no playlist leads it to this machine's files or to
the network. It is nice, and bounded in time, memory and what it writes. A leaf, for processes of their own: calls wait.
"""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

FORMATS = "mov,matroska,webm,avi,flv,mpegts,mpeg,mpegvideo,ogg,asf,mxf"
"""Containers a file may be in. Playlists, image sequences, scripts and the like are not among them."""

_PR_SET_PDEATHSIG = 1
_LAST_WORDS = 4000
_LIBC = ctypes.CDLL(None)


class NoFfmpeg(Exception):
    """There is no ffmpeg to be found."""


class FfmpegFailed(Exception):
    """It ended with an error, or was ended. The text is the end of what it said."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take. `stalled` is how many seconds may go by without any progress."""

    cpu_seconds: int
    memory: int = 4 << 30
    file_bytes: int = 4 << 30
    stalled: float = 120.0
    nice: int = 10


def find_ffmpeg(wanted: str | None = None) -> str:
    """The program: the one asked for, else the one that is installed with us, else the system's. Raises NoFfmpeg."""
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise NoFfmpeg(f"{wanted} is no program")
        return found
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        return str(get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        found = shutil.which("ffmpeg")
    if found is None:
        raise NoFfmpeg("there is no ffmpeg here")
    return found


def transcode(
    program: str,
    source: BinaryIO,
    outputs: Sequence[str],
    *,
    folder: Path,
    limits: Limits,
    before: Sequence[str] = (),
    progress: Callable[[float], None] = lambda _: None,
) -> None:
    """Run it on an open file, with the arguments of the outputs, in a folder; tell seconds done. Raises FfmpegFailed.

    `before` are options of the input.
    """
    source.seek(0)
    number = source.fileno()
    command = [
        *(program, "-hide_banner", "-nostdin", "-loglevel", "error", "-nostats", "-progress", "pipe:1", "-y"),
        *("-protocol_whitelist", "fd", "-format_whitelist", FORMATS, *before, "-fd", str(number), "-i", "fd:"),
        *outputs,
    ]
    process = subprocess.Popen(  # noqa: S603 - no shell, and no argument is anybody's but ours
        command,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[number],
        env={"LC_ALL": "C", "HOME": "/nonexistent"},
        preexec_fn=lambda: _bind(limits),  # noqa: PLW1509 - the one other thread waits for a pipe
    )
    with process:
        said = _Tail(process.stderr)
        guard = _Guard(process, limits.stalled)
        try:
            assert process.stdout is not None
            for seconds in read_progress(line.decode("ascii", "replace") for line in process.stdout):
                guard.alive(seconds)
                progress(seconds)
            process.wait()
        finally:
            guard.end()
            if process.poll() is None:
                process.kill()
    if process.returncode:
        how = "it stood still" if guard.ended_it else _how_it_ended(process.returncode)
        raise FfmpegFailed(f"{how}: {said.text()}")


def read_progress(lines: Iterator[str]) -> Iterator[float]:
    """The seconds of output written so far, of what `-progress` prints; what is not known yet counts as none."""
    for line in lines:
        name, _, value = line.strip().partition("=")
        if name == "out_time_us":
            yield max(0, int(value)) / 1e6 if value.lstrip("-").isdigit() else 0.0


class _Guard:
    """Ends a process that makes no progress."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        self._process, self._seconds = process, seconds
        self._last = -1.0
        self.ended_it = False
        self._timer = self._armed()

    def alive(self, done: float) -> None:
        if done > self._last:
            self._last = done
            self._timer.cancel()
            self._timer = self._armed()

    def end(self) -> None:
        self._timer.cancel()

    def _armed(self) -> threading.Timer:
        timer = threading.Timer(self._seconds, self._kill)
        timer.daemon = True
        timer.start()
        return timer

    def _kill(self) -> None:
        self.ended_it = True
        self._process.kill()


class _Tail:
    """Reads all that a program says, and keeps the end of it."""

    def __init__(self, stream: IO[bytes] | None) -> None:
        assert stream is not None
        self._kept = b""
        self._stream = stream
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        self._thread.join(5)
        return self._kept.decode("utf-8", "replace").strip()

    def _read(self) -> None:
        while chunk := self._stream.read1(1024):  # type: ignore[attr-defined]
            self._kept = (self._kept + chunk)[-_LAST_WORDS:]


def _how_it_ended(code: int) -> str:
    ends = {-signal.SIGXCPU: "it took too much time", -signal.SIGXFSZ: "it wrote too much"}
    return ends.get(code, "it was ended" if code < 0 else "it failed")


def _bind(limits: Limits) -> None:
    """In the child: its bounds, and its end with its parent's."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(limits.nice)
    for what, most in (
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
