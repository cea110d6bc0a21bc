"""The vendors' APIs as an application uses them: rooms, ways in, and who each of them says is inside."""

import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import jwt
from edgeauth.token_builder import TokenBuilder

from tests.support.livekit_tokens import access_token
from tests.support.server import ServerProcess

Json = dict[str, Any]
Way = dict[str, str]
"""What someone shows at the door: {"token": …} or {"code": …}."""


def in_path(any_id: str) -> str:
    """An id as a path segment: Phenix' have a `#`."""
    return quote(any_id, safe="")


@dataclass
class Vendors:
    """One account's clients of every API of a server."""

    server: ServerProcess
    credentials: dict[str, Any]
    streamwise: httpx.Client
    hms: httpx.Client
    telnyx: httpx.Client
    phenix: httpx.Client

    def make(self, vendor: str, name: str) -> str:
        """A room made through that vendor's API; its id there."""
        match vendor:
            case "streamwise":
                return str(_body(self.streamwise.post("/rooms", json={"room_name": name}))["id"])
            case "hms":
                return str(_body(self.hms.post("/rooms", json={"name": name.replace(" ", "-")}))["id"])
            case "telnyx":
                return str(_body(self.telnyx.post("/rooms", json={"unique_name": name}))["data"]["id"])
            case "phenix":
                room = {"name": name, "alias": "", "description": "", "options": [], "type": "MultiPartyChat"}
                return str(_body(self.phenix.put("/room", json={"room": room}))["room"]["roomId"])
        raise AssertionError(vendor)

    def uuid(self, room: str) -> str:
        """The form of a room's id that Telnyx takes."""
        return str(_body(self.streamwise.get(f"/rooms/{in_path(room)}"))["uuid"])

    def way(self, vendor: str, room: str, role: str) -> Way:
        """What lets someone in with a role, in that vendor's words; `room` is any form of its id."""
        at = in_path(room)
        match vendor:
            case "streamwise":
                return {"token": _body(self.streamwise.post(f"/rooms/{at}/tokens", json={"role": role}))["token"]}
            case "hms":
                return {"code": _body(self.hms.post(f"/room-codes/room/{at}/role/{role}"))["code"]}
            case "telnyx":
                path = f"/rooms/{self.uuid(room)}/actions/generate_join_client_token"
                return {"token": _body(self.telnyx.post(path, json={}))["data"]["token"]}
            case "phenix":
                return {"token": self.edge_token(_body(self.phenix.get(f"/room/{at}"))["room"]["roomId"], role)}
            case "livekit":
                grants: Json = {"room_admin": role == "admin", "can_publish": role != "viewer"}
                return {"token": access_token(self.credentials, f"{role}-{time.time_ns()}", room, **grants)}
        raise AssertionError(vendor)

    def edge_token(self, room_id: str, role: str, tag: str = "") -> str:
        """A Phenix token: to publish for participants, to view for everyone else."""
        keys = self.credentials["phenix"]
        token = TokenBuilder().with_application_id(keys["application_id"]).with_secret(keys["secret"])
        token.expires_in_seconds(600).for_room(room_id)
        if tag:
            token.apply_tag(tag)
        return str((token.for_publishing_only() if role == "Participant" else token.for_streaming_only()).build())

    def remove(self, vendor: str, room: str) -> None:
        """Delete the room, or switch it off and put everybody out where the vendor cannot delete."""
        at = in_path(room)
        match vendor:
            case "streamwise":
                assert self.streamwise.delete(f"/rooms/{at}").status_code == 204
            case "telnyx":
                assert self.telnyx.delete(f"/rooms/{self.uuid(room)}").status_code == 204
            case "phenix":
                _body(self.phenix.delete(f"/room/{at}"))
            case "hms":
                _body(self.hms.post(f"/rooms/{at}", json={"enabled": False}))
            case _:
                raise AssertionError(vendor)


def management_token(keys: Json) -> str:
    """What an application's server shows at 100ms' API."""
    now = int(time.time())
    claims = {"access_key": keys["access_key"], "type": "management", "version": 2, "iat": now, "nbf": now}
    return jwt.encode({**claims, "exp": now + 3600, "jti": f"{time.time_ns()}"}, keys["secret"], algorithm="HS256")


@contextmanager
def vendors(server: ServerProcess, credentials: dict[str, Any] | None = None) -> Iterator[Vendors]:
    """Clients with the keys of the default account, or of another."""
    found = credentials or server.credentials()
    phenix = found["phenix"]
    basic = b64encode(f"{phenix['application_id']}:{phenix['secret']}".encode()).decode()
    authorizations = {
        "streamwise": f"Bearer {found['streamwise']['token']}",
        "100ms": f"Bearer {management_token(found['100ms'])}",
        "telnyx": f"Bearer {found['telnyx']['api_key']}",
        "phenix": f"Basic {basic}",
    }
    clients = [
        httpx.Client(base_url=server.url + found[name]["base"], headers={"Authorization": value}, timeout=20)
        for name, value in authorizations.items()
    ]
    try:
        yield Vendors(server, found, *clients)
    finally:
        for client in clients:
            client.close()


def _body(answer: httpx.Response) -> Json:
    assert answer.status_code in {200, 201}, answer.text
    body: Json = answer.json()
    return body
