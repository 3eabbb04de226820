"""Whole files: what a person would read off the page is what the document holds."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tools.documents import kept, read
from tools.documents.document import Document, Table
from tools.values import plain


def document(text: str | bytes, name: str = "file.csv") -> Document:
    return read(text if isinstance(text, bytes) else text.encode(), document_id="doc_1", name=name)


def table(text: str) -> Table:
    [only] = document(text).tables
    return only


def amounts(found: Table) -> dict[str, list[str | None]]:
    return {c.label: [None if a is None else plain(a) for a in c.amounts] for c in found.columns if c.kind == "number"}


def units(found: Table, column: int) -> list[str]:
    return [found.columns[column].unit_at(row) for row in range(found.row_count)]


def scales(found: Table, column: int) -> list[tuple[int, str] | None]:
    said = [found.columns[column].scale_at(row) for row in range(found.row_count)]
    return [(scale.power, scale.source) if scale else None for scale in said]


def test_a_statement_in_thousands_with_lines_that_are_not_money() -> None:
    found = table(
        "Northwind plc\nin thousands of GBP\n\nIncome statement,2024,2023\nRevenue,\"1,234\",\"1,100\"\n"
        "Gross margin (%),41.2,38.9\nOperating margin,12.5%,10%\nBasic EPS (pence),24.1,20.0\nAverage headcount,312,300\n"
        "Debtor days,45,50\nInterest cover,4.2x,3.9x\nWeighted average number of shares (thousands),\"20,000\",\"20,000\"\n"
    )  # fmt: skip
    assert (found.title, found.shape) == ("Income statement", "statement")
    assert amounts(found)["2024"] == ["1234000", "0.412", "0.125", "0.241", "312", "45", "4.2", "20000000"]
    assert units(found, 1) == ["GBP", "ratio", "ratio", "GBP/share", "count", "days", "multiple", "shares"]
    label, title = "row label", "table title"
    assert scales(found, 1) == [(3, title), (-2, label), None, (-2, label), None, None, None, (3, label)]
    assert found.lines == [5, 6, 7, 8, 9, 10, 11, 12]


def test_a_filing_in_millions_except_per_share_data() -> None:
    found = table(
        '"ACME Inc."\n"Consolidated Statements of Operations (in millions, except per share data)"\n\n'
        ',"Year ended September 28, 2024","Year ended September 30, 2023"\nNet sales,"$ 1,234","$ 1,100"\nCosts,(800),(700)\n\n'
        "Earnings per share:\nBasic,$ 2.17,$ 2.00\nDiluted,2.15,1.98\nWeighted average shares outstanding:\nBasic,200,190\n"
    )
    assert found.title == "Consolidated Statements of Operations"
    assert [c.period.label for c in found.columns if c.period] == ["FY2024", "FY2023"]
    assert [str(c.period.end) for c in found.columns if c.period] == ["2024-09-28", "2023-09-30"]
    assert next(iter(amounts(found).values())) == ["1234000000", "-800000000", None, "2.17", "2.15", None, "200000000"]
    assert units(found, 1)[3:5] == ["USD/share", "USD/share"]
    assert units(found, 1)[6] == "shares"


@pytest.mark.parametrize(
    ("text", "expected", "unit"),
    [
        ("Firma\nin Tsd. €\n;2024;2023\nUmsatz;1.234,5;987,6\nAufwand;-1.000;-900\n", ["1234500", "-1000000"], "EUR"),
        (",2024,2023\n,£'000,£'000\nRevenue,100,90\nCosts,(60),(50)\n", ["100000", "-60000"], "GBP"),
        ("USD millions,2024,2023\nRevenue,1.5,1.2\nCosts,-,n/a\n", ["1500000", None], "USD"),
        ("Item,2024 £m,2023 £m\nRevenue,1.5,1.2\nCosts,1,2\n", ["1500000", "1000000"], "GBP"),
        ("Amounts in CAD\nItem,2024,2023\nRevenue,$5,$4\nCosts,$3,$2\n", ["5", "3"], "CAD"),
        ("Item,2024,2023\nRevenue,5,4\nCosts,3,2\n", ["5", "3"], "count"),
    ],
)
def test_scale_and_currency_are_taken_from_wherever_they_are_said(
    text: str, expected: list[str | None], unit: str
) -> None:
    found = table(text)
    assert found.shape == "statement"
    assert next(iter(amounts(found).values())) == expected
    assert found.columns[1].unit == unit


def test_a_unit_column_rules_line_by_line() -> None:
    found = table("Item,Unit,2024\nRevenue,GBP m,1.5\nMargin,%,41\nEPS,pence,12\nStaff,#,100\n")
    assert amounts(found)["2024"] == ["1500000", "0.41", "0.12", "100"]
    assert units(found, 2) == ["GBP", "ratio", "GBP/share", "count"]


def test_margins_are_percentages_beside_thousands_and_amounts_beside_units() -> None:
    percent = table("Item,2024,2023\nRevenue,48310,52775\nGross margin,41.2,38.9\n")
    fraction = table("Item,2024,2023\nRevenue,48310,52775\nGross margin,0.412,0.389\n")
    amount = table("Item,2024,2023\nRevenue,100,90\nGross margin,41,38\n")
    assert [amounts(found)["2024"][1] for found in (percent, fraction, amount)] == ["0.412", "0.412", "41"]
    assert [units(found, 1)[1] for found in (percent, fraction, amount)] == ["ratio", "ratio", "count"]


def test_group_headings_tell_columns_of_the_same_year_apart() -> None:
    found = table(",Group,,Company,\n£m,2024,2023,2024,2023\nRevenue,1,2,3,4\nTax,5,6,7,8\n")
    assert [c.label for c in found.columns[1:]] == ["Group 2024", "Group 2023", "Company 2024", "Company 2023"]
    assert [c.period.label for c in found.columns if c.period] == ["2024", "2023", "2024", "2023"]
    assert amounts(found)["Company 2023"] == ["4000000", "8000000"]


HEADERS = {
    "a centred heading over all years": ",,Year ended June 30,\n($ in millions),2024,2023,2022\n",
    "the heading in the corner": '($ in millions),,,\n"For the year ended June 30,",2024,2023,2022\n',
    "a lone caption under the years": ',"Year ended June 30, 2024",2023,2022\n,,(Dollars in millions),\n',
    "a unit under each year": "years ended 30 June\n,2024,2023,2022\nContinuing operations,$M,$M,$M\n",
    "a unit beside each year": "years ended 30 June\n,2024 $m,2023 $m restated3,2022 $m\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_headers_are_read_however_they_are_spread_over_rows(header: str) -> None:
    found = table(header + "Net sales,1.5,1.4,$—\nNet loss,$(55),—%,(1)\n")
    assert found.shape == "statement"
    assert list(amounts(found).values()) == [["1500000", "-55000000"], ["1400000", None], [None, "-1000000"]]
    assert {column.unit for column in found.columns[1:]} == {"USD"}
    assert [str(column.period.end) for column in found.columns if column.period][:1] == ["2024-06-30"]


def test_columns_of_changes_beside_two_years_are_no_periods() -> None:
    found = table(",Years ended December 31,,,\n,2024,2023,$ Change,% Change\nSales,24,14,10,71.4%\nCosts,7,3,4,99%\n")
    assert found.shape == "statement"
    assert [column.period.label if column.period else None for column in found.columns] == [
        None,
        "FY2024",
        "FY2023",
        None,
        None,
    ]
    assert units(found, 4) == ["ratio", "ratio"]


def test_a_heading_wrapped_over_two_rows_is_one_label() -> None:
    found = table(",Amortised,Unrealised,Fair\n(in millions),cost,gains,value\nBonds,10,2,12\nLoans,5,,5\n")
    assert [column.label for column in found.columns[1:]] == ["Amortised cost", "Unrealised gains", "Fair value"]
    assert amounts(found)["Fair value"] == ["12000000", "5000000"]


def test_the_column_that_names_the_lines_goes_first_and_keeps_its_place() -> None:
    found = table("Account,Name,2024,2023\n4000,Revenue,5,6\n5000,Cost of sales,3,2\n")
    assert [c.label for c in found.columns] == ["Name", "Account", "2024", "2023"]
    assert found.fields == [2, 1, 3, 4]
    assert found.row_label(1) == "Cost of sales"


def test_note_numbers_and_codes_are_text() -> None:
    found = table("Item,Note,2024,2023\nRevenue,3,100,90\nCosts,4,50,40\n")
    assert found.columns[1].kind == "text"


def test_actuals_against_a_budget_are_lines_without_periods() -> None:
    found = table("Line,Actual,Budget,Variance %\nRevenue,100,110,-9.1%\nCost of sales,60,70,-14%\nProfit,40,40,0%\n")
    assert found.shape == "grid"
    assert amounts(found)["Variance %"] == ["-0.091", "-0.14", "0"]
    assert units(found, 3) == ["ratio"] * 3


def test_several_statements_become_several_tables_with_the_first_title_s_scale() -> None:
    found = document("Plc\n£000\n\nIncome statement,2024,2023\nRevenue,5,4\n\nBalance sheet,2024,2023\nCash,3,2\n")
    assert [t.title for t in found.tables] == ["Income statement", "Balance sheet"]
    assert [amounts(t)["2024"] for t in found.tables] == [["5000"], ["3000"]]
    assert [t.columns[1].scale.source for t in found.tables if t.columns[1].scale] == ["table title", "document title"]
    assert [p.text for p in found.passages] == ["Plc", "£000"]


def test_fiscal_years_end_when_the_title_says() -> None:
    said = document("for the years ended 31 March\nItem,FY2024\nRevenue,5\nCosts,4\n")
    unsaid = document("Item,FY2024\nRevenue,5\nCosts,4\n")
    assert [str(d.tables[0].columns[1].period.end) for d in (said, unsaid)] == ["2024-03-31", "2024-12-31"]  # type: ignore[union-attr]
    assert said.notes == []
    assert unsaid.notes == ["the file does not say when fiscal years end; calendar years were assumed"]


def test_dates_in_a_header_are_years_when_the_title_says_so() -> None:
    flow = table("For the year ended\n,31 March 2024,31 March 2023\nRevenue,5,6\nCosts,1,2\n")
    stock = table("Balance sheet,31 March 2024,31 March 2023\nCash,5,6\nDebt,1,2\n")
    assert [t.columns[1].period.kind for t in (flow, stock) if t.columns[1].period] == ["year", "instant"]


@pytest.mark.parametrize(
    ("title", "kind", "end"),
    [
        ("Balance sheet as at 31 December\nItem", "instant", "2024-12-31"),
        ("Balance sheet as at March 31\nItem", "instant", "2024-03-31"),
        ("Balance sheet", "instant", "2024-12-31"),
        ("Consolidated statement of financial position\nItem", "instant", "2024-12-31"),
        ("As at 30 June 2024\nItem", "instant", "2024-06-30"),
        ("Income statement\nItem", "year", "2024-12-31"),
        ("Balance sheet and cash flows\nItem", "year", "2024-12-31"),
        ("Balance sheet for the year ended 31 March\nItem", "year", "2024-03-31"),
    ],
)
def test_a_year_over_a_balance_sheet_is_the_day_it_stands_at(title: str, kind: str, end: str) -> None:
    column = table(f"{title},2024,2023\nCash,5,6\nDebt,1,2\n").columns[1]
    assert column.period
    assert (column.label, column.period.label) == ("2024", "2024")
    assert (column.period.kind, str(column.period.end)) == (kind, end)
    assert (column.period.start is None) == (kind == "instant")


RECORDS = """\
Date,Region,Quantity,Unit price (GBP),Revenue (GBP),Cost
2024-01-31,North,3,"1,000.50","3,001.50",5
2024-02-29,South,2,10,20,6
"""


def test_records_have_typed_columns_and_a_stated_currency_holds_for_money_only() -> None:
    found = table(RECORDS)
    assert found.shape == "tidy"
    assert [(c.kind, c.unit) for c in found.columns] == [
        ("date", ""), ("text", ""), ("number", "count"), ("number", "GBP"), ("number", "GBP"), ("number", "GBP"),
    ]  # fmt: skip
    assert amounts(found)["Revenue (GBP)"] == ["3001.5", "20"]
    assert [str(day) for day in found.columns[0].dates] == ["2024-01-31", "2024-02-29"]


def test_numbers_that_name_something_are_text() -> None:
    found = table(
        "Invoice,Customer no,Phone,Year,Amount\n1001,0042,+441234567890,2024,5\n1003,0043,+441234567891,2024,7\n"
    )
    assert [c.kind for c in found.columns] == ["text", "text", "text", "text", "number"]


def test_a_scale_over_records_does_not_touch_prices_and_counts() -> None:
    found = table(
        "in thousands of GBP\n\nDate,Region,Quantity,Unit price,Revenue\n2024-01-01,N,3,10,30\n2024-01-02,S,2,5,10\n"
    )
    assert amounts(found) == {"Quantity": ["3", "2"], "Unit price": ["10", "5"], "Revenue": ["30000", "10000"]}


def test_a_currency_column_rules_row_by_row() -> None:
    found = table("Date,Currency,Quantity,Amount\n2024-01-01,GBP,1,5\n2024-01-02,usd,1,6\n2024-01-03,GBP,1,7\n")
    assert units(found, 3) == ["GBP", "USD", "GBP"]
    assert units(found, 2) == ["count"] * 3


def test_percentages_are_ratios_however_they_are_printed() -> None:
    found = table("Region,Growth,Margin %,Tax 5%\nNorth,5%,12.5,26.1\nSouth,(3)%,13,30\n")
    assert amounts(found) == {"Growth": ["0.05", "-0.03"], "Margin %": ["0.125", "0.13"], "Tax 5%": ["26.1", "30"]}


def test_years_down_the_side_are_labels_and_months_are_dates() -> None:
    years = table("Year,Revenue\n2021,2000\n2022,48000\n")
    months = table("Month,Sales\n2024-01,5\n2024-02,6\n")
    assert (years.shape, years.row_label(1)) == ("tidy", "2022")
    assert [str(day) for day in months.columns[0].dates] == ["2024-01-01", "2024-02-01"]


def test_a_total_under_records_is_left_out_and_said_so() -> None:
    found = document("Region,Sales\nN,1\nS,2\nE,3\nTotal,6\n")
    assert amounts(found.tables[0]) == {"Sales": ["1", "2", "3"]}
    assert found.notes == ["line 5 is a total of the rows above and was left out of the table"]
    assert [p.text for p in found.passages] == ["Total 6"]


@pytest.mark.parametrize(
    ("text", "kept", "gone"),
    [
        ("Region,Sales\nN,100\nTotal,100\nS,200\nTotal,200\n", ["100", "200"], ["Total 100", "Total 200"]),
        ("Region,City,Sales\nN,A,1\nN,B,2\nSub-total,,3\nS,C,3\nTotal,,6\n", ["1", "2", "3"], ["Sub-total 3", "Total 6"]),
        ("City,Cur,Sales\nA,GBP,1\nB,GBP,2\nTotal:,GBP,3\nC,GBP,4\n", ["1", "2", "4"], ["Total: GBP 3"]),
        ("Customer,City,Sales\nShell,London,1\nTotal,Paris,2\nENI,Rome,3\n", ["1", "2", "3"], []),
        ("Region,Sales\nN,1\nTotal assets,2\nS,3\n", ["1", "2", "3"], []),
    ],
)  # fmt: skip
def test_totals_between_records_are_left_out_and_never_a_customer_called_total(
    text: str, kept: list[str], gone: list[str]
) -> None:
    found = document(text)
    assert amounts(found.tables[0])["Sales"] == kept
    assert [p.text for p in found.passages] == gone
    assert len(found.tables[0].lines) == len(kept)
    assert len(found.notes) == bool(gone)


def test_the_lines_of_several_totals_are_named() -> None:
    found = document("Region,Sales\nN,100\nTotal,100\nS,200\nTotal,200\n")
    assert found.notes == ["2 lines are totals of other rows and were left out of the table: 3, 5"]


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("Date,Amount\n03/04/2024,5\n02/03/2024,6\n07/05/2024,9\n", "day/month/year"),
        ("Name;Wert\nA;1.234\nB;2.345\n", "the point was taken to mark thousands"),
        ("North,Widgets,12\nSouth,Gadgets,7\n", "no header row was found"),
        ("Name,City\nA,London\nB,Paris\n", "no numbers were found"),
        ("Item,2024\nRevenue,5\nCosts,about 3\n", "1 cell was not read as numbers: 'about 3'"),
        ("a,b\n1,2\n3,4,5\n", "more fields than the header"),
        ("a,b\n\"x,2\n3,4\n", "taken literally"),
        ("Größe,b\n1,2\n".encode("cp1252"), "Windows-1252"),
    ],
)  # fmt: skip
def test_what_was_decided_without_evidence_is_noted(text: str | bytes, note: str) -> None:
    assert any(note in said for said in document(text).notes)


def test_ambiguous_dates_follow_another_column_or_the_currency() -> None:
    sibling = table("Ordered,Paid,Amount\n01/02/2024,01/28/2024,5\n03/02/2024,03/04/2024,6\n")
    dollars = table("Amounts in USD\n\nDate,Amount\n03/04/2024,5\n02/03/2024,6\n07/05/2024,9\n")
    assert [str(t.columns[0].dates[0]) for t in (sibling, dollars)] == ["2024-01-02", "2024-03-04"]


def test_an_ambiguous_column_follows_the_marks_of_the_others() -> None:
    found = table("Item;Stück;Preis\nA;1.234;2,50\nB;5.678;3,10\n")
    assert amounts(found) == {"Stück": ["1234", "5678"], "Preis": ["2.5", "3.1"]}


def test_a_table_without_evidence_follows_the_marks_of_the_one_above() -> None:
    found = document("Posten;2024;2023\nUmsatz;1.234,50;99,10\n\nAnhang;2024;2023\nStück;1.234;5.678\n")
    assert amounts(found.tables[1])["2024"] == ["1234"]
    assert found.notes == []


def test_a_unit_in_the_header_of_one_table_says_nothing_about_the_next() -> None:
    found = document("£m,2024,2023\nRevenue,5,4\n\nStaff,2024,2023\nSales force,30,20\n")
    assert [amounts(t)["2024"] for t in found.tables] == [["5000000"], ["30"]]


def test_generated_and_repeated_labels_are_addresses() -> None:
    found = table("Item,Amount,Amount,\nA,1,2,3\nB,4,5,6\n")
    assert [c.label for c in found.columns] == ["Item", "Amount", "Amount (2)", "Column 4"]
    assert [c.key for c in found.columns] == ["c0", "c1", "c2", "c3"]


def test_an_index_without_a_name_is_called_what_it_is() -> None:
    prices = table(",Open,Close\n2024-01-02,1.5,2\n2024-01-03,1.6,2.1\n")
    ledger = table(",Region,Sales\n0,North,5\n1,South,6\n2,East,7\n")
    assert [column.label for column in prices.columns] == ["Date", "Open", "Close"]
    assert (ledger.columns[0].label, ledger.columns[0].kind) == ("Column 1", "text")


def test_values_that_look_like_years_do_not_hide_the_header() -> None:
    assert amounts(table("Item,2023,2024\nStaff,1950,2010\nDesks,2001,1998\n"))["2024"] == ["2010", "1998"]
    assert amounts(table("Year,Units\n2021,1999\n2022,2005\n")) == {"Units": ["1999", "2005"]}


def test_a_column_of_numbers_alone_is_a_table() -> None:
    assert amounts(table("Revenue\n100\n200\n")) == {"Revenue": ["100", "200"]}


def test_a_value_knows_its_place_scale_and_period() -> None:
    found = document('Plc\n£000\n\nIncome statement,FY2024\nRevenue,"61,904"\nEPS (pence),26.8\n')
    values = [found.tables[0].value(found, row, 1, f"~{row + 1}") for row in (0, 1)]
    wires: list[dict[str, Any]] = [value.to_wire() for value in values if value]
    assert [(w["amount"], w["unit"], w["scale"]) for w in wires] == [
        ("61904000", "GBP", {"power": 3, "from": "table title"}),
        ("0.268", "GBP/share", {"power": -2, "from": "row label"}),
    ]
    assert wires[0]["place"] == {
        "document_id": "doc_1",
        "kind": "csv",
        "line": 5,
        "column": 2,
        "printed": "61,904",
        "row": "Revenue",
        "header": "FY2024",
        "table": "t1",
    }


def test_a_document_survives_the_cache() -> None:
    found = document(
        "Plc\n£000\n\nIncome,2024\nRevenue,5\nEPS (pence),26.8\n\nDate,Sales\n2024-01-01,$3\n2024-01-02,4%\n"
    )
    assert kept.from_json(kept.to_json(found)) == found


def test_amounts_are_exact_beyond_the_precision_of_a_double() -> None:
    found = table('Item,2024\nA,"12,345,678,901,234,567.89"\nB,0.1\n')
    assert found.columns[1].amounts == [Decimal("12345678901234567.89"), Decimal("0.1")]


def test_progress_is_told_and_ends() -> None:
    told: list[tuple[str, int, int]] = []
    read(RECORDS.encode(), document_id="d", name="x.csv", on_progress=lambda *step: told.append(step))
    assert told[0] == ("reading", 0, 1)
    assert told[-2:] == [("tables", 6, 6), ("statements", 1, 1)]
    assert all(0 <= done <= total for _, done, total in told)
