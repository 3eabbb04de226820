"""A measure by two groupings at once: the words, the chart and the table of a crossing."""

from __future__ import annotations

from dataclasses import dataclass

from analysis.offline.artifacts import NOTHING
from analysis.offline.asks import LedgerAsk
from analysis.offline.frame import Figure, Frame
from analysis.offline.ledger_words import (
    what_words,
)
from analysis.offline.script import Call
from analysis.offline.wording import Course, Point, course_sentences, finding
from analysis.offline.words import opening

MOST_SERIES = 8
MOST_PLACES = 200


@dataclass(frozen=True, slots=True)
class Crossing:
    """A measure by two groupings, the first along (in time where it is a date), the second as named series."""

    along: tuple[str, ...]
    series: tuple[tuple[str, tuple[Figure | None, ...]], ...]


def crossing(ask: LedgerAsk, frame: Frame) -> Crossing | None:
    """The first measure crossed; None for one grouping, or where it would not be readable."""
    if len(ask.groups) != 2:
        return None
    figures = frame.figures(ask.measures[0].name)
    cells = {(str(row[0]), str(row[1])): figure for row, figure in zip(frame.rows, figures, strict=True)}
    along, across = (tuple(dict.fromkeys(pair[n] for pair in cells)) for n in (0, 1))
    if len(across) > MOST_SERIES or len(along) > MOST_PLACES or len(along) < 2 or frame.total > len(frame.rows):
        return None
    along = tuple(sorted(along)) if ask.every else along
    return Crossing(along, tuple((each, tuple(cells.get((place, each)) for place in along)) for each in across))


def crossed_time_words(crossed: Crossing, ask: LedgerAsk) -> str:
    """How each series went, one line each."""
    courses = [
        Course(label, tuple(Point(*pair) for pair in zip(crossed.along, figures, strict=True)), ask.every)
        for label, figures in crossed.series
    ]
    lines = [finding(course) if len(course.known) > 1 else course_sentences(course) for course in courses]
    return f"{opening(what_words(ask.measures[0]))}:\n\n" + "\n".join(f"- {line}" for line in lines)


def crossed_chart(ask: LedgerAsk, frame: Frame, title: str) -> Call | None:
    """Two groupings: the first along the axis, the second as series."""
    crossed = crossing(ask, frame)
    if crossed is None:
        return None
    series = [{"name": label, "values": [_id(figure) for figure in figures]} for label, figures in crossed.series]
    usual = "line" if ask.every and len(crossed.along) > 3 else "stacked_bar" if ask.share else "bar"
    kind = ask.looks.drawn if ask.looks.drawn in ("bar", "line", "stacked_bar") else usual
    return Call("create_chart", {"kind": kind, "title": title, "categories": list(crossed.along), "series": series})


def crossed_table(ask: LedgerAsk, frame: Frame, title: str) -> Call | None:
    """The first grouping down, the second across."""
    crossed = crossing(ask, frame)
    if crossed is None:
        return None
    rows = [
        [place, *(_id(figures[n]) or NOTHING for _, figures in crossed.series)] for n, place in enumerate(crossed.along)
    ]
    return Call(
        "create_table", {"title": title, "columns": ["", *(label for label, _ in crossed.series)], "rows": rows}
    )


def _id(figure: Figure | None) -> str | None:
    return figure.value_id if figure else None
