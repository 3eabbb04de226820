"""Workbooks: what their cells store, where it stands, and what their sheets say about it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.tools.documents.workbooks import Cell, Sheet, Stored, Workbook, address, workbook
from tools.documents import read
from tools.documents.document import Document, Table


def document(data: bytes, name: str = "book.xlsx") -> Document:
    return read(data, document_id="doc_1", name=name)


def only(data: bytes) -> Table:
    found = document(data)
    assert len(found.tables) == 1
    return found.tables[0]


def amounts(table: Table, column: int) -> list[Decimal | None]:
    return table.columns[column].amounts


SEC = [
    ["STATEMENTS OF OPERATIONS - USD ($) shares in Thousands, $ in Millions", "3 Months Ended", None, "6 Months Ended", None],
    [None, "Mar. 29, 2025", "Mar. 30, 2024", "Mar. 29, 2025", "Mar. 30, 2024"],
    ["Net sales", Cell(95359, "#,##0_);(#,##0)"), 90753, 219659, 210328],
    ["Other income/(expense), net", Cell(-279, "#,##0_);(#,##0)"), 158, -527, 108],
    ["Earnings per share:", "\xa0", "\xa0", "\xa0", "\xa0"],
    ["Diluted (in dollars per share)", Cell(1.65, '_("$ "#,##0.00_);_("$ "(#,##0.00)'), 1.53, 4.05, 3.71],
    ["Shares used in computing earnings per share:", "\xa0", "\xa0", "\xa0", "\xa0"],
    ["Diluted (in shares)", 15056133, 15464709, 15103499, 15520675],
]  # fmt: skip
MERGED = ["A1:A2", "B1:C1", "D1:E1"]


def test_a_filed_report_is_a_statement_with_its_periods_unit_and_scale() -> None:
    table = only(workbook({"STATEMENTS OF OPERATIO": SEC}, MERGED))
    assert (table.shape, table.sheet) == ("statement", "STATEMENTS OF OPERATIO")
    assert table.title.startswith("STATEMENTS OF OPERATIONS")
    periods = [column.period for column in table.columns[1:]]
    assert [(p.kind, p.end) for p in periods if p] == [
        ("quarter", date(2025, 3, 29)),
        ("quarter", date(2024, 3, 30)),
        ("half", date(2025, 3, 29)),
        ("half", date(2024, 3, 30)),
    ]
    first = table.columns[1]
    assert (first.amounts[0], first.unit_at(0)) == (Decimal("95359000000"), "USD")
    assert (first.amounts[1], first.texts[1]) == (Decimal(-279000000), "(279)")
    assert (first.amounts[3], first.unit_at(3)) == (Decimal("1.65"), "USD/share")
    assert (first.amounts[5], first.unit_at(5)) == (Decimal(15056133000), "shares")


def test_a_place_is_a_sheet_and_a_cell() -> None:
    data = Workbook({"Income": Sheet([["", "FY2023", "FY2024"], ["Revenue", 1, 2]], row=3, column=2)}).to_bytes()
    found = document(data)
    value = found.tables[0].value(found, 0, 2, "v1")
    assert value is not None
    assert value.place is not None
    assert value.place.to_wire() == {
        "document_id": "doc_1",
        "kind": "sheet",
        "sheet": "Income",
        "cell": "D4",
        "printed": "2",
        "row": "Revenue",
        "column": "FY2024",
        "table": "t1",
    }


def test_a_number_is_the_shortest_decimal_of_its_float() -> None:
    table = only(
        workbook({"S": [["Item", "Amount"], ["a", 0.1], ["b", 1e-05], ["c", 1234.5], ["d", 0.30000000000000004]]})
    )
    assert amounts(table, 1) == [Decimal("0.1"), Decimal("0.00001"), Decimal("1234.5"), Decimal("0.30000000000000004")]


@pytest.mark.parametrize(
    ("code", "stored", "shown", "amount", "unit"),
    [
        ("0.0%", 0.1234, "12.3%", "0.1234", "ratio"),
        ("[$£-809]#,##0.00", 1234.5, "£1,234.50", "1234.5", "GBP"),
        ('_("$ "#,##0_);_("$ "(#,##0)', -1234.0, "($1,234)", "-1234", "USD"),
        ('#,##0.00 "€"', 9.5, "9.50 €", "9.5", "EUR"),
        ("0.0x", 2.25, "2.3x", "2.25", "multiple"),
        ('0.0"m"', 12.25, "12.3m", "12250000", "count"),
        ('"£"0.0,,"m"', 12250000.0, "£12.3m", "12250000", "GBP"),
        ("#,##0,", 1234567.0, "1,235", "1234567", "count"),
    ],
)
def test_a_number_format_says_what_a_number_is(code: str, stored: float, shown: str, amount: str, unit: str) -> None:
    table = only(workbook({"S": [["Item", "Measure"], ["a", Cell(stored, code)], ["b", Cell(stored, code)]]}))
    column = table.columns[1]
    assert (column.texts[0], column.amounts[0], column.unit_at(0)) == (shown, Decimal(amount), unit)


@pytest.mark.parametrize(("since_1904", "stored"), [(False, 45382), (True, 43920)])
def test_days_count_from_1900_or_from_1904(since_1904: bool, stored: int) -> None:
    rows: list[list[Stored]] = [
        ["Date", "Amount"],
        [Cell(stored, "dd/mm/yyyy"), 5],
        [Cell(stored + 1, "dd/mm/yyyy"), 6],
    ]
    table = only(Workbook({"S": Sheet(rows)}, date1904=since_1904).to_bytes())
    assert table.columns[0].kind == "date"
    assert table.columns[0].dates == [date(2024, 3, 31), date(2024, 4, 1)]


def test_a_header_of_dates_names_months_where_it_shows_months() -> None:
    rows: list[list[Stored]] = [
        ["Income statement", Cell(45322, "mmm-yy"), Cell(45351, "mmm-yy")],
        ["Revenue", 5, 6],
        ["Costs", 3, 4],
    ]
    table = only(workbook({"S": rows}))
    assert [column.period.label for column in table.columns[1:] if column.period] == ["Jan 2024", "Feb 2024"]


def test_a_group_heading_holds_for_what_it_is_merged_over_and_for_nothing_else() -> None:
    rows: list[list[Stored]] = [
        ["", "12 Months Ended", "", ""],
        ["Cover", "Dec. 31, 2024", "Dec. 31, 2023", "Feb. 18, 2025"],
        ["Shares outstanding", 5, 7, 6],
    ]
    periods = [column.period for column in only(workbook({"S": rows}, ["B1:C1"])).columns[1:]]
    assert [period.kind for period in periods if period] == ["year", "year", "instant"]


def test_a_group_heading_holds_for_the_columns_beside_it_where_nothing_is_merged() -> None:
    rows: list[list[Stored]] = [
        ["", "Year ended", "", "Quarter ended", ""],
        ["", "31 Mar 2023", "31 Mar 2024", "31 Dec 2023", "31 Mar 2024"],
        ["Revenue", 5, 7, 6, 8],
    ]
    periods = [column.period for column in only(workbook({"S": rows})).columns[1:]]
    assert [period.kind for period in periods if period] == ["year", "year", "quarter", "quarter"]


def test_fiscal_years_end_where_the_corner_says() -> None:
    rows: list[list[Stored]] = [["Year ended 31 March", "FY23", "FY24"], ["Revenue", 5, 7], ["Costs", 3, 4]]
    period = only(workbook({"S": rows})).columns[2].period
    assert period is not None
    assert (period.start, period.end) == (date(2023, 4, 1), date(2024, 3, 31))


def test_a_label_merged_over_rows_holds_for_each_of_them() -> None:
    rows: list[list[Stored]] = [
        ["Region", "City", "Sales"],
        ["North", "Leeds", 5],
        [None, "York", 6],
        ["South", "Kent", 7],
    ]
    assert only(workbook({"S": rows}, ["A2:A3"])).columns[0].texts == ["North", "North", "South"]


def test_several_tables_of_several_sheets_are_numbered_through() -> None:
    sheets: dict[str, list[list[Stored]]] = {
        "Income": [["Item", "FY2023", "FY2024"], ["Revenue", 1, 2], [], ["Cash flow", "FY2023", "FY2024"], ["Operations", 3, 4]],
        "Balance": [["Item", "FY2023", "FY2024"], ["Assets", 5, 6]],
    }  # fmt: skip
    found = document(workbook(sheets))
    assert [(table.table_id, table.sheet) for table in found.tables] == [
        ("t1", "Income"),
        ("t2", "Income"),
        ("t3", "Balance"),
    ]
    assert [table.title for table in found.tables][2] == "Balance"


@example(rows=[[0.0, 0.0], [0.0, 0.0], [1e30, 1e30]])
@given(
    rows=st.lists(
        st.lists(
            st.floats(allow_nan=False, allow_infinity=False, width=32) | st.integers(-(10**12), 10**12),
            min_size=2,
            max_size=2,
        ),
        min_size=3,
        max_size=6,
    )
)
def test_every_stored_number_comes_back_exactly_from_its_place(rows: list[list[float]]) -> None:
    labelled: list[list[Stored]] = [
        ["Item", "Alpha", "Beta"],
        *([f"row {chr(97 + n)}", *row] for n, row in enumerate(rows)),
    ]
    found = document(workbook({"S": labelled}))
    stored = {address(r, c): cell for r, row in enumerate(labelled, 1) for c, cell in enumerate(row, 1)}
    seen = 0
    for table in found.tables:
        for row in range(table.row_count):
            for column in range(len(table.columns)):
                value = table.value(found, row, column, "v1")
                if value and value.place:
                    cell = stored[dict(value.place.at)["cell"]]
                    assert value.amount == Decimal(repr(cell))
                    seen += 1
    assert seen
