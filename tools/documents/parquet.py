"""The reader of Parquet files, for whoever has installed the extra: a column of the file is a column of the table.

How many cells there are stands in the file's own description, so that nothing too large is ever unpacked.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from importlib import import_module
from typing import Any

from tools.documents.document import Document
from tools.documents.reader import Reader, Source
from tools.documents.tables import Grid, read_records
from tools.refusals import ToolError
from tools.values import plain

MEDIA_TYPE = "application/vnd.apache.parquet"
MAX_CELLS = 3_000_000
MAX_COLUMNS = 2_000
MAX_UNPACKED = 600 * 1024 * 1024
MAX_TEXT = 32_767


def read_parquet(data: bytes, source: Source) -> Document:
    """A Parquet file as a document of one table.

    Refuses with ToolError: `empty_file`, `binary_file`, `corrupt`, `too_large`, `not_installed`.
    """
    source.progress("reading", 0, 1)
    if not data.startswith(b"PAR1"):
        raise ToolError("empty_file" if not data else "binary_file", f"{source.name} is no Parquet file")
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ModuleNotFoundError as missing:
        words = f'{source.name}: Parquet files need an extra; install it with pip install "tickmark[parquet]", or attach a CSV'
        raise ToolError("not_installed", words) from missing
    try:
        file = parquet.ParquetFile(io.BytesIO(data))
        _limit(file.metadata, source.name)
        rows = _rows(file, source)
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, OverflowError) as fault:
        raise ToolError("corrupt", f"{source.name} is damaged; export it again") from fault
    digest = source.sha256 or sha256(data).hexdigest()
    document = Document(source.document_id, source.name, source.media_type or MEDIA_TYPE, "csv", digest, len(data))
    reading = read_records(
        Grid(rows, range(1, len(rows) + 1), source.name.rpartition(".")[0] or source.name), source.progress
    )
    document.tables, document.notes = reading.tables, reading.notes[:20]
    if not document.tables:
        raise ToolError("no_table", f"{source.name} holds no rows")
    return document


def _limit(description: Any, name: str) -> None:
    cells = description.num_rows * max(1, description.num_columns)
    unpacked = sum(description.row_group(at).total_byte_size for at in range(description.num_row_groups))
    if cells > MAX_CELLS or description.num_columns > MAX_COLUMNS or unpacked > MAX_UNPACKED:
        raise ToolError(
            "too_large",
            f"{name} holds {description.num_rows:,} rows x {description.num_columns:,} columns; up to {MAX_CELLS:,} cells are "
            "read. Export the part you need",
        )


def _rows(file: Any, source: Source) -> list[list[str]]:
    rows: list[list[str]] = [[str(name) for name in file.schema_arrow.names]]
    for at in range(file.metadata.num_row_groups):
        group = file.read_row_group(at)
        columns = [[_text(cell) for cell in group.column(number).to_pylist()] for number in range(group.num_columns)]
        rows += [list(cells) for cells in zip(*columns, strict=True)]
        source.progress("reading", at + 1, file.metadata.num_row_groups)
    return rows


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _shortest(cell)
    if isinstance(cell, Decimal):
        return plain(cell) if cell.is_finite() else ""
    if isinstance(cell, datetime):
        return (
            cell.isoformat(sep=" ") if (cell.hour, cell.minute, cell.second) != (0, 0, 0) else cell.date().isoformat()
        )
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)[:MAX_TEXT]


def _shortest(number: float) -> str:
    """A float as the shortest decimal that means it; nothing where it is none."""
    if number != number or number in (float("inf"), float("-inf")):
        return ""
    exact = Decimal(repr(number))
    return plain(exact) if abs(exact.adjusted()) < 60 else repr(number)


READER = Reader((MEDIA_TYPE,), (".parquet",), read_parquet)
