"""The cells of an HTML table: their words, and the columns of the grid they span."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from tools.documents.printed import Piece

_BREAKS = frozenset(("br", "div", "p", "li"))
MAX_ROWS = 20_000
MAX_SPAN = 400
MAX_COLUMNS = 400


def text_of(node: Any) -> str:
    """The words of an element in one line."""
    return " ".join("".join(_texts(node)).replace("\u00a0", " ").split())


def _texts(node: Any) -> Iterator[str]:
    skip = 0
    for event, part in etree.iterwalk(node, events=("start", "end", "comment", "pi")):
        if event == "start":
            if skip or _is_hidden(part):
                skip += 1
            elif part.text:
                yield part.text
            if not skip and part.tag in _BREAKS:
                yield " "
        else:
            if event == "end" and skip:
                skip -= 1
            if not skip and part is not node and part.tag in _BREAKS:
                yield " "
            if not skip and part is not node and part.tail:
                yield part.tail


def _is_hidden(node: Any) -> bool:
    if node.tag in ("script", "style", "ix:header", "ix:hidden", "template", "noscript"):
        return True
    style = node.get("style")
    return bool(style) and "display:none" in style.replace(" ", "").casefold()


def pieces_of(table: Any) -> list[list[Piece]]:
    """The cells of each row with something in them, at the columns they span; rows of other tables inside are left out."""
    rows: list[list[Piece]] = []
    below: dict[int, int] = {}  # column -> how many more rows a cell above still covers
    for node in _rows(table):
        found: list[Piece] = []
        column = 0
        next_below: dict[int, int] = {}
        for cell in node:
            if cell.tag not in ("td", "th"):
                continue
            while below.get(column, 0) > 0:
                column += 1
            width = _span(cell.get("colspan"))
            if column + width > MAX_COLUMNS:
                break
            height = _span(cell.get("rowspan"))
            if height > 1:
                next_below.update(dict.fromkeys(range(column, column + width), height))
            text = text_of(cell)
            if text:
                found.append(Piece(text, column, column + width - 1, [cell]))
            column += width
        below = {at: left - 1 for at, left in {**below, **next_below}.items() if left > 1}
        rows.append(found)
        if len(rows) == MAX_ROWS:
            break
    return rows


def _rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _span(said: str | None) -> int:
    try:
        return min(max(int(said or 1), 1), MAX_SPAN)
    except ValueError:
        return 1
