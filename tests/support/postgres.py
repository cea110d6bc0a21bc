"""A real PostgreSQL for one test session: Debian's programs, a folder of its own, a free loopback port.

PostgreSQL refuses to run as root, so root starts it as the user `postgres` that Debian's package makes. Nothing of a
packaged cluster is used or touched.
"""

import asyncio
import atexit
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import asyncpg

from tests.support.server import free_port

T = TypeVar("T")

USER = "polyroom"
PASSWORD = "p@ss/wörd:1"  # every character an address has a use for
_QUOTED = "p%40ss%2Fw%C3%B6rd%3A1"
_RUN_AS = "postgres"
# Nothing outlives the session, except in tests that kill the server: those start one that asks the disk.
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "deadlock_timeout": "100ms",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "log_min_messages": "fatal",
}


class Cluster:
    """Starts, kills and restarts one database server; its port stays the same.

    Args:
        durable: whether it keeps its word when it is killed. The others are quicker.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="polyroom-postgres-", dir=_quick_place()))
        self._owner = _RUN_AS if os.getuid() == 0 else None
        if self._owner:
            shutil.chown(self._folder, self._owner)
        self._data = self._folder / "data"
        self._settings = _SETTINGS | {"port": str(free_port())} | ({"fsync": "on"} if durable else {})
        self._process: subprocess.Popen[bytes] | None = None
        secret = self._folder / "password"
        secret.write_text(PASSWORD + "\n")
        secret.chmod(0o644)
        self._run(
            "initdb",
            f"--username={USER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            # A language whose order is not that of code points.
            "--locale=C.UTF-8",
            "--locale-provider=icu",
            "--icu-locale=en-US",
            "--no-sync",
        )

    def url(self, name: str) -> str:
        """What `--database` takes."""
        return f"postgresql://{USER}:{_QUOTED}@127.0.0.1:{self._settings['port']}/{name}"

    def start(self) -> None:
        """Start and wait until it lets somebody in."""
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [_program("postgres"), "-D", self._data, *options],
                stdout=log,
                stderr=log,
                cwd=self._folder,
                user=self._owner,
                start_new_session=True,
            )
        on_a_thread(lambda: asyncio.run(_wait_for(self.url("postgres"))))

    def kill(self) -> None:
        """End it at once, as a power cut would: every session breaks where it is."""
        self._end(signal.SIGQUIT)

    def stop(self) -> None:
        """End it in good order, sessions or not."""
        self._end(signal.SIGINT)

    def remove(self) -> None:
        """End it and delete its folder."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def create(self, name: str, template: str = "template0") -> str:
        """A new database; its address."""
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        return self.url(name)

    def drop(self, name: str) -> None:
        """Delete a database, whoever is connected to it."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def exists(self, name: str) -> bool:
        """Whether there is that database."""
        return bool(self.execute("SELECT 1 FROM pg_database WHERE datname = $1", name))

    def execute(self, statement: str, *values: Any, name: str = "postgres") -> list[Any]:
        """Run one statement on a connection of its own; works within a running event loop too."""
        return on_a_thread(lambda: asyncio.run(_execute(self.url(name), statement, values)))

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(timeout=30)

    def _run(self, program: str, *options: str) -> None:
        command = [_program(program), "-D", str(self._data), *options]
        done = subprocess.run(command, capture_output=True, text=True, cwd=self._folder, user=self._owner, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def on_a_thread(work: Callable[[], T]) -> T:
    """What it returns, though a loop runs on this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


@cache
def cluster() -> Cluster:
    """The session's database server, started when the first test needs it."""
    made = Cluster()
    atexit.register(made.remove)
    made.start()
    return made


def _quick_place() -> str | None:
    """A folder in memory if there is one with room enough: a new database is some hundred files."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 2**30:
        return str(memory)
    return None


@cache
def _program(name: str) -> str:
    """The newest there is: on the path, or where Debian puts them."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    assert path, f"{name} is missing: `make test` installs PostgreSQL, or do it yourself"
    return path


async def _wait_for(url: str) -> None:
    for _ in range(300):
        try:
            await (await asyncpg.connect(url)).close()
        except (OSError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("PostgreSQL does not come up")


async def _execute(url: str, statement: str, values: tuple[Any, ...]) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement, *values))
    finally:
        await connection.close()
