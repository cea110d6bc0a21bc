"""A Janus server from Debian's packages, unpacked and not installed, to measure beside.

`python -m bench.janus` says whether it can be had here.
"""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from string import Template

import httpx
from tests.support.server import free_port

FILES = Path(__file__).with_name("janus")
# Janus and those of its libraries that few systems have.
PACKAGES = [
    "janus",
    "libconfig9",
    "libgssdp-1.6-0",
    "libgupnp-1.6-0",
    "libgupnp-igd-1.0-4",
    "libjansson4",
    "libmicrohttpd12",
    "libnice10",
    "libsoup-3.0-0",
    "libsrtp2-1",
    "libusrsctp2",
]
START_SECONDS = 15.0


class Unavailable(Exception):
    """Why there is no Janus."""


@dataclass(frozen=True)
class RunningJanus:
    """Where a started one listens."""

    pid: int
    api: str
    rtp: str


class Janus:
    """The unpacked packages and the compiled shim, in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._root = self._folder / "root"
        self._shim = self._folder / "loopback.so"

    def fetch(self) -> None:
        """Download, unpack, compile; raises Unavailable."""
        self._root.mkdir(parents=True, exist_ok=True)
        try:
            _run(["apt-get", "download", *PACKAGES], self._folder)
            for package in sorted(self._folder.glob("*.deb")):
                _run(["dpkg", "-x", str(package), str(self._root)], self._folder)
            _run(["cc", "-shared", "-fPIC", "-o", str(self._shim), str(FILES / "loopback.c"), "-ldl"], self._folder)
        except (OSError, subprocess.CalledProcessError) as error:
            raise Unavailable(f"Janus could not be made ready: {error}") from error

    @property
    def version(self) -> str:
        """As the package's name has it."""
        names = [path.name for path in self._folder.glob("janus_*.deb")]
        return names[0].split("_")[1] if names else "?"

    @contextmanager
    def running(self, event_loops: int = 0) -> Iterator[RunningJanus]:
        """A fresh process; without `event_loops` a thread per viewer, as it comes."""
        config = Path(tempfile.mkdtemp(dir=self._folder))
        api_port, rtp_port = free_port(), free_port(socket.SOCK_DGRAM)
        libraries = next(self._root.glob("usr/lib/*/janus")).parent
        values = {
            "config": config,
            "libraries": libraries,
            "event_loops": f"event_loops = {event_loops}" if event_loops else "",
            "api_port": api_port,
            "rtp_port": rtp_port,
        }
        for file in FILES.glob("*.jcfg"):
            (config / file.name).write_text(Template(file.read_text()).substitute(values))
        environment = os.environ | {"LD_LIBRARY_PATH": str(libraries), "LD_PRELOAD": str(self._shim)}
        with (config / "log").open("wb") as log:
            process = subprocess.Popen(
                [str(self._root / "usr/bin/janus"), "-F", str(config)], stdout=log, stderr=log, env=environment
            )
        try:
            _wait(process, api_port, config / "log")
            yield RunningJanus(process.pid, f"127.0.0.1:{api_port}", f"127.0.0.1:{rtp_port}")
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _run(command: list[str], folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/janus/info", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise Unavailable(f"Janus did not start:\n{log.read_text(errors='replace')[-2000:]}")


def main() -> None:
    """Fetch it and start it once."""
    with tempfile.TemporaryDirectory() as folder:
        janus = Janus(Path(folder))
        try:
            janus.fetch()
            with janus.running():
                print(f"Janus {janus.version} runs here")
        except Unavailable as error:
            print(error)


if __name__ == "__main__":
    main()
