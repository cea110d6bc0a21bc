"""The file of an upload: what is kept of a request that breaks, and what a crash leaves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import pytest

from polyroom.domain.video import Video
from polyroom.ingest.video_files import LocalVideoFiles
from polyroom.services.ports.videos import Checksum

NOW = datetime(2026, 1, 2, tzinfo=UTC)
VIDEO = Video(UUID(int=1), "short", UUID(int=2), UUID(int=3), "name", 1_000_000, {}, NOW, NOW, NOW)


class Gone(Exception):
    """The sender is."""


async def pieces(*parts: bytes, broken: bool = False) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    if broken:
        raise Gone


@pytest.fixture
def files(tmp_path: Path) -> LocalVideoFiles:
    return LocalVideoFiles(tmp_path)


async def test_what_came_before_the_connection_broke_is_kept(files: LocalVideoFiles) -> None:
    with pytest.raises(Gone):
        await files.receive(VIDEO, 0, pieces(b"a" * 300_000, b"b" * 5, broken=True))
    assert await files.offset(VIDEO) == 300_005
    assert await files.receive(VIDEO, 300_005, pieces(b"c")) == 300_006
    assert (files.path(VIDEO) / "source").read_bytes() == b"a" * 300_000 + b"bbbbb" + b"c"


async def test_what_could_not_be_checked_is_not_kept(files: LocalVideoFiles) -> None:
    checksum = Checksum("sha256", sha256(b"x" * 600_000).digest())
    assert await files.receive(VIDEO, 0, pieces(b"good")) == 4
    with pytest.raises(Gone):
        await files.receive(VIDEO, 4, pieces(b"x" * 500_000, broken=True), checksum)
    assert await files.offset(VIDEO) == 4
    assert await files.receive(VIDEO, 4, pieces(b"x" * 500_000, b"x" * 100_000), checksum) == 600_004


async def test_a_crash_in_the_middle_of_a_checked_piece_leaves_nothing_of_it(files: LocalVideoFiles) -> None:
    await files.receive(VIDEO, 0, pieces(b"good"))
    folder = files.path(VIDEO)
    (folder / "unchecked").write_text("4")
    with (folder / "source").open("ab") as source:
        source.write(b"never checked")
    after = LocalVideoFiles(files.folder)
    assert await after.offset(VIDEO) == 4
    assert (folder / "source").read_bytes() == b"good"


async def test_files_are_nobody_elses(files: LocalVideoFiles) -> None:
    await files.receive(VIDEO, 0, pieces(b"good"))
    folder = files.path(VIDEO)
    assert (folder / "source").stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0


async def test_what_is_there_is_listed_by_their_ids_and_other_things_left_alone(files: LocalVideoFiles) -> None:
    await files.receive(VIDEO, 0, pieces(b"good"))
    (files.folder / "notes").mkdir()
    (files.folder / VIDEO.account_id.hex / "notes").mkdir()
    assert await files.there() == [(VIDEO.account_id, VIDEO.id)]
    await files.delete(VIDEO.account_id, VIDEO.id)
    assert await files.there() == []
