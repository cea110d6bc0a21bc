"""A real polyroom process on free loopback ports and a folder of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.stores import database_options

POLYROOM = Path(sys.executable).parent / "polyroom"
START_SECONDS = 60.0


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    """A port nobody listens on now."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class ServerProcess:
    """Starts, kills and restarts one installation; the ports stay the same."""

    def __init__(
        self,
        data: Path,
        *options: str,
        scheme: str = "http",
        module: str | None = None,
        database: str | None = None,
    ) -> None:
        self.data = data
        self.port = free_port()
        self.media_port = free_port(socket.SOCK_DGRAM)
        self.rtmp_port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self.log_path = data.parent / f"{data.name}.log"
        self._options = options
        self._url = database
        self._program = [str(POLYROOM)] if module is None else [sys.executable, "-m", module]
        self._process: subprocess.Popen[bytes] | None = None
        self._credentials: dict[str, Any] | None = None

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start and wait until it is ready."""
        command = [*self._program, "serve", "--data", str(self.data)]
        ports = {"--port": self.port, "--media-port": self.media_port, "--rtmp-port": self.rtmp_port}
        command += [*self._database(), *(word for one in ports.items() for word in map(str, one)), *self._options]
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, env=_environment())
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise AssertionError(f"the server ended:\n{self.log()}")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2, verify=False).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError(f"the server is not ready:\n{self.log()}")

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """SIGTERM, as an operator does."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        """All the process wrote."""
        return self.log_path.read_text(errors="replace")

    def command(self, *words: str) -> str:
        """What `polyroom WORDS` prints, beside the server; it must succeed."""
        command = [str(POLYROOM), *words, "--data", str(self.data), *self._database()]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=_environment())
        assert done.returncode == 0, done.stderr
        return done.stdout

    def credentials(self) -> dict[str, Any]:
        """What `polyroom credentials --json` prints."""
        if self._credentials is None:
            out = subprocess.run(
                [str(POLYROOM), "credentials", "--json", "--data", str(self.data), *self._database()],
                check=True,
                capture_output=True,
                env=_environment(),
            )
            self._credentials = json.loads(out.stdout)
        return self._credentials

    def another_account(self, name: str = "another") -> dict[str, Any]:
        """The credentials of a new account, in the form of `credentials`."""
        command = [str(POLYROOM), "accounts", "create", name, "--data", str(self.data), *self._database()]
        out = subprocess.run(command, check=True, capture_output=True, text=True, env=_environment()).stdout
        found: dict[str, Any] = {}
        dialect = ""
        for line in out.splitlines()[2:]:
            dialect = line[:12].strip() or dialect
            found.setdefault(dialect, {})[line[12:28].strip()] = line[28:]
        return found

    def streamwise(self, credentials: dict[str, Any] | None = None) -> httpx.Client:
        """A client of the StreamWise API with this server's token, or another account's."""
        token = (credentials or self.credentials())["streamwise"]["token"]
        return httpx.Client(
            base_url=f"{self.url}/streamwise", headers={"Authorization": f"Bearer {token}"}, timeout=20, verify=False
        )

    def memory_kb(self) -> int:
        """Resident memory."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise AssertionError("no VmRSS")

    def _database(self) -> list[str]:
        return ["--database", self._url] if self._url else database_options(self.data)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(timeout=40)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("POLYROOM_")}


@contextmanager
def running_server(data: Path, *options: str) -> Iterator[ServerProcess]:
    """A started server that is stopped at the end."""
    server = ServerProcess(data, *options)
    server.start()
    try:
        yield server
    finally:
        server.stop()
