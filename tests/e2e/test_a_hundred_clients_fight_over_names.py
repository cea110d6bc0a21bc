"""A hundred clients want the same names at once: one wins each, the store stays consistent, nothing is a failure."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import quote

import httpx
import jwt
import pytest
from tests.support.server import ServerProcess, running_server

CLIENTS = 100


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("names") / "data") as started:
        yield started


class Doors:
    """The three doors with unique names, as one account."""

    def __init__(self, server: ServerProcess) -> None:
        keys = server.credentials()
        limits = httpx.Limits(max_connections=CLIENTS)

        def make(path: str, **more: Any) -> httpx.AsyncClient:
            return httpx.AsyncClient(base_url=server.url + path, timeout=60, limits=limits, **more)

        now = int(time.time())
        claims = {"access_key": keys["100ms"]["access_key"], "type": "management", "version": 2, "exp": now + 3600}
        token = jwt.encode(claims | {"iat": now, "nbf": now, "jti": "1"}, keys["100ms"]["secret"], "HS256")
        self.hms = make("/100ms/v2", headers={"Authorization": f"Bearer {token}"})
        self.telnyx = make("/telnyx/v2", headers={"Authorization": f"Bearer {keys['telnyx']['api_key']}"})
        self.streamwise = make("/streamwise", headers={"Authorization": f"Bearer {keys['streamwise']['token']}"})
        self.phenix = make("/pcast", auth=(keys["phenix"]["application_id"], keys["phenix"]["secret"]))

    async def phenix_room(self, alias: str, name: str) -> httpx.Response:
        room = {"alias": alias, "name": name, "description": "", "options": []}
        return await self.phenix.put("/room", json={"room": room})

    async def uuid_of(self, any_id: str) -> str:
        """The form of a room's id that Telnyx takes."""
        return str((await self.streamwise.get(f"/rooms/{quote(any_id, safe='')}")).json()["uuid"])

    async def all_telnyx(self) -> list[dict[str, Any]]:
        """Every room, and a look at the totals on the way."""
        rooms: list[dict[str, Any]] = []
        number = 1
        while True:
            page = (await self.telnyx.get("/rooms", params={"page[size]": 250, "page[number]": number})).json()
            rooms += page["data"]
            if number >= page["meta"]["total_pages"]:
                assert page["meta"]["total_results"] == len(rooms)
                return rooms
            number += 1


@pytest.fixture
async def doors(server: ServerProcess) -> AsyncIterator[Doors]:
    opened = Doors(server)
    yield opened
    for client in (opened.hms, opened.telnyx, opened.streamwise, opened.phenix):
        await client.aclose()


async def at_once(act: Callable[[int], Awaitable[httpx.Response]]) -> list[httpx.Response]:
    answers = await asyncio.gather(*(act(number) for number in range(CLIENTS)))
    assert all(answer.status_code < 500 for answer in answers), Counter(one.status_code for one in answers)
    return answers


def won(answers: list[httpx.Response], success: int, refusal: int) -> httpx.Response:
    """The one success; all the others were refused alike."""
    assert Counter(one.status_code for one in answers) == {success: 1, refusal: CLIENTS - 1}
    return next(one for one in answers if one.status_code == success)


async def test_one_of_a_hundred_gets_a_name_or_alias(doors: Doors) -> None:
    room = won(await at_once(lambda n: doors.telnyx.post("/rooms", json={"unique_name": "Wanted"})), 201, 422)
    found = (await doors.telnyx.get("/rooms", params={"filter[unique_name]": "Wanted"})).json()["data"]
    assert [one["id"] for one in found] == [room.json()["data"]["id"]]
    won(await at_once(lambda n: doors.phenix_room("wanted", f"Name {n}")), 200, 409)
    won(await at_once(lambda n: doors.phenix_room(f"alias-{n}", "Wanted too")), 200, 409)


async def test_a_hundred_who_create_one_100ms_name_get_one_room(doors: Doors) -> None:
    answers = await at_once(
        lambda n: doors.hms.post("/rooms", json={"name": "Same" if n % 2 else "same", "description": f"{n}"})
    )
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["id"] for one in answers}) == 1


async def test_one_of_a_hundred_rooms_gets_a_name_by_an_update(doors: Doors) -> None:
    rooms = [one.json()["data"]["id"] for one in await at_once(lambda n: doors.telnyx.post("/rooms", json={}))]
    won(await at_once(lambda n: doors.telnyx.patch(f"/rooms/{rooms[n]}", json={"unique_name": "Renamed"})), 200, 422)


async def test_one_of_a_hundred_deletes_a_room(doors: Doors) -> None:
    room = (await doors.telnyx.post("/rooms", json={"unique_name": "Short-lived"})).json()["data"]["id"]
    won(await at_once(lambda n: doors.telnyx.delete(f"/rooms/{room}")), 204, 404)
    phenix = (await doors.phenix_room("short-lived", "Short-lived")).json()["room"]["roomId"]
    answers = await at_once(lambda n: doors.phenix.delete(f"/room/{quote(phenix, safe='')}"))
    assert sum(one.status_code == 200 for one in answers) == 1


async def test_names_made_changed_and_freed_by_all_at_once_leave_a_consistent_store(doors: Doors) -> None:
    before = len(await doors.all_telnyx())
    living: set[str] = set()

    async def client(number: int) -> httpx.Response:
        name = f"shared-{number % 5}"
        for step in range(4):
            door = (number + step) % 3
            if door == 0:
                answer = await doors.telnyx.post("/rooms", json={"unique_name": name})
                room = answer.json()["data"]["id"] if answer.status_code == 201 else None
            elif door == 1:
                answer = await doors.phenix_room(name, f"{name} {number} {step}")
                room = answer.json()["room"]["roomId"] if answer.status_code == 200 else None
            else:
                answer = await doors.hms.post("/rooms", json={"name": f"{name}-{number}-{step}"})
                room = answer.json()["id"]
            assert answer.status_code in {200, 201, 409, 422}, answer.text
            if room is None:
                continue
            room = await doors.uuid_of(room)
            moved = await doors.telnyx.patch(f"/rooms/{room}", json={"unique_name": f"{name}-moved"})
            assert moved.status_code in {200, 422}, moved.text
            if step % 2:
                gone = await doors.telnyx.delete(f"/rooms/{room}")
                assert gone.status_code == 204, gone.text
            else:
                living.add(room)
        return answer

    await at_once(client)
    rooms = await doors.all_telnyx()
    assert len(rooms) == before + len(living)
    names = Counter(one["unique_name"] for one in rooms if one["unique_name"] is not None)
    assert set(names.values()) <= {1}
    for name in names:
        found = (await doors.telnyx.get("/rooms", params={"filter[unique_name]": name})).json()["data"]
        assert len(found) == 1
