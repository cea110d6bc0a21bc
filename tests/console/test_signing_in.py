"""Who gets into the console, for how long, and how they get out."""

from datetime import timedelta
from typing import Any

import httpx
from tests.console.conftest import OURS, World, refused, shown

from polyroom.domain.account import Dialect


async def test_any_key_of_an_account_signs_in_and_sees_that_account(world: World) -> None:
    for dialect in Dialect:
        client = await world.signed_in(world.house.theirs, dialect)
        me = await shown(client, "/me")
        assert (me["operator"], me["account"]["name"]) == (False, "another")
        assert me["key"]["id"] == str((await world.house.key(dialect, world.house.theirs)).id)
        assert me["expires_at"] > world.clock.now().timestamp() * 1000


async def test_the_operator_sees_every_account(world: World) -> None:
    await world.room("Theirs", world.house.theirs)
    client = await world.signed_in()
    assert (await shown(client, "/me"))["operator"] is True
    assert {one["name"] for one in (await shown(client, "/accounts"))["items"]} == {"default", "another"}
    assert (await shown(client, "/rooms"))["items"] == []
    rooms = await shown(client, "/rooms", account=str(world.house.theirs.id))
    assert [one["title"] for one in rooms["items"]] == ["Theirs"]


SEEN_AS_SECURE = {
    "http://rooms.example/console/api": False,
    "https://rooms.example/console/api": True,
    # The public address is https and a proxy in between is not: the browser sees what is public.
    "http://public.example:8443/console/api": True,
}


async def test_the_cookie_is_for_the_console_alone(world: World) -> None:
    for url, secure in SEEN_AS_SECURE.items():
        answer = await world.client(url=url).post("/sign-in", json={"key": world.operator.key})
        words = {word.strip().lower() for word in answer.headers["set-cookie"].split(";")[1:]}
        assert {"httponly", "samesite=strict", "path=/console", "max-age=43200"} <= words
        assert ("secure" in words) is secure
        assert world.operator.key not in answer.headers["set-cookie"] + answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


async def test_a_wrong_key_is_refused_and_guessing_is_slowed(world: World) -> None:
    client = world.client()
    public = (await world.house.key(Dialect.HMS)).public_id
    for guess in ("wrong", public, world.operator.key[:-1], world.operator.key.upper(), *"abcdef"):
        answer = await client.post("/sign-in", json={"key": guess})
        refused(answer, 403, "key_refused", "key")
        assert "set-cookie" not in answer.headers
    answer = await client.post("/sign-in", json={"key": world.operator.key})
    refused(answer, 429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) > 0
    elsewhere = world.client("192.0.2.2")
    assert (await elsewhere.post("/sign-in", json={"key": world.operator.key})).status_code == 201


async def test_what_is_no_key_is_refused_by_name(world: World) -> None:
    keys: list[Any] = [None, 5, True, [], {}, "", "  ", "x" * 5000, "a\0b", "a\nb"]
    for key in keys:
        refused(await world.client().post("/sign-in", json={"key": key}), 422, "invalid", "key")


NO_OBJECTS = [
    (b"", "application/json", 400),
    (b"[]", "application/json", 400),
    (b"{", "application/json", 400),
    (b"[" * 10_000, "application/json", 400),
    (b'{"key": "\\ud800"}', "application/json", 422),
    (b'{"key": "%s"}' % (b"x" * 20_000), "application/json", 413),
    (b'{"key": "x"}', "text/plain", 415),
    (b"key=x", "application/x-www-form-urlencoded", 415),
]


async def test_what_is_no_json_object_is_refused(world: World) -> None:
    for body, kind, status in NO_OBJECTS:
        answer = await world.client().post("/sign-in", content=body, headers={"content-type": kind})
        assert (answer.status_code, set(answer.json())) == (status, {"error"})


async def test_nobody_is_told_anything_without_a_cookie(world: World) -> None:
    for path in ("/me", "/now", "/rooms", "/accounts", "/load", "/nothing", "/keys", "/deliveries"):
        refused(await world.client().get(path), 401, "signed_out")


async def test_a_cookie_ends_by_itself(world: World) -> None:
    client = await world.mine()
    world.clock.ahead = timedelta(hours=11, minutes=59)
    assert (await client.get("/me")).status_code == 200
    world.clock.ahead = timedelta(hours=12, seconds=1)
    refused(await client.get("/me"), 401, "signed_out")


async def test_a_cookie_that_was_changed_or_made_elsewhere_is_worth_nothing(world: World) -> None:
    client = await world.mine()
    whole = client.cookies["polyroom_console"]
    head, body, signature = whole.split(".")
    operators = (await world.signed_in()).cookies["polyroom_console"].split(".")[1]
    for text in (f"{head}.{operators}.{signature}", f"{head}.{body}.", whole[:-3], "x", "a.b.c", "y" * 5000):
        stranger = world.client()
        stranger.cookies.set("polyroom_console", text)
        refused(await stranger.get("/me"), 401, "signed_out")


async def test_a_revoked_key_ends_what_it_opened(world: World) -> None:
    client, other = await world.mine(), await world.signed_in(world.house.mine, Dialect.HMS)
    key = await world.house.key(Dialect.TELNYX)
    await world.house.accounts.revoke_key(Dialect.TELNYX, key.public_id)
    refused(await client.get("/me"), 401, "signed_out")
    assert (await other.get("/me")).status_code == 200


async def test_a_closed_account_is_out_and_the_operator_looks_back(world: World) -> None:
    await world.room("Left behind", world.house.theirs)
    client = await world.theirs()
    await world.house.accounts.close(world.house.theirs.id)
    refused(await client.get("/me"), 401, "signed_out")
    operator, closed = await world.signed_in(), {"account": str(world.house.theirs.id)}
    assert [one["title"] for one in (await shown(operator, "/rooms", **closed))["items"]] == ["Left behind"]
    refused(await operator.post("/keys", params=closed, json={"dialect": "livekit"}), 404, "not_found")


async def test_a_renewed_operators_key_puts_the_old_one_out(world: World) -> None:
    client = await world.signed_in()
    world.operator.key = "operator_another"
    refused(await client.get("/me"), 401, "signed_out")
    assert (await (await world.signed_in()).get("/me")).status_code == 200


async def test_whoever_signs_out_is_out_with_every_copy_of_the_cookie(world: World) -> None:
    client, copy, other = await world.mine(), world.client(), await world.mine()
    copy.cookies.set("polyroom_console", client.cookies["polyroom_console"])
    answer = await client.delete("/me")
    assert answer.status_code == 200
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    refused(await client.get("/me"), 401, "signed_out")
    refused(await copy.get("/me"), 401, "signed_out")
    assert (await other.get("/me")).status_code == 200


async def test_another_page_can_change_nothing(world: World) -> None:
    client = await world.mine()
    foreign: list[dict[str, str]] = [
        {},
        OURS | {"sec-fetch-site": "cross-site"},
        OURS | {"sec-fetch-site": "same-site"},
    ]
    for headers in foreign:
        stranger = httpx.AsyncClient(
            transport=client._transport, base_url=client.base_url, cookies=client.cookies, headers=headers
        )
        refused(await stranger.post("/keys", json={"dialect": "livekit"}), 403, "foreign_page")
        refused(await stranger.post("/sign-in", json={"key": world.operator.key}), 403, "foreign_page")
        refused(await stranger.delete("/me"), 403, "foreign_page")
    assert len((await shown(client, "/keys"))["items"]) == 5


async def test_a_path_says_what_can_be_done_there(world: World) -> None:
    client = await world.mine()
    answer = await client.put("/keys", json={})
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"
    refused(await client.get("/nothing/here"), 404, "not_found")
