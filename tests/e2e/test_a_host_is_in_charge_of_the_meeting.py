"""Two browsers: what a host does to somebody from the list of people, and how that person is told."""

from playwright.async_api import Browser, Locator
from tests.support.browser import Visitor, eventually, visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.vendors import vendors

PATIENCE = 30


def lines(host: Visitor, name: str) -> Locator:
    """The line of somebody in the list of people."""
    return host.page.locator(".roster li").filter(has_text=name)


async def shows(one: Visitor, name: str, seconds: float = PATIENCE) -> None:
    """Wait until there is a button of that name."""
    await one.page.get_by_role("button", name=name, exact=True).first.wait_for(timeout=seconds * 1000)


async def lacks(one: Visitor, *names: str) -> None:
    """Wait until there is no button of any of these names."""

    async def gone() -> bool:
        return not any([await one.page.get_by_role("button", name=name, exact=True).count() for name in names])

    await eventually(gone, PATIENCE)


async def press(one: Visitor, name: str) -> None:
    await one.page.get_by_role("button", name=name, exact=True).last.click(timeout=PATIENCE * 1000)


async def test_a_host_mutes_asks_demotes_and_removes_somebody_who_is_told_each_time(
    server: ServerProcess, browser: Browser
) -> None:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        host_link, bo_link = [make_token(doors.streamwise, room, role)["url"] for role in ("moderator", "attendee")]
    async with visitor(browser) as host, visitor(browser) as bo:
        await host.join(host_link, "Ada")
        await bo.join(bo_link, "Bo")
        await host.sees_moving_pictures(2, PATIENCE)
        await shows(bo, "Mute")
        await lacks(bo, "End for all")
        await host.page.get_by_role("button", name="People").first.click()
        await host.page.get_by_role("button", name="Manage Bo").click(timeout=PATIENCE * 1000)
        await lines(host, "Bo").get_by_role("button", name="Mute").click()
        await bo.says("Ada muted you.", PATIENCE)
        await shows(bo, "Unmute")
        await lines(host, "Bo").get_by_role("button", name="Ask to speak").click(timeout=PATIENCE * 1000)
        await bo.says("Ada asks you to speak", PATIENCE)
        await press(bo, "Turn on microphone")
        await shows(bo, "Mute")
        await lines(host, "Bo").get_by_role("button", name="Mute").wait_for(timeout=PATIENCE * 1000)

        await press(host, "Mute all…")
        await host.page.get_by_label("They can speak again only when a host lets them").check()
        await press(host, "Mute all")
        await bo.says("once a host lets you", PATIENCE)
        await press(bo, "Unmute")
        await bo.says("A host muted you.", PATIENCE)
        await shows(bo, "Unmute")
        await lines(host, "Bo").get_by_role("button", name="Let speak").click(timeout=PATIENCE * 1000)
        await bo.says("Ada asks you to speak", PATIENCE)
        await press(bo, "Stay muted")
        await shows(bo, "Unmute")

        await lines(host, "Bo").get_by_label("Role").select_option("viewer")
        await bo.says("Ada changed your role to “viewer”.", PATIENCE)
        await lacks(bo, "Unmute", "Stop camera", "Start camera")

        await press(host, "Remove…")
        await host.page.get_by_label("Do not let Bo back into this meeting").check()
        await press(host, "Remove")
        await bo.says("Ada took you out. You cannot come back into this meeting.", PATIENCE)
        await host.says("People (1)", PATIENCE)
        await bo.open(bo_link)
        await bo.says("You were removed from this meeting", PATIENCE)
        assert host.errors == bo.errors == []


async def test_a_host_who_is_one_no_more_loses_the_means_and_a_new_one_ends_it_for_all(
    server: ServerProcess, browser: Browser
) -> None:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        host_link, bo_link = [make_token(doors.streamwise, room, role)["url"] for role in ("moderator", "attendee")]
    async with visitor(browser) as host, visitor(browser) as bo:
        await host.join(host_link, "Ada")
        await bo.join(bo_link, "Bo")
        await shows(bo, "Mute")
        await bo.page.get_by_role("button", name="Chat").first.click()
        await bo.page.get_by_label("To", exact=True).select_option(label="Ada", timeout=PATIENCE * 1000)
        await bo.page.get_by_label("Write to Ada only").fill("Make me a host, please")
        await bo.page.keyboard.press("Enter")
        await bo.says("Only for Ada", PATIENCE)
        await host.says("Bo: Make me a host, please", PATIENCE)
        await host.page.get_by_role("button", name="People").first.click()
        await host.page.get_by_role("button", name="Manage Bo").click(timeout=PATIENCE * 1000)
        await lines(host, "Bo").get_by_label("Role").select_option("host")
        await shows(bo, "End for all")
        await host.page.get_by_role("button", name="Manage Ada").click()
        await lines(host, "Ada").get_by_label("Role").select_option("guest")
        await host.says("You changed your role to “guest”.", PATIENCE)
        await lacks(host, "Manage Bo", "Mute all…", "End for all")
        await press(bo, "End for all")
        await bo.page.get_by_role("dialog").wait_for(timeout=PATIENCE * 1000)
        await press(bo, "End for all")
        await host.says("Bo ended it for everybody.", PATIENCE)
        await bo.says("The meeting has ended", PATIENCE)
        assert host.errors == bo.errors == []
