"""A frame summed up: one row per group, one column per aggregate, and behind every cell the rows it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from tools.finance import grouping
from tools.finance.frames import Frame, FrameColumn
from tools.finance.grouping import Groups
from tools.finance.lineage import Aggregate, Group
from tools.finance.periods import Every, bucket
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.values import Period

NAMES = {"sum": "Sum", "mean": "Average", "median": "Median", "min": "Minimum", "max": "Maximum", "count": "Count"}
_PLAIN_SUMS = ("ratio", "multiple")


def summarised(
    frame: Frame,
    keys: Sequence[tuple[str, Every | None]],
    aggregates: Sequence[tuple[str, str | None, str | None]],
) -> Frame:
    """The frame grouped by keys (column, bucket) with aggregates (op, column, name); without aggregates, rows are counted."""
    found = [grouping.key(frame, frame.column(name), every) for name, every in keys]
    groups = grouping.grouped(frame, found)
    groups.span = _span(frame, groups)
    summary = _with_keys(frame, groups)
    for op, name, label in aggregates or [("count", None, None)]:
        summary.columns.append(_aggregate(frame, summary, groups, op, name, label))
    by = " and ".join(key.label for key in found)
    labels = [column.label for column in summary.columns[len(found) :]]
    what = ", ".join(labels[:2]) + (f" and {len(labels) - 2} more" if len(labels) > 2 else "")
    summary.title = tame(f"{what} by {by}" if by else what, 160)
    summary.notes += _coverage(frame, keys)
    return summary


def _with_keys(frame: Frame, groups: Groups) -> Frame:
    columns = []
    for number, (key, codes) in enumerate(zip(groups.keys, groups.names, strict=True)):
        periods = [key.periods[code] for code in codes]
        timed = any(periods)
        columns.append(
            FrameColumn(
                key=f"g{number}",
                label=key.label,
                kind="period" if timed else "text",
                words=[key.words[code] for code in codes],
                periods=periods if timed else (),
            )
        )
    rows = range(len(groups.members))
    summary = Frame(frame.address, frame.title, frame.source_note, columns, rows, keys=list(columns))
    summary.conditions, summary.notes = list(frame.conditions), list(frame.notes)
    return summary


def _aggregate(
    frame: Frame, summary: Frame, groups: Groups, op: str, name: str | None, label: str | None
) -> FrameColumn:
    column = frame.column(name) if name else None
    words = tame(label or "", 80) or (f"{NAMES[op]} of {column.label}" if column else "Rows")
    taken = {each.label for each in summary.columns}
    while words in taken:
        words += " (2)"
    if op == "count":
        return _counted(frame, groups, column, words)
    if column is None:
        there = ", ".join(f'"{for_model(each.label, 60)}"' for each in frame.numbers()[:30])
        raise ToolError("arguments", f"{op} needs a column; numeric columns: {there or 'none'}")
    if column.kind == "period" and op in ("min", "max"):
        return _extreme_date(groups, column, op, words)
    return _computed(frame, summary, groups, op, frame.number(name or ""), words)


def _computed(frame: Frame, summary: Frame, groups: Groups, op: str, column: FrameColumn, words: str) -> FrameColumn:
    found = grouping.aggregate(op, column, groups)
    units = [_unit(column, rows) for rows in found.used]
    if op == "sum" and any(unit in _PLAIN_SUMS or "/" in unit for unit in units):
        summary.notes.append(f"{column.label} holds percentages, multiples or per-share amounts, whose sum says little")
    behind = [
        _group(frame, groups, column, number, used, picked)
        for number, (used, picked) in enumerate(zip(found.used, found.picked, strict=True))
    ]
    origin = Aggregate(op, words, column, behind, found.amounts, units)
    overrides = {row: unit for row, unit in enumerate(units) if unit != units[0]}
    return FrameColumn(words, words, "number", [None] * len(units), found.amounts, units[0], overrides, origin=origin)


def _unit(column: FrameColumn, rows: Any) -> str:
    units = column.units_of(rows.tolist())
    if len(units) > 1:
        raise ToolError(
            "mixed_units",
            f'"{for_model(column.label, 60)}" holds {" and ".join(units)}; filter to one, or group by what tells them apart',
        )
    return units[0] if units else column.unit


def _counted(frame: Frame, groups: Groups, column: FrameColumn | None, words: str) -> FrameColumn:
    used = grouping.counts(column, groups)
    source = column or next((each for each in frame.columns if each.origin), frame.columns[0])
    behind = [_group(frame, groups, None, number, rows) for number, rows in enumerate(used)]
    amounts = [grouping.whole(len(rows)) for rows in used]
    units = ["count"] * len(used)
    origin = Aggregate("count", words, source, behind, amounts, units, counts_rows=column is None)
    return FrameColumn(words, words, "number", [None] * len(used), amounts, "count", origin=origin)


def _extreme_date(groups: Groups, column: FrameColumn, op: str, words: str) -> FrameColumn:
    pick = min if op == "min" else max
    periods: list[Period | None] = []
    for rows in groups.members:
        found = [period for row in rows.tolist() if (period := column.period_at(row))]
        periods.append(pick(found, key=grouping.position) if found else None)
    labels = [period.label if period else None for period in periods]
    return FrameColumn(words, words, "text", labels)


def _group(
    frame: Frame, groups: Groups, column: FrameColumn | None, number: int, used: Any, picked: Sequence[int] = ()
) -> Group:
    names = [(key, codes[number]) for key, codes in zip(groups.keys, groups.names, strict=True)]
    where = [*frame.conditions, *(f'{key.label} = "{key.words[code]}"' for key, code in names)]
    dated = next((key.periods[code] for key, code in names if key.periods[code]), None)
    return Group(
        used=used,
        empty=len(groups.members[number]) - len(used),
        words=", ".join(key.words[code] for key, code in names if key.periods[code] is None),
        where=" and ".join(where),
        period=(column.period if column else None) or dated or groups.span,
        picked=picked,
    )


def _span(frame: Frame, groups: Groups) -> Period | None:
    """From the first to the last date of the rows, for figures that are not grouped by date."""
    time = frame.time()
    if time is None or any(any(key.periods) for key in groups.keys):
        return None
    first, last = _stretch(frame, time)
    if first is None or last is None:
        return None
    label = f"{first.isoformat()} to {last.isoformat()}" if first != last else first.isoformat()
    return Period(label, "span" if first != last else "day", first, last)


def _stretch(frame: Frame, time: FrameColumn) -> tuple[date | None, date | None]:
    if time.dates:
        days = [day for row in frame.rows if (day := time.dates[row])]
        return (min(days), max(days)) if days else (None, None)
    periods = [period for row in frame.rows if (period := time.period_at(row))]
    starts = [period.start for period in periods if period.start]
    ends = [period.end for period in periods if period.end]
    complete = periods and len(starts) == len(ends) == len(periods)
    return (min(starts), max(ends)) if complete else (None, None)


def _coverage(frame: Frame, keys: Sequence[tuple[str, Every | None]]) -> list[str]:
    """A first or last month that the data fill only in part is no month to compare with."""
    notes = []
    for name, every in keys:
        column = frame.column(name)
        if every in (None, "day") or not column.dates:
            continue
        days = [day for row in frame.rows if (day := column.dates[row])]
        if days:
            notes += _partial(min(days), max(days), every)
    return notes


def _partial(first: date, last: date, every: Every | None) -> list[str]:
    assert every is not None
    opening, closing = bucket(first, every), bucket(last, every)
    assert opening.start
    assert closing.start
    assert opening.end
    assert closing.end
    notes = []
    if first - opening.start > _tolerance(opening.start, opening.end):
        notes.append(f"{opening.label} begins only on {first.isoformat()} in the data")
    if closing.end - last > _tolerance(closing.start, closing.end):
        notes.append(f"{closing.label} ends already on {last.isoformat()} in the data")
    return notes


def _tolerance(start: date, end: date) -> timedelta:
    """A tenth of the stretch, but a long weekend at least."""
    return max(timedelta(days=4), (end - start) / 10)
