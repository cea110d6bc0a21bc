"""Arbitrary JSON and query strings at every operation: no 5xx, and every refusal in the vendor's form."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dialects.streamwise.test_refusals import OPERATIONS
from tests.dialects.streamwise.world import World, open_world

FIELDS = [
    "room_name",
    "slug",
    "status",
    "is_public",
    "room_type",
    "subscription_id",
    "room_features",
    "room_settings",
    "room_metadata",
    "role",
    "expires_at",
    "code",
    "token",
    "max_participants",
    "description",
    "id",
]
GOOD = st.sampled_from(
    ["guest", "meet", "inactive", "active", "2030-01-01", "1234", True, None, {"max_participants": 5}]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | GOOD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANY | GOOD, max_size=6) | ANY
QUERIES = st.dictionaries(
    st.sampled_from(["page", "limit", "orderBy", "sortedBy", "filter", "search", "include"]),
    st.text(st.characters(codec="utf-8"), max_size=12)
    | st.integers().map(str)
    | st.sampled_from(["room_name:a;slug", "id,room_name", "tokens", "access_codes", "created_at", "desc", "0", "2"]),
    max_size=4,
)


def is_vendors(answer: httpx.Response) -> bool:
    """Whether the answer is a success or a refusal in the vendor's form."""
    if answer.status_code == 204:
        return answer.content == b""
    body = answer.json()
    if answer.status_code < 300:
        return isinstance(body["data"], dict | list)
    expected = {"message", "errors"} if answer.status_code == 422 else {"message"}
    return set(body) == expected and answer.status_code in {400, 404, 405, 412, 413, 422}


async def throw(world: World, ids: dict[str, str], content: bytes, query: str) -> None:
    for method, path in [("GET", "/rooms"), ("POST", "/rooms"), *OPERATIONS]:
        target = f"{path.format(**ids)}?{query}"
        answer = await world.api.request(method, target, content=b"" if method == "GET" else content)
        assert is_vendors(answer), (method, target, content, answer.status_code, answer.text)


async def targets(world: World) -> dict[str, str]:
    room: dict[str, Any] = await world.room(room_type="video")
    return {
        "room": room["id"],
        "token": (await world.token(room))["id"],
        "code": (await world.code(room))["id"],
        "video": (await world.upload(room, 5))["id"],
    }


def test_no_input_is_a_server_error(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_world(tmp_path / "data")
        world = runner.run(opened.__aenter__())

        @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, QUERIES)
        def every_operation_answers(body: Any, query: dict[str, str]) -> None:
            async def one() -> None:
                await throw(world, await targets(world), json.dumps(body).encode(), urlencode(query))

            runner.run(one())

        try:
            every_operation_answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
