"""The key file and what lies under it."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from polyroom.store import sqlite_store
from polyroom.store.errors import KeyFileDamaged
from polyroom.store.secrets import KEY_FILE, Vault, open_vault


def test_folder_and_key_file_are_private(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "data"
    old = os.umask(0)
    try:
        open_vault(folder)
    finally:
        os.umask(old)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_an_open_folder_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    open_vault(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_all_who_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        vaults = list(pool.map(open_vault, [tmp_path / "data"] * 32))
    assert len({vault.digest("x") for vault in vaults}) == 1


def test_what_was_sealed_opens_under_its_key_and_context_only(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "a")
    sealed = vault.seal(b"secret", b"key 1")
    assert b"secret" not in sealed
    assert sealed != vault.seal(b"secret", b"key 1")
    assert open_vault(tmp_path / "a").unseal(sealed, b"key 1") == b"secret"
    stranger = open_vault(tmp_path / "b")
    for opener, bytes_, context in (
        (stranger, sealed, b"key 1"),
        (vault, sealed, b"key 2"),
        (vault, sealed[:-1], b"key 1"),
        (vault, b"", b"key 1"),
    ):
        with pytest.raises(KeyFileDamaged):
            opener.unseal(bytes_, context)


@pytest.mark.parametrize("content", ["", "zz", "00" * 31, "\ud7ff\n"])
def test_a_damaged_key_file_is_named_and_not_overwritten(tmp_path: Path, content: str) -> None:
    path = tmp_path / KEY_FILE
    path.write_text(content)
    with pytest.raises(KeyFileDamaged, match=KEY_FILE):
        open_vault(tmp_path)
    assert path.read_text() == content


async def test_a_database_without_its_key_file_is_refused_rather_than_given_a_new_one(tmp_path: Path) -> None:
    async with sqlite_store(tmp_path):
        pass
    (tmp_path / KEY_FILE).unlink()
    with pytest.raises(KeyFileDamaged, match="missing"):
        async with sqlite_store(tmp_path):
            raise AssertionError
    assert not (tmp_path / KEY_FILE).exists()


def test_neither_texts_nor_logs_show_the_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        vault = open_vault(tmp_path)
    key = (tmp_path / KEY_FILE).read_text().strip()
    assert key not in repr(vault) + caplog.text


def test_digests_and_derived_keys_are_stable_and_separate() -> None:
    vault, again, other = Vault(b"k" * 32), Vault(b"k" * 32), Vault(b"j" * 32)
    assert vault.digest("s") == again.digest("s") != other.digest("s")
    assert vault.derive_key(b"a") == again.derive_key(b"a")
    assert len({vault.derive_key(b"a"), vault.derive_key(b"b"), other.derive_key(b"a"), b"k" * 32}) == 4
