"""What monitors see, and what the log never does."""

import logging

import httpx
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

from polyroom.site.access import route_of


async def test_alive(client):
    assert (await client.get("/healthz")).status_code == 200


async def test_ready_when_every_part_is(client, site):
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"ready": True, "parts": {"store": "ok", "media": "ok"}})


async def test_not_ready_when_one_part_fails(client, site, caplog):
    async def broken() -> bool:
        raise OSError("disk gone")

    site.checks["store"] = broken
    async with site.client() as other:
        answer = await other.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"] == {"store": "failing", "media": "ok"}
    assert "disk gone" not in answer.text


async def test_numbers(client, site):
    site.metrics.gauge("polyroom_participants", "People in rooms.", lambda: 3)
    site.metrics.counters("polyroom_media", "Packet core.", lambda: {"packets_sent": 17})
    await client.get("/rooms/secret-room/slug?token=secret-token")
    await client.get("/nowhere/1")
    await client.get("/nowhere/2")
    answer = await client.get("/metrics")
    text = answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "polyroom_participants 3.0" in text
    assert "polyroom_media_packets_sent_total 17.0" in text
    assert 'polyroom_http_requests_total{method="GET",route="/rooms/{room_id}/{slug}",status="200"} 1.0' in text
    assert 'route="other",status="404"} 2.0' in text
    assert "secret" not in text


async def test_a_source_that_fails_leaves_the_others(client, site):
    site.metrics.gauge("polyroom_gone", "Gone.", lambda: 1 / 0)
    site.metrics.gauge("polyroom_there", "There.", lambda: 1)
    text = (await client.get("/metrics")).text
    assert "polyroom_there 1.0" in text
    assert "polyroom_gone" not in text


async def test_the_log_holds_neither_queries_nor_line_breaks(client, caplog):
    caplog.set_level(logging.INFO, "polyroom.access")
    await client.get("/rooms/abc/x?token=verysecret", headers={"authorization": "Bearer verysecret"})
    await client.get("/nowhere%0aGET /forged")
    lines = [record.getMessage() for record in caplog.records if record.name == "polyroom.access"]
    assert len(lines) == 2
    assert lines[0].startswith("GET /rooms/abc/x 200 ")
    assert lines[0].endswith(" 192.0.2.9")
    assert not any("verysecret" in line or "\n" in line for line in lines)


async def test_routes_of_mounted_applications_carry_their_mount():
    seen = []

    async def endpoint(_request):
        return Response()

    inner = Starlette(routes=[Mount("/api", Starlette(routes=[Route("/rooms/{id}", endpoint)]))])

    async def watched(scope, receive, send):
        await inner(scope, receive, send)
        seen.append(route_of(scope))

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://x") as client:
        for path in ("/api/rooms/5", "/api/nothing/5", "/else"):
            await client.get(path)
    assert seen == ["/api/rooms/{id}", "/api/*", "other"]
