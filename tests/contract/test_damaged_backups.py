"""Backups that are damaged, forged or from elsewhere are refused, and nothing is touched."""

import asyncio
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.contract.backup_making import filled, quiet, save

from polyroom.store.archive import BackupUnusable
from polyroom.store.restore import restore_backup


@pytest.fixture
async def backup(tmp_path: Path) -> Path:
    """A sound one."""
    await filled(tmp_path / "here", "sqlite")
    (tmp_path / "here" / "assets").mkdir()
    (tmp_path / "here" / "assets" / "one").write_text("1")
    await asyncio.to_thread(save, tmp_path / "here", "sqlite", tmp_path / "backup")
    return tmp_path / "backup"


def refused(backup: Path, there: Path) -> str:
    with pytest.raises(BackupUnusable) as caught:
        restore_backup(backup, there, None, replace=True, tell=quiet)
    assert list(there.iterdir()) == []
    text = str(caught.value)
    assert str(backup) in text
    assert "\n" not in text
    return text


def test_a_file_that_was_cut_off_anywhere_is_refused(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        (manifest,) = [info.offset for info in tar if info.name == "manifest.json"]
    for length in (0, 1, 511, 512, 2000, len(whole) // 2, manifest, manifest + 512, manifest + 600):
        backup.write_bytes(whole[:length])
        refused(backup, tmp_path / "there")


def test_a_changed_byte_anywhere_is_noticed(backup: Path, tmp_path: Path) -> None:
    whole = backup.read_bytes()
    with tarfile.open(backup) as tar:
        places = [info.offset_data + info.size // 2 for info in tar]
    for place in places:
        backup.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        refused(backup, tmp_path / "there")


def rewritten(backup: Path, change: Callable[[list[tuple[tarfile.TarInfo, bytes]]], None]) -> None:
    with tarfile.open(backup) as tar:
        members = [(info, content.read()) for info in tar if (content := tar.extractfile(info))]
    change(members)
    with tarfile.open(backup, "w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/evil",
        "assets/../../evil",
        "assets",
        "assets/",
        "assets//x",
        "assets/./x",
        "serve.lock",
        "polyroom.db",
        "",
        "secret.key/x",
        "assets/one",
    ],
)
def test_names_that_lead_elsewhere_are_refused(backup: Path, tmp_path: Path, name: str) -> None:
    rewritten(backup, lambda members: members.insert(0, (tarfile.TarInfo(name), b"x")))
    assert "no place" in refused(backup, tmp_path / "there")
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    "kind_of", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE]
)
def test_only_plain_files_are_taken(backup: Path, tmp_path: Path, kind_of: bytes) -> None:
    info = tarfile.TarInfo("assets/x")
    info.type, info.linkname = kind_of, "../../here/secret.key"
    rewritten(backup, lambda members: members.insert(0, (info, b"")))
    assert "no place" in refused(backup, tmp_path / "there")


def test_a_backup_of_the_future_names_the_program_to_use(backup: Path, tmp_path: Path) -> None:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        info, content = members.pop()
        members.append((info, json.dumps(json.loads(content) | {"format": 2, "program": "polyroom 9"}).encode()))

    rewritten(backup, change)
    assert "polyroom 9" in refused(backup, tmp_path / "there")


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"format": 1}', b'{"format": "x"}', b"\xff", b"null"])
def test_a_manifest_that_says_nothing_is_refused(backup: Path, tmp_path: Path, content: bytes) -> None:
    def change(members: list[tuple[tarfile.TarInfo, bytes]]) -> None:
        members[-1] = (members[-1][0], content)

    rewritten(backup, change)
    refused(backup, tmp_path / "there")
