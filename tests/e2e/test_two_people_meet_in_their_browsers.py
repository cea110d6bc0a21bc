"""The first thing polyroom must do."""

from playwright.async_api import Browser
from tests.support.browser import eventually, visitor
from tests.support.rooms import make_room, make_token, status_of
from tests.support.server import ServerProcess


async def test_two_people_see_and_hear_each_other_until_one_leaves(server: ServerProcess, browser: Browser) -> None:
    with server.streamwise() as api:
        room = make_room(api)
        host, guest = make_token(api, room, "moderator"), make_token(api, room, "attendee")
        assert status_of(api, room)["status"] == "inactive"

        async with visitor(browser) as ada, visitor(browser) as bo:
            await ada.join(host["url"], "Ada")
            await bo.join(guest["url"], "Bo Ærø")
            await ada.sees_moving_pictures(2)
            await bo.sees_moving_pictures(2)
            await ada.decodes_the_other()
            await bo.decodes_the_other()
            assert "token=" not in ada.page.url

            status = status_of(api, room)
            assert (status["status"], status["participants"], status["moderators"]) == ("active", 2, 1)

            await bo.leave()

            async def alone() -> bool:
                return status_of(api, room)["participants"] == 1 and len(await ada.videos()) == 1

            await eventually(alone, 10, ada.videos)
            assert ada.errors == []

        async def empty() -> bool:
            return bool(status_of(api, room)["status"] == "inactive")

        await eventually(empty, 10)
        used = {one["role"]: one["last_usage"] for one in api.get(f"/rooms/{room['id']}/tokens").json()["data"]}
        assert all(used.values()), used
