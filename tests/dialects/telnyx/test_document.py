"""The OpenAPI document says what is served."""

import json
from typing import Any

from click.testing import CliRunner

from polyroom.cli.openapi import openapi

ACTIONS = ("end", "kick", "mute", "unmute")
OPERATIONS = {
    ("get", "/rooms"): ("200", {"400", "413", "415"}),
    ("post", "/rooms"): ("201", set()),
    ("get", "/rooms/{room_id}"): ("200", {"400", "413", "415"}),
    ("patch", "/rooms/{room_id}"): ("200", set()),
    ("delete", "/rooms/{room_id}"): ("204", {"400", "413", "415"}),
    ("get", "/rooms/{room_id}/sessions"): ("200", {"400", "413", "415"}),
    ("get", "/room_sessions"): ("200", {"400", "413", "415"}),
    ("get", "/room_sessions/{room_session_id}"): ("200", {"400", "413", "415"}),
    ("get", "/room_sessions/{room_session_id}/participants"): ("200", {"400", "413", "415"}),
    **{("post", f"/room_sessions/{{room_session_id}}/actions/{one}"): ("200", set()) for one in ACTIONS},
    ("get", "/room_participants"): ("200", {"400", "413", "415"}),
    ("get", "/room_participants/{room_participant_id}"): ("200", {"400", "413", "415"}),
    ("post", "/rooms/{room_id}/actions/generate_join_client_token"): ("201", set()),
    ("post", "/rooms/{room_id}/actions/refresh_client_token"): ("201", {"401"}),
    ("get", "/room_recordings"): ("200", {"400", "413", "415"}),
    ("delete", "/room_recordings"): ("200", {"400", "413", "415"}),
    ("get", "/room_recordings/{room_recording_id}"): ("200", {"400", "413", "415"}),
    ("delete", "/room_recordings/{room_recording_id}"): ("204", {"400", "413", "415"}),
    ("get", "/room_compositions"): ("200", {"400", "413", "415"}),
    ("post", "/room_compositions"): ("202", set()),
    ("get", "/room_compositions/{room_composition_id}"): ("200", {"400", "413", "415"}),
    ("delete", "/room_compositions/{room_composition_id}"): ("204", {"400", "413", "415"}),
}
DAYS = ("eq", "gte", "lte")
PAGE = {"page[size]", "page[number]"}
SESSIONS = {f"filter[date_{what}_at][{one}]" for what in ("created", "updated", "ended") for one in DAYS}
SESSIONS |= {"filter[active]", "include_participants"}
PEOPLE = {f"filter[date_{what}_at][{one}]" for what in ("joined", "updated", "left") for one in DAYS}
PEOPLE |= {"filter[context]"}
PARAMETERS = {
    "/rooms": {f"filter[date_{what}_at][{one}]" for what in ("created", "updated") for one in DAYS}
    | {"filter[unique_name]", "include_sessions"}
    | PAGE,
    "/rooms/{room_id}/sessions": SESSIONS | PAGE | {"room_id"},
    "/room_sessions": SESSIONS | PAGE | {"filter[room_id]"},
    "/room_sessions/{room_session_id}": {"include_participants", "room_session_id"},
    "/room_sessions/{room_session_id}/participants": PEOPLE | PAGE | {"room_session_id"},
    "/room_participants": PEOPLE | PAGE | {"filter[session_id]"},
    "/room_participants/{room_participant_id}": {"room_participant_id"},
    "/rooms/{room_id}": {"include_sessions", "room_id"},
    "/room_recordings": {f"filter[date_{what}_at][{one}]" for what in ("started", "ended") for one in DAYS}
    | {f"filter[{one}]" for one in ("room_id", "participant_id", "session_id", "status", "type", "duration_secs")}
    | PAGE,
    "/room_compositions": {f"filter[date_created_at][{one}]" for one in DAYS}
    | {"filter[session_id]", "filter[status]"}
    | PAGE,
}
ROOM = {
    "active_session_id",
    "created_at",
    "enable_recording",
    "id",
    "max_participants",
    "record_type",
    "sessions",
    "unique_name",
    "updated_at",
    "webhook_event_failover_url",
    "webhook_event_url",
    "webhook_timeout_secs",
}


def document() -> dict[str, Any]:
    printed = CliRunner().invoke(openapi, ["telnyx"], catch_exceptions=False)
    made: dict[str, Any] = json.loads(printed.output)
    return made


def test_every_operation_is_described_with_its_refusals() -> None:
    made = document()
    found = {(method, path): one for path, item in made["paths"].items() for method, one in item.items()}
    assert set(found) == set(OPERATIONS)
    for key, (success, missing) in OPERATIONS.items():
        one = found[key]
        refusals = {"400", "401", "404", "413", "415", "422"} - missing
        assert {success} | refusals <= set(one["responses"])
        assert not missing & set(one["responses"]), key
        assert one["tags"] and one["summary"] and one["operationId"]
        assert success == "204" or "schema" in one["responses"][success]["content"]["application/json"]
        assert ("requestBody" in one) == (key[0] in {"post", "patch"} and not key[1].endswith("/end"))
    assert made["security"] == [{"bearerAuth": []}]
    assert found["post", "/rooms/{room_id}/actions/refresh_client_token"]["security"] == []
    assert made["servers"] == [{"url": "/telnyx/v2"}]


def test_every_parameter_and_field_is_described() -> None:
    made = document()
    for path, names in PARAMETERS.items():
        assert {one["name"] for one in made["paths"][path]["get"]["parameters"]} == names
    schemas = made["components"]["schemas"]
    assert set(schemas["Room"]["properties"]) == ROOM
    own = {"active_session_id", "created_at", "id", "record_type", "sessions", "updated_at"}
    for name in ("CreateRoomRequest", "UpdateRoomRequest"):
        assert set(schemas[name]["properties"]) == ROOM - own
    assert schemas["CreateRoomRequest"]["properties"]["max_participants"]["default"] == 10
    assert "default" not in schemas["UpdateRoomRequest"]["properties"]["max_participants"]


def test_every_reference_leads_somewhere() -> None:
    made = document()
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(one) for one in value.values()))
        return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()

    assert references(made) <= known
