"""Word documents made for tests: paragraphs, headings and tables in a row."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx

Rows = Sequence[Sequence[str]]


def word(*blocks: str | Rows) -> bytes:
    """A document of paragraphs (a heading where one begins with `# `) and tables."""
    document = docx.Document()
    for block in blocks:
        if isinstance(block, str):
            if block.startswith("# "):
                document.add_heading(block[2:], 1)
            else:
                document.add_paragraph(block)
            continue
        table = document.add_table(len(block), max(map(len, block)))
        for row, cells in zip(table.rows, block, strict=True):
            for cell, text in zip(row.cells, cells, strict=False):
                cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()
