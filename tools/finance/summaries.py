"""A frame summed up: one row per group, one column per aggregate, and behind every cell the rows it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tools.finance import grouping
from tools.finance.answers import MOST_COLUMNS
from tools.finance.deriving import free_label
from tools.finance.frames import Frame, FrameColumn
from tools.finance.grouping import Groups
from tools.finance.lineage import Aggregate, Group, spread
from tools.finance.periods import Every, bucket, missing
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.values import Period, plain

NAMES = {
    "sum": "Sum",
    "mean": "Average",
    "median": "Median",
    "min": "Minimum",
    "max": "Maximum",
    "count": "Count",
    "distinct": "Distinct",
    "std": "Standard deviation",
    "first": "First",
    "last": "Last",
}
_MOST_GROUPS = 20_000
_PLAIN_SUMS = ("ratio", "multiple")


@dataclass(frozen=True, slots=True)
class By:
    """A key to group by; dates by buckets of `every`, with `gaps` also those without a row."""

    column: str
    every: Every | None = None
    gaps: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure per group: an aggregate of a column, under a label. `percent` for percentiles."""

    op: str
    column: str | None = None
    label: str | None = None
    percent: Decimal | None = None


def summarised(frame: Frame, keys: Sequence[By], figures: Sequence[Figure]) -> Frame:
    """The frame grouped by keys, one row each, one column per figure; without figures, rows are counted."""
    groups, notes = _groups(frame, keys)
    summary = _with_keys(frame, groups)
    for figure in figures or [Figure("count")]:
        summary.columns.append(_aggregate(frame, summary, groups, figure))
    by = " and ".join(key.label for key in groups.keys)
    labels = [column.label for column in summary.columns[len(groups.keys) :]]
    summary.title = _title(labels, by)
    summary.notes += notes
    return summary


def pivoted(frame: Frame, keys: Sequence[By], across: By, figures: Sequence[Figure], totals: bool) -> Frame:
    """Grouped by keys, one row each, with a column for each word (or period) of `across`; empty where no row has both."""
    cells, notes = _groups(frame, [*keys, across])
    lines, _ = _groups(frame, keys)
    words = cells.keys[-1]
    spots = _spots(lines, cells)
    figures = figures or [Figure("count")]
    most = MOST_COLUMNS - len(keys) - len(figures) * totals
    if len(words.words) * len(figures) > most:
        raise ToolError(
            "too_many_columns",
            f'"{for_model(words.label, 60)}" has {counted(len(words.words), "word")}, more columns than fit ({most}); '
            "choose some with where, or group by it instead",
        )
    summary = _with_keys(frame, lines)
    spreading = [_aggregate(frame, summary, cells, figure) for figure in figures]
    for code, (word, period) in enumerate(zip(words.words, words.periods, strict=True)):
        for column in spreading:
            label = word if len(figures) == 1 else f"{word}, {column.label}"
            at = [spots.get((row, code)) for row in range(len(lines.members))]
            summary.columns.append(spread(column, at, free_label(summary, label), period))
    if totals:
        for figure in figures:
            column = _aggregate(frame, summary, lines, figure)
            column.label = column.key = free_label(summary, f"All, {column.label}" if len(figures) > 1 else "All")
            summary.columns.append(column)
    summary.statement = len(figures) == 1 and any(words.periods)
    labels = [_label(frame, summary, figure) for figure in figures]
    summary.title = _title(labels, " and ".join([*(key.label for key in lines.keys), words.label]))
    summary.notes += notes
    return summary


def _spots(lines: Groups, cells: Groups) -> dict[tuple[int, int], int]:
    """Which cell stands in which line under which word."""
    row_of = {names: row for row, names in enumerate(zip(*lines.names, strict=True))} if lines.names else {(): 0}
    return {(row_of[names[:-1]], names[-1]): cell for cell, names in enumerate(zip(*cells.names, strict=True))}


def _title(labels: Sequence[str], by: str) -> str:
    what = ", ".join(labels[:2]) + (f" and {len(labels) - 2} more" if len(labels) > 2 else "")
    return tame(f"{what} by {by}" if by else what, 160)


def _groups(frame: Frame, keys: Sequence[By]) -> tuple[Groups, list[str]]:
    found = [grouping.key(frame, frame.column(key.column), key.every) for key in keys]
    groups = grouping.grouped(frame, found)
    groups.span = _span(frame, groups)
    notes = _coverage(frame, keys)
    for number, key in enumerate(keys):
        if key.gaps:
            notes += _fill(groups, number, key)
    return groups, notes


def _fill(groups: Groups, number: int, by: By) -> list[str]:
    """Add a group without rows for each bucket between the first and the last that has none, under all other keys."""
    if by.every is None:
        raise ToolError("arguments", "gaps needs every: the length of a period, such as month")
    buckets = _add_buckets(groups, number, by.every)
    there = list(zip(*groups.names, strict=True))
    others = dict.fromkeys((*names[:number], *names[number + 1 :]) for names in there)
    if len(others) * buckets > _MOST_GROUPS:
        raise ToolError("too_fine", f"{len(others) * buckets:,} groups with the gaps; group by something longer")
    wanted = [(*other[:number], code, *other[number:]) for other in others for code in range(buckets)]
    members = dict(zip(there, groups.members, strict=True))
    added = [names for names in wanted if names not in members]
    nobody = groups.members[0][:0]
    rows = sorted([*there, *added])
    groups.members = [members.get(names, nobody) for names in rows]
    groups.names = [list(names) for names in zip(*rows, strict=True)]
    return [f"{counted(len(added), 'group')} without a row: no figure, not zero"] if added else []


def _add_buckets(groups: Groups, number: int, every: Every) -> int:
    """Give a key the buckets that are missing, in time, and its groups their new numbers; how many buckets there are."""
    key = groups.keys[number]
    filled = [period for period in key.periods if period]
    order = sorted([*filled, *(missing(filled, every) if filled else ())], key=grouping.position)
    code_of: dict[Period | None, int] = {period: code for code, period in enumerate(order)}
    code_of[None] = len(order)
    groups.names[number] = [code_of[key.periods[code]] for code in groups.names[number]]
    undated = [None] if None in key.periods else []
    key.periods = [*order, *undated]
    key.words = [period.label if period else grouping.EMPTY for period in key.periods]
    return len(order)


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


def _label(frame: Frame, summary: Frame, figure: Figure) -> str:
    if figure.label:
        return tame(figure.label, 80)
    if figure.column is None:
        return "Rows"
    what = f"Percentile {plain(figure.percent)}" if figure.percent is not None else NAMES.get(figure.op, figure.op)
    return f"{what} of {frame.column(figure.column).label}"


def _aggregate(frame: Frame, summary: Frame, groups: Groups, figure: Figure) -> FrameColumn:
    op, column = figure.op, frame.column(figure.column) if figure.column else None
    words = free_label(summary, _label(frame, summary, figure))
    if op == "count":
        return _counted(frame, groups, "count", column, words, grouping.counts(column, groups))
    if column is None:
        there = ", ".join(f'"{for_model(each.label, 60)}"' for each in frame.numbers()[:30])
        raise ToolError("arguments", f"{op} needs a column; numeric columns: {there or 'none'}")
    if op == "distinct":
        return _counted(frame, groups, "distinct", column, words, grouping.distinct(column, groups))
    if column.kind == "period" and op in ("min", "max", "first", "last"):
        return _extreme_date(groups, column, op, words)
    return _computed(frame, summary, groups, figure, frame.number(figure.column or ""), words)


def _computed(
    frame: Frame, summary: Frame, groups: Groups, figure: Figure, column: FrameColumn, words: str
) -> FrameColumn:
    op = figure.op
    found = grouping.aggregate(op, column, groups, figure.percent, frame.time())
    units = [_unit(column, rows) for rows in found.used]
    if op == "sum" and any(unit in _PLAIN_SUMS or "/" in unit for unit in units):
        summary.notes.append(f"{column.label} holds percentages, multiples or per-share amounts, whose sum says little")
    behind = [
        _group(frame, groups, column, number, used, picked)
        for number, (used, picked) in enumerate(zip(found.used, found.picked, strict=True))
    ]
    name = f"percentile {plain(figure.percent)}" if figure.percent is not None else op
    origin = Aggregate(name, words, column, behind, found.amounts, units)
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


def _counted(
    frame: Frame, groups: Groups, op: str, column: FrameColumn | None, words: str, used: Sequence[Any]
) -> FrameColumn:
    source = column or next((each for each in frame.columns if each.origin), frame.columns[0])
    behind = [_group(frame, groups, None, number, rows) for number, rows in enumerate(used)]
    amounts = [grouping.whole(len(rows)) for rows in used]
    units = ["count"] * len(used)
    if op == "distinct":  # a row that repeats a thing is not an empty one
        behind = [replace(group, empty=0, over=len(rows)) for group, rows in zip(behind, groups.members, strict=True)]
    origin = Aggregate(op, words, source, behind, amounts, units, counts_rows=column is None)
    return FrameColumn(words, words, "number", [None] * len(used), amounts, "count", origin=origin)


def _extreme_date(groups: Groups, column: FrameColumn, op: str, words: str) -> FrameColumn:
    pick = min if op in ("min", "first") else max
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


def _coverage(frame: Frame, keys: Sequence[By]) -> list[str]:
    """A first or last month that the data fill only in part is no month to compare with."""
    notes = []
    for key in keys:
        column, every = frame.column(key.column), key.every
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
