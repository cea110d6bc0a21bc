"""RTMP servers to push to: nginx with its rtmp module, which writes what it gets into files; and TLS in front of it."""

import asyncio
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.server import free_port

_MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
_PROGRAM = "/usr/sbin/nginx"
_PATIENCE = 20.0
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]
_CONFIGURATION = """
load_module {module};
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/log info;
events {{ worker_connections 64; }}
rtmp {{
  access_log off;
  server {{
    listen 127.0.0.1:{port};
    application live {{
      live on;
      record all;
      record_path {folder}/files;
      record_suffix -%s.flv;
      {more}
    }}
  }}
}}
"""


class RtmpReceiver:
    """One nginx; it keeps its port when it is started again. `more` is put into its application's configuration."""

    def __init__(self, folder: Path, more: str = "") -> None:
        self.port = free_port()
        self.folder = folder
        (folder / "files").mkdir(parents=True)
        text = _CONFIGURATION.format(module=_MODULE, folder=folder, port=self.port, more=more)
        (folder / "conf").write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, key: str) -> str:
        """Where a stream of that key goes."""
        return f"rtmp://127.0.0.1:{self.port}/live/{key}"

    def start(self) -> None:
        """Start and wait until it listens."""
        command = [_PROGRAM, "-e", str(self.folder / "log"), "-c", str(self.folder / "conf")]
        with (self.folder / "out").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out)
        end = time.monotonic() + _PATIENCE
        while not _listens(self.port):
            assert self._process.poll() is None, (self.folder / "out").read_text()
            assert time.monotonic() < end, "nginx does not listen"
            time.sleep(0.02)

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE)

    def files(self, key: str) -> list[Path]:
        """What it got of a stream, a file for each connection, first one first."""
        found = [one for one in (self.folder / "files").glob(f"{key}-*.flv") if one.stat().st_size > 1000]
        return sorted(found, key=lambda one: one.stat().st_mtime_ns)


def _listens(port: int) -> bool:
    """Looked up rather than tried: a connection that says nothing would be a caller."""
    wanted = f"0100007F:{port:04X} 00000000:0000 0A"
    return any(wanted in line for line in Path("/proc/net/tcp").read_text().splitlines())


@contextmanager
def rtmp_receiver(folder: Path, more: str = "") -> Iterator[RtmpReceiver]:
    """A running one, which is gone at the end."""
    made = RtmpReceiver(folder, more)
    made.start()
    try:
        yield made
    finally:
        made.kill()


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1 and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    owner = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(owner)
        .issuer_name(owner)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


@contextmanager
def tls_front(certificate: Path, key: Path, behind: int) -> Iterator[int]:
    """The port of something that speaks TLS and passes on what is in it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    port = free_port()
    with _serving(port, lambda reader, writer: _pass_on(reader, writer, behind), context):
        yield port


class Way:
    """A way to a server that can be blocked: nothing is taken on it then. An async context manager."""

    def __init__(self, behind: int) -> None:
        self.port = free_port()
        self.free = asyncio.Event()
        self.free.set()
        self._behind = behind

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", self.port))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)
        self._server = await asyncio.start_server(self._pass_on, sock=listening)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._server.close()
        self.free.set()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._behind)
        back = asyncio.create_task(_copy(inner_reader, writer))
        with suppress(OSError):
            while data := await reader.read(1 << 12):
                await self.free.wait()
                inner_writer.write(data)
        back.cancel()
        for one in (writer, inner_writer):
            one.transport.abort()


@contextmanager
def _serving(port: int, handle: Handler, context: ssl.SSLContext | None) -> Iterator[None]:
    """A server of asyncio in a thread of its own, so that tests may block."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    ending = asyncio.Event()

    async def serve() -> None:
        server = await asyncio.start_server(handle, "127.0.0.1", port, ssl=context)
        ready.set()
        await ending.wait()
        server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    assert ready.wait(_PATIENCE)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(ending.set)
        thread.join(_PATIENCE)
        loop.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behind: int) -> None:
    inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", behind)
    try:
        await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
    finally:
        for one in (writer, inner_writer):
            one.transport.abort()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(1 << 16):
            target.write(data)
            await target.drain()
    target.close()
