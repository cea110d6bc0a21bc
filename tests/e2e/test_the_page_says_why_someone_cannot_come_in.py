"""Full, inactive, deleted, expired, and the access code."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser
from tests.support.browser import Visitor, visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess


@pytest.fixture
async def person(browser: Browser) -> AsyncIterator[Visitor]:
    async with visitor(browser) as someone:
        yield someone


async def test_an_expired_token(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        token = make_token(api, make_room(api), expires_at="2021-01-01")
    await person.open(token["url"])
    await person.says("This link has expired")


async def test_an_inactive_room(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        token = make_token(api, make_room(api, status="inactive"))
    await person.open(token["url"])
    await person.says("This room is closed")


async def test_a_room_that_was_never_there(server: ServerProcess, person: Visitor) -> None:
    await person.open(f"{server.url}/rooms/aaaaaaaaaaaaaaaa/nowhere?token=nothing")
    await person.says("This room does not exist")


async def test_a_private_room_without_a_token(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        room = make_room(api)
    await person.open(room["url"])
    await person.says("This link does not let you in")


async def test_a_full_room(server: ServerProcess, browser: Browser, person: Visitor) -> None:
    with server.streamwise() as api:
        room = make_room(api, room_features={"max_participants": 1})
        token = make_token(api, room)
    async with visitor(browser) as first:
        await first.join(token["url"], "First")
        await first.sees_moving_pictures(1)
        await person.join(token["url"], "Second")
        await person.says("This room is full")


async def test_a_room_deleted_with_people_in_puts_them_out_and_says_so(
    server: ServerProcess, person: Visitor, browser: Browser
) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room)
        await person.join(token["url"], "Ada")
        await person.sees_moving_pictures(1)
        assert api.delete(f"/rooms/{room['id']}").status_code == 204
    await person.says("This room was deleted")
    async with visitor(browser) as late:
        await late.open(token["url"])
        await late.says("This room does not exist")


async def test_switching_a_room_off_puts_people_out(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        await person.join(make_token(api, room)["url"], "Ada")
        await person.sees_moving_pictures(1)
        assert api.patch(f"/rooms/{room['id']}", json={"status": "inactive"}).status_code == 200
    await person.says("The room was closed")


async def test_an_access_code_is_asked_for_and_checked(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        token = make_token(api, room, "attendee")
        code = api.post(f"/rooms/{room['id']}/access-codes", json={"role": "attendee", "code": "blue moon"})
        assert code.status_code == 201
        await person.join(token["url"], "Ada", access_code="red sun")
        await person.says("That access code is not right")
        assert api.get(f"/rooms/{room['id']}/access-codes").json()["data"][0]["last_usage"] is None
        await person.page.get_by_label("Access code").fill("blue moon")
        await person.page.get_by_role("button", name="Join", exact=True).click()
        await person.sees_moving_pictures(1)
        assert api.get(f"/rooms/{room['id']}/access-codes").json()["data"][0]["last_usage"] is not None


async def test_a_public_room_needs_no_token(server: ServerProcess, person: Visitor) -> None:
    with server.streamwise() as api:
        room = make_room(api, is_public=True)
        await person.join(room["url"], "Passer-by")
        await person.sees_moving_pictures(1)
        tokens = api.get(f"/rooms/{room['id']}/tokens").json()["data"]
        assert [one["role"] for one in tokens] == ["guest"]
