"""`/rooms/{room_id}/uploads`, as tus 1.0.0 says."""

import hashlib
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.dialects.streamwise.world import MOST_BYTES, World, errors_of

from polyroom.domain.events import EventType
from polyroom.domain.video import Video, VideoState
from polyroom.ingest import video_files
from polyroom.services.ports.event_log import EventSearch
from polyroom.services.uploads import MOST_IN_A_ROOM

TUS = {"Tus-Resumable": "1.0.0"}
PIECE = {**TUS, "Content-Type": "application/offset+octet-stream"}


def at(room: dict[str, Any], upload: dict[str, Any]) -> str:
    return f"/rooms/{room['id']}/uploads/{upload['id']}"


async def send(world: World, path: str, data: bytes, offset: int = 0, **more: str) -> httpx.Response:
    headers = {**PIECE, "Upload-Offset": str(offset), **{name.replace("_", "-"): text for name, text in more.items()}}
    return await world.api.patch(path, headers=headers, content=data)


async def offset(world: World, path: str) -> int:
    answer = await world.api.head(path, headers=TUS)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


@asynccontextmanager
async def bearing(world: World, token: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(world.app),
        base_url="http://server/streamwise",
        headers={"Authorization": f"Bearer {token}"},
    ) as client:
        yield client


async def video_of(world: World, upload: dict[str, Any]) -> Video:
    found = await world.store.read(lambda tx: tx.videos.by_short_id(upload["id"]))
    assert found is not None
    return found


async def test_a_file_goes_in_by_pieces_and_waits_to_be_made_ready(world: World) -> None:
    room = await world.room(room_type="video")
    metadata = f"filename {b64encode('Ünser Film.mp4'.encode()).decode()},note"
    upload = await world.upload(room, 10, Upload_Metadata=metadata)
    assert (upload["object"], upload["status"], upload["file_name"]) == ("RoomVideo", "uploading", "Ünser Film.mp4")
    path = at(room, upload)
    for piece, start in ((b"abcd", 0), (b"", 4), (b"efghij", 4)):
        answer = await send(world, path, piece, start)
        assert (answer.status_code, answer.content) == (204, b"")
        assert answer.headers["upload-offset"] == str(start + len(piece))
        assert answer.headers["tus-resumable"] == "1.0.0"
    assert (world.shelf.files.path(await video_of(world, upload)) / "source").read_bytes() == b"abcdefghij"
    found = (await world.api.get(path)).json()
    assert (found["status"], found["received"], found["expires_at"]) == ("queued", 10, None)
    assert (await world.api.head(path)).headers["upload-metadata"] == metadata
    status = (await world.api.get(f"/rooms/{room['id']}/status")).json()
    assert (status["video"]["id"], status["video"]["status"], status["status"]) == (upload["id"], "queued", "inactive")
    assert (await send(world, path, b"", 10)).status_code == 404, "it is no upload any more"
    wanted = EventSearch(frozenset({EventType.VIDEO_UPLOADED}))
    events = await world.store.read(lambda tx: tx.events.search(world.account_id, wanted))
    assert [one.data for one in events] == [{"video": upload["id"]}]


async def test_the_answer_to_an_announcement_says_where_to_send_and_until_when(world: World) -> None:
    room = await world.room(room_type="video")
    answer = await world.api.post(f"/v1/rooms/{room['id']}/uploads", headers={**TUS, "Upload-Length": "10"})
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/streamwise/v1/rooms/{room['id']}/uploads/{answer.json()['id']}"
    assert answer.headers["upload-expires"].endswith(" GMT")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Location" in answer.headers["access-control-expose-headers"]


async def test_what_can_be_done_is_told_to_anybody_who_asks(world: World) -> None:
    room = await world.room(room_type="video")
    for path in (f"/rooms/{room['id']}/uploads", f"/rooms/{room['id']}/uploads/x"):
        answer = await world.api.options(path)
        assert answer.status_code == 204
        assert answer.headers["tus-version"] == answer.headers["tus-resumable"] == "1.0.0"
        assert answer.headers["tus-max-size"] == str(MOST_BYTES)
        assert set(answer.headers["tus-extension"].split(",")) == {
            *("creation", "creation-with-upload", "expiration", "checksum", "termination")
        }
        assert "PATCH" in answer.headers["access-control-allow-methods"]


async def test_the_first_piece_may_come_with_the_announcement(world: World) -> None:
    room = await world.room(room_type="video")
    path, headers = f"/rooms/{room['id']}/uploads", {**PIECE, "Upload-Length": "5"}
    answer = await world.api.post(path, headers=headers, content=b"hel")
    assert (answer.status_code, answer.headers["upload-offset"]) == (201, "3")
    whole = await world.api.post(path, headers=headers, content=b"hello")
    assert whole.json()["status"] == "queued"


async def test_a_piece_that_begins_elsewhere_is_refused_with_where_it_goes_on(world: World) -> None:
    room = await world.room(room_type="video")
    path = at(room, await world.upload(room, 10))
    await send(world, path, b"abc")
    for wrong in (0, 2, 4, 10, 10**17):
        answer = await send(world, path, b"x", wrong)
        assert (answer.status_code, answer.headers["upload-offset"]) == (409, "3")
    assert await offset(world, path) == 3


async def test_more_than_announced_is_refused_and_what_was_announced_kept(world: World) -> None:
    room = await world.room(room_type="video")
    upload = await world.upload(room, 4)
    answer = await send(world, at(room, upload), b"abcdef")
    assert answer.status_code == 413
    assert await offset(world, at(room, upload)) == 4
    assert (world.shelf.files.path(await video_of(world, upload)) / "source").read_bytes() == b"abcd"
    assert (await video_of(world, upload)).state is VideoState.QUEUED


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256", "sha512"])
async def test_a_piece_whose_checksum_differs_leaves_nothing(world: World, algorithm: str) -> None:
    room = await world.room(room_type="video")
    path = at(room, await world.upload(room, 10))
    good = f"{algorithm} {b64encode(hashlib.new(algorithm, b'abc').digest()).decode()}"
    assert (await send(world, path, b"abc", Upload_Checksum=good)).status_code == 204
    bad = await send(world, path, b"abd", 3, Upload_Checksum=good)
    assert (bad.status_code, set(bad.json())) == (460, {"message"})
    assert await offset(world, path) == 3
    assert (await send(world, path, b"abc", 3, Upload_Checksum=good)).headers["upload-offset"] == "6"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "0"}, 422),
        ({"Upload-Length": "-5"}, 400),
        ({"Upload-Length": "5.0"}, 400),
        ({"Upload-Length": "٥"}, 400),
        ({"Upload-Length": "9" * 19}, 400),
        ({"Upload-Length": str(MOST_BYTES + 1)}, 413),
        ({"Upload-Length": "5", "Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename !!"}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "a YQ==,a YQ=="}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "a " + "YWFh" * 1100}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": ",".join(f"k{n}" for n in range(33))}, 400),
        ({"Upload-Length": "5", "Upload-Metadata": "filename YQBi"}, 422),
        ({"Upload-Length": "5", "Upload-Metadata": "filename /w=="}, 422),
        ({"Upload-Length": "5", "Upload-Metadata": "sha256 YWJj"}, 422),
        ({"Upload-Length": "5", "Tus-Resumable": "0.2.2"}, 412),
        ({"Upload-Length": "5", "Content-Type": "text/plain"}, 415),
        ({"Upload-Length": "5", "Upload-Checksum": "crc32 AAAA"}, 400),
        ({"Upload-Length": "5", "Upload-Checksum": "sha256 AAAA"}, 400),
    ],
)
async def test_a_bad_announcement_makes_nothing(world: World, headers: dict[str, str], status: int) -> None:
    room = await world.room(room_type="video")
    sent = [(name.encode(), text.encode()) for name, text in {**TUS, **headers}.items()]
    answer = await world.api.post(f"/rooms/{room['id']}/uploads", headers=sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["tus-resumable"] == "1.0.0" and answer.json()["message"]
    assert await world.list(f"/rooms/{room['id']}/videos") == []


async def test_names_are_shown_and_never_paths(world: World) -> None:
    room = await world.room(room_type="video")
    for name in ("../../etc/passwd", "a/b\\c", "." * 300, "<script>"):
        encoded = b64encode(name.encode()).decode()
        upload = await world.upload(room, 1, Upload_Metadata=f"filename {encoded}")
        assert upload["file_name"] == name[:255]
        folder = world.shelf.files.path(await video_of(world, upload))
        assert folder.parent.parent == world.shelf.files.folder
        assert UUID(folder.name)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "0", "Content-Type": "video/mp4"}, 415),
        ({"Upload-Offset": "x"}, 400),
        ({"Upload-Offset": "-1"}, 400),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "0", "Tus-Resumable": "2.0.0"}, 412),
        ({"Upload-Offset": "0", "Upload-Checksum": "sha256"}, 400),
    ],
)
async def test_a_bad_piece_leaves_the_upload_as_it_was(world: World, headers: dict[str, str], status: int) -> None:
    room = await world.room(room_type="video")
    path = at(room, await world.upload(room, 5))
    assert (await world.api.patch(path, headers={**PIECE, **headers}, content=b"hello")).status_code == status
    assert await offset(world, path) == 0
    assert (await world.api.patch(path, content=b"hello")).status_code == 412


async def test_an_upload_can_be_given_up(world: World) -> None:
    room = await world.room(room_type="video")
    upload = await world.upload(room, 5)
    await send(world, at(room, upload), b"he")
    folder = world.shelf.files.path(await video_of(world, upload))
    assert folder.is_dir()
    assert (await world.api.delete(at(room, upload), headers=TUS)).status_code == 204
    assert not folder.exists()
    assert (await world.api.head(at(room, upload), headers=TUS)).status_code == 404
    assert (await send(world, at(room, upload), b"llo", 2)).status_code == 404


async def test_clients_that_only_post_say_what_they_mean(world: World) -> None:
    room = await world.room(room_type="video")
    path = at(room, await world.upload(room, 5))
    headers = {**PIECE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert (await world.api.post(path, headers=headers, content=b"he")).status_code == 204
    meant = {**TUS, "X-HTTP-Method-Override": "HEAD"}
    assert (await world.api.post(path, headers=meant)).headers["upload-offset"] == "2"
    assert (await world.api.post(path, headers={**TUS, "X-HTTP-Method-Override": "PUT"})).status_code == 405
    assert (await world.api.post(path, headers=meant | {"X-HTTP-Method-Override": "DELETE"})).status_code == 204


async def test_only_video_rooms_take_videos(world: World) -> None:
    for kind in ("meet", "live", "simulcast"):
        room = await world.room(room_type=kind)
        answer = await world.api.post(f"/rooms/{room['id']}/uploads", headers={**TUS, "Upload-Length": "5"})
        assert errors_of(answer) == {"room_type": ["The room type must be video."]}


async def test_a_moderators_room_token_may_upload_into_its_room(world: World) -> None:
    room, other = await world.room(room_type="video"), await world.room(room_type="video")
    token = await world.token(room, "moderator")
    announced = {**TUS, "Upload-Length": "5"}
    async with bearing(world, token["token"]) as someone:
        answer = await someone.post(f"/rooms/{room['id']}/uploads", headers=announced)
        assert answer.status_code == 201
        path = f"/rooms/{room['id']}/uploads/{answer.json()['id']}"
        assert (await someone.patch(path, headers={**PIECE, "Upload-Offset": "0"}, content=b"hello")).status_code == 204
        assert (await someone.get(path)).json()["status"] == "queued"
        assert (await someone.post(f"/rooms/{other['id']}/uploads", headers=announced)).status_code == 401
        assert (await someone.get(f"/rooms/{room['id']}/videos")).status_code == 401, "no key of the account"
        await world.api.patch(f"/rooms/{room['id']}", json={"status": "inactive"})
        assert (await someone.post(f"/rooms/{room['id']}/uploads", headers=announced)).status_code == 403
        await world.api.patch(f"/rooms/{room['id']}", json={"status": "active"})
        await world.api.patch(f"/rooms/{room['id']}/tokens/{token['id']}", json={"expires_at": "2021-01-01"})
        assert (await someone.post(f"/rooms/{room['id']}/uploads", headers=announced)).status_code == 401


@pytest.mark.parametrize("role", ["attendee", "guest"])
async def test_other_room_tokens_may_not(world: World, role: str) -> None:
    room = await world.room(room_type="video")
    token = await world.token(room, role)
    async with bearing(world, token["token"]) as someone:
        answer = await someone.post(f"/rooms/{room['id']}/uploads", headers={**TUS, "Upload-Length": "5"})
        assert (answer.status_code, answer.json()) == (403, {"message": "This action is unauthorized."})


async def test_guessing_tokens_is_slowed(world: World) -> None:
    room = await world.room(room_type="video")
    async with bearing(world, "guess") as someone:
        codes = [
            (await someone.post(f"/rooms/{room['id']}/uploads", headers={**TUS, "Upload-Length": "5"})).status_code
            for _ in range(12)
        ]
    assert codes == [401] * 10 + [429] * 2


async def test_a_room_has_only_so_many_unfinished_uploads(world: World) -> None:
    room = await world.room(room_type="video")
    made = [await world.upload(room, 5) for _ in range(MOST_IN_A_ROOM)]
    path, headers = f"/rooms/{room['id']}/uploads", {**TUS, "Upload-Length": "5"}
    assert (await world.api.post(path, headers=headers)).status_code == 429
    await send(world, at(room, made[0]), b"hello")
    assert (await world.api.post(path, headers=headers)).status_code == 201


async def test_what_the_disk_has_no_room_for_is_refused_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    room = await world.room(room_type="video")
    free = 300 * 2**20
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(free, 0, free))  # type: ignore[attr-defined]
    for _ in range(4):
        await world.upload(room, MOST_BYTES)
    # What is announced counts, too, though nothing of it is there yet.
    answer = await world.api.post(f"/rooms/{room['id']}/uploads", headers={**TUS, "Upload-Length": str(MOST_BYTES)})
    assert answer.status_code == 507


async def test_only_one_at_a_time_sends_to_an_upload(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video_files, "PATIENCE", 0.2)
    room = await world.room(room_type="video")
    first, second = await world.upload(room, 10), await world.upload(room, 3)
    answers: list[int] = []

    async def slowly() -> AsyncIterator[bytes]:
        yield b"hello"
        answers.append((await send(world, at(room, first), b"world", 0)).status_code)
        answers.append((await send(world, at(room, second), b"two", 0)).status_code)
        yield b"world"

    headers = {**PIECE, "Upload-Offset": "0"}
    assert (await world.api.patch(at(room, first), headers=headers, content=slowly())).status_code == 204
    assert answers == [423, 204]
    assert await offset(world, at(room, first)) == 10


async def test_uploads_nobody_goes_on_with_go_and_so_do_those_of_a_deleted_room(world: World) -> None:
    room, other = await world.room(room_type="video"), await world.room(room_type="video")
    late, kept, gone = [await world.upload(one, 5) for one in (room, room, other)]
    videos = [await video_of(world, one) for one in (late, kept, gone)]
    for one, where in ((late, room), (kept, room), (gone, other)):
        await send(world, at(where, one), b"he")
    past = replace(videos[0], expires_at=videos[0].created_at)
    await world.store.write(lambda tx: tx.videos.update(past))
    assert (await world.api.delete(f"/rooms/{other['id']}")).status_code == 204
    await world.shelf.videos.sweep()
    assert [world.shelf.files.path(one).exists() for one in videos] == [False, True, False]
    assert [one["id"] for one in await world.list(f"/rooms/{room['id']}/videos")] == [kept["id"]]
