"""The OpenAPI document says what is served."""

from typing import Any

from polyroom.dialects.streamwise import streamwise_app

OPERATIONS = {
    "listRooms createRoom getRoom updateRoom deleteRoom getRoomStatus listRoomTokens createRoomToken updateRoomToken "
    "deleteRoomToken listRoomAccessCodes createRoomAccessCode updateRoomAccessCode deleteRoomAccessCode "
    "createRoomUpload getRoomUpload sendRoomUpload deleteRoomUpload listRoomVideos getRoomVideo deleteRoomVideo"
}


def document() -> dict[str, Any]:
    nobody: Any = None
    return streamwise_app(
        rooms=nobody,
        admissions=nobody,
        access_codes=nobody,
        sessions=nobody,
        videos=nobody,
        uploads=nobody,
        watchers=nobody,
        restreamed=nobody,
        accounts=nobody,
        public_url=lambda: "",
        ingest=nobody,
    ).openapi()


def test_every_operation_is_described_with_its_refusals() -> None:
    made = document()
    operations = [one for item in made["paths"].values() for one in item.values()]
    assert {one["operationId"] for one in operations} == set(" ".join(OPERATIONS).split())
    for one in operations:
        assert {"401", "404", "422"} <= set(one["responses"])
        assert one["tags"] and one["summary"]
        (success,) = (status for status in one["responses"] if status.startswith("2"))
        assert success == "204" or "schema" in one["responses"][success]["content"]["application/json"]
    assert made["servers"] == [{"url": "/streamwise"}]
    assert made["security"] == [{"bearer": []}]


def test_every_reference_leads_somewhere() -> None:
    made = document()
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(one) for one in value.values()))
        return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()

    assert references(made) <= known
