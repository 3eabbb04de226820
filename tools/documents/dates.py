"""Printed dates: `2024-03-31`, `31.03.2024`, `3/31/24`, `31 Mar 2024`, `March 31, 2024`, with or without a time of day.

`03/04/2024` alone cannot be read. `decide_order` looks at all dates of a column together: a first number above 12 means
the day comes first, a second one above 12 that the month does; where none is, a column that only under one reading is
sorted, or stands on a fixed day of the month, decides; else the caller's fallback holds and the decision says that it
is not sure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from tools.documents.stored import Typed

Order = Literal["dmy", "mdy"]

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar jänner janvier janv enero ene gennaio",
            "feb february februar février févr fév febrero febbraio",
            "mar march märz mär mrz mars marzo",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio",
            "jun june juni juin junio giugno",
            "jul july juli juillet juil julio luglio",
            "aug august août aout agosto ago",
            "sep sept september septembre septiembre settembre",
            "oct october oktober okt octobre octubre ottobre",
            "nov november novembre noviembre",
            "dec december dezember dez décembre déc diciembre dic dicembre",
        ),
        1,
    )
    for name in names.split()
}
MONTH_WORD = "(?:" + "|".join(sorted(map(re.escape, MONTHS), key=len, reverse=True)) + r")(?![a-zäéû])\.?"
MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_TIME = (
    r"(?:[T ,]\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
    r"\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so)[a-z]*\.?,?\s+)?"
_MAYBE = re.compile(r"[0-9][-/.][0-9]+[-/.][0-9]|[A-Za-zéûä]{3}|^[0-9]{8}$")
_ISO = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _TIME)
_NUMERIC = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _TIME)
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}([0-9]{{1,2}})(?:st|nd|rd|th|\.)?(?:\s+of)?[-\s/.]*({MONTH_WORD})[-\s/.,']*([0-9]{{4}}|[0-9]{{2}}){_TIME}",
    re.I,
)
_MONTH_FIRST = re.compile(
    rf"{_WEEKDAY}({MONTH_WORD})[-\s/]*([0-9]{{1,2}})(?:st|nd|rd|th)?[-\s/,]+([0-9]{{4}}|[0-9]{{2}}){_TIME}", re.I
)
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})[-\s/]({MONTH_WORD})[-\s/]([0-9]{{1,2}}){_TIME}", re.I)
_COMPACT = re.compile(r"((?:19|20)[0-9]{2})(0[1-9]|1[0-2])([0-2][0-9]|3[01])")


def full_year(text: str) -> int:
    """A printed year of two or four digits: 00 to 68 are 2000 to 2068, 69 to 99 are 1969 to 1999."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 69 else 1900)


def month_number(word: str) -> int:
    """1 to 12 for a month's name or abbreviation (English, German, French, Spanish, Italian), else 0."""
    return MONTHS.get(word.casefold().rstrip("."), 0)


def read_date(text: str, order: Order = "dmy", compact: bool = False) -> date | None:
    """The day a cell names, or None where it is no date. `compact` also reads `20240331`, which most often is an id.

    >>> read_date("1/5/2019 13:08", "mdy"), read_date("31-Dec-24"), read_date("12.3")
    (datetime.date(2019, 1, 5), datetime.date(2024, 12, 31), None)
    """
    if type(text) is Typed:
        return text.day
    bare = text.strip()
    if not 6 <= len(bare) <= 48 or not _MAYBE.search(bare):
        return None
    if found := _ISO.fullmatch(bare):
        return _day(int(found[1]), int(found[3]), int(found[4]))
    if found := _NUMERIC.fullmatch(bare):
        first, second, year = int(found[1]), int(found[3]), full_year(found[4])
        return _day(year, second, first) if order == "dmy" else _day(year, first, second)
    if compact and (found := _COMPACT.fullmatch(bare)):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    return _worded(bare)


def _worded(bare: str) -> date | None:
    if found := _DAY_FIRST.fullmatch(bare):
        return _day(full_year(found[3]), month_number(found[2]), int(found[1]))
    if found := _MONTH_FIRST.fullmatch(bare):
        return _day(full_year(found[3]), month_number(found[1]), int(found[2]))
    if found := _YEAR_FIRST.fullmatch(bare):
        return _day(int(found[1]), month_number(found[2]), int(found[3]))
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class OrderDecision:
    """Which of day and month comes first. `needed`: numeric dates are there at all; `sure`: the dates themselves decide."""

    order: Order
    needed: bool
    sure: bool


def decide_order(texts: Sequence[str], fallback: Order = "dmy") -> OrderDecision:
    """Decide the order of a column of dates, in the order in which they are printed."""
    pairs = [
        (int(found[1]), int(found[3]), full_year(found[4]))
        for found in (_NUMERIC.fullmatch(text.strip()) for text in texts)
        if found
    ]
    if not pairs:
        return OrderDecision(fallback, needed=False, sure=True)
    day_first = sum(first > 12 >= second for first, second, _ in pairs)
    month_first = sum(second > 12 >= first for first, second, _ in pairs)
    if day_first != month_first:
        return OrderDecision("dmy" if day_first > month_first else "mdy", needed=True, sure=True)
    if day_first == 0 and all(first == second for first, second, _ in pairs):
        return OrderDecision(fallback, needed=True, sure=True)  # 05/05/2024 reads the same both ways
    if all("." in text for text in texts if _NUMERIC.fullmatch(text.strip())):
        return OrderDecision("dmy", needed=True, sure=True)  # points are written where the day comes first
    found = _by_pattern(pairs)
    return OrderDecision(found or fallback, needed=True, sure=found is not None)


def _by_pattern(pairs: Sequence[tuple[int, int, int]]) -> Order | None:
    """What the dates' course says: the component that never changes is the day, the reading that is sorted is right."""
    if len(pairs) < 3:
        return None
    firsts, seconds = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    if len(firsts) == 1 and len(seconds) > 2:
        return "dmy"
    if len(seconds) == 1 and len(firsts) > 2:
        return "mdy"
    day_first = _is_sorted([(year, second, first) for first, second, year in pairs])
    month_first = _is_sorted([(year, first, second) for first, second, year in pairs])
    if day_first == month_first:
        return None
    return "dmy" if day_first else "mdy"


def _is_sorted(days: Sequence[tuple[int, int, int]]) -> bool:
    steps = list(pairwise(days))
    return all(a <= b for a, b in steps) or all(a >= b for a, b in steps)
