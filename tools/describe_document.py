"""What a document holds: its tables with their addresses, columns, units, periods, and the lines of its statements.

This is what a model reads before it asks for figures, so it has names in it and no figures: labels, kinds, units, a few
example words of text columns. All of it is document text, shortened and with its brackets broken up.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Column, Document, Table
from tools.finance.words import counted, for_model, tame
from tools.results import Remark, Result
from tools.tool import Tool, ToolArgs
from tools.units import unit_words

MOST_TABLES = 40
MOST_COLUMNS = 60
MOST_LINES = 300
MOST_EXAMPLES = 5
MOST_TEXT = 24_000
_DISTINCT_ROWS = 200_000


class Args(ToolArgs):
    """Which document."""

    document: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="Its address (d1) or file name.")


def run(room: DataRoom, args: Args) -> list[Result]:
    """Tables, columns and lines. Refuses a document that is not attached."""
    alias, document = room.document(args.document)
    tables = [_table(alias, table) for table in document.tables[:MOST_TABLES]]
    notes = [tame(note, 300) for note in document.notes[:20]]
    if len(document.tables) > MOST_TABLES:
        notes.append(f"only the first {MOST_TABLES} of {len(document.tables):,} tables are described")
    data = {"alias": alias, "name": tame(document.name), "tables": tables, "notes": notes}
    summary = f"{tame(document.name, 80)}: {counted(len(document.tables), 'table')}"
    return [Remark(_text(document, data), data, summary)]


def _table(alias: str, table: Table) -> dict[str, Any]:
    described = {
        "address": f"{alias}.{table.table_id}",
        "title": tame(table.title),
        "shape": table.shape,
        "row_count": table.row_count,
        "columns": [_column(column) for column in table.columns[:MOST_COLUMNS]],
    }
    if table.shape == "statement" and table.label_column() is not None:
        described["lines"] = [tame(table.row_label(row), 120) for row in range(min(table.row_count, MOST_LINES))]
    if table.note:
        described["note"] = tame(table.note, 300)
    if len(table.columns) > MOST_COLUMNS:
        described["more_columns"] = len(table.columns) - MOST_COLUMNS
    return described


def _column(column: Column) -> dict[str, Any]:
    described: dict[str, Any] = {
        "key": column.key,
        "label": tame(column.label, 120),
        "kind": column.kind,
        "unit": column.unit,
    }
    if column.period:
        described["period"] = column.period.to_wire()
    if column.kind == "text":
        distinct = dict.fromkeys(text.strip() for text in column.texts[:_DISTINCT_ROWS])
        described["distinct"] = len(distinct)
        described["examples"] = [tame(text, 60) for text in distinct if text][:MOST_EXAMPLES]
    elif column.kind == "date":
        days = sorted(day for day in column.dates if day)
        described["distinct"] = len(set(days))
        described["examples"] = [day.isoformat() for day in dict.fromkeys((days[0], days[-1]))] if days else []
    return described


# -- for the model -------------------------------------------------------------------------------------------------------


def _text(document: Document, data: dict[str, Any]) -> str:
    lines = [
        f"{data['alias']}: {for_model(document.name)}",
        *(f"Note: {for_model(note, 300)}" for note in data["notes"]),
    ]
    room = MOST_TEXT
    for number, table in enumerate(data["tables"]):
        told = "\n".join(_lines(table))
        room -= len(told)
        if room < 0 and number:
            lines.append(
                f"and {counted(len(data['tables']) - number, 'more table')}; query_data reaches them by address"
            )
            break
        lines.append(told[:MOST_TEXT])
    if not data["tables"]:
        lines.append("It holds no tables.")
    return "\n".join(lines)


def _lines(table: dict[str, Any]) -> list[str]:
    title = f" “{for_model(table['title'])}”" if table["title"] else ""
    head = f"\nTable {table['address']}{title}: {table['shape']}, {counted(table['row_count'], 'row')}"
    lines = [head, *(_column_words(column) for column in table["columns"])]
    if "more_columns" in table:
        lines.append(f"  and {counted(table['more_columns'], 'more column')}")
    if "lines" in table:
        names = "; ".join(for_model(name, 80) for name in table["lines"] if name)
        rest = table["row_count"] - len(table["lines"])
        lines.append(f"  Lines: {names}" + (f"; and {rest:,} more" if rest > 0 else ""))
    if "note" in table:
        lines.append(f"  Note: {for_model(table['note'], 300)}")
    return lines


def _column_words(column: dict[str, Any]) -> str:
    label = for_model(column["label"], 80) or "(no label)"
    unit = unit_words(column["unit"]) if column["kind"] == "number" else ""
    facts = [column["kind"], unit]
    if "period" in column:
        facts.append(f"period {for_model(column['period']['label'], 40)}")
    examples = ", ".join(for_model(example, 40) for example in column.get("examples", ()))
    if column["kind"] == "date" and examples:
        facts.append(f"{examples.replace(', ', ' to ')}")
    elif examples:
        facts.append(f"{counted(column['distinct'], 'distinct word')}: {examples}")
    return f"  {column['key']} {label}: {', '.join(filter(None, facts))}"


TOOL = Tool(
    "describe_document",
    "Describe a document: its tables with addresses (d1.t1), their columns, units and periods, and the lines of statements.",
    Args,
    run,
)
