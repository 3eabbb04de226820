"""Periods in tables: the bucket a date falls into, which of two comes first, and whether two can be compared.

Labels are read by `tools.documents.periods`. A label such as `FY2024` does not say when the year ends, so dates read from
one are good for ordering and comparing, never for claiming: a value keeps the period its document gave it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import accumulate, pairwise
from typing import Literal

from tools.documents.periods import month_end, read_period
from tools.values import Period

Every = Literal["day", "week", "month", "quarter", "year"]
_LASTING = ("year", "half", "quarter", "month")
INSTANTS = ("instant", "day")
_DAYS = {"year": 365.25, "half": 182.6, "quarter": 91.3, "month": 30.44, "week": 7.0}


def bucket(day: date, every: Every) -> Period:
    """The day, ISO week, month, quarter or year that holds `day`: `2019-01-05`, `2019-W01`, `2019-01`, `2019 Q1`, `2019`."""
    year, month = day.year, day.month
    match every:
        case "day":
            return Period(day.isoformat(), "day", day, day)
        case "week":
            iso_year, week, weekday = day.isocalendar()
            monday = day - timedelta(days=weekday - 1)
            return Period(f"{iso_year}-W{week:02d}", "week", monday, monday + timedelta(days=6))
        case "month":
            return Period(f"{year}-{month:02d}", "month", date(year, month, 1), month_end(year, month))
        case "quarter":
            quarter = (month + 2) // 3
            last = month_end(year, 3 * quarter)
            return Period(f"{year} Q{quarter}", "quarter", date(year, 3 * quarter - 2, 1), last)
        case "year":
            return Period(str(year), "year", date(year, 1, 1), date(year, 12, 31))


def days_before(day: date, number: int, every: Every) -> date:
    """The same day so many days, weeks, months, quarters or years earlier; the last of a month stays the last.

    >>> days_before(date(2024, 3, 31), 1, "month"), days_before(date(2024, 2, 29), 1, "year")
    (datetime.date(2024, 2, 29), datetime.date(2023, 2, 28))
    """
    if every in ("day", "week"):
        return date.fromordinal(max(1, day.toordinal() - number * (7 if every == "week" else 1)))
    months = max(12, 12 * day.year + day.month - 1 - number * {"month": 1, "quarter": 3, "year": 12}[every])
    last = month_end(months // 12, months % 12 + 1)
    return last if day == month_end(day.year, day.month) else last.replace(day=min(day.day, last.day))


def read_all(labels: Iterable[str]) -> dict[str, Period] | None:
    """Every label with the period it names, under the label's own words; None when one of them names none."""
    periods: dict[str, Period] = {}
    for label in labels:
        found = read_period(label)
        if found is None:
            return None
        periods[label] = Period(label.strip(), found.kind, found.start, found.end)
    return periods


def moment(period: Period) -> tuple[date, date] | None:
    """What orders periods: (end, start), read from the label where the source gives no dates; None where it cannot be."""
    dated: Period | None = period
    if period.end is None:
        dated = read_period(period.label)
    if dated is None or dated.end is None:
        return None
    return (dated.end, dated.start or dated.end)


def comparable(earlier: Period, later: Period) -> bool:
    """Whether growth between the two means anything: stretches of one length (a year with a year), or two instants."""
    if earlier.kind != later.kind:
        return earlier.kind in INSTANTS and later.kind in INSTANTS
    if earlier.kind != "span" or not (earlier.start and earlier.end and later.start and later.end):
        return True
    lengths = sorted([earlier.end - earlier.start, later.end - later.start])
    return lengths[1] - lengths[0] <= max(timedelta(days=8), lengths[1] / 20)


def follows(earlier: Period, later: Period) -> bool:
    """Whether nothing is missing between two neighbours of one kind; true where that cannot be told."""
    before, after = moment(earlier), moment(later)
    if later.kind not in _LASTING or before is None or after is None:
        return True
    return (after[1] - before[0]).days <= 10  # a 52-week year ends a few days before the next begins


def numbered(periods: Sequence[Period | None]) -> list[int]:
    """How many periods after the first each of a series in time is: 0, 1, 3 where the third is missing.

    Only what has a length can be missing. Dates that are a week, month, quarter or year apart as a rule are taken for
    one each; other days are counted as they come, because nobody trades on a Sunday.
    """
    kinds = {period.kind if period else "" for period in periods}
    ends = [found[0] if period and (found := moment(period)) else None for period in periods]
    if None in ends or len(ends) < 2 or (len(kinds) > 1 and not kinds <= set(INSTANTS)):
        return list(range(len(periods)))
    dated = [end for end in ends if end]
    apart = [(later - earlier).days for earlier, later in pairwise(dated)]
    length = _DAYS.get(next(iter(kinds))) or _usual_length(apart)
    if length is None:
        return list(range(len(periods)))
    steps = [max(1, round(days / length)) for days in apart]
    return list(accumulate(steps, initial=0))[: len(periods)]


def _usual_length(apart: Sequence[int]) -> float | None:
    """The length of the period that dates mark when they are so many days apart."""
    usual = sorted(apart)[len(apart) // 2]
    return next((days for days in _DAYS.values() if abs(usual - days) <= days / 20), None)


def missing(periods: Sequence[Period], every: Every) -> list[Period]:
    """The buckets between the first and the last of these that are not among them."""
    there, found = set(periods), list[Period]()
    ends = [period.end for period in periods if period.end]
    at = min(periods, key=lambda period: period.end or date.max)
    while at.end and at.end < max(ends):
        at = bucket(at.end + timedelta(days=1), every)
        if at not in there:
            found.append(at)
    return found
