"""Buckets, order and comparability of periods."""

from __future__ import annotations

from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.documents.periods import read_period
from tools.finance.periods import Every, bucket, comparable, follows, moment
from tools.values import Period

DAYS = st.dates(date(1900, 1, 1), date(2099, 12, 20))
LENGTHS = st.sampled_from(get_args(Every))


@given(DAYS, LENGTHS)
def test_a_bucket_holds_its_day_and_ends_where_the_next_begins(day: date, every: Every) -> None:
    found = bucket(day, every)
    assert found.start is not None
    assert found.end is not None
    assert found.start <= day <= found.end
    after = bucket(found.end + timedelta(days=1), every)
    assert after.start == found.end + timedelta(days=1)
    assert after.label != found.label


@given(DAYS, LENGTHS)
def test_the_label_of_a_bucket_is_read_back_as_the_same_days(day: date, every: Every) -> None:
    found = bucket(day, every)
    read = read_period(found.label)
    assert read is not None
    assert ((read.start or read.end), read.end) == (found.start, found.end)


@given(DAYS, DAYS, LENGTHS)
def test_buckets_are_ordered_as_their_days(one: date, other: date, every: Every) -> None:
    early, late = bucket(min(one, other), every), bucket(max(one, other), every)
    first, second = moment(early), moment(late)
    assert first is not None
    assert second is not None
    assert first <= second


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        (Period("FY2023", "year"), Period("FY2024", "year"), True),
        (Period("FY2023", "year"), Period("Q1 2024", "quarter"), False),
        (Period("31 Dec 2023", "instant"), Period("2024-12-31", "day"), True),
        (
            Period("a", "span", date(2023, 1, 1), date(2023, 9, 30)),
            Period("b", "span", date(2024, 1, 1), date(2024, 9, 30)),
            True,
        ),
        (
            Period("a", "span", date(2023, 1, 1), date(2023, 9, 30)),
            Period("b", "span", date(2024, 1, 1), date(2024, 6, 30)),
            False,
        ),
    ],
)
def test_only_stretches_of_one_length_are_comparable(earlier: Period, later: Period, expected: bool) -> None:
    assert comparable(earlier, later) is expected


def test_a_gap_between_years_is_seen_and_a_52_week_year_is_none() -> None:
    assert follows(Period("FY2023", "year"), Period("FY2024", "year"))
    assert not follows(Period("FY2022", "year"), Period("FY2024", "year"))
    ended = Period("a", "year", date(2022, 1, 30), date(2023, 1, 28))
    assert follows(ended, Period("b", "year", date(2023, 1, 29), date(2024, 2, 3)))
    assert follows(Period("Opening", "span"), Period("Closing", "span"))
