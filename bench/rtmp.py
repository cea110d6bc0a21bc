"""CPU per RTMP stream: in the server's process, in the worker of the stream, and in what carries the bytes between.

H264 without B-frames and AAC are pushed by ffmpeg without encoding, so that the pushing itself costs little; nobody
watches. Then the same into nginx's rtmp module, in the same run, for comparison.
"""

import argparse
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import imageio_ffmpeg
from tests.support.rtmp import RtmpReceiver
from tests.support.server import ServerProcess, running_server

from bench.process import cpu_seconds, resident_kb

SIZE, RATE, BITS = "1280x720", 30, "2M"


def make_clip(folder: Path, seconds: int) -> Path:
    """What is pushed."""
    clip = folder / "clip.flv"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s={SIZE}:r={RATE}"]
    command += ["-f", "lavfi", "-i", "sine=440:r=44100", "-t", str(seconds), "-c:v", "libx264", "-preset", "veryfast"]
    command += ["-tune", "zerolatency", "-g", "60", "-b:v", BITS, "-maxrate", BITS, "-bufsize", BITS]
    subprocess.run([*command, "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k", str(clip)], check=True)
    return clip


def push(stack: ExitStack, clip: Path, url: str) -> None:
    """One encoder, until the end of the stack."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", str(clip)]
    process = subprocess.Popen([*command, "-c", "copy", "-f", "flv", url], stderr=subprocess.DEVNULL)
    stack.callback(process.wait, 10)
    stack.callback(process.kill)


def rtmp_thread(pid: int) -> float:
    """CPU seconds of the server's thread that reads encoders."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        if (task / "comm").read_text().strip() == "rtmp":
            return cpu_seconds(pid, int(task.name))
    return 0.0


def workers(pid: int) -> list[int]:
    """Processes of ingests."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in children if b"polyroom.ingest" in Path(f"/proc/{one}/cmdline").read_bytes()]


def measure_server(clip: Path, folder: Path, streams: int, seconds: float) -> None:
    """Print what each stream costs here."""
    with running_server(folder / "data") as server, ExitStack() as stack:
        for number in range(streams):
            push(stack, clip, _address(server, number))
        deadline = time.monotonic() + 60
        while len(workers(server.pid)) < streams and time.monotonic() < deadline:
            time.sleep(0.2)
        time.sleep(3)
        own = workers(server.pid)

        def used() -> tuple[float, float, float]:
            return cpu_seconds(server.pid), rtmp_thread(server.pid), sum(map(cpu_seconds, own))

        before, began = used(), time.monotonic()
        time.sleep(seconds)
        after, took = used(), time.monotonic() - began
        whole, thread, work = ((b - a) / took / streams * 100 for a, b in zip(before, after, strict=True))
        memory = sum(map(resident_kb, own)) / max(1, len(own)) / 1024
        print(f"polyroom, {len(own)} streams: {whole:.2f} % of a core each in the server")
        print(f"  of these {thread:.2f} % in the thread that reads RTMP")
        print(f"  {work:.2f} % and {memory:.0f} MB in the worker of each")


def _address(server: ServerProcess, number: int) -> str:
    with server.streamwise() as api:
        room = api.post("/rooms", json={"room_name": f"Show {number}", "room_type": "live"}).json()
    return f"{room['ingest']['url']}/{room['ingest']['stream_key']}"


def measure_nginx(clip: Path, folder: Path, streams: int, seconds: float) -> None:
    """Print what each costs in nginx, which writes them to files."""
    (folder / "nginx").mkdir()
    receiver = RtmpReceiver(folder / "nginx" / "one")
    receiver.start()
    try:
        with ExitStack() as stack:
            for number in range(streams):
                push(stack, clip, receiver.url(f"key{number}"))
            time.sleep(4)
            pid = int((receiver.folder / "pid").read_text())
            before, began = cpu_seconds(pid), time.monotonic()
            time.sleep(seconds)
            used = (cpu_seconds(pid) - before) / (time.monotonic() - began) / streams * 100
            print(f"nginx-rtmp, {streams} streams into files: {used:.2f} % of a core each")
    finally:
        receiver.kill()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=30)
    options = parser.parse_args()
    print(f"{SIZE} at {RATE} pictures a second, {BITS}bit/s H264 and 96 kbit/s AAC; nobody watches")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip = make_clip(folder, 20)
        measure_server(clip, folder, options.streams, options.seconds)
        measure_nginx(clip, folder, options.streams, options.seconds)


if __name__ == "__main__":
    main()
