"""Arbitrary JSON and query strings at every operation: no 5xx, and every refusal in the vendor's form."""

import asyncio
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.dialects.phenix.test_refusals import OPERATIONS
from tests.dialects.phenix.world import World, in_path, open_world

FIELDS = ["room", "alias", "name", "description", "options", "type", "ingestOptions", "capabilities", "tags"]
FIELDS += [
    "screenName",
    "message",
    "from",
    "mimeType",
    "role",
    "lastUpdate",
    "sessionId",
    "credentials",
    "applicationId",
    "secret",
]
GOOD = st.sampled_from(["", "x", "TownHall", True, None, [], {}, {"tags": ["x"]}])
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | GOOD,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
ROOM = st.fixed_dictionaries(
    {"alias": GOOD | ANY, "name": st.text(st.characters(), min_size=1, max_size=9), "description": ANY | st.just("")},
    optional={"options": ANY | st.just([]), "type": ANY | GOOD, "ingestOptions": ANY | GOOD},
)
MESSAGE = st.fixed_dictionaries(
    {
        "from": st.fixed_dictionaries({"screenName": ANY, "role": ANY | st.just("Audience"), "lastUpdate": ANY}) | ANY,
        "mimeType": ANY | st.just("text/plain"),
        "message": st.text(st.characters(), max_size=9) | ANY,
        "tags": st.lists(ANY, max_size=3) | ANY,
    }
)
CALLBACK = st.fixed_dictionaries(
    {"host": st.text(st.characters(), max_size=9) | st.sampled_from(["a.example", "::1"]) | ANY},
    optional={name: ANY | GOOD | st.integers() for name in ("protocol", "port", "method", "path", "query")},
)
KILL = {"callback": CALLBACK | ANY, "reason": ANY, "options": ANY | st.just(["keep-streams"])}
BODIES = st.fixed_dictionaries({"room": ROOM | ANY, "message": MESSAGE | ANY}, optional=KILL) | ANY
QUERIES = st.dictionaries(
    st.sampled_from(
        ["type", "failIfLess", "withStreams", "withScreenName", "limit", "beforeMessageId", "mimeTypes", "x"]
    ),
    st.text(st.characters(codec="utf-8"), max_size=12) | st.integers().map(str) | st.sampled_from(["TownHall", "1"]),
    max_size=4,
)
REFUSALS = {
    400: "bad-request",
    401: "unauthorized",
    404: "not-found",
    409: "already-exists",
    504: "rate-limited",
}


def is_vendors(answer: httpx.Response) -> bool:
    """Whether the answer is a success or a refusal in the vendor's form."""
    if answer.status_code == 412:
        return answer.content == b""
    body = answer.json()
    if answer.status_code == 200:
        return isinstance(body, int) or body["status"] == "ok"
    expected = {"status", "fields"} if answer.status_code == 400 else {"status"}
    if answer.status_code == 401 and "fields" in body:
        return body == {"status": "unauthorized", "fields": {"reason": "must be a string"}}
    if answer.status_code == 413:
        return set(body) <= {"status", "fields"} and body["status"] in {"payload-too-large", "limit-too-large"}
    return set(body) == expected and body["status"] == REFUSALS[answer.status_code]


async def throw(world: World, name: str, content: bytes, query: str, path: str) -> None:
    room = await world.room(name=name)
    for method, template in OPERATIONS:
        target = f"{template.format(room=in_path(room))}?{query}"
        for caller in (world.api, world.nobody):
            answer = await caller.request(method, target, content=content)
            assert is_vendors(answer), (method, target, content, answer.status_code, answer.text)
    answer = await world.api.put(f"/application/{world.key.public_id}/callback", content=content)
    assert is_vendors(answer), (content, answer.status_code, answer.text)
    assert is_vendors(await world.api.get(f"/room/{in_path(path)}x"))


def test_no_input_is_a_server_error(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        opened = open_world(tmp_path / "data")
        world = runner.run(opened.__aenter__())
        numbers = iter(range(10**6))

        @settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
        @given(BODIES, QUERIES, st.text(st.characters(codec="utf-8"), max_size=12))
        def every_operation_answers(body: Any, query: dict[str, str], path: str) -> None:
            content = json.dumps(body).encode()
            runner.run(throw(world, f"room {next(numbers)}", content, urlencode(query), path))

        try:
            every_operation_answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
