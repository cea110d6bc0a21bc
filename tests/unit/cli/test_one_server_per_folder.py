"""The lock of the data folder."""

import os

import pytest

from polyroom.cli.lock import Locked, holder, make_private_folder, serving


def test_a_second_server_is_refused_and_told_by_whom(tmp_path):
    with serving(tmp_path):
        assert holder(tmp_path) == os.getpid()
        with pytest.raises(Locked) as caught, serving(tmp_path):
            pass
        assert caught.value.pid == os.getpid()
    assert holder(tmp_path) is None
    with serving(tmp_path):
        pass


def test_a_lock_file_left_behind_does_not_hold(tmp_path):
    (tmp_path / "serve.lock").write_text("999999\n")
    assert holder(tmp_path) is None
    with serving(tmp_path):
        assert holder(tmp_path) == os.getpid()


def test_the_folder_is_made_private_and_closed_if_it_was_open(tmp_path):
    folder = tmp_path / "a" / "b"
    make_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o755)
    make_private_folder(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
