"""The OpenAPI document says what is served."""

from typing import Any

import pytest

from polyroom.dialects.hms import Edition, hms_app

# The operations of the public document that are served, and those only the vendor's own packages know.
OPERATIONS = {
    ("get", "/rooms"): "listRooms",
    ("post", "/rooms"): "createRoom",
    ("get", "/rooms/{room_id}"): "retrieveRoom",
    ("post", "/rooms/{room_id}"): "updateRoom",
    ("post", "/rooms/{room_id}/enabled"): "setRoomEnabled",
    ("get", "/active-rooms/{room_id}"): "retrieveActiveRoom",
    ("get", "/active-rooms/{room_id}/peers"): "listPeers",
    ("get", "/active-rooms/{room_id}/peers/{peer_id}"): "retrievePeer",
    ("post", "/active-rooms/{room_id}/send-message"): "sendMessage",
    ("post", "/active-rooms/{room_id}/peers/{peer_id}"): "updatePeer",
    ("post", "/active-rooms/{room_id}/remove-peers"): "removePeers",
    ("post", "/active-rooms/{room_id}/end-room"): "endActiveRoom",
    ("get", "/sessions"): "listSessions",
    ("get", "/sessions/{session_id}"): "retrieveSession",
    ("get", "/analytics/peer-quality"): "getPeerQualityStats",
    ("get", "/analytics/peer-stats"): "getPeerStats",
    ("get", "/analytics/events"): "listWebhookEvents",
    ("post", "/analytics/events/replay"): "replayWebhookEvents",
    ("get", "/analytics/track-events"): "listTrackEvents",
    ("get", "/analytics/recording-events"): "listRecordingEvents",
    ("get", "/analytics/error-events"): "listErrorEvents",
    ("get", "/analytics/webhooks"): "listWebhookDeliveries",
    ("post", "/analytics/webhooks/replay"): "replayWebhookDeliveries",
    ("get", "/templates"): "listTemplates",
    ("get", "/templates/{template_id}"): "retrieveTemplate",
    ("post", "/templates"): "createTemplate",
    ("post", "/templates/{template_id}"): "updateTemplate",
    ("get", "/templates/{template_id}/roles/{role_name}"): "retrieveRole",
    ("post", "/templates/{template_id}/roles/{role_name}"): "upsertRole",
    ("delete", "/templates/{template_id}/roles/{role_name}"): "deleteRole",
    ("get", "/templates/{template_id}/settings"): "retrieveSettings",
    ("post", "/templates/{template_id}/settings"): "updateSettings",
    ("get", "/templates/{template_id}/destinations"): "retrieveDestinations",
    ("post", "/templates/{template_id}/destinations"): "updateDestinations",
    ("get", "/templates/{template_id}/recordings"): "retrieveRecordings",
    ("post", "/templates/{template_id}/recordings"): "configureRecordings",
    ("get", "/live-streams"): "listLiveStreams",
    ("get", "/live-streams/{stream_id}"): "getLiveStream",
    ("post", "/live-streams/room/{room_id}/start"): "startLiveStreamForRoom",
    ("post", "/live-streams/room/{room_id}/stop"): "stopLiveStreamForRoom",
    ("post", "/live-streams/{stream_id}/stop"): "stopLiveStreamById",
    ("post", "/live-streams/{stream_id}/pause-recording"): "pauseLiveStreamRecording",
    ("post", "/live-streams/{stream_id}/resume-recording"): "resumeLiveStreamRecording",
    ("post", "/live-streams/{stream_id}/timed-metadata"): "sendTimedMetadata",
    ("post", "/room-codes/room/{room_id}"): "createRoomCodes",
    ("get", "/room-codes/room/{room_id}"): "getRoomCodes",
    ("post", "/room-codes/code/{code}"): "updateRoomCode",
    ("post", "/room-codes/code"): "updateRoomCodeByBody",
    ("post", "/room-codes/room/{room_id}/role/{role}"): "createRoomCodeForRole",
    ("post", "/polls"): "createOrUpdatePoll",
    ("get", "/polls/{poll_id}"): "getPoll",
    ("post", "/polls/{poll_id}"): "updatePoll",
    ("post", "/polls/room/{room_id}/link"): "linkPollWithRoom",
    ("post", "/polls/{poll_id}/questions/{question_id}"): "updatePollQuestion",
    ("delete", "/polls/{poll_id}/questions/{question_id}"): "deletePollQuestion",
    ("post", "/polls/{poll_id}/questions/{question_id}/options/{option_id}"): "updatePollOption",
    ("delete", "/polls/{poll_id}/questions/{question_id}/options/{option_id}"): "deletePollOption",
    ("get", "/polls/{poll_id}/sessions"): "listPollSessions",
    ("get", "/polls/{poll_id}/sessions/{session_id}"): "retrievePollSession",
    ("get", "/polls/{poll_id}/responses"): "listPollResponses",
    ("get", "/polls/{poll_id}/responses/{response_id}"): "retrievePollResponse",
    ("get", "/polls/{poll_id}/results"): "listPollResults",
    ("get", "/polls/{poll_id}/results/{result_id}"): "retrievePollResult",
    ("get", "/polls/{poll_id}/leaderboard"): "getPollLeaderboard",
    ("post", "/token"): "createClientToken",
    ("get", "/recordings"): "listRecordings",
    ("get", "/recordings/{recording_id}"): "getRecording",
    ("post", "/recordings/room/{room_id}/start"): "startRecordingForRoom",
    ("post", "/recordings/room/{room_id}/stop"): "stopRecordingForRoom",
    ("post", "/recordings/{recording_id}/stop"): "stopRecordingById",
    ("post", "/recordings/room/{room_id}/pause"): "pauseRecording",
    ("post", "/recordings/room/{room_id}/resume"): "resumeRecording",
    ("get", "/external-streams"): "listExternalStreams",
    ("get", "/external-streams/{stream_id}"): "getExternalStream",
    ("post", "/external-streams/room/{room_id}/start"): "startExternalStreamForRoom",
    ("post", "/external-streams/room/{room_id}/stop"): "stopExternalStreamForRoom",
    ("post", "/external-streams/{stream_id}/stop"): "stopExternalStreamById",
    ("get", "/recording-assets"): "listRecordingAssets",
    ("get", "/stream-keys/room/{room_id}"): "getRtmpStreamKey",
    ("post", "/stream-keys/room/{room_id}"): "createRtmpStreamKey",
    ("delete", "/stream-keys/room/{room_id}"): "disableRtmpStreamKey",
    ("post", "/stream-keys/room/{room_id}/disable"): "disableStreamKey",
    ("get", "/recording-assets/{asset_id}"): "getRecordingAsset",
    ("get", "/recording-assets/{asset_id}/presigned-url"): "getRecordingAssetPresignedUrl",
}


def document(edition: Edition = Edition.DOCUMENT) -> dict[str, Any]:
    nobody: Any = None
    return hms_app(
        rooms=nobody,
        templates=nobody,
        room_codes=nobody,
        sessions=nobody,
        messages=nobody,
        moderation=nobody,
        people=nobody,
        polls=nobody,
        quality=nobody,
        recordings=nobody,
        recorded=nobody,
        restreams=nobody,
        restreamed=nobody,
        streams=nobody,
        streamed=nobody,
        watch=nobody,
        link=nobody,
        stream_keys=nobody,
        ingest=nobody,
        events=nobody,
        webhooks=nobody,
        accounts=nobody,
        clock=nobody,
        ids=nobody,
        edition=edition,
    ).openapi()


def test_every_operation_is_described_with_its_refusals() -> None:
    made = document()
    operations = {(method, path): one for path, item in made["paths"].items() for method, one in item.items()}
    assert {place: one["operationId"] for place, one in operations.items()} == OPERATIONS
    for one in operations.values():
        assert "401" in one["responses"] and one["tags"] and one["summary"]
        assert "schema" in one["responses"]["200"]["content"]["application/json"]
        assert "422" not in one["responses"]
    assert made["security"] == [{"ManagementToken": []}]
    assert operations["post", "/token"]["security"] == []


@pytest.mark.parametrize(
    ("place", "names"),
    [
        (("get", "/rooms"), {"limit", "start", "enabled", "name", "before", "after", "template_id"}),
        (("get", "/sessions"), {"limit", "start", "room_id", "active", "before", "after"}),
        (("get", "/templates"), {"limit", "start"}),
        (("get", "/active-rooms/{room_id}/peers"), {"room_id", "user_id", "role"}),
        (("get", "/room-codes/room/{room_id}"), {"room_id", "role", "enabled", "limit", "start"}),
    ],
)
def test_every_parameter_is_described(place: tuple[str, str], names: set[str]) -> None:
    method, path = place
    assert {one["name"] for one in document()["paths"][path][method]["parameters"]} == names


def test_both_editions_are_named_and_the_asked_one_comes_first() -> None:
    assert document()["servers"] == [{"url": "/100ms/v2"}, {"url": "/100ms/sdk/v2"}]
    assert document(Edition.SDK)["servers"][0] == {"url": "/100ms/sdk/v2"}


def test_every_reference_leads_somewhere() -> None:
    made = document()
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(one) for one in value.values()))
        return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()

    assert references(made) <= known
