"""What is no video, lies about itself, or is meant to hurt: refused in plain words by the worker that looks at it."""

import asyncio
import socket
import struct
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.support.uploads import made, make_clip

from polyroom.domain.video import Video
from polyroom.ingest.transcoder import LocalTranscoder
from polyroom.ingest.video_files import LocalVideoFiles
from polyroom.services.ports.videos import MadeVideo, NotPlayable

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VIDEO = Video(UUID(int=1), "short", UUID(int=2), UUID(int=3), "../../film.mp4", 1, {}, NOW, NOW, NOW)
SECRET = "the content of another file"


def transcoded(folder: Path, content: bytes) -> MadeVideo:
    files = LocalVideoFiles(folder)
    files.path(VIDEO).mkdir(parents=True)
    (files.path(VIDEO) / "source").write_bytes(content)
    return asyncio.run(LocalTranscoder(files).make(VIDEO, lambda _: None))


def refusal(folder: Path, content: bytes) -> str:
    with pytest.raises(NotPlayable) as refused:
        transcoded(folder, content)
    assert not (LocalVideoFiles(folder).path(VIDEO) / "ready").exists()
    return str(refused.value)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", each=0.5).read_bytes()


def test_a_text_is_no_video(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"hello\0world" * 100) == "The file is no video, or it is damaged."


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/x.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile '{path}'\n",
        "<MPD><Period><AdaptationSet><Representation><BaseURL>{path}</BaseURL></Representation></AdaptationSet>"
        "</Period></MPD>",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
    ],
)
def test_a_playlist_leads_neither_to_files_nor_to_the_network(tmp_path: Path, clip: bytes, playlist: str) -> None:
    other = tmp_path / "other.mp4"
    other.write_bytes(clip)
    with socket.create_server(("127.0.0.1", 0)) as door:
        text = playlist.format(path=other, port=door.getsockname()[1])
        assert refusal(tmp_path / "videos", text.encode()) == "The file is no video, or it is damaged."
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()


def test_one_that_was_cut_off_says_that_it_is_damaged(tmp_path: Path, clip: bytes) -> None:
    assert "damaged" in refusal(tmp_path, clip[: len(clip) // 2])


def test_one_that_arrived_otherwise_than_it_was_sent_is_refused(tmp_path: Path, clip: bytes) -> None:
    files = LocalVideoFiles(tmp_path)
    files.path(VIDEO).mkdir(parents=True)
    (files.path(VIDEO) / "source").write_bytes(clip)
    with pytest.raises(NotPlayable, match="checksum"):
        asyncio.run(LocalTranscoder(files).make(replace(VIDEO, sha256="0" * 64), lambda _: None))


@pytest.mark.parametrize(
    ("size", "words"), [("8192x16", "larger than can be taken"), ("2x2", "smaller than can be taken")]
)
def test_pictures_of_absurd_sizes_are_refused(tmp_path: Path, size: str, words: str) -> None:
    film = made(tmp_path / "film.mkv", "-f", "lavfi", "-i", f"color=red:s={size}:r=5:d=1", "-c:v", "ffv1")
    assert words in refusal(tmp_path / "videos", film.read_bytes())


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    film = made(tmp_path / "sound.mp4", "-f", "lavfi", "-i", "sine=440:d=1", "-c:a", "aac")
    assert refusal(tmp_path / "videos", film.read_bytes()) == "The file has no moving picture."


def test_a_length_that_is_a_lie_is_not_believed(tmp_path: Path, clip: bytes) -> None:
    at = clip.index(b"mvhd") + 4
    lie = clip[: at + 16] + struct.pack(">I", 2**32 - 1) + clip[at + 20 :]
    assert transcoded(tmp_path, lie).milliseconds < 3000


def test_a_bomb_of_samples_is_refused_within_bounds(tmp_path: Path, clip: bytes) -> None:
    """A table that says it has two thousand million entries of a byte."""
    at = clip.index(b"stsz") + 4
    bomb = clip[: at + 4] + struct.pack(">II", 1, 2_000_000_000) + clip[at + 12 :]
    assert refusal(tmp_path, bomb).startswith(("No picture", "The file", "The video could not be converted"))


def gapped(path: Path, seconds: int) -> bytes:
    """Four pictures, and so many seconds between the second and the third."""
    source = ("-f", "lavfi", "-i", "testsrc2=s=64x64:r=2:d=2", "-vf", f"setpts='PTS+gte(N,2)*{seconds}/TB'")
    return made(path, *source, "-fps_mode", "vfr", "-c:v", "libx264").read_bytes()


def test_a_video_of_more_than_half_a_day_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "videos", gapped(tmp_path / "gap.mkv", 50_000)) == "The video is longer than 12 hours."


def test_a_gap_of_hours_between_two_pictures_becomes_no_work(tmp_path: Path) -> None:
    found = transcoded(tmp_path / "videos", gapped(tmp_path / "gap.mkv", 36_000))
    assert found.milliseconds > 35_000_000
    ready = LocalVideoFiles(tmp_path / "videos").path(VIDEO) / "ready"
    assert sum(one.stat().st_size for one in ready.rglob("*") if one.is_file()) < 2_000_000
