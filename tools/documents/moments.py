"""Which figures stand at a moment and which run over a time, where the columns' headings leave it open.

`2024` over a list of receivables means the last day of the year, over a list of expenses the year; `Balance at
December 31, 2023` is a day whatever the column says; the lines between two such balances belong to the time between them;
`Year ended January 26, 2025` on a line of its own dates the lines below it. Nearest word first: the line, the line it stands
under, the corner over the lines, the title; and at last the lines themselves, by what accounts call things that are held
(`receivables`, `obligation`) and things that happen (`expense`, `paid`).

Only periods change here, never amounts. What is not said stays undated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from tools.documents.dates import MONTH_WORD, month_number, read_date
from tools.documents.document import Column, Table
from tools.documents.periods import YearEnd, period_between, read_period
from tools.values import Period

_DAY = rf"(?:(?:{MONTH_WORD})\.?\s+[0-9]{{1,2}},?\s+(?:19|20)[0-9]{{2}}|[0-9]{{1,2}}\s+(?:{MONTH_WORD})\.?\s+(?:19|20)[0-9]{{2}})"
_DATED = re.compile(rf"\b({_DAY})", re.I)
_BALANCE_ON = re.compile(
    rf"\b(?:balances?|outstanding|(?:un|non-?)?vested|exercisable|expected to vest|cash|equity|as of|as at|at)\b"
    rf".*?\b({_DAY})\W*(?:\([a-z0-9]\))?$",
    re.I,
)
_ANY_DAY = re.compile(_DAY, re.I)
_OPENING = re.compile(
    r"\b(?:beginning|opening)\s+(?:[a-z]+\s+)?balances?\b|\bbalances?\W+(?:at\s+)?(?:the\s+)?(?:beginning|start)\b"
    r"|\b(?:at|,|–|-)?\s*(?:the\s+)?(?:beginning|start) of (?:the )?(?:year|period|fiscal year)\b"
    r"|^(?:balance|outstanding|nonvested|unvested)\W+january 1\W*$",
    re.I,
)
_CLOSING = re.compile(
    r"\b(?:ending|closing)\s+(?:[a-z]+\s+)?balances?\b|\bbalances?\W+(?:at\s+)?(?:the\s+)?end\b"
    r"|\b(?:the\s+)?end of (?:the )?(?:year|period|fiscal year)\b|^(?:balance|outstanding|nonvested|unvested)\W+december 31\W*$"
    r"|\bat (?:the )?year[- ]end\b",
    re.I,
)
_CORNER_DAY = re.compile(rf".*?(?:^|[,(]|\bas (?:at|of)|\bat)\s*(?:{MONTH_WORD})\.?\s+[0-9]{{1,2}},?\W*", re.I)
_ENDED = re.compile(r"\bend(?:ed|ing)\b", re.I)
_AT_DAY = re.compile(rf"\b(?:as\s+(?:at|of)|at)\s+(?:{MONTH_WORD})\.?\s+[0-9]{{1,2}}\b", re.I)
_FROM_TITLE = re.compile(rf"\b(?:as\s+(?:at|of)|at)\s+({_DAY})", re.I)
_OVER_TITLE = re.compile(
    rf"\b((?:fiscal\s+)?year|(?:three|six|nine|twelve)\s+months|quarter|(?:13|26|39|52|53)\s+weeks)\s+ended\s+({_DAY})",
    re.I,
)
_HELD = re.compile(
    r"\b(?:assets?|liabilit(?:y|ies)|receivables?|payables?|accrued|inventor(?:y|ies)|allowances?|goodwill|intangibles?|debt|notes|"
    r"bonds|debentures|borrowings|equity|deposits?|securities|carrying|fair value|land|buildings|equipment|machinery|"
    r"obligations?|funded status|deferred|cash|prepaid|reserves?|raw materials|finished (?:goods|products)|work in process|"
    r"accumulated|commercial paper|leases?|funds?|investments?|credit lines?|facilit(?:y|ies)|derivatives?|contracts)\b",
    re.I,
)
_OWED = re.compile(
    r"\b(?:assets|liabilit(?:y|ies)|receivables?|payables?|accrued|inventor(?:y|ies)|allowances?|obligations?)\b", re.I
)
_DAY_OF_YEAR = re.compile(rf"(?:[–—-]|,|\bat|\bas of|\bas at)\s*({MONTH_WORD})\.?\s+([0-9]{{1,2}})\W*$", re.I)
_HAPPENS = re.compile(
    r"\b(?:revenues?|sales|expenses?|income|earnings|costs?|provisions?|paid|payments?|proceeds|gains?|loss(?:es)?|returns?|"
    r"amortization|depreciation|compensation|dividends?|statutory|granted|vested|rates?|changes?|increases?|decreases?|"
    r"purchases?|issued|acquired|acquisitions?|reclassif\w+|repurchased?|write-?offs?|additions?|reductions?|recognized|"
    r"operating activities|contributions?|settlements?|interest|charges?|current:?|federal|foreign|state)\b",
    re.I,
)
_THEREAFTER = re.compile(
    r"^(?:thereafter|later years|[0-9]{4} and (?:thereafter|beyond)|after (?:19|20)[0-9]{2})\W*$", re.I
)
_ENDS_IN_DAY = re.compile(r"^.*\bended\s+", re.I)
_BARE_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_YEAR_APART = (357, 378)


def date_rows(
    columns: Sequence[Column],
    labels: Sequence[str],
    titles: Sequence[str],
    corner: str,
    year_end: YearEnd | None = None,
) -> None:
    """Dates the lines of a table in which rows are lines. `corner`: the heading over the labels."""
    numbers = [column for column in columns if column.kind == "number"]
    if not numbers:
        return
    rolls = any(_OPENING.search(label) for label in labels)
    if rolls:
        _run_over(numbers)
    else:
        _stand(numbers, labels, titles, corner)
    named = _said_once(titles)
    for column in numbers:
        if named and column.period is None and not any(other.period for other in numbers):
            column.periods = dict.fromkeys(range(len(labels)), named) if rolls else column.periods
    if named and not any(column.period for column in numbers):
        for column in numbers:
            column.period, column.periods = named, {}
    _fill_between(numbers)
    _date_lines(numbers, labels, year_end)


def _said_once(titles: Sequence[str]) -> Period | None:
    """The one time or day that the nearest title which names any is about."""
    for title in reversed(titles):
        days = {" ".join(found.split()) for found in _DATED.findall(title)}
        if len(days) > 1:
            return None
        if over := _OVER_TITLE.search(title):
            return read_period(f"{over[1]} ended {over[2]}", None, "mdy")
        if at := _FROM_TITLE.search(title):
            return _instant(at[1])
    return None


def _instant(text: str) -> Period | None:
    day = read_date(text.replace(".", ""), "mdy")
    return _on(day) if day else None


def _on(day: date) -> Period | None:
    return read_period(f"as at {day.isoformat()}")


# Columns.


def _run_over(numbers: Sequence[Column]) -> None:
    """Columns of days over lines that lead from a balance to the next are the years that end on these days."""
    ends = sorted({column.period.end for column in numbers if column.period and column.period.end})
    if len(ends) < 2 or not all(_YEAR_APART[0] <= (b - a).days <= _YEAR_APART[1] for a, b in pairwise(ends)):
        return
    for column in numbers:
        if column.period and column.period.kind == "instant" and column.period.end:
            year = read_period(f"year ended {column.period.end.isoformat()}")
            column.period = replace(year, label=column.period.label) if year else column.period


def _stand(numbers: Sequence[Column], labels: Sequence[str], titles: Sequence[str], corner: str) -> None:
    """Columns headed by bare years stand at their ends, where corner, title or the lines themselves say so."""
    years = [column for column in numbers if column.period and _is_open(column.period)]
    if not years:
        return
    title = titles[-1] if titles else ""
    if _ENDED.search(corner) or (_ENDED.search(title) and not _AT_DAY.search(title)):
        return
    count = len({column.period for column in years})
    by_title = bool(_AT_DAY.search(title)) and not (count > 2 and happen(labels))
    if not (_CORNER_DAY.fullmatch(corner) or by_title or _are_held(labels, title, count)):
        return
    for column in years:
        assert column.period is not None
        column.period = Period(column.period.label, "instant", None, column.period.end)


def _is_open(period: Period) -> bool:
    """Whether only the year is said: `2024` may be a year or the day it ends on."""
    return period.kind == "year" and bool(_BARE_YEAR.fullmatch(period.label))


def _are_held(labels: Sequence[str], title: str, years: int) -> bool:
    """Whether lines name what a company holds and owes. Statements of flows show a year more than those of balances."""
    held, happens = _counted((*labels, title, title))
    if years == 2:
        return held > 0 and held >= happens
    return held > 2 * happens if years == 1 else held > 3 and not happens


def happen(labels: Sequence[str]) -> bool:
    """Whether lines name what happened rather than what is held."""
    held, happens = _counted(labels)
    return happens > held


def _counted(labels: Sequence[str]) -> tuple[int, int]:
    """How many lines name what is held, and how many what happens; a line that names both says neither."""
    held = happens = 0
    for label in labels:
        is_held, is_flow = bool(_HELD.search(label)), bool(_HAPPENS.search(label)) and not _OWED.search(label)
        held += is_held and not is_flow
        happens += is_flow and not is_held
    return held, happens


def _fill_between(numbers: Sequence[Column]) -> None:
    """Columns between a balance and a later one (`January 1, 2024`, `Issued`, `December 31, 2024`) belong to the time between."""
    days = sorted({column.period.end for column in numbers if column.period and column.period.end})
    if len(days) != 2 or any(column.period and column.period.kind != "instant" for column in numbers):
        return
    dated = [at for at, column in enumerate(numbers) if column.period]
    first, last = numbers[dated[0]].period, numbers[dated[-1]].period
    if len(dated) != 2 or first is None or last is None or first.end != days[0] or dated[1] - dated[0] < 2:
        return
    begins = days[0] if (days[0].month, days[0].day) == (1, 1) else days[0] + timedelta(days=1)
    for column in numbers[dated[0] + 1 : dated[1]]:
        column.period = period_between(begins, days[1])


# Lines.


def _date_lines(numbers: Sequence[Column], labels: Sequence[str], year_end: YearEnd | None) -> None:
    days = {row: day for row, label in enumerate(labels) if (day := _balance_day(label))}
    between = _between(days)
    section: Period | None = None
    led = any(_OPENING.search(column.label) for column in numbers) and not any(column.period for column in numbers)
    for row, label in enumerate(labels):
        if all(not column.texts[row].strip() for column in numbers):
            section = _heading_period(label, year_end) or section
            continue
        if led and _BARE_YEAR.fullmatch(label.strip()):
            section = _heading_period(label, year_end)
        for column in numbers:
            period = _line_period(label, column, section, days.get(row), between.get(row))
            if period is not None and period != column.period:
                column.periods[row] = period


def _line_period(
    label: str, column: Column, section: Period | None, day: date | None, between: Period | None
) -> Period | None:
    """What a line says of its period, on top of what its column says; None where it says nothing."""
    if day is not None:
        return _on(day)
    around = section if section and column.period is None else column.period or section
    if around is not None and around.kind != "instant":
        said = _DAY_OF_YEAR.search(label.strip())
        day_of_year = (month_number(said[1]), int(said[2])) if said else None
        if around.end and day_of_year == (around.end.month, around.end.day):
            return _on(around.end)
        if around.start and day_of_year == (around.start.month, around.start.day):
            return _on(around.start - timedelta(days=1))
        if around.start and (_OPENING.search(label) or _OPENING.search(column.label)):
            return _on(around.start - timedelta(days=1))
        if around.end and (_CLOSING.search(label) or _CLOSING.search(column.label)):
            return _on(around.end)
    if column.period is not None and section is None:
        if part := _part_of_year(label, column.period):
            return part
        return between if column.period.kind == "instant" or not column.period.start else None
    return between or section


def _part_of_year(label: str, year: Period) -> Period | None:
    """`First quarter` in a column of a year is that year's."""
    part = read_period(label) if year.kind == "year" and len(label) < 20 else None
    if part is None or part.end or part.kind not in ("quarter", "half", "month") or year.end is None:
        return None
    return read_period(f"{part.label} FY{year.end.year}", (year.end.month, year.end.day))


def _balance_day(label: str) -> date | None:
    """The day in `Balance at December 31, 2023`; not one of several, as in `(net of $33 at ... and $24 at ...)`."""
    found = _BALANCE_ON.search(label.strip())
    if found and len(_ANY_DAY.findall(label)) > 1:
        return None
    return read_date(found[1].replace(".", ""), "mdy") if found else None


def _between(days: dict[int, date]) -> dict[int, Period]:
    """For lines between two dated balances, the time between these."""
    found: dict[int, Period] = {}
    for (first, start), (last, end) in pairwise(sorted(days.items())):
        begins = start if (start.month, start.day) == (1, 1) else start + timedelta(days=1)
        if (end - begins).days > 6 and (period := period_between(begins, end)):
            found.update(dict.fromkeys(range(first + 1, last), period))
    return found


def _heading_period(label: str, year_end: YearEnd | None) -> Period | None:
    """The period that a line without figures names: `Year ended January 26, 2025`, `Fiscal year 2024`, `2024:`."""
    words = label.strip().rstrip(":").replace("For the ", "").replace("for the ", "")
    if _ENDED.search(words) and (over := _OVER_TITLE.search(words)):
        return read_period(f"{over[1]} ended {over[2]}", None, "mdy")
    if year_end and _BARE_YEAR.fullmatch(words):
        words = f"FY{words}"
    period = read_period(words, year_end, "mdy")
    return period if period and period.end else None


def years_end(columns: Sequence[Column]) -> YearEnd | None:
    """The day that the latest of the columns' years ends on, where all are headed by whole dates (`Year ended` over
    `Jan 26, 2025`); years of 52 and 53 weeks end on others.
    """
    years = [column for column in columns if column.period and column.period.kind == "year" and column.period.end]
    if not years or not all(read_date(_ENDS_IN_DAY.sub("", column.label), "mdy") for column in years):
        return None
    end = max(column.period.end for column in years if column.period and column.period.end)
    return (end.month, end.day)


# What only the whole document tells.


def report_day(tables: Sequence[Table]) -> date | None:
    """The day a document reports on: the one on which the latest period of most of its tables ends."""
    ends: Counter[date] = Counter()
    for table in tables:
        days = [column.period.end for column in table.columns if column.period and column.period.end]
        if days:
            ends[max(days)] += 1
    return max(ends, key=lambda day: (ends[day], day)) if ends else None


def settle_schedules(tables: Sequence[Table]) -> None:
    """Lines that are years to come (`2026`, `Thereafter`) are what is owed on the day of the report."""
    day = report_day(tables)
    if day is None:
        return
    for table in tables:
        numbers = [column for column in table.columns if column.kind == "number"]
        labels = [table.row_label(row) for row in range(table.row_count)]
        years = [int(label) for label in labels if _BARE_YEAR.fullmatch(label)]
        ahead = [year for year in years if year >= day.year]
        if (len(ahead) < 3 or len(ahead) < len(years)) and not any(map(_THEREAFTER.match, labels)):
            continue
        for column in numbers:
            if column.period is None and not column.periods:
                column.period = _on(day)
