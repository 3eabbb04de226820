"""Writes `fixtures/samples/northwind_model.xlsx`: the sample company's statements as a workbook with formulas.

    python -m tests.tools.documents.northwind

The figures are those of `northwind_statements.csv`, typed in thousands; totals and ratios are formulas with their stored
results, and the costs of the year to come sit on a hidden sheet, as they do.
"""

from __future__ import annotations

import csv
from pathlib import Path

from tests.tools.documents.workbooks import Cell, Sheet, Stored, Workbook, address

SAMPLES = Path(__file__).parents[3] / "fixtures" / "samples"
THOUSANDS = "#,##0;(#,##0)"
TITLE = "Northwind Trading plc"
CAPTION = "in thousands of GBP unless stated otherwise"


def figures() -> dict[str, list[float]]:
    """The lines of the CSV, the first of each name, as they are printed."""
    found: dict[str, list[float]] = {}
    with (SAMPLES / "northwind_statements.csv").open(newline="") as file:
        for label, *cells in filter(None, csv.reader(file)):
            numbers = [cell.replace(",", "") for cell in cells]
            if len(numbers) == 4 and all(number.replace(".", "").isdecimal() for number in numbers):
                found.setdefault(label, [float(number) if "." in number else int(number) for number in numbers])
    return found


def income(lines: dict[str, list[float]]) -> Sheet:
    """Six lines of the income statement from B2 on, with formulas for what is a difference or a ratio."""
    rows: list[list[Stored]] = [[TITLE], ["Income statement"], [CAPTION], []]
    rows.append(["", *(f"FY{year}" for year in range(2021, 2025))])
    rows += [[label, *(Cell(n, THOUSANDS) for n in lines[label])] for label in ("Revenue", "Cost of sales")]
    columns = [address(1, column)[:-1] for column in range(3, 7)]
    profit = [Cell(n, THOUSANDS, f"={c}7-{c}8") for c, n in zip(columns, lines["Gross profit"], strict=True)]
    rows.append(["Gross profit", *profit])
    margins = [g / r for g, r in zip(lines["Gross profit"], lines["Revenue"], strict=True)]
    rows.append(["Gross margin", *(Cell(m, "0.0%", f"={c}9/{c}7") for c, m in zip(columns, margins, strict=True))])
    rows.append(["Operating expenses", *(Cell(n, THOUSANDS) for n in lines["Total operating expenses"])])
    operating = [Cell(n, THOUSANDS, f"={c}9-{c}11") for c, n in zip(columns, lines["Operating profit"], strict=True)]
    rows.append(["Operating profit", *operating])
    rows.append(
        ["Basic earnings per share (pence)", *(Cell(n, "0.0") for n in lines["Basic earnings per share (pence)"])]
    )
    return Sheet(rows, row=2, column=2)


def balance(lines: dict[str, list[float]]) -> Sheet:
    """Assets and what they are financed with."""
    labels = (
        "Inventories",
        "Trade receivables",
        "Cash and cash equivalents",
        "Total assets",
        "Total liabilities",
        "Total equity",
    )
    rows: list[list[Stored]] = [[TITLE], ["Balance sheet as at 31 December"], [CAPTION], []]
    rows.append(["", *(f"FY{year}" for year in range(2021, 2025))])
    rows += [[label, *(Cell(n, THOUSANDS) for n in lines[label])] for label in labels]
    return Sheet(rows)


def plan(lines: dict[str, list[float]]) -> Sheet:
    """Next year's revenue, with a growth rate typed into the formula."""
    revenue = lines["Revenue"][-1]
    rows: list[list[Stored]] = [
        ["Plan", "FY2025"],
        ["Revenue", Cell(revenue * 1.08, THOUSANDS, "=Income!F7*1.08")],
        ["Cost of sales", Cell(38000, THOUSANDS)],
    ]
    return Sheet(rows, state="hidden")


def model() -> bytes:
    """The workbook."""
    lines = figures()
    return Workbook({"Income": income(lines), "Balance": balance(lines), "Plan": plan(lines)}).to_bytes()


if __name__ == "__main__":
    (SAMPLES / "northwind_model.xlsx").write_bytes(model())
