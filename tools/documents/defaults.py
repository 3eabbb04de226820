"""The scale of money in tables that state none, from what the document states elsewhere.

A filing says `in millions` over its statements and over most tables of its notes, and trusts the reader with the others.
So a document has a default: the power of ten that most of its money tables state for themselves. It holds for

- money, in tables that state no scale of their own (what merely carried on from an earlier table is no statement),
- and only where the page shows that it is money: a currency sign in the table, or lines named like money.

It never holds for shares, amounts per share, ratios, counts, years or days; these have units of their own by now. Nor does
it for what cannot be in that scale: prices, told by two decimals in a document whose money is whole, and numbers written
out in full, which would come to more than the world earns. A table without any sign of money that only inherited a
currency from an earlier table is taken for plain numbers.

Works on the tables of any reader, once all are read; each changed cell says `document default` as its scale's source.
What we dislike: a document in two scales (a ten-year summary in millions, accounts in thousands) has one default.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tools.documents.currencies import CODE_PATTERN, SIGN_PATTERN
from tools.documents.document import Column, Table
from tools.documents.headings import CARRIED
from tools.documents.numbers import shifted
from tools.documents.statements import names_account
from tools.units import is_money
from tools.values import Scale

DEFAULT = "document default"
STATED = frozenset(("table title", "table header", "column", "page"))
_MOST = Decimal(10) ** 13
_SIGN = re.compile(rf"{SIGN_PATTERN}|(?<![A-Za-z]){CODE_PATTERN}(?![A-Za-z])")
_PRICE = re.compile(r"[0-9]\.[0-9]{2}(?![0-9])")
_FEW = 0.1  # of the cells of money, where prices can be told by their decimals


@dataclass(frozen=True, slots=True)
class Default:
    """What most money tables of a document state: a power of ten; `whole` where their amounts have no decimals."""

    power: int
    whole: bool


def document_default(tables: Sequence[Table]) -> Default | None:
    """The default of a document, or None where no table of money states a scale, or two scales are stated as often."""
    stated: Counter[int] = Counter()
    for table in tables:
        powers = Counter(power for column in table.columns if (power := _stated(column)) is not None)
        if powers:
            stated[powers.most_common(1)[0][0]] += 1
    first, second = (*stated.most_common(2), (0, 0), (0, 0))[:2]
    if first[1] == second[1]:
        return None
    texts = [text for table in tables for column in table.columns if _stated(column) for text in column.texts]
    decimals = sum(1 for text in texts if _PRICE.search(text))
    return Default(first[0], decimals <= _FEW * len(texts))


def settle_scales(tables: Sequence[Table]) -> None:
    """Gives the tables that state no scale the document's."""
    default = document_default(tables)
    for table in tables:
        if not _states_scale(table):
            _settle(table, default)


def _stated(column: Column) -> int | None:
    """The power that a column of money states; None where it states none, or is no money."""
    scale = column.scale
    return scale.power if scale and scale.source in STATED and is_money(column.unit) else None


def _states_scale(table: Table) -> bool:
    """Whether a table says in what its money is printed; what it says of shares and percentages alone is no answer."""
    return any(_stated(column) is not None for column in table.columns)


def _settle(table: Table, default: Default | None) -> None:
    numbers = [column for column in table.columns if column.kind == "number"]
    if not _shows_money(table, numbers):
        for column in numbers:
            if column.scale and column.scale.source == CARRIED:
                _rescale(column, None, list(_money_rows(column)), "count")
        return
    if default is None or _is_index(numbers):
        return
    scale = Scale(default.power, DEFAULT) if default.power else None
    priced = _priced_rows(numbers) if default.whole else set()
    for column in numbers:
        rows = list(_money_rows(column))
        figures = [row for row in rows if column.amounts[row] is not None]
        if not figures:
            continue
        if _is_written_out(column, figures, default.power):
            _rescale(column, None, rows, "count" if not _signed(column) else "")
        elif default.whole and all(_PRICE.search(column.texts[row]) for row in figures):
            _rescale(column, None, rows, "")
        else:
            _rescale(column, scale, [row for row in rows if row not in priced], "")
            _rescale(column, None, [row for row in rows if row in priced], "")


def _is_index(numbers: Sequence[Column]) -> bool:
    """Whether all lines begin at 100: what became of $100 invested, which is in no scale."""
    first = next((column for column in numbers if any(column.amounts)), None)
    rows = [row for row, amount in enumerate(first.amounts) if amount is not None] if first else []
    return len(rows) > 1 and first is not None and all(_printed(first, row) == 100 for row in rows)


def _money_rows(column: Column) -> Iterator[int]:
    """The rows of a column that hold money whose scale nobody stated."""
    for row in range(len(column.texts)):
        scale = column.scale_at(row)
        if is_money(column.unit_at(row)) and (scale is None or scale.source == CARRIED):
            yield row


def _shows_money(table: Table, numbers: Sequence[Column]) -> bool:
    if any(_signed(column) for column in numbers):
        return True
    return any(names_account(table.row_label(row)) for row in range(table.row_count))


def _signed(column: Column) -> bool:
    return any(_SIGN.search(text) for text in column.texts)


def _printed(column: Column, row: int) -> Decimal:
    """The size of a cell as it is printed."""
    scale = column.scale_at(row)
    return abs(shifted(column.amounts[row] or Decimal(0), -(scale.power if scale else 0)))


def _is_written_out(column: Column, rows: Sequence[int], power: int) -> bool:
    """Whether a column holds a number that no money can be in that scale."""
    return power >= 6 and any(shifted(_printed(column, row), power) >= _MOST for row in rows)


def _priced_rows(numbers: Sequence[Column]) -> set[int]:
    """Lines all of whose figures have two decimals."""
    found: set[int] = set()
    for row in range(len(numbers[0].texts) if numbers else 0):
        texts = [column.texts[row] for column in numbers if column.amounts[row] is not None]
        if texts and all(_PRICE.search(text) for text in texts):
            found.add(row)
    return found


def _rescale(column: Column, scale: Scale | None, rows: Sequence[int], unit: str) -> None:
    """Puts rows of a column into a scale, and a unit where one is given."""
    power = scale.power if scale else 0
    all_rows = len(rows) == len(column.texts)
    for row in rows:
        before = column.scale_at(row)
        amount = column.amounts[row]
        if amount is not None:
            column.amounts[row] = shifted(amount, power - (before.power if before else 0))
        if not all_rows:
            column.scales[row] = scale
            if unit:
                column.units[row] = unit
    if all_rows:
        column.scale, column.unit = scale, unit or column.unit
        column.scales.clear()
        if unit:
            column.units.clear()
