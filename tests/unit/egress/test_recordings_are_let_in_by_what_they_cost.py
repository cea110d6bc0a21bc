"""The budget of cores."""

from uuid import UUID

import pytest

from polyroom.egress.budget import Budget
from polyroom.egress.jobs import Job, Live
from polyroom.services.ports.recordings import NoCapacity

PICTURE, SOUND = Job("picture"), Job("sound", pictures=False)


def number(value: int) -> UUID:
    return UUID(int=value)


def test_what_does_not_fit_is_refused_and_fits_once_another_is_over() -> None:
    budget = Budget(cores=2)
    for one in range(3):
        budget.admit(number(one), PICTURE)
    with pytest.raises(NoCapacity):
        budget.admit(number(3), PICTURE)
    budget.admit(number(4), SOUND)
    budget.release(number(0))
    budget.admit(number(3), PICTURE)


def test_the_price_follows_what_was_measured() -> None:
    budget = Budget(cores=2)
    budget.admit(number(1), PICTURE)
    dear = budget.price(PICTURE)
    for _ in range(30):
        budget.learn({number(1): 0.2, number(9): 5.0})
    assert budget.price(PICTURE) == pytest.approx(0.2, abs=0.02) and budget.price(PICTURE) < dear
    half = Job("half", width=1280, height=360)
    assert budget.price(half) < budget.price(PICTURE)


def test_one_that_takes_more_than_its_price_counts_with_what_it_takes() -> None:
    budget = Budget(cores=2)
    budget.admit(number(1), SOUND)
    budget.learn({number(1): 1.4})
    with pytest.raises(NoCapacity):
        budget.admit(number(2), PICTURE)


def test_a_ladder_costs_by_the_pixels_of_all_its_sizes() -> None:
    budget = Budget(cores=2)
    plain = budget.price(Job(live=Live("folder", ("720", "ahi"))))
    ladder = budget.price(Job(live=Live("folder", ("720", "480", "360", "240", "144", "ahi", "alo"))))
    assert plain == pytest.approx(budget.price(PICTURE))
    assert 1.4 * plain < ladder < 2 * plain
