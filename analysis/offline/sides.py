"""Figures of several documents beside each other: each document's answer, and how they differ."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import date

from analysis.messages import ToolAnswer
from analysis.offline.filing import company_of
from analysis.offline.frame import Figure, Frame
from analysis.offline.script import Call, Part
from analysis.offline.telling import show
from analysis.offline.wording import in_time, with_articles
from analysis.offline.words import listed, name, opening
from tools.values import Period


@dataclass(frozen=True, slots=True)
class Side:
    """One document's answer: its figure for one period."""

    document: str
    line: str
    label: str
    period: Period | None
    figure: Figure


def sides_told(subject: str, sides: Sequence[Side]) -> Part:
    """Figures of several documents beside each other: how they differ, a chart, a table, and where they are from."""
    change = yield from _compared(subject, sides)
    yield with_articles(_words(subject, sides, change))
    yield " ".join((yield from show([_chart(subject, sides), _table(subject, sides, change)])))
    yield with_articles(_sources(sides))


def end_of(period: Period | None) -> date:
    return period.end if period and period.end else date.min


def _compared(subject: str, sides: Sequence[Side]) -> Generator[tuple[Call, ...], Sequence[ToolAnswer], Figure | None]:
    """How two figures differ: the growth from the earlier to the later, or of the larger over the smaller."""
    if len(sides) != 2 or sides[0].figure.unit != sides[1].figure.unit or not _same_length(sides):
        return None
    first, last = sides
    if _same_time(sides) and first.figure.amount > last.figure.amount:
        first, last = last, first
    ratio = first.figure.unit == "ratio"
    if not ratio and first.figure.amount <= 0:
        return None
    a, b = first.figure.value_id, last.figure.value_id
    expression = f"{b} - {a}" if ratio else f"({b} - {a}) / {a}"
    (answer,) = yield (
        Call("calculate", {"calculations": [{"name": f"Change in {subject}"[:120], "expression": expression}]}),
    )
    return next((cell for row in Frame.of(answer).rows for cell in row if isinstance(cell, Figure)), None)


def _same_length(sides: Sequence[Side]) -> bool:
    """Whether the periods run over the same time; six months against nine are no growth."""
    days = [(p.end - p.start).days if (p := side.period) and p.start and p.end else 0 for side in sides]
    return len({side.period.kind if side.period else "" for side in sides}) == 1 and max(days) - min(days) <= 20


def _same_time(sides: Sequence[Side]) -> bool:
    """Whether the figures are of one time, or of two companies, so that the larger is told against the smaller."""
    if len({company_of(side.document) for side in sides}) > 1:
        return True
    ends = [end_of(side.period) for side in sides]
    return (max(ends) - min(ends)).days <= 45


def _words(title: str, sides: Sequence[Side], change: Figure | None) -> str:
    subject = f"*{name(opening(title))}*"
    told = listed([f"{side.figure.cite()}{_at(side)} ({name(side.document)})" for side in sides])
    if change is None:
        best = max(sides, key=lambda side: side.figure.amount)
        most = f" The highest is that of {name(best.document)}." if len(sides) > 2 else ""
        return f"{subject}: {told}.{most}"
    points = "pp" if change.unit == "ratio" and sides[0].figure.unit == "ratio" else ""
    size = change.cite(f"abs,{points}" if points else "abs")
    if _same_time(sides):
        return f"{subject}: {told}; the larger is {size} {'higher' if points else 'more'}."
    moved = "higher" if change.amount > 0 else "lower" if change.amount < 0 else "apart"
    return f"{subject}: {told}; the later is {size} {moved}."


def _at(side: Side) -> str:
    if side.period and side.period.kind == "instant":
        return f" {in_time(side.label)}"
    return f" in {side.label}" if side.label else ""


def _chart(subject: str, sides: Sequence[Side]) -> Call | None:
    if len({side.figure.unit for side in sides}) > 1:
        return None
    categories = [f"{side.label}, {side.document}"[:120] for side in sides]
    if len(set(categories)) < len(categories):
        return None
    series = [{"name": opening(subject)[:120], "values": [side.figure.value_id for side in sides]}]
    title = f"{opening(subject)} in {len(sides)} documents"[:160]
    return Call("create_chart", {"kind": "bar", "title": title, "categories": categories, "series": series})


def _table(subject: str, sides: Sequence[Side], change: Figure | None) -> Call:
    rows = [[side.document[:120], side.line[:120], side.label[:80], side.figure.value_id] for side in sides]
    if change:
        rows.append(["Change", "", "", change.value_id])
    title = f"{opening(subject)}, by document"[:160]
    return Call("create_table", {"title": title, "columns": ["Document", "Line", "Period", "Figure"], "rows": rows})


def _sources(sides: Sequence[Side]) -> str:
    caution = "" if _same_length(sides) else " The periods are not of one length."
    lines = list(dict.fromkeys(side.line for side in sides))
    called = f" The line is called {listed([f'*{name(line)}*' for line in lines])}." if len(lines) > 1 else ""
    return f"From {listed([name(side.document) for side in sides])}.{called}{caution}"
