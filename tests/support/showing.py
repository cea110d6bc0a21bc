"""A page of somebody's own that flashes and beeps once a second, and what became of it in a recording."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np

_PAGE = b"""<!doctype html><title>a page</title><body style="margin:0;overflow:hidden"><div id=all
style="width:100vw;height:100vh"></div><script>
const sound = new AudioContext(), tone = sound.createOscillator(), loud = sound.createGain();
loud.gain.value = 0; tone.connect(loud); loud.connect(sound.destination); tone.start();
const draw = () => {
  const on = performance.now() % 1000 < 500;
  all.style.background = on ? 'white' : 'black';
  loud.gain.value = on ? 0.5 : 0;
  requestAnimationFrame(draw);
};
draw();
window.open('/other'); alert('nobody reads this');
</script>"""


@dataclass
class Shown:
    """The page's address, and which paths were asked for."""

    url: str
    asked: list[str] = field(default_factory=list)


@contextmanager
def shown_page() -> Iterator[Shown]:
    """A server of the page at every path but `/gone`."""
    shown = Shown("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.asked.append(self.path)
            self.send_response(404 if self.path == "/gone" else 200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.end_headers()
            self.wfile.write(_PAGE)

        def log_message(self, *words: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shown.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield shown
    finally:
        server.shutdown()
        server.server_close()


@dataclass(frozen=True)
class Seen:
    """A recording of it: when it turned white, when it began to beep, in seconds, its size and length."""

    flashes: list[float]
    beeps: list[float]
    size: tuple[int, int]
    seconds: float


def seen(path: Path) -> Seen:
    """Decode a recording."""
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        size = (stream.width, stream.height)
        pictures = [
            (float(one.time or 0), float(one.to_ndarray(format="gray").mean())) for one in source.decode(stream)
        ]
    with av.open(str(path)) as source:
        sounds = [(float(one.time or 0), float(np.abs(one.to_ndarray()).max())) for one in source.decode(audio=0)]
        seconds = float(source.duration or 0) / av.time_base
    return Seen(_rises(pictures, 128), _rises(sounds, 0.1), size, seconds)


def _rises(levels: list[tuple[float, float]], edge: float) -> list[float]:
    return [at for (_, before), (at, level) in pairwise(levels) if before <= edge < level]


def processes_naming(text: str) -> list[int]:
    """Processes that have a text among their words."""
    found = []
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                words = (one / "cmdline").read_bytes()
            except OSError:
                continue
            if text.encode() in words:
                found.append(int(one.name))
    return found
