"""Finance as pure functions: what the model may ask for, and the values it gets back.

`TOOLS` is the one table of tools. Importing this package is cheap, because the server reads the schemas from it; the
libraries that compute are imported inside the functions that need them, in the workers.
"""

from __future__ import annotations

from tools import (
    calculate,
    create_chart,
    create_metric,
    create_table,
    describe_document,
    find,
    get_statement,
    get_values,
    list_documents,
    query_data,
)
from tools.tool import Tool

TOOLS: dict[str, Tool] = {
    "list_documents": list_documents.TOOL,
    "describe_document": describe_document.TOOL,
    "find": find.TOOL,
    "get_statement": get_statement.TOOL,
    "get_values": get_values.TOOL,
    "query_data": query_data.TOOL,
    "calculate": calculate.TOOL,
    "create_chart": create_chart.TOOL,
    "create_table": create_table.TOOL,
    "create_metric": create_metric.TOOL,
}
