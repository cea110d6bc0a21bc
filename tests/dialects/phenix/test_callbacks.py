"""`/application/{id}/callback`: what is registered, and what is refused."""

from typing import Any

import pytest
from tests.dialects.phenix.world import NOT_FOUND, World, fields_of, refused

from polyroom.domain.account import Dialect
from polyroom.domain.webhook import Webhook, WebhookFormat

WHOLE = {"protocol": "https", "host": "h.example", "port": 8443, "method": "PUT", "path": "/p/q", "query": "a=b%20c"}


def path(world: World) -> str:
    return f"/application/{world.key.public_id}/callback"


async def receivers(world: World) -> list[Webhook]:
    found = await world.house.webhooks.list(world.house.mine.id)
    return [one for one in found if one.format is WebhookFormat.PHENIX]


@pytest.mark.parametrize(
    ("callback", "endpoint"),
    [
        ({"host": "h.example"}, "POST http://h.example:80/"),
        ({"host": "h.example", "protocol": "https", "path": "/p"}, "POST https://h.example:443/p"),
        (WHOLE, "PUT https://h.example:8443/p/q?a=b%20c"),
        ({"host": "10.0.0.1", "method": "GET", "query": "?x"}, "GET http://10.0.0.1:80/?x"),
        ({"host": "2001:db8::1", "path": ""}, "POST http://[2001:db8::1]:80/"),
        ({"host": "[2001:db8::1]", "port": None, "path": None, "query": None}, "POST http://[2001:db8::1]:80/"),
    ],
)
async def test_it_is_answered_as_it_will_be_called(world: World, callback: dict[str, Any], endpoint: str) -> None:
    answer = await world.api.put(path(world), json={"callback": callback})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "endpoint": endpoint})
    (one,) = await receivers(world)
    assert f"{one.method} {one.url}" == endpoint


async def test_the_latter_of_two_wins_and_other_receivers_stay(world: World) -> None:  # (22)
    own = await world.house.webhooks.add(world.house.mine.id, WebhookFormat.POLYROOM, "https://own.example/")
    theirs = await world.other.put(
        f"/application/{(await world.house.key(Dialect.PHENIX, world.house.theirs)).public_id}/callback",
        json={"callback": {"host": "theirs.example"}},
    )
    assert theirs.status_code == 200
    for host in ("first.example", "second.example"):
        assert (await world.api.put(path(world), json={"callback": {"host": host}})).status_code == 200
    assert [one.url for one in await receivers(world)] == ["http://second.example:80/"]
    assert own in await world.house.webhooks.list(world.house.mine.id)
    assert [one.url for one in await world.house.webhooks.list(world.house.theirs.id)] == ["http://theirs.example:80/"]


async def test_another_applications_callback_is_not_there(world: World) -> None:
    for application in ((await world.house.key(Dialect.PHENIX, world.house.theirs)).public_id, "x", "💥"):
        answer = await world.api.put(f"/application/{application}/callback", json={"callback": {"host": "h"}})
        assert refused(answer) == (404, NOT_FOUND)
    assert await world.house.webhooks.list() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "callback"),
        ({"callback": None}, "callback"),
        ({"callback": {}}, "callback.host"),
        ({"callback": {"host": None}}, "callback.host"),
        ({"callback": {"host": ""}}, "callback.host"),
        ({"callback": {"host": "a b"}}, "callback.host"),
        ({"callback": {"host": "a/b"}}, "callback.host"),
        ({"callback": {"host": "a@b"}}, "callback.host"),
        ({"callback": {"host": "münchen.example"}}, "callback.host"),
        ({"callback": {"host": "a" * 300}}, "callback.host"),
        ({"callback": {"host": "::1::2::"}}, "callback"),
        ({"callback": {"host": "h", "protocol": "ftp"}}, "callback.protocol"),
        ({"callback": {"host": "h", "port": 0}}, "callback.port"),
        ({"callback": {"host": "h", "port": 65536}}, "callback.port"),
        ({"callback": {"host": "h", "port": "80"}}, "callback.port"),
        ({"callback": {"host": "h", "method": "DELETE"}}, "callback.method"),
        ({"callback": {"host": "h", "path": "p"}}, "callback.path"),
        ({"callback": {"host": "h", "path": "/a b"}}, "callback.path"),
        ({"callback": {"host": "h", "path": "/?q"}}, "callback.path"),
        ({"callback": {"host": "h", "path": "/\r\nX: y"}}, "callback.path"),
        ({"callback": {"host": "h", "query": "a#b"}}, "callback.query"),
        ({"callback": {"host": "h", "path": "/" + "p" * 2048}}, "callback"),
    ],
)
async def test_what_cannot_be_called_is_named(world: World, body: dict[str, Any], field: str) -> None:
    assert list(fields_of(await world.api.put(path(world), json=body))) == [field]
    assert await receivers(world) == []
