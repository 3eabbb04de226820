"""What is in the data room: one line for each attached document."""

from __future__ import annotations

from tools.dataroom import DataRoom
from tools.finance.words import counted, for_model, tame
from tools.results import Remark, Result
from tools.tool import Tool, ToolArgs

MOST_NAMED = 200


class Args(ToolArgs):
    """Nothing is asked."""


def run(room: DataRoom, args: Args) -> list[Result]:
    """The catalogue, also when it is empty."""
    documents = room.documents()
    if not documents:
        return [Remark("No document is attached; ask the user to attach one.", {"documents": []}, "No documents")]
    rows = [
        {
            "alias": alias,
            "document_id": document.document_id,
            "name": tame(document.name),
            "tables": len(document.tables),
        }
        for alias, document in documents
    ]
    lines = [
        f"- {row['alias']}: {for_model(str(row['name']))}, {counted(len(d.tables), 'table')}"
        for row, (_, d) in zip(rows, documents, strict=True)
    ]
    more = [f"and {len(lines) - MOST_NAMED:,} more"] if len(lines) > MOST_NAMED else []
    text = "\n".join([f"{counted(len(rows), 'document')} attached:", *lines[:MOST_NAMED], *more])
    return [Remark(text, {"documents": rows}, counted(len(rows), "document"))]


TOOL = Tool(
    "list_documents", "List the documents attached to this conversation, with their addresses (d1, d2, ...).", Args, run
)
