"""Wording for records over time: how a measure went, its best step, and steps that the data fill only in part."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from analysis.offline.asks import LedgerAsk, Measure
from analysis.offline.frame import Figure, Frame
from analysis.offline.wording import Course, Point, course_sentences, in_time, moment_words
from analysis.offline.words import listed, name, without_unit

_MISSING_DAYS = {"week": 2, "month": 7, "quarter": 14, "year": 31}  # more of them and a bucket counts as cut off


def over_time_words(ask: LedgerAsk, frame: Frame, overall: Figure | None) -> str:
    """How each measure went over the buckets, and which was best when that was asked."""
    sentences = []
    for number, measure in enumerate(ask.measures):
        course = course_of(ask, frame, measure, overall if not number else None)
        if ask.direction and not ask.changes and len(course.known) > 1:
            sentences.append(_best_words(course, ask.direction == "low"))
        else:
            sentences.append(course_sentences(course))
    return " ".join(sentences + _cut_off_words(ask, frame))


def is_share(ask: LedgerAsk) -> bool:
    """Whether the first measure is a ratio, whose changes are told in percentage points."""
    column = ask.measures[0].column
    return bool(column) and ask.sheet.measure(column).unit == "ratio"


def change_name(ask: LedgerAsk, op: str) -> str:
    """What the change of the first measure is called in results."""
    return f"{ask.measures[0].name}, {'growth' if op == 'growth' else 'change'}"


def course_of(ask: LedgerAsk, frame: Frame, measure: Measure, overall: Figure | None) -> Course:
    """A measure over the buckets as a course."""
    figures = frame.figures(measure.name)
    names = [change_name(ask, op) for op in ("growth", "difference")] if measure is ask.measures[0] else []
    changes = next((frame.figures(name) for name in names if frame.has(name)), [None] * len(figures))
    left_out = cut_off(ask, frame)
    points = tuple(
        Point(label, figure, change if n - 1 not in left_out else None)
        for n, (label, figure, change) in enumerate(zip(frame.words(), figures, changes, strict=True))
        if n not in left_out
    )
    if overall is None and len(points) == 2:
        overall = points[1].change
    subject = without_unit(measure.column) if measure.op == "sum" else measure.name
    share = frame.unit(measure.name) == "ratio"
    return Course(subject, points, ask.every or "period", share, overall)


def best_bucket(points: Sequence[Point], low: bool) -> Point:
    """The point with the highest (or lowest) figure."""
    amounts = {id(point): point.figure.amount for point in points if point.figure}
    return (min if low else max)(points, key=lambda point: amounts[id(point)])


def _best_words(course: Course, low: bool) -> str:
    first, second = best_bucket(course.known, low), best_bucket(course.known, not low)
    assert first.figure
    assert second.figure
    words = ("lowest", "highest") if low else ("highest", "lowest")
    return (
        f"{name(course.subject)} was {words[0]} {in_time(first.label)}, at {first.figure.cite()}, "
        f"and {words[1]} {in_time(second.label)}, at {second.figure.cite()}."
    )


def cut_off(ask: LedgerAsk, frame: Frame) -> tuple[int, ...]:
    """The rows of a first or last bucket that the data fill only in part: their sums are low for that reason alone.

    They are told of only where enough whole buckets remain.
    """
    if (
        not ask.span
        or ask.every not in _MISSING_DAYS
        or ask.measures[0].op not in ("sum", "count")
        or len(frame.rows) < 4
    ):
        return ()
    first, last = (date.fromisoformat(day) for day in ask.span)
    most = _MISSING_DAYS[ask.every]
    cut = [0] if (first - _bounds(first, ask.every)[0]).days > most else []
    return tuple([*cut, len(frame.rows) - 1] if (_bounds(last, ask.every)[1] - last).days > most else cut)


def _cut_off_words(ask: LedgerAsk, frame: Frame) -> list[str]:
    cut = cut_off(ask, frame)
    if not cut or not ask.span:
        return []
    labels = frame.words()
    days = [
        f"{moment_words(labels[n])} (the file {'ends' if n else 'begins'} on {ask.span[1 if n else 0]})" for n in cut
    ]
    return [f"I left out {listed(days)}, which the data cover only in part."]


def _bounds(day: date, every: str) -> tuple[date, date]:
    """First and last day of the bucket that holds the day."""
    if every == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = {"month": 1, "quarter": 3, "year": 12}[every]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    after = first.year * 12 + first.month - 1 + months
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
