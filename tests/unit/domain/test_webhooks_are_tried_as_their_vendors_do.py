"""The schedules of tries, where each goes, and what counts as taken."""

import pytest

from polyroom.domain.webhook import Receiver, WebhookFormat, accepts, pause_after, target_of, timeout_of, url_of_try

HMS, TELNYX = WebhookFormat.HMS, WebhookFormat.TELNYX


def pauses(kind: WebhookFormat, count: int, *, failover: bool = False, backs_off: bool = True) -> list[float | None]:
    found = [pause_after(kind, number, failover=failover, backs_off=backs_off) for number in range(1, count + 1)]
    return [one.total_seconds() if one is not None else None for one in found]


def test_100ms_tries_after_1_3_and_10_seconds_and_then_we_back_off_up_to_an_hour() -> None:
    assert pauses(HMS, 6) == [1, 3, 10, 30, 60, 120]
    assert pauses(HMS, 40)[-1] == 3600


def test_without_back_off_the_vendors_tries_are_all() -> None:
    assert pauses(HMS, 4, backs_off=False) == [1, 3, 10, None]
    assert pauses(TELNYX, 3, backs_off=False) == [1, 2, None]
    assert pauses(TELNYX, 6, failover=True, backs_off=False) == [1, 2, 0, 1, 2, None]


def test_telnyx_goes_to_the_failover_after_three_tries_and_later_to_both_in_turns() -> None:
    receiver = Receiver(TELNYX, "first", 2, "second")
    where = [url_of_try(receiver, number) for number in range(1, 10)]
    assert where == ["first"] * 3 + ["second"] * 3 + ["first", "second", "first"]
    assert {url_of_try(Receiver(TELNYX, "first", 2), number) for number in range(1, 10)} == {"first"}


@pytest.mark.parametrize(("status", "hms", "others"), [(200, True, True), (204, False, True), (302, False, False)])
def test_100ms_takes_200_only_and_others_any_2xx(status: int, hms: bool, others: bool) -> None:
    assert accepts(HMS, status) is hms
    assert {accepts(kind, status) for kind in WebhookFormat if kind is not HMS} == {others}


def test_a_telnyx_room_says_how_long_an_answer_may_take() -> None:
    assert [timeout_of(wanted, TELNYX) for wanted in (None, 0, 7)] == [2, 2, 7]


def test_receivers_crowd_by_scheme_host_and_port() -> None:
    assert target_of("HTTPS://u:p@Example.com:8443/a?b") == "https://example.com:8443"
