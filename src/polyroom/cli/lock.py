"""One server per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK_NAME = "serve.lock"


class Locked(Exception):
    """Another server works on the folder. `pid` is its process, 0 if unknown."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"process {pid}" if pid else "another process")
        self.pid = pid


def make_private_folder(folder: Path) -> None:
    """Make the data folder if it is not there, and close it to other users."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


@contextmanager
def serving(folder: Path) -> Iterator[None]:
    """Hold the folder's lock; raises Locked. The kernel lets go of it however the process ends."""
    handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(_pid(handle)) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def holder(folder: Path) -> int | None:
    """The process that serves this folder; None when nobody does."""
    try:
        handle = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _pid(handle)
    finally:
        os.close(handle)
    return None


def _pid(handle: int) -> int:
    text = os.pread(handle, 32, 0).strip()
    return int(text) if text.isdigit() else 0
