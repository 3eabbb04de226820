"""Artifacts: the chart, the table and the metric that go with an answer, as calls that name values by id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from analysis.messages import ToolAnswer
from analysis.offline.asks import Looks
from analysis.offline.frame import Figure, Frame
from analysis.offline.script import Call
from analysis.offline.wording import Course, Point, span_words
from analysis.offline.words import listed

MOST_BARS = 12
ACROSS = 8  # periods that still fit side by side
NOTHING = "–"


def course_chart(courses: Sequence[Course], looks: Looks, title: str = "") -> Call | None:
    """A chart of courses over the same periods: amounts on the left, ratios (or a second unit) on the right."""
    shown = [course for course in courses if len(course.known) > 1]
    if not shown:
        return None
    categories = [point.label for point in max(shown, key=lambda c: len(c.points)).points]
    units = list(dict.fromkeys(_unit(course) for course in shown))[:2]
    series = [
        {
            "name": course.subject,
            "values": _aligned(course, categories),
            "axis": "left" if _unit(course) == units[0] else "right",
        }
        for course in shown
        if _unit(course) in units
    ]
    kind = looks.drawn if looks.drawn in _drawable(units) else _course_kind(shown, categories)
    heading = title or f"{listed([str(one['name']) for one in series])}, {span_words(categories)}"
    return Call(
        "create_chart",
        {"kind": kind, "title": _plain(heading), "categories": categories, "series": series},
    )


def _drawable(units: Sequence[str]) -> tuple[str, ...]:
    """Kinds that can be drawn as asked: amounts and ratios are never stacked on each other."""
    return ("bar", "line", "stacked_bar") if len(units) == 1 else ("bar", "line")


def _course_kind(courses: Sequence[Course], categories: Sequence[str]) -> str:
    ratios_only = all(course.share for course in courses)
    return "line" if ratios_only or len(categories) > MOST_BARS or len(courses) > 4 else "bar"


def _unit(course: Course) -> str:
    figure = course.known[0].figure
    return figure.unit if figure else ""


def _aligned(course: Course, categories: Sequence[str]) -> list[str | None]:
    by_label = {point.label: point.figure for point in course.points}
    return [figure.value_id if (figure := by_label.get(label)) else None for label in categories]


def course_table(courses: Sequence[Course], title: str = "") -> Call:
    """Lines down and periods across, as statements are printed; periods down where there are many of them."""
    labels = list(dict.fromkeys(point.label for course in courses for point in course.points))
    heading = title or table_title(courses)
    rows = [row for course in courses for row in _table_rows(course, labels)]
    if len(labels) <= ACROSS:
        return Call("create_table", {"title": _plain(heading), "columns": ["", *labels], "rows": rows})
    turned = [list(cells) for cells in zip(labels, *(row[1:] for row in rows), strict=True)]
    return Call("create_table", {"title": _plain(heading), "columns": ["", *(row[0] for row in rows)], "rows": turned})


def table_title(courses: Sequence[Course]) -> str:
    """Subjects and time, as a heading."""
    labels = list(dict.fromkeys(point.label for course in courses for point in course.points))
    return f"{listed([course.subject for course in courses])}, {span_words(labels)}"


def _table_rows(course: Course, labels: Sequence[str]) -> list[list[str]]:
    points = {point.label: point for point in course.points}
    rows = [[course.subject, *(_cell(points[label].figure if label in points else None) for label in labels)]]
    if any(point.change for point in course.points):
        growth = not course.share and all(point.change.unit == "ratio" for point in course.points if point.change)
        word = "growth" if growth else "change"
        cells = [_cell(points[label].change if label in points else None) for label in labels]
        rows.append([f"{course.subject}, {word}", *cells])
    return rows


def _cell(figure: Figure | None) -> str:
    return figure.value_id if figure else NOTHING


def course_metric(course: Course, point: Point | None = None, words: str = "") -> Call | None:
    """The figure of one period (the latest without `point`), against the one before it."""
    known = course.known
    if not known or (
        course.share and course.outflow
    ):  # told by its size; a metric would show minus signs and turn its change
        return None
    chosen = point or known[-1]
    place = known.index(chosen)
    assert chosen.figure
    asked: dict[str, Any] = {
        "label": _label(words or f"{course.subject}, {chosen.label}"),
        "value": chosen.figure.value_id,
    }
    before = known[place - 1] if place else None
    if before and before.figure and (course.share or before.figure.amount > 0):  # from a loss there is no growth
        asked |= {"against": before.figure.value_id, "against_label": before.label[:80]}
    if len(known) > 2:
        asked["sparkline"] = [p.figure.value_id for p in known if p.figure]
    return Call("create_metric", asked)


def frame_table(frame: Frame, title: str, columns: Sequence[str] = ()) -> Call:
    """A result as it stands."""
    asked: dict[str, Any] = {"title": _plain(title), "table": frame.address}
    if columns:
        asked["columns"] = list(columns)
    return Call("create_table", asked)


def metric(label: str, figure: Figure, against: Figure | None = None, against_label: str = "") -> Call:
    """One figure, perhaps against another."""
    asked: dict[str, Any] = {"label": _label(label), "value": figure.value_id}
    if against:
        asked |= {"against": against.value_id, "against_label": _label(against_label)[:80]}
    return Call("create_metric", asked)


def failures(calls: Sequence[Call], answers: Sequence[ToolAnswer]) -> list[str]:
    """In plain words, which of the shown things could not be made."""
    words = {"create_chart": "chart", "create_table": "table", "create_metric": "headline figure"}
    return [
        f"The {words.get(call.tool, call.tool)} could not be made: {_first_sentence(answer.content)}"
        for call, answer in zip(calls, answers, strict=True)
        if answer.is_error
    ]


def _first_sentence(text: str) -> str:
    plain = " ".join(text.replace("[[", "[ [").split())
    return plain if len(plain) <= 240 else plain[:237] + "…"


def safe(call: Call) -> Call:
    """The call with nothing in its words that could pass for a reference to a value: labels come from documents.

    Headings, category names, names of series and the first cell of a row are words; other cells may be value ids of ours.
    """
    asked: dict[str, Any] = dict(call.input)
    for key in ("title", "label", "against_label", "x_label"):
        if key in asked:
            asked[key] = _broken(asked[key])
    if "categories" in asked:
        asked["categories"] = [_words(each)[:200] for each in asked["categories"]]
    if "series" in asked:
        asked["series"] = [{**each, "name": _words(each["name"])[:200]} for each in asked["series"]]
    if "rows" in asked:
        asked["columns"] = [_words(each)[:200] for each in asked["columns"]]
        asked["rows"] = [[_words(row[0])[:300], *(_broken(cell)[:300] for cell in row[1:])] for row in asked["rows"]]
    return Call(call.tool, asked)


def _words(text: str) -> str:
    """Words even where they look like an id: a product called v2."""
    broken = _broken(text)
    return f"“{broken}”" if re.fullmatch(r"\s*v\d+(?:\s*\|.*)?\s*", broken) else broken


def _broken(text: str) -> str:
    return text.replace("[[", "[ [").replace("]]", "] ]")


def _label(text: str) -> str:
    return _plain(text)[:120]


def _plain(title: str) -> str:
    """A title is no Markdown: the escapes of prose are taken back."""
    return title.replace("\\", "")[:160]
