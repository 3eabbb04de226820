"""Frames from what is there: a document's table, an earlier result, and a statement turned on its side."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from tools.dataroom import DataRoom
from tools.documents.document import Column, Document, Table
from tools.documents.periods import read_period
from tools.finance.frames import Frame, FrameColumn, Kind, leading_label, period_columns
from tools.finance.lineage import Cells, Earlier, Turned
from tools.finance.periods import read_all
from tools.finance.words import counted, for_model, listed, nearest, normal, tame
from tools.refusals import ToolError
from tools.results import ResultTable
from tools.values import Period, Value

MOST_LINES_TURNED = 100
_RESULT = re.compile(r"r\d+")
_YEARS = re.compile(r"(fiscal |financial )?year|fy|period|quarter|month|date")
_KINDS: dict[str, Kind] = {"text": "text", "number": "number", "date": "period"}


def open_frame(room: DataRoom, reference: str) -> Frame:
    """The table at `d1.t1`, or the earlier result `r3`, as a frame. Refuses an address that is not there, or an empty table."""
    address = reference.strip()
    earlier = _RESULT.fullmatch(address)
    frame = from_result(room.result(address), address) if earlier else from_table(*room.table(address), address)
    if not frame.columns or not len(frame.rows):
        raise ToolError("empty_table", f"{address} has no rows")
    return frame


def source_note(document: Document, table: Table) -> str:
    """`northwind.csv, Income statement`."""
    title = tame(table.title, 80)
    name = tame(document.name, 80)
    return f"{name}, {title}" if title and title.casefold() not in name.casefold() else name


def from_table(document: Document, table: Table, address: str) -> Frame:
    """A document's table, without copying it."""
    columns = [_read(column, number) for number, column in enumerate(table.columns)]
    statement = table.shape == "statement"
    frame = Frame(
        address=address,
        title=tame(table.title, 120) or tame(document.name, 120),
        source_note=source_note(document, table),
        columns=columns,
        rows=range(table.row_count),
        statement=statement,
    )
    time = None if statement else frame.time()
    named = leading_label(columns)
    for number, column in enumerate(columns):
        own_words = _row_words([] if column in named else named)
        column.origin = Cells(document, table, number, own_words, _row_period(time))
    return frame


def _row_words(named: Sequence[FrameColumn]) -> Callable[[int], str]:
    return lambda row: named[0].word(row) if named else ""


def _row_period(time: FrameColumn | None) -> Callable[[int], Period | None]:
    return lambda row: time.period_at(row) if time else None


def _read(column: Column, number: int) -> FrameColumn:
    label = tame(column.label, 120) or f"column {number + 1}"
    periods = _named_periods(column)
    return FrameColumn(
        key=column.key,
        label=label,
        kind="period" if periods else _KINDS[column.kind],
        words=column.texts,
        amounts=column.amounts,
        unit=column.unit or ("count" if column.kind == "number" else ""),
        units=column.units,
        period=column.period,
        periods=periods,
        dates=column.dates if column.kind == "date" else (),
    )


def _named_periods(column: Column) -> list[Period | None]:
    """The periods of a column such as `Year` or `Quarter` whose every cell names one; empty for any other."""
    if column.kind == "date" or column.period is not None or not _YEARS.fullmatch(normal(column.label)):
        return []
    distinct = {text.strip() for text in column.texts}
    found = read_all(filter(None, distinct)) if any(distinct) and len(distinct) <= 2000 else None
    return [found.get(text.strip()) for text in column.texts] if found else []


def from_result(table: ResultTable, address: str) -> Frame:
    """An earlier result; its values keep their ids."""
    columns = [_from_cells(table, number) for number in range(len(table.columns))]
    labelled = [c for c in columns if c.kind == "number" and c.period and normal(c.period.label) in normal(c.label)]
    across = len(labelled) > 1 and columns[0].kind == "text"
    frame = Frame(address, table.title, table.source_note, columns, range(len(table.rows)), statement=across)
    if len(table.rows) < table.rows_total:
        frame.notes.append(f"{address} holds the first {len(table.rows):,} of {counted(table.rows_total, 'row')}")
    return frame


def _from_cells(table: ResultTable, number: int) -> FrameColumn:
    head = table.columns[number]
    cells = [row[number] for row in table.rows]
    if head.kind != "number":
        words = [cell if isinstance(cell, str) else None for cell in cells]
        periods = [_period_of_row(table, row, word) for row, word in enumerate(words)] if head.kind == "period" else ()
        return FrameColumn(head.key, head.label, head.kind, words, periods=periods)
    values = [cell if isinstance(cell, Value) else None for cell in cells]
    units = {row: value.unit for row, value in enumerate(values) if value and value.unit != head.unit}
    found = {value.period for value in values if value}
    return FrameColumn(
        key=head.key,
        label=head.label,
        kind="number",
        words=[value.shown if value else None for value in values],
        amounts=[value.amount if value else None for value in values],
        unit=head.unit,
        units=units,
        period=found.pop() if len(found) == 1 else None,
        origin=Earlier(values),
    )


def _period_of_row(table: ResultTable, row: int, word: str | None) -> Period | None:
    """The period its values say they belong to, where that is what the cell says; else what the words name."""
    if word is None:
        return None
    said = (cell.period for cell in table.rows[row] if isinstance(cell, Value) and cell.period)
    return next((period for period in said if period.label == word), None) or read_period(word) or Period(word)


def line_names(frame: Frame) -> list[str]:
    """A name for each selected row, made unique: of two `Net sales` the one under the heading `Services` becomes
    `Net sales (Services)`, the one under none stays as it is, and what still is the same gets its line.
    """
    named = headed_names(frame)
    seen = Counter(named)
    return [
        f"{name} ({_spot(frame, row)})" if seen[name] > 1 else name for name, row in zip(named, frame.rows, strict=True)
    ]


def headed_names(frame: Frame) -> list[str]:
    """A name for each selected row, with its heading where another row of the statement has the same label."""
    label = next(iter(frame.texts()), None)
    plain = [tame(label.word(row), 120) if label else f"row {row + 1}" for row in frame.rows]
    whole = label.words if label and frame.statement else ()
    seen = Counter(tame(word or "", 120) for word in whole) or Counter(plain)
    above = _headings(frame) if any(seen[name] > 1 for name in plain) else {}
    return [
        f"{name} ({above[row]})" if seen[name] > 1 and row in above else name
        for name, row in zip(plain, frame.rows, strict=True)
    ]


def _headings(frame: Frame) -> dict[int, str]:
    """For each row of a statement the heading it stands under: the nearest line above that has no figures."""
    numbers, labels = frame.numbers(), frame.texts()
    if not frame.statement or not numbers or not labels:
        return {}
    above: dict[int, str] = {}
    heading = ""
    for row in range(max(frame.rows, default=-1) + 1):
        if any(column.amounts[row] is not None for column in numbers):
            above.update({row: heading} if heading else {})
        elif not labels[0].word(row).rstrip().endswith("]"):  # `Statement of Cash Flows [Abstract]` groups nothing
            heading = tame(labels[0].word(row), 60).rstrip(": ")
    return above


def _spot(frame: Frame, row: int) -> str:
    origin = frame.columns[0].origin
    place = origin.place(row) if origin else None
    at = dict(place.at) if place else {}
    line = at.get("line")
    return f"line {line}" if line else at.get("cell") or f"row {row + 1}"


def pick_lines(frame: Frame, wanted: Sequence[str]) -> None:
    """Keep the rows with these labels, in this order. A label that occurs twice keeps both."""
    if not frame.texts():
        if frame.time() is None:
            raise ToolError("no_lines", f"the rows of {frame.address} have no labels; use where, or columns")
        frame.columns = [*_axis(frame), *(frame.number(name) for name in wanted)]
        return
    names = line_names(frame)
    label = frame.texts()[0]
    picked: list[int] = []
    for name in wanted:
        found = _matching(name, list(frame.rows), [tame(label.word(row), 120) for row in frame.rows], names)
        if not found:
            like = nearest(name, names)
            hint = f'; did you mean "{for_model(like, 80)}"?' if like else ";"
            there = listed([each for each in names if each])
            raise ToolError(
                "unknown_line", f'there is no line "{for_model(name, 80)}" in {frame.address}{hint} lines: {there}'
            )
        picked += [row for row in found if row not in picked]
    frame.rows = picked


def _axis(frame: Frame) -> list[FrameColumn]:
    time = frame.time()
    return [time] if time else []


def _matching(wanted: str, rows: Sequence[int], plain: Sequence[str], unique: Sequence[str]) -> list[int]:
    name = tame(wanted, 160)
    tests: tuple[Callable[[str], bool], ...] = (
        lambda each: each == name,
        lambda each: each.casefold() == name.casefold(),
        lambda each: bool(normal(name)) and normal(each) == normal(name),
    )
    for test in tests:
        found = [row for row, one, other in zip(rows, plain, unique, strict=True) if test(one) or test(other)]
        if found:
            return found
    return []


def pick_periods(frame: Frame, wanted: Sequence[str]) -> None:
    """Keep these periods, earliest first: a statement's columns, or the rows of a table with one period a row."""
    columns = period_columns(frame) if frame.statement else []
    if columns:
        labels = [column.label for column in columns]
        kept = [
            columns[number]
            for number in _chosen(frame, [c.period.label if c.period else "" for c in columns], labels, wanted)
        ]
        frame.columns = [*frame.texts()[:1], *kept]
        return
    time = frame.time()
    if time is None:
        raise ToolError("no_periods", f"{frame.address} has no periods to choose from; use where or columns")
    labels = [time.word(row) for row in frame.rows]
    frame.rows = [frame.rows[number] for number in _chosen(frame, labels, labels, wanted)]


def _chosen(frame: Frame, labels: Sequence[str], other: Sequence[str], wanted: Iterable[str]) -> list[int]:
    chosen: set[int] = set()
    for name in wanted:
        found = _period_matches(name, labels) or _period_matches(name, other)
        if not found:
            there = listed(list(dict.fromkeys(labels)))
            raise ToolError(
                "unknown_period", f'there is no period "{for_model(name, 60)}" in {frame.address}; periods: {there}'
            )
        chosen.update(found)
    return sorted(chosen)


def _period_matches(wanted: str, labels: Sequence[str]) -> list[int]:
    """Rows with that very label; else those that name the same period (`2024` for `FY2024`, `Q1 2019` for `2019 Q1`)."""
    form = normal(wanted)
    found = [number for number, label in enumerate(labels) if normal(label) == form]
    period = read_period(wanted.strip())
    if found or period is None:
        return found
    same = [
        number
        for number, label in enumerate(labels)
        if (p := read_period(label)) and (p.start, p.end) == (period.start, period.end)
    ]
    return same or [
        n for n, label in enumerate(labels) if period.kind == "year" and form.split()[-1] in normal(label).split()
    ]


def turned(frame: Frame) -> Frame:
    """The frame on its side: periods (or columns) become rows, earliest first, and lines become columns."""
    across = period_columns(frame) or frame.numbers()
    if not across or not frame.texts():
        raise ToolError(
            "cannot_transpose", f"{frame.address} is not a statement: it has no labelled lines with numbers across"
        )
    rows = [row for row in frame.rows if any(column.amounts[row] is not None for column in across)]
    if len(rows) > MOST_LINES_TURNED:
        raise ToolError(
            "too_many_lines",
            f"{counted(len(rows), 'line')} would become columns; name at most {MOST_LINES_TURNED} in lines",
        )
    frame.rows = rows
    names = line_names(frame)
    lines = [_as_column(across, row, name, f"l{row + 1}") for row, name in zip(rows, names, strict=True)]
    timed = all(column.period for column in across)
    axis = FrameColumn(
        key="period",
        label="Period" if timed else "Column",
        kind="period" if timed else "text",
        words=[column.period.label if column.period else column.label for column in across],
        periods=[column.period for column in across],
    )
    return Frame(
        frame.address, frame.title, frame.source_note, [axis, *lines], range(len(across)), notes=list(frame.notes)
    )


def _as_column(across: Sequence[FrameColumn], row: int, name: str, key: str) -> FrameColumn:
    units = [column.unit_at(row) for column in across]
    return FrameColumn(
        key=key,
        label=name,
        kind="number",
        words=[column.words[row] for column in across],
        amounts=[column.amounts[row] for column in across],
        unit=units[0],
        units={number: unit for number, unit in enumerate(units) if unit != units[0]},
        origin=Turned(across, row),
    )
