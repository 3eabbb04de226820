"""What is odd about a workbook is found, said once with its cells, and stops nothing."""

from __future__ import annotations

from itertools import pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.documents.workbooks import Cell, Sheet, Stored, Workbook, workbook
from tools.documents import kept, read
from tools.documents.document import Document
from tools.documents.precedents import Range, find_circle, names_other_file, ranges_of, typed_in

HEADER: list[Stored] = ["Item", "FY2023", "FY2024"]


def document(data: bytes) -> Document:
    return read(data, document_id="doc_1", name="book.xlsx")


def finding(data: bytes, kind: str) -> str:
    found = [each for each in document(data).findings if each.kind == kind]
    assert len(found) == 1, [each.kind for each in document(data).findings]
    return found[0].text


def test_a_plain_workbook_has_none() -> None:
    assert document(workbook({"S": [HEADER, ["Revenue", 1, 2], ["Costs", 3, Cell(4, "", "=B3+1")]]})).findings == []


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_a_hidden_sheet_is_read_and_said(state: str) -> None:
    data = Workbook(
        {"Shown": Sheet([HEADER, ["Revenue", 1, 2]]), "Plan": Sheet([HEADER, ["Costs", 3, 4]], state=state)}
    ).to_bytes()
    assert finding(data, "hidden_sheet") == "a sheet is hidden, and read like the others: 'Plan'"
    hidden = document(data).tables[1]
    assert (hidden.sheet, hidden.note) == ("Plan", "on a hidden sheet")


def test_errors_are_named_and_give_no_number() -> None:
    data = workbook(
        {
            "S": [
                HEADER,
                ["Margin", Cell(formula="=B9/B8", error="#DIV/0!"), 5],
                ["Tax", Cell(error="#REF!"), 6],
                ["Revenue", 9, 9],
            ]
        }
    )
    assert finding(data, "error_cell") == "2 cells hold errors and no number: S!B2 #DIV/0!, S!B3 #REF!"
    column = document(data).tables[0].columns[1]
    assert (column.texts, column.amounts) == (["#DIV/0!", "#REF!", "9"], [None, None, 9])


def test_a_formula_without_a_stored_result_gives_no_number() -> None:
    data = workbook({"S": [HEADER, ["Revenue", 1, 2], ["Costs", Cell(formula="=B2*2"), Cell(4, "", "=C2*2")]]})
    assert finding(data, "uncomputed").startswith(
        "1 formula has no stored result and was left out: S!B3; open the workbook"
    )
    table = document(data).tables[0]
    assert [column.amounts[1] for column in table.columns[1:]] == [None, 4]


def test_formulas_that_run_in_a_circle_are_shown_going_round() -> None:
    data = workbook({"S": [HEADER, ["Interest", Cell(1, "", "=C3*2"), 5], ["Debt", 7, Cell(2, "", "=B2+1")]]})
    assert finding(data, "circular").startswith("formulas run in a circle: S!")
    assert "S!B2" in finding(data, "circular")
    assert "S!C3" in finding(data, "circular")


def test_numbers_typed_into_formulas_are_told() -> None:
    data = workbook({"Next year": [HEADER, ["Revenue", 1, Cell(2, "", "=B2*1.08")]]})
    assert finding(data, "typed_in") == "1 formula holds a number typed into it: 'Next year'!C2 (1.08)"


def test_figures_from_other_files_are_told() -> None:
    rows: list[list[Stored]] = [HEADER, ["Revenue", 1, Cell(2, "", "=[1]Budget!C7")]]
    link = b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    data = Workbook({"S": Sheet(rows)}, {"xl/externalLinks/externalLink1.xml": link}).to_bytes()
    assert finding(data, "external_link").endswith("the results stored in it were read: S!C2")


def test_macros_are_not_run_and_said() -> None:
    data = Workbook({"S": Sheet([HEADER, ["Revenue", 1, 2]])}, {"xl/vbaProject.bin": b"\x00\x01"}).to_bytes()
    assert finding(data, "macros") == "the workbook holds macros; they were not run"


def test_numbers_typed_in_as_text_are_read_and_said() -> None:
    data = workbook({"S": [HEADER, ["Revenue", 1000, 2000], ["Costs", "1,500", 4], ["Tax", 7, 8]]})
    assert finding(data, "number_as_text").startswith(
        "1 cell holds a number as text; it was read, but a sum in the sheet passes"
    )
    assert document(data).tables[0].columns[1].amounts == [1000, 1500, 7]


def test_words_that_look_like_numbers_stay_words_among_numbers() -> None:
    data = workbook(
        {"S": [HEADER, ["Form", "10-K", ""], ["Auditor", "Smith", ""], ["Postcode", "30313", ""], ["Revenue", 5, 6]]}
    )
    assert document(data).tables[0].columns[1].amounts == [None, None, None, 5]


def test_several_currencies_in_a_column_are_told_and_kept_apart() -> None:
    rows: list[list[Stored]] = [["Item", "Amount"], ["a", Cell(1, "[$£-809]0.00")], ["b", Cell(2, "[$€-407]0.00")]]
    found = document(workbook({"S": rows}))
    assert finding(workbook({"S": rows}), "mixed_currencies").endswith("'Amount' of 'S' has EUR, GBP")
    assert [found.tables[0].columns[1].unit_at(row) for row in (0, 1)] == ["GBP", "EUR"]


def test_findings_are_on_the_card_and_survive_the_cache() -> None:
    found = document(workbook({"S": [HEADER, ["Margin", Cell(error="#N/A"), 5], ["Tax", 5, 6]]}))
    assert found.card()["findings"] == [
        {
            "finding_id": "f1",
            "kind": "error_cell",
            "severity": "warning",
            "text": "1 cell holds an error and no number: S!B2 #N/A",
            "value_ids": [],
            "cells": ["S!B2"],
        }
    ]
    assert kept.from_json(orjson.loads(orjson.dumps(kept.to_json(found)))) == found


def test_a_formula_is_the_lineage_of_its_cell() -> None:
    found = document(workbook({"S": [HEADER, ["Revenue", 1, 2], ["Profit", 3, Cell(4, "", "=C2*2")]]}))
    value = found.tables[0].value(found, 1, 2, "v1")
    assert value is not None
    assert value.place is not None
    assert value.place.to_wire()["cell_formula"] == "=C2*2"


@pytest.mark.parametrize(
    ("formula", "ranges"),
    [
        ("=A1", [Range("", 0, 0, 0, 0)]),
        ("=$B$2:C10", [Range("", 1, 1, 9, 2)]),
        ("='It''s'!A1+Two!B2", [Range("It's", 0, 0, 0, 0), Range("Two", 1, 1, 1, 1)]),
        ("=SUM(C:D)", [Range("", 0, 2, 1_048_575, 3)]),
        ('=IF(A1="B2",LOG10(5),Rate1)', [Range("", 0, 0, 0, 0)]),
        ("=[2]Other!A1", []),
    ],
)
def test_the_cells_a_formula_names_are_read_from_it(formula: str, ranges: list[Range]) -> None:
    assert ranges_of(formula) == ranges


@pytest.mark.parametrize(
    ("formula", "numbers"),
    [
        ("=B2*1.08", ["1.08"]),
        ("=1200+B2", ["1200"]),
        ("=B2/12+C4/1000", []),
        ("=ROUND(B2,2)+INDEX(A1:A9,3)", []),
        ('="5+6"&B2', []),
        ("=B2*15%", ["15%"]),
    ],
)
def test_only_numbers_in_arithmetic_are_typed_in(formula: str, numbers: list[str]) -> None:
    assert typed_in(formula) == numbers


def test_a_name_in_brackets_is_another_file_and_a_table_is_not() -> None:
    assert names_other_file("='[Budget 2024.xlsx]Plan'!A1")
    assert not names_other_file("=SUM(Sales[Amount])")


@given(st.permutations(range(8)))
def test_a_chain_of_formulas_is_no_circle_until_its_end_is_tied_to_its_start(order: list[int]) -> None:
    chain = {(row, 0): f"=A{after + 1}" for row, after in pairwise(order)}
    assert find_circle({"S": chain}) == []
    circle = find_circle({"S": chain | {(order[-1], 0): f"=SUM(A{order[0] + 1}:A{order[0] + 1})"}})
    assert len(circle) == 9
    assert circle[0] == circle[-1]
