"""Around a place: every cell of every kind of table is found again by its own place, and marked where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.links import around_url, links
from tests.tools.documents.pdfs import Page, Text, pdf, statement_page
from tests.tools.documents.workbooks import workbook
from tools.documents import read
from tools.documents.document import Column, Document, Passage, Table
from tools.documents.surroundings import MAX_COLUMNS, MAX_ROWS, around, box_of
from tools.finance.lineage import merge
from tools.refusals import ToolError
from tools.values import Place

SAMPLES = Path(__file__).parents[3] / "fixtures" / "samples"
STATEMENT = pdf(
    Page([Text("Northwind plc", 40, 60)]),
    statement_page(
        ["Statements of Income", "(in millions)"],
        ["2022", "2021"],
        [
            ("Revenue", ["66,608", "62,286"]),
            ("Cost of sales", ["(63,106)", "(59,269)"]),
            ("Profit", ["3,502", "3,017"]),
        ],
        prose=[
            "Revenue rose by 6.9% because more aircraft were delivered than in the year before,",
            "and prices held.",
        ],
    ),
)


def asked(place: Place | Mapping[str, Any]) -> dict[str, list[str]]:
    """The place as a client sends it: through its link."""
    wire = place.to_wire() if isinstance(place, Place) else place
    return parse_qs(urlsplit(around_url(orjson.loads(orjson.dumps(wire)))).query, keep_blank_values=True)


def marked(found: Mapping[str, Any]) -> list[str]:
    return [row["cells"][column] for row in found["table"]["rows"] for column in row.get("marked", ())]


def document(*columns: Column, kind: str = "json", **table: Any) -> Document:
    rows = len(columns[0].texts)
    made = Table(
        "t1", "Facts", list(columns), lines=list(range(rows)), fields=list(range(1, len(columns) + 1)), **table
    )
    return Document("doc_1", "facts", "", kind, "", 0, [made])


def samples() -> list[Document]:
    read_ones = [read(STATEMENT, document_id="doc_1", name="a.pdf")]
    rows = [["GBP thousand", "FY2023", "FY2024"], ["Revenue", 55120, 61904], ["Cost of sales", -29100, -31207]]
    read_ones.append(read(workbook({"Income": rows}), document_id="doc_2", name="model.xlsx"))
    files = sorted(SAMPLES.glob("*.csv"))
    read_ones += [read(path.read_bytes(), document_id="doc_3", name=path.name) for path in files]
    facts = Column("c1", "val", "number", ["1", "2", "2"], [Decimal(1), Decimal(2), Decimal(2)])
    facts.ats = {row: (("pointer", f"/facts/us-gaap/Revenues/units/USD/{row}"),) for row in range(3)}
    read_ones.append(document(Column("c0", "end", "text", ["2022", "2023", "2024"]), facts))
    tagged = Column("c1", "2024", "number", ["5", "6"], [Decimal(5), Decimal(6)])
    tagged.ats = {
        0: (("fact", "us-gaap:Revenues"), ("element", "f-7")),
        1: (("fact", "us-gaap:Revenues"), ("element", "f-9")),
    }
    read_ones.append(document(Column("c0", "", "text", ["Revenue", "of which products"]), tagged, kind="html"))
    return read_ones


DOCUMENTS = samples()


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_every_cell_is_found_by_its_place_and_marked_in_the_middle_of_its_rows(data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(DOCUMENTS))
    table = data.draw(st.sampled_from(one.tables))
    spots = [
        (r, c) for c, column in enumerate(table.columns) for r in range(table.row_count) if column.kind == "number"
    ]
    own = any(column.ats for column in table.columns)
    row, column = data.draw(st.sampled_from([(r, c) for r, c in spots if not own or r in table.columns[c].ats]))
    rows = data.draw(st.integers(0, 30))
    found = around(one, asked(table.place(one, row, column)), rows)
    shown = found["table"]
    assert marked(found) == [table.columns[column].texts[row]]
    assert shown["table_id"] == table.table_id
    middle = row - shown["first_row"] + 1
    assert shown["rows"][middle]["marked"] == [0] or shown["columns"][shown["rows"][middle]["marked"][0]]["label"] == (
        table.columns[column].label
    )
    assert len(shown["rows"]) == min(table.row_count, row + min(rows, MAX_ROWS) + 1) - max(0, row - min(rows, MAX_ROWS))
    assert len(shown["columns"]) <= MAX_COLUMNS
    assert len(orjson.dumps(found)) < 200_000


def test_the_cells_of_an_aggregate_are_all_marked() -> None:
    one = DOCUMENTS[0]
    [table] = one.tables
    found = around(one, asked(merge([table.place(one, row, 1) for row in (0, 2)], 2)))
    assert marked(found) == ["66,608", "3,502"]
    ledger = next(one for one in DOCUMENTS if one.kind == "csv" and one.tables[0].shape == "tidy")
    table = ledger.tables[0]
    column = next(c for c, column in enumerate(table.columns) if column.kind == "number")
    found = around(ledger, asked(merge([table.place(ledger, row, column) for row in (3, 4, 6)], 3)), 4)
    assert marked(found) == [table.columns[column].texts[row] for row in (3, 4, 6)]


def test_the_headers_say_unit_period_and_scale_and_a_sheet_its_letters() -> None:
    workbook_read = DOCUMENTS[1]
    found = around(workbook_read, {"sheet": ["Income"], "cell": ["C2"]})
    header = found["table"]["columns"][2]
    assert (header["letters"], header["period"], header["unit"], header["scale"]["power"]) == ("C", "FY2024", "GBP", 3)
    assert found["table"]["rows"][0] == {"line": 2, "cells": ["Revenue", "55120", "61904"], "marked": [2]}


def test_a_wide_table_shows_the_columns_around_the_cell_and_the_one_that_names_the_rows() -> None:
    columns = [Column("c0", "item", "text", ["Revenue"])]
    columns += [Column(f"c{n}", f"m{n}", "number", [str(n)], [Decimal(n)]) for n in range(1, 60)]
    wide = document(*columns, kind="csv")
    for number in (1, 2, 7, 30, 58, 59):
        found = around(wide, {"line": ["0"], "column": [str(number + 1)]})
        assert marked(found) == [str(number)]
        assert len(found["table"]["columns"]) == MAX_COLUMNS
        assert found["table"]["columns"][0]["label"] == "item"
        assert found["table"]["columns_total"] == 60


def test_prose_is_shown_with_its_neighbours_and_the_line_that_is_meant() -> None:
    one = DOCUMENTS[0]
    passage = next(passage for passage in one.passages if "rose" in passage.text)
    offset, box = passage.boxes[0]
    found = around(one, asked({"document_id": "doc_1", "kind": "pdf", "page": 2, "box": box}))
    [shown] = [one for one in found["passages"] if "marked" in one]
    assert shown["text"][slice(*shown["marked"])].startswith("Revenue rose")
    assert offset == shown["marked"][0]
    letter = Document(
        "d", "letter.docx", "", "docx", "", 0, passages=[Passage(f"P{n}", (("paragraph", n),)) for n in range(9)]
    )
    found = around(letter, {"paragraph": ["4"]})
    assert [passage["text"] for passage in found["passages"]] == ["P2", "P3", "P4", "P5", "P6"]
    assert [passage.get("marked") for passage in found["passages"]] == [None, None, [0, 2], None, None]


def test_a_page_without_such_a_box_is_still_a_page_and_nowhere_is_refused() -> None:
    one = DOCUMENTS[0]
    found = around(one, {"page": ["2"], "box": ["0.01,0.01,0.02,0.02"]})
    assert found == {"document_id": "doc_1", "name": "a.pdf", "kind": "pdf"}
    nowhere: list[dict[str, list[str]]] = [
        {"page": ["3"]},
        {"page": ["x"]},
        {"cell": ["A1"]},
        {"line": ["5"], "column": ["2"]},
        {"fact": ["us-gaap:Revenues"]},
        {"nonsense": ["1"]},
    ]
    for place in nowhere:
        with pytest.raises(ToolError) as refused:
            around(one, place)
        assert refused.value.code == "unknown_place"


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from("table page box sheet cell line column fact pointer x".split()), st.lists(st.text())
    )
)
def test_any_question_is_answered_or_refused(place: dict[str, list[str]]) -> None:
    for one in DOCUMENTS:
        try:
            assert around(one, place)["name"] == one.name
        except ToolError as refused:
            if refused.code != "unknown_place":
                raise


def test_a_box_is_four_fractions_and_nothing_else() -> None:
    assert box_of("0.5,0.25,1,0.3") == (0.5, 0.25, 1.0, 0.3)
    assert [box_of(text) for text in ("", "1", "a,b,c,d", "0.1,0.2,0.3", "1e9,0,0,0", "-1,0,0,0", "0,0,0,0,0")] == [
        None
    ] * 7


def test_links_carry_what_a_place_says_and_nothing_of_its_words() -> None:
    place = {
        "document_id": "doc 1/x",
        "kind": "pdf",
        "page": 7,
        "box": [0.1, 0.2, 0.3, 0.4],
        "printed": "1",
        "column": "2024",
    }
    assert links(place) == {
        "page_url": "/api/document/doc%201%2Fx/pages/7",
        "around_url": "/api/document/doc%201%2Fx/around?page=7&box=0.1%2C0.2%2C0.3%2C0.4",
    }
    many = {"document_id": "d", "kind": "csv", "lines": list(range(100)), "rows_total": 100, "column": 3, "table": "t1"}
    assert asked(many) == {"line": [str(n) for n in range(20)], "column": ["3"], "table": ["t1"]}
