"""Grouping, aggregating and sorting, exactly.

Amounts are decimals in base units and are added as such, without rounding, so a total of 100,000 sales is the total to
the last digit. Sorting scales them to a shared minor unit (pence, hundredths of a penny) and hands them to pandas as
integers.

This module imports pandas, which takes a second; its callers import it when they need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

import numpy as np
import pandas as pd

from tools.finance.frames import Frame, FrameColumn
from tools.finance.growth import SIGNIFICANT, exact_sum, mean
from tools.finance.periods import Every, bucket, moment
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.values import Period, plain

Array = Any  # numpy arrays and pandas objects; their own types say little more
EMPTY = "(empty)"
_INT64_ROOM = 2**62
_EXACT = Context(prec=400)
_ZERO = Decimal(0)


@dataclass(slots=True)
class Keys:
    """One group key over the selected rows: `codes[i]` is the group of row i, `words` and `periods` name the groups in order."""

    label: str
    codes: Array
    words: list[str]
    periods: list[Period | None]


@dataclass(slots=True)
class Groups:
    """Groups of rows. `members[g]` are row numbers of the frame, in order; `names[k][g]` is group g's number in key k.

    `span` is the period of all rows together, where no key says when they are. What several figures of one column need
    is worked out once: `filled` are the rows with a number, `ranked` the same by amount.
    """

    keys: list[Keys]
    members: list[Array]
    names: list[list[int]]
    span: Period | None = None
    filled: dict[FrameColumn, list[Array]] = field(default_factory=dict)
    ranked: dict[FrameColumn, list[list[int]]] = field(default_factory=dict)


def minor_units(amounts: Sequence[Decimal]) -> tuple[list[int], int]:
    """The amounts as integers of 10**-places, exactly.

    >>> minor_units([Decimal("1.5"), Decimal("20")])
    ([15, 200], 1)
    """
    exponents = [exponent for amount in amounts if isinstance(exponent := amount.as_tuple().exponent, int)]
    places = max(0, -min(exponents, default=0))
    return [int(amount.scaleb(places, _EXACT)) for amount in amounts], places


def whole(number: int) -> Decimal | None:
    """A count as an amount. The result is never None; the type is that of other aggregates."""
    return Decimal(number)


def as_array(numbers: list[int]) -> Array:
    """64-bit where a sum over all of them fits, else Python integers."""
    fits = not numbers or max(map(abs, numbers)) * len(numbers) < _INT64_ROOM
    return np.array(numbers, dtype=np.int64 if fits else object)


def key(frame: Frame, column: FrameColumn, every: Every | None) -> Keys:
    """What the rows are grouped by. Dates fall into buckets; words keep the order in which they first appear."""
    if every and column.kind != "period":
        raise ToolError(
            "not_dates", f'"{for_model(column.label, 60)}" holds no dates, so it cannot be grouped by {every}'
        )
    rows = list(frame.rows)
    if column.kind == "period":
        return _period_key(column, rows, every)
    if column.kind == "number":  # by the amount: what is printed may be rounded, or say 1 and 1.0
        shown = [None if (amount := column.amounts[row]) is None else plain(amount) for row in rows]
        words = [each or "" for each in shown]
    else:
        words = [column.word(row) for row in rows]
    codes, distinct = pd.factorize(np.array(words, dtype=object))
    return Keys(column.label, codes, [tame(word, 120) or EMPTY for word in distinct], [None] * len(distinct))


def _period_key(column: FrameColumn, rows: Sequence[int], every: Every | None) -> Keys:
    cells = [column.dates[row] if column.dates else column.period_at(row) for row in rows]
    place = {cell: number for number, cell in enumerate(dict.fromkeys(cells))}
    buckets = [_bucket(column, cell, every) for cell in place]
    order = sorted({period for period in buckets if period}, key=position)
    rank: dict[Period | None, int] = {period: number for number, period in enumerate(order)}
    rank[None] = len(order)
    by_place = np.array([rank[period] for period in buckets], dtype=np.int64)
    codes = by_place[np.array([place[cell] for cell in cells], dtype=np.int64)]
    empty = [None] if None in buckets else []
    return Keys(column.label, codes, [p.label if p else EMPTY for p in [*order, *empty]], [*order, *empty])


def position(period: Period) -> tuple[bool, tuple[Any, ...], str]:
    """What can be dated first, in time; the rest by its label."""
    found = moment(period)
    return (found is None, found or (), period.label)


def _bucket(column: FrameColumn, cell: Any, every: Every | None) -> Period | None:
    if cell is None:
        return None
    if not isinstance(cell, Period):
        return bucket(cell, every or "day")
    if every is None:
        return cell
    span = moment(cell)
    if span is None:
        raise ToolError(
            "not_dates", f'"{for_model(column.label, 60)}" has {for_model(cell.label, 40)!r}, which is no date'
        )
    found = bucket(span[1], every)
    if found != bucket(span[0], every):
        raise ToolError("too_fine", f"{for_model(cell.label, 40)} is longer than a {every}; group by something longer")
    return found


def grouped(frame: Frame, keys: list[Keys]) -> Groups:
    """The selected rows by all keys together; groups come in the order of the first key, then the second, ..."""
    rows = np.array(list(frame.rows), dtype=np.int64)
    if not keys:
        return Groups([], [rows], [])
    combined = np.zeros(len(rows), dtype=np.int64)
    for each in keys:  # re-numbered at each step, so that many keys cannot overflow
        combined = np.unique(combined * len(each.words) + each.codes, return_inverse=True)[1]
    order = np.argsort(combined, kind="stable")
    bounds = np.flatnonzero(np.diff(combined[order])) + 1
    firsts = order[np.concatenate(([0], bounds))]
    names = [[int(code) for code in each.codes[firsts]] for each in keys]
    return Groups(keys, np.split(rows[order], bounds), names)


@dataclass(slots=True)
class Aggregated:
    """One aggregate over all groups: the amounts, the rows with a number, and for min and max the rows that have it."""

    amounts: list[Decimal | None]
    used: list[Array]
    picked: list[Sequence[int]]


def aggregate(
    op: str, column: FrameColumn, groups: Groups, percent: Decimal | None = None, time: FrameColumn | None = None
) -> Aggregated:
    """`sum mean median min max std percentile first last` of the filled cells of each group; None where there are none.

    First and last are so in `time`, or in the order of the rows where no column says when they are.
    """
    used = _filled_rows(column, groups)
    if op in ("sum", "mean"):
        return Aggregated([_total(op, column, rows) for rows in used], used, [()] * len(used))
    if op in ("first", "last"):
        return _at_an_end(op, column, used, time)
    if op == "std":
        return Aggregated([_deviation(_amounts(column, rows)) for rows in used], used, [()] * len(used))
    ranked = _ranked_rows(column, groups)
    if op in ("min", "max"):
        picked: list[Sequence[int]] = [rows[:1] if op == "min" else rows[-1:] for rows in ranked]
        return Aggregated([column.amounts[rows[0]] if rows else None for rows in picked], used, picked)
    share = percent / 100 if op == "percentile" and percent is not None else Decimal("0.5")
    return Aggregated([_percentile(column, rows, share) for rows in ranked], used, [()] * len(used))


def _amounts(column: FrameColumn, rows: Array) -> list[Decimal]:
    return [amount for row in rows.tolist() if (amount := column.amounts[row]) is not None]


def _total(op: str, column: FrameColumn, rows: Array) -> Decimal | None:
    """The exact sum or mean: decimals added in a context that does not round them."""
    amounts = _amounts(column, rows)
    if not amounts:
        return None
    return mean(amounts) if op == "mean" else exact_sum(amounts)


def _at_an_end(op: str, column: FrameColumn, used: Sequence[Array], time: FrameColumn | None) -> Aggregated:
    picked: list[Sequence[int]] = []
    pick = min if op == "first" else max
    for group in used:
        rows = group.tolist()
        dated = [(found, row) for row in rows if time and (found := time.moment_at(row))]
        at = pick(dated)[1] if dated else (rows[0 if op == "first" else -1] if rows else None)
        picked.append([at] if at is not None else ())
    return Aggregated([column.amounts[spot[0]] if spot else None for spot in picked], list(used), picked)


def _deviation(amounts: Sequence[Decimal]) -> Decimal | None:
    """The sample standard deviation (n - 1), from exact sums of squares; None of fewer than two amounts."""
    count = len(amounts)
    if count < 2:
        return None
    total = exact_sum(amounts)
    squares = exact_sum(_EXACT.multiply(amount, amount) for amount in amounts)
    spread = _EXACT.subtract(_EXACT.multiply(squares, count), _EXACT.multiply(total, total))
    return _EXACT.divide(spread, Decimal(count * (count - 1))).sqrt(SIGNIFICANT)


def _percentile(column: FrameColumn, ranked: Sequence[int], share: Decimal) -> Decimal | None:
    """Between the two nearest by rank, in proportion, as spreadsheets do it (inclusive)."""
    if not ranked:
        return None
    spot = share * (len(ranked) - 1)
    low, high = (column.amounts[ranked[min(at, len(ranked) - 1)]] or _ZERO for at in (int(spot), int(spot) + 1))
    return _EXACT.add(low, _EXACT.multiply(spot - int(spot), _EXACT.subtract(high, low)))


def _filled_rows(column: FrameColumn, groups: Groups) -> list[Array]:
    if column not in groups.filled:
        groups.filled[column] = [_filled(column, rows) for rows in groups.members]
    return groups.filled[column]


def _ranked_rows(column: FrameColumn, groups: Groups) -> list[list[int]]:
    if column not in groups.ranked:
        filled = _filled_rows(column, groups)
        groups.ranked[column] = [sorted(rows.tolist(), key=lambda row: column.amounts[row] or _ZERO) for rows in filled]
    return groups.ranked[column]


def _filled(column: FrameColumn, rows: Array) -> Array:
    amounts = column.amounts
    return rows[np.fromiter((amounts[row] is not None for row in rows.tolist()), dtype=bool, count=len(rows))]


def counts(column: FrameColumn | None, groups: Groups) -> list[Array]:
    """The rows that count in each group: those that are not empty in `column`, or all."""
    if column is None:
        return groups.members
    if column.kind == "number":
        return _filled_rows(column, groups)
    return [
        rows[np.fromiter((bool(column.word(row)) for row in rows.tolist()), dtype=bool, count=len(rows))]
        for rows in groups.members
    ]


def distinct(column: FrameColumn, groups: Groups) -> list[Array]:
    """In each group the first row of each thing that occurs in `column`; what is empty is nothing."""

    def thing(row: int) -> object:
        return column.amounts[row] if column.kind == "number" else column.word(row) or None

    found = []
    for rows in groups.members:
        firsts: dict[object, int] = {}
        for row in rows.tolist():
            firsts.setdefault(thing(row), row)
        firsts.pop(None, None)
        found.append(np.array(list(firsts.values()), dtype=np.int64))
    return found


def ordered(frame: Frame, by: Sequence[tuple[FrameColumn, bool]]) -> list[int]:
    """The selected rows sorted by columns (column, descending); stable, empty cells last either way."""
    rows = np.array(list(frame.rows), dtype=np.int64)
    levels: list[Array] = []
    for column, descending in by:
        ranks, empty = _ranks(column, [int(row) for row in rows])
        levels += [empty, -ranks if descending else ranks]
    order = np.lexsort(levels[::-1]) if levels else np.arange(len(rows))
    return [int(row) for row in rows[order]]


def _ranks(column: FrameColumn, rows: Sequence[int]) -> tuple[Array, Array]:
    if column.kind == "number":
        filled = [amount for row in rows if (amount := column.amounts[row]) is not None]
        numbers, _ = minor_units(filled)
        present = np.array([column.amounts[row] is not None for row in rows], dtype=bool)
        cells: Array = np.zeros(len(rows), dtype=np.int64)
        cells[present] = pd.factorize(as_array(numbers), sort=True)[0]
        return cells, ~present
    if column.kind == "period":
        moments = [column.moment_at(row) or () for row in rows]
        distinct = {found: number for number, found in enumerate(sorted(set(moments)))}
        return np.array([distinct[found] for found in moments], dtype=np.int64), np.array(
            [not found for found in moments]
        )
    words = [column.word(row).casefold() for row in rows]
    places = {word: number for number, word in enumerate(sorted(set(words)))}
    return np.array([places[word] for word in words], dtype=np.int64), np.array([not word for word in words])
