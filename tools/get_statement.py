"""A primary statement of a document, whole or for some periods, with the standard name of each line beside the company's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tools.dataroom import DataRoom
from tools.documents.document import Document, Table
from tools.finance.answers import answer
from tools.finance.frames import Frame, FrameColumn
from tools.finance.sources import from_table, pick_periods
from tools.finance.words import for_model, listed, tame
from tools.refusals import ToolError
from tools.results import Remark, Result, ResultTable
from tools.tool import Tool, ToolArgs

Kind = Literal["income", "balance", "cash_flow", "comprehensive_income", "equity"]
WORDS: dict[str, str] = {
    "income": "income statement",
    "balance": "balance sheet",
    "cash_flow": "statement of cash flows",
    "comprehensive_income": "statement of comprehensive income",
    "equity": "statement of changes in equity",
}
MOST_ROWS = 300
MOST_TABLES = 4


class Args(ToolArgs):
    """Which statement."""

    document: Annotated[str, Field(min_length=1, max_length=200)] = Field(description="Its address (d1) or file name.")
    statement: Kind
    periods: list[Annotated[str, Field(min_length=1, max_length=120)]] | None = Field(
        None, max_length=40, description="Only these, such as FY2024; all when left out."
    )


def run(room: DataRoom, args: Args) -> list[Result]:
    """The statement, in as many tables as it was printed in. Refuses where the document has none of this kind."""
    alias, document = room.document(args.document)
    tables = [table for table in document.tables if table.statement == args.statement]
    if not tables:
        raise _not_there(alias, document, args.statement)
    results: list[Result] = []
    refused: ToolError | None = None
    for table in tables[:MOST_TABLES]:
        try:
            results += _shown(room, alias, document, table, args.periods)
        except ToolError as refusal:  # the quarter has not the year's periods; one of the two is enough
            refused = refusal
    if not results and refused is not None:
        raise refused
    return results


def _shown(room: DataRoom, alias: str, document: Document, table: Table, periods: list[str] | None) -> list[Result]:
    frame = from_table(document, table, f"{alias}.{table.table_id}")
    if periods:
        pick_periods(frame, periods)
    _name_lines(frame, table)
    shown, behind = answer(frame, frame.columns, MOST_ROWS, room.new_id)
    shown = ResultTable(
        f"{tame(document.name, 80)}, {WORDS[table.statement]} ({alias}.{table.table_id})",
        shown.columns,
        shown.rows,
        shown.rows_total,
        shown.note,
        source_note=shown.source_note,
    )
    return [shown, *([Remark("", values=tuple(behind))] if behind else [])]


def _name_lines(frame: Frame, table: Table) -> None:
    """Puts the standard names of the lines behind their labels, where any is known."""
    label = next(iter(frame.texts()), None)
    if label is None or not table.concepts:
        return
    words = [table.concepts.get(row) for row in range(table.row_count)]
    at = next(number for number, column in enumerate(frame.columns) if column is label) + 1
    frame.columns.insert(at, FrameColumn("standard", "Standard name", "text", words))


def _not_there(alias: str, document: Document, wanted: str) -> ToolError:
    there = list(dict.fromkeys(WORDS[table.statement] for table in document.tables if table.statement))
    instead = (
        f"it has: {listed(there)}" if there else f"none was found in it; describe_document {alias} lists its tables"
    )
    return ToolError("no_statement", f"{for_model(document.name, 80)} has no {WORDS[wanted]}; {instead}")


TOOL = Tool(
    "get_statement",
    "Get a primary statement of a document (income statement, balance sheet, cash flows, comprehensive income, equity), whole "
    "or for some periods. Every figure carries an id (v1, ...) to cite.",
    Args,
    run,
)
