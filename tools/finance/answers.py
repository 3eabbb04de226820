"""A frame's rows as the answer to a call: a result table of values, and the values that stand behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tools.finance.frames import Frame, FrameColumn, Ledger
from tools.finance.words import counted, listed, tame
from tools.refusals import ToolError
from tools.results import ResultColumn, ResultTable
from tools.values import Value

MOST_ROWS = 1_000
MOST_VALUES = 4_000
MOST_COLUMNS = 60


def answer(
    frame: Frame, columns: Sequence[FrameColumn], limit: int, new_id: Callable[[], str]
) -> tuple[ResultTable, list[Value]]:
    """The frame's first rows as a result table, and the values that are inputs of its cells without being cells of it.

    Values are numbered along the series, across in a statement and down elsewhere, so that a range of ids names one.
    """
    if len(columns) > MOST_COLUMNS:
        names = listed([column.label for column in columns], 40)
        raise ToolError("too_many_columns", f"{len(columns)} columns; name at most {MOST_COLUMNS} of {names}")
    numbers = [column for column in columns if column.kind == "number"]
    most = min(limit, MOST_ROWS, MOST_VALUES // max(1, len(numbers)))
    rows = list(frame.rows)[:most]
    ledger = Ledger(new_id)
    shown = (
        [(column, row) for row in rows for column in numbers]
        if frame.statement
        else [(column, row) for column in numbers for row in rows]
    )
    for column, row in shown:
        if column.amounts[row] is not None:
            ledger.id_of(column, row)
    visible = ledger.count()
    ledger.settle()
    table = ResultTable(
        title=tame(frame.title, 160),
        columns=_heads(columns, rows),
        rows=[[_cell(ledger, column, row) for column in columns] for row in rows],
        rows_total=len(frame.rows),
        note=_note(frame, len(rows), len(numbers)),
        source_note=frame.source_note,
    )
    cited = {value.value_id for value in table.values()}
    behind = [value for value in ledger.values()[visible:] if value.value_id not in cited]
    return table, behind


def _heads(columns: Sequence[FrameColumn], rows: Sequence[int]) -> list[ResultColumn]:
    heads = []
    for number, column in enumerate(columns):
        units = column.units_of(rows) if column.kind == "number" else []
        heads.append(ResultColumn(f"c{number}", column.label, column.kind, units[0] if len(units) == 1 else ""))
    return heads


def _cell(ledger: Ledger, column: FrameColumn, row: int) -> str | Value | None:
    if column.kind == "number":
        return ledger.value(column, row) if column.amounts[row] is not None else None
    return tame(column.word(row), 300) or None


def _note(frame: Frame, shown: int, numbers: int) -> str:
    notes = list(frame.notes)
    if frame.conditions:
        notes.insert(0, "where " + " and ".join(frame.conditions))
    if shown < len(frame.rows):
        more = "narrow it with where or group_by"
        if (shown + 1) * numbers > MOST_VALUES:
            more = f"at most {MOST_VALUES:,} values are returned, so keep fewer columns or narrow it with where"
        elif shown < MOST_ROWS:
            more = f"raise limit (at most {MOST_ROWS:,})"
        notes.append(f"the first {shown:,} of {counted(len(frame.rows), 'row')}; {more}")
    return "; ".join(tame(note, 400) for note in notes)
