"""The program, what it says of its progress, and its bounds."""

import io
import sys
from pathlib import Path

import pytest

from polyroom.ffmpeg import FfmpegFailed, Limits, NoFfmpeg, find_ffmpeg, read_progress, transcode


def test_progress_is_read_in_seconds_whatever_stands_between() -> None:
    said = "frame=3\nout_time_us=N/A\nspeed=1x\nout_time_us=-40000\nout_time_us=1500000\nprogress=end\n\x00\n"
    assert list(read_progress(iter(said.splitlines()))) == [0.0, 0.0, 1.5]


def test_the_program_asked_for_is_taken_and_one_that_is_not_there_refused() -> None:
    assert find_ffmpeg(sys.executable) == sys.executable
    assert Path(find_ffmpeg()).is_file()
    with pytest.raises(NoFfmpeg):
        find_ffmpeg("/nowhere/ffmpeg")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Stands where ffmpeg does: says one line of progress, then does what its file tells it."""
    made = tmp_path / "program"
    made.write_text(f"#!{sys.executable}\nimport sys, time\nprint('out_time_us=1000000', flush=True)\n")
    made.chmod(0o700)
    return made


def run(script: Path, rest: str, limits: Limits) -> list[float]:
    script.write_text(script.read_text() + rest)
    (script.parent / "source").write_bytes(b"x")
    seen: list[float] = []
    with (script.parent / "source").open("rb") as source:
        transcode(str(script), source, [], folder=script.parent, limits=limits, progress=seen.append)
    return seen


def test_progress_is_told(script: Path) -> None:
    assert run(script, "", Limits(10)) == [1.0]


def test_one_that_stands_still_is_ended(script: Path) -> None:
    with pytest.raises(FfmpegFailed, match="stood still"):
        run(script, "time.sleep(600)\n", Limits(10, stalled=1.0))


def test_one_that_takes_too_much_time_is_ended(script: Path) -> None:
    with pytest.raises(FfmpegFailed, match=r"too much time|was ended"):
        run(script, "while True: pass\n", Limits(1))


def test_one_that_writes_too_much_is_ended(script: Path) -> None:
    big = "open('big', 'wb').write(bytes(5_000_000))\n"
    with pytest.raises(FfmpegFailed):
        run(script, big, Limits(10, file_bytes=1_000_000))
    assert (script.parent / "big").stat().st_size <= 1_000_000


def test_what_it_said_last_is_kept_and_bounded(script: Path) -> None:
    rest = "sys.stderr.write('x' * 1_000_000 + 'the end')\nsys.exit(1)\n"
    with pytest.raises(FfmpegFailed, match="the end") as failed:
        run(script, rest, Limits(10))
    assert len(str(failed.value)) < 10_000


def test_a_source_must_be_a_file(tmp_path: Path) -> None:
    with pytest.raises(io.UnsupportedOperation):
        transcode("ffmpeg", io.BytesIO(b""), [], folder=tmp_path, limits=Limits(1))
