"""Finished files go to a real S3 server, are had from there by the same links, and wait while it is away."""

import asyncio
import hashlib
import io
import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import av
import httpx
import pytest
from tests.contract.store_making import make_asset, make_recording, make_tenant
from tests.support.browser import eventually
from tests.support.livekit_client import livekit_participant
from tests.support.s3 import S3Server, s3_server
from tests.support.server import running_server
from tests.support.stores import open_test_store
from tests.support.vendors import vendors

from polyroom.buckets import S3Bucket
from polyroom.domain.recording import RecordingAsset
from polyroom.services.asset_uploads import AssetUploads
from polyroom.services.ports.buckets import BucketUnavailable
from polyroom.services.ports.store import Store, Transaction

PATIENCE = 40.0


@pytest.fixture
def s3(tmp_path: Path) -> Iterator[S3Server]:
    with s3_server(tmp_path / "s3") as started:
        yield started


async def test_a_large_file_comes_back_as_it_was_whole_and_in_ranges(s3: S3Server, tmp_path: Path) -> None:
    bucket, content = S3Bucket(s3.place), secrets.token_bytes(20_000_001)
    (tmp_path / "file").write_bytes(content)
    await bucket.upload(tmp_path / "file", "account/ä b.mp4")
    link = await bucket.link("account/ä b.mp4", 60)
    async with httpx.AsyncClient() as anybody:
        whole = await anybody.get(link)
        assert (whole.status_code, whole.content == content) == (200, True)
        part = await anybody.get(link, headers={"Range": "bytes=19000000-"})
        assert (part.status_code, part.content == content[19_000_000:]) == (206, True)
        assert (await anybody.get(link.partition("?")[0])).status_code == 403, "not without a signature"
        await bucket.delete("account/ä b.mp4")
        await bucket.delete("account/ä b.mp4")
        assert (await anybody.get(link)).status_code == 404


async def test_a_wrong_key_is_said_without_secrets(s3: S3Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    place = replace(s3.place, secret_key="wrong-secret")
    with pytest.raises(BucketUnavailable) as refused:
        await S3Bucket(place).upload(tmp_path / "file", "a.mp4")
    assert "wrong-secret" not in f"{refused.value!r} {place!r}"
    assert refused.value.__cause__ is None


async def test_files_wait_for_a_bucket_that_is_away_and_leave_the_folder_after(s3: S3Server, tmp_path: Path) -> None:
    s3.stop()
    async with open_test_store(tmp_path / "data") as store:
        asset = await _made(store, tmp_path / "assets", b"a film")
        path = tmp_path / "assets" / asset.path
        async with AssetUploads(store, S3Bucket(s3.place), tmp_path / "assets", every=0.2):
            await asyncio.sleep(1)
            assert path.exists()
            s3.start()

            async def moved() -> bool:
                found = await store.read(lambda tx: tx.recordings.asset(asset.id))
                return found is not None and found.in_bucket and not path.exists()

            await eventually(moved, PATIENCE)
        assert [one.read_bytes() for one in s3.files()] == [b"a film"]


async def test_a_recording_is_had_from_the_bucket_by_the_servers_own_link(s3: S3Server, tmp_path: Path) -> None:
    with running_server(tmp_path / "data", *s3.options) as server, vendors(server) as apis:
        room = apis.make("hms", "a-recorded-room")
        token = apis.way("telnyx", room, "")["token"]
        async with livekit_participant(server.url, room, token, "Ada") as ada:
            await ada.publish_audio()
            await ada.publish_video()
            started = apis.hms.post(
                f"/recordings/room/{room}/start", json={"resolution": {"width": 320, "height": 180}}
            )
            assert started.status_code == 200, started.text
            recording = started.json()["id"]

            async def runs() -> bool:
                return bool(list((tmp_path / "data" / "assets").rglob("*.fragments")))

            await eventually(runs, PATIENCE)
            await asyncio.sleep(2)
            assert apis.hms.post(f"/recordings/{recording}/stop").status_code == 200

            async def uploaded() -> bool:
                return bool(s3.files()) and not list((tmp_path / "data" / "assets").rglob("*.mp4"))

            await eventually(uploaded, PATIENCE)
        (asset,) = apis.hms.get("/recording-assets").json()["data"]
        link = apis.hms.get(f"/recording-assets/{asset['id']}/presigned-url").json()["url"]
        with httpx.Client(follow_redirects=True) as anybody:
            got = anybody.get(link)
        assert got.status_code == 200 and len(got.history) == 1, got
        assert "secret" not in got.history[0].headers["location"]
        assert hashlib.sha256(got.content).hexdigest() == hashlib.sha256(s3.files()[0].read_bytes()).hexdigest()
        with av.open(io.BytesIO(got.content)) as film:
            assert sum(1 for _ in film.decode(video=0)) > 10


async def _made(store: Store, folder: Path, content: bytes) -> RecordingAsset:
    """A recording whose file lies in the folder."""
    room = (await make_tenant(store)).room("Recorded")
    recording = make_recording(room)
    asset = make_asset(recording, path=f"{room.account_id.hex}/{recording.id.hex}.mp4")
    (folder / asset.path).parent.mkdir(parents=True)
    (folder / asset.path).write_bytes(content)

    def add(tx: Transaction) -> None:
        tx.rooms.add(room)
        tx.recordings.add(recording)
        tx.recordings.add_asset(asset)

    await store.write(add)
    return asset
