"""Addresses of RTMP servers, taken apart and shown without what is secret."""

import pytest

from polyroom.wire.rtmp_urls import read_rtmp_url


@pytest.mark.parametrize(
    ("text", "place", "app", "name", "shown"),
    [
        ("rtmp://a.example/live2/key", ("a.example", 1935), "live2", "key", "rtmp://a.example/live2/****"),
        ("RTMP://A.example:1935/live/key", ("a.example", 1935), "live", "key", "rtmp://a.example/live/****"),
        (
            "rtmps://b.example/rtmp/FB-1?s_bl=1&s=a/b",
            ("b.example", 443),
            "rtmp",
            "FB-1?s_bl=1&s=a/b",
            "rtmps://b.example/rtmp/****",
        ),
        ("rtmp://c.example:19350/a/b/c", ("c.example", 19350), "a/b", "c", "rtmp://c.example:19350/a/b/****"),
        ("rtmp://d.example/app?token=t/key", ("d.example", 1935), "app?token=t", "key", "rtmp://d.example/app/****"),
        ("rtmp://[2001:db8::1]:99/live/key", ("2001:db8::1", 99), "live", "key", "rtmp://[2001:db8::1]:99/live/****"),
    ],
)
def test_an_address_is_taken_apart(text: str, place: tuple[str, int], app: str, name: str, shown: str) -> None:
    found = read_rtmp_url(text)
    assert found is not None
    assert (found.host, found.port) == place
    assert (found.app, found.name, found.masked) == (app, name, shown)
    assert found.application_url.endswith("/" + app)
    assert "app=" not in repr(found) and "name=" not in repr(found)


@pytest.mark.parametrize(
    "text",
    ["", "x", "rtmp://", "rtmp://h", "rtmp://h/a", "rtmp://h/a/", "rtmp://h/?k/x", "rtmp://h/a/b#c", "rtmpe://h/a/b"],
)
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_rtmp_url(text) is None
