"""A hundred send at once while the server is killed: what was answered is there, and no number comes twice."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.support.server import ServerProcess, running_server
from tests.support.vendors import in_path, vendors

SENDERS = 100
KILLS = 2


@dataclass
class Talk:
    """What senders were told of their messages: number by text."""

    client: httpx.AsyncClient
    path: str
    told: dict[str, int] = field(default_factory=dict)

    async def send(self, text: str) -> bool:
        """Whether it was acknowledged."""
        sender = {"screenName": "Ada", "role": "Audience", "lastUpdate": 0}
        body = {"message": {"from": sender, "mimeType": "text/plain", "message": text, "tags": []}}
        try:
            answer = await self.client.put(f"{self.path}/message", json=body)
        except httpx.TransportError:
            return False
        if answer.status_code == 503:
            return True
        assert answer.status_code == 200, answer.text
        self.told[text] = int(answer.json()["message"]["messageId"][-10:])
        return True

    async def go_on(self, sender: int) -> None:
        """Send until the server is gone."""
        for number in range(10_000):
            if not await self.send(f"{len(self.told)} {sender} {number}"):
                return

    async def kept(self) -> dict[str, int]:
        """Every message there is, page by page from the end."""
        found: dict[str, int] = {}
        query: dict[str, Any] = {"limit": 128}
        while True:
            page = (await self.client.get(f"{self.path}/messages", params=query)).json()
            for one in page["messages"]:
                found[one["message"]] = int(one["messageId"][-10:])
            if not page["hasMoreBefore"]:
                return found
            query["beforeMessageId"] = page["messages"][0]["messageId"]


async def _talk(server: ServerProcess, path: str, auth: tuple[str, str]) -> None:
    limits = httpx.Limits(max_connections=SENDERS)
    async with httpx.AsyncClient(base_url=f"{server.url}/pcast", auth=auth, limits=limits, timeout=30) as client:
        talk = Talk(client, path)
        await asyncio.gather(*(talk.send(f"first {sender}") for sender in range(SENDERS)))
        assert sorted(talk.told.values()) == list(range(1, SENDERS + 1))
        for kill in range(1, KILLS + 1):
            busy = asyncio.gather(*(talk.go_on(sender) for sender in range(SENDERS)))
            while len(talk.told) < SENDERS * (kill * 2 + 1):
                await asyncio.sleep(0.01)
            server.kill()
            await busy
            await asyncio.to_thread(server.start)
            kept = await talk.kept()
            assert talk.told.items() <= kept.items()
            assert sorted(kept.values()) == list(range(1, len(kept) + 1))


def test_every_acknowledged_message_is_kept_under_a_number_of_its_own(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, vendors(server) as doors:
        room = doors.make("phenix", "Talk")
        keys = doors.credentials["phenix"]
        asyncio.run(_talk(server, f"/room/{in_path(room)}", (keys["application_id"], keys["secret"])))
