"""A line of accounts over its periods, from one document or several beside each other, with the place of every figure.

The line may be called in the company's own words, by a standard name (`operating cash flow`) or by a tag. Over several
documents the periods are aligned by the calendar: a quarter to 1 July stands with one to 24 June, never with a year. Of
two documents that show the same line for the same period both are given, so that a restatement is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Document
from tools.documents.periods import read_period
from tools.finance.lines import Line, find_lines
from tools.finance.words import counted, for_model, listed, normal, tame
from tools.refusals import ToolError
from tools.results import Remark, Result, ResultColumn, ResultTable
from tools.tool import Tool, ToolArgs
from tools.values import Period, Value

MOST_DOCUMENTS = 20
MOST_PERIODS = 40
MOST_NEAR = 6
_SLACK_DAYS = 16  # how far from the end of a month a fiscal period may end and still stand for that month


class Args(ToolArgs):
    """Which line, of which documents, for which periods."""

    line: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The document's own label, a standard name such as revenue or operating cash flow, or an XBRL tag."
    )
    documents: list[Annotated[str, Field(min_length=1, max_length=200)]] | None = Field(
        None, max_length=MOST_DOCUMENTS, description="Addresses (d1) or file names; all when left out."
    )
    periods: list[Annotated[str, Field(min_length=1, max_length=120)]] | None = Field(
        None, max_length=MOST_PERIODS, description="Only these, such as FY2024; all when left out."
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """A document's line with its figures by period."""

    line: Line
    values: dict[Period, Value]


def run(room: DataRoom, args: Args) -> list[Result]:
    """One row for each document that has the line. Refuses a line that none has, with the likeliest others."""
    documents = [room.document(name) for name in args.documents] if args.documents else list(room.documents())
    if not documents:
        room.document("d1")  # refuses with what is there
    lines = {
        alias: find_lines(alias, document, args.line) for alias, document in dict(documents[:MOST_DOCUMENTS]).items()
    }
    chosen = {alias: found[0] for alias, found in lines.items() if found}
    sure = any(line.sure for line in chosen.values())
    chosen = {alias: line for alias, line in chosen.items() if line.sure or not sure}
    if not chosen:
        raise _no_line(documents, args.line)
    found = [_Found(line, _values(room, [line, *_again(line, lines[alias])])) for alias, line in chosen.items()]
    columns = _wanted(found, args.periods)
    remark = _remark(documents, chosen, lines, args.line)
    periods = [{"key": f"c{number}", **column[0].to_wire()} for number, column in enumerate(columns)]
    return [_table(found, columns, args.line), replace(remark, data={**remark.data, "periods": periods})]


def _again(line: Line, others: Sequence[Line]) -> list[Line]:
    """The same line where the statement is printed more than once: for the quarter and for the year."""
    return [
        other
        for other in others
        if other.table is not line.table
        and line.table.statement
        and other.table.statement == line.table.statement
        and normal(other.label) == normal(line.label)
    ]


def _values(room: DataRoom, lines: Sequence[Line]) -> dict[Period, Value]:
    """The line's figures, each period once; the first line and its table's first column of a period count."""
    made: dict[Period, Value] = {}
    for line in lines:
        for number, column in enumerate(line.table.columns):
            period = column.period_at(line.row) if column.kind == "number" else None
            if period is None or period in made or column.amounts[line.row] is None:
                continue
            value = line.table.value(line.document, line.row, number, room.new_id())
            if value is not None:
                made[period] = value
    if not made:
        first = lines[0]
        raise ToolError(
            "no_periods",
            f"{for_model(first.label, 80)} in {first.address} stands under no periods; read it with query_data",
        )
    return made


def _wanted(found: Sequence[_Found], named: Sequence[str] | None) -> list[list[Period]]:
    """The columns: periods that fall together, earliest first. Only those named, where any are."""
    there = list(dict.fromkeys(period for each in found for period in each.values))
    groups: dict[tuple[str, date | None, str], list[Period]] = {}
    for period in sorted(there, key=lambda period: (period.end or date.min, period.start or date.min)):
        groups.setdefault(_key(period), []).append(period)
    columns = list(groups.values())
    if not named:
        return columns[-MOST_PERIODS:]
    kept: list[list[Period]] = []
    for name in named:
        matching = [column for column in columns if any(_is_called(period, name) for period in column)]
        if not matching:
            words = listed(list(dict.fromkeys(period.label for period in there)))
            raise ToolError(
                "unknown_period", f'there is no period "{for_model(name, 60)}" for this line; periods: {words}'
            )
        kept += [column for column in matching if column not in kept]
    return kept


def _key(period: Period) -> tuple[str, date | None, str]:
    """What makes two periods the same column: their kind, and the end of the month they end in or near."""
    if period.end is None:
        return period.kind, None, normal(period.label)
    near = period.end + timedelta(days=_SLACK_DAYS)
    end = period.end if period.kind in ("day", "week") else near.replace(day=1) - timedelta(days=1)
    if period.kind != "span" or period.start is None:
        return period.kind, end, ""
    months = round((period.end - period.start).days / 30.4)
    return f"span {months}", end, ""


def _is_called(period: Period, name: str) -> bool:
    if normal(period.label) == normal(name):
        return True
    said = read_period(name.strip())
    if said is None:
        return False
    if (said.start, said.end) == (period.start, period.end) or _key(said) == _key(period):
        return True
    return (
        said.kind == "year"
        and period.kind in ("year", "instant")
        and bool(period.end and said.end)
        and (period.end is not None and said.end is not None and period.end.year == said.end.year)
    )


def _table(found: Sequence[_Found], columns: Sequence[Sequence[Period]], asked: str) -> ResultTable:
    heads = [ResultColumn("document", "Document", "text"), ResultColumn("line", "Line", "text")]
    notes = [
        f"{column[0].label} stands with {', '.join(period.label for period in column[1:])}"
        for column in columns
        if len(column) > 1
    ]
    units: set[str] = set()
    rows: list[list[str | Value | None]] = []
    for each in found:
        cells = [next((each.values[period] for period in column if period in each.values), None) for column in columns]
        units.update(cell.unit for cell in cells if cell)
        rows.append([tame(each.line.document.name, 120), tame(each.line.label, 160), *cells])
    unit = units.pop() if len(units) == 1 else ""
    if not unit:
        notes.append("the documents show it in different units")
    heads += [ResultColumn(f"c{n}", column[0].label, "number", unit) for n, column in enumerate(columns)]
    source = "; ".join(f"{tame(each.line.document.name, 60)}, {tame(each.line.table.title, 60)}" for each in found)
    return ResultTable(tame(asked, 120), heads, rows, len(rows), "; ".join(notes), source_note=source)


def _remark(
    documents: Sequence[tuple[str, Document]],
    chosen: dict[str, Line],
    lines: dict[str, list[Line]],
    asked: str,
) -> Remark:
    """Which line was taken in each document and why, what else is called alike, and which documents have none."""
    told: list[str] = []
    data: list[dict[str, object]] = []
    for alias, line in chosen.items():
        near = _also_there(lines[alias][1:], line)
        why = {
            "label": "by its label",
            "tag": "by its tag",
            "concept": "as the standard line",
            "words": "because its label holds these words",
        }[line.meant]
        also = f"; also there: {listed([for_model(name, 100) for name in near], MOST_NEAR + 1)}" if near else ""
        told.append(f"{alias}: {for_model(line.label, 100)} in {line.address}, taken {why}{also}")
        data.append(
            {
                "alias": alias,
                "address": line.address,
                "table": tame(line.table.title, 120),
                "label": tame(line.label, 160),
                "meant": line.meant,
            }
        )
    without = [for_model(document.name, 80) for alias, document in documents if alias not in chosen]
    if without:
        told.append(f"no such line: {listed(without)}")
    return Remark("\n".join(told), {"lines": data}, f"{tame(asked, 80)} in {counted(len(chosen), 'document')}")


def _also_there(others: Sequence[Line], taken: Line) -> list[str]:
    """Other lines that could have been meant, then where a line of the same name stands in other tables."""
    named = [f"{tame(other.label, 80)} ({other.address})" for other in others if other.label != taken.label]
    same = [other.address for other in others if other.label == taken.label and other.address != taken.address]
    again = [f"the same name in {listed(list(dict.fromkeys(same)), MOST_NEAR)}"] if same else []
    return [*dict.fromkeys(named)][:MOST_NEAR] + again


def _no_line(documents: Sequence[tuple[str, Document]], asked: str) -> ToolError:
    labels = [
        table.row_label(row)
        for _, document in documents
        for table in document.tables
        if table.statement
        for row in range(table.row_count)
        if table.row_label(row).strip()
    ]
    there = f"; lines of the statements: {listed(list(dict.fromkeys(labels)), 30)}" if labels else ""
    return ToolError(
        "unknown_line", f'no document has a line called "{for_model(asked, 80)}"{there}; find searches all words'
    )


TOOL = Tool(
    "get_values",
    "Get a line of accounts (by the document's own words, a standard name such as revenue or operating cash flow, or a tag) "
    "over its periods, from one document or several side by side. Every figure carries an id (v1, ...) to cite.",
    Args,
    run,
)
