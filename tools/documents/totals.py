"""Records that are totals of others: in every sum these would be counted twice, so tables of records leave them out."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tools.documents.columns import Cells
from tools.documents.numbers import is_blank, read_number

_LINES_NAMED = 20
_SUBTOTAL = re.compile(r"\W*(?:sub[- ]?total|zwischensumme|sous[- ]total)s?\W*", re.I)
_TOTAL = re.compile(rf"\W*(?:grand |overall )?(?:total|sum|gesamt|summe|somme|totale)s?\W*|{_SUBTOTAL.pattern}", re.I)


def totals_in(cells: Sequence[Cells]) -> list[int]:
    """Records whose first cell that says anything is `Total` or the like, and which hold a number.

    One in the middle that says `Total` and more in words is a record of something of that name, such as a customer.
    """
    found: list[int] = []
    rows: Sequence[int] = range(len(cells[0].texts))
    for column in cells:
        labels = {text for text in column.distinct if _TOTAL.fullmatch(text[:100])}
        found += [row for row in rows if column.texts[row] in labels] if labels else []
        rows = [row for row in rows if not column.texts[row].strip()]
        if not rows:
            break
    return [row for row in found if _is_total(cells, row)]


def _is_total(cells: Sequence[Cells], row: int) -> bool:
    said = [(column, column.texts[row]) for column in cells if column.texts[row].strip()]
    if not any(read_number(text) or read_number(text, ",") for _, text in said):
        return False
    if row == len(cells[0].texts) - 1 or _SUBTOTAL.fullmatch(said[0][1][:100]):
        return True
    return not any(
        len(column.printed) > 1 and not (is_blank(text) or read_number(text) or read_number(text, ","))
        for column, text in said[1:]
    )


def left_out(lines: Sequence[int], what: str) -> str:
    """The remark that rows (or lines) were left out, with their numbers."""
    if len(lines) == 1:
        return f"{what} {lines[0]} is a total of the rows above and was left out of the table"
    named = ", ".join(map(str, lines[:_LINES_NAMED])) + (", …" if len(lines) > _LINES_NAMED else "")
    return f"{len(lines):,} {what}s are totals of other rows and were left out of the table: {named}"
