"""Windows of time over a date column: "in 2015", "since March 2019", "the last two quarters"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from analysis.offline.asks import Filter, Unsure
from analysis.offline.catalogue import Field
from analysis.offline.periods import Moment, PeriodWish
from analysis.offline.words import Question, name

STEP_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Known:
    """The first and last day a date column holds."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Window:
    """Days from `first` to `last`, both included; `parts` where several stretches apart are meant, `unit` long each.

    `words` follow a noun: "in 2015", "since March 2019".
    """

    column: str
    first: date
    last: date
    words: str
    parts: tuple[tuple[date, date], ...] = ()
    unit: str = ""

    def with_one_before(self, months: int) -> Window:
        """The window and the stretch of the same length before it, to tell a change by."""
        first = _months_on(self.first, -months) + timedelta(days=1)
        return Window(self.column, first, self.last, f"{self.words} and before")

    @property
    def bucket(self) -> str:
        return bucket_for((self.last - self.first).days)

    def filter(self) -> Filter:
        """The condition for the tool, and its words."""
        if len(self.parts) > 1:
            value = [_named(first, self.unit) for first, _ in self.parts]
            return Filter({"column": self.column, "op": "in", "value": value}, self.words)
        value = [self.first.isoformat(), self.last.isoformat()]
        return Filter({"column": self.column, "op": "between", "value": value}, self.words)


def _named(first: date, unit: str) -> str:
    """A stretch as the tools name it."""
    if unit == "quarter":
        return f"{first.year} Q{(first.month + 2) // 3}"
    return first.isoformat()[: {"year": 4, "month": 7, "day": 10}[unit]]


def bucket_for(days: int) -> str:
    """The step that cuts a stretch into a readable number of pieces.

    >>> [bucket_for(days) for days in (10, 80, 1200, 4000)]
    ['day', 'month', 'quarter', 'year']
    """
    for most, unit in ((62, "day"), (800, "month"), (2300, "quarter")):  # weeks only when asked for: they cut months
        if days <= most:
            return unit
    return "year"


def window_of(
    wish: PeriodWish, question: Question, column: Field | None, known: Known | None
) -> Window | Unsure | None:
    """The window a question names; None when it names none, Unsure when there is no date or nothing lies in it."""
    if not wish.moments and wish.mode not in ("latest", "last_n", "first"):
        return None
    if column is None:
        if not wish.moments:
            return None
        return Unsure(f"The table has no date column, so I cannot pick out {name(wish.said)}.", known=True)
    stretch = _by_moments(wish, known) if wish.moments else _relative(wish, known)
    if stretch is None:
        return None
    first, last = stretch
    if known and (last < known.first or first > known.last):
        return Unsure(
            f"The file runs from {known.first.isoformat()} to {known.last.isoformat()}; it has nothing for {name(wish.said)}.",
            known=True,
        )
    parts, unit = _parts(wish, known)
    words = _words(wish) if wish.moments else _stretch_words(first, last)
    return Window(column.label, first, last, words, parts, unit)


def _parts(wish: PeriodWish, known: Known | None) -> tuple[tuple[tuple[date, date], ...], str]:
    """Several moments of one kind that are named one by one ("January and March"), oldest first."""
    kinds = {moment.kind for moment in wish.moments}
    if wish.mode != "points" or len(wish.moments) < 2 or len(kinds) != 1 or kinds == {"half"}:
        return (), ""
    found = [window for moment in wish.moments if (window := _window(moment, known))]
    return tuple(sorted(set(found))), kinds.pop()


def _stretch_words(first: date, last: date) -> str:
    whole = first.day == 1 and last + timedelta(days=1) == _months_on(first, 1) + timedelta(days=1)
    if whole or (first.year, first.month) == (last.year, last.month):
        return f"in {first.strftime('%B')} {first.year}"
    return f"from {first.isoformat()} to {last.isoformat()}"


def needs_span(wish: PeriodWish) -> bool:
    """Whether the window can only be told once the first and last day of the data are known."""
    return wish.mode in ("latest", "last_n", "first", "previous") or any(m.year is None for m in wish.moments)


def _words(wish: PeriodWish) -> str:
    said = name(wish.said)
    only = wish.moments[0] if len(wish.moments) == 1 else None
    lead = {"since": "since", "until": "until", "after": "after", "before": "before", "span": "from"}.get(wish.mode)
    article = "the " if said.casefold().startswith(("first ", "second ", "third ", "fourth ")) else ""
    return f"{lead or ('on' if only and only.kind == 'day' else 'in')} {article}{said}"


def _by_moments(wish: PeriodWish, known: Known | None) -> tuple[date, date] | None:
    windows = [window for moment in wish.moments if (window := _window(moment, known))]
    if not windows:
        return None
    first, last = min(w[0] for w in windows), max(w[1] for w in windows)
    far = date(1900, 1, 1), date(2999, 12, 31)
    return {
        "since": (first, far[1]),
        "after": (last + timedelta(days=1), far[1]),
        "until": (far[0], last),
        "before": (far[0], first - timedelta(days=1)),
    }.get(wish.mode, (first, last))


def _window(moment: Moment, known: Known | None) -> tuple[date, date] | None:
    """A moment without a year is the latest one that the data reach."""
    if moment.year or known is None:
        return moment.window()
    window = moment.window(known.last.year)
    return moment.window(known.last.year - 1) if window and window[0] > known.last else window


def _relative(wish: PeriodWish, known: Known | None) -> tuple[date, date] | None:
    if known is None:
        return None
    unit = next((unit for unit in STEP_MONTHS if unit in wish.said), "year")
    months = STEP_MONTHS[unit] * (wish.count or 1)
    if wish.mode == "first":
        return _first_of(known.first, STEP_MONTHS[unit]), _months_on(_first_of(known.first, STEP_MONTHS[unit]), months)
    start = _first_of(known.last, STEP_MONTHS[unit])
    back = start.year * 12 + start.month - 1 - (months - STEP_MONTHS[unit])
    return date(back // 12, back % 12 + 1, 1), known.last


def _first_of(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _months_on(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
