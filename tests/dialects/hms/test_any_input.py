"""Arbitrary JSON and query strings at every operation: no 5xx, and every refusal in the vendor's form."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dialects.hms.test_refusals import LISTS, OPERATIONS, targets
from tests.dialects.hms.world import World, open_world

FURTHER = [("POST", "/token"), ("POST", "/templates/{template}/recordings")]
FIELDS = [
    "roles",
    "settings",
    "destinations",
    "publishParams",
    "publish_params",
    "allowed",
    "simulcast",
    "layers",
    "rid",
    "scaleResolutionDownBy",
    "subscribeParams",
    "subscribeToRoles",
    "permissions",
    "priority",
    "maxPeerCount",
    "recording",
    "upload",
    "roomState",
    "rtmpDestinations",
    "rtmpUrls",
    "rtmp_urls",
    "transcriptions",
    "summary",
    "temperature",
    "name",
    "description",
    "template_id",
    "region",
    "size",
    "max_duration_seconds",
    "large_room",
    "recording_info",
    "upload_info",
    "credentials",
    "key",
    "secret",
    "type",
    "location",
    "options",
    "webhook",
    "url",
    "headers",
    "enabled",
    "polls",
    "poll_ids",
    "ttl_seconds",
    "questions",
    "options",
    "answer",
    "index",
    "text",
    "weight",
    "duration",
    "once",
    "code",
    "user_id",
    "message",
    "peer_id",
    "role",
    "metadata",
    "reason",
    "lock",
    "resolution",
    "width",
    "height",
    "audio_only",
    "hls_vod",
    "single_file_per_layer",
    "destination",
    "transcription",
    "payload",
    "meeting_url",
    "event_ids",
    "event_names",
    "room_id",
    "session_id",
    "start_time",
    "end_time",
    "status",
    "limit",
    "offset",
]
GOOD = st.sampled_from(
    [
        "eu",
        "s3",
        "https://example.com",
        True,
        0,
        120,
        None,
        "********",
        ["rtmp://a.example/live/key"],
        {"enabled": True},
        {"url": "https://example.com", "headers": {"a": "********"}},
        {"upload_info": {"type": "s3", "location": "b", "credentials": {"key": "k", "secret": "********"}}},
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | GOOD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANY | GOOD, max_size=6) | ANY
PARAMETERS = ["limit", "start", "enabled", "name", "before", "after", "template_id", "role", "user_id"]
PARAMETERS += [
    "room_id",
    "active",
    "session_id",
    "peer_id",
    "type",
    "error",
    "start_time",
    "end_time",
    "status",
    "page",
]
PARAMETERS += ["event_names", "all", "question", "presign_duration"]
QUERIES = st.dictionaries(
    st.sampled_from(PARAMETERS),
    st.text(st.characters(codec="utf-8"), max_size=12)
    | st.integers().map(str)
    | st.datetimes().map(str)
    | st.sampled_from(["true", "10", "mine", "host", "2022-09-09T11:41:08.082Z", "peer.join", "client.disconnected"]),
    max_size=4,
)


def is_vendors(answer: httpx.Response) -> bool:
    """Whether the answer is a success or a refusal in the vendor's form."""
    if answer.status_code == 204:
        return not answer.content
    body = answer.json()
    if answer.status_code == 200:
        return isinstance(body, dict | list)
    return set(body) == {"code", "message", "details", "id"} and answer.status_code in {400, 403, 404, 405, 413, 429}


async def throw(world: World, ids: dict[str, str], content: bytes, query: str) -> None:
    for client in (world.api, world.sdk):
        for method, path in [*LISTS, *OPERATIONS, *FURTHER]:
            target = f"{path.format(**ids)}?{query}"
            answer = await client.request(method, target, content=b"" if method == "GET" else content)
            assert is_vendors(answer), (method, target, content, answer.status_code, answer.text)


def test_no_input_is_a_server_error(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_world(tmp_path / "data")
        world = runner.run(opened.__aenter__())
        ids = runner.run(targets(world))

        @settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, QUERIES)
        def every_operation_answers(body: Any, query: dict[str, str]) -> None:
            runner.run(throw(world, ids, json.dumps(body).encode(), urlencode(query)))

        try:
            every_operation_answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
