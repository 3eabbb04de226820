"""Periods in a question: "FY2023", "FY24 vs FY23", "Q3 2024", "since 2022", "last year", "the last three years".

A question's words are read into `Moment`s (a year, a quarter of it, a month, a day) and tied either to the period
columns of a statement or to a window of dates. A moment that the document does not cover is reported, never replaced by
the nearest one.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Literal

from analysis.offline.catalogue import Field
from analysis.offline.words import Question, read_number

MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(f"{month[:3]}(?:{month[3:]})?" if len(month) > 3 else month for month in MONTHS) + "|sept"
_YEAR = r"(?:19|20)\d\d"
_FY = r"(?:\b(?:fiscal year|financial year|fiscal|calendar year|year|fy|cy)\b[ \-]?['’]?|\b(?:fy|cy)['’]?|['’]|\b)"
_BEFORE_MONTHS = "in|during|for|of|since|until|from|to|vs|versus|and|between|about|or|against|by"
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
_PATTERNS = (
    ("day", re.compile(rf"\b(?P<y>{_YEAR})-(?P<m>\d\d)-(?P<d>\d\d)\b")),
    ("day", re.compile(rf"\b(?P<d>\d\d?)(?:st|nd|rd|th)? (?:of )?(?P<mon>{_MONTH})\.?,? (?P<y>{_YEAR})\b")),
    ("day", re.compile(rf"\b(?P<mon>{_MONTH})\.? (?P<d>\d\d?)(?:st|nd|rd|th)?,? (?P<y>{_YEAR})\b")),
    ("month", re.compile(rf"\b(?P<y>{_YEAR})-(?P<m>0[1-9]|1[0-2])\b(?!-)")),
    ("month", re.compile(rf"\b(?P<mon>{_MONTH})\.?(?: of)?[ ,\-]+['’]?(?P<y>{_YEAR}|\d\d(?!\d))\b")),
    ("quarter", re.compile(rf"\b(?P<y>{_YEAR})[ \-/]?q(?P<q>[1-4])\b")),
    ("quarter", re.compile(rf"\bq(?P<q>[1-4])(?:(?: of)?[ \-/,]*(?:fy|cy)?[ ]?['’]?(?P<y>{_YEAR}|(?<=[fcy'’ \-/])\d\d(?!\d)))?\b")),
    ("quarter", re.compile(
        rf"\b(?P<o>first|second|third|fourth|1st|2nd|3rd|4th) quarter(?:(?: of| in)?,? (?:fiscal |fy ?)?(?P<y>{_YEAR}))?\b"
    )),
    ("half", re.compile(rf"\bh(?P<h>[12])(?:[ \-/]*(?:fy)?[ ]?['’]?(?P<y>{_YEAR}|\d\d(?!\d)))?\b")),
    ("half", re.compile(rf"\b(?P<o>first|second) half(?:(?: of| in)? (?P<y>{_YEAR}))?\b")),
    ("year", re.compile(rf"{_FY}(?P<y>{_YEAR})(?:[/\-–](?P<y2>\d\d))?(?![\d/]|-\d)")),
    ("year", re.compile(r"(?:\b(?:fy|cy) ?['’]?|(?<![\w])['’])(?P<y>\d\d)(?!\d)\b")),
    ("month", re.compile(rf"\b(?:{_BEFORE_MONTHS}) (?P<mon>{_MONTH})\b(?! \d)")),
)  # fmt: skip
Kind = Literal["year", "half", "quarter", "month", "day"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A stretch of time as it was said. `year` is None for "Q3" alone; `index` is the half, quarter or month."""

    kind: str
    year: int | None
    index: int = 0
    day: int = 0
    start: int = 0
    end: int = 0

    def window(self, year: int | None = None) -> tuple[date, date] | None:
        """Its first and last day, None where the year is not known."""
        known = self.year or year
        if known is None:
            return None
        if self.kind == "day":
            day = _day(known, self.index, self.day)
            return (day, day) if day else None
        first, months = {
            "year": (1, 12),
            "half": (self.index * 6 - 5, 6),
            "quarter": (self.index * 3 - 2, 3),
            "month": (self.index, 1),
        }[self.kind]
        last = first + months - 1
        return date(known, first, 1), date(known, last, monthrange(known, last)[1])


@dataclass(frozen=True, slots=True)
class PeriodWish:
    """What the question says about time. `mode`: `points` (those moments), `span` (from the first to the last), `since`,
    `until`, `latest`, `previous` (the latest against the one before), `last_n`, `all` or nothing."""

    mode: str = ""
    moments: tuple[Moment, ...] = ()
    count: int = 0
    said: str = ""
    used: frozenset[int] = field(default_factory=frozenset)


_PREVIOUS = re.compile(
    r"\b(?:against|versus|vs\.?|compared (?:to|with)|from|over|than|relative to|on)(?: the)? "
    r"(?:last|prior|previous|preceding) (?:year|quarter|month|period)\b|\byear[ -](?:on|over)[ -]year\b|\byoy\b"
    r"|\bthe (?:year|quarter|month|period) before\b(?= *[?.]?$)"
)
_LATEST = re.compile(
    r"\b(?:in |for |of |during )?(?:the |our )?(?:latest|most recent|current|newest|last|this)"
    r"(?: (?:fiscal|financial|reported))? (?:year|quarter|month|period)\b|\b(?:latest|most recently|currently|now|today)\b"
)
_FIRST = re.compile(r"\b(?:in |for |of )?the (?:first|earliest|oldest) (?:year|quarter|month|period)\b")
_LAST_N = re.compile(
    r"\b(?:over |in |for |during )?(?:the )?(?:last|past|recent|most recent) (\d{1,2}|[a-z]+) (?:years|quarters|months|periods)\b"
)
_ALL = re.compile(
    r"\b(?:over|across|through|throughout|in|for|during)? ?(?:all|the|every|each)? ?(?:available |whole |entire |full )?"
    r"(?:years|periods|quarters|months|time period|period covered)\b|\bover time\b|\bover the (?:whole |entire |full )?period\b"
)
_RELATIVE = (("last_n", _LAST_N), ("previous", _PREVIOUS), ("latest", _LATEST), ("first", _FIRST), ("all", _ALL))


@lru_cache(maxsize=512)
def read_periods(question: Question) -> PeriodWish:
    """What the question says about time."""
    low = question.text.casefold()
    moments = _moments(low)
    used = frozenset().union(*(question.between(m.start, m.end) for m in moments)) if moments else frozenset()
    if moments:
        moments = _with_years(moments)
        mode = _mode_of(low, moments)
        said = _PREPOSITION.sub("", question.text[moments[0].start : moments[-1].end].strip())
        return PeriodWish(mode, tuple(moments), said=said, used=used)
    for mode, pattern in _RELATIVE:
        found = pattern.search(low)
        if not found:
            continue
        count = read_number(found[1]) if mode == "last_n" else 0
        if count is None:
            continue
        return PeriodWish(mode, (), count, found[0].strip(), question.between(found.start(), found.end()))
    return PeriodWish()


_PREPOSITION = re.compile(rf"^(?:{_BEFORE_MONTHS}) ", re.IGNORECASE)


def _moments(low: str) -> list[Moment]:
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(low):
            if any(match.start() < end and match.end() > start for start, end in taken):
                continue
            moment = _moment(kind, match)
            if moment:
                taken.append(match.span())
                found.append(moment)
    return sorted(found, key=lambda moment: moment.start)


def _moment(kind: str, match: re.Match[str]) -> Moment | None:
    parts = match.groupdict()
    year = _full_year((parts.get("y2") and parts["y"][:2] + parts["y2"]) or parts.get("y"))
    index = int(parts.get("q") or parts.get("h") or parts.get("m") or 0)
    if parts.get("o"):
        index = _ORDINALS[parts["o"]]
    if parts.get("mon"):
        index = next(n for n, month in enumerate(MONTHS, 1) if month.startswith(parts["mon"][:3]))
    day = int(parts.get("d") or 0)
    if kind == "day" and (year is None or _day(year, index, day) is None):
        return None
    return Moment(kind, year, index, day, match.start(), match.end())


def _full_year(digits: str | None) -> int | None:
    if not digits:
        return None
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _day(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1] else None


def _with_years(moments: list[Moment]) -> list[Moment]:
    """ "Q3 and Q4 2024", "Q2 net profit 2023": a part of a year without one takes that of the next moment, or of a year
    that stands by itself."""
    lone = [moment for moment in moments if moment.kind == "year"]
    parts = [moment for moment in moments if moment.kind != "year"]
    if not any(moment.year is None for moment in parts):
        return moments
    filled, year = [], lone[-1].year if lone else None
    for moment in reversed(parts):
        year = moment.year or year
        filled.append(moment if moment.year else replace(moment, year=year))
    return filled[::-1]


def _mode_of(low: str, moments: Sequence[Moment]) -> str:
    before = low[: moments[0].start].rstrip()
    if len(moments) == 1:
        if re.search(r"\b(?:since|from|starting(?: in)?|after|as of|beginning(?: in)?)$", before):
            return "after" if before.endswith("after") else "points" if before.endswith("as of") else "since"
        if re.search(r"\b(?:until|till|up to|through|before)$", before):
            return "before" if before.endswith("before") else "until"
        return "points"
    between = low[moments[0].end : moments[1].start].strip()
    if len(moments) == 2:
        if between in ("to", "-", "–", "—", "through", "until", "till", "up to", "thru", "to the end of") or (
            between == "and" and re.search(r"\bbetween$", before)
        ):
            return "span"
        if re.search(r"\bfrom$", low[: moments[1].start].rstrip()):  # "in 2019 from 2018"
            return "span"
    return "points"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The period columns that are meant, oldest first; `missing` are those the question named and nobody covers."""

    labels: tuple[str, ...]
    explicit: bool
    missing: tuple[str, ...] = ()
    span: bool = False


def choose(wish: PeriodWish, axis: Sequence[Field], question: Question) -> Chosen:
    """The columns of a statement that the wish means."""
    labels = tuple(f.label for f in axis)
    if wish.moments:
        return _by_moments(wish, axis, question)
    if wish.mode == "latest":
        return Chosen(labels[-1:], True)
    if wish.mode == "first":
        return Chosen(labels[:1], True)
    if wish.mode == "previous":
        return Chosen(labels[-2:], True)
    if wish.mode == "last_n":
        return Chosen(labels[-wish.count :] if wish.count else labels, True, span=True)
    return Chosen(labels, wish.mode == "all", span=True)


def _by_moments(wish: PeriodWish, axis: Sequence[Field], question: Question) -> Chosen:
    columns = [_covering(moment, axis) for moment in wish.moments]
    missing = tuple(
        question.text[moment.start : moment.end].strip()
        for moment, found in zip(wish.moments, columns, strict=True)
        if not found
    )
    present = sorted({n for found in columns for n in found})
    if missing or not present:
        return Chosen((), True, missing)
    first, last = present[0], present[-1]
    ranges = {
        "span": range(first, last + 1),
        "since": range(first, len(axis)),
        "after": range(last + 1, len(axis)),
        "until": range(last + 1),
        "before": range(first),
    }
    chosen: Iterable[int] = ranges.get(wish.mode, present)
    return Chosen(tuple(axis[n].label for n in chosen), True, span=wish.mode in ranges)


def _covering(moment: Moment, axis: Sequence[Field]) -> list[int]:
    """The columns that are this moment, or lie within it ("2024" over quarters); "Q3" alone is the latest third quarter."""
    own = [_own_moment(f) for f in axis]
    same = [n for n, mine in enumerate(own) if mine and _same(moment, mine)]
    if same:
        return same[-1:] if moment.year is None else same
    if moment.kind == "day":  # "at 31 December 2024" over years
        return [
            n
            for n, f in enumerate(axis)
            if f.period and f.period.end == _day(moment.year or 0, moment.index, moment.day)
        ]
    if moment.kind == "year":
        return [n for n, mine in enumerate(own) if mine and mine.year == moment.year]
    return []


def _same(said: Moment, mine: Moment) -> bool:
    if said.kind != mine.kind or (said.year is not None and said.year != mine.year):
        return False
    return said.kind == "year" or (said.index == mine.index and said.day == mine.day)


def _own_moment(column: Field) -> Moment | None:
    """What a column's label says it is (the company's own year), else what its dates say."""
    said = _moments(column.label.casefold())
    if said and said[0].year is not None:
        return said[0]
    period = column.period
    moment = period.end or period.start if period else None
    if period is None or moment is None:
        return None
    index = {"half": (moment.month + 5) // 6, "quarter": (moment.month + 2) // 3, "month": moment.month}.get(
        period.kind, 0
    )
    if period.kind in ("instant", "day"):
        return Moment("day", moment.year, moment.month, moment.day)
    return Moment(period.kind if period.kind != "span" else "year", moment.year, index)


def noun(axis: Sequence[Field]) -> str:
    """What one column is called: `year`, `quarter`, `month`, `period`; `column` where it is none (Budget, Actual)."""
    kinds = {f.period.kind for f in axis if f.period}
    if not kinds and axis:
        return "column"
    only = kinds.pop() if len(kinds) == 1 else ""
    if only == "instant":
        years = {f.period.end.year for f in axis if f.period and f.period.end}
        return "year" if len(years) == len(axis) else "period"
    return (
        {"half": "half-year"}.get(only, only)
        if only in ("year", "half", "quarter", "month", "week", "day")
        else "period"
    )
