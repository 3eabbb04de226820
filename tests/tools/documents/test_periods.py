"""Period labels become periods with one canonical label and inclusive dates."""

from __future__ import annotations

import doctest
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import tools.documents.periods as periods
from tools.documents.periods import find_period, find_year_end, month_end, months_ending, read_period
from tools.values import Period


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(periods).failed == 0


@pytest.mark.parametrize(
    ("text", "label", "kind", "start", "end"),
    [
        ("2024", "2024", "year", "2024-01-01", "2024-12-31"),
        ("FY2024", "FY2024", "year", "2024-01-01", "2024-12-31"),
        ("FY24", "FY2024", "year", "2024-01-01", "2024-12-31"),
        ("FY'24", "FY2024", "year", "2024-01-01", "2024-12-31"),
        ("2025E", "2025E", "year", "2025-01-01", "2025-12-31"),
        ("2024 (restated)", "2024", "year", "2024-01-01", "2024-12-31"),
        ("2024*", "2024", "year", "2024-01-01", "2024-12-31"),
        ("2023/24", "FY2023/24", "year", None, None),
        ("FY23/24", "FY2023/24", "year", None, None),
        ("Q3 2024", "Q3 2024", "quarter", "2024-07-01", "2024-09-30"),
        ("3Q24", "Q3 2024", "quarter", "2024-07-01", "2024-09-30"),
        ("2024-Q3", "Q3 2024", "quarter", "2024-07-01", "2024-09-30"),
        ("FY24 Q3", "Q3 FY2024", "quarter", "2024-07-01", "2024-09-30"),
        ("Third quarter 2024", "Q3 2024", "quarter", "2024-07-01", "2024-09-30"),
        ("Q3", "Q3", "quarter", None, None),
        ("H1 FY24", "H1 FY2024", "half", "2024-01-01", "2024-06-30"),
        ("First half 2024", "H1 2024", "half", "2024-01-01", "2024-06-30"),
        ("9M 2024", "9M 2024", "span", "2024-01-01", "2024-09-30"),
        ("2024-03", "Mar 2024", "month", "2024-03-01", "2024-03-31"),
        ("2011-12", "Dec 2011", "month", "2011-12-01", "2011-12-31"),
        ("03/2024", "Mar 2024", "month", "2024-03-01", "2024-03-31"),
        ("Mar-24", "Mar 2024", "month", "2024-03-01", "2024-03-31"),
        ("September 2024", "Sep 2024", "month", "2024-09-01", "2024-09-30"),
        ("May", "May", "month", None, None),
        ("2024-W12", "2024-W12", "week", "2024-03-18", "2024-03-24"),
        ("Year ended 31 December 2024", "FY2024", "year", "2024-01-01", "2024-12-31"),
        ("For the year ended June 30, 2024", "FY2024", "year", "2023-07-01", "2024-06-30"),
        ("52 weeks ended 28 December 2024", "FY2024", "year", "2023-12-29", "2024-12-28"),
        ("Six months ended 30 June 2024", "6 months to 30 Jun 2024", "half", "2024-01-01", "2024-06-30"),
        ("Three months ended Sep 30, 2024", "3 months to 30 Sep 2024", "quarter", "2024-07-01", "2024-09-30"),
        ("As at 31 December 2024", "31 Dec 2024", "instant", None, "2024-12-31"),
        ("31/12/2024", "31 Dec 2024", "instant", None, "2024-12-31"),
        ("1 Jan 0001", "1 Jan 0001", "instant", None, "0001-01-01"),
        ("LTM Sep 2024", "LTM Sep 2024", "span", "2023-10-01", "2024-09-30"),
        ("YTD Jun-24", "YTD Jun 2024", "span", None, "2024-06-30"),
    ],
)
def test_a_label_is_read(text: str, label: str, kind: str, start: str | None, end: str | None) -> None:
    period = read_period(text)
    assert period is not None
    found = (period.label, period.kind, period.start and str(period.start), period.end and str(period.end))
    assert found == (label, kind, start, end)


@pytest.mark.parametrize(
    "text",
    ["", "Revenue", "24", "5", "1234", "48,310", "2024.5", "12.5", "Q5 2024", "3 2024", "2024-13", "31 February 2024"],
)
def test_what_names_no_period_is_not_read(text: str) -> None:
    assert read_period(text) is None


def test_fiscal_periods_follow_the_year_end_of_the_document() -> None:
    march = (3, 31)
    assert read_period("FY2024", march) == Period("FY2024", "year", date(2023, 4, 1), date(2024, 3, 31))
    assert read_period("FY2023/24", march) == Period("FY2023/24", "year", date(2023, 4, 1), date(2024, 3, 31))
    assert read_period("Q1 FY2024", march) == Period("Q1 FY2024", "quarter", date(2023, 4, 1), date(2023, 6, 30))
    assert read_period("H2 FY2024", march) == Period("H2 FY2024", "half", date(2023, 10, 1), date(2024, 3, 31))
    assert read_period("2024", march) == Period("2024", "year", date(2024, 1, 1), date(2024, 12, 31))


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("Revenue 2024", "2024", "Revenue"),
        ("2024 £m", "2024", "£m"),
        ("Budget Q3 2024", "Q3 2024", "Budget"),
        ("Sales (FY23)", "FY2023", "Sales"),
        ("Year ended 31 December 2024 £000", "FY2024", "£000"),
    ],
)
def test_a_period_is_found_inside_a_header(text: str, label: str, rest: str) -> None:
    found = find_period(text)
    assert found is not None
    assert (found[0].label, found[1]) == (label, rest)


@pytest.mark.parametrize("text", ["Tax 5%", "You may pay", "Top 5 customers", "AAPL.Open", "Jan sales"])
def test_words_are_no_period(text: str) -> None:
    assert find_period(text) is None


@pytest.mark.parametrize(
    ("text", "year_end"),
    [
        ("for the years ended 31 December", (12, 31)),
        ("Year ended June 30, 2024", (6, 30)),
        ("Year end: March", (3, 31)),
        ("Statements of a company", None),
    ],
)
def test_a_title_says_when_years_end(text: str, year_end: tuple[int, int] | None) -> None:
    assert find_year_end(text) == year_end


@settings(deadline=None)
@given(st.dates(date(1950, 1, 1), date(2090, 12, 31)), st.sampled_from([1, 3, 6, 9, 12]))
def test_months_that_end_on_a_day_are_whole_months(day: date, months: int) -> None:
    last = month_end(day.year, day.month)
    start = months_ending(last, months)
    assert start.day == 1
    assert (last.year - start.year) * 12 + last.month - start.month + 1 == months
    assert month_end(day.year, day.month + 1) > last
    assert (last + timedelta(days=1)).day == 1


@settings(deadline=None)
@given(
    st.text(max_size=130)
    | st.from_regex(r"(FY|Q[1-4]|H[12]|LTM|Year ended)? ?[0-9 /.'-]{1,9}(Jan|Mar)?[0-9 ]{0,5}", fullmatch=True)
)
@example("Year ended 1 Jan 0001")
@example("YEAR ENDED 1JAN0010")
@example("12 months to December 9999")
def test_a_canonical_label_reads_as_itself(text: str) -> None:
    period = read_period(text)
    if period is not None:
        again = read_period(period.label)
        assert again is not None
        assert again.label == period.label
        assert period.start is None or period.end is None or period.start <= period.end
    find_period(text)
    find_year_end(text)
