"""An RTMP encoder as people have one: ffmpeg with a moving picture and a tone, as a program of its own."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Self

import imageio_ffmpeg

HERTZ = 440
RATE = 15
_PATIENCE = 20.0


class Push:
    """One ffmpeg that pushes in real time until it is stopped. It is ended with the `with`."""

    def __init__(self, url: str, log: Path, *, seconds: float = 3600, size: str = "320x180", video: str = "libx264"):
        self._url, self._log, self._seconds, self._size, self._video = url, log, seconds, size, video
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> None:
        """Begin, or begin again."""
        sources = ["-re", "-f", "lavfi", "-i", f"testsrc2=s={self._size}:r={RATE}"]
        sources += ["-re", "-f", "lavfi", "-i", f"sine={HERTZ}:r=44100,volume=4"]
        picture = ["-c:v", self._video, "-g", str(RATE), "-pix_fmt", "yuv420p", "-b:v", "300k"]
        if self._video == "libx264":
            picture += ["-preset", "ultrafast", "-tune", "zerolatency"]
        command = [imageio_ffmpeg.get_ffmpeg_exe(), "-nostdin", "-hide_banner", "-loglevel", "warning"]
        command += [*sources, "-t", str(self._seconds), *picture, "-c:a", "aac", "-b:a", "96k", "-f", "flv", self._url]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def stop(self) -> None:
        """End the stream as an encoder's button does."""
        self._send(signal.SIGINT)
        self.wait()

    def kill(self) -> None:
        """kill -9."""
        self._send(signal.SIGKILL)
        self.wait()

    def pause(self) -> None:
        """Send nothing for now, with the connection open."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """Send again."""
        self._send(signal.SIGCONT)

    def wait(self, seconds: float = _PATIENCE) -> int:
        """Its exit code once it has ended."""
        assert self._process is not None
        return self._process.wait(seconds)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def said(self) -> str:
        """What it complained of."""
        return self._log.read_text(errors="replace")

    def _send(self, number: signal.Signals) -> None:
        if self.running:
            assert self._process is not None
            os.kill(self._process.pid, number)


class Comeback:
    """An encoder that begins again whenever its stream breaks, as OBS does."""

    def __init__(self, push: Push) -> None:
        self._push, self._over = push, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._push.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_PATIENCE)
        self._push.kill()

    def _watch(self) -> None:
        while not self._over.wait(0.5):
            if not self._push.running:
                time.sleep(0.5)
                self._push.start()
