"""The data folder: rights, room on the disk, who works on it, and the database's schema."""

import os
import shutil
from pathlib import Path

from polyroom.cli.diagnosis.finding import Finding, bad, doubtful, good
from polyroom.cli.lock import holder

_LOW = 100 * 2**20
_SCARCE = 2**30


def folder(data: Path) -> Finding:
    """Ours, private, writable."""
    if not data.exists():
        parent = next(one for one in data.absolute().parents if one.exists())
        if not os.access(parent, os.W_OK):
            return bad(f"{data} cannot be made", f"give this user the right to write in {parent}, or choose --data")
        return good(f"{data} is not there yet; it will be made")
    if not data.is_dir():
        return bad(f"{data} is not a folder", "choose another with --data")
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        return bad(f"{data} is not writable", f"chown it to this user (uid {os.getuid()})")
    if data.stat().st_mode & 0o077:
        return bad(f"{data} is open to other users", f"chmod 700 {data}")
    return good(f"{data} is private and writable")


def lock(data: Path) -> Finding:
    """Whether a server runs on it."""
    pid = holder(data)
    return good("no server runs on this folder" if pid is None else f"a server runs on this folder (process {pid})")


def space(data: Path) -> Finding:
    """Room on its disk."""
    place = next(one for one in (data.absolute(), *data.absolute().parents) if one.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 2**30:.1f} GiB are free on the disk of {data}"
    if free < _LOW:
        return bad(text, "make room: without it nothing can be saved")
    return good(text) if free >= _SCARCE else doubtful(text, "make room before it runs full")
