"""Columns computed from columns: growth, difference, ratio, share, running sum.

Percentages do not grow, they differ by percentage points. The row before is the period before, within the same group,
whatever order the rows will be shown in. Where a cell comes to nothing it stays empty, and a note says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from tools.finance.frames import Frame, FrameColumn
from tools.finance.growth import difference, exact_sum, growth_ratio, quotient, quotient_unit
from tools.finance.lineage import Aggregate, Derived, Group, Running, joined
from tools.finance.periods import comparable, follows
from tools.finance.sources import period_columns
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.values import Period

_MOST_EXAMPLES = 3

Pair = tuple[tuple[FrameColumn, int], tuple[FrameColumn, int]]


@dataclass(slots=True)
class _Outcome:
    """What one row came to, and why not where it came to nothing."""

    amounts: list[Decimal | None]
    units: list[str]
    operands: list[Pair | None]
    points: set[int] = field(default_factory=set)
    reasons: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(frame: Frame) -> _Outcome:
        size = frame.size()
        return _Outcome([None] * size, [""] * size, [None] * size)

    def refuse(self, reason: str, words: str) -> None:
        self.reasons.setdefault(reason, []).append(words)

    def notes(self) -> list[str]:
        notes = []
        for reason, rows in self.reasons.items():
            named = [words for words in dict.fromkeys(rows) if words][:_MOST_EXAMPLES]
            more = f" and {len(rows) - len(named):,} more" if named and len(rows) > len(named) else ""
            notes.append(reason + (f" ({', '.join(named)}{more})" if named else ""))
        return notes


def add_change(frame: Frame, op: str, wanted: str, against: str | None, name: str | None) -> None:
    """`growth` or `difference`, against another column, or against the row (in a statement: the column) before."""
    column = frame.number(wanted)
    other = frame.number(against) if against else _column_before(frame, column)
    pairs = _across(frame, column, other) if other else _down(frame, column)
    outcome = _Outcome.of(frame)
    for row, pair in pairs.items():
        _change(frame, outcome, op, row, pair)
    _all_percentages(op, column, pairs, outcome)
    label = tame(name or "", 80) or _change_name(op, column, other)
    in_points = outcome.points and not any(
        amount is not None and row not in outcome.points for row, amount in enumerate(outcome.amounts)
    )
    if in_points and "pp" not in label:
        label += " (pp)"
    templates = {"growth": "({0} - {1}) / {1}", "difference": "{0} - {1}"}
    _append(frame, label, templates[op], outcome, _change_labels(frame, op, label, outcome) if other else None)


def _column_before(frame: Frame, column: FrameColumn) -> FrameColumn | None:
    if not frame.statement or column.period is None:
        return None
    columns = period_columns(frame)
    spot = columns.index(column) if column in columns else 0
    earlier = [each for each in columns[:spot] if each.period and comparable(each.period, column.period)]
    if not earlier:
        raise ToolError(
            "no_period_before",
            f'no period before "{for_model(column.label, 60)}" is among the columns; keep it, or name one in against',
        )
    return earlier[-1]


def _across(frame: Frame, column: FrameColumn, other: FrameColumn) -> dict[int, Pair]:
    return {row: ((column, row), (other, row)) for row in frame.rows}


def _down(frame: Frame, column: FrameColumn) -> dict[int, Pair]:
    pairs: dict[int, Pair] = {}
    for run in runs(frame, one_per_period=True):
        pairs.update({row: ((column, row), (column, before)) for before, row in pairwise(run)})
    return pairs


def runs(frame: Frame, one_per_period: bool) -> list[list[int]]:
    """The selected rows in time, a run for each group; in their present order where no column says when they are."""
    time, rows = frame.time(), list(frame.rows)
    if time is None:
        if one_per_period:
            frame.notes.append(
                "each row is compared with the row before it in the table, because no column holds its date"
            )
        return [rows]
    rows = [row for row in rows if time.word(row)]
    moments = {row: time.moment_at(row) for row in rows}
    if any(found is None for found in moments.values()):
        return [rows]  # such labels as "Opening" and "Closing": the table's own order is all there is
    rows.sort(key=lambda row: moments[row] or ())
    if len(set(moments.values())) == len(rows):
        return [rows]
    groups = _by_words(frame, rows)
    repeated = any(len({moments[row] for row in run}) < len(run) for run in groups)
    if not repeated and (frame.keys or 2 * len(groups) <= len(rows)):
        return groups
    if one_per_period:
        raise ToolError(
            "not_one_per_period",
            f'"{for_model(time.label, 60)}" repeats, so there is no row before; '
            "group_by it first, with every month, quarter or year",
        )
    return [rows]


def _by_words(frame: Frame, rows: Sequence[int]) -> list[list[int]]:
    """Rows that share their keys, or where there are none, all their words."""
    groups: dict[tuple[str, ...], list[int]] = {}
    names = [column for column in (frame.keys or frame.texts()) if column.kind == "text"]
    for row in rows:
        groups.setdefault(tuple(column.word(row) for column in names), []).append(row)
    return list(groups.values())


def _change(frame: Frame, outcome: _Outcome, op: str, row: int, pair: Pair) -> None:
    (column, at), (other, before) = pair
    amount, base = column.amounts[at], other.amounts[before]
    if amount is None or base is None:
        outcome.refuse(f"no {op} where one of the two cells is empty", _row_name(frame, row))
        return
    unit, base_unit = column.unit_at(at), other.unit_at(before)
    if unit != base_unit:
        raise ToolError(
            "mixed_units",
            f"{op} would compare {unit} with {base_unit} ({_row_name(frame, row)}); compare like with like",
        )
    later, earlier = _when(column, at), _when(other, before)
    if later and earlier and later != earlier:
        if not comparable(earlier, later):
            outcome.refuse(f"no {op} between stretches of different length", f"{earlier.label} and {later.label}")
            return
        if column is other and not follows(earlier, later):
            outcome.refuse(
                "a period is missing before some rows, which are compared with the last one there is",
                f"{later.label} with {earlier.label}",
            )
    if op == "growth" and unit == "ratio":
        outcome.refuse("percentages do not grow; ask for difference, in percentage points", _row_name(frame, row))
        return
    found = growth_ratio(amount, base) if op == "growth" else difference(amount, base)
    if found is None:
        outcome.refuse("no growth from a base that is zero or negative", _row_name(frame, row))
        return
    _store(outcome, row, found, "ratio" if op == "growth" else unit, pair)
    if op == "difference" and unit == "ratio":
        outcome.points.add(row)


def _store(outcome: _Outcome, row: int, amount: Decimal, unit: str, pair: Pair) -> None:
    outcome.amounts[row], outcome.units[row], outcome.operands[row] = amount, unit, pair


def _when(column: FrameColumn, row: int) -> Period | None:
    return column.origin.period_of(row) if column.origin else None


def _row_name(frame: Frame, row: int) -> str:
    time = frame.time()
    return for_model(", ".join(filter(None, (time.word(row) if time else "", frame.row_words(row)))), 60)


def _all_percentages(op: str, column: FrameColumn, pairs: dict[int, Pair], outcome: _Outcome) -> None:
    if op == "growth" and pairs and set(column.units_of(list(pairs))) == {"ratio"} and not any(outcome.operands):
        raise ToolError(
            "growth_of_percentage",
            f'"{for_model(column.label, 60)}" is a percentage; use difference (percentage points)',
        )


def _change_name(op: str, column: FrameColumn, other: FrameColumn | None) -> str:
    if other is None:
        return f"{column.label} growth" if op == "growth" else f"Change in {column.label}"
    if op == "difference" and not (column.period and other.period):
        return f"{column.label} less {other.label}"
    return f"{'Growth' if op == 'growth' else 'Change'}, {other.label} to {column.label}"


def _change_labels(frame: Frame, op: str, label: str, outcome: _Outcome) -> list[str] | None:
    """In a statement the line is what grew, and the column only says when."""
    if not frame.statement:
        return None
    names = [frame.row_words(row) for row in range(frame.size())]
    if op == "growth":
        return [f"{name} growth" for name in names]
    return [f"Change in {name}" + (" (pp)" if row in outcome.points else "") for row, name in enumerate(names)]


def add_ratio(frame: Frame, wanted: str, against: str, name: str | None) -> None:
    """One column over another, row by row. Money over money is a ratio, money over shares a price per share."""
    column, other = frame.number(wanted), frame.number(against)
    outcome = _Outcome.of(frame)
    for row, pair in _across(frame, column, other).items():
        amount, base = column.amounts[row], other.amounts[row]
        if amount is None or base is None:
            outcome.refuse("no ratio where one of the two cells is empty", _row_name(frame, row))
            continue
        unit = quotient_unit(column.unit_at(row), other.unit_at(row))
        found = quotient(amount, base)
        if found is None:
            outcome.refuse(f"no ratio where {for_model(other.label, 60)} is zero", _row_name(frame, row))
            continue
        _store(outcome, row, found, unit, pair)
    _append(frame, tame(name or "", 80) or f"{column.label} / {other.label}", "{0} / {1}", outcome)


def add_share(frame: Frame, wanted: str, name: str | None) -> None:
    """Each cell over the total of the selected rows."""
    column = frame.number(wanted)
    rows = [row for row in frame.rows if column.amounts[row] is not None]
    filled = [amount for row in rows if (amount := column.amounts[row]) is not None]
    unit = one_unit(frame, column, "a share needs one unit")
    total = exact_sum(filled)
    if total <= 0:
        raise ToolError(
            "no_total", f'the total of "{for_model(column.label, 60)}" is not positive, so nothing can be a share of it'
        )
    if min(filled) < 0:
        frame.notes.append(f"{column.label} holds negative amounts, so the shares are not parts of a whole")
    whole = _whole(frame, column, rows, total, unit)
    outcome = _Outcome.of(frame)
    for row, amount in zip(rows, filled, strict=True):
        found = quotient(amount, total)
        assert found is not None
        _store(outcome, row, found, "multiple" if unit == "multiple" else "ratio", ((column, row), (whole, 0)))
    _append(frame, tame(name or "", 80) or f"Share of {column.label}", "{0} / {1}", outcome)


def _whole(frame: Frame, column: FrameColumn, rows: Sequence[int], total: Decimal, unit: str) -> FrameColumn:
    """A column of one cell: the total the shares are of."""
    period = _when(column, rows[0]) if len({_when(column, row) for row in rows}) == 1 else None
    group = Group(rows, len(frame.rows) - len(rows), "", " and ".join(frame.conditions), period)
    label = f"{column.label}, all rows"
    origin = Aggregate("sum", label, column, [group], [total], [unit])
    return FrameColumn("total", label, "number", [None], [total], unit, origin=origin)


def one_unit(frame: Frame, column: FrameColumn, why: str) -> str:
    """The one unit of the column's selected cells. Refuses several, and a column that is empty."""
    units = column.units_of(frame.rows)
    if not units:
        raise ToolError("empty_column", f'"{for_model(column.label, 60)}" has no numbers in these rows')
    if len(units) > 1:
        raise ToolError("mixed_units", f'"{for_model(column.label, 60)}" holds {" and ".join(units)}; {why}')
    return units[0]


def add_running(frame: Frame, wanted: str, name: str | None) -> None:
    """A running sum over the rows, in time where they are dated. Empty cells are passed over and stay empty."""
    column = frame.number(wanted)
    unit = one_unit(frame, column, "a running sum needs one unit")
    label = _free(frame, tame(name or "", 80) or f"Cumulative {column.label}")
    amounts: list[Decimal | None] = [None] * frame.size()
    found = FrameColumn(label, label, "number", [None] * frame.size(), amounts, unit)
    labels = [""] * frame.size()
    periods: list[Period | None] = [None] * frame.size()
    parts = [[row for row in run if column.amounts[row] is not None] for run in runs(frame, one_per_period=False)]
    for part in parts:
        total = Decimal(0)
        for row in part:
            total = exact_sum((total, column.amounts[row] or Decimal(0)))
            amounts[row], labels[row], periods[row] = total, joined(label, frame.row_words(row)), _when(column, row)
    found.origin = Running(found, column, parts, labels, periods)
    frame.columns.append(found)


def _append(frame: Frame, label: str, template: str, outcome: _Outcome, labels: Sequence[str] | None = None) -> None:
    if not any(amount is not None for amount in outcome.amounts):
        raise ToolError(
            "nothing_computed",
            f"{for_model(label, 80)} has no value in any row: {'; '.join(outcome.notes()) or 'there is only one row'}",
        )
    label = _free(frame, label)
    units = list(
        dict.fromkeys(unit for unit, amount in zip(outcome.units, outcome.amounts, strict=True) if amount is not None)
    )
    overrides = {row: unit for row, unit in enumerate(outcome.units) if unit and unit != units[0]}
    names = labels or [
        joined(label, frame.row_words(row)) if outcome.operands[row] else "" for row in range(frame.size())
    ]
    periods = [_when(*pair[0]) if pair else None for pair in outcome.operands]
    origin = Derived(template, outcome.operands, outcome.amounts, names, outcome.units, periods, outcome.points)
    frame.columns.append(
        FrameColumn(label, label, "number", [None] * frame.size(), outcome.amounts, units[0], overrides, origin=origin)
    )
    frame.notes += outcome.notes()


def _free(frame: Frame, label: str) -> str:
    taken = {column.label for column in frame.columns}
    return (
        label if label not in taken else next(f"{label} ({n})" for n in range(2, 999) if f"{label} ({n})" not in taken)
    )
