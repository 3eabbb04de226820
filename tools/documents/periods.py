"""Period labels as they are printed: `FY2024`, `2024`, `Q3 2024`, `2024-03`, `H1 FY24`, `Year ended 31 December 2024`.

A label becomes a `Period` with a canonical label, so that `FY24` and `FY 2024` in two documents meet, and with inclusive
dates. A fiscal year ends where the document says (`year_end`); when it says nothing the calendar year is taken, and the
reader owes the person a note. `2023/24` names two years and gets dates only when the year's end is known.

`read_period` wants the whole text to be a label. `find_period` looks for one inside a header (`Revenue 2024`,
`2024 Actual`) and returns the words around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from tools.documents.dates import MONTH_NAMES, MONTH_WORD, Order, full_year, month_number, read_date
from tools.values import Period, PeriodKind

YearEnd = tuple[int, int]
"""(month, day) on which fiscal years end; (12, 31) is the calendar year."""

CALENDAR: YearEnd = (12, 31)
MAX_LABEL = 120

_MONTHS_IN: dict[str, int] = {
    "year": 12, "years": 12, "fiscal year": 12, "financial year": 12, "twelve months": 12, "52 weeks": 12, "53 weeks": 12,
    "fifty-two weeks": 12, "half year": 6, "half-year": 6, "six months": 6, "26 weeks": 6, "nine months": 9, "39 weeks": 9,
    "fye": 12, "three months": 3, "quarter": 3, "13 weeks": 3, "thirteen weeks": 3, "month": 1,
}  # fmt: skip
_KINDS: dict[int, PeriodKind] = {12: "year", 6: "half", 3: "quarter", 1: "month"}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}

_Y = r"((?:19|20)[0-9]{2})"
_YY = r"'?((?:19|20)?[0-9]{2})"
_FISCAL = r"(FY|CY|F|FYE|fiscal(?:\s+year)?|financial\s+year)"
_QUARTER = (
    r"(?:Q([1-4])|([1-4])Q|quarter\s+([1-4])|(first|second|third|fourth|1st|2nd|3rd|4th)\s+quarter|([1-4])\.\s*Quartal)"
)
_HALF = r"(?:H([12])|([12])H|(first|second|1st|2nd)\s+half(?:[\s-]year)?|(half[\s-]year|HY)|([12])\.\s*Halbjahr)"
_OF = r"(?:\s+of)?[\s,./'’-]*"
_LENGTH = (
    r"(?:for\s+)?(?:the\s+)?("
    + "|".join(sorted(map(re.escape, _MONTHS_IN), key=len, reverse=True))
    + r"|[0-9]{1,2}\s+months?)"
)
_TO = r"[\s-]+(?:period\s+)?(?:ended|ending|to|end|ends)(?:\s+on)?:?\s+"
_NOISE = re.compile(
    r"\((?:re-?stated|(?:un)?audited|as reported|reported|[0-9]{1,2}|[a-z])\)|\b(?:re-?stated|(?:un)?audited)\b|[*†‡§¹²³⁴]+",
    re.I,
)


_YEARS = range(1900, 2100)


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


def month_end(year: int, month: int) -> date:
    """The last day of a month; `month` may run below 1 or above 12."""
    index = year * 12 + month  # first of the following month, counted from 0
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)


def months_ending(end: date, months: int) -> date:
    """The first day of the stretch of whole months that ends on `end`."""
    last = month_end(end.year, end.month)
    if end == last:
        return month_end(end.year, end.month - months) + timedelta(days=1)
    before = month_end(end.year, end.month - months)
    return before.replace(day=min(end.day, before.day)) + timedelta(days=1)


def _end_of_year(year: int, year_end: YearEnd) -> date:
    month, day = year_end
    return min(month_end(year, month), date(year, month, 1) + timedelta(days=day - 1))


@dataclass(frozen=True, slots=True)
class _Context:
    """What the document says about reading its labels."""

    year_end: YearEnd | None
    order: Order

    def year(self, label: str, year: int, fiscal: bool) -> Period:
        end = _end_of_year(year, self.year_end or CALENDAR if fiscal else CALENDAR)
        return Period(label, "year", months_ending(end, 12), end)

    def part(self, label: str, kind: PeriodKind, year: int, fiscal: bool, months: int, number: int) -> Period:
        """Part `number` (from 1) of a year in parts of `months` months."""
        last = _end_of_year(year, self.year_end or CALENDAR if fiscal else CALENDAR)
        rest = 12 - months * number
        end = month_end(last.year, last.month - rest) if rest else last
        return Period(label, kind, months_ending(end, months), end)


_Builder = Callable[[re.Match[str], _Context], Period | None]


def _first(found: re.Match[str], *groups: int) -> str:
    return next((found[group] for group in groups if found[group]), "")


def _year(found: re.Match[str], context: _Context) -> Period | None:
    prefix, year, suffix = found[1] or "", full_year(found[2]), (found[3] or "").upper()
    if not 1900 <= year <= 2100 or (not prefix and len(found[2].strip("'")) < 4):
        return None
    fiscal = bool(prefix) and prefix.upper() != "CY"
    return context.year(f"{'FY' if fiscal else ''}{year}{suffix}", year, fiscal)


def _two_years(found: re.Match[str], context: _Context) -> Period | None:
    first, second = full_year(found[2]), found[3]
    if int(second) % 100 != (first + 1) % 100 or ("-" in found[0] and int(second) <= 12 and not found[1]):
        return None  # 2011-12 is a month, as in every export; 2011/12 and 2023-24 are years
    label = f"FY{first}/{int(second) % 100:02d}"
    if not context.year_end or context.year_end == CALENDAR:
        return Period(label, "year")
    return context.year(label, first + 1, fiscal=True)


def _quarter(
    found: re.Match[str], context: _Context, at: int = 1, fiscal_at: int = 6, year_at: int = 7
) -> Period | None:
    digit = _first(found, at, at + 1, at + 2, at + 4)
    number = int(digit) if digit else _ORDINALS[found[at + 3].casefold()]
    if not found[year_at]:
        return Period(f"Q{number}", "quarter")
    fiscal, year = _is_fiscal(found[fiscal_at]), full_year(found[year_at])
    return context.part(f"Q{number} {'FY' if fiscal else ''}{year}", "quarter", year, fiscal, 3, number)


def _quarter_after(found: re.Match[str], context: _Context) -> Period | None:
    return _quarter(found, context, at=3, fiscal_at=1, year_at=2)


def _half(found: re.Match[str], context: _Context, at: int = 1, fiscal_at: int = 6, year_at: int = 7) -> Period | None:
    digit = _first(found, at, at + 1, at + 4)
    word = (found[at + 2] or "first").casefold()
    number = int(digit) if digit else _ORDINALS[word]
    if not found[year_at]:
        return Period(f"H{number}", "half")
    fiscal, year = _is_fiscal(found[fiscal_at]), full_year(found[year_at])
    return context.part(f"H{number} {'FY' if fiscal else ''}{year}", "half", year, fiscal, 6, number)


def _half_after(found: re.Match[str], context: _Context) -> Period | None:
    return _half(found, context, at=3, fiscal_at=1, year_at=2)


def _is_fiscal(prefix: str | None) -> bool:
    return bool(prefix) and str(prefix).upper() != "CY"


def _months_of_year(found: re.Match[str], context: _Context) -> Period | None:
    """`9M 2024`: the first nine months of the year."""
    months, fiscal, year = int(found[1]), _is_fiscal(found[2]), full_year(found[3])
    if not 1 <= months <= 12:
        return None
    start = context.year("", year, fiscal).start
    assert start is not None
    label = f"{months}M {'FY' if fiscal else ''}{year}"
    return Period(label, _KINDS.get(months, "span"), start, month_end(start.year, start.month + months - 1))


def _month(year: int, month: int) -> Period | None:
    if not (1 <= month <= 12 and 1900 <= year <= 2100):
        return None
    return Period(f"{MONTH_NAMES[month - 1]} {year}", "month", date(year, month, 1), month_end(year, month))


def _month_of_year(found: re.Match[str]) -> Period | None:
    """`Mar 24` is a month of 2024, as in every export; `December 31,` is a day of a year that stands elsewhere."""
    is_day = (
        len(found[2]) == 2 and len(found[1].strip(".")) > 4 and found[0][found.end(1) : found.start(2)].strip() == ""
    )
    return None if is_day else _month(full_year(found[2]), month_number(found[1]))


def _ended(found: re.Match[str], context: _Context) -> Period | None:
    """`Year ended 31 December 2024`, `three months to Mar 2024`."""
    words = " ".join(found[1].casefold().split())
    months = _MONTHS_IN.get(words) or int(re.match(r"[0-9]+", words)[0])  # type: ignore[index]
    end = _day_or_month_end(found[2], context)
    if end is None or not 1 <= months <= 24 or end.year not in _YEARS:
        return None  # the year 10 is a slip, and FY10 would read as another year
    if months == 12:
        return Period(f"FY{end.year}", "year", months_ending(end, 12), end)
    label = f"{months} months to {_shown(end)}" if months > 1 else f"{MONTH_NAMES[end.month - 1]} {end.year}"
    return Period(label, _KINDS.get(months, "span"), months_ending(end, months), end)


def _day_or_month_end(text: str, context: _Context) -> date | None:
    day = read_date(text, context.order)
    if day is None and (found := _MONTH_AND_YEAR.fullmatch(text.strip())):
        month = _month_of_year(found)
        return month.end if month else None
    return day


def _instant(found: re.Match[str], context: _Context) -> Period | None:
    day = _day_or_month_end(found[1], context)
    return Period(_shown(day), "instant", None, day) if day else None


def _shown(day: date) -> str:
    return f"{day.day} {MONTH_NAMES[day.month - 1]} {day.year:04d}"


def _running(found: re.Match[str], context: _Context) -> Period | None:
    """`LTM`, `TTM Sep 2024`, `YTD Jun-24`."""
    word = found[1].upper()
    if not found[2]:
        return Period(word, "span")
    if _RUNNING.match(found[2]):
        return None
    rest = read_period(found[2], context.year_end, context.order)
    if rest is None:
        return None
    start = months_ending(rest.end, 12) if rest.end and word in ("LTM", "TTM") else None
    return Period(f"{word} {rest.label}", "span", start, rest.end)


def _week(found: re.Match[str], context: _Context) -> Period | None:
    number, year = int(found[2] or found[3]), int(found[1] or found[4])
    try:
        start = date.fromisocalendar(year, number, 1)
    except ValueError:
        return None
    return Period(f"{year}-W{number:02d}", "week", start, start + timedelta(days=6))


_MONTH_AND_YEAR = _words(rf"({MONTH_WORD}){_OF}{_YY}")
_RUNNING = _words(r"(LTM|TTM|YTD)[\s:-]*(.+)?")
_FORMS: tuple[tuple[re.Pattern[str], _Builder], ...] = (
    (_words(rf"{_FISCAL}?[\s.-]*{_YY}([AEFPB])?"), _year),
    (_words(rf"{_FISCAL}?[\s.-]*{_Y}\s?[-/–]\s?((?:19|20)?[0-9]{{2}})"), _two_years),
    (_words(rf"{_FISCAL}[\s.-]*([0-9]{{2}})\s?[-/–]\s?([0-9]{{2}})"), _two_years),
    (_words(rf"{_Y}[-/M]([01]?[0-9])"), lambda found, _: _month(int(found[1]), int(found[2]))),
    (_words(rf"([01]?[0-9])[-/]{_Y}"), lambda found, _: _month(int(found[2]), int(found[1]))),
    (_words(rf"{_Y}(0[1-9]|1[0-2])"), lambda found, _: _month(int(found[1]), int(found[2]))),
    (_MONTH_AND_YEAR, lambda found, _: _month_of_year(found)),
    (_words(rf"{_Y}[\s-]+({MONTH_WORD})"), lambda found, _: _month(int(found[1]), month_number(found[2]))),
    (_words(rf"({MONTH_WORD})"), lambda found, _: Period(MONTH_NAMES[month_number(found[1]) - 1], "month")),
    (_words(rf"{_QUARTER}(?:{_OF}{_FISCAL}?\s*{_YY})?"), _quarter),
    (_words(rf"{_FISCAL}?\s*{_YY}[\s,/-]*{_QUARTER}"), _quarter_after),
    (_words(rf"{_HALF}(?:{_OF}{_FISCAL}?\s*{_YY})?"), _half),
    (_words(rf"{_FISCAL}?\s*{_YY}[\s,/-]*{_HALF}"), _half_after),
    (_words(rf"([0-9]{{1,2}})M\s*{_FISCAL}?\s*{_YY}"), _months_of_year),
    (_words(rf"{_LENGTH}{_TO}(.+)"), _ended),
    (_words(r"(FYE):?\s+(.+)"), _ended),
    (_words(r"(?:balance\s+)?(?:as\s+at|as\s+of|at)\s+(.+)"), _instant),
    (_RUNNING, _running),
    (_words(rf"(?:{_Y}-?W(?:eek)?\s?([0-9]{{1,2}})|W(?:eek)?\s?([0-9]{{1,2}})[\s/,-]*{_Y})"), _week),
    (_words(r"(.*[0-9].*)"), _instant),
)


@lru_cache(maxsize=4096)
def read_period(text: str, year_end: YearEnd | None = None, order: Order = "dmy") -> Period | None:
    """The period a label names, or None where the whole text is no period label.

    >>> read_period("FY24").label, read_period("H1 FY24", (3, 31)).end.isoformat(), read_period("Year ended 30 June 2024").label
    ('FY2024', '2023-09-30', 'FY2024')
    """
    if len(text) > MAX_LABEL:
        return None
    bare = " ".join(_NOISE.sub(" ", text).split()).strip(" ,;:")
    if not bare or (not any("0" <= sign <= "9" for sign in bare) and len(bare) > 24):
        return None
    context = _Context(year_end, order)
    for form, build in _FORMS:
        found = form.fullmatch(bare)
        try:
            period = build(found, context) if found else None
        except (ValueError, OverflowError):  # it would begin before the calendar, or end after it
            return None
        if period is not None:
            return period
    return None


_WORD = re.compile(r"\S+")
_YEAR_IN = re.compile(r"\b(?:19|20)[0-9]{2}\b")


def find_period(text: str, year_end: YearEnd | None = None, order: Order = "dmy") -> tuple[Period, str] | None:
    """The longest period label inside a header and the words around it, or None.

    A month's or quarter's name without a year is taken only when it stands alone, because `may` is also a verb.

    >>> period, rest = find_period("2024 Actual"); period.label, rest
    ('2024', 'Actual')
    """
    whole = read_period(text, year_end, order)
    if whole is not None:
        return whole, ""
    words = [found.span() for found in islice(_WORD.finditer(text[:MAX_LABEL]), 12)]
    for length in range(min(len(words) - 1, 7), 0, -1):
        for at in range(len(words) - length + 1):
            start, end = words[at][0], words[at + length - 1][1]
            label = text[start:end].strip("()[],;:")
            period = read_period(label, year_end, order) if any("0" <= sign <= "9" for sign in label) else None
            if period is not None:
                rest = " ".join(f"{text[:start]} {text[end:]}".strip(" ()[],;:-–").split())
                return None if _YEAR_IN.search(rest) else (period, rest)  # `2019 over 2018` is a comparison
    return None


def period_between(start: date, end: date) -> Period | None:
    """The period from one day to another, both in it, named as the words of a heading name it."""
    days = (end - start).days + 1
    if days < 1:
        return None
    months = round(days / 30.4)
    if 357 <= days <= 378:
        made = read_period(f"year ended {end.isoformat()}")
    elif 1 <= months <= 24 and abs(days - months * 30.4) <= 9:
        made = read_period(f"{months} months ended {end.isoformat()}")
    else:
        made = None
    if made is None:
        return Period(f"{start.isoformat()} to {end.isoformat()}", "span", start, end)
    return Period(made.label, made.kind, start, end)


_DAY_AND_MONTH = rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)?\s+({MONTH_WORD})|({MONTH_WORD})\s+([0-9]{{1,2}}))\b"
_DAY_OF_YEAR = re.compile(
    r"(?:^|\b(?:as\s+(?:at|of|on)|at|balance sheets?|financial position)[,:]?\s+)" + _DAY_AND_MONTH,
    re.I,
)
_ENDED_ON = re.compile(
    r"\b(?:(?:six|nine|three) months|quarters?|(?:13|26|39) weeks|half[- ]years?)\s+(?:periods?\s+)?end(?:ed|ing)\s+"
    + _DAY_AND_MONTH,
    re.I,
)
_YEAR_END = re.compile(
    r"\b(?:years?|FYE?|fiscal years?|financial years?|(?:52|53|twelve) (?:weeks|months))"
    r"\s+(?:ended|ending|to|ends?|end)\s*(?:on|:|in)?\s+"
    rf"(?:([0-9]{{1,2}})(?:st|nd|rd|th)?\s+({MONTH_WORD})|({MONTH_WORD})\s*([0-9]{{1,2}})?)",
    re.I,
)


def find_year_end(text: str) -> YearEnd | None:
    """When fiscal years end, where a title says so: `for the years ended 30 June` is (6, 30)."""
    found = _YEAR_END.search(text)
    if not found:
        return None
    month = month_number(found[2] or found[3])
    day = int(found[1] or found[4] or 0)
    last = month_end(2023, month).day
    return (month, day if 0 < day < last else last)


def find_day(text: str) -> YearEnd | None:
    """The day of the year a title stands at, year or no year: `Balance sheet as at 31 March` is (3, 31)."""
    return _month_and_day(_DAY_OF_YEAR.search(text))


def find_ended(text: str) -> YearEnd | None:
    """The day that periods shorter than a year end on, year or no year: `Three months ended December 31,` is (12, 31)."""
    return _month_and_day(_ENDED_ON.search(text))


def _month_and_day(found: re.Match[str] | None) -> YearEnd | None:
    if not found:
        return None
    month, day = month_number(found[2] or found[3]), int(found[1] or found[4])
    return (month, day) if 1 <= day <= month_end(2024, month).day else None


def standing_at(period: Period, day: YearEnd | None) -> Period:
    """A year as its column in a balance sheet means it: the `day` in it, or else its last. The label stays."""
    if period.kind != "year" or period.end is None:
        return period
    return Period(period.label, "instant", None, _end_of_year(period.end.year, day) if day else period.end)
