"""The OpenAPI document says what is served."""

import json
from typing import Any

from click.testing import CliRunner

from polyroom.cli.openapi import openapi
from polyroom.dialects.phenix import phenix_app

OPERATIONS = {
    ("put", "/room"): "createRoom",
    ("get", "/rooms"): "listRooms",
    ("get", "/room/{room_id}"): "getRoom",
    ("delete", "/room/{room_id}"): "deleteRoom",
    ("get", "/room/{room_id}/members"): "listMembers",
    ("get", "/room/{room_id}/publishers/count"): "countPublishers",
    ("put", "/room/{room_id}/message"): "sendMessage",
    ("get", "/room/{room_id}/messages"): "listMessages",
    ("delete", "/room/{room_id}/messages"): "purgeMessages",
    ("put", "/room/{room_id}/kill"): "killRoom",
    ("put", "/room/{room_id}/fork/{source_room_id}"): "forkRoom",
    ("get", "/room/{room_id}/live.m3u8"): "fetchHlsManifest",
    ("get", "/room/{room_id}/live.mpd"): "fetchDashManifest",
    ("put", "/application/{application_id}/callback"): "putCallback",
}


def document() -> dict[str, Any]:
    nobody: Any = None
    return phenix_app(
        rooms=nobody,
        sessions=nobody,
        messages=nobody,
        moderation=nobody,
        forks=nobody,
        on_demand=nobody,
        now=nobody,
        webhooks=nobody,
        accounts=nobody,
        attempts=nobody,
        stream_key=nobody,
    ).openapi()


def test_every_operation_is_described_with_its_refusals() -> None:
    made = document()
    operations = {(method, path): one for path, item in made["paths"].items() for method, one in item.items()}
    assert {key: one["operationId"] for key, one in operations.items()} == OPERATIONS
    for (_, path), one in operations.items():
        redirects = "/live." in path
        keyless = redirects or path.endswith("/count")
        assert {"302" if redirects else "200", "400", "503", "504"} <= set(one["responses"])
        assert ("401" in one["responses"]) is (redirects or not keyless)
        assert ("404" in one["responses"]) is ("_id}" in path)
        assert one.get("security") == ([] if keyless else None)
        assert one["tags"] and one["summary"]
        for status, response in one["responses"].items():
            assert (status == "412") is ("content" not in response)
    assert made["servers"] == [{"url": "/pcast"}]
    assert made["security"] == [{"basic": []}]


def test_every_field_of_a_room_and_a_member_is_described() -> None:
    schemas = document()["components"]["schemas"]
    assert {"alias", "name", "description", "options"} == set(schemas["RoomInput"]["required"])
    assert {"type", "ingestOptions"} < set(schemas["RoomInput"]["properties"])
    assert {"roomId", "streamKey", "estimatedSize", "created"} < set(schemas["Room"]["properties"])
    assert set(schemas["Member"]["properties"]) == {
        "sessionId",
        "screenName",
        "role",
        "streams",
        "state",
        "lastUpdate",
    }


def test_every_reference_leads_somewhere() -> None:
    made = document()
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(one) for one in value.values()))
        return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()

    assert references(made) <= known


def test_the_command_prints_the_document() -> None:
    printed = CliRunner().invoke(openapi, ["phenix"])
    assert printed.exit_code == 0
    assert json.loads(printed.output) == json.loads(json.dumps(document()))
