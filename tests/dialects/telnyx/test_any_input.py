"""Arbitrary JSON and query strings at every operation: no 5xx, and every refusal in the vendor's form."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dialects.telnyx.test_refusals import COLLECTION, OPERATIONS, REFRESH
from tests.dialects.telnyx.world import World, errors_of, open_world

RECORD = [
    ("GET", "/room_recordings"),
    ("DELETE", "/room_recordings"),
    ("GET", "/room_compositions"),
    ("POST", "/room_compositions"),
    *((method, f"/room_{what}/{{session}}") for what in ("recordings", "compositions") for method in ("GET", "DELETE")),
    ("GET", "/room_sessions/{session}"),
    ("GET", "/room_sessions/{session}/participants"),
    *(("POST", f"/room_sessions/{{session}}/actions/{action}") for action in ("mute", "unmute", "kick", "end")),
]
FIELDS = [
    "enable_recording",
    "max_participants",
    "unique_name",
    "webhook_event_failover_url",
    "webhook_event_url",
    "webhook_timeout_secs",
    "token_ttl_secs",
    "refresh_token_ttl_secs",
    "refresh_token",
    "id",
    "participants",
    "exclude",
    "format",
    "resolution",
    "session_id",
    "video_layout",
    "audio_sources",
]
GOOD = st.sampled_from(
    [
        "all",
        [],
        True,
        None,
        10,
        60,
        "talk",
        "",
        "https://example.com",
        "http://[::",
        "https://a:b",
        "x.y.z",
        "64x64",
        ["*"],
    ]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | GOOD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANY | GOOD, max_size=6) | ANY
PARAMETERS = ["page[size]", "page[number]", "page_size", "include_sessions", "include_participants"]
PARAMETERS += ["filter[unique_name]", "filter[active]", "filter", "filter[date_created_at]"]
PARAMETERS += ["filter[room_id]", "filter[session_id]", "filter[context]", "filter[participant_id]"]
PARAMETERS += ["filter[status]", "filter[type]", "filter[duration_secs]"]
PARAMETERS += [
    f"filter[date_{what}_at][{one}]"
    for what in ("created", "updated", "ended", "joined", "left")
    for one in ("eq", "gte", "lte", "x")
]
QUERIES = st.dictionaries(
    st.sampled_from(PARAMETERS),
    st.text(st.characters(codec="utf-8"), max_size=12)
    | st.integers().map(str)
    | st.dates().map(str)
    | st.sampled_from(["true", "false", "0001-01-01", "9999-12-31", "1", "250", "talk"]),
    max_size=4,
)


def check(answer: httpx.Response) -> None:
    """A success or a refusal in the vendor's form."""
    if answer.status_code == 204:
        assert answer.content == b""
    elif answer.status_code < 300:
        assert set(answer.json()) in ({"data"}, {"data", "meta"})
    else:
        assert answer.status_code in {400, 403, 404, 413, 422, 429}
        errors_of(answer, answer.status_code)


async def throw(world: World, room_id: str, session_id: str, content: bytes, query: str) -> None:
    for method, path in [*COLLECTION, *RECORD, ("POST", REFRESH), *OPERATIONS]:
        target = f"{path.format(room=room_id, session=session_id)}?{query}"
        check(await world.api.request(method, target, content=b"" if method == "GET" else content))


def test_no_input_is_a_server_error(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_world(tmp_path / "data")
        world = runner.run(opened.__aenter__())

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, QUERIES)
        def every_operation_answers(body: Any, query: dict[str, str]) -> None:
            async def one() -> None:
                room = await world.room()
                session = (await world.enter(room)).participant.session_id
                await throw(world, room["id"], str(session), json.dumps(body).encode(), urlencode(query))

            runner.run(one())

        try:
            every_operation_answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
