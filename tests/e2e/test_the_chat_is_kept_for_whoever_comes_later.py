"""Browsers chat; one who comes later sees what was said, with its times, and nothing that was for others."""

from typing import Any

from playwright.async_api import Browser
from tests.support.browser import Visitor, eventually, visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.vendors import in_path, vendors

_LINES = """
() => [...document.querySelectorAll('.chat-lines li:not(.chat-empty)')].map((line) => ({
  from: line.querySelector('.chat-from').firstChild.textContent.trim(),
  only: line.querySelector('.chat-only')?.textContent ?? '',
  text: line.querySelector('.chat-text').textContent,
  mine: line.classList.contains('mine'),
}))
"""


async def open_chat(someone: Visitor) -> None:
    await someone.page.get_by_role("button", name="Chat").first.click()
    await someone.page.get_by_role("log", name="Chat lines").wait_for()


async def say(someone: Visitor, text: str) -> None:
    box = someone.page.get_by_label("Write to everybody")
    await box.fill(text)
    await box.press("Enter")


async def reads(someone: Visitor, *lines: tuple[str, str]) -> None:
    """Wait until the chat has exactly these lines: who said it, and what."""

    async def lines_of() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await someone.page.evaluate(_LINES)
        return found

    async def there() -> bool:
        return [(line["from"], line["text"]) for line in await lines_of()] == list(lines)

    await eventually(there, 25, lines_of)


async def test_two_chat_and_a_third_later_sees_what_was_said(server: ServerProcess, browser: Browser) -> None:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        links = [make_token(doors.streamwise, room, role)["url"] for role in ("moderator", "attendee", "attendee")]
        phenix = doors.phenix.get(f"/room/{in_path(room['id'])}").json()["room"]["roomId"]
        active = f"/active-rooms/{in_path(room['id'])}"
        async with visitor(browser) as bo:
            async with visitor(browser) as ada:
                await ada.join(links[0], "Ada")
                await bo.join(links[1], "Bo Ærø")
                await bo.sees_moving_pictures(2)
                await open_chat(ada)
                await open_chat(bo)
                await say(ada, "Good morning 🌅")
                await reads(bo, ("Ada", "Good morning 🌅"))
                await say(bo, "Hello Ada")
                await reads(ada, ("You", "Good morning 🌅"), ("Bo Ærø", "Hello Ada"))
                sender = {"screenName": "News", "role": "Presenter", "lastUpdate": 0}
                said = {"from": sender, "mimeType": "text/plain", "message": "It rains", "tags": []}
                answer = doors.phenix.put(f"/room/{in_path(phenix)}/message", json={"message": said})
                assert answer.status_code == 200
                await reads(ada, ("You", "Good morning 🌅"), ("Bo Ærø", "Hello Ada"), ("News", "It rains"))
                for body in (
                    {"message": "hosts only", "role": "host"},
                    {"message": "for Ada", "peer_id": peer_called(doors, active, "Ada")},
                    {"message": "for Bo", "peer_id": peer_called(doors, active, "Bo Ærø")},
                ):
                    assert doors.hms.post(f"{active}/send-message", json=body).status_code == 200
                await ada.says("for Ada")
                assert [line["only"] for line in await ada.page.evaluate(_LINES)][-2:] == [
                    "Only for the role host",
                    "Only for you",
                ]
                await bo.says("for Bo")
            async with visitor(browser) as cy:
                await cy.join(links[2], "Cy")
                await open_chat(cy)
                await reads(cy, ("Ada", "Good morning 🌅"), ("Bo Ærø", "Hello Ada"), ("News", "It rains"))
                await say(cy, "What did I miss?")
                mine = ("You", "Hello Ada")
                await reads(
                    bo,
                    ("Ada", "Good morning 🌅"),
                    mine,
                    ("News", "It rains"),
                    ("The room", "for Bo"),
                    ("Cy", "What did I miss?"),
                )
                assert cy.errors == bo.errors == []


async def test_who_was_away_while_the_server_restarted_has_the_whole_chat(
    server: ServerProcess, browser: Browser
) -> None:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        links = [make_token(doors.streamwise, room)["url"] for _ in range(2)]
        phenix = doors.phenix.get(f"/room/{in_path(room['id'])}").json()["room"]["roomId"]
        said = {"from": {"screenName": "News", "role": "Presenter", "lastUpdate": 0}, "mimeType": "text/plain"}
        async with visitor(browser) as ada:
            await ada.join(links[0], "Ada")
            await open_chat(ada)
            await say(ada, "Before")
            await reads(ada, ("You", "Before"))
            body = {"message": {**said, "message": "Kept", "tags": []}}
            kept = doors.phenix.put(f"/room/{in_path(phenix)}/message", json=body).json()["message"]
            server.kill()
            await ada.says("Reconnecting")
            await say(ada, "Is anybody there?")
            await ada.says("goes out as soon as the connection is there")
            server.start()
            await reads(ada, ("You", "Before"), ("News", "Kept"), ("You", "Is anybody there?"))
            body = {"message": {**said, "message": "While away", "tags": []}}
            after = doors.phenix.put(f"/room/{in_path(phenix)}/message", json=body).json()["message"]
            assert int(after["messageId"][-10:]) == int(kept["messageId"][-10:]) + 2
            await reads(ada, ("You", "Before"), ("News", "Kept"), ("You", "Is anybody there?"), ("News", "While away"))
            async with visitor(browser) as bo:
                await bo.join(links[1], "Bo")
                await open_chat(bo)
                await reads(
                    bo, ("Ada", "Before"), ("News", "Kept"), ("Ada", "Is anybody there?"), ("News", "While away")
                )


def peer_called(doors: Any, active: str, name: str) -> str:
    peers = doors.hms.get(f"{active}/peers").json()
    peers = peers.get("peers", peers)
    return next(peer["id"] for peer in peers.values() if peer["name"] == name)
