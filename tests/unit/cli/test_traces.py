"""Traces, where they are asked for: sent by a real server to a real receiver; nothing of them otherwise."""

import re
import subprocess
import sys
import time

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from tests.support.receivers import hook_server
from tests.support.server import POLYROOM, running_server
from tests.support.stores import database_options

from polyroom.cli.diagnosis import build
from polyroom.cli.diagnosis.finding import Level
from polyroom.config import ConfigError, Settings
from polyroom.tracing import open_tracing, wanted

CALLER = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def collector(monkeypatch):
    """A receiver of traces and of webhooks, and no settings of OpenTelemetry but these."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    with hook_server() as hook:
        yield hook


def spans_of(received):
    """Every span that came, with its attributes as a dict and the service's name."""
    found = []
    for one in received:
        if one.path != "/v1/traces":
            continue
        for resource in ExportTraceServiceRequest.FromString(one.body).resource_spans:
            named = {each.key: each.value.string_value for each in resource.resource.attributes}
            for scope in resource.scope_spans:
                found.extend((span, attributes(span), named["service.name"]) for span in scope.spans)
    return found


def attributes(span):
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}


def named(received, name):
    return [(span, more) for span, more, _ in spans_of(received) if span.name == name]


def numbers(server, enough):
    """What `/metrics` says, as soon as it is enough."""
    until = time.monotonic() + 30
    while not re.search(enough, text := httpx.get(f"{server.url}/metrics").text):
        assert time.monotonic() < until, text
        time.sleep(0.05)
    return text


def test_requests_units_and_webhooks_are_told_without_secrets(collector, tmp_path, monkeypatch):
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    with running_server(tmp_path / "data", "--allow-private-targets") as server:
        keys = server.credentials()
        words = ("webhooks", "add", "polyroom", f"{collector.url}/hooks/secret-path?key=secret-key")
        command = [str(POLYROOM), *words, "--data", str(server.data), *database_options(server.data)]
        subprocess.run(command, check=True, capture_output=True)
        with server.streamwise() as api:
            room = api.post(
                "/rooms", json={"room_name": "Private name"}, headers={"traceparent": f"00-{CALLER}-{'b7' * 8}-01"}
            )
            assert room.status_code == 201
            assert api.get("/rooms?search=secret-query").status_code == 200
        assert httpx.get(f"{server.url}/telnyx/v2/rooms/none").status_code == 401
        bearer = {"Authorization": f"Bearer {keys['telnyx']['api_key']}"}
        for status in (201, 422):
            taken = httpx.post(f"{server.url}/telnyx/v2/rooms", json={"unique_name": "taken-secret"}, headers=bearer)
            assert taken.status_code == status
        names = (
            "webhook polyroom",
            "POST /streamwise/rooms",
            "GET /streamwise/rooms",
            "GET /telnyx/v2/rooms/{room_id}",
        )
        collector.wait(lambda them: all(named(them, name) for name in names))
        told = numbers(server, r"polyroom_webhook_delivered_total [1-9]")
        assert re.search(r"polyroom_webhook_tries_total [1-9]", told)
        assert "polyroom_webhook_failed_total 0.0" in told
    received = list(collector.received)
    assert {name for _, _, name in spans_of(received)} == {"polyroom"}
    ((made, more),) = named(received, "POST /streamwise/rooms")
    assert more == {
        "http.request.method": "POST",
        "http.route": "/streamwise/rooms",
        "http.response.status_code": 201,
        "polyroom.dialect": "streamwise",
    }
    assert made.kind == Span.SPAN_KIND_SERVER
    assert made.trace_id.hex() == CALLER
    units = [span for span, _ in named(received, "write RoomService.create") if span.trace_id == made.trace_id]
    assert [one.parent_span_id for one in units] == [made.span_id]
    refused = named(received, "GET /telnyx/v2/rooms/{room_id}")[0][1]
    assert (refused["http.response.status_code"], refused["polyroom.dialect"]) == (401, "telnyx")
    sent, told = named(received, "webhook polyroom")[0]
    assert sent.kind == Span.SPAN_KIND_CLIENT
    assert told == {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "polyroom.webhook.format": "polyroom",
        "http.response.status_code": 200,
    }
    traces = b"".join(one.body for one in received if one.path == "/v1/traces")
    for secret in (
        keys["streamwise"]["token"],
        "secret-path",
        "secret-key",
        "secret-query",
        "Private name",
        "taken-secret",
    ):
        assert secret.encode() not in traces


def test_a_collector_that_is_gone_holds_nothing_up(tmp_path):
    nowhere = ("--trace-endpoint", "http://127.0.0.1:9/v1/traces")
    with running_server(tmp_path / "data", *nowhere) as server, server.streamwise() as api:
        assert api.get("/rooms").status_code == 200
    assert not server.running
    assert "Traceback" not in server.log()


def test_nothing_is_loaded_and_nothing_wrapped_where_nobody_asks(monkeypatch):
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"):
        monkeypatch.delenv(name, raising=False)
    with open_tracing(Settings()) as tracing:
        assert tracing is None
    # FastAPI loads OpenTelemetry's names where they are installed; what makes spans is what costs.
    spans = "{'opentelemetry.sdk', 'polyroom.spans'}"
    look = f"import sys, polyroom.app, polyroom.tracing; assert not {spans} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", look], check=True)


def test_the_option_and_the_standard_variables_ask_for_traces():
    on = Settings(trace_endpoint="http://127.0.0.1:4318/v1/traces")
    assert wanted(on, {})
    assert wanted(Settings(), {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"})
    assert not wanted(Settings(), {"OTEL_SERVICE_NAME": "mine"})
    assert not wanted(on, {"OTEL_SDK_DISABLED": "true"})
    assert not wanted(on, {"OTEL_TRACES_EXPORTER": "none"})


def test_without_the_packages_a_start_with_traces_is_refused_in_one_line(monkeypatch):
    assert build.traces().level is Level.GOOD
    monkeypatch.delitem(sys.modules, "polyroom.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with pytest.raises(ConfigError, match=r"polyroom\[traces\]"), open_tracing(Settings(trace_endpoint="http://x")):
        pass
    assert build.traces().level is Level.BAD
