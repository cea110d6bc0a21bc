"""Arbitrary JSON, queries and ids at every path: no 5xx, and every refusal in the console's form."""

import asyncio
import json
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.console.conftest import NOBODYS, world_of
from tests.dialects.house import open_house

PATHS = [
    "/now",
    "/rooms",
    "/rooms/{id}",
    "/rooms/{id}/messages",
    "/rooms/{id}/recordings",
    "/rooms/{id}/broadcast",
    "/rooms/{id}/broadcast/stop",
    "/recordings/{id}",
    "/recordings/{id}/stop",
    "/sessions",
    "/sessions/{id}",
    "/sessions/{id}/people",
    "/sessions/{id}/events",
    "/sessions/{id}/end",
    "/sessions/{id}/people/{id}/quality",
    "/sessions/{id}/people/{id}/remove",
    "/webhooks",
    "/webhooks/{id}",
    "/webhooks/{id}/test",
    "/deliveries",
    "/deliveries/{id}",
    "/replay",
    "/keys",
    "/keys/{id}/{id}",
    "/accounts",
    "/accounts/{id}",
    "/load",
    "/{id}",
]
FIELDS = ["key", "url", "format", "events", "session", "dialect", "name", "lock"]
TEXTS = st.text(st.characters(), max_size=20)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(NOBODYS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=5) | ANY
WORDS = st.text(st.characters(codec="utf-8"), max_size=12) | st.integers().map(str) | st.just(NOBODYS)
QUERIES = st.dictionaries(
    st.sampled_from(["limit", "after", "before", "account", "room", "active", "failing", "search"]), WORDS, max_size=3
)
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12) | st.sampled_from([NOBODYS, "telnyx", "%00"])
METHODS = st.sampled_from(["GET", "POST", "DELETE", "PUT", "HEAD"])


def test_nothing_that_is_sent_breaks_it(first_day: Path, tmp_path: Path) -> None:
    copytree(first_day, tmp_path / "data")
    with asyncio.Runner() as runner:
        opened = open_house(tmp_path / "data", [])
        world = world_of(runner.run(opened.__aenter__()), tmp_path / "assets")
        client = runner.run(world.signed_in())

        @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
        @given(METHODS, st.sampled_from(PATHS), QUERIES, IDS, BODIES)
        def every_path_answers(method: str, path: str, query: dict[str, str], word: str, body: Any) -> None:
            where = path.replace("{id}", quote(word, safe="")) + "?" + urlencode(query)
            kind = {"content-type": "application/json"}
            answer = runner.run(client.request(method, where, content=json.dumps(body), headers=kind))
            assert answer.status_code < 500, (method, where, body, answer.text)
            if answer.status_code >= 400 and method != "HEAD":
                error = answer.json()["error"]
                assert {"code", "message"} <= set(error) <= {"code", "message", "field"}

        try:
            every_path_answers()
        finally:
            runner.run(opened.__aexit__(None, None, None))
