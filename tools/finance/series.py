"""What a chart draws, before it is drawn: places on the x axis, and series of amounts that can become values.

A series comes from a table's columns or from references the model wrote. Either way its amounts are known first, so
that points can be dropped before any value is made for them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from tools.documents.periods import read_period
from tools.finance.frames import Frame, FrameColumn, Ledger, period_columns
from tools.finance.sources import line_names, pick_lines, turned
from tools.finance.words import counted, for_model, listed, normal, tame
from tools.refusals import ToolError
from tools.values import Value

MOST_SERIES = 12
EMPTY = "(empty)"
XKind = Literal["category", "date", "number"]


@dataclass(slots=True)
class Series:
    """One series. `claim` makes the values of the points at these positions; None is a gap. `axis` is None where nobody chose."""

    name: str
    amounts: Sequence[Decimal | None]
    units: Sequence[str]
    claim: Callable[[Sequence[int]], list[Value | None]]
    axis: Literal["left", "right"] | None = None

    def unit(self) -> str:
        """The unit of all points. Refuses several."""
        if len(self.units) > 1:
            raise ToolError(
                "mixed_units",
                f'"{for_model(self.name, 60)}" mixes {" and ".join(self.units)}; a series has one unit, so split or filter it',
            )
        return self.units[0] if self.units else "count"


@dataclass(slots=True)
class Plan:
    """Places on the x axis and the series over them. `across` are the x amounts of a scatter, as a series of their own."""

    places: list[str]
    x_kind: XKind
    x_label: str
    timed: bool
    series: list[Series]
    source_note: str = ""
    notes: list[str] = field(default_factory=list)
    across: Series | None = None


def from_frame(
    frame: Frame, new_id: Callable[[], str], kind: str, x: str | None, y: Sequence[str] | None, right: Sequence[str]
) -> Plan:
    """Series from a table. A statement is turned, so that its lines run along its periods."""
    frame = _upright(frame, x, y)
    axis = frame.column(x) if x and not _means_period(frame, x) else _default_axis(frame, kind)
    columns = [frame.number(name) for name in y] if y else _default_series(frame, axis)
    on_right = [frame.number(name) for name in right]
    columns = list(dict.fromkeys([*columns, *on_right]))
    if axis in columns:
        columns.remove(axis)
    if not columns:
        raise ToolError(
            "arguments", f"name the numeric columns to draw in y: {listed([c.label for c in frame.numbers()])}"
        )
    rows = _in_order(frame, axis, kind)
    ledger = Ledger(new_id)
    ledger.line_cap = 20
    places = [axis.word(row) or EMPTY for row in rows]
    plan = Plan(places, _x_kind(axis, kind, rows), axis.label, axis.kind == "period", [], frame.source_note)
    plan.notes = list(frame.notes)
    if kind == "scatter" and axis.kind == "number":
        plan.across = _drawn(ledger, axis, rows, axis.label)
    elif len(set(places)) < len(places) and kind != "scatter":
        return _split(frame, plan, ledger, axis, columns, rows)
    plan.series = [
        _drawn(ledger, column, rows, column.label, "right" if column in on_right else None) for column in columns
    ]
    return plan


def _upright(frame: Frame, x: str | None, y: Sequence[str] | None) -> Frame:
    """Lines as columns, where the caller asked for lines; the frame as it is, where he asked for columns."""
    if not frame.statement or not period_columns(frame):
        return frame
    along_lines = x is not None and normal(x) in [normal(column.label) for column in frame.texts()]
    if along_lines or (y and all(_names_column(frame, name) for name in y)):
        return frame
    if y is None:
        drawable = [
            name
            for name, row in zip(line_names(frame), frame.rows, strict=True)
            if any(c.amounts[row] is not None for c in frame.numbers())
        ]
        if len(drawable) > 6:
            raise ToolError("arguments", f"name the lines to draw in y: {listed(drawable, 60)}")
    else:
        pick_lines(frame, y)
    return turned(frame)


def _names_column(frame: Frame, name: str) -> bool:
    return normal(name) in [normal(column.label) for column in frame.columns] or name in [c.key for c in frame.columns]


def _means_period(frame: Frame, x: str) -> bool:
    """A turned statement calls its x axis Period; a model may call it Year."""
    return frame.columns[0].key == "period" and not _names_column(frame, x)


def _default_axis(frame: Frame, kind: str) -> FrameColumn:
    if kind == "scatter" and frame.numbers():
        return frame.numbers()[0]
    return frame.time() or next(iter(frame.texts()), frame.columns[0])


def _default_series(frame: Frame, axis: FrameColumn) -> list[FrameColumn]:
    """All numeric columns where they are few and have no more than two units."""
    columns = [column for column in frame.numbers() if column is not axis]
    units = {column.unit for column in columns}
    if len(columns) > 6 or len(units) > 2:
        raise ToolError("arguments", f"name the columns to draw in y: {listed([column.label for column in columns])}")
    return columns


def _in_order(frame: Frame, axis: FrameColumn, kind: str) -> list[int]:
    """Rows in time where they can be dated; a row without a date has no place on a time axis."""
    rows = [row for row in frame.rows if axis.kind != "number" or kind != "scatter" or axis.amounts[row] is not None]
    if axis.kind != "period":
        return rows
    moments = {row: axis.moment_at(row) for row in rows if axis.word(row)}
    if any(found is None for found in moments.values()):
        return list(moments)
    return sorted(moments, key=lambda row: moments[row] or ())


def _x_kind(axis: FrameColumn, kind: str, rows: Sequence[int]) -> XKind:
    if axis.kind == "number":
        return "number" if kind == "scatter" else "category"
    if axis.kind != "period" or kind in ("bar", "stacked_bar", "pie"):
        return "category"
    periods = [axis.period_at(row) for row in rows] if not axis.dates else []
    daily = bool(axis.dates) or all(
        p and p.kind in ("day", "instant") and p.end and p.label == p.end.isoformat() for p in periods
    )
    return "date" if daily and len(rows) > 1 else "category"


def _drawn(
    ledger: Ledger, column: FrameColumn, rows: Sequence[int], name: str, axis: Literal["right"] | None = None
) -> Series:
    def claim(positions: Sequence[int]) -> list[Value | None]:
        for position in positions:
            if column.amounts[rows[position]] is not None:
                ledger.id_of(column, rows[position])
        ledger.settle()
        return [
            ledger.value(column, rows[position]) if column.amounts[rows[position]] is not None else None
            for position in positions
        ]

    return Series(name, [column.amounts[row] for row in rows], column.units_of(rows), claim, axis)


def _split(
    frame: Frame, plan: Plan, ledger: Ledger, axis: FrameColumn, columns: Sequence[FrameColumn], rows: Sequence[int]
) -> Plan:
    """A long table (month, branch, total) becomes a series for each branch; anything else that repeats is refused."""
    by = [column for column in frame.texts() if column is not axis and _tells_apart(axis, column, rows)]
    repeated = (
        next(place for place in plan.places if plan.places.count(place) > 1) if len(rows) < 5000 else plan.places[0]
    )
    if len(columns) != 1 or not by:
        raise ToolError(
            "repeated_x",
            f'"{for_model(repeated, 60)}" occurs more than once in {for_model(axis.label, 60)}; '
            "group with query_data first, so that each place has one value",
        )
    names = list(dict.fromkeys(by[0].word(row) or EMPTY for row in rows))
    if len(names) > MOST_SERIES:
        raise ToolError(
            "too_many_series", f"{for_model(by[0].label, 60)} has {len(names)} names; draw at most {MOST_SERIES} series"
        )
    places = list(dict.fromkeys(plan.places))
    spots = {(by[0].word(row) or EMPTY, axis.word(row) or EMPTY): row for row in rows}
    plan.places = places
    plan.series = [
        _scattered_rows(ledger, columns[0], [spots.get((name, place)) for place in places], name) for name in names
    ]
    return plan


def _tells_apart(axis: FrameColumn, column: FrameColumn, rows: Sequence[int]) -> bool:
    return len({(axis.word(row), column.word(row)) for row in rows}) == len(rows)


def _scattered_rows(ledger: Ledger, column: FrameColumn, rows: Sequence[int | None], name: str) -> Series:
    """A series whose places stand in rows that are not neighbours; None where there is no row."""
    present = [row for row in rows if row is not None]
    whole = _drawn(ledger, column, present, tame(name, 80))
    spot = {row: number for number, row in enumerate(present)}

    def claim(positions: Sequence[int]) -> list[Value | None]:
        wanted = [rows[position] for position in positions]
        made = iter(whole.claim([spot[row] for row in wanted if row is not None]))
        return [next(made) if row is not None else None for row in wanted]

    amounts = [column.amounts[row] if row is not None else None for row in rows]
    return Series(whole.name, amounts, whole.units, claim)


def check_lengths(places: Sequence[str], series: Sequence[Series]) -> None:
    """Every series has a point or a gap for every category, and no category repeats."""
    for number, each in enumerate(series):
        if len(each.amounts) != len(places):
            raise ToolError(
                "lengths",
                f"series[{number}].values: {counted(len(each.amounts), 'value')}, "
                f"but there {'is' if len(places) == 1 else 'are'} {counted(len(places), 'category')}",
            )
    seen: set[str] = set()
    for number, place in enumerate(places):
        if place in seen:
            raise ToolError(
                "repeated_x", f'categories[{number}]: "{for_model(place, 60)}" is there already; each category once'
            )
        seen.add(place)


def check_periods(places: Sequence[str], number: int, values: Sequence[Value | None]) -> None:
    """A value of FY2023 under the category FY2024 is a chart that lies; it is refused."""
    for position, (place, value) in enumerate(zip(places, values, strict=True)):
        said = read_period(place)
        own = read_period(value.period.label) if value and value.period else None
        if value and said and own and said.kind == own.kind and said.end and own.end and said.end.year != own.end.year:
            raise ToolError(
                "wrong_period",
                f"series[{number}].values[{position}]: {value.value_id} belongs to {own.label}, "
                f'but stands under "{for_model(place, 40)}"',
            )


def are_times(places: Sequence[str], series: Sequence[Sequence[Value | None]]) -> bool:
    """Whether categories follow in time: each names a period, or each value belongs to the period that it stands under."""
    found = [read_period(place) for place in places]
    ends = [period.end for period in found if period and period.end]
    if len(places) > 1 and len(ends) == len(places):
        return ends == sorted(ends)
    labels = [[value.period.label if value and value.period else None for value in values] for values in series]
    return len(places) > 1 and any(
        all(label == place for label, place in zip(row, places, strict=True)) for row in labels
    )
