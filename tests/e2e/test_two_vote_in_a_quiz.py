"""A host asks a quiz in the meeting page, two answer it, and all see how it went."""

import re

from playwright.async_api import Browser, Locator, expect
from tests.support.browser import Visitor, visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess
from tests.support.vendors import vendors

PATIENCE = 25_000


async def open_polls(someone: Visitor) -> None:
    await someone.page.get_by_role("button", name="Polls").first.click(timeout=PATIENCE)


def quiz(someone: Visitor) -> Locator:
    return someone.page.get_by_role("listitem", name="Quiz: Capitals")


async def answer(someone: Visitor, option: str, words: str) -> None:
    await quiz(someone).get_by_role("radio", name=option).check(timeout=PATIENCE)
    await quiz(someone).get_by_label("Answer to: Why?").fill(words)
    await quiz(someone).get_by_role("button", name="Answer").click()
    await expect(quiz(someone).get_by_text("You have answered")).to_be_visible(timeout=PATIENCE)


async def write_the_quiz(host: Visitor) -> None:
    page = host.page
    await open_polls(host)
    await page.get_by_role("button", name="New poll or quiz").click()
    await page.get_by_role("radio", name="Quiz, with right answers").check()
    await page.get_by_label("Title").fill("Capitals")
    await page.get_by_label("Question: its words").fill("Denmark's?")
    await page.get_by_label("Question: option 1", exact=True).fill("Ærøskøbing")
    await page.get_by_label("Question: option 2", exact=True).fill("Copenhagen")
    await page.get_by_role("button", name="Start now").click()
    await expect(page.get_by_role("alert").get_by_text("needs a right answer")).to_be_visible()
    await page.get_by_label("Question: option 2 is right").check()
    await page.get_by_role("button", name="Add a question").click()
    await page.get_by_label("Question 2: its words").fill("Why?")
    await page.get_by_label("Question 2: how it is answered").select_option("short-answer")
    await page.get_by_role("button", name="Start now").click()


async def test_two_answer_a_quiz_and_everybody_sees_how_it_went(server: ServerProcess, browser: Browser) -> None:
    with vendors(server) as doors:
        room = make_room(doors.streamwise)
        links = [make_token(doors.streamwise, room, role)["url"] for role in ("moderator", "attendee", "attendee")]
    async with visitor(browser) as ada, visitor(browser) as bo:
        await ada.join(links[0], "Ada")
        await bo.join(links[1], "Bo")
        await ada.sees_moving_pictures(2)
        await write_the_quiz(ada)
        await bo.says("There is a quiz to answer: Capitals", 25)
        await open_polls(bo)
        await answer(bo, "Copenhagen", "I was there")
        async with visitor(browser) as cy:
            await cy.join(links[2], "Cy")
            await open_polls(cy)
            await answer(cy, "Ærøskøbing", "It has the most letters")
            await expect(quiz(cy).get_by_text("right", exact=False)).to_have_count(0)
            await quiz(ada).get_by_role("button", name="End quiz").click()
            for one in (ada, bo, cy):
                await expect(quiz(one).get_by_text("Over")).to_be_visible(timeout=PATIENCE)
                results = quiz(one).get_by_role("list", name="Results of: Denmark's?").get_by_role("listitem")
                await expect(results).to_have_text(
                    [re.compile("Ærøskøbing.*50 % \\(1\\)"), re.compile("Copenhagen.*right.*50 %")]
                )
                await expect(quiz(one).get_by_text("2 people have answered")).to_be_visible()
                await expect(quiz(one).get_by_text("2 answers")).to_be_visible()
                places = quiz(one).get_by_text("Leaderboard").locator("..").get_by_role("listitem")
                await expect(places.first).to_contain_text("Bo")
            assert ada.errors == bo.errors == cy.errors == []
