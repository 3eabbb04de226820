"""What a document holds: its tables with their addresses, columns, units, periods, and the lines of its statements.

This is what a model reads before it asks for figures, so it has names in it and no figures: labels, kinds, units, a few
example words of text columns. All of it is document text, shortened and with its brackets broken up.

A filed report has a hundred tables, of which people ask for five. Where there are many, the primary statements are
described first and in full, then what follows as far as there is room, and of all others a line each says what they are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Column, Document, Table
from tools.finance.sources import from_table, headed_names
from tools.finance.words import counted, for_model, tame
from tools.refusals import ToolError
from tools.results import Remark, Result
from tools.tool import Tool, ToolArgs
from tools.units import unit_words

MOST_TABLES = 200
MOST_ASKED = 20
MOST_COLUMNS = 60
MOST_LINES = 300
MOST_NAMES = 250_000
MOST_EXAMPLES = 5
MOST_FINDINGS = 12
MOST_TEXT = 24_000
_STATEMENTS = ("income", "balance", "cash_flow", "comprehensive_income", "equity")
_KIND_WORDS = {
    "income": "income statement",
    "balance": "balance sheet",
    "cash_flow": "statement of cash flows",
    "comprehensive_income": "statement of comprehensive income",
    "equity": "statement of changes in equity",
}
_IN_FILE_ORDER = 12
_ROOM_FOR_NAMES = 9_000
_DISTINCT_ROWS = 200_000
_PRIMARY = re.compile(
    r"\b(?:income statements?|profit (?:and|&|or) loss|p&l|balance sheets?|cash ?flows?|statements? of|financial position|"
    r"comprehensive income)\b",
    re.I,
)
_SUPPORT = re.compile(r"\((?:details|tables?|polic(?:y|ies))\b|\bparenthetical\b|\bnarrative\b", re.I)


class Args(ToolArgs):
    """Which document, and which of its tables where not all."""

    document: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="Its address (d1) or file name.")
    tables: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default_factory=list,
        max_length=MOST_ASKED,
        description="Addresses (d1.t7) of the tables to describe in full, where an earlier description had no room.",
    )


def run(room: DataRoom, args: Args) -> list[Result]:
    """Tables, columns and lines. Refuses a document that is not attached, and a table that it does not have."""
    alias, document = room.document(args.document)
    chosen = _asked(room, alias, document, args.tables) if args.tables else _by_rank(document.tables)[:MOST_TABLES]
    described: list[dict[str, Any]] = []
    names = MOST_NAMES
    for table in chosen:
        described.append(_table(alias, document, table, names > 0))
        names -= sum(map(len, described[-1].get("lines", ())))
    data: dict[str, Any] = {
        "alias": alias,
        "name": tame(document.name),
        "tables": described,
        "notes": [tame(note, 300) for note in document.notes[:20]],
    }
    if document.findings:
        data["findings"] = [tame(finding.text, 400) for finding in document.findings[:MOST_FINDINGS]]
    if not args.tables and len(document.tables) > MOST_TABLES:
        data["notes"].append(f"only {MOST_TABLES} of {len(document.tables):,} tables are described")
    summary = f"{tame(document.name, 80)}: {counted(len(document.tables), 'table')}"
    text = _text(document, data)
    if args.tables:
        del data["alias"]  # what has it is the whole document to whoever reads structure
    return [Remark(text, data, summary)]


def _asked(room: DataRoom, alias: str, document: Document, wanted: Sequence[str]) -> list[Table]:
    found: dict[str, Table] = {}
    for reference in wanted:
        other, table = room.table(reference if "." in reference else f"{alias}.{reference}")
        if other.document_id != document.document_id:
            raise ToolError("unknown_table", f"{for_model(reference, 40)} is a table of another document than {alias}")
        found[table.table_id] = table
    return list(found.values())


def _by_rank(tables: Sequence[Table]) -> list[Table]:
    """In file order; where there are many, the primary statements first and what only supports them last."""
    return sorted(tables, key=_rank) if len(tables) > _IN_FILE_ORDER else list(tables)


def _rank(table: Table) -> int:
    if table.statement:
        return _STATEMENTS.index(table.statement)
    if _SUPPORT.search(table.title):
        return len(_STATEMENTS) + 2
    return len(_STATEMENTS) + (0 if table.shape == "statement" and _PRIMARY.search(table.title) else 1)


def _table(alias: str, document: Document, table: Table, with_lines: bool) -> dict[str, Any]:
    address = f"{alias}.{table.table_id}"
    described: dict[str, Any] = {
        "address": address,
        "title": tame(table.title),
        "shape": table.shape,
        "row_count": table.row_count,
        "columns": [_column(column) for column in table.columns[:MOST_COLUMNS]],
    }
    if with_lines and table.shape == "statement" and table.label_column() is not None:
        numbers = [column for column in table.columns if column.kind == "number"]
        filled = [any(column.amounts[row] is not None for column in numbers) for row in range(table.row_count)]
        names = headed_names(from_table(document, table, address))
        bare = [tame(table.row_label(row), 120) for row, full in enumerate(filled) if not full]
        described["headings"] = list(dict.fromkeys(bare))[:MOST_LINES]
        described["lines"] = names[:MOST_LINES]
        if table.concepts:
            described["concepts"] = {names[row]: concept for row, concept in table.concepts.items()}
    if table.statement:
        described["statement"] = table.statement
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
        *(f"Finding: {for_model(finding, 400)}" for finding in data.get("findings", ())),
        *(f"Note: {for_model(note, 300)}" for note in data["notes"]),
    ]
    tables: list[dict[str, Any]] = data["tables"]
    told = ["\n".join(_lines(table)) for table in tables]
    room = MOST_TEXT - (_ROOM_FOR_NAMES if sum(map(len, told)) > MOST_TEXT else 0)
    full = 0
    while full < len(told) and (len(told[full]) <= room or not full):
        lines.append(told[full][:room])
        room -= len(told[full])
        full += 1
    lines += _names(tables[full:], max(room, 0) + _ROOM_FOR_NAMES)
    if not tables:
        lines.append("It holds no tables.")
    if document.passages:
        lines.append(f"\nIt also holds {counted(len(document.passages), 'passage')} of text.")
    return "\n".join(lines)


def _names(tables: Sequence[dict[str, Any]], room: int) -> list[str]:
    """A line for each table there was no room to describe, as far as there is room for that."""
    if not tables:
        return []
    lines = [f"\nAnd {counted(len(tables), 'more table')}; name some in `tables` to have them described:"]
    for number, table in enumerate(tables):
        periods = [column["period"]["label"] for column in table["columns"] if "period" in column]
        span = f", {for_model(' to '.join(dict.fromkeys((periods[0], periods[-1]))), 60)}" if periods else ""
        line = f"  {table['address']} {for_model(table['title'], 90)}: {counted(table['row_count'], 'row')}{span}"
        room -= len(line)
        if room < 0:
            return [*lines, f"  and {counted(len(tables) - number, 'more table')}"]
        lines.append(line)
    return lines


def _lines(table: dict[str, Any]) -> list[str]:
    title = f" “{for_model(table['title'])}”" if table["title"] else ""
    kind = f"{_KIND_WORDS[table['statement']]}, " if "statement" in table else ""
    head = f"\nTable {table['address']}{title}: {kind}{table['shape']}, {counted(table['row_count'], 'row')}"
    lines = [head, *(_column_words(column) for column in table["columns"])]
    if "more_columns" in table:
        lines.append(f"  and {counted(table['more_columns'], 'more column')}")
    if "lines" in table:
        names = "; ".join(for_model(name, 80) for name in dict.fromkeys(table["lines"]) if name)
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
