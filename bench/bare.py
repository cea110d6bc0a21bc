"""The least a Python server can do: a uvicorn process that answers a fixed number of bytes to whatever comes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from tests.support.server import free_port

SIZE = "BARE_ANSWER_BYTES"


@dataclass(frozen=True)
class Bare:
    """The process, its port, and the request it is sent."""

    pid: int
    port: int
    request: bytes = b"GET / HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer x\r\n\r\n"


async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
    """The ASGI application."""
    if scope["type"] != "http":
        return
    body = b"x" * int(os.environ[SIZE])
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def bare_answer(size: int) -> Iterator[Bare]:
    """The process while it is needed."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "bench.bare:app", "--port", str(port), "--loop", "uvloop"]
    command += ["--http", "httptools", "--log-level", "warning", "--no-access-log", "--lifespan", "off"]
    process = subprocess.Popen(command, env={**os.environ, SIZE: str(size)})
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://127.0.0.1:{port}/", timeout=1)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield Bare(process.pid, port)
    finally:
        process.terminate()
        process.wait(timeout=10)
