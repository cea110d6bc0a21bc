"""A real server of S3's protocol on a folder: s3s-fs, which `make test` builds."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from polyroom.buckets import S3Place
from tests.support.server import free_port

PROGRAM = Path(__file__).parents[2] / "build/s3/bin/s3s-fs"
KEYS = ("test-access-key", "test-secret-key")
_STARTS_WITHIN = 30.0


@dataclass
class S3Server:
    """One server with one bucket, which can be stopped and started again."""

    folder: Path
    port: int
    bucket: str = "recordings"
    process: subprocess.Popen[bytes] | None = None

    @property
    def place(self) -> S3Place:
        """Its bucket, as polyroom finds it."""
        access, secret = KEYS
        return S3Place(self.bucket, "polyroom", f"http://127.0.0.1:{self.port}", "us-east-1", access, secret)

    @property
    def options(self) -> list[str]:
        """The same as options of `polyroom serve`."""
        access, secret = KEYS
        address = f"s3://{self.bucket}/polyroom?endpoint=http://127.0.0.1:{self.port}"
        return ["--assets", address, "--assets-access-key", access, "--assets-secret-key", secret]

    def start(self) -> None:
        """Begin to listen."""
        access, secret = KEYS
        where = ["--host", "127.0.0.1", "--port", str(self.port), "--access-key", access, "--secret-key", secret]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([str(PROGRAM), *where, str(self.folder)], **quiet)
        deadline = time.monotonic() + _STARTS_WITHIN
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the S3 server does not listen")

    def stop(self) -> None:
        """Be gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def files(self) -> list[Path]:
        """What lies in the bucket."""
        return [one for one in (self.folder / self.bucket).rglob("*") if one.is_file() and one.name[0] != "."]


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A running server with an empty bucket."""
    server = S3Server(folder, free_port())
    (folder / server.bucket).mkdir(parents=True)
    server.start()
    try:
        yield server
    finally:
        server.stop()
