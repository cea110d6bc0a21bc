"""Lists of rooms: pages, filters, included sessions."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.dialects.telnyx.world import World, errors_of

from polyroom.domain.account import Dialect
from polyroom.services.room_changes import NewRoom

DAY = datetime(2021, 4, 25, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


async def numbered(world: World, count: int) -> list[str]:
    """So many rooms, their names newest first."""
    names = [f"room {number}" for number in range(count)]
    for name in names:
        await world.room(unique_name=name)
    return names[::-1]


async def test_pages_come_newest_first_and_say_where_they_stand(world: World) -> None:  # (12)
    names = await numbered(world, 55)
    for number, start, end in ((1, 0, 25), (2, 25, 50), (3, 50, 55), (4, 55, 55), (10**15 - 1, 55, 55)):
        answer = (await world.api.get(f"/rooms?page[size]=25&page[number]={number}")).json()
        assert [one["unique_name"] for one in answer["data"]] == names[start:end]
        assert answer["meta"] == {"page_number": number, "page_size": 25, "total_pages": 3, "total_results": 55}
    answer = (await world.api.get("/rooms")).json()
    assert answer["meta"] == {"page_number": 1, "page_size": 20, "total_pages": 3, "total_results": 55}
    assert len((await world.api.get("/rooms?page[size]=250")).json()["data"]) == 55


async def test_without_rooms_there_are_no_pages(world: World) -> None:
    answer = (await world.api.get("/rooms")).json()
    assert answer == {"data": [], "meta": {"page_number": 1, "page_size": 20, "total_pages": 0, "total_results": 0}}


@pytest.mark.parametrize(
    "query",
    [
        "page[size]=2&page[number]=2",
        "page%5Bsize%5D=2&page%5Bnumber%5D=2",
        "page_size=2&page_number=2",
        "page[size]=2&page_size=9&page_number=7&page[number]=2&page[x]=1&x=y",
        "page[size]=02&page[number]=2",
    ],
)
async def test_a_page_is_asked_for_in_several_spellings(world: World, query: str) -> None:
    names = await numbered(world, 5)
    assert await world.names(query) == names[2:4]


@pytest.mark.parametrize("name", ["page[size]", "page[number]", "page_size", "page_number"])
@pytest.mark.parametrize("value", ["0", "-1", "abc", "", "1.5", "1e2", "٣", "9" * 16, "9" * 9000])
async def test_a_page_that_is_no_number_is_refused(world: World, name: str, value: str) -> None:  # (12)
    answer = await world.api.get("/rooms", params={name: value})
    assert errors_of(answer) == [("10015", name)]
    assert set(answer.json()["source"]) == {"parameter"}


async def test_a_page_is_250_at_most(world: World) -> None:
    assert errors_of(await world.api.get("/rooms?page[size]=251")) == [("10015", "page[size]")]


async def test_rooms_are_filtered_by_whole_days_in_utc(world: World) -> None:  # (14)
    times = {
        "before": DAY - MICROSECOND,
        "first": DAY,
        "last": DAY + timedelta(days=1) - MICROSECOND,
        "after": DAY + timedelta(days=1),
    }
    for name, at in times.items():
        room = await world.room(unique_name=name)
        await world.made_at(room, at, at + timedelta(days=10))
    for field, day in (("date_created_at", DAY), ("date_updated_at", DAY + timedelta(days=10))):
        for opening, closing in (("[", "]"), ("%5B", "%5D")):

            async def names(
                *conditions: str, field: str = field, day: datetime = day, o: str = opening, c: str = closing
            ) -> list[str]:
                query = "&".join(f"filter{o}{field}{c}{o}{one}{c}={day.date()}" for one in conditions)
                found = await world.names(query)
                total = (await world.api.get(f"/rooms?{query}&page[size]=1")).json()["meta"]["total_results"]
                assert total == len(found)
                return found

            assert await names("eq") == ["last", "first"]
            assert await names("gte") == ["after", "last", "first"]
            assert await names("lte") == ["last", "first", "before"]
            assert await names("gte", "lte") == ["last", "first"]
            assert await names("gte", "lte", "eq") == ["last", "first"]


async def test_conditions_hold_together(world: World) -> None:  # (14)
    room = await world.room(unique_name="old")
    await world.made_at(room, DAY, DAY + timedelta(days=1))
    await world.room(unique_name="new")
    created, updated = "filter[date_created_at]", "filter[date_updated_at]"
    assert await world.names(f"{created}[eq]=2021-04-25&{updated}[eq]=2021-04-26") == ["old"]
    assert await world.names(f"{created}[eq]=2021-04-25&{updated}[eq]=2021-04-25") == []
    assert await world.names(f"{created}[gte]=2021-04-26&{created}[lte]=2021-04-25") == []
    assert await world.names(f"{created}[eq]=2021-04-25&filter[unique_name]=old") == ["old"]
    assert await world.names(f"{created}[eq]=2021-04-25&filter[unique_name]=new") == []
    assert await world.names(f"{updated}[lte]=2021-04-25&filter[unique_name]=old") == []
    assert await world.names(f"{created}[gte]=0001-01-01&{created}[lte]=9999-12-31") == ["new", "old"]
    assert await world.names(f"{created}[eq]=9999-12-31") == []


@pytest.mark.parametrize(
    "value", ["2021-13-01", "2021-02-30", "0000-01-01", "20210425", "2021-4-25", "2021-04-25T00:00:00Z", "", "x", "٢"]
)
async def test_what_is_no_date_is_refused(world: World, value: str) -> None:  # (14)
    for name in ("filter[date_created_at][eq]", "filter[date_updated_at][lte]"):
        assert errors_of(await world.api.get("/rooms", params={name: value})) == [("10015", name)]


async def test_every_wrong_parameter_is_an_error_of_its_own(world: World) -> None:
    answer = await world.api.get("/rooms?filter[date_created_at][gte]=x&include_sessions=maybe&page[size]=0")
    wrong = ["filter[date_created_at][gte]", "include_sessions", "page[size]"]
    assert errors_of(answer) == [("10015", name) for name in wrong]


async def test_a_room_is_found_by_its_exact_name(world: World) -> None:  # (15)
    await world.room(unique_name="My Room")
    await world.room(unique_name="My Room 2")
    for query in ("My+Room", "My%20Room"):
        answer = (await world.api.get(f"/rooms?filter[unique_name]={query}")).json()
        assert [one["unique_name"] for one in answer["data"]] == ["My Room"]
        assert answer["meta"] == {"page_number": 1, "page_size": 20, "total_pages": 1, "total_results": 1}
    for query in ("my+room", "My", "", "%00", "%ff", "x" * 3000):
        assert await world.names(f"filter[unique_name]={query}") == []
    second = (await world.api.get("/rooms?filter[unique_name]=My+Room&page[number]=2")).json()
    assert (second["data"], second["meta"]["total_results"]) == ([], 1)


async def test_a_title_given_elsewhere_is_no_unique_name(world: World) -> None:
    await world.house.rooms.create(world.house.mine.id, NewRoom("Elsewhere"))
    assert await world.names("filter[unique_name]=Elsewhere") == []
    assert await world.names("") == [None]


async def test_parameters_that_are_not_known_are_ignored(world: World) -> None:
    names = await numbered(world, 2)
    for query in ("filter[nonsense]=1", "filter[date_created_at][gt]=x", "filter=x", "[]=", "%00=%ff", "a&b&&="):
        assert await world.names(query) == names


async def test_sessions_are_shown_when_they_are_asked_for(world: World) -> None:  # (16)
    room, empty = await world.room(unique_name="busy"), await world.room()
    past = [await world.past_session(room, DAY + timedelta(days=number)) for number in range(25)]
    joined = await world.enter(room)
    running = str(joined.participant.session_id)
    latest = [running, *(str(one.id) for one in reversed(past))][:20]
    for shown in (
        await world.get(room, include_sessions="true"),
        (await world.api.get("/rooms?filter[unique_name]=busy&include_sessions=TRUE")).json()["data"][0],
        (await world.api.get("/rooms?include_sessions=true")).json()["data"][1],
    ):
        assert shown["active_session_id"] == running
        assert [one["id"] for one in shown["sessions"]] == latest
        assert [one["active"] for one in shown["sessions"]] == [True] + [False] * 19
        assert all(one["participants"] == [] and one["room_id"] == room["id"] for one in shown["sessions"])
        assert [("ended_at" in one) for one in shown["sessions"]] == [False] + [True] * 19
    for query in ({}, {"include_sessions": "false"}):
        shown = await world.get(room, **query)
        assert (shown["sessions"], shown["active_session_id"]) == ([], running)
    assert (await world.get(empty, include_sessions="true"))["sessions"] == []
    await world.house.leave(joined)
    assert (await world.get(room))["active_session_id"] is None


async def test_accounts_see_their_own_rooms_only(world: World) -> None:
    await world.room(unique_name="mine")
    assert (await world.other.get("/rooms")).json()["data"] == []
    assert (await world.other.get("/rooms?filter[unique_name]=mine")).json()["data"] == []
    assert (await world.house.key(Dialect.TELNYX)).secret not in (await world.api.get("/rooms")).text
