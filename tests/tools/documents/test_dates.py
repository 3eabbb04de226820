"""Dates are read under an order of day and month that the column itself decides where it can."""

from __future__ import annotations

import doctest
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tools.documents.dates as dates
from tools.documents.dates import Order, decide_order, read_date


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(dates).failed == 0


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-03-31", date(2024, 3, 31)),
        ("2024-03-31T12:00:00Z", date(2024, 3, 31)),
        ("2024-03-31 12:00:00.123+01:00", date(2024, 3, 31)),
        ("2024/3/1", date(2024, 3, 1)),
        ("31/12/24", date(2024, 12, 31)),
        ("31.12.2024", date(2024, 12, 31)),
        ("31-Dec-24", date(2024, 12, 31)),
        ("31 Dec 2024", date(2024, 12, 31)),
        ("Dec 31, 2024", date(2024, 12, 31)),
        ("31. Dezember 2024", date(2024, 12, 31)),
        ("1 août 2024", date(2024, 8, 1)),
        ("30th June 2024", date(2024, 6, 30)),
        ("Mon, 3 March 2025", date(2025, 3, 3)),
        ("1/5/69", date(1969, 5, 1)),
    ],
)
def test_a_printed_date_is_read(text: str, day: date) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text", ["", "2024", "12.3", "31/02/2024", "March 2024", "1.2.3", "10.0.0.1", "20240331", "99/99/9999", "13:08"]
)
def test_what_is_no_day_is_not_read(text: str) -> None:
    assert read_date(text) is None


def test_eight_digits_are_a_date_only_when_asked_for() -> None:
    assert read_date("20240331", compact=True) == date(2024, 3, 31)


@pytest.mark.parametrize(
    ("texts", "order", "sure"),
    [
        (["03/04/2024", "13/04/2024"], "dmy", True),
        (["03/04/2024", "04/13/2024"], "mdy", True),
        (["1/5/2019", "3/8/2019", "1/27/2019"], "mdy", True),
        (["01.04.2024", "02.03.2024"], "dmy", True),
        (["01/01/2024", "01/02/2024", "01/03/2024", "01/04/2024"], "dmy", True),
        (["1/1/2024", "2/1/2024", "3/1/2024", "4/1/2024"], "mdy", True),
        (["05/06/2024", "07/06/2024", "02/07/2024", "04/07/2024"], "dmy", True),
        (["03/04/2024", "02/03/2024", "07/05/2024"], "dmy", False),
        (["05/05/2024"], "dmy", True),
        (["2024-01-02"], "dmy", True),
    ],
)
def test_a_column_decides_whether_the_day_or_the_month_comes_first(texts: list[str], order: Order, sure: bool) -> None:
    decided = decide_order(texts)
    assert (decided.order, decided.sure) == (order, sure)


@settings(deadline=None)
@given(st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_an_order_that_is_sure_reads_every_date_back(days: list[date], form: str) -> None:
    texts = [day.strftime(form) for day in days]
    decided = decide_order(texts)
    if decided.sure and any(day.day > 12 for day in days):
        assert [read_date(text, decided.order) for text in texts] == days


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_date_or_none(text: str) -> None:
    orders: tuple[Order, ...] = ("dmy", "mdy")
    for order in orders:
        assert isinstance(read_date(text, order, compact=True), date | None)
