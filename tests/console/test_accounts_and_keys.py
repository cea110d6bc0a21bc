"""Accounts and keys: looked at, made and revoked as the command can."""

from typing import Any

from tests.console.conftest import NOBODYS, World, all_of, refused, shown

from polyroom.domain.account import Dialect

SECRETS = {
    "100ms": "secret",
    "telnyx": "api_key",
    "phenix": "secret",
    "streamwise": "token",
    "livekit": "api_secret",
}
NAMES = set(SECRETS)


async def test_keys_are_listed_without_their_secrets(world: World) -> None:
    client = await world.mine()
    found = await client.get("/keys")
    keys = found.json()["items"]
    assert {one["dialect"] for one in keys} == NAMES
    for dialect in Dialect:
        key = await world.house.key(dialect)
        assert key.public_id in {one["public_id"] for one in keys}
        assert key.secret not in found.text
        assert not key.extra.get("private_key") or key.extra["private_key"] not in found.text
    assert await all_of(client, "/keys", limit=2) == keys


async def test_a_new_key_is_shown_once_and_works_until_it_is_revoked(world: World) -> None:
    client = await world.mine()
    for dialect, name in SECRETS.items():
        answer = await client.post("/keys", json={"dialect": dialect})
        assert answer.status_code == 201
        made = answer.json()
        assert "private_key" not in answer.text and "base" in made["credentials"]
        fresh = world.client()
        assert (await fresh.post("/sign-in", json={"key": made["credentials"][name]})).status_code == 201
        path = f"/keys/{dialect}/{made['public_id']}"
        assert (await client.delete(path)).status_code == 200
        refused(await client.delete(path), 404, "not_found")
        refused(await fresh.get("/me"), 401, "signed_out")


async def test_the_key_one_is_signed_in_by_may_be_revoked_too(world: World) -> None:
    client = await world.mine()
    key = (await shown(client, "/me"))["key"]
    assert (await client.delete(f"/keys/{key['dialect']}/{key['public_id']}")).status_code == 200
    refused(await client.get("/me"), 401, "signed_out")


async def test_a_key_of_no_api_is_refused(world: World) -> None:
    client = await world.mine()
    wrong: list[Any] = [None, "", "sip", "hms", 5, ["telnyx"]]
    for dialect in wrong:
        refused(await client.post("/keys", json={"dialect": dialect}), 422, "invalid", "dialect")


async def test_the_operator_makes_and_closes_accounts(world: World) -> None:
    client = await world.signed_in()
    answer = await client.post("/accounts", json={"name": " Töchter & Söhne "})
    assert answer.status_code == 201
    made = answer.json()
    assert made["name"] == "Töchter & Söhne"
    assert set(made["credentials"]) == NAMES
    tenant = world.client()
    token = made["credentials"]["streamwise"]["token"]
    assert (await tenant.post("/sign-in", json={"key": token})).json()["account"]["id"] == made["id"]
    accounts = await all_of(client, "/accounts", limit=1)
    assert [one["name"] for one in accounts] == ["default", "another", "Töchter & Söhne"]
    assert (await client.delete(f"/accounts/{made['id']}")).status_code == 200
    refused(await tenant.get("/me"), 401, "signed_out")
    refused(await client.delete(f"/accounts/{made['id']}"), 404, "not_found")
    refused(await client.delete(f"/accounts/{NOBODYS}"), 404, "not_found")
    refused(await client.delete(f"/accounts/{world.house.mine.id}"), 422, "invalid", "account")


async def test_an_account_has_a_name(world: World) -> None:
    client = await world.signed_in()
    wrong: list[Any] = [None, "", "   ", 7, "x" * 201, "a\nb", "\0", {"a": 1}]
    for name in wrong:
        refused(await client.post("/accounts", json={"name": name}), 422, "invalid", "name")


async def test_accounts_show_what_is_live(world: World) -> None:
    await world.enter(await world.room(account=world.house.theirs))
    accounts = (await shown(await world.signed_in(), "/accounts"))["items"]
    assert {one["name"]: (one["rooms"], one["people"]) for one in accounts} == {"default": (0, 0), "another": (1, 1)}


async def test_accounts_and_the_server_are_the_operators_alone(world: World) -> None:
    client = await world.mine()
    refused(await client.get("/accounts"), 403, "operator_only")
    refused(await client.post("/accounts", json={"name": "mine"}), 403, "operator_only")
    refused(await client.delete(f"/accounts/{world.house.theirs.id}"), 403, "operator_only")
    refused(await client.get("/load"), 403, "operator_only")
    load = await shown(await world.signed_in(), "/load")
    assert load["about"] == {"version": "1"}
    assert load["now"]["memory"] > 1_000_000 and load["cores"] > 0
    assert list(load["now"]) == load["columns"]
