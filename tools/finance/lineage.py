"""Where the cells of a frame come from, and how each becomes a value that can be asked about.

`Cell`s stand in a document. `Earlier` ones are values already. `Turned` is another column's cell seen across. The rest
are computed: an `Aggregate` over rows names the lines it came from in its place, or its inputs where the rows are
values themselves; a `Derived` cell is a formula over two others; `Running` adds a cell to the sum before it. `Matched`
is another table's cell set beside a row, and `Ranked` the place of a cell among others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tools.documents.document import Document, Table
from tools.finance.frames import FrameColumn, Ledger, Origin
from tools.finance.growth import points
from tools.finance.words import counted, for_formula, tame
from tools.units import show
from tools.values import Period, Place, Value

_MANY = {"line": "lines", "cell": "cells", "paragraph": "paragraphs", "pointer": "pointers", "box": "boxes"}


@dataclass(slots=True)
class Cells:
    """A column of a document's table. `label` names the row beside the column; `period` says when the row is."""

    document: Document
    table: Table
    column: int
    row_words: Callable[[int], str]
    period: Callable[[int], Period | None]

    def place(self, row: int) -> Place | None:
        return tamed(self.table.place(self.document, row, self.column))

    def known(self, row: int) -> Value | None:
        return None

    def period_of(self, row: int) -> Period | None:
        return self.table.columns[self.column].period_at(row) or self.period(row)

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        value = self.table.value(self.document, row, self.column, value_id)
        if value is None:
            raise ValueError("an empty cell was asked for its value")
        label = value.label if self.table.shape == "statement" else joined(value.label, self.row_words(row))
        return replace(value, label=tame(label, 160), period=self.period_of(row), place=self.place(row))


@dataclass(slots=True)
class Earlier:
    """A column of an earlier result: its cells are values already and keep their ids."""

    values: Sequence[Value | None]

    def place(self, row: int) -> Place | None:
        return None

    def known(self, row: int) -> Value | None:
        return self.values[row]

    def period_of(self, row: int) -> Period | None:
        value = self.values[row]
        return value.period if value else None

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        raise ValueError("an earlier value is not made again")


@dataclass(slots=True)
class Turned:
    """A statement's line seen as a column: row i of it is the cell of `columns[i]` in that line."""

    columns: Sequence[FrameColumn]
    line: int

    def _origin(self, row: int) -> Cells | Earlier:
        origin = self.columns[row].origin
        assert isinstance(origin, Cells | Earlier)  # only what was read is ever turned
        return origin

    def place(self, row: int) -> Place | None:
        return self._origin(row).place(self.line)

    def known(self, row: int) -> Value | None:
        return self._origin(row).known(self.line)

    def period_of(self, row: int) -> Period | None:
        return self._origin(row).period_of(self.line)

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        return self._origin(row).make(self.line, value_id, ledger)


@dataclass(slots=True)
class Matched:
    """Another column's cells in another order: row i is its row `rows[i]`. An empty row is never asked for its value."""

    source: FrameColumn
    rows: Sequence[int | None]

    def _at(self, row: int) -> tuple[Origin | None, int]:
        at = self.rows[row]
        return (None, 0) if at is None else (self.source.origin, at)

    def place(self, row: int) -> Place | None:
        origin, at = self._at(row)
        return origin.place(at) if origin else None

    def known(self, row: int) -> Value | None:
        origin, at = self._at(row)
        return origin.known(at) if origin else None

    def period_of(self, row: int) -> Period | None:
        origin, at = self._at(row)
        return origin.period_of(at) if origin else None

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        origin, at = self._at(row)
        if origin is None:
            raise ValueError("an empty cell was asked for its value")
        return origin.make(at, value_id, ledger)


def spread(column: FrameColumn, rows: Sequence[int | None], label: str, period: Period | None = None) -> FrameColumn:
    """A column whose row i is row `rows[i]` of another, with the same values and lineage; empty where that is None."""
    number, timed = column.kind == "number", column.kind == "period"
    return FrameColumn(
        key=label,
        label=label,
        kind=column.kind,
        words=[None if at is None else (column.words[at] if number else column.word(at)) for at in rows],
        amounts=[None if at is None else column.amounts[at] for at in rows] if number else (),
        unit=column.unit,
        units={row: unit for row, at in enumerate(rows) if at is not None and (unit := column.units.get(at))},
        period=period or column.period,
        periods=[None if at is None else column.period_at(at) for at in rows] if timed else (),
        origin=Matched(column, rows),
    )


@dataclass(slots=True)
class Group:
    """The rows behind one aggregated cell. `used` are those with a number, `picked` the ones it equals (for min, max).

    `over` is how many rows were looked at, where that is more than those in `used`.
    """

    used: Sequence[int]
    empty: int
    words: str
    where: str
    period: Period | None
    picked: Sequence[int] = ()
    over: int = 0


@dataclass(slots=True)
class Aggregate:
    """Cells aggregated over rows of `source`; with `counts_rows` it counts rows rather than numbers."""

    op: str
    label: str
    source: FrameColumn
    groups: Sequence[Group]
    amounts: Sequence[Decimal | None]
    units: Sequence[str]
    counts_rows: bool = False

    def place(self, row: int) -> Place | None:
        return None

    def known(self, row: int) -> Value | None:
        return None

    def period_of(self, row: int) -> Period | None:
        return self.groups[row].period

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        group = self.groups[row]
        place = self._place(group, ledger.line_cap)
        inputs = () if place else self._inputs(group, ledger)
        return replace(self.bare(row, value_id), place=place, formula=self._formula(group), inputs=inputs)

    def bare(self, row: int, value_id: str) -> Value:
        """The value without its lineage."""
        group, amount, unit = self.groups[row], self.amounts[row], self.units[row]
        assert amount is not None
        label = tame(joined(self.label, group.words), 160)
        return Value(value_id, label, amount, unit, show(amount, unit), "computed", group.period)

    def _formula(self, group: Group) -> str:
        what = "rows" if self.counts_rows else for_formula(self.source.label or self.source.key)
        empty = f" ({group.empty:,} empty)" if group.empty and not self.counts_rows else ""
        where = f" where {for_formula(group.where, 400)}" if group.where else ""
        op, what = ("count", f"distinct {what}") if self.op == "distinct" else (self.op, what)
        return f"{op}({what}) over {counted(group.over or len(group.used), 'row')}{empty}{where}"

    def _place(self, group: Group, cap: int) -> Place | None:
        origin = self.source.origin
        rows = (group.picked or group.used)[:cap]
        if origin is None or not len(rows):
            return None
        if isinstance(origin, Cells):  # the words of 200 cells need not be tamed, only those that are left of them
            places = [origin.table.place(origin.document, int(row), origin.column) for row in rows]
        else:
            places = [place for row in rows if (place := origin.place(int(row)))]
        if len(places) < len(rows):
            return None
        if len({dict(place.at).get("column") for place in places}) > 1:
            return None  # cells of one line, side by side: a place cannot list them, but they are values
        merged = tamed(merge(places, len(group.picked or group.used)))
        return replace(merged, column="", printed="") if self.counts_rows else merged

    def _inputs(self, group: Group, ledger: Ledger) -> tuple[str, ...]:
        if self.source.kind != "number":
            return ()
        rows = (group.picked or group.used)[: ledger.line_cap]
        return tuple(ledger.id_of(self.source, int(row)) for row in rows)


@dataclass(slots=True)
class Derived:
    """Cells that are a formula over two others. `operands[row]` are the cells that fill `{0}` and `{1}`."""

    template: str
    operands: Sequence[Sequence[tuple[FrameColumn, int]] | None]
    amounts: Sequence[Decimal | None]
    labels: Sequence[str]
    units: Sequence[str]
    periods: Sequence[Period | None]
    points: set[int] = field(default_factory=set)  # rows that are differences of percentages

    def place(self, row: int) -> Place | None:
        return None

    def known(self, row: int) -> Value | None:
        return None

    def period_of(self, row: int) -> Period | None:
        return self.periods[row]

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        amount, operands, unit = self.amounts[row], self.operands[row], self.units[row]
        assert amount is not None
        assert operands is not None
        ids = [ledger.id_of(column, at) for column, at in operands]
        return Value(
            value_id=value_id,
            label=tame(self.labels[row], 160),
            amount=amount,
            unit=unit,
            shown=points(amount) if row in self.points else show(amount, unit),
            state="computed",
            period=self.periods[row],
            formula=self.template.format(*ids),
            inputs=tuple(dict.fromkeys(ids)),
        )


@dataclass(slots=True)
class Running:
    """A running sum of `source` along each of `runs`. Where the sum before is shown too, the formula adds to it."""

    column: FrameColumn
    source: FrameColumn
    runs: Sequence[Sequence[int]]
    labels: Sequence[str]
    periods: Sequence[Period | None]
    spots: dict[int, tuple[int, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.spots = {row: (number, at) for number, run in enumerate(self.runs) for at, row in enumerate(run)}

    def place(self, row: int) -> Place | None:
        return None

    def known(self, row: int) -> Value | None:
        return None

    def period_of(self, row: int) -> Period | None:
        return self.periods[row]

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        amount, unit = self.column.amounts[row], self.source.unit_at(row)
        assert amount is not None
        number, spot = self.spots[row]
        upto = self.runs[number][: spot + 1]
        group = Group(upto, 0, "", "", self.periods[row])
        sums = Aggregate("sum", self.labels[row], self.source, [group], [amount], [unit])
        if spot and not ledger.has(self.column, upto[-2]):
            return sums.make(0, value_id, ledger)
        before = [(self.column, upto[-2])] if spot else []
        ids = tuple(ledger.id_of(column, at) for column, at in [*before, (self.source, row)])
        return replace(sums.bare(0, value_id), formula=" + ".join(ids), inputs=ids)


@dataclass(slots=True)
class Ranked:
    """The place of a cell of `source` among `of[row]` others; `order` says in words from which end."""

    source: FrameColumn
    order: str
    amounts: Sequence[Decimal | None]
    of: Sequence[int]
    labels: Sequence[str]

    def place(self, row: int) -> Place | None:
        return None

    def known(self, row: int) -> Value | None:
        return None

    def period_of(self, row: int) -> Period | None:
        return self.source.origin.period_of(row) if self.source.origin else None

    def make(self, row: int, value_id: str, ledger: Ledger) -> Value:
        amount, ranked = self.amounts[row], ledger.id_of(self.source, row)
        assert amount is not None
        formula = f"rank of {ranked} among {self.of[row]:,}, {self.order}"
        shown = show(amount, "count")
        return Value(
            value_id,
            tame(self.labels[row], 160),
            amount,
            "count",
            shown,
            "computed",
            self.period_of(row),
            formula=formula,
            inputs=(ranked,),
        )


def tamed(place: Place) -> Place:
    """The place with the words of the document made safe."""
    return replace(place, printed=tame(place.printed, 80), row=tame(place.row, 120), column=tame(place.column, 120))


def merge(places: Sequence[Place], total: int) -> Place:
    """One place for many cells of one table: what differs becomes a list (`lines`, `cells`), what is equal stays."""
    first = places[0]
    fields = [dict(place.at) for place in places]
    at: list[tuple[str, object]] = []
    for name, value in first.at:
        if name in _MANY:
            at.append((_MANY[name], tuple(each[name] for each in fields)))
        elif all(each.get(name) == value for each in fields):
            at.append((name, value))
    at.insert(min(1, len(at)), ("rows_total", total))
    same_row = len({place.row for place in places}) == 1
    printed = first.printed if len(places) == 1 else ""
    same_column = len({place.column for place in places}) == 1
    column = first.column if same_column else ""
    return replace(first, at=tuple(at), printed=printed, row=first.row if same_row else "", column=column)


def joined(label: str, row: str) -> str:
    """`Total, Food and beverages`; the label alone where the row has no name."""
    return f"{label}, {row}" if row and row != label else label
