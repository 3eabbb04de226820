"""Whatever a program or a person writes as a delimited text is read back: the same amounts, labels, dates and places."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tools.documents import read
from tools.documents.document import Document

WORDS = st.sampled_from("North South East West Größe Café Widgets Gadgets Alpha Beta Gamma Delta Omega".split())
NAMES = st.lists(WORDS, min_size=1, max_size=3).map(" ".join)
TITLES = st.lists(
    st.sampled_from(["Northwind plc", "Prepared for the board", "A report; with, marks | inside"]),
    max_size=2,
    unique=True,
)
CENTS = st.integers(-(10**11), 10**11)


@dataclass(frozen=True)
class Style:
    """How a writer prints: separators, marks, quoting, line ends, charset."""

    delimiter: str
    decimal: str
    group: str
    negative: str
    sign: str
    quoting: int
    line_end: str
    charset: str

    def number(self, cents: int) -> str:
        digits = f"{abs(cents) // 100:,}".replace(",", self.group) + self.decimal + f"{abs(cents) % 100:02d}"
        return self.sign + (self.negative.format(digits) if cents < 0 else digits)

    def write(self, rows: list[list[str]]) -> bytes:
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, quoting=self.quoting, lineterminator=self.line_end).writerows(rows)  # type: ignore[arg-type]
        return out.getvalue().encode(self.charset)


STYLES = st.builds(
    lambda marks, **rest: Style(decimal=marks[0], group=marks[1], **rest),
    st.sampled_from(
        [(".", ","), (".", ""), (".", " "), (".", "'"), (",", "."), (",", ""), (",", " "), (",", "\u00a0")]
    ),
    delimiter=st.sampled_from(",;\t|"),
    negative=st.sampled_from(["-{}", "({})", "{}-"]),
    sign=st.sampled_from(["", "", "$", "€ "]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    charset=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
)


def reread(data: bytes, charset: str, delimiter: str, place: dict[str, Any]) -> str:
    """What anybody finds who opens the file, goes to the line and counts the fields."""
    lines = data.decode(charset).replace("\r\n", "\n").split("\n")[place["line"] - 1 :]
    record = next(csv.reader((line + "\n" for line in lines), delimiter=delimiter))
    return str(record[place["column"] - 1]).strip()


def assert_places_hold(document: Document, data: bytes, style: Style) -> None:
    for table in document.tables:
        for column in range(len(table.columns)):
            for row in range(table.row_count):
                place = table.place(document, row, column).to_wire()
                assert reread(data, style.charset, style.delimiter, place) == place.get("printed", "").replace(
                    "\r\n", "\n"
                )


@settings(max_examples=150, deadline=None)
@given(
    style=STYLES,
    titles=TITLES,
    rows=st.lists(st.tuples(st.dates(date(2000, 1, 1), date(2040, 1, 1)), NAMES, CENTS, CENTS), min_size=3, max_size=8),
    blank=st.booleans(),
)
def test_records_are_read_back(
    style: Style, titles: list[str], rows: list[tuple[date, str, int, int]], blank: bool
) -> None:
    header = ["Day", "Product", "Net amount", "Other, amount"]
    body = [[day.isoformat(), name, style.number(one), style.number(two)] for day, name, one, two in rows]
    preamble = [[title] for title in titles] + ([[]] if titles and blank else [])
    data = style.write([*preamble, header, *body])
    found = read(data, document_id="d", name="records.csv")
    [table] = found.tables
    assert [column.label for column in table.columns] == header
    assert table.columns[0].dates == [day for day, _, _, _ in rows]
    assert [text.strip() for text in table.columns[1].texts] == [name for _, name, _, _ in rows]
    cents = [[one for _, _, one, _ in rows], [two for _, _, _, two in rows]]
    assert [column.amounts for column in table.columns[2:]] == [
        [Decimal(one) / 100 for one in column] for column in cents
    ]
    unit = {"": "count", "$": "USD", "€ ": "EUR"}[style.sign]
    assert {column.unit for column in table.columns[2:]} == {unit}
    assert table.lines == [len(preamble) + 2 + index for index in range(len(rows))]
    assert_places_hold(found, data, style)


CAPTIONS = st.sampled_from(
    [("", "", 0), ("in thousands of GBP", "GBP", 3), ("EUR m", "EUR", 6), ("(US$ in millions)", "USD", 6)]
)
LINES = ["Revenue", "Cost of sales", "Staff, and other, costs", "Net finance result", "Profit before tax"]


@settings(max_examples=150, deadline=None)
@given(
    style=STYLES,
    caption=CAPTIONS,
    first=st.integers(1990, 2030),
    prefix=st.sampled_from(["", "FY", "FY "]),
    amounts=st.lists(st.lists(CENTS | st.none(), min_size=len(LINES), max_size=len(LINES)), min_size=1, max_size=4),
)
def test_a_statement_is_read_back_in_base_units(
    style: Style, caption: tuple[str, str, int], first: int, prefix: str, amounts: list[list[int | None]]
) -> None:
    words, currency, power = caption
    years = [first + index for index in range(len(amounts))]
    if all(cents is None for column in amounts for cents in column):
        amounts = [[100] * len(LINES), *amounts[1:]]
    header = ["", *(f"{prefix}{year}" for year in years)]
    body = [
        [line, *("-" if column[row] is None else style.number(column[row] or 0) for column in amounts)]
        for row, line in enumerate(LINES)
    ]
    data = style.write([*([[words]] if words else []), header, *body])
    found = read(data, document_id="d", name="statement.csv")
    [table] = found.tables
    numbers = [column for column in table.columns if column.kind == "number"]
    assert [text.strip() for text in table.columns[0].texts] == LINES
    for column in numbers:
        year = years[table.columns.index(column) - 1]
        expected = amounts[years.index(year)]
        assert column.period is not None
        assert column.period.label == f"{prefix.strip()}{year}"
        assert column.amounts == [None if cents is None else Decimal(cents).scaleb(power - 2) for cents in expected]
        shown = {"": currency or "count", "$": "USD", "€ ": "EUR"}[style.sign]
        assert {column.unit_at(row) for row, cents in enumerate(expected) if cents is not None} <= {shown}
    assert len(numbers) == sum(any(cents is not None for cents in column) for column in amounts)
    assert_places_hold(found, data, style)
