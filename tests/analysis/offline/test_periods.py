"""Periods as people say them, tied to the columns of a statement or to days."""

from __future__ import annotations

from datetime import date

import pytest

from analysis.offline.catalogue import Field
from analysis.offline.periods import choose, noun, read_periods
from analysis.offline.windows import Known, Window, window_of
from analysis.offline.words import Question
from tools.values import Period


def years(*labels: str) -> list[Field]:
    return [
        Field(
            label,
            label,
            "number",
            period=Period(label, "year", date(int(label[-4:]), 1, 1), date(int(label[-4:]), 12, 31)),
        )
        for label in labels
    ]


YEARS = years("FY2021", "FY2022", "FY2023", "FY2024")
QUARTERS = [
    Field(label, label, "number", period=Period(label, "quarter"))
    for label in ("Q3 2023", "Q4 2023", "Q1 2024", "Q2 2024", "Q3 2024")
]
DAYS = [
    Field("a", "31 Dec 2022", "number", period=Period("31 Dec 2022", "instant", end=date(2022, 12, 31))),
    Field("b", "31 Dec 2023", "number", period=Period("31 Dec 2023", "instant", end=date(2023, 12, 31))),
]


def chosen(text: str, axis: list[Field]) -> tuple[str, ...]:
    question = Question.of(text)
    return choose(read_periods(question), axis, question).labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("revenue in FY2023", ["FY2023"]),
        ("revenue in 2023", ["FY2023"]),
        ("revenue in FY23", ["FY2023"]),
        ("revenue in fiscal year 2023", ["FY2023"]),
        ("FY24 vs FY23", ["FY2023", "FY2024"]),
        ("from FY2021 to FY2023", ["FY2021", "FY2022", "FY2023"]),
        ("between 2022 and 2024", ["FY2022", "FY2023", "FY2024"]),
        ("in 2021, 2022 and 2024", ["FY2021", "FY2022", "FY2024"]),
        ("since 2022", ["FY2022", "FY2023", "FY2024"]),
        ("until FY2022", ["FY2021", "FY2022"]),
        ("after 2022", ["FY2023", "FY2024"]),
        ("before 2023", ["FY2021", "FY2022"]),
        ("last year", ["FY2024"]),
        ("the most recent year", ["FY2024"]),
        ("against last year", ["FY2023", "FY2024"]),
        ("compared to the previous year", ["FY2023", "FY2024"]),
        ("year on year", ["FY2023", "FY2024"]),
        ("in the last three years", ["FY2022", "FY2023", "FY2024"]),
        ("over the past 2 years", ["FY2023", "FY2024"]),
        ("the first year", ["FY2021"]),
        ("over the years", ["FY2021", "FY2022", "FY2023", "FY2024"]),
        ("revenue", ["FY2021", "FY2022", "FY2023", "FY2024"]),
        ("at 31 December 2023", ["FY2023"]),
        ("as of December 31, 2022", ["FY2022"]),
        ("in 2023 from 2022", ["FY2022", "FY2023"]),
    ],
)
def test_years(text: str, labels: list[str]) -> None:
    assert chosen(text, YEARS) == tuple(labels)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Q3", ["Q3 2024"]),
        ("Q3 2023", ["Q3 2023"]),
        ("2024 Q1", ["Q1 2024"]),
        ("third quarter of 2023", ["Q3 2023"]),
        ("Q4 FY23", ["Q4 2023"]),
        ("2024", ["Q1 2024", "Q2 2024", "Q3 2024"]),
        ("Q1 and Q2 2024", ["Q1 2024", "Q2 2024"]),
        ("Q3 profit 2023", ["Q3 2023"]),
        ("from Q4 2023 to Q2 2024", ["Q4 2023", "Q1 2024", "Q2 2024"]),
    ],
)
def test_quarters(text: str, labels: list[str]) -> None:
    assert chosen(text, QUARTERS) == tuple(labels)


def test_a_year_means_the_day_at_its_end() -> None:
    assert chosen("cash in 2022", DAYS) == ("31 Dec 2022",)
    assert chosen("cash on 31 December 2023", DAYS) == ("31 Dec 2023",)


def test_a_period_that_is_not_there_is_reported_and_not_replaced() -> None:
    question = Question.of("revenue in FY2019 and FY2023")
    found = choose(read_periods(question), YEARS, question)
    assert (found.labels, found.missing) == ((), ("FY2019",))


@pytest.mark.parametrize(
    "text", ["revenue of 2023000", "may I see revenue", "12.5% in 5 years", "the 90 day notice", "B2B sales"]
)
def test_numbers_that_are_no_periods(text: str) -> None:
    assert read_periods(Question.of(text)).moments == ()


def test_what_a_column_is_called() -> None:
    assert (noun(YEARS), noun(QUARTERS), noun(DAYS), noun([Field("a", "Budget", "number")])) == (
        "year", "quarter", "year", "column",
    )  # fmt: skip


def window(text: str, known: Known | None = Known(date(2018, 11, 5), date(2019, 3, 30))) -> Window:  # noqa: B008
    question = Question.of(text)
    found = window_of(read_periods(question), question, Field("d", "Date", "date"), known)
    assert isinstance(found, Window)
    return found


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("in February 2019", date(2019, 2, 1), date(2019, 2, 28)),
        ("in 2019", date(2019, 1, 1), date(2019, 12, 31)),
        ("in Q1 2019", date(2019, 1, 1), date(2019, 3, 31)),
        ("in the second half of 2018", date(2018, 7, 1), date(2018, 12, 31)),
        ("on 2019-02-03", date(2019, 2, 3), date(2019, 2, 3)),
        ("on 3 February 2019", date(2019, 2, 3), date(2019, 2, 3)),
        ("in February", date(2019, 2, 1), date(2019, 2, 28)),
        ("in December", date(2018, 12, 1), date(2018, 12, 31)),
        ("last month", date(2019, 3, 1), date(2019, 3, 30)),
        ("in the last two months", date(2019, 2, 1), date(2019, 3, 30)),
        ("since January 2019", date(2019, 1, 1), date(2999, 12, 31)),
        ("from January 2019 to February 2019", date(2019, 1, 1), date(2019, 2, 28)),
    ],
)
def test_windows_of_days(text: str, first: date, last: date) -> None:
    found = window(text)
    assert (found.first, found.last) == (first, last)


def test_months_that_stand_apart_are_asked_for_one_by_one() -> None:
    assert window("sales in January and March 2019").filter().where == {
        "column": "Date", "op": "in", "value": ["2019-01", "2019-03"],
    }  # fmt: skip
