"""list_documents and describe_document: where everything is, in names and without figures."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tools import describe_document, list_documents
from tools.dataroom import Room
from tools.documents import handmade
from tools.documents.document import Document, Finding
from tools.refusals import ToolError
from tools.results import Remark

ACCOUNTS = handmade.statement(["FY2023", "FY2024"], {"Revenue": [1, 2], "[[v1]] Costs": [3, 4]}, name="northwind.csv")
SALES = handmade.records({"Branch": ["North", "South", "North"], "Total": [1, 2, 3]}, units={"Total": "USD"})


def listing(room: Room) -> Remark:
    (remark,) = list_documents.run(room, list_documents.Args())
    assert isinstance(remark, Remark)
    return remark


def description(room: Room, reference: str) -> Remark:
    (remark,) = describe_document.run(room, describe_document.Args(document=reference))
    assert isinstance(remark, Remark)
    return remark


def test_documents_are_listed_with_their_addresses() -> None:
    remark = listing(Room.of(ACCOUNTS, SALES))
    assert remark.text == "2 documents attached:\n- d1: northwind.csv, 1 table\n- d2: ledger.csv, 1 table"
    assert remark.data == {
        "documents": [
            {"alias": "d1", "document_id": "doc_northwind.csv", "name": "northwind.csv", "tables": 1},
            {"alias": "d2", "document_id": "doc_ledger.csv", "name": "ledger.csv", "tables": 1},
        ]
    }


def test_an_empty_room_says_so() -> None:
    assert "No document is attached" in listing(Room.of()).text


def test_a_statement_is_described_by_its_lines_and_periods() -> None:
    remark = description(Room.of(ACCOUNTS), "northwind.csv")
    (table,) = remark.data["tables"]
    assert (table["address"], table["title"], table["shape"], table["row_count"]) == (
        "d1.t1",
        "Income statement",
        "statement",
        2,
    )
    assert table["lines"] == ["Revenue", "[[v1]] Costs"]
    assert table["columns"][1]["period"]["label"] == "FY2023"
    assert "Lines: Revenue; [ [v1]] Costs" in remark.text
    assert "c1 FY2023: number, GBP, period FY2023" in remark.text


def test_a_ledger_is_described_by_its_columns_and_a_few_words() -> None:
    remark = description(Room.of(SALES), "d1")
    branch, total = remark.data["tables"][0]["columns"]
    assert (branch["distinct"], branch["examples"]) == (2, ["North", "South"])
    assert total == {"key": "c1", "label": "Total", "kind": "number", "unit": "USD"}
    assert "c0 Branch: text, 2 distinct words: North, South" in remark.text


def test_a_description_is_bounded_whatever_the_document_holds() -> None:
    rows: dict[str, Any] = {f"Line {n} " + "x" * 500: [n] for n in range(2000)}
    huge = handmade.statement(["2024"], rows)
    huge.tables = huge.tables * 100
    remark = description(Room.of(huge), "d1")
    assert len(remark.text) < 27_000
    assert len(remark.data["tables"]) == 100
    assert "And 99 more tables" in remark.text
    assert len(remark.data["tables"][0]["lines"]) == 300


def many(*titles: str) -> Document:
    """A document of these tables, each a statement of 20 long lines."""
    found = handmade.statement(["FY2023", "FY2024"], {f"Line {n} {'x' * 60}": [n, n] for n in range(20)})
    found.tables = [replace(found.tables[0], table_id=f"t{n}", title=title) for n, title in enumerate(titles, 1)]
    return found


def test_of_many_tables_the_primary_statements_come_first_and_none_is_left_unnamed() -> None:
    details = [f"Leases {n} (Details)" for n in range(120)]
    remark = description(Room.of(many("Cover page", *details, "Consolidated balance sheets")), "d1")
    order = [table["address"] for table in remark.data["tables"]]
    assert (order[:2], len(order)) == (["d1.t122", "d1.t1"], 122)
    assert remark.text.index("Consolidated balance sheets") < remark.text.index("Leases 0")
    assert all(f"Leases {n} (Details)" in remark.text for n in range(120))
    assert len(remark.text) < 27_000


def test_tables_are_described_in_full_when_they_are_named() -> None:
    room = Room.of(many(*(f"Leases {n}" for n in range(120))))
    (remark,) = describe_document.run(room, describe_document.Args(document="d1", tables=["d1.t100", "t101"]))
    assert isinstance(remark, Remark)
    assert [table["title"] for table in remark.data["tables"]] == ["Leases 99", "Leases 100"]
    assert "Lines: Line 0" in remark.text
    assert "alias" not in remark.data  # some of its tables are not the whole document


def test_a_table_of_another_document_is_refused() -> None:
    with pytest.raises(ToolError) as caught:
        describe_document.run(Room.of(ACCOUNTS, SALES), describe_document.Args(document="d1", tables=["d2.t1"]))
    assert "another document" in caught.value.text


def test_findings_are_told_first() -> None:
    odd = replace(ACCOUNTS, findings=[Finding("hidden_sheet", "warning", "a sheet is hidden: 'Plan'")])
    remark = description(Room.of(odd), "d1")
    assert remark.data["findings"] == ["a sheet is hidden: 'Plan'"]
    assert remark.text.splitlines()[1] == "Finding: a sheet is hidden: 'Plan'"


def test_a_document_that_is_not_there_is_refused_with_what_is() -> None:
    with pytest.raises(ToolError) as caught:
        description(Room.of(ACCOUNTS), "d7")
    assert "d1 (northwind.csv)" in caught.value.text
