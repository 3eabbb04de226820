"""Columns computed from two cells each: growth, difference, ratio. What looks at more cells is in `windows`.

Percentages do not grow, they differ by percentage points. The row before is the period before, within the same group,
whatever order the rows will be shown in. Where a cell comes to nothing it stays empty, and a note says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from tools.finance.frames import Frame, FrameColumn, period_columns
from tools.finance.growth import difference, growth_ratio, quotient, quotient_unit
from tools.finance.lineage import Derived, joined
from tools.finance.periods import comparable, follows, numbered
from tools.finance.words import for_model, tame
from tools.refusals import ToolError
from tools.values import Period

_MOST_EXAMPLES = 3

Pair = tuple[tuple[FrameColumn, int], tuple[FrameColumn, int]]


@dataclass(slots=True)
class Outcome:
    """What one row came to, and why not where it came to nothing."""

    amounts: list[Decimal | None]
    units: list[str]
    operands: list[Pair | None]
    points: set[int] = field(default_factory=set)
    reasons: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(frame: Frame) -> Outcome:
        size = frame.size()
        return Outcome([None] * size, [""] * size, [None] * size)

    def refuse(self, reason: str, words: str) -> None:
        self.reasons.setdefault(reason, []).append(words)

    def notes(self) -> list[str]:
        notes = []
        for reason, rows in self.reasons.items():
            named = [words for words in dict.fromkeys(rows) if words][:_MOST_EXAMPLES]
            more = f" and {len(rows) - len(named):,} more" if named and len(rows) > len(named) else ""
            notes.append(reason + (f" ({', '.join(named)}{more})" if named else ""))
        return notes


def add_change(frame: Frame, op: str, wanted: str, against: str | None, name: str | None, back: int = 1) -> None:
    """`growth` or `difference`, against another column, or against the row (in a statement: the column) `back` periods
    before."""
    column = frame.number(wanted)
    other = frame.number(against) if against else _column_before(frame, column, back)
    pairs = _across(frame, column, other) if other else _down(frame, column, back)
    outcome = Outcome.of(frame)
    for row, pair in pairs.items():
        _change(frame, outcome, op, row, pair, back)
    _all_percentages(op, column, pairs, outcome)
    label = tame(name or "", 80) or _change_name(op, column, other, back)
    in_points = outcome.points and not any(
        amount is not None and row not in outcome.points for row, amount in enumerate(outcome.amounts)
    )
    if in_points and "pp" not in label:
        label += " (pp)"
    templates = {"growth": "({0} - {1}) / {1}", "difference": "{0} - {1}"}
    append(frame, label, templates[op], outcome, _change_labels(frame, op, label, outcome) if other else None)


def _column_before(frame: Frame, column: FrameColumn, back: int) -> FrameColumn | None:
    if not frame.statement:
        return None
    if column.period is None:
        raise ToolError(
            "no_period_before",
            f'"{for_model(column.label, 60)}" belongs to no one period, so nothing is before it; name a column in against',
        )
    columns = period_columns(frame)
    spot = columns.index(column) if column in columns else 0
    like = [each for each in columns[:spot] if each.period and comparable(each.period, column.period)]
    numbers = numbered([each.period for each in (*like, column)])
    found = like[-1:] if back == 1 else [c for c, n in zip(like, numbers, strict=False) if n == numbers[-1] - back]
    if not found:
        which = "no period" if back == 1 else f"no column {back} periods"
        raise ToolError(
            "no_period_before",
            f'{which} before "{for_model(column.label, 60)}" is among the columns; keep it, or name one in against',
        )
    return found[0]


def _across(frame: Frame, column: FrameColumn, other: FrameColumn) -> dict[int, Pair]:
    return {row: ((column, row), (other, row)) for row in frame.rows}


def _down(frame: Frame, column: FrameColumn, back: int) -> dict[int, Pair]:
    pairs: dict[int, Pair] = {}
    for run in runs(frame, one_per_period=True):
        pairs.update({row: ((column, row), (column, before)) for before, row in _steps(frame, run, back)})
    return pairs


def _steps(frame: Frame, run: Sequence[int], back: int) -> list[tuple[int, int]]:
    """Each row of the run with the one `back` periods before it; with its neighbour, missing or not, where that is 1."""
    if back == 1:
        return list(pairwise(run))
    numbers = numbers_of(frame, run)
    at = dict(zip(numbers, run, strict=True))
    return [(at[number - back], row) for number, row in zip(numbers, run, strict=True) if number - back in at]


def numbers_of(frame: Frame, run: Sequence[int]) -> list[int]:
    """Which period of its run each row is, counting those that are missing."""
    time = frame.time()
    return numbered([time.period_at(row) for row in run]) if time else list(range(len(run)))


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
    if None in moments.values():
        if not frame.keys:
            return [rows]  # such labels as "Opening" and "Closing": the table's own order is all there is
        rows = [row for row in rows if moments[row]]
        note = "rows without a date are left out of what looks along time"
        frame.notes += [note] if note not in frame.notes else []
    rows.sort(key=lambda row: moments[row] or ())
    groups = by_words(frame, rows)
    repeated = any(len({moments[row] for row in run}) < len(run) for run in groups)
    grouped = any(column.kind == "text" for column in frame.keys)
    if len({moments[row] for row in rows}) == len(rows) and not grouped:
        return [rows]
    if not repeated and (frame.keys or 2 * len(groups) <= len(rows)):
        return groups
    if one_per_period:
        raise ToolError(
            "not_one_per_period",
            f'"{for_model(time.label, 60)}" repeats, so there is no row before; '
            "group_by it first, with every month, quarter or year",
        )
    return [rows]


def by_words(frame: Frame, rows: Sequence[int]) -> list[list[int]]:
    """Rows that share their keys, or where there are none, all their words."""
    groups: dict[tuple[str, ...], list[int]] = {}
    names = [column for column in (frame.keys or frame.texts()) if column.kind == "text"]
    for row in rows:
        groups.setdefault(tuple(column.word(row) for column in names), []).append(row)
    return list(groups.values())


def _change(frame: Frame, outcome: Outcome, op: str, row: int, pair: Pair, back: int) -> None:
    (column, at), (other, before) = pair
    amount, base = column.amounts[at], other.amounts[before]
    if amount is None or base is None:
        outcome.refuse(f"no {op} where one of the two cells is empty", row_name(frame, row))
        return
    unit, base_unit = column.unit_at(at), other.unit_at(before)
    if unit != base_unit:
        raise ToolError(
            "mixed_units",
            f"{op} would compare {unit} with {base_unit} ({row_name(frame, row)}); compare like with like",
        )
    later, earlier = when(column, at), when(other, before)
    if later and earlier and later != earlier:
        if not comparable(earlier, later):
            outcome.refuse(f"no {op} between stretches of different length", f"{earlier.label} and {later.label}")
            return
        if back == 1 and column is other and not follows(earlier, later):
            outcome.refuse(
                "a period is missing before some rows, which are compared with the last one there is",
                f"{later.label} with {earlier.label}",
            )
    if op == "growth" and unit == "ratio":
        outcome.refuse("percentages do not grow; ask for difference, in percentage points", row_name(frame, row))
        return
    found = growth_ratio(amount, base) if op == "growth" else difference(amount, base)
    if found is None:
        outcome.refuse("no growth from a base that is zero or negative", row_name(frame, row))
        return
    store(outcome, row, found, "ratio" if op == "growth" else unit, pair)
    if op == "difference" and unit == "ratio":
        outcome.points.add(row)


def store(outcome: Outcome, row: int, amount: Decimal, unit: str, pair: Pair) -> None:
    outcome.amounts[row], outcome.units[row], outcome.operands[row] = amount, unit, pair


def when(column: FrameColumn, row: int) -> Period | None:
    return column.origin.period_of(row) if column.origin else None


def row_name(frame: Frame, row: int) -> str:
    time = frame.time()
    return for_model(", ".join(filter(None, (time.word(row) if time else "", frame.row_words(row)))), 60)


def _all_percentages(op: str, column: FrameColumn, pairs: dict[int, Pair], outcome: Outcome) -> None:
    if op == "growth" and pairs and set(column.units_of(list(pairs))) == {"ratio"} and not any(outcome.operands):
        raise ToolError(
            "growth_of_percentage",
            f'"{for_model(column.label, 60)}" is a percentage; use difference (percentage points)',
        )


def _change_name(op: str, column: FrameColumn, other: FrameColumn | None, back: int) -> str:
    if other is None:
        over = f" over {back} periods" if back > 1 else ""
        return (f"{column.label} growth" if op == "growth" else f"Change in {column.label}") + over
    if op == "difference" and not (column.period and other.period):
        return f"{column.label} less {other.label}"
    return f"{'Growth' if op == 'growth' else 'Change'}, {other.label} to {column.label}"


def _change_labels(frame: Frame, op: str, label: str, outcome: Outcome) -> list[str] | None:
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
    outcome = Outcome.of(frame)
    for row, pair in _across(frame, column, other).items():
        amount, base = column.amounts[row], other.amounts[row]
        if amount is None or base is None:
            outcome.refuse("no ratio where one of the two cells is empty", row_name(frame, row))
            continue
        unit = quotient_unit(column.unit_at(row), other.unit_at(row))
        found = quotient(amount, base)
        if found is None:
            outcome.refuse(f"no ratio where {for_model(other.label, 60)} is zero", row_name(frame, row))
            continue
        store(outcome, row, found, unit, pair)
    append(frame, tame(name or "", 80) or f"{column.label} / {other.label}", "{0} / {1}", outcome)


def append(frame: Frame, label: str, template: str, outcome: Outcome, labels: Sequence[str] | None = None) -> None:
    if not any(amount is not None for amount in outcome.amounts):
        raise ToolError(
            "nothing_computed",
            f"{for_model(label, 80)} has no value in any row: {'; '.join(outcome.notes()) or 'there is only one row'}",
        )
    label = free_label(frame, label)
    units = list(
        dict.fromkeys(unit for unit, amount in zip(outcome.units, outcome.amounts, strict=True) if amount is not None)
    )
    overrides = {row: unit for row, unit in enumerate(outcome.units) if unit and unit != units[0]}
    names = labels or [
        joined(label, frame.row_words(row)) if outcome.operands[row] else "" for row in range(frame.size())
    ]
    periods = [when(*pair[0]) if pair else None for pair in outcome.operands]
    origin = Derived(template, outcome.operands, outcome.amounts, names, outcome.units, periods, outcome.points)
    frame.columns.append(
        FrameColumn(label, label, "number", [None] * frame.size(), outcome.amounts, units[0], overrides, origin=origin)
    )
    frame.notes += outcome.notes()


def free_label(frame: Frame, label: str) -> str:
    taken = {column.label for column in frame.columns}
    return (
        label if label not in taken else next(f"{label} ({n})" for n in range(2, 999) if f"{label} ({n})" not in taken)
    )
