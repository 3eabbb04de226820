"""Wording: what a row of figures did, in a sentence an analyst would write.

Which way something went is decided from exact amounts; how much is always a reference, never digits. A change that
rounds to nothing is "flat"; a change between ratios is told in percentage points; where growth has no meaning (from a
loss, from nothing) the sentence says what happened instead.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from analysis.offline.concepts import vocabulary
from analysis.offline.frame import Figure
from analysis.offline.periods import MONTHS
from analysis.offline.words import listed, name
from tools.labels import stem

FLAT_GROWTH = Decimal("0.005")  # half a percent either way is no movement
FLAT_POINTS = Decimal("0.0005")  # a twentieth of a percentage point


@dataclass(frozen=True, slots=True)
class Point:
    """One figure of a course: where it stands in time, and the change that led to it where that could be computed."""

    label: str
    figure: Figure | None
    change: Figure | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """A row of figures over time. `share` for ratios, `noun` for one step ("year"); `overall` is first to last.

    `outflow` marks costs and payments that are printed as negative figures: their size is told.
    """

    subject: str
    points: tuple[Point, ...]
    noun: str = "year"
    share: bool = False
    overall: Figure | None = None
    outflow: bool = False

    @property
    def known(self) -> list[Point]:
        return [point for point in self.points if point.figure]


_MONTHS_TO = re.compile(r"\b(in|from|to|of|over|between|and|than|below|above|by) (?=\d{1,2} months to )")


def with_articles(text: str) -> str:
    """Prose in which stretches of months have their article.

    >>> with_articles("rose in 3 months to 29 Mar 2025")
    'rose in the 3 months to 29 Mar 2025'
    """
    return _MONTHS_TO.sub(r"\1 the ", text)


def inline(label: str) -> str:
    """A line's label in the middle of a sentence: without its capital where it is ordinary words of accounts.

    >>> inline("Gross profit"), inline("EBITDA"), inline("Cost of Sales"), inline("Northern Europe")
    ('gross profit', 'EBITDA', 'cost of sales', 'Northern Europe')
    """
    return name(spoken(label))


def spoken(label: str) -> str:
    """The same without the escapes of Markdown."""
    text = " ".join(label.split())
    words = re.findall(r"[^\W\d_]+", text)
    small = {"of", "and", "the", "for", "to", "from", "in", "on", "at", "by", "per", "before", "after"}
    known = vocabulary()
    if words and all(
        (not word.isupper() or len(word) == 1) and (stem(word) in known or word.lower() in small) for word in words
    ):
        return text.lower()
    return text


def sentence_case(label: str) -> str:
    """A label at the start of a sentence; a name that has its capital further on (`iPhone`) stays."""
    words = inline(label)
    if any(map(str.isupper, words.partition(" ")[0][1:])):
        return words
    return words[:1].upper() + words[1:]


def direction(change: Decimal, share: bool) -> str:
    """`up`, `down` or `flat`. `change` is a growth ratio, or a difference of ratios when `share`."""
    limit = FLAT_POINTS if share else FLAT_GROWTH
    if abs(change) < limit:
        return "flat"
    return "up" if change > 0 else "down"


def steps(course: Course) -> list[str]:
    """Which way each known figure went from the one before it, from the amounts."""
    figures = [point.figure for point in course.known if point.figure]
    return [_way(before, after, course) for before, after in pairwise(figures)]


def _way(before: Figure, after: Figure, course: Course) -> str:
    """Which way it went; of an outflow, which way its size went."""
    if course.outflow:
        return moved(abs(before.amount), abs(after.amount), course.share)
    return moved(before.amount, after.amount, course.share)


def moved(before: Decimal, after: Decimal, share: bool) -> str:
    """Which way it went from one amount to another."""
    change = after - before
    if not share:
        if not before:
            return "flat" if not after else "up" if after > 0 else "down"
        change = change / abs(before)
    return direction(change, share)


def course_sentences(course: Course) -> str:
    """The finding, then what stands out: "Revenue rose every year, from … in FY2021 to … in FY2024, by 28.1% in all. …" """
    known = course.known
    subject = sentence_case(course.subject)
    if not known:
        return f"{subject}: the file has no figures for these periods."
    if len(known) == 1:
        only = f"{_amount(known[0], course)} {in_time(known[0].label)}"
        return f"{subject} {was(course.subject)} {only}, the only {course.noun} with a figure."
    missing = [name(point.label) for point in course.points if not point.figure]
    gap = f" There is no figure for {listed(missing)}." if missing and len(missing) <= 4 else ""
    return f"{finding(course)}{_detail(course)}{gap}"


def finding(course: Course) -> str:
    """The finding alone: from where to where, and by how much."""
    known, ways = course.known, steps(course)
    first, last = known[0], known[-1]
    assert first.figure
    assert last.figure
    subject = sentence_case(course.subject)
    overall = _way(first.figure, last.figure, course)
    swing = _swing(first.figure.amount, last.figure.amount, course)
    ends = f"from {_amount(first, course)} {in_time(first.label)} to {_amount(last, course)} {in_time(last.label)}"
    if swing:
        return f"{subject} {swing}, {ends}."
    if overall == "flat":
        moving = ", though it moved in between" if set(ways) != {"flat"} and len(ways) > 1 else ""
        return (
            f"{subject} {was(course.subject)} about the same{moving}: {_amount(first, course)} {in_time(first.label)} "
            f"and {_amount(last, course)} {in_time(last.label)}."
        )
    verb = {"up": "rose", "down": "fell"}[overall]
    if len(ways) > 1 and set(ways) == {overall}:
        verb += f" every {course.noun},"
    return f"{subject} {verb} {ends}{_by(course, overall)}."


def was(label: str) -> str:
    """`was` or `were`, by the label's head noun.

    >>> was("Cost of sales"), was("Total assets"), was("Profit for the year"), was("Net sales")
    ('was', 'were', 'was', 'were')
    """
    head = re.split(
        r" (?:of|per|for|at|from|to|in|on|before|after|as|less|over|used|paid|provided|generated|by) | ?\(",
        label.strip(),
    )[0]
    last = head.split()[-1].casefold() if head.split() else ""
    plural = last.isalpha() and (stem(last) != last or last == "earnings") and last not in _SINGULAR
    return "were" if plural else "was"


_SINGULAR = frozenset({"amortization", "sold", "labor", "gas", "indices"})


def _swing(first: Decimal, last: Decimal, course: Course) -> str:
    if course.share or first * last >= 0:
        return ""
    return "turned from negative to positive" if first < 0 else "turned from positive to negative"


def _by(course: Course, overall: str) -> str:
    change = course.overall
    if not change:
        return ""
    if course.share:
        return f", {overall} {change.cite('pp,abs')}"
    if change.unit != "ratio":  # a difference in money, where growth was not asked for
        return f", {overall} by {change.cite('abs')}"
    more = "more" if overall == "up" else "less"
    return f", {change.cite('abs')} {more}" + (" in all" if len(course.known) > 2 else "")


def _detail(course: Course) -> str:
    """The second sentence: the exceptions to the direction, or the fastest and slowest step, or peak and trough."""
    known, ways = course.known, steps(course)
    if len(known) < 3:
        return ""
    if len(known) > 8:
        return _peak_and_trough(course)
    first, last = known[0].figure, known[-1].figure
    assert first
    assert last
    below = [
        point for point in known[1:-1] if point.figure and point.figure.amount < 0 < min(first.amount, last.amount)
    ]
    if below and not course.share:
        return f" In between it was negative, at {listed([f'{_amount(p, course)} {in_time(p.label)}' for p in below])}."
    overall = _way(first, last, course)
    against = [n for n, way in enumerate(ways, 1) if way != overall and way != "flat"]
    if overall in ("up", "down") and not against and not course.share:
        return _pace(course, overall)
    if overall in ("up", "down") and len(against) == 1:
        return _exception(course, known[against[0]], overall)
    return _peak_and_trough(course)


def _pace(course: Course, overall: str) -> str:
    changes = [point for point in course.known[1:] if point.change and point.change.unit == "ratio"]
    if len(changes) < 2:
        return ""
    ordered = sorted(changes, key=lambda point: abs(point.change.amount) if point.change else Decimal(0))
    slow, fast = ordered[0], ordered[-1]
    assert slow.change
    assert fast.change
    word = "growth" if overall == "up" else "decline"
    return (
        f" The strongest {word} came {in_time(fast.label)} ({fast.change.cite('+')}), "
        f"the weakest {in_time(slow.label)} ({slow.change.cite('+')})."
    )


def _exception(course: Course, point: Point, overall: str) -> str:
    verb = "fall" if overall == "up" else "rise"
    where = f" Only {moment_words(point.label)} saw a {verb}"
    if not point.change:
        return f"{where}."
    return f"{where}, of {point.change.cite('pp,abs' if course.share else 'abs')}."


def _peak_and_trough(course: Course) -> str:
    high, low = extremes(course)
    assert high.figure
    assert low.figure
    if high.figure.amount == low.figure.amount:
        return ""
    return (
        f" The high was {moment_words(high.label)} at {_amount(high, course)}, "
        f"the low {moment_words(low.label)} at {_amount(low, course)}."
    )


def extremes(course: Course) -> tuple[Point, Point]:
    """The points with the highest and the lowest figure (of an outflow, by size); the first of equals."""
    known = course.known
    amount = {id(p): abs(p.figure.amount) if course.outflow else p.figure.amount for p in known if p.figure}
    return max(known, key=lambda point: amount[id(point)]), min(known, key=lambda point: amount[id(point)])


def _amount(point: Point, course: Course) -> str:
    if not point.figure:
        return "no figure"
    return point.figure.cite("abs") if course.outflow else point.figure.cite()


_A_DAY = re.compile(r"\d{4}-\d\d-\d\d|\d{1,2} [A-Z][a-z]{2} \d{4}")
_ISO_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


def moment_words(label: str) -> str:
    """A period's label in prose.

    >>> moment_words("2019-03"), moment_words("FY2024"), moment_words("2019-W05")
    ('March 2019', 'FY2024', '2019-W05')
    """
    found = _ISO_MONTH.fullmatch(label)
    return f"{MONTHS[int(found[2]) - 1].capitalize()} {found[1]}" if found else name(label)


def in_time(label: str) -> str:
    """ "in FY2024", "in March 2019", "on 2019-03-09", "on 29 Aug 2021"."""
    return f"{'on' if _A_DAY.fullmatch(label) else 'in'} {moment_words(label)}"


def span_words(labels: Sequence[str]) -> str:
    """`FY2021 to FY2024`, `FY2022 and FY2024`, `FY2024`."""
    if len(labels) > 2:
        return f"{moment_words(labels[0])} to {moment_words(labels[-1])}"
    return listed([moment_words(label) for label in labels])
