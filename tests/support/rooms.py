"""Rooms and links made through the StreamWise API, as an application makes them."""

from typing import Any

import httpx


def make_room(api: httpx.Client, name: str = "Team talk", **attributes: Any) -> dict[str, Any]:
    """A meet room."""
    answer = api.post("/rooms", json={"room_name": name, **attributes})
    assert answer.status_code == 201, answer.text
    room: dict[str, Any] = answer.json()
    return room


def make_token(api: httpx.Client, room: dict[str, Any], role: str = "attendee", **attributes: Any) -> dict[str, Any]:
    """A room token; its `url` opens the meeting page."""
    answer = api.post(f"/rooms/{room['id']}/tokens", json={"role": role, **attributes})
    assert answer.status_code == 201, answer.text
    token: dict[str, Any] = answer.json()
    return token


def status_of(api: httpx.Client, room: dict[str, Any]) -> dict[str, Any]:
    """The room's live status."""
    found: dict[str, Any] = api.get(f"/rooms/{room['id']}/status").json()
    return found
