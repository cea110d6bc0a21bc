"""Another account's ids answer as ids that never were, in every operation of every API's own document."""

import asyncio
import re
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest
from livekit.protocol import rtc
from tests.support.livekit_client import livekit_participant, ticket
from tests.support.server import ServerProcess
from tests.support.signals import Signals, signals
from tests.support.vendors import Vendors, in_path, vendors

from polyroom.domain.ids import ulid_of

# Nobody's key is asked for here: what is shown says who may ask. Their own tests judge them.
WITHOUT_A_KEY = {
    ("100ms", "post", "/token"),
    ("telnyx", "post", "/rooms/{room_id}/actions/refresh_client_token"),
    ("phenix", "get", "/room/{room_id}/publishers/count"),
    ("phenix", "get", "/room/{room_id}/live.m3u8"),
    ("phenix", "get", "/room/{room_id}/live.mpd"),
}
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NO_IDS = {"role": "guest", "role_name": "guest", "question_id": "1", "option_id": "1"}


@dataclass
class Theirs:
    """Everything of one account that has an id, by the names documents give path parameters."""

    room: dict[str, str]
    ids: dict[str, str]

    def named(self, parameter: str, form: str, path: str) -> str:
        """An id by the parameter's name, which may stand for different things in different paths.

        A document with a new one needs an entry here.
        """
        if parameter in {"room_id", "source_room_id"}:
            # Videos are in a room of their own type.
            return self.ids["screen"] if path.endswith(("/{upload_id}", "/{video_id}")) else self.room[form]
        return self.ids.get(_below(path, parameter)) or self.ids[parameter]


@dataclass
class Two:
    """Account `a` with a room, all it may have, and somebody in it; account `b` with a room of its own."""

    server: ServerProcess
    a: Vendors
    b: Vendors
    of_a: Theirs
    room_of_b: dict[str, str]


@pytest.fixture(scope="module")
def two(server: ServerProcess) -> Iterator[Two]:
    with vendors(server) as a, vendors(server, server.another_account()) as b:
        yield Two(server, a, b, _belongings(a), _forms(b, b.make("streamwise", "B's")))


@pytest.fixture
async def inside(two: Two) -> AsyncIterator[Signals]:
    """Somebody in account A's room, for as long as the server waits for media that never come."""
    await _fill(two)
    place = await ticket(two.server.url, two.of_a.room["streamwise"], token=two.of_a.ids["token"])
    async with signals(two.server.url, place["ticket"]) as one:
        peers = two.a.hms.get(f"/active-rooms/{two.of_a.room['hms']}/peers").json()
        two.of_a.ids["peer_id"] = two.of_a.ids["room_participant_id"] = next(iter(peers))
        running = f"/room_sessions?filter[room_id]={two.of_a.room['uuid']}&filter[active]=true"
        session = two.a.telnyx.get(running).json()["data"][0]
        two.of_a.ids["room_session_id"] = session["id"]
        two.of_a.ids["session_id"] = two.a.hms.get("/sessions?active=true").json()["data"][0]["id"]
        two.of_a.ids |= _answered_poll(two, place["ticket"])
        await one.heard()
        yield one


def _below(path: str, parameter: str) -> str:
    return f"{path.split('/')[1]}/{parameter}"


async def _fill(two: Two) -> None:
    """All that has to be made of media, which takes a while; the second time it is there already."""
    if "recording_id" in two.of_a.ids:
        return
    place = await ticket(two.server.url, two.of_a.room["streamwise"], token=two.of_a.ids["token"])
    async with signals(two.server.url, place["ticket"]) as one:
        two.of_a.ids |= await asyncio.to_thread(_recorded_and_streamed, two)
        await one.say(leave=rtc.LeaveRequest())
    two.of_a.ids |= await _recorded_alone(two)
    async with asyncio.timeout(60):
        while two.a.hms.get(f"/active-rooms/{two.of_a.room['hms']}").status_code == 200:
            await asyncio.sleep(0.2)


def _recorded_and_streamed(two: Two) -> dict[str, str]:
    """A recording of A's room with its file, and streams of it."""
    hms, room = two.a.hms, two.of_a.room["hms"]
    live = hms.post(f"/live-streams/room/{room}/start").json()["id"]
    assert hms.post(f"/live-streams/{live}/stop").status_code == 200
    nowhere = {"rtmp_urls": ["rtmp://127.0.0.1:9/live/key"]}
    external = hms.post(f"/external-streams/room/{room}/start", json=nowhere).json()["id"]
    assert hms.post(f"/external-streams/{external}/stop").status_code == 200
    small = {"resolution": {"width": 160, "height": 144}}
    recording = hms.post(f"/recordings/room/{room}/start", json=small).json()["id"]
    assets: list[dict[str, str]] = []
    end = time.monotonic() + 60
    while not assets and time.monotonic() < end:
        time.sleep(1.0)
        if hms.get(f"/recordings/{recording}").json()["status"] == "running":
            hms.post(f"/recordings/{recording}/stop")
        assets = hms.get("/recording-assets").json()["data"]
    return {
        _below("/live-streams", "stream_id"): live,
        _below("/external-streams", "stream_id"): external,
        "recording_id": recording,
        "asset_id": assets[0]["id"],
    }


async def _recorded_alone(two: Two) -> dict[str, str]:
    """The recording of one participant of A's room, which records itself, and a composition of its session."""
    telnyx, room = two.a.telnyx, two.of_a.room["uuid"]
    place = two.of_a.room["streamwise"], two.of_a.ids["token"]
    async with livekit_participant(two.server.url, *place, "Bob") as bob:
        await bob.publish_audio()
        running = f"/room_sessions?filter[room_id]={room}&filter[active]=true"
        session = telnyx.get(running).json()["data"][0]["id"]
        async with asyncio.timeout(60):
            while not (found := telnyx.get(f"/room_recordings?filter[session_id]={session}").json()["data"]):
                await asyncio.sleep(0.2)
    async with asyncio.timeout(60):
        while telnyx.get(f"/room_recordings/{found[0]['id']}").json()["data"]["status"] == "processing":
            await asyncio.sleep(0.2)
    composition = telnyx.post("/room_compositions", json={"session_id": session}).json()["data"]
    return {"room_recording_id": found[0]["id"], "room_composition_id": composition["id"]}


def _answered_poll(two: Two, ticket: str) -> dict[str, str]:
    """A poll of A's that runs in its room, with one answer."""
    hms = two.a.hms
    questions = [{"text": "Which?", "options": [{"text": "This"}, {"text": "That"}]}]
    poll: str = hms.post("/polls", json={"title": "A's", "start": "auto", "questions": questions}).json()["id"]
    assert hms.post(f"/polls/room/{two.of_a.room['hms']}/link", json={"poll_ids": [poll]}).status_code == 200
    vote = {"ticket": ticket, "poll": poll, "answers": [{"question": 1, "options": [1]}]}
    assert httpx.post(f"{two.server.url}/meet/polls/vote", json=vote).status_code == 200
    (response,) = hms.get(f"/polls/{poll}/responses").json()["responses"]
    (result,) = hms.get(f"/polls/{poll}/results").json()["results"]
    return {"poll_id": poll, "response_id": response["id"], "result_id": result["id"]}


@pytest.mark.parametrize("dialect", ["streamwise", "100ms", "telnyx", "phenix"])
async def test_what_is_another_accounts_is_not_there(two: Two, inside: Signals, dialect: str) -> None:
    document = httpx.get(f"{two.server.url}/docs/{dialect}/openapi.json").json()
    before = seen_by(two.a, two.of_a)
    asked, found = set(), set()
    for server in document["servers"]:
        for path, item in document["paths"].items():
            for method in set(item) - {"parameters"}:
                operation = item[method]
                if operation.get("security") == []:
                    assert (dialect, method, path) in WITHOUT_A_KEY
                    continue
                for theirs, nobodys in cases(two, path):
                    asking = Asking(client_of(two.b, dialect), server["url"], method, path, operation)
                    answer = asking.answer(theirs)
                    assert answer == asking.answer(nobodys), (method, server["url"] + path, theirs)
                    assert answer[0] in {400, 404}, (method, path, answer)
                    if method == "get":
                        asked.add(asking.base + path)
                        owner = replace(asking, client=client_of(two.a, dialect))
                        found |= {asking.base + path} if owner.answer(theirs)[0] == 200 else set()
    assert asked == found, "what account A itself cannot read proves nothing"
    assert seen_by(two.a, two.of_a) == before
    assert not [one for one in await inside.heard() if one.WhichOneof("message") in {"leave", "room_update"}]


@pytest.mark.parametrize(
    ("dialect", "path"),
    [
        ("streamwise", "/rooms?limit=100"),
        ("100ms", "/rooms?limit=100"),
        ("100ms", "/rooms?name=A%27s"),
        ("100ms", "/sessions"),
        ("100ms", "/sessions?room_id={hms}"),
        ("100ms", "/templates"),
        ("100ms", "/analytics/events"),
        ("100ms", "/analytics/events?room_id={hms}"),
        ("100ms", "/analytics/track-events"),
        ("100ms", "/analytics/webhooks"),
        ("telnyx", "/rooms"),
        ("telnyx", "/room_sessions"),
        ("telnyx", "/room_sessions?filter[room_id]={uuid}"),
        ("telnyx", "/room_participants"),
        ("telnyx", "/room_recordings"),
        ("telnyx", "/room_compositions"),
        ("phenix", "/rooms"),
    ],
)
async def test_lists_hold_nothing_of_another_account(two: Two, dialect: str, path: str) -> None:
    answer = client_of(two.b, dialect).get(path.format(**two.of_a.room))
    assert answer.status_code == 200, answer.text
    for one in (*two.of_a.room.values(), *two.of_a.ids.values()):
        assert one not in answer.text


def test_names_of_another_account_are_free_and_its_ids_cannot_be_borrowed(two: Two) -> None:
    a, b = two.a, two.b
    assert a.telnyx.patch(f"/rooms/{two.of_a.room['uuid']}", json={"unique_name": "ours"}).status_code == 200
    assert b.telnyx.post("/rooms", json={"unique_name": "ours"}).status_code == 201
    mine = b.telnyx.get("/rooms", params={"filter[unique_name]": "ours"}).json()["data"]
    assert [one["id"] == two.of_a.room["uuid"] for one in mine] == [False]
    foreign, missing = (
        b.hms.post("/rooms", json={"name": f"borrowed {secrets.token_hex(4)}", "template_id": template})
        for template in (two.of_a.ids["template_id"], secrets.token_hex(12))
    )
    assert foreign.status_code == missing.status_code == 400
    assert foreign.json()["code"] == missing.json()["code"]


def cases(two: Two, path: str) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Pairs of path parameters: account A's, and ones of nobody in the same form."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    ids = [name for name in names if name not in NO_IDS]
    fixed = {name: NO_IDS[name] for name in names if name in NO_IDS}
    if path == "/room-codes/code":
        yield {"code": two.of_a.ids["code"]}, {"code": _another(two.of_a.ids["code"])}
    if path == "/analytics/events/replay":
        yield {"session_id": two.of_a.ids["session_id"]}, {"session_id": _another(two.of_a.ids["session_id"])}
    if not ids:
        return
    for form in two.of_a.room if "room_id" in ids else ["uuid"]:
        theirs = {name: two.of_a.named(name, form, path) for name in ids}
        yield {**theirs, **fixed}, {**{name: _another(value) for name, value in theirs.items()}, **fixed}
        if len(ids) > 1:
            own = {"room_id": two.room_of_b[form]}
            others = {name: value for name, value in theirs.items() if name != "room_id"}
            yield {**own, **others}, {**own, **{name: _another(value) for name, value in others.items()}}


@dataclass
class Asking:
    """One operation of a document, as one account asks for it."""

    client: httpx.Client
    base: str
    method: str
    path: str
    operation: Mapping[str, Any]

    def answer(self, ids: Mapping[str, str]) -> tuple[int, str]:
        """What is answered with these ids, and they taken out of it."""
        contents = self.operation.get("requestBody", {}).get("content", {})
        content = contents.get("application/json", {})
        body = deepcopy(content["example"]) if content else None
        asked = (one for one in self.operation.get("parameters", ()) if one["in"] == "header" and one["required"])
        headers = {one["name"]: one["example"] for one in asked}
        sent: dict[str, Any] = {"json": body}
        if contents and not content:
            headers["Content-Type"] = next(iter(contents))
            sent = {"content": b"hello"}
        path = self.path
        for name, value in ids.items():
            if "{" + name + "}" not in path and isinstance(body, dict):
                body[name] = value
            path = path.replace("{" + name + "}", in_path(value))
        url = self.client.base_url.copy_with(path="/").join(self.base + path)
        answer = self.client.request(self.method.upper(), url, headers=headers, **sent)
        text = answer.text
        for value in (value for name, value in ids.items() if name not in NO_IDS):
            for shown in (value, in_path(value), value.lower()):
                text = text.replace(shown, "ID")
        # 100ms gives every refusal an id of its own.
        return answer.status_code, _UUID.sub("UUID", text)


def client_of(one: Vendors, dialect: str) -> httpx.Client:
    client: httpx.Client = getattr(one, "hms" if dialect == "100ms" else dialect)
    return client


def seen_by(a: Vendors, theirs: Theirs) -> list[Any]:
    """Everything account A can read of its room, without what merely counts."""
    room = theirs.room
    return [
        a.streamwise.get(f"/rooms/{room['streamwise']}").json(),
        a.streamwise.get(f"/rooms/{room['streamwise']}/status").json()["participants"],
        a.streamwise.get(f"/rooms/{room['streamwise']}/tokens").json(),
        a.streamwise.get(f"/rooms/{room['streamwise']}/access-codes").json(),
        a.hms.get(f"/rooms/{room['hms']}").json(),
        a.hms.get(f"/room-codes/room/{room['hms']}").json(),
        a.hms.get(f"/stream-keys/room/{room['hms']}").json(),
        a.hms.get(f"/active-rooms/{room['hms']}/peers").json(),
        a.hms.get("/templates").json(),
        a.telnyx.get(f"/rooms/{room['uuid']}").json(),
        a.phenix.get(f"/room/{in_path(room['phenix'])}").json(),
        a.phenix.get("/rooms").json(),
    ]


def _belongings(a: Vendors) -> Theirs:
    room = _forms(a, a.make("hms", "A's"))
    assert a.telnyx.patch(f"/rooms/{room['uuid']}", json={"enable_recording": True}).status_code == 200
    token = a.streamwise.post(f"/rooms/{room['streamwise']}/tokens", json={"role": "moderator"}).json()
    pin = a.streamwise.post(f"/rooms/{room['streamwise']}/access-codes", json={"role": "guest"}).json()
    code = a.way("hms", room["hms"], "guest")["code"]
    assert a.hms.post(f"/stream-keys/room/{room['hms']}").status_code == 200
    (template,) = a.hms.get("/templates").json()["data"]
    screen = a.streamwise.post("/rooms", json={"room_name": "A's screen", "room_type": "video"}).json()["id"]
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "5"}
    video = a.streamwise.post(f"/rooms/{screen}/uploads", headers=tus).json()["id"]
    ids = {"upload_id": video, "video_id": video, "screen": screen}
    ids |= {"token_id": token["id"], "token": token["token"], "code_id": pin["id"], "code": code}
    application = room["phenix"].split("#")[1]
    return Theirs(room, {**ids, "template_id": template["id"], "application_id": application})


def _forms(one: Vendors, any_id: str) -> dict[str, str]:
    """All ids of a room."""
    streamwise = one.streamwise.get(f"/rooms/{in_path(any_id)}").json()
    return {
        "streamwise": streamwise["id"],
        "uuid": streamwise["uuid"],
        "ulid": ulid_of(UUID(streamwise["uuid"])),
        "hms": one.hms.get(f"/rooms/{in_path(any_id)}").json()["id"],
        "phenix": one.phenix.get(f"/room/{in_path(any_id)}").json()["room"]["roomId"],
    }


def _another(value: str) -> str:
    """An id of the same form that nobody has: letters stay letters and digits digits, but for the last few."""
    changed = [_next(char) for char in value[-6:]]
    return value[:-6] + "".join(changed)


def _next(char: str) -> str:
    for row in ("0123456789", "abcdef", "ghjkmnpqrstvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
        if char in row:
            return row[(row.index(char) + 1) % len(row)]
    return char
