"""Pages, files, API pages."""

import pytest


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/", "home"),
        ("/rooms/abc", "meeting"),
        ("/rooms/abc/any-slug", "meeting"),
        ("/rooms/eu%23a%23b.c/x", "meeting"),
    ],
)
async def test_pages(client, path, text):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert text in answer.text
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self' ws: wss:;" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "camera=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-cache"
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/console", "/console/rooms", "/console/sessions/01a2?account=x"])
async def test_the_console_is_one_page_that_asks_nobody_else_and_is_shown_in_no_frame(client, path):
    answer = await client.get(path)
    assert answer.status_code == 200
    assert "console" in answer.text
    policy = answer.headers["content-security-policy"]
    for rule in ("default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"):
        assert rule in policy.split("; ")
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_files_with_a_hash_in_their_name_are_kept_forever(client):
    answer = await client.get("/static/assets/meeting-abc123.js")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await client.get("/static/assets/meeting-abc123.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
    assert (await client.get("/static/robots.txt")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/static/none.js", "/static/../conftest.py", "/static/%2e%2e/%2e%2e/etc/passwd", "/x"]
)
async def test_what_is_not_there(client, path):
    assert (await client.get(path)).status_code == 404


async def test_pages_that_are_not_built_say_so(client, site):
    (site.pages / "home.html").unlink()
    answer = await client.get("/")
    assert answer.status_code == 503
    assert "make serve" in answer.text


async def test_icon(client):
    answer = await client.get("/favicon.ico")
    assert answer.headers["content-type"].startswith("image/svg+xml")


async def test_the_api_page_shows_the_document(client):
    answer = await client.get("/docs/streamwise")
    assert answer.status_code == 200
    text = answer.text
    assert "Rooms &lt;API&gt;" in text
    assert "<b>" not in text
    for part in ("GET", "/rooms/{id}", "One room", "string (date-time)", "integer | null", "a | &lt;b&gt;", "…"):
        assert part in text
    assert "script" not in text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert (await client.get("/docs/streamwise/openapi.json")).json()["info"]["version"] == "1"


async def test_an_unknown_api_page_lists_the_known_ones(client):
    answer = await client.get("/docs/%3Cscript%3E")
    assert answer.status_code == 404
    assert "/docs/streamwise" in answer.text
    assert "script" not in answer.text
