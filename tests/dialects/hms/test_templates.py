"""`/templates`, to read."""

import pytest
from tests.dialects.hms.world import World, done, refused

from polyroom.domain.roles import Permissions, Role, Source

HOST = Role("host", 1, frozenset(Source), Permissions(end_room=True, remove_others=True))
WATCHER = Role("watcher", 5, frozenset(), Permissions(hls_streaming=False))


async def test_the_default_template_has_its_roles_in_full(world: World) -> None:
    (template,) = done(await world.api.get("/templates"))["data"]
    assert set(template) == {
        "id",
        "name",
        "customer_id",
        "roles",
        "settings",
        "destinations",
        "created_at",
        "updated_at",
    }
    assert (template["name"], list(template["roles"])) == ("default", ["host", "guest", "viewer"])
    host, viewer = template["roles"]["host"], template["roles"]["viewer"]
    assert set(host) == {"name", "publishParams", "subscribeParams", "permissions", "priority", "maxPeerCount"}
    assert host["publishParams"]["allowed"] == ["audio", "video", "screen"]
    assert set(host["publishParams"]) == {"allowed", "audio", "video", "screen", "simulcast"}
    assert host["publishParams"]["audio"] == {"bitRate": 32, "codec": "opus"}
    assert [one["rid"] for one in host["publishParams"]["simulcast"]["video"]["layers"]] == ["f", "h", "q"]
    assert host["subscribeParams"]["subscribeToRoles"] == ["host", "guest"]
    assert host["permissions"]["endRoom"] is host["permissions"]["removeOthers"] is True
    assert (host["priority"], viewer["priority"], host["maxPeerCount"]) == (1, 3, 0)
    assert viewer["publishParams"]["allowed"] == []
    assert done(await world.api.get(f"/templates/{template['id']}")) == template
    room = await world.room()
    assert room["template_id"] == template["id"]


async def test_permissions_are_those_of_our_role(world: World) -> None:
    template = await world.template(WATCHER, HOST)
    role = done(await world.api.get(f"/templates/{template.hms_id}/roles/watcher"))
    assert role["permissions"] == {
        "endRoom": False,
        "removeOthers": False,
        "mute": False,
        "unmute": False,
        "changeRole": False,
        "sendRoomState": False,
        "pollRead": False,
        "pollWrite": False,
        "browserRecording": True,
        "rtmpStreaming": True,
        "hlsStreaming": False,
        "sendMessage": True,
    }
    assert role["subscribeParams"]["subscribeToRoles"] == ["host"]


async def test_the_vendors_packages_find_both_spellings(world: World) -> None:
    (template,) = done(await world.sdk.get("/templates"))["data"]
    for camel, snake in {
        "customerId": "customer_id",
        "appId": "app_id",
        "createdAt": "created_at",
        "updatedAt": "updated_at",
        "customer": "customer_id",
        "_id": "id",
    }.items():
        assert template[camel] == template[snake]
    assert template["default"] is True
    assert done(await world.sdk.get(f"/templates/{(await world.template()).hms_id}"))["default"] is False


async def test_templates_are_walked_latest_first(world: World) -> None:
    made = [(await world.template(name=f"t{number}")).hms_id for number in range(4)]
    (default,) = [one["id"] for one in done(await world.api.get("/templates"))["data"] if one["name"] == "default"]
    first = done(await world.api.get("/templates?limit=3"))
    assert [one["id"] for one in first["data"]] == made[:0:-1]
    assert (first["limit"], first["last"]) == (3, made[1])
    rest = done(await world.api.get(f"/templates?limit=3&start={first['last']}"))
    assert [one["id"] for one in rest["data"]] == [made[0], default]
    assert done(await world.api.get(f"/templates?start={default}")) == {"limit": 10, "data": [], "last": ""}
    for query in ("limit=0", "limit=101", "start=nothing"):
        refused(await world.api.get(f"/templates?{query}"), 400)
    refused(await world.other.get(f"/templates?start={default}"), 400)


@pytest.mark.parametrize("path", ["/nothing", "/{id}x", "/{id}/roles/nobody", "/nothing/roles/host", "/{id}/roles/💥"])
async def test_what_is_not_there_is_404(world: World, path: str) -> None:
    template = await world.template(HOST)
    refused(await world.api.get(f"/templates{path.format(id=template.hms_id)}"), 404)


async def test_another_accounts_template_is_not_there(world: World) -> None:
    template = await world.template(HOST)
    refused(await world.other.get(f"/templates/{template.hms_id}"), 404)
    refused(await world.other.get(f"/templates/{template.id}"), 404)
    refused(await world.other.get(f"/templates/{template.hms_id}/roles/host"), 404)
    refused(await world.other.post("/rooms", json={"template_id": template.hms_id}), 400)
    assert done(await world.api.get(f"/templates/{str(template.id).upper()}"))["id"] == template.hms_id
