"""An encoder such as people stream with: ffmpeg makes FLV of pictures that flash once a second, and beeps with them."""

import contextlib
import socket
import subprocess
import threading
from functools import cache

import imageio_ffmpeg

FLASH = 0.2
"""Seconds a flash and its beep last; each second begins with one."""
HERTZ = 880


@cache
def flv(seconds: int, *, b_frames: int = 0, size: str = "320x180", rate: int = 15, more: tuple[str, ...] = ()) -> bytes:
    """A clip with a keyframe every second; dark shapes wander over its pictures."""
    flash = f"drawbox=c=white:t=fill:enable='lt(mod(t,1),{FLASH})'"
    picture = f"testsrc2=s={size}:r={rate},eq=contrast=0.3:brightness=-0.3,{flash}"
    sound = f"aevalsrc='0.4*sin(2*PI*{HERTZ}*t)*lt(mod(t,1),{FLASH})':s=44100"
    source = ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound]
    video = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", str(b_frames), "-g", str(rate), "-pix_fmt", "yuv420p"]
    video += ["-x264-params", "scenecut=0"]
    target = ["-t", str(seconds), "-c:a", "aac", "-b:a", "96k", *more, "-f", "flv", "-flvflags", "no_duration_filesize"]
    return ffmpeg(*source, *video, *target, "pipe:1")


def ffmpeg(*arguments: str) -> bytes:
    """Run it; what it wrote to its standard output."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout


class Encoder:
    """Writes a stream into a socket, as fast as it is read, from a thread of its own."""

    def __init__(self, media: socket.socket, stream: bytes, *, close: bool = True) -> None:
        self._media, self._stream, self._close = media, stream, close
        self.broken = False
        self.thread = threading.Thread(target=self._write, daemon=True)
        self.thread.start()

    def _write(self) -> None:
        try:
            self._media.sendall(self._stream)
        except OSError:
            self.broken = True
        if self._close:
            self._media.close()

    def stop(self) -> None:
        """Break off."""
        with contextlib.suppress(OSError):
            self._media.shutdown(socket.SHUT_RDWR)
        self._media.close()
        self.thread.join(20)
