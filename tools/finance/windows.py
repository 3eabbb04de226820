"""Columns that look along the rows: shares of a total, running sums, ranks, rolling figures, series rebased to 100.

A window is so many periods long, not so many rows: where a period is missing, or no number stands in it, the cell stays
empty and a note says so. Every figure names the rows it was computed from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from tools.finance.deriving import (
    Outcome,
    append,
    free_label,
    numbers_of,
    row_name,
    runs,
    store,
    when,
)
from tools.finance.frames import Frame, FrameColumn
from tools.finance.growth import exact_sum, mean, quotient
from tools.finance.lineage import Aggregate, Group, Ranked, Running, joined
from tools.finance.periods import comparable, moment
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.values import Period

Rolled = Literal["sum", "mean", "min", "max"]
_FIGURES: Mapping[Rolled, Callable[[Sequence[Decimal]], Decimal]] = {
    "sum": exact_sum,
    "mean": mean,
    "min": min,
    "max": max,
}
_ROLLED = {"sum": "sum", "mean": "average", "min": "minimum", "max": "maximum"}
_NOTHING = Group((), 0, "", "", None)


def add_share(frame: Frame, wanted: str, within: str | None, name: str | None) -> None:
    """Each cell over the total of the selected rows, or of those that share its word in the column `within`."""
    column = frame.number(wanted)
    outcome = Outcome.of(frame)
    for words, rows in _parts(frame, within):
        _share(frame, column, outcome, words, rows)
    label = f"Share of {column.label}" + (f" in {frame.column(within).label}" if within else "")
    append(frame, tame(name or "", 80) or label, "{0} / {1}", outcome)


def _parts(frame: Frame, within: str | None) -> list[tuple[str, list[int]]]:
    if within is None:
        return [("", list(frame.rows))]
    column = frame.column(within)
    if column.kind == "number":
        raise ToolError("not_words", f'within needs a column of words or periods; "{within}" holds numbers')
    parts: dict[str, list[int]] = {}
    for row in frame.rows:
        parts.setdefault(column.word(row), []).append(row)
    return list(parts.items())


def _share(frame: Frame, column: FrameColumn, outcome: Outcome, words: str, among: Sequence[int]) -> None:
    rows = [row for row in among if column.amounts[row] is not None]
    filled = [amount for row in rows if (amount := column.amounts[row]) is not None]
    if words and not rows:
        return
    unit = one_unit(column, among, "a share needs one unit")
    total = exact_sum(filled)
    of = for_model(f"{column.label}, {words}" if words else column.label, 60)
    if total <= 0:
        if words:
            outcome.refuse("no share of a total that is not positive", of)
            return
        raise ToolError("no_total", f'the total of "{of}" is not positive, so nothing can be a share of it')
    if min(filled) < 0:
        frame.notes.append(f"{of} holds negative amounts, so the shares are not parts of a whole")
    whole = _whole(frame, column, rows, len(among) - len(rows), total, unit, words)
    for row, amount in zip(rows, filled, strict=True):
        found = quotient(amount, total)
        assert found is not None
        store(outcome, row, found, "multiple" if unit == "multiple" else "ratio", ((column, row), (whole, 0)))


def _whole(
    frame: Frame, column: FrameColumn, rows: Sequence[int], empty: int, total: Decimal, unit: str, words: str
) -> FrameColumn:
    """A column of one cell: the total the shares are of."""
    period = when(column, rows[0]) if len({when(column, row) for row in rows}) == 1 else None
    group = Group(rows, empty, "", " and ".join([*frame.conditions, *([words] if words else [])]), period)
    label = f"{column.label}, {words or 'all rows'}"
    origin = Aggregate("sum", label, column, [group], [total], [unit])
    return FrameColumn("total", label, "number", [None], [total], unit, origin=origin)


def one_unit(column: FrameColumn, rows: Sequence[int], why: str) -> str:
    """The one unit of the column's cells in these rows. Refuses several, and a column that is empty there."""
    units = column.units_of(rows)
    if not units:
        raise ToolError("empty_column", f'"{for_model(column.label, 60)}" has no numbers in these rows')
    if len(units) > 1:
        raise ToolError("mixed_units", f'"{for_model(column.label, 60)}" holds {" and ".join(units)}; {why}')
    return units[0]


def add_running(frame: Frame, wanted: str, name: str | None) -> None:
    """A running sum over the rows, in time where they are dated. Empty cells are passed over and stay empty."""
    column = frame.number(wanted)
    unit = one_unit(column, frame.rows, "a running sum needs one unit")
    label = free_label(frame, tame(name or "", 80) or f"Cumulative {column.label}")
    amounts: list[Decimal | None] = [None] * frame.size()
    found = FrameColumn(label, label, "number", [None] * frame.size(), amounts, unit)
    labels = [""] * frame.size()
    periods: list[Period | None] = [None] * frame.size()
    parts = [[row for row in run if column.amounts[row] is not None] for run in runs(frame, one_per_period=False)]
    for part in parts:
        _alike(frame, part)
        total = Decimal(0)
        for row in part:
            total = exact_sum((total, column.amounts[row] or Decimal(0)))
            amounts[row], labels[row], periods[row] = total, joined(label, frame.row_words(row)), when(column, row)
    found.origin = Running(found, column, parts, labels, periods)
    frame.columns.append(found)


def add_rank(frame: Frame, wanted: str, within: str | None, lowest_first: bool, name: str | None) -> None:
    """The place of each cell, 1 for the highest; equal cells share a place and the next is passed over (1, 2, 2, 4)."""
    column = frame.number(wanted)
    size = frame.size()
    amounts: list[Decimal | None] = [None] * size
    of = [0] * size
    for _, among in _parts(frame, within):
        rows = [row for row in among if column.amounts[row] is not None]
        if not rows:
            continue
        one_unit(column, rows, "ranks need one unit")
        rows.sort(key=lambda row: column.amounts[row] or Decimal(0), reverse=not lowest_first)
        for at, row in enumerate(rows):
            same = at and column.amounts[row] == column.amounts[rows[at - 1]]
            amounts[row] = amounts[rows[at - 1]] if same else Decimal(at + 1)
            of[row] = len(rows)
    label = free_label(frame, tame(name or "", 80) or f"Rank by {column.label}")
    labels = [joined(label, frame.row_words(row)) if of[row] else "" for row in range(size)]
    origin = Ranked(column, "lowest first" if lowest_first else "highest first", amounts, of, labels)
    frame.columns.append(FrameColumn(label, label, "number", [None] * size, amounts, "count", origin=origin))


def add_index(frame: Frame, wanted: str, name: str | None) -> None:
    """Each cell over the first of its series, times 100, so that series of different size can be compared."""
    column = frame.number(wanted)
    outcome = Outcome.of(frame)
    for run in runs(frame, one_per_period=True):
        filled = [row for row in run if column.amounts[row] is not None]
        base = column.amounts[filled[0]] if filled else None
        if base is None or base <= 0:
            outcome.refuse(
                "no index from a base that is empty, zero or negative", row_name(frame, run[0]) if run else ""
            )
            continue
        one_unit(column, filled, "an index needs one unit")
        _alike(frame, filled)
        for row in filled:
            found = quotient(100 * (column.amounts[row] or Decimal(0)), base)
            assert found is not None
            store(outcome, row, found, "count", ((column, row), (column, filled[0])))
    append(frame, tame(name or "", 80) or f"{column.label} (first = 100)", "{0} / {1} * 100", outcome)


def _alike(frame: Frame, run: Sequence[int]) -> None:
    """Refuses periods of different length in one series: a year contains its quarters, and would count them twice."""
    time = frame.time()
    if time is None or time.dates:
        return
    periods = [period for row in run if (period := time.period_at(row))]
    for earlier, later in pairwise(periods):
        if not comparable(earlier, later):
            raise ToolError(
                "unlike_periods",
                f'"{for_model(time.label, 60)}" holds periods of different length ({for_model(earlier.label, 40)} and '
                f"{for_model(later.label, 40)}); keep one kind of them with periods or where",
            )


@dataclass(slots=True)
class _Windows:
    """What stands behind each row's rolling figure, and why there is none where there is none."""

    column: FrameColumn
    op: Rolled
    length: int
    amounts: list[Decimal | None]
    groups: list[Group]
    units: list[str]
    reasons: dict[str, list[str]] = field(default_factory=dict)


def add_rolling(frame: Frame, op: Rolled, wanted: str, length: int, name: str | None) -> None:
    """`sum mean min max` over each row and the `length - 1` periods before it, within its group."""
    column, size = frame.number(wanted), frame.size()
    windows = _Windows(column, op, length, [None] * size, [_NOTHING] * size, [""] * size)
    series = runs(frame, one_per_period=True)
    for run in series:
        _roll(frame, windows, run)
    notes = [f"{why} ({counted(len(rows), 'row')}, such as {rows[0]})" for why, rows in windows.reasons.items()]
    longest = max(map(len, series), default=0)
    if all(amount is None for amount in windows.amounts):
        words = "; ".join(notes) or f"the longest series has {counted(longest, 'row')}, so use 2 to {longest}"
        raise ToolError("window", f"no window of {length} is full: {words}")
    label = free_label(frame, tame(name or "", 80) or f"{column.label}, rolling {_ROLLED[op]} of {length}")
    units = [unit for unit in windows.units if unit]
    others = {row: unit for row, unit in enumerate(windows.units) if unit and unit != units[0]}
    origin = Aggregate(op, label, column, windows.groups, windows.amounts, windows.units)
    frame.columns.append(
        FrameColumn(label, label, "number", [None] * size, windows.amounts, units[0], others, origin=origin)
    )
    frame.notes += notes


def _roll(frame: Frame, windows: _Windows, run: Sequence[int]) -> None:
    column, length = windows.column, windows.length
    _alike(frame, run)
    numbers = numbers_of(frame, run)
    units = column.units_of(run)
    if len(units) > 1:
        one_unit(column, run, "a rolling figure needs one unit")
    for at in range(length - 1, len(run)):
        rows, row = run[at - length + 1 : at + 1], run[at]
        filled = [amount for each in rows if (amount := column.amounts[each]) is not None]
        if numbers[at] - numbers[at - length + 1] >= length:
            windows.reasons.setdefault("a period of the window is missing", []).append(row_name(frame, row))
        elif len(filled) < length:
            windows.reasons.setdefault("a cell of the window is empty", []).append(row_name(frame, row))
        else:
            windows.amounts[row], windows.units[row] = _FIGURES[windows.op](filled), units[0]
            windows.groups[row] = Group(rows, 0, frame.row_words(row), "", _stretch(column, rows))


def _stretch(column: FrameColumn, rows: Sequence[int]) -> Period | None:
    first, last = when(column, rows[0]), when(column, rows[-1])
    if first is None or last is None:
        return None
    begins, ends = moment(first), moment(last)
    label = f"{first.label} to {last.label}"
    return Period(label, "span", begins[1], ends[0]) if begins and ends else Period(label)
