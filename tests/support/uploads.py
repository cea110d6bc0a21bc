"""Clips made by ffmpeg, and resumable uploads as a client of tus 1.0.0 does them."""

import socket
import subprocess
import time
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from polyroom.ffmpeg import find_ffmpeg

PIECE = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
COLOURS = {"red": (200, 40, 40), "lime": (40, 200, 40), "blue": (40, 40, 200)}


def make_clip(path: Path, *, size: str = "320x180", each: float = 2.0, codec: str = "libx264") -> Path:
    """Red, then green, then blue, so many seconds each, with a tone."""
    parts = [f"color={name}:s={size}:r=15:d={each}[c{number}]" for number, name in enumerate(COLOURS)]
    picture = ";".join(parts) + ";" + "".join(f"[c{n}]" for n in range(len(parts))) + f"concat=n={len(parts)}:v=1:a=0"
    made(path, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=440:d={3 * each}", "-c:v", codec)
    return path


def made(path: Path, *arguments: str) -> Path:
    """A file that ffmpeg writes."""
    command = [find_ffmpeg(), "-hide_banner", "-loglevel", "error", "-nostdin", "-y", *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


def begin(api: httpx.Client, room: dict[str, Any], length: int, name: str = "clip.mp4", **metadata: str) -> str:
    """Announce a file; the address of the upload."""
    texts = {"filename": name, **metadata}
    pairs = ",".join(f"{key} {b64encode(text.encode()).decode()}" for key, text in texts.items())
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(length), "Upload-Metadata": pairs}
    answer = api.post(f"/rooms/{room['id']}/uploads", headers=headers)
    assert answer.status_code == 201, answer.text
    return str(api.base_url.copy_with(path="/").join(answer.headers["location"]))


def offset_of(api: httpx.Client, upload: str) -> int:
    """Where it goes on."""
    answer = api.head(upload, headers={"Tus-Resumable": "1.0.0"})
    assert answer.status_code == 200
    return int(answer.headers["upload-offset"])


def send(api: httpx.Client, upload: str, data: bytes, offset: int = 0) -> int:
    """The rest of a file from an offset on; where the upload ends now."""
    answer = api.patch(upload, headers={**PIECE, "Upload-Offset": str(offset)}, content=data[offset:])
    assert answer.status_code == 204, answer.text
    return int(answer.headers["upload-offset"])


def cut_off(api: httpx.Client, upload: str, data: bytes, offset: int, most: int) -> socket.socket:
    """Send `most` bytes of a request that promises all the rest, and leave it open: closing the socket cuts it."""
    parts = urlsplit(upload)
    assert parts.hostname is not None and parts.port is not None
    head = [
        f"PATCH {parts.path} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Authorization: {api.headers['authorization']}",
        f"Upload-Offset: {offset}",
        f"Content-Length: {len(data) - offset}",
        *(f"{name}: {value}" for name, value in PIECE.items()),
    ]
    connection = socket.create_connection((parts.hostname, parts.port))
    connection.sendall("\r\n".join([*head, "", ""]).encode() + data[offset : offset + most])
    return connection


def upload_whole(api: httpx.Client, room: dict[str, Any], path: Path, **metadata: str) -> dict[str, Any]:
    """Upload a file at once and wait for what becomes of it."""
    data = path.read_bytes()
    upload = begin(api, room, len(data), path.name, **metadata)
    assert send(api, upload, data) == len(data)
    return over(api, room, upload)


def over(api: httpx.Client, room: dict[str, Any], upload: str, patience: float = 60.0) -> dict[str, Any]:
    """The video once it is ready or failed."""
    deadline = time.monotonic() + patience
    while True:
        found: dict[str, Any] = api.get(f"/rooms/{room['id']}/videos/{upload.rpartition('/')[2]}").json()["data"]
        if found["status"] in {"ready", "failed"}:
            return found
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
